package graph

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// createUser makes a person, who can then be chosen on the sign-in page. Passwords are checked for being there and not
// kept: nobody signs in with one here.
func (c *call) createUser() (*answer, error) {
	values, err := c.body()
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) {
		if !c.mayWriteUsers() {
			return nil, odata.Forbidden()
		}
		for _, name := range []string{"accountEnabled", "displayName", "mailNickname", "passwordProfile", "userPrincipalName"} {
			if v, ok := values[name]; !ok || string(v) == "null" || string(v) == `""` {
				return nil, odata.Required(name, "User")
			}
		}
		now := c.at.Truncate(time.Second)
		u := &directory.User{ID: uuid.NewString(), CreatedAt: &now}
		if err := c.changeUser(u, values); err != nil {
			return nil, err
		}
		c.Directory.Users.Put(u.ID, u)
		// The answer to the creation has the id first, every read has it last (recorded 2022 to 2023).
		e := entity{c.context("users/$entity"), {"id", u.ID}}
		for _, f := range render(c.viewUser(u), nil) {
			if f.name != "id" {
				e = append(e, f)
			}
		}
		return &answer{status: http.StatusCreated, body: e, location: c.directoryObject(u.ID, "User")}, nil
	})
}

func (c *call) updateUser(key string) (*answer, error) {
	values, err := c.body()
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) {
		u, err := c.writableUser(key)
		if err != nil {
			return nil, err
		}
		if err := sameID(values, u.ID); err != nil {
			return nil, err
		}
		if err := c.changeUser(u, values); err != nil {
			return nil, err
		}
		c.Directory.Users.Put(u.ID, u)
		return noContent()
	})
}

// writableUser returns a copy of a person whom the caller may change.
func (c *call) writableUser(key string) (*directory.User, error) {
	seen, err := c.seenUser(key)
	if !c.mayWriteUsers() {
		return nil, odata.Forbidden()
	}
	if err != nil {
		return nil, err
	}
	u, ok := c.Directory.Users.Get(seen.ID)
	if !ok {
		return nil, odata.NotFound(key)
	}
	clone := *u
	return &clone, nil
}

// changeUser puts what a request sends into u, which the caller then stores.
func (c *call) changeUser(u *directory.User, values map[string]json.RawMessage) error {
	rest := maps.Clone(values)
	r := &odata.Reader{Values: values, Resource: "User"}
	for name, into := range map[string]*string{"displayName": &u.DisplayName, "givenName": &u.GivenName, "surname": &u.Surname} {
		sent, ok := values[name]
		if !ok {
			continue
		}
		delete(rest, name)
		*into = ""
		if text := r.Text(name); text != nil {
			*into = *text
		}
		if name == "displayName" && r.Err == nil && (string(sent) == "null" || *into == "" || len([]rune(*into)) > 256) {
			return odata.InvalidValue(name, "User")
		}
	}
	if sent, ok := values["accountEnabled"]; ok {
		enabled := false
		if string(sent) == "null" || json.Unmarshal(sent, &enabled) != nil {
			return odata.InvalidValue("accountEnabled", "User")
		}
		u.Disabled = !enabled
		delete(rest, "accountEnabled")
	}
	if sent, ok := values["passwordProfile"]; ok {
		if err := passwordProfile(sent, u.UserPrincipalName == ""); err != nil {
			return err
		}
		delete(rest, "passwordProfile")
	}
	if name := r.Text("userPrincipalName"); name != nil {
		lower := strings.ToLower(*name)
		if err := c.checkPrincipalName(u.ID, lower); err != nil {
			return err
		}
		u.UserPrincipalName = lower
	}
	delete(rest, "userPrincipalName")
	if r.Err != nil {
		return r.Err
	}
	properties, err := c.kinds.user.Apply(u.Properties, rest)
	if err != nil {
		return err
	}
	u.Properties = properties
	return nil
}

func passwordProfile(sent json.RawMessage, creating bool) error {
	values, err := odata.Object(sent)
	if err != nil || string(sent) == "null" {
		return odata.InvalidValue("passwordProfile", "User")
	}
	r := &odata.Reader{Values: values, Resource: "PasswordProfile"}
	r.Only("microsoft.graph.passwordProfile", "password", "forceChangePasswordNextSignIn", "forceChangePasswordNextSignInWithMfa")
	password := r.Text("password")
	switch {
	case r.Err != nil:
		return r.Err
	case creating && password == nil:
		return odata.Required("passwordProfile.password", "User")
	case password != nil && len(*password) < 8:
		return &odata.Problem{
			Status: http.StatusBadRequest, Code: "Request_BadRequest", Target: "password", Detail: "PasswordComplexity",
			Message: "The specified password does not comply with password complexity requirements. Please provide a different password.",
		}
	}
	return nil
}

// checkPrincipalName wants a name of the tenant's domain that nobody else has.
func (c *call) checkPrincipalName(self, name string) error {
	_, domain, ok := strings.Cut(name, "@")
	t, known := c.Directory.Tenants.Get(c.TenantID)
	if !ok || !known || domain != strings.ToLower(t.Domain) || strings.HasPrefix(name, "@") {
		return &odata.Problem{
			Status: http.StatusBadRequest, Code: "Request_BadRequest", Target: "userPrincipalName",
			Message: "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.",
		}
	}
	for id := range c.Directory.Users.Each(name) {
		if id != self {
			return &odata.Problem{
				Status: http.StatusBadRequest, Code: "Request_BadRequest", Target: "userPrincipalName", Detail: "ObjectConflict",
				Message: "Another object with the same value for property userPrincipalName already exists.",
			}
		}
	}
	return nil
}

// deleteUser moves a person to the deleted items.
func (c *call) deleteUser(key string) (*answer, error) {
	return c.write(func() (*answer, error) {
		u, err := c.writableUser(key)
		if err != nil {
			return nil, err
		}
		c.Directory.Users.Delete(u.ID)
		c.Directory.DeletedUsers.Put(u.ID, &directory.DeletedUser{User: *u, DeletedAt: c.at.Truncate(time.Second)})
		return noContent()
	})
}

// revokeSessions makes every refresh token that a person has until now worthless
// (Microsoft Graph, user: revokeSignInSessions).
func (c *call) revokeSessions(find func() (*directory.User, error)) (*answer, error) {
	return c.write(func() (*answer, error) {
		u, err := find()
		if err != nil {
			return nil, err
		}
		clone, now := *u, c.at.Truncate(odata.Tick)
		clone.ValidFrom = &now
		c.Directory.Users.Put(u.ID, &clone)
		return done(entity{c.context("Edm.Boolean"), {"value", true}})
	})
}

// sameID lets a client send an object's id back to it; any other is refused.
func sameID(values map[string]json.RawMessage, id string) error {
	sent, ok := values["id"]
	if !ok {
		return nil
	}
	var text string
	if json.Unmarshal(sent, &text) != nil || !strings.EqualFold(text, id) {
		return odata.Refused("Property 'id' is read-only and cannot be set.")
	}
	delete(values, "id")
	return nil
}
