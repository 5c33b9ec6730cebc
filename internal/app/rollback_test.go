package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/graph"
	"github.com/evercred/evercred/internal/secret"
)

// renewed renews an account and acknowledges the hand-over, so that the removal of the former secret is planned. It returns
// the account as it was before.
func (b *bench) renewed(name string) *resource.Account {
	b.t.Helper()
	before := b.account(name)
	op, err := b.api.Renew(b.t.Context(), name, resource.Renew{})
	wantDone(b.t, b.finish(op, err, owner))
	if _, err := b.api.HandOver(b.t.Context(), name, resource.HandOverRequest{Acknowledge: true}); err != nil {
		b.t.Fatal(err)
	}
	return before
}

// A rollback makes the former secret the current one, calls its removal off, and keeps the one it replaced until the
// hand-over is acknowledged once more.
func TestRollbackGoesBackAndKeepsBoth(t *testing.T) {
	b := newBench(t)
	before := b.renewed("backup-prod")
	renewed := b.account("backup-prod").Credential
	b.emu.ClearRequests()
	op, err := b.api.Rollback(t.Context(), "backup-prod")
	wantDone(t, b.finish(op, err, ""))
	if n := graphWrites(b.emu); n != 0 {
		t.Errorf("%d Graph writes, want none", n)
	}
	after := b.account("backup-prod")
	if after.Credential.ID != before.Credential.ID || after.Credential.RetiredAt != nil || !slices.Equal(keyIDs(after, account.Retiring), []string{renewed.KeyID}) {
		t.Fatalf("current %+v, retiring %v", after.Credential, keyIDs(after, account.Retiring))
	}
	b.awaitClosed("backup-prod") // the removal that was planned
	checkLater := func() []string {
		b.emu.Advance(25 * time.Hour)
		b.awaitClock()
		op, err := b.api.Check(t.Context(), "backup-prod", resource.CheckRequest{SignIn: resource.SignInRef{Wish: true}})
		wantDone(t, b.finish(op, err, owner))
		return passwords(t, b.emu, after.ApplicationID)
	}
	if got := checkLater(); len(got) != 2 {
		t.Errorf("before the acknowledgement: secrets %v, want both", got)
	}
	if _, err := b.api.Acknowledge(t.Context(), "backup-prod"); err != nil {
		t.Fatal(err)
	}
	if got := checkLater(); !slices.Equal(got, []string{before.Credential.KeyID}) {
		t.Errorf("after it and the soak: secrets %v, want the one gone back to", got)
	}
}

// A rollback of a rollback is the way forward again.
func TestRollbackTwiceGoesForward(t *testing.T) {
	b := newBench(t)
	b.renewed("backup-prod")
	renewed := b.account("backup-prod").Credential
	for range 2 {
		op, err := b.api.Rollback(t.Context(), "backup-prod")
		wantDone(t, b.finish(op, err, ""))
	}
	if a := b.account("backup-prod"); a.Credential.ID != renewed.ID || a.State != account.Valid {
		t.Errorf("current %s in state %s, want %s", a.Credential.ID, a.State, renewed.ID)
	}
}

func TestRollbackRefusals(t *testing.T) {
	b := newBench(t)
	if _, err := b.api.Rollback(t.Context(), "backup-dev"); !fault.Is(err, fault.Conflict) {
		t.Errorf("without a former credential: %v", err)
	}
	before := b.renewed("backup-prod")
	renewed := b.account("backup-prod").Credential
	if err := b.graph().RemovePassword(t.Context(), before.ApplicationObjectID, before.Credential.KeyID); err != nil {
		t.Fatal(err)
	}
	op, err := b.api.Rollback(t.Context(), "backup-prod")
	if op = b.finish(op, err, ""); op.State != account.OpFailed || fault.Code(op.Problem.Code) != fault.Credential || !strings.Contains(op.Problem.Meaning, "Nothing was changed.") {
		t.Errorf("to one that was removed: %s, %+v", op.State, op.Problem)
	}
	a := b.account("backup-prod")
	if a.Credential.ID != renewed.ID {
		t.Errorf("the refused rollback changed the account to %s", a.Credential.ID)
	}
	b.emu.Advance(10 * 24 * time.Hour) // the former ends before
	b.awaitClock()
	if _, err := b.api.Rollback(t.Context(), "backup-prod"); !fault.Is(err, fault.Refused) && !fault.Is(err, fault.Conflict) {
		t.Errorf("to one that has ended: %v", err)
	}
}

// graph asks as the emulator's own application, which may change others.
func (b *bench) graph() *graph.Client {
	b.t.Helper()
	return graphOf(b.t, b.emu)
}

