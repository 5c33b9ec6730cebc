package view_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/cmd/evercred/internal/view"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
	for line := range strings.Lines(got) {
		line = strings.NewReplacer("ESC[1m", "", "ESC[32m", "", "ESC[33m", "", "ESC[0m", "").Replace(line)
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > terminal.Width {
			t.Errorf("a line has %d characters: %s", n, line)
		}
	}
}

func now() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

func in(d time.Duration) *time.Time {
	t := now().Add(d)
	return &t
}

const day = 24 * time.Hour

func made(name string, origin account.Origin, state account.State, c *account.Credential) resource.Account {
	a, st := standing(name, origin, state, c)
	return resource.OfAccount(a, st, now())
}

func summary(name string, origin account.Origin, state account.State, c *account.Credential) resource.AccountSummary {
	return resource.OfSummary(standing(name, origin, state, c))
}

func standing(name string, origin account.Origin, state account.State, c *account.Credential) (*account.Account, account.Standing) {
	a := &account.Account{
		ID: "0190b6a4-0000-7000-8000-000000000001", Name: name, Cloud: "custom", TenantID: "5f0d4d65-2a2f-4b67-a1a0-0a6a4f2f3c11",
		ApplicationID: "7f9d8c1e-1111-4222-8333-944455556666", Origin: origin,
		RoleSet: account.DefaultRoleSet(), Policy: account.Policy{Soak: account.Duration(account.DefaultSoak), Lifetime: account.Duration(account.DefaultLifetime)},
		Subscriptions: []account.Subscription{
			{ID: "11111111-aaaa-4bbb-8ccc-222222222222", Name: "Production"}, {ID: "33333333-aaaa-4bbb-8ccc-444444444444"},
		},
	}
	if c != nil {
		a.Credentials = []account.Credential{*c}
	}
	return a, account.Standing{Status: account.Status{
		State: state, Meaning: "The secret still works and ends in 9 days.", Remedy: "Run `evercred account renew " + name + "`.",
	}}
}

