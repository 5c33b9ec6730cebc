package graph

import (
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

func (c *call) tenantCreated() any {
	if t, ok := c.Directory.Tenants.Get(c.TenantID); ok {
		return whole(t.CreatedAt)
	}
	return nil
}

func (c *call) viewOrganization(t *directory.Tenant) view {
	return view{c.kinds.organization, t.ID, map[string]any{
		"id": t.ID, "businessPhones": []string{}, "countryLetterCode": t.CountryCode, "createdDateTime": whole(t.CreatedAt),
		"displayName": t.DisplayName, "isMultipleDataLocationsForServicesEnabled": false,
		"marketingNotificationEmails": []string{}, "preferredLanguage": "en",
		"securityComplianceNotificationMails": []string{}, "securityComplianceNotificationPhones": []string{},
		"technicalNotificationMails": []string{}, "tenantType": "AAD",
		"directorySizeQuota": entity{{"used", 100}, {"total", 300000}},
		"assignedPlans":      []entity{}, "onPremisesSyncStatus": []entity{}, "provisionedPlans": []entity{},
		"verifiedDomains": []entity{{
			{"capabilities", "Email, OfficeCommunicationsOnline"}, {"isDefault", true}, {"isInitial", true}, {"name", t.Domain}, {"type", "Managed"},
		}},
	}}
}

func (c *call) viewDomain(t *directory.Tenant) view {
	return view{c.kinds.domain, t.Domain, map[string]any{
		"authenticationType": "Managed", "id": t.Domain, "isAdminManaged": true, "isDefault": true, "isInitial": true,
		"isRoot": true, "isVerified": true, "supportedServices": []string{"Email", "OfficeCommunicationsOnline"},
	}}
}

// tenantObjects answers for a set that has one element: the organization or its domain. An empty id lists it.
func (c *call) tenantObjects(k *odata.Kind, id string, show func(*directory.Tenant) view) (*answer, error) {
	return c.read(func() (*answer, error) {
		if !c.mayRead(k) {
			return nil, odata.Forbidden()
		}
		t, ok := c.Directory.Tenants.Get(c.TenantID)
		if id != "" && (!ok || !strings.EqualFold(show(t).identity(), id)) {
			return nil, odata.NotFound(id)
		}
		if id != "" {
			return c.single(show(t))
		}
		return c.list(listing{kind: k, context: k.Set, units: 1, objects: func(yield func(resource) bool) {
			if ok {
				yield(show(t))
			}
		}})
	})
}
