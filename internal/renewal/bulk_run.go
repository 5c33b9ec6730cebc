package renewal

import (
	"context"
	"slices"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/store"
)

// bulkWidth is how many operations of bulks run at a time, and bulkPause how often it is looked whether one has ended.
const (
	bulkWidth = 16
	bulkPause = 250 * time.Millisecond
)

// firstWait is how long whoever asks for a bulk waits for its first operations, so that the answer can name them.
const firstWait = 2 * time.Second

// bulkRunner is the one goroutine that drives bulks, where there are any.
type bulkRunner struct {
	running bool
	began   chan struct{} // closed after the first round
}

// wakeBulks starts the driver of bulks, if something is to be driven and nobody does. It returns what is closed after its
// first round; nil before Run.
func (e *Engine) wakeBulks() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.base == nil || e.base.Err() != nil {
		return nil
	}
	if e.bulks.running {
		return e.bulks.began
	}
	e.bulks.running, e.bulks.began = true, make(chan struct{})
	ctx, began := e.base, e.bulks.began
	e.running.Go(func() { e.driveBulks(ctx, began) })
	return began
}

// firstOfBulk waits a little for the driver of bulks to begin with the first accounts.
func (e *Engine) firstOfBulk(ctx context.Context) {
	began := e.wakeBulks()
	if began == nil {
		return
	}
	timer := time.NewTimer(firstWait)
	defer timer.Stop()
	select {
	case <-began:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// sweepBulks starts the driver where a bulk is open: after a restart.
func (e *Engine) sweepBulks(ctx context.Context) error {
	open, err := e.store.Bulks(ctx, account.System(), true)
	if err == nil && len(open) > 0 {
		e.wakeBulks()
	}
	return err
}

// driveBulks goes on with open bulks until there are none.
func (e *Engine) driveBulks(ctx context.Context, began chan struct{}) {
	first := true
	for {
		more, err := e.bulkRound(ctx)
		if err != nil && ctx.Err() == nil {
			e.log.ErrorContext(ctx, "driving a bulk", "error", err)
		}
		if first {
			first = false
			close(began)
		}
		e.mu.Lock()
		if ctx.Err() != nil || !more && err == nil {
			e.bulks.running = false
			e.mu.Unlock()
			return
		}
		e.mu.Unlock()
		timer := time.NewTimer(bulkPause)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// bulkRound looks at what runs, begins as many items as there is room for, and ends bulks that have none left. more is false
// when no bulk is open.
func (e *Engine) bulkRound(ctx context.Context) (more bool, err error) {
	open, err := e.store.Bulks(ctx, account.System(), true)
	if err != nil {
		return true, err
	}
	room := bulkWidth
	for _, b := range slices.Backward(open) { // the oldest first
		running, err := e.followBulk(ctx, b)
		if err != nil {
			return true, err
		}
		room -= running
		if room > 0 {
			begun, err := e.fillBulk(ctx, b, room)
			if err != nil {
				return true, err
			}
			room -= begun
		}
		closed, err := e.store.CloseBulk(ctx, b.ID)
		if err != nil {
			return true, err
		}
		more = more || !closed
	}
	return more, nil
}

// followBulk notes which operations of a bulk have ended, and returns how many have not.
func (e *Engine) followBulk(ctx context.Context, b *store.Bulk) (running int, err error) {
	items, err := e.store.BulkItems(ctx, account.System(), b.ID, store.ItemQuery{States: []store.ItemState{store.ItemRunning}, WithOperations: true})
	if err != nil {
		return 0, err
	}
	for i := range items {
		it := &items[i]
		switch it.State = itemState(it.Operation); it.State {
		case store.ItemRunning:
			running++
		default:
			if err := e.store.SetBulkItem(ctx, b.ID, it); err != nil {
				return running, err
			}
		}
	}
	return running, nil
}

// itemState is how far an item is, as its operation has it. One that waits for a person does not hold up the others.
func itemState(op *account.Operation) store.ItemState {
	switch {
	case op == nil:
		return store.ItemFailed
	case op.State == account.OpDone:
		return store.ItemDone
	case op.State.Closed():
		return store.ItemFailed
	case op.State == account.OpRunning:
		return store.ItemRunning
	}
	return store.ItemNeedsSignIn
}

// fillBulk begins waiting items, at most so many.
func (e *Engine) fillBulk(ctx context.Context, b *store.Bulk, room int) (begun int, err error) {
	items, err := e.store.BulkItems(ctx, account.System(), b.ID, store.ItemQuery{States: []store.ItemState{store.ItemWaiting}, Limit: room})
	if err != nil {
		return 0, err
	}
	for i := range items {
		if ctx.Err() != nil {
			return begun, ctx.Err()
		}
		it := &items[i]
		op, err := e.beginItem(store.WithBulkItem(ctx, b.ID, it.Seq), b, it)
		switch {
		case err == nil:
			it.OperationID, it.State = op.ID, store.ItemRunning
		case ctx.Err() != nil, fault.Is(err, fault.Internal):
			return begun, err // the item waits on
		default:
			it.State, it.Problem = store.ItemRefused, problemOf(err)
		}
		if err := e.store.SetBulkItem(ctx, b.ID, it); err != nil {
			return begun, err
		}
		begun++
	}
	return begun, nil
}

func (e *Engine) beginItem(ctx context.Context, b *store.Bulk, it *store.BulkItem) (*account.Operation, error) {
	if account.Action(b.Action) == account.ActCheck {
		return e.Check(ctx, b.Caller, it.AccountID, CheckRequest{})
	}
	q := RenewRequest{Kind: b.Params.Kind}
	q.Soak, q.Lifetime = (*time.Duration)(b.Params.Soak), (*time.Duration)(b.Params.Lifetime)
	a, err := e.store.Account(ctx, b.Caller, it.AccountID)
	if err != nil {
		return nil, err
	}
	alone, err := e.renewsNow(ctx, b.Caller, a, BulkRequest{Kind: q.Kind})
	if err != nil {
		return nil, err
	}
	if !alone {
		q.SignIn = b.Params.SignIn
	}
	if !alone && q.SignIn == "" {
		return nil, fault.New(fault.NeedsSignIn, "The renewal of %s needs a sign-in by now.", a.Name).WithMeaning("Nothing was changed.").
			WithRemedy("Renew it with a sign-in: `evercred account renew %s`.", a.Name)
	}
	return e.Renew(ctx, b.Caller, it.AccountID, q)
}

// Bulk returns a bulk with a part of its items: those of the states, or all.
func (e *Engine) Bulk(ctx context.Context, by account.Caller, id string, q store.ItemQuery) (*store.Bulk, []store.BulkItem, error) {
	b, err := e.store.Bulk(ctx, by, id)
	if err != nil {
		return nil, nil, err
	}
	q.WithOperations = true
	items, err := e.store.BulkItems(ctx, by, id, q)
	return b, items, err
}

// Bulks returns the bulks that are remembered, newest first.
func (e *Engine) Bulks(ctx context.Context, by account.Caller) ([]*store.Bulk, error) {
	return e.store.Bulks(ctx, by, false)
}

// CancelBulk gives up the accounts of a bulk that have not been begun. What runs goes on.
func (e *Engine) CancelBulk(ctx context.Context, by account.Caller, id string) (*store.Bulk, error) {
	b, err := e.store.Bulk(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if b.ClosedAt != nil {
		return nil, fault.New(fault.Conflict, "The bulk has ended already.").WithMeaning("There is nothing left to cancel.").
			WithRemedy("See what came of it: GET /api/v1/bulk/%s.", id)
	}
	what := store.Event{Action: "bulk.cancelled", Detail: map[string]string{"bulk": id}}
	if err := e.store.Change(ctx, by, what, func(tx *store.Tx) error { return tx.CancelBulk(id) }); err != nil {
		return nil, err
	}
	e.wakeBulks()
	return e.store.Bulk(ctx, by, id)
}