// Going back to the application before takes the account's fields along.
func TestRollbackToTheApplicationBefore(t *testing.T) {
	b := newBench(t)
	before, env := b.account("backup-prod"), b.emu.Env()
	op, err := b.api.Connect(t.Context(), "backup-prod", resource.Connect{
		ApplicationID: env["APP_ID"], TenantID: env["TENANT_ID"], Material: resource.Material{Secret: resource.Reveal(secret.New(env["APP_SECRET"]))},
	})
	wantDone(t, b.finish(op, err, ""))
	if a := b.account("backup-prod"); a.ApplicationID != env["APP_ID"] || a.Origin != account.Existing {
		t.Fatalf("connected to %s, %s", a.ApplicationID, a.Origin)
	}
	op, err = b.api.Rollback(t.Context(), "backup-prod")
	wantDone(t, b.finish(op, err, ""))
	a := b.account("backup-prod")
	if a.ApplicationID != before.ApplicationID || a.ApplicationObjectID != before.ApplicationObjectID || a.Origin != account.Created || a.Credential.ID != before.Credential.ID {
		t.Errorf("application %s (%s), %s, credential %s", a.ApplicationID, a.ApplicationObjectID, a.Origin, a.Credential.ID)
	}
}

// After a re-creation the former application is gone: the rollback says so, and works once somebody has restored it.
func TestRollbackToAReplacedApplication(t *testing.T) {
	b := newBench(t)
	before := b.account("backup-archive")
	op, err := b.api.Recreate(t.Context(), "backup-archive", resource.Recreate{Choice: "new"})
	wantDone(t, b.finish(op, err, owner))
	renewed := b.account("backup-archive")
	op, err = b.api.Rollback(t.Context(), "backup-archive")
	if op = b.finish(op, err, ""); op.State != account.OpFailed || !strings.Contains(op.Problem.Message, "not in the tenant") {
		t.Fatalf("%s, %+v", op.State, op.Problem)
	}
	if a := b.account("backup-archive"); a.Credential.ID != renewed.Credential.ID || a.ApplicationID != renewed.ApplicationID {
		t.Errorf("the refused rollback changed the account")
	}
	g := b.graph()
	app, err := g.DeletedApplication(t.Context(), before.ApplicationID)
	if err != nil {
		t.Fatal(err)
	}
	sp, err := g.DeletedServicePrincipal(t.Context(), before.ApplicationID)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{sp.ObjectID, app.ObjectID} {
		if err := g.Restore(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	op, err = b.api.Rollback(t.Context(), "backup-archive")
	wantDone(t, b.finish(op, err, ""))
	if a := b.account("backup-archive"); a.ApplicationID != before.ApplicationID || a.Credential.ID != before.Credential.ID || a.State != account.Valid {
		t.Errorf("application %s, credential %s, state %s: %s", a.ApplicationID, a.Credential.ID, a.State, a.Meaning)
	}
}

// Killed at any remote call of a rollback and started again, the server ends with the account rolled back.
func TestKillARollback(t *testing.T) {
	t.Parallel()
	for name, skip := range map[string]int{"the first proof": 0, "the last proof": 2, "the check": 3} {
		for _, after := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				v := &victim{t: t, emu: newEmulator(t), dir: t.TempDir()}
				seed(t, v)
				v.start()
				t.Cleanup(func() { v.kill() })
				before, err := v.api.Account(t.Context(), "backup-prod")
				if err != nil {
					t.Fatal(err)
				}
				op, err := v.api.Renew(t.Context(), "backup-prod", resource.Renew{})
				if err != nil {
					t.Fatal(err)
				}
				wantDone(t, follow(t, v.api, v.emu, op, owner, ""))
				rule := emulatortest.Fault{Service: "entra", Path: "*/token*", Skip: skip, Times: 1, Delay: "5m"}
				if after {
					rule.Delay, rule.Drop = "", "after"
				}
				v.emu.SetFaults(rule)
				if op, err = v.api.Rollback(t.Context(), "backup-prod"); err != nil {
					t.Fatal(err)
				}
				awaitFault(t, v.emu)
				v.kill()
				v.emu.SetFaults()
				v.start()
				wantDone(t, follow(t, v.api, v.emu, op, owner, ""))
				a, err := v.api.Account(t.Context(), "backup-prod")
				if err != nil {
					t.Fatal(err)
				}
				if a.Credential.ID != before.Credential.ID || len(keyIDs(a, account.Current, account.Retiring)) != 2 {
					t.Errorf("current %s, want %s; %+v", a.Credential.ID, before.Credential.ID, a.Credentials)
				}
			})
		}
	}
}
