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

// Only current credentials count, and only those that end before the moment.
func accountsEnding(t *testing.T, b *bench) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]account.Credential{
		"soon":    {Slot: account.Current, ExpiresAt: new(now.Add(time.Hour))},
		"late":    {Slot: account.Current, ExpiresAt: new(now.Add(48 * time.Hour))},
		"never":   {Slot: account.Current},
		"retired": {Slot: account.Retiring, ExpiresAt: new(now.Add(time.Hour))},
	} {
		c.ID, c.Kind, c.AddedAt = "c-"+name, account.Secret, now
		b.addAccount(name, c)
	}
	list, err := b.AccountsEnding(b.ctx(), admin(), now.Add(24*time.Hour))
	if err != nil || len(list) != 1 || list[0].Name != "soon" || list[0].Current() == nil {
		t.Errorf("%v, %v", list, err)
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
