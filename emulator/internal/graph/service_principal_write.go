package graph

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

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
