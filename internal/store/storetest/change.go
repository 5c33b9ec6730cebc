package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

func fullOperation() *account.Operation {
	return &account.Operation{
		ID: "o1", Kind: account.OpRecreate, State: account.OpWaitingChoice, AccountID: "0c2f", AccountName: "backup",
		Params: account.Params{Description: "d", Subscriptions: []string{"s1"}, Soak: new(account.Duration(0)), Choice: "restore", AllowMissing: true},
		Facts: account.Facts{
			Person: "owner@contoso.example", SignedInAt: new(at(1)), AppState: account.AppGone,
			Attempts: []account.Attempt{{Tag: "evercred/1", State: account.AttemptLost, At: at(2), LookCount: 3}},
			Grants:   []account.Grant{{Scope: "/subscriptions/s1", Role: "Contributor", Done: true}},
		},
		Steps: []account.Step{
			{Name: "add_secret", Title: "Adding a secret", StartedAt: at(3), EndedAt: new(at(4)), Outcome: account.StepDone, Tries: 2},
			{Name: "prove", Title: "Proving", StartedAt: at(5)},
		},
		SignIn:  &account.SignIn{State: account.SignInWaiting, UserCode: "ABCD", ExpiresAt: at(6), IntervalSeconds: 5},
		Choice:  &account.Choice{Question: "Which?", Options: []string{"restore", "new"}},
		Problem: &account.Problem{Code: "azure", Message: "m", Source: "AADSTS1"}, Summary: "s", StartedBy: "somebody", CreatedAt: at(1), NextAt: new(at(9)),
	}
}

func operationRoundTrip(t *testing.T, b *bench) {
	full, bare := fullOperation(), &account.Operation{ID: "o2", Kind: account.OpCheck, State: account.OpDone}
	for _, o := range []*account.Operation{full, bare} {
		b.do(func(tx *store.Tx) error {
			if err := tx.PutOperation(o); err != nil {
				return err
			}
			inside, err := tx.Operation(o.ID)
			same(t, "inside the change", inside, o)
			return err
		})
		got, err := b.Operation(b.ctx(), admin(), o.ID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, o.ID, got, o)
	}
	if full.StartedBy != "somebody" || !full.CreatedAt.Equal(at(1)) || full.ClosedAt != nil || full.Version != 1 {
		t.Error("given fields were overwritten")
	}
	if bare.StartedBy != "admin" || bare.CreatedAt.IsZero() || bare.ClosedAt == nil || bare.UpdatedAt.IsZero() {
		t.Errorf("missing fields were not set: %+v", bare)
	}
	_, err := b.Operation(b.ctx(), admin(), "nothing")
	wantFault(t, err, fault.NotFound, "")
	if err := b.try(func(tx *store.Tx) error { return tx.PutOperation(&account.Operation{}) }); err == nil {
		t.Error("an operation without an id was stored")
	}
}

func operationVersions(t *testing.T, b *bench) {
	o := fullOperation()
	b.do(func(tx *store.Tx) error { return tx.PutOperation(o) })
	stale := *o
	o.Summary = "first"
	b.do(func(tx *store.Tx) error { return tx.PutOperation(o) })
	stale.Summary = "second"
	wantFault(t, b.try(func(tx *store.Tx) error { return tx.PutOperation(&stale) }), fault.Conflict, "")
	if got, err := b.Operation(b.ctx(), admin(), o.ID); err != nil || got.Summary != "first" || got.Version != 2 || stale.Version != 1 {
		t.Errorf("stored %+v (%v), refused version %d", got, err, stale.Version)
	}
	wantFault(t, b.try(func(tx *store.Tx) error { return tx.PutOperation(&account.Operation{ID: o.ID}) }), fault.Conflict, "")
	wantFault(t, b.try(func(tx *store.Tx) error { return tx.PutOperation(&account.Operation{ID: "x", Version: 4}) }), fault.NotFound, "")
}

