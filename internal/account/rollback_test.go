package account_test

import (
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
)

func TestFormer(t *testing.T) {
	t.Parallel()
	early, late := asOf.Add(-48*time.Hour), asOf.Add(-time.Hour)
	current := account.Credential{ID: "current", Slot: account.Current, KeyID: "k", ApplicationID: "app"}
	for name, tc := range map[string]struct {
		credentials []account.Credential
		want        string
	}{
		"none":                      {nil, ""},
		"the one in use last":       {[]account.Credential{{ID: "a", Slot: account.Retiring, RetiredAt: &early}, {ID: "b", Slot: account.Retiring, RetiredAt: &late}}, "b"},
		"in either order":           {[]account.Credential{{ID: "b", Slot: account.Retiring, RetiredAt: &late}, {ID: "a", Slot: account.Retiring, RetiredAt: &early}}, "b"},
		"no known time":             {[]account.Credential{{ID: "a", Slot: account.Retiring}, {ID: "b", Slot: account.Retiring, RetiredAt: &early}}, "b"},
		"the current one again":     {[]account.Credential{{ID: "a", Slot: account.Retiring, KeyID: "k", ApplicationID: "app"}}, ""},
		"removed":                   {[]account.Credential{{ID: "a", Slot: account.Removed, RetiredAt: &late}}, ""},
		"lost":                      {[]account.Credential{{ID: "a", Slot: account.Lost, RetiredAt: &late, ApplicationID: "app"}}, ""},
		"of a former application":   {[]account.Credential{{ID: "a", Slot: account.Lost, RetiredAt: &late, ApplicationID: "former"}}, "a"},
		"kept goes before the lost": {[]account.Credential{{ID: "a", Slot: account.Lost, RetiredAt: &late, ApplicationID: "former"}, {ID: "b", Slot: account.Retiring, RetiredAt: &early}}, "b"},
	} {
		a := &account.Account{ApplicationID: "app", Credentials: append([]account.Credential{current}, tc.credentials...)}
		got := ""
		if c := a.Former(); c != nil {
			got = c.ID
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}
