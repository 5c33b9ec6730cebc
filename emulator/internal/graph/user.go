package graph

import (
	"iter"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// view shows an object by its named values; what is not named is null.
type view struct {
	of     *odata.Kind
	id     string
	values map[string]any
}

func (v view) kind() *odata.Kind     { return v.of }
func (v view) identity() string      { return v.id }
func (v view) extras() []string      { return nil }
func (v view) value(name string) any { return v.values[name] }

// userView shows a person.
type userView struct {
	c *call
	u *directory.User
	// deleted is when the person was deleted, nil for one who was not.
	deleted any
}

func (c *call) viewUser(u *directory.User) userView { return userView{c: c, u: u} }

func (v userView) kind() *odata.Kind { return v.c.kinds.user }
func (v userView) identity() string  { return v.u.ID }
func (v userView) extras() []string  { return nil }

func (v userView) value(name string) any {
	u := v.u
	switch name {
	case "id":
		return u.ID
	case "displayName":
		return u.DisplayName
	case "givenName":
		return optional(u.GivenName)
	case "surname":
		return optional(u.Surname)
	case "userPrincipalName":
		return u.UserPrincipalName
	case "accountEnabled":
		return !u.Disabled
	case "createdDateTime":
		if u.CreatedAt != nil {
			return whole(*u.CreatedAt)
		}
		return v.c.tenantCreated()
	case "deletedDateTime":
		return v.deleted
	case "signInSessionsValidFromDateTime":
		if u.ValidFrom != nil {
			return whole(*u.ValidFrom)
		}
		return v.value("createdDateTime")
	case "securityIdentifier":
		return securityIdentifier(u.ID)
	case "imAddresses", "identities", "proxyAddresses", "assignedLicenses", "assignedPlans", "provisionedPlans",
		"licenseAssignmentStates", "onPremisesProvisioningErrors", "serviceProvisioningErrors":
		return []string{}
	}
	if own, ok := u.Properties[name]; ok {
		return own
	}
	switch name {
	case "mailNickname":
		nickname, _, _ := strings.Cut(u.UserPrincipalName, "@")
		return nickname
	case "userType":
		return "Member"
	}
	return stored(v.kind(), nil, name)
}

func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// seenUser finds a person by object id or user principal name.
func (c *call) seenUser(key string) (*directory.User, error) {
	u, ok := c.Directory.Users.Seen(strings.ToLower(key))
	if !ok {
		u, ok = c.Directory.Users.FindSeen(strings.ToLower(key))
	}
	if !ok {
		return nil, odata.NotFound(key)
	}
	return u, nil
}

// self finds the signed-in person; there is none behind an application's token.
func (c *call) self() (*directory.User, error) {
	if !c.caller.User {
		return nil, odata.Malformed("/me request is only valid with delegated authentication flow.")
	}
	if !c.maySeeSelf() {
		return nil, odata.Forbidden()
	}
	return c.seenUser(c.caller.ObjectID)
}

// readableUser finds a person whom the caller may read; everybody may read themselves.
func (c *call) readableUser(key string) (*directory.User, error) {
	u, err := c.seenUser(key)
	self := err == nil && c.caller.User && u.ID == c.caller.ObjectID && c.maySeeSelf()
	if !self && !c.mayRead(c.kinds.user) {
		return nil, odata.Forbidden()
	}
	return u, err
}

func (c *call) getMe() (*answer, error) {
	return c.read(func() (*answer, error) {
		u, err := c.self()
		if err != nil {
			return nil, err
		}
		return c.single(c.viewUser(u))
	})
}

func (c *call) getUser(key string) (*answer, error) {
	return c.read(func() (*answer, error) {
		u, err := c.readableUser(key)
		if err != nil {
			return nil, err
		}
		return c.single(c.viewUser(u))
	})
}

func (c *call) showUser(u *directory.User) resource { return c.viewUser(u) }

// indexedUsers asks the index for people.
func (c *call) indexedUsers(b odata.Bound) iter.Seq[resource] {
	t := c.Directory.Users
	switch b.Property {
	case "id":
		return shown(one(t, b.Value), c.showUser)
	case "displayName":
		return shown(t.EachSeen(directory.ByName(b.Value)), c.showUser)
	}
	return shown(t.EachSeen(strings.ToLower(b.Value)), c.showUser)
}

// listUsers costs two units (recorded 2023-08).
func (c *call) userListing() listing {
	return listing{
		kind: c.kinds.user, context: "users", units: 2, lookup: c.indexedUsers,
		objects: shown(c.Directory.Users.AllSeen(), c.showUser),
	}
}
