package graph

import (
	"encoding/json"
	"iter"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// servicePrincipalView shows a service principal. What it has not been given itself it shows of its application.
type servicePrincipalView struct {
	c   *call
	p   *directory.ServicePrincipal
	app *directory.Application // nil: of another tenant, or gone
	der bool
}

func (c *call) viewServicePrincipal(p *directory.ServicePrincipal) servicePrincipalView {
	app, _ := c.Directory.Applications.Find(p.AppID)
	return servicePrincipalView{c: c, p: p, app: app}
}

func (v servicePrincipalView) kind() *odata.Kind { return v.c.kinds.servicePrincipal }
func (v servicePrincipalView) identity() string  { return v.p.ID }
func (v servicePrincipalView) extras() []string  { return nil }

func (v servicePrincipalView) value(name string) any {
	p := v.p
	switch name {
	case "id":
		return p.ID
	case "deletedDateTime":
		return optionalTime(p.DeletedAt)
	case "accountEnabled":
		return p.Enabled
	case "appDisplayName", "displayName":
		return p.DisplayName
	case "appId":
		return p.AppID
	case "createdDateTime":
		return whole(p.CreatedAt)
	case "keyCredentials":
		return keyEntities(p.Keys, v.der)
	case "passwordCredentials":
		return passwordEntities(p.Passwords)
	}
	if own, ok := p.Properties[name]; ok {
		return own
	}
	return v.inherited(name)
}

// inherited is what a service principal copies of its application.
func (v servicePrincipalView) inherited(name string) any {
	if name == "servicePrincipalType" {
		return "Application"
	}
	if v.app == nil {
		if name == "servicePrincipalNames" {
			return []string{v.p.AppID}
		}
		return stored(v.kind(), nil, name)
	}
	app := v.c.viewApplication(v.app)
	switch name {
	case "appDescription":
		return app.value("description")
	case "appOwnerOrganizationId":
		return v.c.TenantID
	case "homepage":
		return v.web("homePageUrl", json.RawMessage("null"))
	case "logoutUrl":
		return v.web("logoutUrl", json.RawMessage("null"))
	case "replyUrls":
		return v.web("redirectUris", json.RawMessage("[]"))
	case "servicePrincipalNames":
		return append([]string{v.p.AppID}, v.app.IdentifierURIs...)
	case "oauth2PermissionScopes":
		return inside(app.value("api"), "oauth2PermissionScopes", json.RawMessage("[]"))
	case "signInAudience", "appRoles", "info", "verifiedPublisher":
		return app.value(name)
	}
	return stored(v.kind(), nil, name)
}

func (v servicePrincipalView) web(name string, otherwise json.RawMessage) any {
	return inside(v.c.viewApplication(v.app).value("web"), name, otherwise)
}

// inside returns a property of a stored object.
func inside(v any, name string, otherwise json.RawMessage) any {
	of, _ := v.(json.RawMessage)
	var m map[string]json.RawMessage
	if json.Unmarshal(of, &m) != nil || m[name] == nil {
		return otherwise
	}
	return m[name]
}

// liveServicePrincipal finds the one that is not deleted, as the primary has it.
func (c *call) liveServicePrincipal(appID string) (*directory.ServicePrincipal, bool) {
	return live(c.Directory.ServicePrincipals.Each(appID))
}

func (c *call) seenLiveServicePrincipal(appID string) (*directory.ServicePrincipal, bool) {
	return live(c.Directory.ServicePrincipals.EachSeen(appID))
}

// live is the one of a client id's service principals that is not deleted.
func live(all iter.Seq2[string, *directory.ServicePrincipal]) (*directory.ServicePrincipal, bool) {
	for _, p := range all {
		if p.DeletedAt == nil {
			return p, true
		}
	}
	return nil, false
}

func (c *call) seenServicePrincipal(k objectKey) (*directory.ServicePrincipal, error) {
	var p *directory.ServicePrincipal
	ok := false
	switch k.property {
	case "id":
		p, ok = c.Directory.ServicePrincipals.Seen(k.value)
	case "appId":
		p, ok = c.seenLiveServicePrincipal(k.value)
	}
	if !ok || p.DeletedAt != nil {
		return nil, odata.NotFound(k.value)
	}
	return p, nil
}

func (c *call) writableServicePrincipal(k objectKey) (*directory.ServicePrincipal, error) {
	if !c.mayWriteSome() {
		return nil, odata.Forbidden()
	}
	return c.changeableServicePrincipal(k, func(owners []string, _ string) bool { return c.mayWrite(owners) })
}

func (c *call) changeableServicePrincipal(k objectKey, allowed func(owners []string, appID string) bool) (*directory.ServicePrincipal, error) {
	seen, err := c.seenServicePrincipal(k)
	if err != nil {
		return nil, err
	}
	p, ok := c.Directory.ServicePrincipals.Get(seen.ID)
	if !ok || p.DeletedAt != nil {
		return nil, odata.NotFound(k.value)
	}
	if !allowed(p.Owners, p.AppID) {
		return nil, odata.Forbidden()
	}
	clone := *p
	return &clone, nil
}

func (c *call) getServicePrincipal(k objectKey) (*answer, error) {
	return c.read(func() (*answer, error) {
		if !c.mayRead(c.kinds.servicePrincipal) {
			return nil, odata.Forbidden()
		}
		p, err := c.seenServicePrincipal(k)
		if err != nil {
			return nil, err
		}
		v := c.viewServicePrincipal(p)
		v.der = c.asks("keyCredentials")
		return c.single(v)
	})
}

func (c *call) createServicePrincipal() (*answer, error) {
	values, bound, err := c.bodyWithBindings()
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) { return c.addServicePrincipal(values, bound) })
}

