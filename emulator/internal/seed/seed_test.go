package seed_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/emulator/internal/arm"
	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/seed"
)

func filled(t *testing.T, folder string) *directory.Store {
	t.Helper()
	s, err := directory.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := seed.Fill(s, arm.BuiltInRoles()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFillIsOneWriteAndDoneOnce(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := filled(t, folder)
	path := filepath.Join(folder, "state.jsonl")
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, b := range first {
		if b == '\n' {
			lines++
		}
	}
	if lines != 1 {
		t.Errorf("%d writes, want 1: a kill between them would leave half a tenant", lines)
	}
	// What people changed since stays changed.
	if err := s.Write(func() error {
		a, ok := s.Applications.Find(seed.ProdApplicationID)
		if !ok {
			return errors.New("backup-prod is missing")
		}
		s.Applications.Delete(a.ID)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := seed.Fill(s, arm.BuiltInRoles()); err != nil {
		t.Fatal(err)
	}
	s.Read(func() {
		if _, ok := s.Applications.Find(seed.ProdApplicationID); ok {
			t.Error("a deleted application came back")
		}
	})
}

func TestRolesOnSubscriptions(t *testing.T) {
	t.Parallel()
	s := filled(t, "")
	s.Read(func() {
		held := func(principal string) map[string][]string {
			m := map[string][]string{}
			for _, a := range s.RoleAssignments.All() {
				if a.PrincipalID != principal {
					continue
				}
				role, ok := s.RoleDefinitions.Get(a.RoleID)
				if !ok {
					t.Fatalf("the role %s of an assignment does not exist", a.RoleID)
				}
				m[a.Scope] = append(m[a.Scope], role.Name)
			}
			return m
		}
		both := func(roles ...string) map[string][]string {
			return map[string][]string{"/subscriptions/" + seed.ProductionID: roles, "/subscriptions/" + seed.TestID: roles}
		}
		want := map[string]map[string][]string{
			seed.UserID(seed.Owner):               both("Owner"),
			seed.UserID(seed.AccessAdmin):         both("User Access Administrator"),
			seed.UserID(seed.Contributor):         both("Contributor"),
			seed.UserID(seed.Reader):              both("Reader"),
			seed.UserID(seed.OwnerNoEntra):        both("Owner"),
			seed.UserID(seed.Blocked):             both("Owner"),
			seed.TestApp().ServicePrincipalID:     both("Owner", "Key Vault Crypto Officer"),
			seed.UserID("nobody@contoso.example"): {},
		}
		want[seed.TestApp().ServicePrincipalID]["/providers/Microsoft.Management/managementGroups/"+seed.TenantID] = []string{"Owner"}
		want[seed.UserID(seed.AccessAdmin)]["/providers/Microsoft.Management/managementGroups/"+seed.ManagementGroup] = []string{"User Access Administrator"}
		for _, a := range seed.Applications() {
			want[a.ServicePrincipalID] = both("Contributor", "Key Vault Crypto Officer")
			if a.AppID == seed.SQLApplicationID {
				want[a.ServicePrincipalID]["/subscriptions/"+seed.TestID] = []string{"Contributor"}
			}
		}
		for principal, roles := range want {
			if d := cmp.Diff(roles, held(principal)); d != "" {
				t.Errorf("roles of %s (-want +got):\n%s", principal, d)
			}
		}
	})
}

func TestArchiveIsSoftDeleted(t *testing.T) {
	t.Parallel()
	s := filled(t, "")
	s.Read(func() {
		for _, a := range seed.Applications() {
			app, ok := s.Applications.Get(a.ObjectID)
			sp, ok2 := s.ServicePrincipals.Get(a.ServicePrincipalID)
			if !ok || !ok2 || app.AppID != a.AppID || sp.AppID != a.AppID {
				t.Fatalf("%s is not there whole", a.Name)
			}
			archive := a.AppID == seed.ArchiveApplicationID
			if (app.DeletedAt != nil) != archive || (sp.DeletedAt != nil) != archive {
				t.Errorf("%s: deleted %v and %v", a.Name, app.DeletedAt, sp.DeletedAt)
			}
			if archive {
				if ago := s.Now().Sub(*app.DeletedAt); ago < 71*time.Hour || ago > 73*time.Hour {
					t.Errorf("%s was deleted %v ago, want three days", a.Name, ago)
				}
			}
		}
		if _, ok := s.Applications.Find(seed.DRApplicationID); ok {
			t.Error("the application that is gone for good exists")
		}
	})
}
