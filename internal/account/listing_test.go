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
