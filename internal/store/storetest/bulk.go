package storetest

import (
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

func bulks(t *testing.T, b *bench) {
	one, two := b.addAccount("one"), b.addAccount("two")
	lifetime := account.Duration(time.Hour)
	bulk := &store.Bulk{ID: "bulk-1", Action: "renew", Params: store.BulkParams{SignIn: "s", Kind: account.Certificate, Lifetime: &lifetime}}
	items := []store.BulkItem{
		{AccountID: one.ID, AccountName: one.Name, State: store.ItemWaiting},
		{AccountID: two.ID, AccountName: two.Name, State: store.ItemWaiting},
		{AccountName: "nobody", State: store.ItemRefused, Problem: &account.Problem{Code: "not_found", Message: "There is none."}},
	}
	b.do(func(tx *store.Tx) error { return tx.PutBulk(bulk, items) })
	read := func() *store.Bulk {
		t.Helper()
		got, err := b.Bulk(b.ctx(), admin(), "bulk-1")
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	got := read()
	same(t, "parameters", got.Params, bulk.Params)
	same(t, "counts", got.Counts, map[store.ItemState]int{store.ItemWaiting: 2, store.ItemRefused: 1})
	if got.Caller != admin() || got.ClosedAt != nil || got.CreatedAt.IsZero() {
		t.Errorf("%+v", got)
	}
	// The operation of an item is noted in the transaction that stores it, and once.
	begin := func(seq int, id string) {
		t.Helper()
		err := b.Change(store.WithBulkItem(b.ctx(), "bulk-1", seq), admin(), store.Event{Action: "operation.started"}, func(tx *store.Tx) error {
			return tx.PutOperation(&account.Operation{ID: id, AccountID: one.ID, Kind: account.OpRenew, State: account.OpRunning})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	begin(0, "op-1")
	begin(0, "op-2")
	running, err := b.BulkItems(b.ctx(), admin(), "bulk-1", store.ItemQuery{States: []store.ItemState{store.ItemRunning}, WithOperations: true})
	if err != nil || len(running) != 1 || running[0].OperationID != "op-1" || running[0].Operation == nil || running[0].AccountID != one.ID {
		t.Fatalf("%+v, %v", running, err)
	}
	if closed, err := b.CloseBulk(b.ctx(), "bulk-1"); closed || err != nil {
		t.Errorf("a bulk with open items was closed (%v)", err)
	}
	running[0].State = store.ItemDone
	if err := b.SetBulkItem(b.ctx(), "bulk-1", &running[0]); err != nil {
		t.Fatal(err)
	}
	b.do(func(tx *store.Tx) error { return tx.CancelBulk("bulk-1") })
	same(t, "counts at the end", read().Counts, map[store.ItemState]int{store.ItemDone: 1, store.ItemCancelled: 1, store.ItemRefused: 1})
	if open, err := b.Bulks(b.ctx(), admin(), true); err != nil || len(open) != 1 {
		t.Errorf("open: %v, %v", open, err)
	}
	if closed, err := b.CloseBulk(b.ctx(), "bulk-1"); !closed || err != nil || read().ClosedAt == nil {
		t.Errorf("not closed (%v)", err)
	}
	if open, err := b.Bulks(b.ctx(), admin(), true); err != nil || len(open) != 0 {
		t.Errorf("open: %v, %v", open, err)
	}
	page, err := b.BulkItems(b.ctx(), admin(), "bulk-1", store.ItemQuery{Limit: 1, Offset: 2})
	if err != nil || len(page) != 1 || page[0].AccountName != "nobody" || page[0].Problem.Message != "There is none." {
		t.Errorf("%+v, %v", page, err)
	}
	_, err = b.Bulk(b.ctx(), admin(), "nothing")
	wantFault(t, err, fault.NotFound, "")
}

func resolves(t *testing.T, b *bench) {
	b.addAccount("One")
	b.addAccount("id-One") // named as the other's id
	got, err := b.Resolve(b.ctx(), admin(), []string{"ONE", "id-One", "id-id-One", "nobody"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "resolved", got, map[string]string{"ONE": "id-One", "id-One": "id-One", "id-id-One": "id-id-One"})
}

func keyedRequests(t *testing.T, b *bench) {
	now := at(1)
	begin := func(by account.Caller, request, id string, now time.Time) *store.KeyedRequest {
		t.Helper()
		r, err := b.BeginKeyed(b.ctx(), by, "k", []byte(request), id, now)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := begin(admin(), "request", "r1", now); r.ID != "r1" || !r.Same || !r.Answer.Empty() || r.Made != "" {
		t.Errorf("a new key: %+v", r)
	}
	if r := begin(admin(), "request", "r2", now); r.ID != "r1" || !r.Same || !r.Answer.Empty() {
		t.Errorf("under way: %+v", r)
	}
	if r := begin(admin(), "other request", "r3", now); r.ID != "r1" || r.Same {
		t.Errorf("another request: %+v", r)
	}
	if r := begin(account.Caller{Name: "other", Via: "api"}, "other request", "r4", now); r.ID != "r4" || !r.Same {
		t.Errorf("another caller: %+v", r)
	}
	if err := b.EndKeyed(b.ctx(), "r1", secret.New("the answer")); err != nil {
		t.Fatal(err)
	}
	if r := begin(admin(), "request", "r5", now.Add(store.KeptAnswers-time.Second)); r.Answer.Reveal() != "the answer" {
		t.Errorf("the answer: %+v", r)
	}
	if r := begin(admin(), "other request", "r6", now); !r.Answer.Empty() {
		t.Error("another request is told the answer")
	}
	if r := begin(admin(), "request", "r7", now.Add(store.KeptAnswers)); r.ID != "r7" {
		t.Errorf("a day later: %+v", r)
	}
	if err := b.DropKeyed(b.ctx(), "r7"); err != nil {
		t.Fatal(err)
	}
	begin(admin(), "request", "r8", now)
	if err := b.DropEnded(b.ctx(), now.Add(store.KeptAnswers)); err != nil {
		t.Fatal(err)
	}
	if r := begin(admin(), "request", "r9", now); r.ID != "r9" {
		t.Errorf("swept: %+v", r)
	}
	_, err := b.BeginKeyed(b.ctx(), account.Caller{}, "k", nil, "x", now)
	wantFault(t, err, fault.Unauthorized, "")
}
