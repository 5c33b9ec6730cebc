package account_test

import (
	"testing"

	"github.com/evercred/evercred/internal/account"
)

func TestRollsItself(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*account.Account)
		want   bool
	}{
		"a certificate":                   {func(*account.Account) {}, true},
		"not checked":                     {func(a *account.Account) { a.Check = nil }, true},
		"a secret":                        {func(a *account.Account) { a.Credentials[0].Kind = account.Secret }, false},
		"no credential":                   {func(a *account.Account) { a.Credentials = nil }, false},
		"expired":                         {func(a *account.Account) { a.Credentials[0].ExpiresAt = &asOf }, false},
		"the object id is not known":      {func(a *account.Account) { a.ApplicationObjectID = "" }, false},
		"known to be off the application": {func(a *account.Account) { a.Check.State = account.CertificateMismatch }, false},
		"another one was off it":          {func(a *account.Account) { a.Check.State, a.Check.CredentialID = account.CertificateMismatch, "before" }, true},
	} {
		a := someone(account.Created, account.Certificate, account.Valid)
		a.ApplicationObjectID = "object"
		tc.change(a)
		if got := a.RollsItself(asOf); got != tc.want {
			t.Errorf("%s: %t, want %t", name, got, tc.want)
		}
	}
}
