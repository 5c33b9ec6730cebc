package entra

import "github.com/evercred/evercred/emulator/internal/directory"

// asGuest makes the person of a grant the guest that the person is at the tenant asked, and refuses who is none (Microsoft
// Entra, authentication and authorization error codes: 50020, 500571). In the one directory nothing changes.
func (x *exchanged) asGuest(g *grant, c *client) *failure {
	if x.other == nil {
		return nil
	}
	guest, ok := x.other.Guests[g.user.ID]
	switch {
	case !ok:
		return fail(invalidGrant, 50020, "User account '%s' from identity provider '%s' does not exist in tenant '%s' and cannot access the application '%s'(%s) in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different Azure Active Directory user account.",
			g.user.UserPrincipalName, x.sts(x.tenantID), x.tenant.DisplayName, c.id, c.name())
	case guest.Disabled:
		return fail(invalidGrant, 500571, "The guest user account is disabled.")
	}
	there := directory.User{
		ID: x.other.GuestID(g.user.ID), UserPrincipalName: g.user.UserPrincipalName, DisplayName: g.user.DisplayName,
		GivenName: g.user.GivenName, Surname: g.user.Surname, Roles: guest.Roles, AccessRules: guest.AccessRules, ValidFrom: g.user.ValidFrom,
	}
	g.user = &there
	return nil
}
