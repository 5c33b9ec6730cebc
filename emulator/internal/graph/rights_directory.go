package graph

import (
	"slices"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// Directory roles that more than one right asks for (Microsoft Entra built-in roles).
const (
	globalAdmin    = "Global Administrator"
	userAdmin      = "User Administrator"
	groupsAdmin    = "Groups Administrator"
	privilegeAdmin = "Privileged Role Administrator"
	writers        = "Directory Writers"
)

// delegatedOr is the rule of most rights: an application needs one of the permissions; a person needs one of them or
// Directory.AccessAsUser.All in the token, and one of the directory roles (Microsoft Graph, permissions of each method).
func (c *call) delegatedOr(permissions, roles []string) bool {
	if !c.caller.User {
		return c.holds(permissions...)
	}
	return (c.holds(permissions...) || c.holds(asUser)) && c.personHas(roles...)
}

// mayWriteUsers says whether the caller may create, change and delete people.
func (c *call) mayWriteUsers() bool {
	return c.delegatedOr([]string{usersAll, directoryAll}, []string{globalAdmin, userAdmin, writers})
}

// mayCreateGroup: any member of the directory may create security groups.
func (c *call) mayCreateGroup() bool {
	if !c.caller.User {
		return c.holds("Group.Create", groupsAll, directoryAll)
	}
	return c.holds(groupsAll, directoryAll, asUser) && c.person() != nil
}

// ownsByRight says whether the caller may write a group that it makes without owning it.
func (c *call) ownsByRight() bool {
	if !c.caller.User {
		return c.holds(groupsAll, directoryAll)
	}
	return c.personHas(append(administrators(), groupAdministrators()...)...)
}

func groupAdministrators() []string { return []string{globalAdmin, groupsAdmin, userAdmin, writers} }

// mayWriteSomeGroups says whether the token allows writes of groups, or of their members, at all.
func (c *call) mayWriteSomeGroups(membersOnly bool) bool {
	return c.holds(groupsAll, directoryAll) || membersOnly && c.holds("GroupMember.ReadWrite.All") || c.caller.User && c.holds(asUser) ||
		!c.caller.User && c.holds("Group.Create")
}

// mayWriteGroup says whether the caller may write a group. Of a group that roles can be assigned to, only those who manage
// roles, and its owners, may change the members.
func (c *call) mayWriteGroup(g *directory.Group, membersOnly bool) bool {
	if !c.mayWriteSomeGroups(membersOnly) {
		return false
	}
	if slices.Contains(g.Owners, c.caller.ObjectID) {
		return true
	}
	if string(stored(c.kinds.group, g.Properties, "isAssignableToRole")) == "true" {
		return c.mayManageRoles()
	}
	if c.caller.User {
		return c.personHas(groupAdministrators()...)
	}
	return c.holds(groupsAll, directoryAll) || membersOnly && c.holds("GroupMember.ReadWrite.All")
}

func (c *call) mayManageRoles() bool {
	return c.delegatedOr([]string{"RoleManagement.ReadWrite.Directory"}, []string{globalAdmin, privilegeAdmin})
}

// mayWriteGrants says whether the caller may consent for others.
func (c *call) mayWriteGrants() bool {
	return c.delegatedOr([]string{grantsAll, directoryAll}, append(administrators(), privilegeAdmin))
}

// mayAssignSome says whether the caller may assign app roles at all.
func (c *call) mayAssignSome() bool {
	return c.delegatedOr([]string{"AppRoleAssignment.ReadWrite.All"}, append(administrators(), privilegeAdmin, userAdmin))
}

// mayAssign says whether the caller may assign the roles of an API. An application's permission of Microsoft Graph takes
// an administrator of roles (Microsoft Entra built-in roles, Application Administrator).
func (c *call) mayAssign(api *directory.ServicePrincipal, toApplication bool) bool {
	if !c.caller.User || !toApplication {
		return c.mayAssignSome()
	}
	if api.AppID == graphAppID {
		return c.personHas(globalAdmin, privilegeAdmin)
	}
	return c.personHas(append(administrators(), privilegeAdmin)...)
}

const graphAppID = "00000003-0000-0000-c000-000000000000"

// mayReadPolicies is for the policies on applications.
func (c *call) mayReadPolicies() bool {
	return c.delegatedOr([]string{"Policy.Read.All", "Policy.Read.ApplicationConfiguration", policiesAll},
		append(administrators(), "Security Administrator", "Security Reader", "Global Reader"))
}

func (c *call) mayWritePolicies() bool {
	return c.delegatedOr([]string{policiesAll}, append(administrators(), "Security Administrator"))
}

func (c *call) mayWriteAuthorization() bool {
	return c.delegatedOr([]string{"Policy.ReadWrite.Authorization"}, []string{globalAdmin, privilegeAdmin})
}
