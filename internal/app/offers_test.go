package app

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// attempt asks the API for an action. What is given to connect is wrong: that it is looked at is what counts here.
func (b *bench) attempt(name string, action account.Action) (*resource.Operation, error) {
	ctx := b.t.Context()
	switch action {
	case account.ActRenew:
		return b.api.Renew(ctx, name, resource.Renew{})
	case account.ActRecreate:
		return b.api.Recreate(ctx, name, resource.Recreate{})
	case account.ActConnectSecret:
		return b.api.Connect(ctx, name, resource.Connect{Material: resource.Material{Secret: resource.Reveal(secret.New("wrong-value-of-a-secret"))}})
	case account.ActConnectCertificate:
		return b.api.Connect(ctx, name, resource.Connect{Material: resource.Material{Certificate: b.strangePFX()}})
	case account.ActCheck:
		return b.api.Check(ctx, name, resource.CheckRequest{})
	case account.ActCheckSignIn:
		return b.api.Check(ctx, name, resource.CheckRequest{SignIn: resource.SignInRef{Wish: true}})
	case account.ActReconcile:
		return b.api.Reconcile(ctx, name, resource.UseSignIn{})
	case account.ActGrant:
		return b.api.Grant(ctx, name, resource.GrantRequest{})
	case account.ActRollback:
		return b.api.Rollback(ctx, name)
	case account.ActHandOver:
		_, err := b.api.HandOver(ctx, name, resource.HandOverRequest{})
		return nil, err
	case account.ActAcknowledge:
		_, err := b.api.Acknowledge(ctx, name)
		return nil, err
	case account.ActRemove:
		return b.api.Remove(ctx, name, client.Removal{})
	}
	b.t.Fatalf("there is no way to ask for %s", action)
	return nil, nil
}

// end closes what attempt has started.
func (b *bench) end(op *resource.Operation) {
	b.t.Helper()
	if op == nil || op.Closed() {
		return
	}
	if _, err := b.api.Cancel(b.t.Context(), op.ID); err != nil && !fault.Is(err, fault.Conflict) {
		b.t.Fatal(err)
	}
	for !op.Closed() {
		var err error
		if op, err = b.api.Wait(b.t.Context(), op.ID, op.Version, 10*time.Second); err != nil {
			b.t.Fatal(err)
		}
	}
}

// TestOffersAndEngineAgree asks for every action on accounts of every kind: what is offered is accepted, and what the
// account's kind rules out is refused with the very reason that is shown.
func TestOffersAndEngineAgree(t *testing.T) {
	b := newBench(t)
	offered, refused := 0, 0
	for _, d := range demoAccounts() {
		op, err := b.api.Check(t.Context(), d.name, resource.CheckRequest{})
		wantDone(t, b.finish(op, err, owner))
		for _, action := range account.Actions() { // remove is the last
			offer := offerOf(t, b.account(d.name), action)
			a, err := b.app.store.Account(t.Context(), account.System(), d.name)
			if err != nil {
				t.Fatal(err)
			}
			rule := account.Refusal(a, action, b.emu.Now())
			op, err := b.attempt(d.name, action)
			switch {
			case offer.Offered:
				offered++
				if err != nil {
					t.Errorf("%s of %s is offered and refused: %v", action, d.name, err)
				}
			case rule != nil:
				refused++
				if err == nil || fault.From(err).Message != offer.Reason {
					t.Errorf("%s of %s: refused with %v, the reason shown is %q", action, d.name, err, offer.Reason)
				}
			}
			b.end(op)
		}
	}
	if offered < 30 || refused < 2 {
		t.Errorf("%d were offered and %d refused: the test has missed them", offered, refused)
	}
}

// TestRenewingAnExistingApplicationAddsBesideTheOthers: the secret that somebody else made is neither touched nor claimed.
func TestRenewingAnExistingApplicationAddsBesideTheOthers(t *testing.T) {
	b := newBench(t)
	before := b.account("backup-sql")
	op, err := b.api.Renew(t.Context(), "backup-sql", resource.Renew{Soak: "0s"})
	wantDone(t, b.finish(op, err, owner))
	after := b.account("backup-sql")
	if after.Origin != account.Existing || after.Credential.MadeBy != resource.MadeByEvercred || after.Credential.ID == before.Credential.ID {
		t.Errorf("origin %s, credential %+v", after.Origin, after.Credential)
	}
	for _, c := range after.Credentials {
		if c.ID == before.Credential.ID && (c.Slot != account.Retiring || c.RemovedAt != nil) {
			t.Errorf("the secret of others: %+v", c)
		}
	}
}

