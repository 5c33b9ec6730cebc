package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
)

func TestCheckName(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"backup-prod": true, "A_1": true, strings.Repeat("a", 255): true,
		"": false, strings.Repeat("a", 256): false, "with space": false, "dot.": false, "a/b": false, "ünder": false, "a\n": false,
	} {
		err := account.CheckName(name)
		if (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
		if err != nil {
			if f := fault.From(err); f.Code != fault.Invalid || f.Field != "name" || f.Remedy == "" {
				t.Errorf("%q: %+v", name, f)
			}
		}
	}
}

// New accounts are not named as what is something else in an address; those that are keep their names.
func TestCheckNewName(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{"backup-prod": true, "newer": true, "new": false, "NEW": false, "Export": false, "with space": false} {
		if err := account.CheckNewName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		} else if err != nil && (fault.From(err).Code != fault.Invalid || fault.From(err).Field != "name" || fault.From(err).Remedy == "") {
			t.Errorf("%q: %+v", name, fault.From(err))
		}
	}
	if err := account.CheckName("new"); err != nil {
		t.Errorf("an account that is named so cannot be stored any more: %v", err)
	}
}

func TestUntil(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	for d, want := range map[time.Duration]string{
		9 * day: "in 9 days", 9*day - time.Second: "in 9 days", -day: "yesterday", -9 * day: "9 days ago", 20 * time.Hour: "in 20 hours",
		90 * time.Minute: "in 90 minutes", -30 * time.Second: "less than a minute ago", 200 * time.Millisecond: "less than a minute ago",
		30 * time.Second: "in less than a minute", time.Minute: "in 1 minute",
	} {
		if got := account.Until(now.Add(d), now); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

func TestTheWorseOfCheckAndClockIsShown(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		ends    time.Duration
		found   account.State
		waiting bool
		want    account.State
	}{
		"all is well":                       {100 * 24 * time.Hour, account.Valid, false, account.Valid},
		"it ends soon":                      {9 * 24 * time.Hour, account.Valid, false, account.Expiring},
		"it has ended":                      {-time.Hour, account.Valid, false, account.Expired},
		"missing roles outweigh the end":    {9 * 24 * time.Hour, account.PermissionsMissing, false, account.PermissionsMissing},
		"a lost application outweighs all":  {-time.Hour, account.AppNotFound, false, account.AppNotFound},
		"an interrupted operation is shown": {9 * 24 * time.Hour, account.Valid, true, account.NeedsSignIn},
	} {
		end := now.Add(tc.ends)
		a := &account.Account{
			Name: "a", Check: &account.Check{State: tc.found, CredentialID: "c"},
			Credentials: []account.Credential{{ID: "c", Slot: account.Current, Kind: account.Secret, ExpiresAt: &end}},
		}
		var waiting *account.Operation
		if tc.waiting {
			waiting = &account.Operation{ID: "op", Kind: account.OpRenew, State: account.OpNeedsSignIn}
		}
		got := account.StatusOf(a, now, waiting)
		if got.State != tc.want || got.Meaning == "" || (got.Remedy == "") != (tc.want == account.Valid) {
			t.Errorf("%s: %+v, want %s", name, got, tc.want)
		}
	}
}

func TestACheckOfAnotherCredentialDoesNotCount(t *testing.T) {
	t.Parallel()
	a := &account.Account{
		Check:       &account.Check{State: account.Valid, CredentialID: "old"},
		Credentials: []account.Credential{{ID: "new", Slot: account.Current}},
	}
	if got := account.StatusOf(a, time.Now(), nil); got.State != account.Unknown {
		t.Errorf("got %s, want unknown", got.State)
	}
}
