package account_test

import (
	"testing"
	"time"

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

func TestRenewalDue(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, tc := range map[string]struct {
		policy     account.Policy
		start, end time.Duration // from now
		want       bool
	}{
		"by a person":                     {account.Policy{}, -300 * day, day, false},
		"long before its end":             {account.Policy{Automatic: true}, -100 * day, 31 * day, false},
		"thirty days before its end":      {account.Policy{Automatic: true}, -100 * day, 30 * day, true},
		"after its end":                   {account.Policy{Automatic: true}, -100 * day, -day, true},
		"as the policy says":              {account.Policy{Automatic: true, RenewBefore: account.Duration(60 * day)}, -300 * day, 59 * day, true},
		"a short life, in its first part": {account.Policy{Automatic: true}, -2 * day, 28 * day, false},
		"a short life, in its last third": {account.Policy{Automatic: true}, -20 * day, 10 * day, true},
	} {
		a := someone(account.Created, account.Certificate, account.Valid)
		start, end := asOf.Add(tc.start), asOf.Add(tc.end)
		a.Policy, a.Credentials[0].StartsAt, a.Credentials[0].ExpiresAt = tc.policy, &start, &end
		if got := a.RenewalDue(asOf); got != tc.want {
			t.Errorf("%s: %t, want %t", name, got, tc.want)
		}
	}
	a := someone(account.Created, account.Secret, account.Valid)
	a.Policy.Automatic, a.Credentials[0].ExpiresAt = true, nil
	if a.RenewalDue(asOf) || a.RenewalFrom() != nil {
		t.Error("a credential without a known end is due")
	}
}
