package storetest

import (
	"strings"
	"testing"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

func materials(t *testing.T, b *bench) {
	b.addAccount("a", account.Credential{ID: "c1"}, account.Credential{ID: "c2"})
	_, err := b.Material(b.ctx(), admin(), "c1")
	wantFault(t, err, fault.NotFound, "") // none yet
	_, err = b.Material(b.ctx(), admin(), "nothing")
	wantFault(t, err, fault.NotFound, "")
	long := strings.Repeat("-----BEGIN PRIVATE KEY----- ü ", 1000)
	b.do(func(tx *store.Tx) error {
		if err := tx.PutMaterial("c1", secret.New("replaced")); err != nil {
			return err
		}
		if err := tx.PutMaterial("c1", secret.New(long)); err != nil {
			return err
		}
		return tx.PutMaterial("c2", secret.New("two"))
	})
	for id, want := range map[string]string{"c1": long, "c2": "two"} {
		if v, err := b.Material(b.ctx(), admin(), id); err != nil || v.Reveal() != want {
			t.Errorf("material of %s: %v", id, err)
		}
	}
	if n := len(b.audit()); n != 2 {
		t.Errorf("%d audit rows: to authenticate is no disclosure", n)
	}
	b.do(func(tx *store.Tx) error { return tx.DropMaterial("c1") })
	_, err = b.Material(b.ctx(), admin(), "c1")
	wantFault(t, err, fault.NotFound, "")
	b.do(func(tx *store.Tx) error { return tx.DropMaterial("c1") }) // there may be none
	for name, f := range map[string]func(tx *store.Tx) error{
		"put":  func(tx *store.Tx) error { return tx.PutMaterial("nothing", secret.New("x")) },
		"drop": func(tx *store.Tx) error { return tx.DropMaterial("nothing") },
	} {
		t.Log(name)
		wantFault(t, b.try(f), fault.NotFound, "")
	}
	if err := b.try(func(tx *store.Tx) error { return tx.PutMaterial("c2", secret.Value{}) }); err == nil {
		t.Error("empty material was stored")
	}
}

func disclose(t *testing.T, b *bench) {
	a := b.addAccount("a", account.Credential{ID: "c1", Slot: account.Current}, account.Credential{ID: "c2"})
	b.do(func(tx *store.Tx) error { return tx.PutMaterial("c1", secret.New("hand me over")) })
	v, err := b.Disclose(b.ctx(), account.Caller{Name: "eve", Via: "api"}, "c1", "hand-over", nil)
	if err != nil || v.Reveal() != "hand me over" {
		t.Fatalf("disclosing: %v", err)
	}
	row := b.audit()[0]
	want := store.AuditRow{ID: row.ID, At: row.At, Caller: account.Caller{Name: "eve", Via: "api"}, Event: store.Event{
		Action: "credential.disclosed", AccountID: a.ID, AccountName: "a", CredentialID: "c1", Detail: map[string]string{"purpose": "hand-over"},
	}}
	same(t, "audit row", row, want)
	if c := b.account("a").Current(); c.DisclosedAt == nil || !c.DisclosedAt.Equal(row.At) {
		t.Errorf("disclosed at %v, audit row of %v", c.DisclosedAt, row.At)
	}
	before := len(b.audit())
	for _, id := range []string{"c2", "nothing"} { // c2 has no material
		_, err := b.Disclose(b.ctx(), admin(), id, "hand-over", nil)
		wantFault(t, err, fault.NotFound, "")
	}
	if n := len(b.audit()); n != before {
		t.Error("a disclosure that did not happen is in the audit log")
	}
	if c := b.account("a").Credential("c2"); c.DisclosedAt != nil {
		t.Error("a disclosure that did not happen is on the credential")
	}
}

func discloseNeedsAPurpose(t *testing.T, b *bench) {
	b.addAccount("a", account.Credential{ID: "c1"})
	b.do(func(tx *store.Tx) error { return tx.PutMaterial("c1", secret.New("x")) })
	v, err := b.Disclose(b.ctx(), admin(), "c1", "", nil)
	wantFault(t, err, fault.Invalid, "")
	if !v.Empty() {
		t.Error("it was disclosed")
	}
}

func signIns(t *testing.T, b *bench) {
	b.do(func(tx *store.Tx) error {
		return tx.PutOperation(&account.Operation{ID: "o", State: account.OpWaitingSignIn})
	})
	want := func(device, refresh string) {
		t.Helper()
		v, err := b.SignIn(b.ctx(), admin(), "o")
		if err != nil || v.Device.Reveal() != device || v.Refresh.Reveal() != refresh {
			t.Errorf("device %t, refresh %t, error %v", v.Device.Reveal() == device, v.Refresh.Reveal() == refresh, err)
		}
	}
	want("", "")
	b.do(func(tx *store.Tx) error {
		return tx.PutSignIn("o", store.SignInSecret{Device: secret.New("device code")})
	})
	want("device code", "")
	b.do(func(tx *store.Tx) error {
		return tx.PutSignIn("o", store.SignInSecret{Refresh: secret.New("refresh token")})
	})
	want("", "refresh token")
	o, err := b.Operation(b.ctx(), admin(), "o")
	if err != nil {
		t.Fatal(err)
	}
	o.State = account.OpRunning // the journal goes on; the sign-in stays
	b.do(func(tx *store.Tx) error { return tx.PutOperation(o) })
	want("", "refresh token")
	b.do(func(tx *store.Tx) error { return tx.DropSignIn("o") })
	want("", "")
	_, err = b.SignIn(b.ctx(), admin(), "nothing")
	wantFault(t, err, fault.NotFound, "")
	wantFault(t, b.try(func(tx *store.Tx) error { return tx.PutSignIn("nothing", store.SignInSecret{}) }), fault.NotFound, "")
	wantFault(t, b.try(func(tx *store.Tx) error { return tx.DropSignIn("nothing") }), fault.NotFound, "")
}

func closingDestroysTheSignIn(t *testing.T, b *bench) {
	for _, state := range []account.OperationState{account.OpDone, account.OpFailed, account.OpCancelled} {
		o := &account.Operation{ID: "o-" + string(state), State: account.OpRunning}
		b.do(func(tx *store.Tx) error {
			if err := tx.PutOperation(o); err != nil {
				return err
			}
			return tx.PutSignIn(o.ID, store.SignInSecret{Device: secret.New("d"), Refresh: secret.New("r")})
		})
		o.State = state
		b.do(func(tx *store.Tx) error { return tx.PutOperation(o) })
		if v, err := b.SignIn(b.ctx(), admin(), o.ID); err != nil || !v.Device.Empty() || !v.Refresh.Empty() {
			t.Errorf("%s: the sign-in outlives the operation (%v)", state, err)
		}
		if o.ClosedAt == nil {
			t.Errorf("%s: closed at no time", state)
		}
		err := b.try(func(tx *store.Tx) error { return tx.PutSignIn(o.ID, store.SignInSecret{Device: secret.New("d")}) })
		wantFault(t, err, fault.Conflict, "")
	}
}

func apiTokens(t *testing.T, b *bench) {
	token, other := secret.New("a-token-that-nobody-guesses"), secret.New("another-token-of-some-length")
	who := func(v secret.Value) (account.Caller, bool) {
		t.Helper()
		c, ok, err := b.APITokenCaller(b.ctx(), v)
		if err != nil {
			t.Fatal(err)
		}
		return c, ok
	}
	if _, ok := who(token); ok {
		t.Error("an unknown token has a caller")
	}
	add := func(name string, v secret.Value) error { return b.AddAPIToken(b.ctx(), admin(), name, v) }
	if err := add("ci", token); err != nil {
		t.Fatal(err)
	}
	c, ok := who(token)
	same(t, "caller", c, account.Caller{Name: "ci", Via: "api"})
	if !ok {
		t.Error("the token has no caller")
	}
	row := b.audit()[0]
	same(t, "audit row", row.Event, store.Event{Action: "api_token.added", Detail: map[string]string{"name": "ci"}})
	wantFault(t, add("somebody else", token), fault.Conflict, "token")
	wantFault(t, add("", other), fault.Invalid, "name")
	wantFault(t, add("short", secret.New("short")), fault.Invalid, "token")
	if err := add("ci", other); err != nil {
		t.Fatal(err)
	}
	if _, ok := who(token); ok {
		t.Error("the replaced token still works")
	}
	if c, ok := who(other); !ok || c.Name != "ci" {
		t.Errorf("the new token is %v's", c)
	}
	for _, v := range []secret.Value{{}, secret.New("A-TOKEN-THAT-NOBODY-GUESSES")} {
		if c, ok := who(v); ok {
			t.Errorf("caller %v", c)
		}
	}
	var actions []string
	for _, r := range b.audit() {
		actions = append(actions, r.Action)
	}
	same(t, "actions", actions, []string{"api_token.removed", "api_token.added", "api_token.added"})
}
