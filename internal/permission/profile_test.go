package permission_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/permission"
)

const veeam = "veeam-backup-azure"

// The embedded profiles are read strictly: a member that is misspelt would silently ask for nothing.
func TestProfilesAreWhole(t *testing.T) {
	t.Parallel()
	if all := permission.Profiles(); len(all) < 2 || all[0].Name != permission.DefaultProfile || !all[0].IsDefault() || len(all[0].Roles) == 0 {
		t.Fatalf("%d profiles, the first is %s", len(all), all[0].Name)
	}
	for _, p := range permission.Profiles() {
		f, err := os.Open("profiles/" + p.Name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		strict := json.NewDecoder(f)
		strict.DisallowUnknownFields()
		if err := strict.Decode(new(permission.Profile)); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		if p.Version == "" || p.Title == "" || p.Source == "" || p.IsDefault() != (len(p.Purposes) == 0) {
			t.Errorf("%s: version %q, title %q, source %q, %d purposes", p.Name, p.Version, p.Title, p.Source, len(p.Purposes))
		}
		seen := map[string]bool{}
		for _, q := range p.Purposes {
			if seen[strings.ToLower(q.Name)] || q.Name == "" || q.Title == "" || q.Group != "management" && q.Group != "operation" || len(q.Actions) == 0 {
				t.Errorf("%s: purpose %+v", p.Name, q)
			}
			seen[strings.ToLower(q.Name)] = true
			for _, a := range slices.Concat(q.Actions, q.DataActions) {
				if !strings.HasPrefix(strings.ToLower(a), "microsoft.") || strings.ContainsAny(a, " \t") || strings.HasPrefix(a, "*") {
					t.Errorf("%s, %s: %q", p.Name, q.Name, a)
				}
			}
		}
	}
	p, err := permission.Lookup("Veeam-Backup-AZURE")
	if err != nil || p.Version != "8.1" || len(p.Purposes) != 11 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	p, err := permission.Lookup(veeam)
	if err != nil {
		t.Fatal(err)
	}
	var every []string
	for _, q := range p.Purposes {
		every = append(every, q.Name)
	}
	for name, test := range map[string]struct {
		profile      string
		purposes     []string
		want         string
		wantPurposes []string
		field        string
	}{
		"none":              {"", nil, "", nil, ""},
		"default":           {"Default", nil, "", nil, ""},
		"a profile":         {"VEEAM-backup-azure", nil, veeam, nil, ""},
		"in its order":      {veeam, []string{"vnetbackup", "Repository", "repository"}, veeam, []string{"Repository", "VnetBackup"}, ""},
		"every one":         {veeam, every, veeam, nil, ""},
		"no such profile":   {"veeam", nil, "", nil, "profile"},
		"no such purpose":   {veeam, []string{"Repository", "Tape"}, "", nil, "purposes"},
		"purposes of roles": {"", []string{"Repository"}, "", nil, "purposes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, purposes, err := permission.Choose(test.profile, test.purposes)
			if f := fault.From(err); test.field != "" && (f == nil || f.Field != test.field) || test.field == "" && err != nil {
				t.Fatalf("fault %v", err)
			}
			if got != test.want || !slices.Equal(purposes, test.wantPurposes) {
				t.Errorf("%q, %q", got, purposes)
			}
		})
	}
}

// What a role of everything missing adds up to with what is held covers what is required: nothing is forgotten.
func TestGrantingWhatIsMissingIsEnough(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		required, granted := grants().Draw(t, "required"), grants().Draw(t, "granted")
		for i := range required {
			required[i].NotActions = nil // as purposes are
		}
		missing, _ := permission.Missing(required, granted)
		role := permission.Grant{Actions: permission.Reduce(missing)}
		if still, _ := permission.Missing(required, append(granted, role)); still != nil {
			t.Fatalf("missing was %q, granted as %q, and still missing is %q", missing, role.Actions, still)
		}
	})
}

// Nothing is missing that is held, and nothing is granted that is not required: each pattern that is called missing is one
// of the required ones, and not one of them is covered.
func TestMissingIsMinimal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		required, granted := grants().Draw(t, "required"), grants().Draw(t, "granted")
		for i := range required {
			required[i].NotActions = nil
		}
		missing, _ := permission.Missing(required, granted)
		for _, m := range missing {
			if permission.Allows(granted, m) {
				t.Fatalf("%q is held", m)
			}
			if !permission.Allows(required, m) {
				t.Fatalf("%q is not required", m)
			}
		}
	})
}

// Reduce changes nothing about what is allowed, and leaves no pattern that another one contains.
func TestReduce(t *testing.T) {
	t.Parallel()
	every := texts(5)
	rapid.Check(t, func(t *rapid.T) {
		all := patterns(6).Draw(t, "patterns")
		reduced := permission.Reduce(all)
		for _, action := range every {
			if reference([]permission.Grant{actions(all...)}, action) != reference([]permission.Grant{actions(reduced...)}, action) {
				t.Fatalf("%q reduced to %q differ on %q", all, reduced, action)
			}
		}
		for i, p := range reduced {
			rest := slices.Delete(slices.Clone(reduced), i, i+1)
			if permission.Allows([]permission.Grant{actions(rest...)}, p) && slices.ContainsFunc(rest, func(q string) bool { return permission.Allows([]permission.Grant{actions(q)}, p) }) {
				t.Fatalf("%q is left in %q", p, reduced)
			}
		}
	})
}

func TestUnion(t *testing.T) {
	t.Parallel()
	got := permission.Union([]permission.Purpose{
		{Actions: []string{"b/Read", "a/x/read"}, DataActions: []string{"d/read"}},
		{Actions: []string{"B/read", "a/*"}},
	})
	if d := cmp.Diff(permission.Grant{Actions: []string{"a/*", "b/Read"}, DataActions: []string{"d/read"}}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// The tools that read the file want every member, and lists in place of null.
func TestCustomRole(t *testing.T) {
	t.Parallel()
	role := permission.NewCustomRole("R", "D", actions("a/read"), []string{"/subscriptions/s"})
	got, err := json.Marshal(role)
	if want := `{"Name":"R","IsCustom":true,"Description":"D","Actions":["a/read"],"NotActions":[],"DataActions":[],"NotDataActions":[],"AssignableScopes":["/subscriptions/s"]}`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	got, err = json.Marshal(role.Portal())
	if want := `{"properties":{"roleName":"R","description":"D","assignableScopes":["/subscriptions/s"],"permissions":[{"actions":["a/read"],"notActions":[],"dataActions":[],"notDataActions":[]}]}}`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}
