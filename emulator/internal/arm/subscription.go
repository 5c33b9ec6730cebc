package arm

import (
	"net/http"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
)

const readSubscription = "Microsoft.Resources/subscriptions/read"

type tenant struct {
	ID             string   `json:"id"`
	TenantID       string   `json:"tenantId"`
	CountryCode    string   `json:"countryCode,omitempty"`
	DisplayName    string   `json:"displayName,omitempty"`
	Domains        []string `json:"domains,omitempty"`
	TenantCategory string   `json:"tenantCategory,omitempty"`
	DefaultDomain  string   `json:"defaultDomain,omitempty"`
	TenantType     string   `json:"tenantType,omitempty"`
}

// tenants is the one tenant, with the properties of the version (recorded 2020; Azure Resource Manager, tenants list).
func (c *call) tenants() (*answer, error) {
	t := tenant{ID: "/tenants/" + c.TenantID, TenantID: c.TenantID}
	if c.version.since("2019-06-01") {
		t.TenantCategory = "Home"
	}
	if have, found := c.Directory.Tenants.Seen(c.TenantID); found && c.version.since("2020-01-01") {
		t.CountryCode, t.DisplayName, t.TenantType = have.CountryCode, have.DisplayName, "AAD"
		t.Domains, t.DefaultDomain = []string{have.Domain}, have.Domain
	}
	return list(append([]tenant{t}, c.otherTenants()...))
}

type subscription struct {
	ID                   string      `json:"id"`
	AuthorizationSource  string      `json:"authorizationSource"`
	ManagedByTenants     *[]struct{} `json:"managedByTenants,omitempty"`
	SubscriptionID       string      `json:"subscriptionId"`
	TenantID             string      `json:"tenantId"`
	DisplayName          string      `json:"displayName"`
	State                string      `json:"state"`
	SubscriptionPolicies policies    `json:"subscriptionPolicies"`

	Tags map[string]string `json:"tags,omitempty"`
}

type policies struct {
	LocationPlacementID string `json:"locationPlacementId"`
	QuotaID             string `json:"quotaId"`
	SpendingLimit       string `json:"spendingLimit"`
}

func (c *call) describe(s *directory.Subscription) subscription {
	d := subscription{
		ID: "/subscriptions/" + s.ID, AuthorizationSource: "RoleBased", SubscriptionID: s.ID, TenantID: c.TenantID,
		DisplayName: s.DisplayName, State: "Enabled",
		SubscriptionPolicies: policies{"Public_2014-09-01", "PayAsYouGo_2014-09-01", "Off"}, Tags: s.Tags,
	}
	if c.version.since("2019-06-01") {
		d.ManagedByTenants = &[]struct{}{}
	}
	return d
}

// subscriptions lists those on which the caller has some role, be it on a resource group of theirs only. To have none
// is no error (recorded 2021-01).
func (c *call) subscriptions() (*answer, error) {
	found := []subscription{}
	for id, s := range c.Directory.Subscriptions.AllSeen() {
		if c.sees(scope{path: "/subscriptions/" + id, subscription: id}) {
			found = append(found, c.describe(s))
		}
	}
	return ok(map[string]any{"value": found, "count": map[string]any{"type": "Total", "value": len(found)}})
}

func (c *call) subscription(s scope) (*answer, error) {
	if err := c.known(s); err != nil {
		return nil, err
	}
	if !c.sees(s) {
		return nil, c.authorizationFailed(readSubscription, s.String())
	}
	have, _ := c.Directory.Subscriptions.Seen(strings.ToLower(s.subscription))
	return ok(c.describe(have))
}

// operationResult answers for a deletion that has long been done.
func (c *call) operationResult(s scope) (*answer, error) {
	if err := c.known(s); err != nil {
		return nil, err
	}
	if !c.sees(s) {
		return nil, c.authorizationFailed("Microsoft.Resources/subscriptions/operationresults/read", s.String())
	}
	return &answer{status: http.StatusOK}, nil
}