func (c *call) addServicePrincipal(values map[string]json.RawMessage, bound map[string][]string) (*answer, error) {
	if !c.mayWriteSome() {
		return nil, odata.Forbidden()
	}
	r := &odata.Reader{Values: values, Resource: "ServicePrincipal"}
	if r.Absent("appId") {
		return nil, odata.Required("appId", "ServicePrincipal")
	}
	appID := r.GUID("appId")
	if r.Err != nil {
		return nil, r.Err
	}
	app, err := c.backing(appID)
	if err != nil {
		return nil, err
	}
	p := &directory.ServicePrincipal{
		ID: uuid.NewString(), AppID: appID, DisplayName: app.DisplayName, Enabled: true, CreatedAt: c.at.Truncate(time.Second),
	}
	// Recorded 2022-05: an administrator does not become owner of the service principal. Who has only the right of
	// an owner must, to be able to use it (Microsoft Graph, create servicePrincipal).
	if !c.caller.User || !c.personHas(administrators()...) {
		p.Owners = []string{c.caller.ObjectID}
	}
	if err := c.bindOwners(bound, &p.Owners); err != nil {
		return nil, err
	}
	delete(values, "appId")
	if err := c.changeServicePrincipal(p, values); err != nil {
		return nil, err
	}
	c.Directory.ServicePrincipals.Put(p.ID, p)
	e := append(entity{c.context("servicePrincipals/$entity")}, render(c.viewServicePrincipal(p), nil)...)
	return &answer{status: http.StatusCreated, body: e, location: c.directoryObject(p.ID, "ServicePrincipal")}, nil
}