func current(kind account.Kind, ends *time.Time) *account.Credential {
	return &account.Credential{
		ID: "c1", Kind: kind, Slot: account.Current, KeyID: "d2a5a1ae-7777-4888-9999-000011112222", Tag: "evercred/1",
		StartsAt: in(-171 * day), ExpiresAt: ends, ProvenAt: in(-2 * time.Hour), AcknowledgedAt: in(-170 * day),
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	fresh := current(account.Secret, in(180*day))
	fresh.AcknowledgedAt = nil
	unknown := current(account.Secret, nil)
	unknown.EndReason = "nobody could read it"
	all := []resource.AccountSummary{
		summary("backup-archive", account.Created, account.AppNotFound, current(account.Secret, in(100*day))),
		summary("backup-cert", account.Existing, account.Expiring, current(account.Certificate, in(20*day))),
		summary("backup-dev", account.Created, account.Expired, current(account.Secret, in(-30*time.Hour))),
		summary("backup-dr", account.Created, account.ServicePrincipalMissing, current(account.Secret, in(100*day))),
		summary("backup-new", account.Created, account.Valid, fresh),
		summary("backup-prod", account.Created, account.Expiring, current(account.Secret, in(9*day))),
		summary("backup-sql", account.Existing, account.PermissionsMissing, unknown),
		summary("none-yet", account.Existing, account.Unknown, nil),
		summary("steering\x1b[2Jname", account.Existing, account.Valid, current(account.Secret, in(100*day))),
	}
	var b bytes.Buffer
	if err := view.Accounts(&b, &resource.AccountList{Accounts: all, AsOf: now()}, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "accounts", b.String())
	b.Reset()
	if err := view.Accounts(&b, &resource.AccountList{Accounts: all[4:6], AsOf: now()}, true); err != nil {
		t.Fatal(err)
	}
	golden(t, "accounts-colour", strings.ReplaceAll(b.String(), "\x1b", "ESC"))
}

func TestLongNamePushesOnlyItsRow(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("n", account.MaxNameLength)
	var b bytes.Buffer
	err := view.Accounts(&b, &resource.AccountList{AsOf: now(), Accounts: []resource.AccountSummary{
		summary(name, account.Existing, account.Valid, nil), summary("short", account.Existing, account.Valid, nil),
	}}, false)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	if !strings.HasPrefix(lines[1], name+"  none") || !strings.HasPrefix(lines[2], "short  none") {
		t.Errorf("got:\n%s", b.String())
	}
}

func TestAccount(t *testing.T) {
	t.Parallel()
	a := made("backup-prod", account.Created, account.Expiring, current(account.Secret, in(9*day)))
	a.Description = "Nightly backups of the production subscriptions, kept for seven years by order of the auditors of the group"
	a.Credentials = append(a.Credentials, resource.Credential{
		Slot: account.Retiring, Kind: account.Secret, KeyID: "aaaaaaaa-0000", MadeBy: resource.MadeByOther, Note: "Not made by Evercred: it stays.",
	})
	a.Check = &resource.Check{
		At: now().Add(-time.Hour), State: account.PermissionsMissing,
		Subscriptions: []resource.SubscriptionCheck{
			{ID: "11111111-aaaa-4bbb-8ccc-222222222222", Result: account.ResultOK, Roles: []resource.RoleCheck{
				{Role: "Contributor", Result: account.ResultOK}, {Role: "Key Vault Crypto Officer", Result: account.ResultOK},
			}},
			{ID: "33333333-aaaa-4bbb-8ccc-444444444444", Result: account.ResultMissing, Roles: []resource.RoleCheck{
				{Role: "Contributor", Result: account.ResultOK}, {Role: "Key Vault Crypto Officer", Result: account.ResultMissing},
			}},
		},
	}
	var b bytes.Buffer
	if err := view.Account(&b, &a, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "account", b.String())
	b.Reset()
	empty := made("none-yet", account.Existing, account.Unknown, nil)
	if err := view.Account(&b, &empty, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "account-empty", b.String())
}

func TestOperations(t *testing.T) {
	t.Parallel()
	o := resource.OfOperation(&account.Operation{
		ID: "0190b6a4-0000-7000-8000-00000000000a", Kind: account.OpRenew, State: account.OpNeedsSignIn, AccountName: "backup-prod",
		StartedBy: "admin", CreatedAt: now(), Version: 7,
		SignIn: &account.SignIn{State: account.SignInDone, Person: "owner@contoso.example"},
		Problem: &account.Problem{
			Code: "needs_sign_in", Message: "The rights of owner@contoso.example are gone.", Meaning: "The old secret is still there.",
			Remedy: "Sign in again.", Source: "AADSTS50173: The provided grant has expired.",
		},
		Steps: []account.Step{
			{Title: "Adding a secret to application backup-prod", StartedAt: now(), EndedAt: in(3 * time.Second), Outcome: account.StepDone},
			{Title: "Proving the new secret", StartedAt: now(), EndedAt: in(95 * time.Second), Outcome: account.StepDone, Detail: "3 good answers"},
			{Title: "Reading the ends", StartedAt: now(), EndedAt: in(0), Outcome: account.StepSkipped, Detail: "nobody may"},
			{Title: "Removing the old secret", StartedAt: now(), Detail: "waiting for a sign-in"},
		},
	})
	var b bytes.Buffer
	if err := view.Operation(&b, &o, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "operation", b.String())
	b.Reset()
	done := o
	done.State = account.OpDone
	if err := view.Operations(&b, []resource.Operation{o, done}, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "operations", b.String())
}

// A check that is older than an edit of the scope does not stand there as if it told how the account stands.
func TestACheckOfBeforeAnEdit(t *testing.T) {
	t.Parallel()
	a, st := standing("backup-prod", account.Created, account.Valid, nil)
	a.Check = &account.Check{At: now().Add(-day), State: account.Valid, Detail: "The roles are held on 1 of 1 subscriptions."}
	var b bytes.Buffer
	r := resource.OfAccount(a, st, now())
	if err := view.Account(&b, &r, false); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(b.String()), " ")
	if !strings.Contains(text, "The scope has changed since the last check.") || !strings.Contains(text, "`evercred account check backup-prod`") {
		t.Errorf("it does not say that the check is older than the scope:\n%s", b.String())
	}
}

func TestAStewardIsShown(t *testing.T) {
	t.Parallel()
	a, st := standing("backup-prod", account.Created, account.Valid, nil)
	st.Steward = true
	var b bytes.Buffer
	r := resource.OfAccount(a, st, now())
	if err := view.Account(&b, &r, false); err != nil || !strings.Contains(b.String(), "of its tenant: the other accounts there") {
		t.Errorf("%v\n%s", err, b.String())
	}
}
