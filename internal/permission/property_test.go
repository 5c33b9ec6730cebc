package permission_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/evercred/evercred/internal/permission"
)

// reference is the rule as it stands in Azure's documents, for one action at a time.
func reference(granted []permission.Grant, action string) bool {
	some := func(patterns []string) bool {
		for _, p := range patterns {
			if glob(p, action) {
				return true
			}
		}
		return false
	}
	for _, g := range granted {
		if some(g.Actions) && !some(g.NotActions) {
			return true
		}
	}
	return false
}

func glob(pattern, text string) bool {
	if pattern == "" {
		return text == ""
	}
	if pattern[0] == '*' {
		return glob(pattern[1:], text) || text != "" && glob(pattern, text[1:])
	}
	return text != "" && strings.EqualFold(pattern[:1], text[:1]) && glob(pattern[1:], text[1:])
}

// texts are all those over a, b and / of up to n letters.
func texts(n int) []string {
	found, last := []string{""}, []string{""}
	for range n {
		var next []string
		for _, t := range last {
			next = append(next, t+"a", t+"b", t+"/")
		}
		found, last = append(found, next...), next
	}
	return found
}

func patterns(most int) *rapid.Generator[[]string] {
	return rapid.SliceOfN(rapid.StringOfN(rapid.SampledFrom([]rune("aAb/**")), 0, 4, -1), 0, most)
}

func grants() *rapid.Generator[[]permission.Grant] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) permission.Grant {
		return permission.Grant{Actions: patterns(3).Draw(t, "actions"), NotActions: patterns(2).Draw(t, "notActions")}
	}), 0, 4)
}

// What is called covered is granted, one by one; and what a pattern is reported for is written in required.
func TestMissingIsSound(t *testing.T) {
	t.Parallel()
	every := texts(6)
	rapid.Check(t, func(t *rapid.T) {
		required, granted := grants().Draw(t, "required"), grants().Draw(t, "granted")
		missing, _ := permission.Missing(required, granted)
		reported := map[string]bool{}
		for _, m := range missing {
			reported[strings.ToLower(m)] = true
		}
		for _, action := range every {
			for _, r := range required {
				for _, p := range r.Actions {
					one := permission.Grant{Actions: []string{p}, NotActions: r.NotActions}
					if !reported[strings.ToLower(p)] && reference([]permission.Grant{one}, action) && !reference(granted, action) {
						t.Fatalf("%q is asked for by %q and not granted, but nothing of it is reported", action, p)
					}
				}
			}
		}
	})
}

// For single actions the answer is exact.
func TestAllowsIsExact(t *testing.T) {
	t.Parallel()
	every := texts(5)
	rapid.Check(t, func(t *rapid.T) {
		granted := grants().Draw(t, "granted")
		for _, action := range every {
			if got, want := permission.Allows(granted, action), reference(granted, action); got != want {
				t.Fatalf("%q: got %v", action, got)
			}
		}
	})
}

// Whoever has something has it, and more roles never take away.
func TestMissingIsMonotone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		granted, more := grants().Draw(t, "granted"), grants().Draw(t, "more")
		if missing, _ := permission.Missing([]permission.Grant{{Actions: []string{"*"}}}, append([]permission.Grant{{Actions: []string{"*"}}}, more...)); missing != nil {
			t.Fatalf("everything is granted, and missing is %q", missing)
		}
		if missing, _ := permission.Missing(granted, append(more, granted...)); missing != nil {
			t.Fatalf("granted as asked, and missing is %q", missing)
		}
	})
}

func FuzzMissing(f *testing.F) {
	f.Add("*", "Microsoft.Authorization/*/Write", "*", "*/write")
	f.Add("a/*/b", "", "a/*", "a/*/c")
	f.Add("\xff", "", "\xfe", "")
	f.Add("\x00*\xff", "**", "*\xc3*", "K")
	f.Fuzz(func(t *testing.T, asked, less, has, not string) {
		required := []permission.Grant{{Actions: []string{asked}, NotActions: []string{less}}}
		granted := []permission.Grant{{Actions: []string{has}, NotActions: []string{not}}}
		missing, data := permission.Missing(required, granted)
		if len(missing) > 1 || data != nil || len(missing) == 1 && missing[0] != asked {
			t.Fatalf("missing %q, %q", missing, data)
		}
		if !strings.Contains(asked, "*") {
			// A single action: asked for unless it is its own exception, and then granted or reported.
			wanted := permission.Allows(required, asked)
			if (len(missing) == 1) != (wanted && !permission.Allows(granted, asked)) {
				t.Fatalf("missing %q", missing)
			}
		}
	})
}

func BenchmarkMissing(b *testing.B) {
	profile := permission.Grant{}
	for i := range 170 {
		profile.Actions = append(profile.Actions, fmt.Sprintf("Microsoft.Service%d/resources/kind%d/action", i%17, i))
	}
	required := []permission.Grant{contributor(), profile}
	granted := []permission.Grant{
		actions("*/read"), actions("Microsoft.Authorization/*/read", "Microsoft.KeyVault/vaults/*/read", "Microsoft.Support/*"),
		contributor(), actions("Microsoft.Storage/*"), actions("Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action"),
	}
	for b.Loop() {
		if missing, _ := permission.Missing(required, granted); missing != nil {
			b.Fatal(missing)
		}
	}
}