// backing finds the application of a service principal to be made, which the replica must know already.
func (c *call) backing(appID string) (*directory.Application, error) {
	app, ok := c.Directory.Applications.FindSeen(appID)
	if ok && app.DeletedAt == nil {
		app, ok = c.Directory.Applications.Get(app.ID)
	}
	ok = ok && app.DeletedAt == nil
	_, exists := c.liveServicePrincipal(appID)
	switch {
	case exists && (ok || !c.onlyOwned()):
		return nil, nameInUse(appID)
	case !ok && c.onlyOwned():
		return nil, &odata.Problem{
			Status: http.StatusForbidden, Code: "Authorization_RequestDenied",
			Message: "When using this permission, the backing application of the service principal being created must in the local tenant",
		}
	case !ok:
		return nil, odata.Refused("The appId '%s' of the service principal does not reference a valid application object.", appID)
	case !c.mayWrite(app.Owners):
		return nil, odata.Forbidden()
	}
	return app, nil
}

// onlyOwned says whether the caller is an application that may only write what it owns.
func (c *call) onlyOwned() bool {
	return !c.caller.User && !c.holds(readWriteAll, directoryAll)
}

func nameInUse(appID string) error {
	return odata.Conflict("The service principal cannot be created, updated, or restored because the service principal name %s is already in use.", appID)
}

func (c *call) updateServicePrincipal(k objectKey) (*answer, error) {
	values, err := c.body()
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) {
		p, err := c.writableServicePrincipal(k)
		if c.missing(k, err) && k.property == "appId" {
			values["appId"] = raw(k.value)
			return c.addServicePrincipal(values, nil)
		}
		if err != nil {
			return nil, err
		}
		if err := sameID(values, p.ID); err != nil {
			return nil, err
		}
		if err := c.changeServicePrincipal(p, values); err != nil {
			return nil, err
		}
		c.Directory.ServicePrincipals.Put(p.ID, p)
		return noContent()
	})
}

func (c *call) changeServicePrincipal(p *directory.ServicePrincipal, values map[string]json.RawMessage) error {
	rest := maps.Clone(values)
	r := &odata.Reader{Values: values, Resource: "ServicePrincipal"}
	if sent, ok := values["accountEnabled"]; ok {
		if json.Unmarshal(sent, &p.Enabled) != nil || string(sent) == "null" {
			return odata.InvalidValue("accountEnabled", "ServicePrincipal")
		}
	}
	if name := r.Text("displayName"); name != nil && *name != "" {
		p.DisplayName = *name
	} else if _, ok := values["displayName"]; ok && r.Err == nil {
		return odata.InvalidValue("displayName", "ServicePrincipal")
	}
	if r.Err != nil {
		return r.Err
	}
	if sent, ok := values["keyCredentials"]; ok {
		keys, err := replaceKeys(sent, p.Keys)
		if err != nil {
			return err
		}
		if err := c.replaceable(target{c.kinds.servicePrincipal, p.ID, p.CreatedAt}, p.AppID, p.Keys, keys); err != nil {
			return err
		}
		p.Keys = keys
	}
	if sent, ok := values["passwordCredentials"]; ok {
		made, err := c.newPasswords(target{c.kinds.servicePrincipal, p.ID, p.CreatedAt}, sent, p.Passwords, false)
		if err != nil {
			return err
		}
		p.Passwords = made.passwords
	}
	if sent, ok := values["servicePrincipalNames"]; ok {
		var names []string
		if json.Unmarshal(sent, &names) != nil || !slices.Contains(names, p.AppID) {
			return odata.InvalidValue("servicePrincipalNames", "ServicePrincipal")
		}
	}
	for _, name := range []string{"accountEnabled", "displayName", "keyCredentials", "passwordCredentials"} {
		delete(rest, name)
	}
	properties, err := c.kinds.servicePrincipal.Apply(p.Properties, rest)
	if err != nil {
		return err
	}
	p.Properties = properties
	return nil
}

func (c *call) deleteServicePrincipal(k objectKey) (*answer, error) {
	return c.write(func() (*answer, error) {
		p, err := c.writableServicePrincipal(k)
		if err != nil {
			return nil, err
		}
		now := c.at.Truncate(time.Second)
		p.DeletedAt = &now
		c.Directory.ServicePrincipals.Put(p.ID, p)
		return noContent()
	})
}
