package graph

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

func (c *call) createApplication() (*answer, error) {
	values, bound, err := c.bodyWithBindings()
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) { return c.addApplication(values, bound) })
}

// addApplication makes an application, whose owners are the caller and those that the request binds to it.
func (c *call) addApplication(values map[string]json.RawMessage, bound map[string][]string) (*answer, error) {
	if !c.mayCreate() {
		return nil, odata.Forbidden()
	}
	r := &odata.Reader{Values: values, Resource: "Application"}
	if name := r.Text("displayName"); r.Err == nil && (name == nil || *name == "") {
		return nil, odata.Required("displayName", "Application")
	}
	a := &directory.Application{
		ID: uuid.NewString(), AppID: uuid.NewString(), SignInAudience: "AzureADMyOrg",
		CreatedAt: c.at.Truncate(odata.Tick), Owners: []string{c.caller.ObjectID},
	}
	if err := c.bindOwners(bound, &a.Owners); err != nil {
		return nil, err
	}
	made, err := c.newPasswords(target{c.kinds.application, a.ID, a.CreatedAt}, values["passwordCredentials"], a.Passwords, true)
	if err != nil {
		return nil, err
	}
	delete(values, "passwordCredentials")
	if err := c.changeApplication(a, values); err != nil {
		return nil, err
	}
	a.Passwords = made.passwords
	if strings.Contains(a.SignInAudience, "PersonalMicrosoftAccount") {
		// Personal accounts only work with tokens of version 2 (recorded 2023-12).
		if err := c.personalAPI(a); err != nil {
			return nil, err
		}
	}
	c.Directory.Applications.Put(a.ID, a)
	v := c.viewApplication(a)
	v.created = exact(a.CreatedAt)
	e := append(entity{c.context("applications/$entity")}, render(v, nil)...)
	e.replace("passwordCredentials", made.entities())
	return &answer{status: http.StatusCreated, body: e, location: c.directoryObject(a.ID, "Application")}, nil
}

// bindOwners adds the owners that a request binds to what it creates; it may bind nothing else.
func (c *call) bindOwners(bound map[string][]string, owners *[]string) error {
	for property, ids := range bound {
		if property != "owners" {
			return odata.Refused("Invalid property '%s'.", property)
		}
		if err := c.bind(property, ids, owners); err != nil {
			return err
		}
	}
	return nil
}

// replace exchanges the value of a property.
func (e entity) replace(name string, value any) {
	for i := range e {
		if e[i].name == name {
			e[i].value = value
		}
	}
}

func (c *call) personalAPI(a *directory.Application) error {
	var api struct {
		Version *int `json:"requestedAccessTokenVersion"`
	}
	current := stored(c.kinds.application, a.Properties, "api")
	if err := json.Unmarshal(current, &api); err != nil || api.Version != nil {
		return nil //nolint:nilerr // what is not of this shape is left as it is
	}
	changed, err := odata.Merge(current, json.RawMessage(`{"requestedAccessTokenVersion":2}`))
	if err == nil {
		a.Properties = maps.Clone(a.Properties)
		a.Properties["api"] = changed
	}
	return err
}

func (c *call) updateApplication(k objectKey) (*answer, error) {
	values, err := c.body()
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) {
		a, err := c.writableApplication(k)
		if c.missing(k, err) && k.property == "uniqueName" {
			values["uniqueName"] = raw(k.value)
			return c.addApplication(values, nil)
		}
		if err != nil {
			return nil, err
		}
		if err := sameID(values, a.ID); err != nil {
			return nil, err
		}
		if sent, ok := values["passwordCredentials"]; ok {
			made, err := c.newPasswords(target{c.kinds.application, a.ID, a.CreatedAt}, sent, a.Passwords, false)
			if err != nil {
				return nil, err
			}
			a.Passwords = made.passwords
			delete(values, "passwordCredentials")
		}
		renamed := values["displayName"] != nil
		if err := c.changeApplication(a, values); err != nil {
			return nil, err
		}
		c.Directory.Applications.Put(a.ID, a)
		if p, ok := c.liveServicePrincipal(a.AppID); ok && renamed && p.DisplayName != a.DisplayName {
			clone := *p
			clone.DisplayName = a.DisplayName
			c.Directory.ServicePrincipals.Put(p.ID, &clone)
		}
		return noContent()
	})
}

