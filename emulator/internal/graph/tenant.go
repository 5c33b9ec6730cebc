package graph

import (
	"slices"
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

// withoutTenant drops a first segment that names the tenant: its id, its domain, or myorganization. Graph takes one before
// any path, as Azure AD Graph did; Terraform's azuread provider sent it until its version 3.
func (c *call) withoutTenant(path []odata.Segment) []odata.Segment {
	if len(path) == 0 || path[0].HasKey {
		return path
	}
	if path[0].Is("myorganization") {
		return path[1:]
	}
	if !strings.ContainsAny(path[0].Name, "-.") {
		return path // as in nearly every request: the name of a set
	}
	names := []string{c.TenantID}
	c.Directory.Read(func() {
		if t, ok := c.Directory.Tenants.Get(c.TenantID); ok && t.Domain != "" {
			names = append(names, t.Domain)
		}
	})
	if slices.ContainsFunc(names, path[0].Is) {
		return path[1:]
	}
	return path
}
