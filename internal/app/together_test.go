package app

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/graph"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// What happens at the same time on one account, and what others have to do with its credentials.

// steward makes an account the steward of the tenant: then removals need no person.
func (b *bench) steward() {
	b.t.Helper()
	env := b.emu.Env()
	op, err := b.api.Create(b.t.Context(), resource.Create{
		Kind: resource.CreateExisting, Name: "steward", ApplicationID: env["APP_ID"], TenantID: env["TENANT_ID"], AllowMissing: true,
		Material: resource.Material{Secret: resource.Reveal(secret.New(env["APP_SECRET"]))},
	})
	wantDone(b.t, b.finish(op, err, ""))
	if _, err := b.api.SetSteward(b.t.Context(), "steward"); err != nil {
		b.t.Fatal(err)
	}
}

// await waits until something holds that other operations bring about.
func (b *bench) await(what string, holds func() bool) {
	b.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-tick.C {
		if holds() {
			return
		}
	}
	b.t.Fatalf("it does not come about: %s", what)
}

// open counts the operations of a kind that have not ended.
func (b *bench) openOf(kind account.OperationKind) int {
	b.t.Helper()
	list, err := b.app.store.Operations(b.t.Context(), account.System(), store.OperationQuery{OpenOnly: true})
	if err != nil {
		b.t.Fatal(err)
	}
	return len(slices.DeleteFunc(list, func(op *account.Operation) bool { return op.Kind != kind }))
}

// sound holds that the credential in use is on the application and that nothing is open on the account.
func (b *bench) sound(name string) {
	b.t.Helper()
	a := b.account(name)
	on := passwords(b.t, b.emu, a.ApplicationID)
	if a.Credential == nil || !slices.Contains(on, a.Credential.KeyID) || len(keyIDs(a, account.Current)) != 1 {
		b.t.Errorf("on the application %v, in use %+v, state %s: %s", on, a.Credential, a.State, a.Meaning)
	}
	if n := b.openOf(account.OpRollback) + b.openOf(account.OpConnect); n > 0 {
		b.t.Errorf("%d operations are stuck", n)
	}
	op, err := b.api.Check(b.t.Context(), name, resource.CheckRequest{})
	wantDone(b.t, b.finish(op, err, ""))
	if a := b.account(name); a.State != account.Valid && a.State != account.Expiring {
		b.t.Errorf("state %s: %s", a.State, a.Meaning)
	}
}

// The soak ends while a rollback proves the former secret: it is not removed then.
func TestRollbackAtTheEndOfTheSoak(t *testing.T) {
	b := newBench(t)
	b.steward()
	before := b.renewed("backup-prod")
	b.emu.SetFaults(emulatortest.Fault{Service: "entra", Path: "*token*", Caller: before.ApplicationID, Skip: 2, Times: 1, Hold: "2s"})
	op, err := b.api.Rollback(t.Context(), "backup-prod")
	if err != nil {
		t.Fatal(err)
	}
	awaitFault(t, b.emu)
	b.emu.Advance(25 * time.Hour)
	op = b.finish(op, err, "")
	b.await("the end of the removal", func() bool { return b.openOf(account.OpRetire) == 0 })
	wantDone(t, op)
	b.sound("backup-prod")
}

// The former secret is given to the account again while its soak ends: it is proven, so it is not removed.
func TestConnectAtTheEndOfTheSoak(t *testing.T) {
	b := newBench(t)
	b.steward()
	h, err := b.api.HandOver(t.Context(), "backup-prod", resource.HandOverRequest{})
	if err != nil {
		t.Fatal(err)
	}
	before := b.renewed("backup-prod")
	b.emu.SetFaults(emulatortest.Fault{Service: "arm", Caller: before.ApplicationID, Times: 1, Hold: "2s"})
	op, err := b.api.Connect(t.Context(), "backup-prod", resource.Connect{Material: resource.Material{Secret: h.Secret}})
	if err != nil {
		t.Fatal(err)
	}
	awaitFault(t, b.emu)
	b.emu.Advance(25 * time.Hour)
	wantDone(t, b.finish(op, err, ""))
	b.await("the end of the removal", func() bool { return b.openOf(account.OpRetire) == 0 })
	b.sound("backup-prod")
}

// The former secret is given to the account again while Microsoft is being asked to remove it: it is refused, and the account
// keeps what it has.
func TestConnectDuringTheRemoval(t *testing.T) {
	b := newBench(t)
	b.steward()
	h, err := b.api.HandOver(t.Context(), "backup-prod", resource.HandOverRequest{})
	if err != nil {
		t.Fatal(err)
	}
	b.renewed("backup-prod")
	b.emu.SetFaults(emulatortest.Fault{Service: "graph", Path: "*removePassword*", Times: 1, Delay: "2s"})
	b.emu.Advance(25 * time.Hour)
	b.awaitClock()
	awaitFault(t, b.emu)
	op, err := b.api.Connect(t.Context(), "backup-prod", resource.Connect{Material: resource.Material{Secret: h.Secret}})
	if op = b.finish(op, err, ""); op.State != account.OpFailed {
		t.Errorf("%s: %s", op.State, op.Summary)
	}
	b.await("the end of the removal", func() bool { return b.openOf(account.OpRetire) == 0 })
	b.sound("backup-prod")
}

