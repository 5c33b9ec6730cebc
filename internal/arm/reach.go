package arm

import (
	"context"
	"fmt"

	"github.com/evercred/evercred/internal/azure"
)

// tenantsVersion is the first that tells names and domains (recorded answers, 2020 and later).
const tenantsVersion = "2022-12-01"

// Tenant is a directory that the caller is a member or a guest of. Name and domain are empty where Azure does not tell them.
// Which is the caller's own is not told: the category is Home for guests too.
type Tenant struct {
	ID, Name, Domain string
	Domains          []string // all that are verified
}

// Tenants lists the tenants the caller is in, also those that ask for more than the token has.
func (c *Client) Tenants(ctx context.Context) ([]Tenant, error) {
	type tenant struct {
		ID      string   `json:"tenantId"`
		Name    string   `json:"displayName"`
		Domain  string   `json:"defaultDomain"`
		Domains []string `json:"domains"`
	}
	list, err := azure.List[tenant](ctx, c.api, "/tenants", azure.Query{"api-version": tenantsVersion})
	if err != nil {
		return nil, fmt.Errorf("listing tenants: %w", err)
	}
	out := make([]Tenant, 0, len(list))
	for _, t := range list {
		if t.Domain == "" && len(t.Domains) > 0 {
			t.Domain = t.Domains[0]
		}
		out = append(out, Tenant(t))
	}
	return out, nil
}

// SubscriptionState is a subscription with what Azure says of it: Enabled, Warned, PastDue, Disabled or Deleted (Azure
// Resource Manager, subscription states).
type SubscriptionState struct{ ID, Name, TenantID, State string }

// SubscriptionStates lists the subscriptions the caller sees, with their states.
func (c *Client) SubscriptionStates(ctx context.Context) ([]SubscriptionState, error) {
	type subscription struct {
		ID     string `json:"subscriptionId"`
		Name   string `json:"displayName"`
		Tenant string `json:"tenantId"`
		State  string `json:"state"`
	}
	list, err := azure.List[subscription](ctx, c.api, "/subscriptions", azure.Query{"api-version": subscriptionsVersion})
	if err != nil {
		return nil, fmt.Errorf("listing subscriptions: %w", err)
	}
	out := make([]SubscriptionState, 0, len(list))
	for _, s := range list {
		out = append(out, SubscriptionState{s.ID, s.Name, s.Tenant, s.State})
	}
	return out, nil
}
