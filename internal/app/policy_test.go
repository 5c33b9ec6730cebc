package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/secret"
)

// lifetimeOf is how long an account's current credential lasts from now on, in whole days, and whether a step tells of a policy.
func (b *bench) lifetimeOf(name string, op *resource.Operation) (days int, told bool) {
	b.t.Helper()
	a := b.account(name)
	for _, s := range op.Steps {
		told = told || strings.Contains(s.Detail, "policy of the tenant does not allow more than") || strings.Contains(s.Detail, "were wanted")
	}
	return int((a.Credential.ExpiresAt.Sub(b.emu.Now()) + 12*time.Hour) / (24 * time.Hour)), told
}

// A tenant that caps lifetimes gets shorter ones, and the journal says so.
func TestALifetimeIsShortened(t *testing.T) {
	b := newBench(t)
	b.emu.SetScenario("short-lives", 1)
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{Soak: "0s"})
	op = b.finish(op, err, owner)
	wantDone(t, op)
	if days, told := b.lifetimeOf("backup-prod", op); days != 30 || !told {
		t.Errorf("the secret lasts %d days, want 30; told: %t", days, told)
	}
	op, err = b.api.Renew(t.Context(), "backup-prod", resource.Renew{Kind: "certificate", Soak: "0s"})
	op = b.finish(op, err, owner)
	wantDone(t, op)
	if days, told := b.lifetimeOf("backup-prod", op); days != 90 || !told {
		t.Errorf("the certificate lasts %d days, want 90; told: %t", days, told)
	}
}

// A tenant that forbids secrets is no dead end: a certificate is offered, and the same sign-in goes on with it.
func TestACertificateWhereSecretsAreForbidden(t *testing.T) {
	b := newBench(t)
	b.emu.SetScenario("no-secrets", 1)
	before := b.account("backup-prod")
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{Soak: "0s"})
	op = b.finish(op, err, owner)
	if op.State != account.OpWaitingChoice || len(op.Choice.Options) != 2 {
		t.Fatalf("the operation is %s: %+v %+v", op.State, op.Choice, op.Problem)
	}
	left, err := b.api.Choose(t.Context(), op.ID, "cancel")
	if err != nil || left.State != account.OpCancelled || b.account("backup-prod").Credential.ID != before.Credential.ID {
		t.Fatalf("after leaving it: %+v, %v", left, err)
	}
	op, err = b.api.Renew(t.Context(), "backup-prod", resource.Renew{Soak: "0s"})
	op = b.finish(op, err, owner)
	if _, err := b.api.Choose(t.Context(), op.ID, "restore"); err == nil {
		t.Error("an option that was not given is taken")
	}
	op, err = b.api.Choose(t.Context(), op.ID, "certificate")
	wantDone(t, b.finish(op, err, ""))
	a := b.account("backup-prod")
	if a.Credential.Kind != account.Certificate || a.State != account.Valid || !a.Policy.Automatic {
		t.Errorf("state %s, %+v, policy %+v", a.State, a.Credential, a.Policy)
	}
}

// A new account in such a tenant, and one with a certificate from the start.
func TestAddWithACertificate(t *testing.T) {
	b := newBench(t)
	subscription := b.account("backup-prod").Subscriptions[0].ID
	op, err := b.api.Create(t.Context(), resource.Create{Kind: resource.CreateAuto, Name: "with-cert", Method: "certificate", Subscriptions: []string{subscription}})
	wantDone(t, b.finish(op, err, owner))
	b.emu.SetScenario("no-secrets", 1)
	op, err = b.api.Create(t.Context(), resource.Create{Kind: resource.CreateAuto, Name: "told", Subscriptions: []string{subscription}})
	op = b.finish(op, err, owner)
	if op.State != account.OpWaitingChoice {
		t.Fatalf("the operation is %s: %+v", op.State, op.Problem)
	}
	op, err = b.api.Choose(t.Context(), op.ID, "certificate")
	wantDone(t, b.finish(op, err, ""))
	for _, name := range []string{"with-cert", "told"} {
		a := b.account(name)
		if a.Credential.Kind != account.Certificate || a.State != account.Valid {
			t.Errorf("%s: state %s (%s), %+v", name, a.State, a.Meaning, a.Credential)
		}
	}
}

// With a steward, an account is renewed and reconciled without a person.
func TestAStewardRenewsOthers(t *testing.T) {
	b := newBench(t)
	env := b.emu.Env()
	op, err := b.api.Create(t.Context(), resource.Create{
		Kind: resource.CreateExisting, Name: "steward", ApplicationID: env["APP_ID"], TenantID: env["TENANT_ID"], AllowMissing: true,
		Material: resource.Material{Secret: resource.Reveal(secret.New(env["APP_SECRET"]))},
	})
	wantDone(t, b.finish(op, err, ""))
	if _, err := b.api.SetSteward(t.Context(), "backup-prod"); err == nil {
		t.Error("an application without the permission is taken for a steward")
	}
	if _, err := b.api.SetSteward(t.Context(), "steward"); err != nil {
		t.Fatal(err)
	}
	shown := func() (names []string) {
		list, err := b.api.Accounts(t.Context(), client.Filter{}, client.Page{})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list.Accounts {
			if a.Steward != b.account(a.Name).Steward {
				t.Errorf("%s is the steward in the list alone, or by itself alone", a.Name)
			}
			if a.Steward {
				names = append(names, a.Name)
			}
		}
		return names
	}
	if got := shown(); !slices.Equal(got, []string{"steward"}) {
		t.Errorf("shown as stewards: %q", got)
	}
	before := b.account("backup-prod")
	orphan := b.strand(before, b.tag())
	op, err = b.api.Renew(t.Context(), "backup-prod", resource.Renew{Soak: "0s"})
	op = b.finish(op, err, "")
	wantDone(t, op)
	a := b.account("backup-prod")
	if op.SignIn != nil || a.Credential.ID == before.Credential.ID || a.State != account.Valid {
		t.Errorf("sign-in %+v, state %s, %+v", op.SignIn, a.State, a.Credential)
	}
	for _, id := range passwords(t, b.emu, a.ApplicationID) {
		if id == orphan {
			t.Error("the orphan is still there")
		}
	}
	op, err = b.api.Reconcile(t.Context(), "backup-prod", resource.UseSignIn{})
	wantDone(t, b.finish(op, err, ""))
	if _, err := b.api.DropSteward(t.Context(), "steward"); err != nil {
		t.Fatal(err)
	}
	if got := shown(); len(got) != 0 {
		t.Errorf("shown as stewards afterwards: %q", got)
	}
	op, err = b.api.Renew(t.Context(), "backup-prod", resource.Renew{})
	if err != nil || op.State != account.OpWaitingSignIn {
		t.Errorf("without a steward: %+v, %v", op, err)
	}
}

// A certificate whose policy is automatic is renewed before its end, with nobody awake.
func TestACertificateIsRenewedByItself(t *testing.T) {
	b := newBench(t)
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{Kind: "certificate", Soak: "0s"})
	wantDone(t, b.finish(op, err, owner))
	before := b.account("backup-prod")
	b.emu.Advance(before.Credential.ExpiresAt.Sub(b.emu.Now()) - 29*24*time.Hour)
	b.awaitClock()
	if err := b.app.engine.RenewDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.awaitClosed("backup-prod")
	a := b.account("backup-prod")
	if a.Credential.ID == before.Credential.ID || a.State != account.Valid || a.Credential.Kind != account.Certificate {
		t.Errorf("state %s, %+v", a.State, a.Credential)
	}
}