// A steward reconciles without a person: it reads the application, and removes what nobody knows.
func TestAStewardReconciles(t *testing.T) {
	b := newBench(t)
	b.steward()
	before := b.account("backup-prod")
	orphan := b.strand(before, b.tag())
	op, err := b.api.Reconcile(t.Context(), "backup-prod", resource.UseSignIn{})
	wantDone(t, b.finish(op, err, ""))
	if slices.Contains(passwords(t, b.emu, before.ApplicationID), orphan) {
		t.Error("the orphan is still there")
	}
}

// What a steward's lost answer may have made is looked for, and removed, by the steward.
func TestAStewardLooksOnceMore(t *testing.T) {
	b := newBench(t)
	b.steward()
	before := b.account("backup-prod")
	stale := json.RawMessage(`{"id":"` + before.ApplicationObjectID + `","appId":"` + before.ApplicationID + `","displayName":"backup-prod","passwordCredentials":[],"keyCredentials":[]}`)
	b.emu.SetFaults(
		emulatortest.Fault{Service: "graph", Method: "POST", Path: "*addPassword*", Times: 1, Drop: "after"},
		emulatortest.Fault{Service: "graph", Method: "GET", Path: "*applications(*", Skip: 1, Times: 1, Answer: &emulatortest.Answer{Status: 200, Body: stale}},
	)
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{Soak: "0s"})
	wantDone(t, b.finish(op, err, ""))
	b.emu.SetFaults()
	for range 5 { // the last looks
		b.emu.Advance(5 * time.Minute)
		b.awaitClock()
	}
	b.await("the end of the last looks", func() bool { return b.openOf(account.OpTidy) == 0 })
	a := b.account("backup-prod")
	if got := passwords(t, b.emu, a.ApplicationID); len(got) != 1 || got[0] != a.Credential.KeyID {
		t.Errorf("on the application %v, in use %s", got, a.Credential.KeyID)
	}
}

// A deletion was done though its answer was lost: nobody is told that nothing was changed.
func TestADeletionWithoutAnAnswer(t *testing.T) {
	b := newBench(t)
	before := b.account("backup-prod")
	op, err := b.api.Remove(t.Context(), "backup-prod", client.Removal{DeleteApplication: true})
	if err != nil {
		t.Fatal(err)
	}
	b.emu.SetFaults(
		emulatortest.Fault{Service: "graph", Method: "DELETE", Path: "*applications/*", Times: 1, Drop: "after"},
		emulatortest.Fault{Service: "graph", Method: "DELETE", Path: "*applications/*", Times: 1, Answer: &emulatortest.Answer{Status: 403}},
	)
	if op = b.finish(op, err, owner); op.State != account.OpNeedsSignIn {
		t.Fatalf("%s: %s", op.State, op.Summary)
	}
	if op, err = b.api.SignIn(t.Context(), op.ID, resource.UseSignIn{}); err != nil {
		t.Fatal(err)
	}
	wantDone(t, b.finish(op, err, owner))
	if _, err := b.graph().Application(t.Context(), before.ApplicationID); !graph.IsNotFound(err) {
		t.Errorf("the application: %v", err)
	}
}

// Two accounts have the same secret: the renewal of one does not take it from the other.
func TestASecretThatTwoAccountsUse(t *testing.T) {
	b := newBench(t)
	first := b.account("backup-prod")
	h, err := b.api.HandOver(t.Context(), "backup-prod", resource.HandOverRequest{})
	if err != nil {
		t.Fatal(err)
	}
	op, err := b.api.Create(t.Context(), resource.Create{
		Kind: resource.CreateExisting, Name: "second", ApplicationID: first.ApplicationID, TenantID: first.TenantID,
		Material: resource.Material{Secret: h.Secret},
	})
	wantDone(t, b.finish(op, err, ""))
	b.renewed("backup-prod")
	b.emu.Advance(25 * time.Hour)
	b.awaitClock()
	op, err = b.api.Check(t.Context(), "backup-prod", resource.CheckRequest{SignIn: resource.SignInRef{Wish: true}})
	wantDone(t, b.finish(op, err, owner))
	b.await("a note that says who uses it", func() bool {
		return slices.ContainsFunc(b.account("backup-prod").Credentials, func(c resource.Credential) bool { return strings.Contains(c.Note, "second") })
	})
	op, err = b.api.Check(t.Context(), "second", resource.CheckRequest{})
	wantDone(t, b.finish(op, err, ""))
	if a := b.account("second"); a.State != account.Valid && a.State != account.Expiring {
		t.Errorf("the second account: %s: %s", a.State, a.Meaning)
	}
}

