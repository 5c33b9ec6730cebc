package seed

import (
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// Register puts an application with its service principal, and with the roles of a service account on the first
// subscription. Only inside Store.Write.
func Register(store *directory.Store, a Application, now time.Time) {
	seeder{store, now}.register(a, now, nil, map[string][]string{ProductionID: {roleContributor, roleCryptoOfficer}})
}

// Grant gives a service principal an application permission in Microsoft Graph by its name. Only inside Store.Write.
func Grant(store *directory.Store, principalID, permission string, now time.Time) {
	for _, p := range graphRoles() {
		if p.value == permission {
			g := &directory.AppRoleAssignment{
				ID: id("app role", principalID+p.id), PrincipalID: principalID, ResourceID: id("service principal", graphAppID),
				RoleID: p.id, RoleValue: p.value, CreatedAt: now,
			}
			store.AppRoleGrants.Put(g.ID, g)
		}
	}
}