func operationQueries(t *testing.T, b *bench) {
	b.do(func(tx *store.Tx) error {
		for _, o := range []account.Operation{
			{ID: "1", AccountID: "a", State: account.OpDone, CreatedAt: at(1)},
			{ID: "2", AccountID: "a", State: account.OpRunning, CreatedAt: at(5)},
			{ID: "9", AccountID: "b", State: account.OpNeedsSignIn, CreatedAt: at(3)},
			{ID: "4", AccountID: "a", State: account.OpWaitingChoice, CreatedAt: at(3)},
			{ID: "5", AccountID: "a", State: account.OpFailed, CreatedAt: at(6)},
			{ID: "6", AccountID: "b", State: account.OpCancelled, CreatedAt: at(2)},
		} {
			if err := tx.PutOperation(&o); err != nil {
				return err
			}
		}
		return nil
	})
	for _, tt := range []struct {
		q    store.OperationQuery
		want []string
	}{
		{store.OperationQuery{}, []string{"5", "2", "4", "9", "6", "1"}},
		{store.OperationQuery{AccountID: "a"}, []string{"5", "2", "4", "1"}},
		{store.OperationQuery{OpenOnly: true}, []string{"2", "4", "9"}},
		{store.OperationQuery{AccountID: "b", OpenOnly: true}, []string{"9"}},
		{store.OperationQuery{AccountID: "a", Limit: 2}, []string{"5", "2"}},
		{store.OperationQuery{AccountID: "nobody"}, nil},
	} {
		list, err := b.Operations(b.ctx(), admin(), tt.q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range list {
			got = append(got, o.ID)
		}
		same(t, "operations", got, tt.want)
	}
}

func changeWritesItsAuditRow(t *testing.T, b *bench) {
	by := account.Caller{Name: "Zoë", Via: "job"}
	event := store.Event{
		Action: "account.added", AccountID: "id", AccountName: "name", OperationID: "op", CredentialID: "cred",
		Detail: map[string]string{"why": "ümlaut \"quoted\""},
	}
	err := b.Change(b.ctx(), by, event, func(tx *store.Tx) error {
		if err := tx.Audit(store.Event{}); err == nil {
			t.Error("a further row without an action was written")
		}
		return tx.Audit(store.Event{Action: "role.assigned"})
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := b.audit()
	if len(rows) != 2 || rows[1].At.IsZero() || rows[0].ID <= rows[1].ID {
		t.Fatalf("rows %+v", rows)
	}
	same(t, "the row of the change", rows[1], store.AuditRow{ID: rows[1].ID, At: rows[1].At, Caller: by, Event: event})
	same(t, "the further row", rows[0], store.AuditRow{ID: rows[0].ID, At: rows[0].At, Caller: by, Event: store.Event{Action: "role.assigned"}})
}

func changeIsWholeOrAbsent(t *testing.T, b *bench) {
	a := b.addAccount("a", account.Credential{ID: "c1", Slot: account.Current})
	b.do(func(tx *store.Tx) error { return tx.PutMaterial("c1", secret.New("old")) })
	before, rows := b.account("a"), b.audit()
	o := &account.Operation{ID: "o"}
	boom := errors.New("boom")
	err := b.try(func(tx *store.Tx) error {
		a.Description = "changed"
		return errors.Join(tx.PutAccount(a), tx.PutAccount(a), tx.PutCredential(account.Credential{ID: "c2", AccountID: a.ID}),
			tx.PutMaterial("c1", secret.New("new")), tx.PutOperation(o), tx.PutSignIn("o", store.SignInSecret{Device: secret.New("d")}),
			tx.Audit(store.Event{Action: "further"}), boom)
	})
	if !errors.Is(err, boom) {
		t.Fatalf("error %v", err)
	}
	same(t, "account", b.account("a"), before)
	same(t, "audit log", b.audit(), rows)
	if v, err := b.Material(b.ctx(), admin(), "c1"); err != nil || v.Reveal() != "old" {
		t.Errorf("the material changed (%v)", err)
	}
	_, err = b.Operation(b.ctx(), admin(), "o")
	wantFault(t, err, fault.NotFound, "")
	if a.Version != 1 || o.Version != 0 || o.StartedBy != "" {
		t.Errorf("in memory the versions are %d and %d, want 1 and 0: the next try would be refused", a.Version, o.Version)
	}
	b.do(func(tx *store.Tx) error { return errors.Join(tx.PutAccount(a), tx.PutOperation(o)) })
}

func changeThatPanics(t *testing.T, b *bench) {
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = b.try(func(tx *store.Tx) error {
			if err := tx.PutAccount(&account.Account{ID: "p", Name: "p"}); err != nil {
				return err
			}
			panic("a defect")
		})
	}()
	_, err := b.Account(b.ctx(), admin(), "p")
	wantFault(t, err, fault.NotFound, "")
	b.addAccount("next") // the writer is free again
}

func changeRefusesTheNameless(t *testing.T, b *bench) {
	never := func(*store.Tx) error {
		t.Error("the change was begun")
		return nil
	}
	wantFault(t, b.Change(b.ctx(), account.Caller{Via: "api"}, store.Event{Action: "x"}, never), fault.Unauthorized, "")
	for _, action := range []string{"", " "} {
		if err := b.Change(b.ctx(), admin(), store.Event{Action: action}, never); err == nil {
			t.Error("an event without an action was taken")
		}
	}
	if len(b.audit()) != 0 {
		t.Error("rows were written")
	}
}

func readsRefuseTheNameless(t *testing.T, b *bench) {
	b.addAccount("a", account.Credential{ID: "c"})
	b.do(func(tx *store.Tx) error {
		return errors.Join(tx.PutMaterial("c", secret.New("x")), tx.PutOperation(&account.Operation{ID: "o"}))
	})
	ctx, nobody := b.ctx(), account.Caller{}
	for name, f := range map[string]func() error{
		"Account":     func() error { _, err := b.Account(ctx, nobody, "a"); return err },
		"Accounts":    func() error { _, err := b.Accounts(ctx, nobody); return err },
		"Operation":   func() error { _, err := b.Operation(ctx, nobody, "o"); return err },
		"Operations":  func() error { _, err := b.Operations(ctx, nobody, store.OperationQuery{}); return err },
		"Audit":       func() error { _, err := b.Audit(ctx, nobody, store.AuditQuery{}); return err },
		"Material":    func() error { _, err := b.Material(ctx, nobody, "c"); return err },
		"Disclose":    func() error { _, err := b.Disclose(ctx, nobody, "c", "p", nil); return err },
		"SignIn":      func() error { _, err := b.SignIn(ctx, nobody, "o"); return err },
		"AddAPIToken": func() error { return b.AddAPIToken(ctx, nobody, "n", secret.New("long enough to be a token")) },
	} {
		t.Log(name)
		wantFault(t, f(), fault.Unauthorized, "")
	}
}

func cancelledChange(t *testing.T, b *bench) {
	ctx, cancel := context.WithCancel(b.ctx())
	err := b.Change(ctx, admin(), store.Event{Action: "x"}, func(tx *store.Tx) error {
		cancel()
		return tx.PutAccount(&account.Account{ID: "x", Name: "x"})
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
	if _, err := b.Accounts(ctx, admin()); !errors.Is(err, context.Canceled) {
		t.Errorf("reading: %v", err)
	}
	_, err = b.Account(b.ctx(), admin(), "x")
	wantFault(t, err, fault.NotFound, "")
	b.addAccount("next")
}

func txAfterItsEnd(t *testing.T, b *bench) {
	var kept *store.Tx
	b.do(func(tx *store.Tx) error { kept = tx; return nil })
	if err := kept.PutAccount(&account.Account{ID: "x", Name: "x"}); err == nil {
		t.Error("a change went on after its end")
	}
	if len(b.audit()) != 1 {
		t.Error("it left a row")
	}
}

func auditQueries(t *testing.T, b *bench) {
	for _, e := range []store.Event{{Action: "1", AccountID: "a"}, {Action: "2", AccountID: "b"}, {Action: "3", AccountID: "a"}, {Action: "4"}} {
		if err := b.Change(b.ctx(), admin(), e, func(*store.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		q    store.AuditQuery
		want string
	}{
		{store.AuditQuery{}, "4321"},
		{store.AuditQuery{Limit: 2}, "43"},
		{store.AuditQuery{AccountID: "a"}, "31"},
		{store.AuditQuery{AccountID: "a", Limit: 1}, "3"},
		{store.AuditQuery{AccountID: "nobody"}, ""},
	} {
		rows, err := b.Audit(b.ctx(), admin(), tt.q)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, r := range rows {
			got.WriteString(r.Action)
		}
		if got.String() != tt.want {
			t.Errorf("%+v: rows %q, want %q", tt.q, got.String(), tt.want)
		}
	}
}
