package graph

import (
	"encoding/json"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// applicationView shows an application.
type applicationView struct {
	c       *call
	a       *directory.Application
	created string // createdDateTime; more exact in the answer to the creation than ever after
	der     bool   // with the certificates themselves
}

func (c *call) viewApplication(a *directory.Application) applicationView {
	return applicationView{c: c, a: a, created: whole(a.CreatedAt)}
}

func (v applicationView) kind() *odata.Kind { return v.c.kinds.application }
func (v applicationView) identity() string  { return v.a.ID }
func (v applicationView) extras() []string  { return undeclared(v.kind(), v.a.Properties) }

func (v applicationView) value(name string) any {
	a := v.a
	switch name {
	case "id":
		return a.ID
	case "deletedDateTime":
		return optionalTime(a.DeletedAt)
	case "appId":
		return a.AppID
	case "createdDateTime":
		return v.created
	case "displayName":
		return a.DisplayName
	case "identifierUris":
		return orEmpty(a.IdentifierURIs)
	case "signInAudience":
		return a.SignInAudience
	case "keyCredentials":
		return keyEntities(a.Keys, v.der)
	case "passwordCredentials":
		return passwordEntities(a.Passwords)
	case "publisherDomain":
		if t, ok := v.c.Directory.Tenants.Get(v.c.TenantID); ok {
			return t.Domain
		}
		return nil
	case "web":
		return withRedirectSettings(stored(v.kind(), a.Properties, name))
	case "appRoles":
		return completed(stored(v.kind(), a.Properties, name), map[string]json.RawMessage{
			"description": raw(nil), "displayName": raw(nil), "origin": raw("Application"), "value": raw(nil),
		})
	}
	return stored(v.kind(), a.Properties, name)
}

// seenApplication finds a live application for a key of the path, as the replica sees it.
func (c *call) seenApplication(k objectKey) (*directory.Application, error) {
	var a *directory.Application
	ok := false
	switch k.property {
	case "id":
		a, ok = c.Directory.Applications.Seen(k.value)
	case "appId":
		a, ok = c.Directory.Applications.FindSeen(k.value)
	case "uniqueName":
		for _, each := range c.Directory.Applications.EachSeen(directory.ByUniqueName(k.value)) {
			if each.DeletedAt == nil {
				a, ok = each, true
				break
			}
		}
	}
	if !ok || a.DeletedAt != nil {
		return nil, odata.NotFound(k.value)
	}
	return a, nil
}

// writableApplication finds an application to change: the replica must know it, the primary must have it, and the
// caller must have the right.
func (c *call) writableApplication(k objectKey) (*directory.Application, error) {
	if !c.mayWriteSome() {
		return nil, odata.Forbidden()
	}
	return c.changeableApplication(k, func(owners []string, _ string) bool { return c.mayWrite(owners) })
}

// changeableApplication returns a copy of an application that the caller may change as allowed says.
func (c *call) changeableApplication(k objectKey, allowed func(owners []string, appID string) bool) (*directory.Application, error) {
	seen, err := c.seenApplication(k)
	if err != nil {
		return nil, err
	}
	a, ok := c.Directory.Applications.Get(seen.ID)
	if !ok || a.DeletedAt != nil {
		return nil, odata.NotFound(k.value)
	}
	if !allowed(a.Owners, a.AppID) {
		return nil, odata.Forbidden()
	}
	clone := *a
	return &clone, nil
}

func (c *call) getApplication(k objectKey) (*answer, error) {
	return c.read(func() (*answer, error) {
		if !c.mayRead(c.kinds.application) {
			return nil, odata.Forbidden()
		}
		a, err := c.seenApplication(k)
		if err != nil {
			return nil, err
		}
		v := c.viewApplication(a)
		v.der = c.asks("keyCredentials")
		return c.single(v)
	})
}
