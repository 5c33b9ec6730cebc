package seed

import (
	"crypto/rand"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
)

const day = 24 * time.Hour

// Fill puts what is missing: everything at the first start, later only built-in roles that a newer emulator knows.
// It is one Write, so that a kill leaves all of it or nothing.
func Fill(store *directory.Store, roles []*directory.RoleDefinition) error {
	return store.Write(func() error {
		for _, r := range roles {
			if _, ok := store.RoleDefinitions.Get(r.ID); !ok {
				store.RoleDefinitions.Put(r.ID, r)
			}
		}
		s := seeder{store, store.Now().Truncate(time.Second)}
		if _, ok := store.ServicePrincipals.Get(ManagedIdentity().ObjectID); !ok {
			s.managedIdentity() // folders of older emulators have none
		}
		if _, ok := store.Tenants.Get(TenantID); !ok {
			s.tenant()
			s.people()
			s.microsoft()
			s.testApplication()
			s.demoApplications()
		}
		return nil
	})
}

type seeder struct {
	*directory.Store
	now time.Time
}

func (s seeder) tenant() {
	s.Tenants.Put(TenantID, &directory.Tenant{
		ID: TenantID, Domain: Domain, DisplayName: "Contoso", CountryCode: "DE",
		CreatedAt: s.now.Add(-900 * day), UsersRegister: true, Others: otherTenants(),
	})
	s.ManagementGroups.Put(TenantID, &directory.ManagementGroup{ID: TenantID, DisplayName: "Tenant Root Group"})
	s.ManagementGroups.Put(ManagementGroup, &directory.ManagementGroup{
		ID: ManagementGroup, DisplayName: "Contoso Landing Zones", Parent: TenantID,
	})
	names := map[string]string{ProductionID: "Contoso Production", TestID: "Contoso Test"}
	for _, sub := range Subscriptions() {
		s.Subscriptions.Put(sub, &directory.Subscription{ID: sub, DisplayName: names[sub], Parent: ManagementGroup})
		s.ResourceGroups.Put(sub+"/"+ResourceGroup, &directory.ResourceGroup{
			Subscription: sub, Name: ResourceGroup, Location: resourceLocation,
		})
	}
}

func (s seeder) people() {
	for _, p := range []struct {
		name, given, surname, role string
		directoryRoles             []string
		blocked                    bool
	}{
		{Owner, "Olivia", "Owen", roleOwner, []string{"Application Administrator"}, false},
		{AccessAdmin, "Ulrich", "Adam", roleAccessAdmin, []string{"Cloud Application Administrator"}, false},
		{Contributor, "Conny", "Brandt", roleContributor, nil, false},
		{Reader, "Rita", "Reader", roleReader, nil, false},
		{OwnerNoEntra, "Noel", "Entwistle", roleOwner, nil, false},
		{Blocked, "Bruno", "Locke", roleOwner, []string{"Application Administrator"}, true},
	} {
		u := &directory.User{
			ID: UserID(p.name), UserPrincipalName: p.name, DisplayName: p.given + " " + p.surname,
			GivenName: p.given, Surname: p.surname, Roles: p.directoryRoles, DeviceCodeBlocked: p.blocked,
		}
		s.Users.Put(u.ID, u)
		for _, sub := range Subscriptions() {
			s.assign(sub, p.role, u.ID, "User")
		}
	}
	// The one person who sees management groups.
	s.assignAt("/providers/Microsoft.Management/managementGroups/"+ManagementGroup, roleAccessAdmin, UserID(AccessAdmin), "User")
}

// register puts an application with its service principal and its roles on the subscriptions.
func (s seeder) register(a Application, created time.Time, deleted *time.Time, roles map[string][]string) *directory.Application {
	app := &directory.Application{
		ID: a.ObjectID, AppID: a.AppID, DisplayName: a.Name, SignInAudience: "AzureADMyOrg",
		CreatedAt: created, DeletedAt: deleted, Owners: []string{UserID(Owner)},
	}
	s.Applications.Put(app.ID, app)
	s.ServicePrincipals.Put(a.ServicePrincipalID, &directory.ServicePrincipal{
		ID: a.ServicePrincipalID, AppID: a.AppID, DisplayName: a.Name, Enabled: true, CreatedAt: created, DeletedAt: deleted,
	})
	for _, sub := range Subscriptions() {
		for _, role := range roles[sub] {
			s.assign(sub, role, a.ServicePrincipalID, "ServicePrincipal")
		}
	}
	return app
}

func (s seeder) testApplication() {
	roles := []string{roleOwner, roleCryptoOfficer}
	a := TestApp()
	s.register(a, s.now, nil, map[string][]string{ProductionID: roles, TestID: roles})
	// So that management groups can be tried: nobody else has a right at the root.
	s.assignAt("/providers/Microsoft.Management/managementGroups/"+TenantID, roleOwner, a.ServicePrincipalID, "ServicePrincipal")
	for _, p := range graphRoles() {
		if !p.granted {
			continue
		}
		g := &directory.AppRoleAssignment{
			ID: id("app role", a.AppID+p.id), PrincipalID: a.ServicePrincipalID, ResourceID: id("service principal", graphAppID),
			RoleID: p.id, RoleValue: p.value, CreatedAt: s.now,
		}
		s.AppRoleGrants.Put(g.ID, g)
	}
}

func (s seeder) demoApplications() {
	for _, a := range Applications() {
		full := []string{roleContributor, roleCryptoOfficer}
		roles := map[string][]string{ProductionID: full, TestID: full}
		created := s.now.Add(-200 * day)
		switch a.AppID {
		case ArchiveApplicationID:
			deleted := s.now.Add(-3 * day)
			s.register(a, created, &deleted, roles)
		case SQLApplicationID:
			roles[TestID] = []string{roleContributor}
			app := *s.register(a, created, nil, roles)
			app.Passwords = []directory.Password{
				s.password(a, "Created in the portal", s.now.Add(-100*day), s.now.Add(80*day)),
				s.password(a, "nightly-export", s.now.Add(-190*day), s.now.Add(540*day)),
			}
			s.Applications.Put(app.ID, &app)
		default:
			s.register(a, created, nil, roles)
		}
	}
}

// password is a secret that somebody else made and nobody here knows.
func (s seeder) password(a Application, name string, start, end time.Time) directory.Password {
	text := rand.Text()
	hint := text[:3]
	return directory.Password{
		KeyID: id("password", a.AppID+name), DisplayName: &name, Hint: &hint, Hash: directory.HashSecret(text),
		Start: start, End: end,
	}
}

func (s seeder) assign(subscription, role, principal, principalType string) {
	s.assignAt("/subscriptions/"+subscription, role, principal, principalType)
}

func (s seeder) assignAt(scope, role, principal, principalType string) {
	name := id("role assignment", scope+role+principal)
	at := s.now.Add(-200 * day)
	s.RoleAssignments.Put(strings.ToLower(scope+"/providers/Microsoft.Authorization/roleAssignments/"+name), &directory.RoleAssignment{
		Name: name, Scope: scope, RoleID: role, PrincipalID: principal, PrincipalType: principalType,
		CreatedAt: at, UpdatedAt: at, CreatedBy: UserID(Owner), UpdatedBy: UserID(Owner),
	})
}
