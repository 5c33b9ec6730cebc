package directory_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// What Graph adds is there again after a restart, under the keys that it is looked up by.
func TestReopenGraphObjects(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, folder)
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	properties := map[string]json.RawMessage{"uniqueName": json.RawMessage(`"backup"`)}
	grant := &directory.PermissionGrant{ID: "g", ClientID: "client", ConsentType: "AllPrincipals", ResourceID: "api", Scope: "a b"}
	policy := &directory.AppManagementPolicy{ID: "p", DisplayName: "short", Enabled: true, Restrictions: json.RawMessage(`{"keyCredentials":[]}`), AppliesTo: []string{"app"}}
	byDefault := &directory.DefaultAppManagementPolicy{Enabled: true, Applications: json.RawMessage(`{}`)}
	user := &directory.DeletedUser{User: directory.User{ID: "u", UserPrincipalName: "u@contoso.example", CreatedAt: &at}, DeletedAt: at}
	group := &directory.Group{ID: "gr", DisplayName: "Operators", Members: []string{"M"}, Owners: []string{"o"}, CreatedAt: &at}
	write(t, s, func() {
		s.Applications.Put("app", &directory.Application{ID: "app", AppID: "client-id", Owners: []string{"o"}, Properties: properties})
		s.PermissionGrants.Put("g", grant)
		s.AppPolicies.Put("p", policy)
		s.DefaultPolicies.Put("tenant", byDefault)
		s.DeletedUsers.Put("u", user)
		s.Groups.Put("gr", group)
		s.AppRoleGrants.Put("r", &directory.AppRoleAssignment{ID: "r", PrincipalID: "client", ResourceID: "api", Type: "Group", CreatedAt: at})
	})
	_ = s.Close()
	for range 2 { // as written, and as rewritten at the first opening
		s = open(t, folder)
		s.Read(func() {
			for name, found := range map[string]struct{ want, got any }{
				"grant by client":      {grant, one(s.PermissionGrants.Find("client"))},
				"grant by API":         {grant, one(s.PermissionGrants.Find(directory.ByResource("api")))},
				"policy by its target": {policy, one(s.AppPolicies.Find(directory.ByTarget("app")))},
				"default policy":       {byDefault, one(s.DefaultPolicies.Get("tenant"))},
				"deleted person":       {user, one(s.DeletedUsers.Get("u"))},
				"group by member":      {group, one(s.Groups.Find(directory.ByMember("m")))},
				"group by owner":       {group, one(s.Groups.Find(directory.ByOwner("o")))},
			} {
				if d := cmp.Diff(found.want, found.got); d != "" {
					t.Errorf("%s (-want +got):\n%s", name, d)
				}
			}
			if _, ok := s.AppRoleGrants.Find(directory.ByResource("api")); !ok {
				t.Error("no app role by its API")
			}
			for _, key := range []string{directory.ByUniqueName("backup"), directory.ByOwner("O")} {
				if _, ok := s.Applications.Find(key); !ok {
					t.Errorf("no application under %s", key)
				}
			}
		})
		_ = s.Close()
	}
}

func one[T any](v *T, _ bool) *T { return v }