// changeApplication puts what a request sends into a, which the caller then stores.
func (c *call) changeApplication(a *directory.Application, values map[string]json.RawMessage) error {
	r := &odata.Reader{Values: values, Resource: "Application"}
	if sent, ok := values["displayName"]; ok {
		name := r.Text("displayName")
		if r.Err == nil && (string(sent) == "null" || *name == "" || len([]rune(*name)) > 256) {
			return odata.InvalidValue("displayName", "Application")
		}
		if r.Err == nil {
			a.DisplayName = *name
		}
	}
	if audience := r.Text("signInAudience"); audience != nil {
		if !slices.Contains([]string{"AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"}, *audience) {
			return odata.InvalidValue("signInAudience", "Application")
		}
		a.SignInAudience = *audience
	}
	if r.Err != nil {
		return r.Err
	}
	if sent, ok := values["identifierUris"]; ok {
		uris, err := c.identifierURIs(a, sent)
		if err != nil {
			return err
		}
		a.IdentifierURIs = uris
	}
	if sent, ok := values["keyCredentials"]; ok {
		keys, err := replaceKeys(sent, a.Keys)
		if err != nil {
			return err
		}
		if err := c.replaceable(target{c.kinds.application, a.ID, a.CreatedAt}, a.AppID, a.Keys, keys); err != nil {
			return err
		}
		a.Keys = keys
	}
	if err := c.checkUniqueName(a, values); err != nil {
		return err
	}
	rest := maps.Clone(values)
	for _, name := range []string{"displayName", "signInAudience", "identifierUris", "keyCredentials"} {
		delete(rest, name)
	}
	properties, err := c.kinds.application.Apply(a.Properties, rest)
	if err != nil {
		return err
	}
	if err := c.checkEntitlements(a.Properties, properties); err != nil {
		return err
	}
	a.Properties = properties
	return nil
}

// identifierURIs checks that no other application of the tenant has one of them.
func (c *call) identifierURIs(a *directory.Application, sent json.RawMessage) ([]string, error) {
	p, _ := c.kinds.application.Find("identifierUris")
	if _, err := c.kinds.application.Check(p, nil, sent); err != nil {
		return nil, err
	}
	var uris []string
	if json.Unmarshal(sent, &uris) != nil || slices.Contains(uris, "") {
		return nil, odata.InvalidValue("identifierUris", "Application")
	}
	for _, uri := range uris {
		if !c.onVerifiedDomain(uri) {
			return nil, &odata.Problem{
				Status: http.StatusBadRequest, Code: "HostNameNotOnVerifiedDomain", Target: "identifierUris", Detail: "HostNameNotOnVerifiedDomain",
				Message: "Values of identifierUris property must use a verified domain of the organization or its subdomain: '" + uri + "'",
			}
		}
		if c.uriTaken(uri, a.ID, true) {
			return nil, valueTaken("identifierUris")
		}
	}
	return uris, nil
}

// onVerifiedDomain says whether an identifier URI that is a web address belongs to the tenant. Others, api:// above all,
// may be anything (Microsoft Entra, restrictions on identifier URIs; recorded 2024-09).
func (c *call) onVerifiedDomain(uri string) bool {
	if scheme, _, _ := strings.Cut(strings.ToLower(uri), ":"); scheme != "http" && scheme != "https" {
		return true
	}
	u, err := url.Parse(uri)
	if err != nil {
		return false
	}
	t, ok := c.Directory.Tenants.Get(c.TenantID)
	host := strings.ToLower(u.Hostname())
	return ok && (host == t.Domain || strings.HasSuffix(host, "."+t.Domain))
}

// uriTaken says whether another application has an identifier URI; deleted ones count while they can be restored.
func (c *call) uriTaken(uri, self string, deletedToo bool) bool {
	for id, other := range c.Directory.Applications.Each(directory.ByURI(uri)) {
		if id != self && (other.DeletedAt == nil || deletedToo && c.recoverable(other.DeletedAt)) {
			return true
		}
	}
	return false
}

func valueTaken(property string) error {
	return &odata.Problem{
		Status: http.StatusBadRequest, Code: "Request_MultipleObjectsWithSameKeyValue", Target: property, Detail: "ObjectConflict",
		Message: "Another object with the same value for property " + property + " already exists.",
	}
}

// checkUniqueName keeps uniqueName unique and unchanged once set (Microsoft Graph, application resource).
func (c *call) checkUniqueName(a *directory.Application, values map[string]json.RawMessage) error {
	name := (&odata.Reader{Values: values}).Text("uniqueName")
	if name == nil {
		return nil
	}
	if have := odata.PlainValue(stored(c.kinds.application, a.Properties, "uniqueName")); have != nil && have != *name {
		return odata.Refused("Property 'uniqueName' is read-only and cannot be set.")
	}
	for id, other := range c.Directory.Applications.Each(directory.ByUniqueName(*name)) {
		if id != a.ID && (other.DeletedAt == nil || c.recoverable(other.DeletedAt)) {
			return valueTaken("uniqueName")
		}
	}
	return nil
}

// deleteApplication moves an application and its service principal in the tenant to the deleted items.
func (c *call) deleteApplication(k objectKey) (*answer, error) {
	return c.write(func() (*answer, error) {
		a, err := c.writableApplication(k)
		if err != nil {
			return nil, err
		}
		now := c.at.Truncate(time.Second)
		a.DeletedAt = &now
		c.Directory.Applications.Put(a.ID, a)
		if p, ok := c.liveServicePrincipal(a.AppID); ok {
			clone := *p
			clone.DeletedAt = &now
			c.Directory.ServicePrincipals.Put(p.ID, &clone)
		}
		return noContent()
	})
}
