package arm

import "strings"

const readProvider = "Microsoft.Resources/subscriptions/providers/read"

type resourceProvider struct {
	ID                string         `json:"id"`
	Namespace         string         `json:"namespace"`
	RegistrationState string         `json:"registrationState,omitempty"` // of a subscription
	RegistrationMode  string         `json:"registrationPolicy"`
	ResourceTypes     []resourceType `json:"resourceTypes"`
}

type resourceType struct {
	ResourceType string   `json:"resourceType"`
	Locations    []string `json:"locations"`
	APIVersions  []string `json:"apiVersions"`
}

// served are the providers that this emulator has something of; they are registered in every subscription.
func served() []resourceProvider {
	kind := func(name string, versions ...string) resourceType { return resourceType{name, []string{}, versions} }
	return []resourceProvider{
		{Namespace: "Microsoft.Authorization", ResourceTypes: []resourceType{
			kind("roleAssignments", "2022-04-01", "2020-04-01-preview", "2018-09-01-preview", "2015-07-01"),
			kind("roleDefinitions", "2022-05-01-preview", "2022-04-01", "2018-01-01-preview", "2015-07-01"),
			kind("permissions", "2022-04-01", "2018-01-01-preview", "2015-07-01"),
		}},
		{Namespace: "Microsoft.Management", ResourceTypes: []resourceType{
			kind("managementGroups", "2023-04-01", "2021-04-01", "2020-05-01", "2018-03-01-preview"),
		}},
		{Namespace: "Microsoft.Resources", ResourceTypes: []resourceType{
			kind("tenants", "2022-12-01", "2020-01-01", "2019-11-01", "2016-06-01"),
			kind("subscriptions", "2022-12-01", "2020-01-01", "2019-11-01", "2016-06-01"),
			kind("resourceGroups", "2022-09-01", "2021-04-01", "2020-06-01"),
		}},
	}
}

// describeProviders is of the tenant, for everybody who is signed in, or of a subscription.
func (c *call) describeProviders(s scope) ([]resourceProvider, error) {
	if s.subscription != "" {
		if err := c.enter(s, readProvider, s.String()); err != nil {
			return nil, err
		}
	}
	all := served()
	for i := range all {
		all[i].ID = s.path + "/providers/" + all[i].Namespace
		all[i].RegistrationMode = "RegistrationFree"
		if s.subscription != "" {
			all[i].RegistrationState = "Registered"
		}
	}
	return all, nil
}

func (c *call) providers(s scope) (*answer, error) {
	all, err := c.describeProviders(s)
	if err != nil {
		return nil, err
	}
	return list(all)
}

func (c *call) provider(s scope, namespace string) (*answer, error) {
	all, err := c.describeProviders(s)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if strings.EqualFold(p.Namespace, namespace) {
			return ok(p)
		}
	}
	return nil, invalidNamespace(namespace)
}
