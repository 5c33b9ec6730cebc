package account_test

import (
	"testing"

	"github.com/evercred/evercred/internal/account"
)

func TestPermissionState(t *testing.T) {
	t.Parallel()
	sub := func(id, result string, roles ...account.RoleCheck) account.SubscriptionCheck {
		return account.SubscriptionCheck{ID: id, Result: result, Roles: roles}
	}
	ok, missing := account.RoleCheck{Role: "r", Result: account.ResultOK}, account.RoleCheck{Role: "r", Result: account.ResultMissing}
	for name, c := range map[string]struct {
		check *account.Check
		want  account.Permissions
		n     int
	}{
		"never":                {nil, account.PermissionsNotChecked, 0},
		"of another":           {&account.Check{CredentialID: "old"}, account.PermissionsNotChecked, 0},
		"did not get there":    {&account.Check{CredentialID: "c", Subscriptions: []account.SubscriptionCheck{sub("s", account.ResultNotChecked), sub("s2", account.ResultNotChecked)}}, account.PermissionsUnknown, 0},
		"held":                 {&account.Check{CredentialID: "c", Subscriptions: []account.SubscriptionCheck{sub("s", account.ResultOK, ok), sub("s2", account.ResultOK, ok)}}, account.PermissionsHeld, 0},
		"missing":              {&account.Check{CredentialID: "c", Subscriptions: []account.SubscriptionCheck{sub("s", account.ResultNotChecked), sub("s2", account.ResultMissing, missing)}}, account.PermissionsLacking, 1},
		"partly unknown":       {&account.Check{CredentialID: "c", Subscriptions: []account.SubscriptionCheck{sub("s", account.ResultOK, ok), sub("s2", account.ResultNotChecked)}}, account.PermissionsUnknown, 0},
		"of a scope of before": {&account.Check{CredentialID: "c", Subscriptions: []account.SubscriptionCheck{sub("s", account.ResultOK, ok)}}, account.PermissionsNotChecked, 0},
	} {
		a := &account.Account{
			RoleSet: []string{"r"}, Subscriptions: []account.Subscription{{ID: "s"}, {ID: "s2"}}, Check: c.check,
			Credentials: []account.Credential{{ID: "c", Slot: account.Current}},
		}
		if got, n := a.PermissionState(); got != c.want || n != c.n {
			t.Errorf("%s: %s %d, want %s %d", name, got, n, c.want, c.n)
		}
	}
}

func TestSeveritiesAreAnOrder(t *testing.T) {
	t.Parallel()
	for i, s := range account.States() {
		if s == "" || account.Severity(s) != i {
			t.Errorf("%q has severity %d at place %d", s, account.Severity(s), i)
		}
	}
}

// A check tells how an account stands as long as it asks for the same of the same scope.
func TestACheckOfAnotherScopeIsStale(t *testing.T) {
	t.Parallel()
	subs := func(ids ...string) (out []account.Subscription) {
		for _, id := range ids {
			out = append(out, account.Subscription{ID: id})
		}
		return out
	}
	const gone = "The scope has changed since the last check."
	for name, c := range map[string]struct {
		scope   []account.Subscription
		group   string
		checked []account.Subscription
		unread  string
		want    string
	}{
		"the same":                       {scope: subs("a", "b"), checked: subs("B", "a")},
		"one more":                       {scope: subs("a", "b"), checked: subs("a"), want: gone},
		"one less":                       {scope: subs("a"), checked: subs("a", "b"), want: gone},
		"all that the application sees":  {checked: subs("a", "b")},
		"a group in place of them":       {group: "g", checked: subs("a", "b"), want: gone},
		"a group":                        {group: "g", scope: subs("a"), checked: subs("a")},
		"a group that could not be read": {group: "g", checked: subs("a"), unread: "why"},
	} {
		a := &account.Account{Subscriptions: c.scope, ManagementGroup: c.group, Check: &account.Check{GroupReason: c.unread}}
		for _, s := range c.checked {
			a.Check.Subscriptions = append(a.Check.Subscriptions, account.SubscriptionCheck{ID: s.ID, Result: account.ResultOK})
		}
		if got := a.CheckStale(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A scope is called by the name that the account, or its last check, knows.
func TestScopeWords(t *testing.T) {
	t.Parallel()
	a := &account.Account{
		Subscriptions: []account.Subscription{{ID: "id-1", Name: "Production"}, {ID: "id-2"}},
		Check:         &account.Check{Subscriptions: []account.SubscriptionCheck{{ID: "ID-2", Name: "Development"}}},
	}
	for scope, want := range map[string]string{
		"/subscriptions/ID-1": "Production", "/subscriptions/id-2": "Development", "/subscriptions/id-3": "subscription id-3",
		account.ManagementGroupScope("mg"): "management group mg", "/subscriptions/id-1/resourceGroups/g": "/subscriptions/id-1/resourceGroups/g",
	} {
		if got := a.ScopeWords(scope); got != want {
			t.Errorf("%s: %q, want %q", scope, got, want)
		}
	}
	var nobody *account.Account
	if got := nobody.ScopeWords("/subscriptions/id-1"); got != "subscription id-1" {
		t.Errorf("of no account: %q", got)
	}
}
