package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/account"
)

var asOf = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// someone is an account with a current credential, checked and valid.
func someone(origin account.Origin, kind account.Kind, found account.State) *account.Account {
	return &account.Account{
		ID: "a", Name: "backup", Origin: origin, Check: &account.Check{State: found, CredentialID: "c"},
		Credentials: []account.Credential{{ID: "c", Kind: kind, Slot: account.Current, Tag: "evercred/1"}},
	}
}

// offered are the names of what is offered; each other one must say why not.
func offered(t *testing.T, a *account.Account, open ...*account.Operation) string {
	t.Helper()
	var names []string
	for _, o := range account.OffersOf(a, asOf, open) {
		if o.Offered {
			names = append(names, string(o.Action))
		}
		if o.Offered == (o.Reason != "") {
			t.Errorf("%s: offered %t, reason %q", o.Action, o.Offered, o.Reason)
		}
	}
	return strings.Join(names, " ")
}

func TestOffers(t *testing.T) {
	t.Parallel()
	const connect = "connect_secret connect_certificate"
	const rest = "check check_sign_in reconcile hand_over acknowledge remove"
	unchecked := someone(account.Created, account.Secret, "")
	unchecked.Check = nil
	bare := someone(account.Created, account.Secret, account.Valid)
	bare.Credentials = nil
	done := someone(account.Created, account.Secret, account.Valid)
	done.Credentials[0].AcknowledgedAt = &time.Time{}
	again := someone(account.Created, account.Secret, account.Valid)
	again.Credentials[0].AcknowledgedAt = &time.Time{}
	again.Credentials = append(again.Credentials, account.Credential{ID: "old", Slot: account.Retiring, Tag: "evercred/0"})
	ended := someone(account.Created, account.Secret, account.Valid)
	ended.Credentials = append(ended.Credentials, account.Credential{ID: "old", Slot: account.Retiring, ExpiresAt: &asOf})
	replaced := someone(account.Created, account.Secret, account.Valid)
	replaced.Credentials = append(replaced.Credentials, account.Credential{ID: "old", Slot: account.Lost, RetiredAt: &asOf, ApplicationID: "former"})
	for name, c := range map[string]struct {
		a    *account.Account
		open []*account.Operation
		want string
	}{
		"created":                      {someone(account.Created, account.Secret, account.Valid), nil, "renew " + connect + " " + rest},
		"created, not checked":         {unchecked, nil, "renew " + connect + " check check_sign_in reconcile grant hand_over acknowledge remove"},
		"created, application gone":    {someone(account.Created, account.Secret, account.AppNotFound), nil, "recreate " + connect + " " + rest},
		"created, principal gone":      {someone(account.Created, account.Secret, account.ServicePrincipalMissing), nil, "recreate " + connect + " " + rest},
		"created, with a certificate":  {someone(account.Created, account.Certificate, account.Valid), nil, "renew " + connect + " " + rest},
		"existing":                     {someone(account.Existing, account.Secret, account.Valid), nil, "renew " + connect + " " + rest},
		"existing, application gone":   {someone(account.Existing, account.Secret, account.AppNotFound), nil, connect + " " + rest},
		"without a credential":         {bare, nil, "renew " + connect + " check check_sign_in reconcile remove"},
		"acknowledged":                 {done, nil, "renew " + connect + " check check_sign_in reconcile hand_over remove"},
		"acknowledged, with leftovers": {again, nil, "renew " + connect + " check check_sign_in reconcile rollback hand_over acknowledge remove"},
		"with an ended leftover":       {ended, nil, "renew " + connect + " " + rest},
		"its application was replaced": {replaced, nil, "renew " + connect + " " + rest},
		"a renewal shows its code": {
			someone(account.Created, account.Secret, account.Valid),
			[]*account.Operation{{Kind: account.OpRenew, State: account.OpWaitingSignIn}},
			"renew " + connect + " " + rest,
		},
		"a renewal runs": {
			someone(account.Created, account.Secret, account.Valid),
			[]*account.Operation{{Kind: account.OpRenew, State: account.OpRunning}},
			"check hand_over acknowledge",
		},
		"a renewal that changed something waits": {
			someone(account.Created, account.Secret, account.Valid), []*account.Operation{{
				Kind: account.OpRenew, State: account.OpNeedsSignIn, Facts: account.Facts{Attempts: []account.Attempt{{Tag: "x"}}},
			}}, "check hand_over acknowledge",
		},
		"what works in the background": {
			someone(account.Created, account.Secret, account.Valid), []*account.Operation{
				{Kind: account.OpRetire, State: account.OpRunning}, {Kind: account.OpTidy, State: account.OpNeedsSignIn}, {Kind: account.OpCheck, State: account.OpRunning},
			}, "renew " + connect + " " + rest,
		},
	} {
		if diff := cmp.Diff(c.want, offered(t, c.a, c.open...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTheOperationShown(t *testing.T) {
	t.Parallel()
	holder := &account.Operation{ID: "holder", Kind: account.OpRenew, State: account.OpWaitingSignIn}
	tidy := &account.Operation{ID: "tidy", Kind: account.OpTidy, State: account.OpNeedsSignIn}
	check := &account.Operation{ID: "check", Kind: account.OpCheck, State: account.OpRunning}
	retire := &account.Operation{ID: "retire", Kind: account.OpRetire, State: account.OpRunning}
	for want, open := range map[string][]*account.Operation{
		"holder": {retire, check, tidy, holder}, "tidy": {retire, check, tidy}, "check": {retire, check}, "": {retire},
	} {
		s := account.StandingOf(someone(account.Created, account.Secret, account.Valid), time.Now(), open)
		got := ""
		if s.Operation != nil {
			got = s.Operation.ID
		}
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if (s.State == account.NeedsSignIn) != (want == "tidy" || want == "holder") {
			t.Errorf("%q: state %s", want, s.State)
		}
	}
}

func TestFates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	ends, soon, before := now.Add(9*24*time.Hour), now.Add(20*time.Hour), now.Add(-time.Hour)
	old := account.Credential{ID: "old", Slot: account.Retiring, Tag: "evercred/0", KeyID: "k0", ExpiresAt: &ends, Soak: account.Duration(24 * time.Hour)}
	with := func(change func(*account.Credential)) account.Credential {
		c := old
		change(&c)
		return c
	}
	retire := func(change func(*account.Facts)) []*account.Operation {
		op := &account.Operation{Kind: account.OpRetire, State: account.OpRunning, Facts: account.Facts{Retire: []string{"old"}, DueAt: &soon}}
		change(&op.Facts)
		return []*account.Operation{op}
	}
	same := func(*account.Facts) {}
	for name, c := range map[string]struct {
		c    account.Credential
		open []*account.Operation
		says []string // empty: no fate
		at   *time.Time
	}{
		"kept until acknowledged": {old, nil, []string{"until the hand-over of the new one is acknowledged, and 24 hours after that", "ends by itself on 2026-12-02 09:00 UTC"}, &ends},
		"kept, without a soak":    {with(func(c *account.Credential) { c.Soak = 0 }), nil, []string{"acknowledged. Then it is removed"}, &ends},
		"end unknown":             {with(func(c *account.Credential) { c.ExpiresAt = nil }), nil, []string{"stays on the application until somebody removes it"}, nil},
		"soaking":                 {old, retire(same), []string{"keeps working until 2026-11-24 05:00 UTC", "next sign-in", "2026-12-02"}, &soon},
		"due":                     {old, retire(func(f *account.Facts) { f.DueAt = &before }), []string{"it is being removed"}, &before},
		"due, without rights":     {old, retire(func(f *account.Facts) { f.DueAt, f.NoRights = &before, true }), []string{"nobody at hand may remove it", "next sign-in", "2026-12-02"}, &ends},
		"ended, without rights": {
			with(func(c *account.Credential) { c.ExpiresAt = &before }), retire(func(f *account.Facts) { f.DueAt, f.NoRights = &before, true }),
			[]string{"ended by itself"},
			&before,
		},
		"ended, not acknowledged": {with(func(c *account.Credential) { c.ExpiresAt = &before }), nil, []string{"ended by itself on 2026-11-23 08:00 UTC", "taken from the application"}, nil},
		"ended while soaking":     {with(func(c *account.Credential) { c.ExpiresAt = &before }), retire(same), []string{"ended by itself on 2026-11-23"}, nil},
		"removed in this run": {
			old,
			[]*account.Operation{{Kind: account.OpRenew, State: account.OpRunning, Facts: account.Facts{Retire: []string{"old"}}}},
			[]string{"removed in the renewal that is under way"},
			nil,
		},
		"not made here":        {with(func(c *account.Credential) { c.Tag = "" }), nil, []string{"leaves it alone", "ends by itself on 2026-12-02"}, &ends},
		"not made here, ended": {with(func(c *account.Credential) { c.Tag, c.ExpiresAt = "", &before }), nil, []string{"has ended", "leaves it on the application"}, nil},
		"in use again":         {with(func(c *account.Credential) { c.KeyID = "k1" }), nil, []string{"in use under another record"}, nil},
		"proving": {
			with(func(c *account.Credential) { c.Slot = account.Next }),
			[]*account.Operation{{Kind: account.OpRenew, Facts: account.Facts{CredentialID: "old"}}},
			[]string{"is being proven"},
			nil,
		},
		"taken back": {
			with(func(c *account.Credential) { c.Slot = account.Next }),
			[]*account.Operation{{Kind: account.OpRenew, Facts: account.Facts{CredentialID: "old", RollingBack: true}}},
			[]string{"being taken back"},
			nil,
		},
		"removed": {with(func(c *account.Credential) { c.Slot = account.Removed }), nil, nil, nil},
		"lost":    {with(func(c *account.Credential) { c.Slot = account.Lost }), nil, nil, nil},
	} {
		a := &account.Account{Name: "backup", Credentials: []account.Credential{{ID: "new", Slot: account.Current, Tag: "evercred/1", KeyID: "k1"}, c.c}}
		got := account.FateOf(a, &a.Credentials[1], now, c.open)
		checkFate(t, name, got, c.says, c.at)
	}
}

func TestFateOfTheCredentialInUse(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	retiring := account.Credential{ID: "old", Slot: account.Retiring, Tag: "evercred/0"}
	for name, c := range map[string]struct {
		c    account.Credential
		more []account.Credential
		says []string
	}{
		"new":                        {account.Credential{Tag: "evercred/1"}, nil, []string{"has not been handed over"}},
		"new, with an old one":       {account.Credential{Tag: "evercred/1"}, []account.Credential{retiring}, []string{"has not been handed over", "the one before is kept"}},
		"disclosed":                  {account.Credential{Tag: "evercred/1", DisclosedAt: &now}, nil, []string{"handed over on 2026-11-23 09:00 UTC", "nobody has said"}},
		"acknowledged":               {account.Credential{Tag: "evercred/1", DisclosedAt: &now, AcknowledgedAt: &now}, nil, nil},
		"not made here":              {account.Credential{}, nil, nil},
		"not made here, with an old": {account.Credential{}, []account.Credential{retiring}, []string{"Nobody has said", "the one before is kept"}},
	} {
		c.c.ID, c.c.Slot = "new", account.Current
		a := &account.Account{Credentials: append([]account.Credential{c.c}, c.more...)}
		checkFate(t, name, account.FateOf(a, &a.Credentials[0], now, nil), c.says, nil)
	}
}

func checkFate(t *testing.T, name string, got *account.Fate, says []string, at *time.Time) {
	t.Helper()
	if (got == nil) != (len(says) == 0) {
		t.Errorf("%s: %+v", name, got)
		return
	}
	for _, text := range says {
		if !strings.Contains(got.Text, text) {
			t.Errorf("%s: %q does not say %q", name, got.Text, text)
		}
	}
	if got != nil && !cmp.Equal(got.At, at) {
		t.Errorf("%s: at %v, want %v", name, got.At, at)
	}
}
