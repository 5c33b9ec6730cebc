package arm

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
)

// Resource providers with their types and versions, as far as service accounts meet them (Azure Resource Manager,
// resource providers and types).
//
//go:embed providers.json
var providerData []byte

const readProvider = "Microsoft.Resources/subscriptions/providers/read"

// Registration states of a provider in a subscription, and how it comes to them.
const (
	registered    = "Registered"
	registering   = "Registering"
	notRegistered = "NotRegistered"
	unregistering = "Unregistering"
	unregistered  = "Unregistered"

	registrationFree     = "RegistrationFree"
	registrationRequired = "RegistrationRequired"
)

type resourceProvider struct {
	ID                 string         `json:"id"`
	Namespace          string         `json:"namespace"`
	ResourceTypes      []resourceType `json:"resourceTypes"`
	RegistrationState  string         `json:"registrationState,omitempty"` // of a subscription
	RegistrationPolicy string         `json:"registrationPolicy"`
}

type resourceType struct {
	ResourceType string   `json:"resourceType"`
	Locations    []string `json:"locations"`
	APIVersions  []string `json:"apiVersions"`
	Capabilities string   `json:"capabilities"`
}

// providerEntry is one element of providers.json.
type providerEntry struct {
	Namespace  string
	Display    string
	Free       bool // of registration
	Registered bool // in a new subscription
	Types      []struct {
		Name     string
		Display  string
		Versions []string
		Regional bool
	}
}

func readProviders() []providerEntry {
	var list []providerEntry
	if err := json.Unmarshal(providerData, &list); err != nil {
		panic(fmt.Errorf("reading the resource providers: %w", err)) // the file is part of the program
	}
	return list
}

func (s *service) findProvider(namespace string) (providerEntry, bool) {
	for _, p := range s.catalog {
		if strings.EqualFold(p.Namespace, namespace) {
			return p, true
		}
	}
	return providerEntry{}, false
}

// versions are those of a type: Resource Manager's own and those of roles and management groups are the ones that
// requests are checked against.
func (p providerEntry) versions(kind string, given []string) []string {
	switch strings.ToLower(p.Namespace + "/" + kind) {
	case "microsoft.authorization/roleassignments", "microsoft.authorization/roledefinitions":
		return roleVersions()
	case "microsoft.management/managementgroups":
		return groupVersions()
	case "microsoft.resources/tenants", "microsoft.resources/subscriptions", "microsoft.resources/resourcegroups", "microsoft.resources/providers":
		return managerVersions()
	}
	return given
}

func (c *call) describeProvider(s scope, p providerEntry) resourceProvider {
	out := resourceProvider{
		ID: s.path + "/providers/" + p.Namespace, Namespace: p.Namespace,
		ResourceTypes: []resourceType{}, RegistrationPolicy: registrationRequired,
	}
	if p.Free {
		out.RegistrationPolicy = registrationFree
	}
	for _, t := range p.Types {
		d := resourceType{ResourceType: t.Name, Locations: []string{}, APIVersions: p.versions(t.Name, t.Versions), Capabilities: "None"}
		if t.Regional {
			for _, r := range c.places {
				d.Locations = append(d.Locations, r.Display)
			}
			d.Capabilities = "CrossResourceGroupResourceMove, CrossSubscriptionResourceMove, SupportsTags, SupportsLocation"
		}
		out.ResourceTypes = append(out.ResourceTypes, d)
	}
	if s.subscription == "" {
		return out
	}
	out.RegistrationState = notRegistered
	if p.Free || p.Registered {
		out.RegistrationState = registered
	}
	if sub, found := c.Directory.Subscriptions.Seen(strings.ToLower(s.subscription)); found {
		if state := sub.Providers[strings.ToLower(p.Namespace)]; state != "" {
			out.RegistrationState = state
		}
	}
	return out
}

// mayReadProviders: those of the tenant are for everybody who is signed in.
func (c *call) mayReadProviders(s scope) error {
	if s.subscription == "" {
		return nil
	}
	return c.enter(s, readProvider, s.String())
}

func (c *call) providers(s scope) (*answer, error) {
	if err := c.mayReadProviders(s); err != nil {
		return nil, err
	}
	var all []resourceProvider
	for _, p := range c.catalog {
		all = append(all, c.describeProvider(s, p))
	}
	return list(all)
}

func (c *call) provider(s scope, namespace string) (*answer, error) {
	if err := c.mayReadProviders(s); err != nil {
		return nil, err
	}
	p, found := c.findProvider(namespace)
	if !found {
		return nil, invalidNamespace(namespace)
	}
	return ok(c.describeProvider(s, p))
}

// register registers a provider or takes that back. The answer says that it goes on; the next read, that it is done.
func (c *call) register(s scope, namespace, verb string) (*answer, error) {
	if err := c.known(s); err != nil {
		return nil, err
	}
	p, found := c.findProvider(namespace)
	if !found {
		return nil, invalidNamespace(namespace)
	}
	if action := p.Namespace + "/" + verb + "/action"; !c.may(action, s) {
		return nil, c.authorizationFailed(action, s.String())
	}
	key := strings.ToLower(s.subscription)
	sub, _ := c.Directory.Subscriptions.Get(key)
	if sub == nil {
		return nil, subscriptionNotFound(s.subscription)
	}
	before := c.describeProvider(s, p)
	state, going := registered, registering
	if verb == "unregister" {
		if p.Free {
			return nil, gateway(http.StatusConflict, "CannotUnregisterProvider", "The resource provider '%s' cannot be unregistered: it needs no registration.", p.Namespace)
		}
		state, going = unregistered, unregistering
	}
	next := *sub
	next.Providers = maps.Clone(sub.Providers)
	if next.Providers == nil {
		next.Providers = map[string]string{}
	}
	next.Providers[strings.ToLower(p.Namespace)] = state
	c.Directory.Subscriptions.Put(key, &next)
	if before.RegistrationState != state {
		before.RegistrationState = going
	}
	return ok(before)
}