// TestAnEndInThePastIsRefused: a secret that is good cannot have ended, and would be shown as ended from then on.
func TestAnEndInThePastIsRefused(t *testing.T) {
	b := newBench(t)
	past := b.emu.Now().Add(-time.Minute)
	_, err := b.api.Connect(t.Context(), "backup-sql", resource.Connect{Material: resource.Material{
		Secret: &resource.Secret{Value: secret.New("some value")}, SecretExpiresAt: &past,
	}})
	if f := fault.From(err); f.Code != fault.Invalid || f.Field != "secret_expires_at" {
		t.Errorf("%v, want a fault of secret_expires_at", err)
	}
}

// TestOffersWhileAnOperationIsUnderWay holds the account by an operation that nobody drives.
func TestOffersWhileAnOperationIsUnderWay(t *testing.T) {
	b := newBench(t)
	a := b.account("backup-prod")
	far := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	op := &account.Operation{
		ID: "op-test", Kind: account.OpRecreate, State: account.OpRunning, AccountID: a.ID, AccountName: a.Name, NextAt: &far, CreatedAt: a.AsOf,
		Facts: account.Facts{Attempts: []account.Attempt{{Tag: "evercred/x", State: account.AttemptAdded}}},
	}
	b.put(op)
	a = b.account("backup-prod")
	if a.Operation == nil || a.Operation.ID != op.ID || a.Operation.State != account.OpRunning {
		t.Errorf("the account shows %+v", a.Operation)
	}
	for _, action := range account.Actions() {
		offer := offerOf(t, a, action)
		_, err := b.attempt("backup-prod", action)
		if strings.Contains(offer.Reason, "acknowledged already") || strings.Contains(offer.Reason, "no former credential") {
			continue // to say it again changes nothing and is no error; there is nothing to go back to either way
		}
		if offer.Offered != (err == nil) || !offer.Offered && (!fault.Is(err, fault.Conflict) || !strings.Contains(offer.Reason, "re-creation")) {
			t.Errorf("%s: offered %t (%s), answer %v", action, offer.Offered, offer.Reason, err)
		}
	}
	op.State = account.OpDone
	b.put(op)
}

func offerOf(t *testing.T, a *resource.Account, action account.Action) resource.Action {
	t.Helper()
	for _, o := range a.Actions {
		if o.Name == action {
			return o
		}
	}
	t.Fatalf("%s says nothing of %s", a.Name, action)
	return resource.Action{}
}

func (b *bench) put(op *account.Operation) {
	b.t.Helper()
	err := b.app.store.Change(context.Background(), account.System(), store.Event{Action: "test.put"}, func(tx *store.Tx) error { return tx.PutOperation(op) })
	if err != nil {
		b.t.Fatal(err)
	}
}

// TestTheFateOfAnOldSecretIsToldAsItHappens follows a renewal and its soak and holds the words against what comes to pass.
func TestTheFateOfAnOldSecretIsToldAsItHappens(t *testing.T) {
	b := newBench(t)
	old := b.account("backup-prod").Credential.ID
	fate := func() *resource.Fate {
		t.Helper()
		for _, c := range b.account("backup-prod").Credentials {
			if c.ID == old {
				return c.Fate
			}
		}
		t.Fatal("the old secret is not listed")
		return nil
	}
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{})
	wantDone(t, b.finish(op, err, owner))
	if f := fate(); f == nil || !strings.Contains(f.Text, "until the hand-over of the new one is acknowledged") {
		t.Errorf("after the renewal: %+v", f)
	}
	if c := b.account("backup-prod").Credential; c.Fate == nil || !strings.Contains(c.Fate.Text, "has not been handed over") {
		t.Errorf("the new one: %+v", c.Fate)
	}
	h, err := b.api.HandOver(t.Context(), "backup-prod", resource.HandOverRequest{Acknowledge: true})
	if err != nil || h.Credential.Fate != nil || h.Credential.DisclosedAt == nil {
		t.Fatalf("handed over: %+v, %v", h, err)
	}
	f := fate()
	if f == nil || f.At == nil || !strings.Contains(f.Text, "keeps working until") {
		t.Fatalf("in its soak: %+v", f)
	}
	b.emu.Advance(f.At.Sub(b.emu.Now()) - time.Minute)
	b.awaitClock()
	if got := fate(); got == nil || !got.At.Equal(*f.At) {
		t.Errorf("a minute before: %+v", got)
	}
	b.emu.Advance(2 * time.Minute)
	b.awaitClock()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		if got := fate(); got == nil || strings.Contains(got.Text, "nobody at hand may remove it") {
			return // it was removed, or it says why not: the demo's application may not remove its own secrets
		}
		ops, err := b.api.Operations(t.Context(), "backup-prod")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.api.Wait(t.Context(), ops[0].ID, ops[0].Version, time.Second); err != nil {
			t.Fatal(err)
		}
	}
	t.Errorf("after its soak: %+v", fate())
}
