package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// A tenant has one steward, another one takes its place, and one that is forgotten leaves none.
func stewards(t *testing.T, b *bench) {
	ids := map[string]string{"first": b.addAccount("first").ID, "second": b.addAccount("second").ID}
	of := func() string {
		t.Helper()
		id, err := b.StewardOf(b.ctx(), admin(), "global", "tenant")
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	if got := of(); got != "" {
		t.Errorf("at first: %q", got)
	}
	for _, name := range []string{"first", "second"} {
		b.do(func(tx *store.Tx) error { return tx.PutSteward("global", "tenant", ids[name]) })
		if got := of(); got != ids[name] {
			t.Errorf("steward %q, want %s", got, name)
		}
	}
	list, err := b.Stewards(b.ctx(), admin())
	if diff := cmp.Diff([]store.Steward{{Cloud: "global", TenantID: "tenant", AccountID: ids["second"]}}, list); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	b.do(func(tx *store.Tx) error { return tx.DropSteward(ids["first"]) })
	if got := of(); got != ids["second"] {
		t.Errorf("after another one was dropped: %q", got)
	}
	b.do(func(tx *store.Tx) error { return tx.DeleteAccount(ids["second"]) })
	if got := of(); got != "" {
		t.Errorf("after it was forgotten: %q", got)
	}
}

// What a connection was offered is there while it is open, and gone when it is closed.
func offered(t *testing.T, b *bench) {
	op := &account.Operation{ID: "o", Kind: account.OpConnect, State: account.OpRunning}
	value := secret.New("the-offered-text")
	b.do(func(tx *store.Tx) error {
		if err := tx.PutOperation(op); err != nil {
			return err
		}
		return tx.PutOffered(op.ID, value)
	})
	got, err := b.Offered(b.ctx(), admin(), op.ID)
	if err != nil || !got.Equal(value) {
		t.Errorf("offered: %v", err)
	}
	op.State = account.OpDone
	b.do(func(tx *store.Tx) error { return tx.PutOperation(op) })
	if _, err := b.Offered(b.ctx(), admin(), op.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("after the end: %v", err)
	}
	err = b.try(func(tx *store.Tx) error { return tx.PutOffered(op.ID, value) })
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("offered to a closed one: %v", err)
	}
}

// Only current credentials count, of accounts whose policy is automatic and whose time has come; the first to end is first.
func accountsToRenew(t *testing.T, b *bench) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	add := func(name string, automatic bool, c account.Credential) *account.Account {
		c.ID, c.Kind, c.AddedAt, c.StartsAt = "c-"+name, account.Secret, now, new(now.Add(-400*24*time.Hour))
		a := b.addAccount(name, c)
		a.Policy.Automatic = automatic
		b.do(func(tx *store.Tx) error { return tx.PutAccount(a) })
		return a
	}
	add("later", true, account.Credential{Slot: account.Current, ExpiresAt: new(now.Add(20 * 24 * time.Hour))})
	soon := add("soon", true, account.Credential{Slot: account.Current, ExpiresAt: new(now.Add(time.Hour))})
	add("by-hand", false, account.Credential{Slot: account.Current, ExpiresAt: new(now.Add(time.Hour))})
	add("not-yet", true, account.Credential{Slot: account.Current, ExpiresAt: new(now.Add(60 * 24 * time.Hour))})
	add("never", true, account.Credential{Slot: account.Current})
	add("retired", true, account.Credential{Slot: account.Retiring, ExpiresAt: new(now.Add(time.Hour))})
	names := func() (out []string) {
		t.Helper()
		list, err := b.AccountsToRenew(b.ctx(), admin(), now)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			out = append(out, a.Name)
		}
		return out
	}
	if diff := cmp.Diff([]string{"soon", "later"}, names()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	soon.Policy.Automatic = false
	b.do(func(tx *store.Tx) error { return tx.PutAccount(soon) })
	if diff := cmp.Diff([]string{"later"}, names()); diff != "" {
		t.Errorf("after an edit of the policy (-want +got):\n%s", diff)
	}
}

// A database knows when it was written.
func wroteBetween(t *testing.T, b *bench) {
	b.do(func(*store.Tx) error { return nil })
	when := b.audit()[0].At
	for name, tc := range map[string]struct {
		from, to time.Duration
		want     bool
	}{"around": {-time.Minute, time.Minute, true}, "long before": {-time.Hour, -time.Minute, false}} {
		got, err := b.WroteBetween(b.ctx(), admin(), when.Add(tc.from), when.Add(tc.to))
		if err != nil || got != tc.want {
			t.Errorf("%s: %t, %v", name, got, err)
		}
	}
	if len(b.Installation()) != 8 {
		t.Errorf("installation %q", b.Installation())
	}
}
