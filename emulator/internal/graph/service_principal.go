package graph

import (
	"encoding/json"
	"iter"

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
