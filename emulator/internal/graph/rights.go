package graph

import (
	"slices"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// Directory roles that may write any application (Microsoft Entra built-in roles).
func administrators() []string {
	return []string{"Global Administrator", "Application Administrator", "Cloud Application Administrator"}
}

const developer = "Application Developer" // may register applications even where members may not

// holds says whether the token has one of the permissions: as a scope for a person, as a role for an application.
func (c *call) holds(permissions ...string) bool {
	have := c.caller.Roles
	if c.caller.User {
		have = c.caller.Scopes
	}
	return slices.ContainsFunc(permissions, func(p string) bool { return slices.Contains(have, p) })
}

const (
	readWriteAll = "Application.ReadWrite.All"
	ownedBy      = "Application.ReadWrite.OwnedBy"
	asUser       = "Directory.AccessAsUser.All" // delegated only
	directoryAll = "Directory.ReadWrite.All"
	usersAll     = "User.ReadWrite.All"
	groupsAll    = "Group.ReadWrite.All"
	grantsAll    = "DelegatedPermissionGrant.ReadWrite.All"
	policiesAll  = "Policy.ReadWrite.ApplicationConfiguration"
)

// person is the signed-in user as the primary has it now: roles that are taken away count at once.
func (c *call) person() *directory.User {
	if !c.caller.User {
		return nil
	}
	u, _ := c.Directory.Users.Get(c.caller.ObjectID)
	return u
}

func (c *call) personHas(roles ...string) bool {
	u := c.person()
	return u != nil && slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(u.Roles, r) })
}

// mayRead says whether the caller may read objects of a kind. Without it an application cannot even read itself.
func (c *call) mayRead(k *odata.Kind) bool {
	switch k {
	case c.kinds.appPolicy, c.kinds.defaultPolicy, c.kinds.authorization:
		return c.mayReadPolicies()
	}
	if c.holds("Directory.Read.All", directoryAll) || c.caller.User && c.holds(asUser) {
		return true
	}
	switch k {
	case c.kinds.application, c.kinds.servicePrincipal:
		return c.holds("Application.Read.All", "Application.ReadUpdate.All", readWriteAll) || !c.caller.User && c.holds(ownedBy)
	case c.kinds.user:
		return c.holds("User.Read.All", usersAll) || c.caller.User && c.holds("User.ReadBasic.All")
	case c.kinds.group:
		return c.holds("Group.Read.All", groupsAll, "GroupMember.Read.All", "GroupMember.ReadWrite.All")
	case c.kinds.directoryRole:
		return c.holds("RoleManagement.Read.Directory", "RoleManagement.ReadWrite.Directory")
	case c.kinds.organization:
		return c.holds("Organization.Read.All", "Organization.ReadWrite.All") || c.caller.User && c.holds("User.Read")
	case c.kinds.domain:
		return c.holds("Domain.Read.All", "Domain.ReadWrite.All")
	case c.kinds.grant:
		return c.holds("DelegatedPermissionGrant.Read.All", grantsAll)
	}
	return false
}

// maySeeSelf is for /me: any token that a person got for Graph with a user permission.
func (c *call) maySeeSelf() bool {
	return c.holds("User.Read", "User.ReadWrite", "User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All",
		"Directory.Read.All", directoryAll, asUser)
}

// mayWriteSome says whether the token allows writes of applications at all; which ones is up to mayWrite.
func (c *call) mayWriteSome() bool {
	if c.caller.User {
		return c.holds(readWriteAll, asUser, directoryAll)
	}
	return c.holds(readWriteAll, directoryAll, ownedBy)
}

// mayWrite says whether the caller may write an application or service principal with these owners.
func (c *call) mayWrite(owners []string) bool {
	if !c.mayWriteSome() {
		return false
	}
	owned := slices.Contains(owners, c.caller.ObjectID)
	if c.caller.User {
		return c.personHas(administrators()...) || owned && c.person() != nil
	}
	return c.holds(readWriteAll, directoryAll) || owned
}

// mayCreate says whether the caller may register an application.
func (c *call) mayCreate() bool {
	if !c.mayWriteSome() {
		return false
	}
	if !c.caller.User {
		return true
	}
	if c.personHas(append(administrators(), developer)...) {
		return true
	}
	t, ok := c.Directory.Tenants.Get(c.TenantID)
	return c.person() != nil && ok && t.UsersRegister
}