// A certificate signs for its own removal, and the answer is lost: that Entra does not know it any more is the answer.
func TestACertificateThatRemovesItself(t *testing.T) {
	b := newBench(t)
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{Kind: "certificate", Soak: "0s"})
	wantDone(t, b.finish(op, err, owner))
	op, err = b.api.Renew(t.Context(), "backup-prod", resource.Renew{Kind: "secret"})
	wantDone(t, b.finish(op, err, owner))
	if _, err := b.api.HandOver(t.Context(), "backup-prod", resource.HandOverRequest{Acknowledge: true}); err != nil {
		t.Fatal(err)
	}
	b.emu.SetFaults(emulatortest.Fault{Service: "graph", Path: "*removeKey*", Times: 1, Drop: "after"})
	b.emu.Advance(25 * time.Hour)
	awaitFault(t, b.emu)
	b.await("the removal", func() bool {
		b.emu.Advance(time.Hour)
		return len(keyIDs(b.account("backup-prod"), account.Retiring)) == 0
	})
	b.sound("backup-prod")
}

// Two orphaned certificates are removed one after another while servers lag: the second removal does not bring the first back.
func TestRemovedCertificatesStayRemoved(t *testing.T) {
	b := newBench(t)
	before := b.account("backup-prod")
	b.strange(before, b.tag())
	b.strange(before, b.tag())
	b.emu.SetReplicas(5*time.Second, 3)
	op, err := b.api.Reconcile(t.Context(), "backup-prod", resource.UseSignIn{})
	wantDone(t, b.finish(op, err, owner))
	b.emu.Advance(2 * time.Minute)
	b.awaitClock()
	app, err := b.graph().Application(t.Context(), before.ApplicationID)
	if err != nil || len(app.Keys) > 0 {
		t.Errorf("on the application: %+v, %v", app.Keys, err)
	}
}

// Somebody removes a certificate; a moment later another one is registered through servers that still show it.
func TestRegisteringBringsNothingBack(t *testing.T) {
	b := newBench(t)
	before := b.account("backup-prod")
	stolen := b.strange(before, "stolen")
	b.emu.SetReplicas(60*time.Second, 3)
	if _, err := b.graph().UnregisterKey(t.Context(), before.ApplicationObjectID, stolen); err != nil {
		t.Fatal(err)
	}
	now := b.emu.Now()
	c, err := certificate.NewSelfSigned("CN=new", certificate.MinBits, now.Add(-time.Minute), now.Add(1000*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	err = b.graph().RegisterKey(t.Context(), before.ApplicationObjectID, graph.NewKey{KeyID: uuid.NewString(), DisplayName: "new", DER: c.Leaf.Raw, Start: c.Leaf.NotBefore, End: c.Leaf.NotAfter})
	if err != nil && !graph.IsStaleKeys(err) {
		t.Fatal(err)
	}
	b.emu.Advance(2 * time.Minute)
	b.awaitClock()
	app, err := b.graph().Application(t.Context(), before.ApplicationID)
	if err != nil || slices.ContainsFunc(app.Keys, func(k graph.Key) bool { return k.KeyID == stolen }) {
		t.Errorf("it is back: %+v, %v", app.Keys, err)
	}
}

// A certificate that was registered a moment ago is taken back while reads lag.
func TestACertificateIsTakenBackWhileReadsLag(t *testing.T) {
	b := newBench(t)
	before := b.account("backup-prod")
	b.emu.SetReplication(10 * time.Second)
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{Kind: "certificate"})
	if err != nil {
		t.Fatal(err)
	}
	b.emu.Approve(op.SignIn.UserCode, owner)
	for !slices.ContainsFunc(op.Steps, func(s resource.Step) bool { return s.Name == "prove" && s.Detail != "" }) {
		if op, err = b.api.Wait(t.Context(), op.ID, op.Version, 10*time.Second); err != nil || op.Closed() {
			t.Fatalf("%+v, %v", op, err)
		}
	}
	op, err = b.api.Cancel(t.Context(), op.ID)
	if op = b.finish(op, err, owner); op.State != account.OpFailed {
		t.Errorf("%s: %s", op.State, op.Summary)
	}
	b.emu.Advance(2 * time.Minute)
	b.awaitClock()
	app, err := b.graph().Application(t.Context(), before.ApplicationID)
	if err != nil || len(app.Keys) > 0 {
		t.Errorf("on the application: %+v, %v", app.Keys, err)
	}
}

// A restoration cannot be cancelled once the application has come back: it would not be deleted again.
func TestACancelledRestoration(t *testing.T) {
	b := newBench(t)
	before := b.account("backup-archive")
	b.emu.SetFaults(emulatortest.Fault{Service: "entra", Path: "*token*", Caller: before.ApplicationID, Answer: &emulatortest.Answer{Error: "AADSTS700016"}})
	op, err := b.api.Recreate(t.Context(), "backup-archive", resource.Recreate{Choice: "restore"})
	if err != nil {
		t.Fatal(err)
	}
	b.emu.Approve(op.SignIn.UserCode, owner)
	awaitFault(t, b.emu)
	if _, err = b.api.Cancel(t.Context(), op.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "application is back") {
		t.Errorf("%v", err)
	}
	b.emu.SetFaults()
	wantDone(t, follow(t, b.api, b.emu, op, owner, op.SignIn.UserCode))
	b.sound("backup-archive")
}
