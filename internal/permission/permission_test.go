package permission_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/permission"
)

func actions(allow ...string) permission.Grant { return permission.Grant{Actions: allow} }

func (g grant) but(not ...string) permission.Grant {
	return permission.Grant{Actions: g.Actions, NotActions: not}
}

type grant permission.Grant

func all(allow ...string) grant { return grant{Actions: allow} }

// contributor is Azure's role of that name.
func contributor() permission.Grant {
	return all("*").but(
		"Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write", "Microsoft.Authorization/elevateAccess/Action",
		"Microsoft.Blueprint/blueprintAssignments/write", "Microsoft.Blueprint/blueprintAssignments/delete",
		"Microsoft.Compute/galleries/share/action", "Microsoft.Purview/consents/write", "Microsoft.Purview/consents/delete",
		"Microsoft.Resources/deploymentStacks/manageDenySetting/action")
}

func TestAllows(t *testing.T) {
	t.Parallel()
	accessAdmin := actions("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*")
	tests := map[string]struct {
		granted []permission.Grant
		action  string
		want    bool
	}{
		"nothing":                      {nil, "a/read", false},
		"letter":                       {[]permission.Grant{actions("A/Read")}, "a/rEAD", true},
		"a star spans slashes":         {[]permission.Grant{actions("*/read")}, "Microsoft.Compute/virtualMachines/read", true},
		"a star needs what follows":    {[]permission.Grant{actions("*/read")}, "read", false},
		"a star takes nothing":         {[]permission.Grant{actions("a*b")}, "ab", true},
		"two stars":                    {[]permission.Grant{actions("a/*/b/*/c")}, "a/1/b/2/b/3/c", true},
		"parts do not overlap":         {[]permission.Grant{actions("ab*ba")}, "aba", false},
		"contributor works":            {[]permission.Grant{contributor()}, "Microsoft.Compute/virtualMachines/write", true},
		"contributor assigns no roles": {[]permission.Grant{contributor()}, "microsoft.authorization/roleassignments/write", false},
		"notActions stay at home":      {[]permission.Grant{contributor(), accessAdmin}, "Microsoft.Authorization/roleAssignments/write", true},
		"data is another matter":       {[]permission.Grant{{DataActions: []string{"*"}}}, "a/read", false},
		"a pattern, all of it":         {[]permission.Grant{actions("a/*")}, "a/b*", true},
		"a pattern, not all of it":     {[]permission.Grant{actions("a/b")}, "a/*", false},
		"an empty pattern":             {[]permission.Grant{actions("")}, "a", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := permission.Allows(test.granted, test.action); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
	keys := []permission.Grant{{DataActions: []string{"Microsoft.KeyVault/vaults/keys/*"}, NotDataActions: []string{"*/purge/action"}}}
	if !permission.AllowsData(keys, "microsoft.keyvault/vaults/keys/wrap/action") || permission.AllowsData(keys, "Microsoft.KeyVault/vaults/keys/purge/action") {
		t.Error("data actions are not judged by dataActions less notDataActions")
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	owner := actions("*")
	tests := map[string]struct {
		required, granted []permission.Grant
		want              []string
	}{
		"nothing asked":           {nil, nil, nil},
		"nothing granted":         {[]permission.Grant{actions("a/read", "b/*")}, nil, []string{"a/read", "b/*"}},
		"contributor by itself":   {[]permission.Grant{contributor()}, []permission.Grant{contributor()}, nil},
		"contributor by owner":    {[]permission.Grant{contributor()}, []permission.Grant{owner}, nil},
		"owner by contributor":    {[]permission.Grant{owner}, []permission.Grant{contributor()}, []string{"*"}},
		"contributor by reader":   {[]permission.Grant{contributor()}, []permission.Grant{actions("*/read")}, []string{"*"}},
		"each once, as written":   {[]permission.Grant{actions("A/x", "B/x"), actions("a/X")}, nil, []string{"A/x", "B/x"}},
		"spelling":                {[]permission.Grant{actions("Microsoft.Storage/*")}, []permission.Grant{actions("microsoft.STORAGE/*")}, nil},
		"a wider pattern":         {[]permission.Grant{actions("a/*/read")}, []permission.Grant{actions("a/*")}, nil},
		"a narrower pattern":      {[]permission.Grant{actions("a/*")}, []permission.Grant{actions("a/*/read")}, []string{"a/*"}},
		"beside":                  {[]permission.Grant{actions("a/*/read")}, []permission.Grant{actions("a/b/*")}, []string{"a/*/read"}},
		"own notActions":          {[]permission.Grant{all("a/*").but("a/b/*")}, []permission.Grant{all("a/*").but("a/b/*")}, nil},
		"wider notActions":        {[]permission.Grant{all("a/*").but("a/b/*")}, []permission.Grant{all("a/*").but("a/b/*", "a/c/*")}, []string{"a/*"}},
		"narrower notActions":     {[]permission.Grant{all("a/*").but("a/b/*")}, []permission.Grant{all("a/*").but("a/b/c")}, nil},
		"another's notActions":    {[]permission.Grant{all("a/*").but("a/b/*"), actions("a/b/c")}, []permission.Grant{all("a/*").but("a/b/*")}, []string{"a/b/c"}},
		"all within own not":      {[]permission.Grant{all("a/b/c").but("a/b/*")}, nil, nil},
		"filled by another":       {[]permission.Grant{owner}, []permission.Grant{contributor(), actions("Microsoft.Authorization/*"), actions("Microsoft.Blueprint/*", "Microsoft.Compute/*"), actions("Microsoft.Purview/*", "Microsoft.Resources/*")}, nil},
		"filled by a third's gap": {[]permission.Grant{actions("*")}, []permission.Grant{all("*").but("a/*"), all("a/*").but("a/b/*"), actions("a/b/*")}, nil},
		"gaps that meet":          {[]permission.Grant{actions("*")}, []permission.Grant{all("*").but("a/*"), all("*").but("*/b")}, []string{"*"}},
		"gaps that do not meet":   {[]permission.Grant{actions("*")}, []permission.Grant{all("*").but("a/*"), all("*").but("b/*")}, nil},
		"gap outside the asked":   {[]permission.Grant{actions("a/*")}, []permission.Grant{all("*").but("b/*")}, nil},
		"gap across the asked":    {[]permission.Grant{actions("a/*")}, []permission.Grant{all("*").but("*/write")}, []string{"a/*"}},
		"gap across, filled":      {[]permission.Grant{actions("a/*")}, []permission.Grant{all("*").but("*/write"), actions("*/write")}, nil},
		"a role that gives back":  {[]permission.Grant{actions("a/*")}, []permission.Grant{all("a/*").but("a/*")}, []string{"a/*"}},
		"gives back, and a gap":   {[]permission.Grant{actions("a/*")}, []permission.Grant{all("a/*").but("a/*"), all("*").but("a/b")}, []string{"a/*"}},
		"assigned twice":          {[]permission.Grant{actions("a/b")}, []permission.Grant{all("*").but("a/b"), all("*").but("A/b")}, []string{"a/b"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, data := permission.Missing(test.required, test.granted)
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("missing (-want +got):\n%s", d)
			}
			if data != nil {
				t.Errorf("data actions missing: %q", data)
			}
		})
	}
}

func TestMissingDataActions(t *testing.T) {
	t.Parallel()
	officer := permission.Grant{
		Actions:     []string{"Microsoft.KeyVault/vaults/*/read"},
		DataActions: []string{"Microsoft.KeyVault/vaults/keys/*", "Microsoft.KeyVault/vaults/keyrotationpolicies/*"},
	}
	gotActions, gotData := permission.Missing([]permission.Grant{officer}, []permission.Grant{contributor()})
	if gotActions != nil {
		t.Errorf("actions missing: %q", gotActions)
	}
	if d := cmp.Diff(officer.DataActions, gotData); d != "" {
		t.Errorf("data actions (-want +got):\n%s", d)
	}
}
