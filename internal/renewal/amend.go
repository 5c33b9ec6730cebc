package renewal

import (
	"context"
	"slices"
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/store"
)

// SignInAgain starts a new sign-in for an operation that needs one, or replaces a code that was not used.
// With the id of a sign-in that was made before, it takes that one over and shows no code.
func (e *Engine) SignInAgain(ctx context.Context, by account.Caller, id, signIn string) (*account.Operation, error) {
	if signIn != "" {
		op, err := e.store.Operation(ctx, by, id)
		if err != nil {
			return nil, err
		}
		if err := e.signInOf(ctx, by, op, signIn); err != nil {
			return nil, err
		}
	}
	if err := e.amend(ctx, by, id, "sign_in.requested", func(op *account.Operation, tx *store.Tx) error {
		if op.State != account.OpNeedsSignIn && op.State != account.OpWaitingSignIn {
			return fault.New(fault.Conflict, "The %s of %s needs no sign-in.", op.Kind.Noun(), op.AccountName).
				WithMeaning("It is %s.", strings.ReplaceAll(string(op.State), "_", " ")).
				WithRemedy("See `evercred operation show %s`.", op.ID)
		}
		op.State, op.SignIn, op.Problem, op.NextAt = account.OpRunning, nil, nil, nil
		op.Params.SignInID = signIn
		op.Facts.Authorised, op.Facts.SignedInAt = false, nil
		if f := &op.Facts; op.Kind == account.OpRecreate && !f.MadeApp && f.AppTag == "" && !f.Switched {
			f.AppLookedUp = false // look again: the application that was restored may have been deleted meanwhile
		}
		return tx.DropSignIn(op.ID)
	}); err != nil {
		return nil, err
	}
	return e.firstTurn(ctx, by, id)
}

// Choose answers an operation's question.
func (e *Engine) Choose(ctx context.Context, by account.Caller, id, option string) (*account.Operation, error) {
	if option == ChoiceCancel {
		return e.Cancel(ctx, by, id)
	}
	if err := e.amend(ctx, by, id, "operation.chosen", func(op *account.Operation, _ *store.Tx) error {
		if op.State != account.OpWaitingChoice {
			return fault.New(fault.Conflict, "The %s of %s asks nothing.", op.Kind.Noun(), op.AccountName).
				WithRemedy("See `evercred operation show %s`.", op.ID)
		}
		if op.Choice == nil || !slices.Contains(op.Choice.Options, option) {
			return fault.BadField("option", "There is no option "+quote(option)+".", "Use one of those the question names.")
		}
		answer(op, option)
		return nil
	}); err != nil {
		return nil, err
	}
	e.wake(id)
	return e.store.Operation(ctx, by, id)
}

// Cancel closes an operation that has changed nothing yet; one that has is rolled back, until it has switched.
func (e *Engine) Cancel(ctx context.Context, by account.Caller, id string) (*account.Operation, error) {
	if err := e.amend(ctx, by, id, "operation.cancelled", func(op *account.Operation, tx *store.Tx) error {
		switch {
		case repaired(op) && !op.State.Closed():
			return fault.New(fault.Conflict, "The %s of %s cannot be cancelled: the application is back, or may be.", op.Kind.Noun(), op.AccountName).
				WithMeaning("What was restored is not deleted again.").
				WithRemedy("Let it end: `evercred operation show %s`. If it waits for a sign-in: `evercred operation resume %s`.", op.ID, op.ID)
		case op.State.Closed(), op.Facts.Switched, op.Facts.RollingBack, op.Kind.InBackground(),
			op.Kind == account.OpRemove && op.Touched():
			return fault.New(fault.Conflict, "The %s of %s cannot be cancelled.", op.Kind.Noun(), op.AccountName).
				WithMeaning("It is closed, or it has gone too far to be taken back.").
				WithRemedy("See `evercred operation show %s`.", op.ID)
		case op.Touched():
			op.Facts.RollingBack = true
			op.Facts.Failure = &account.Problem{
				Code: string(fault.Refused), Message: "The " + op.Kind.Noun() + " was cancelled by " + by.Name + ".",
				Meaning: "What it had made was removed; the account is as it was.",
			}
			if op.Choice = nil; op.State != account.OpNeedsSignIn {
				op.State = account.OpRunning
			}
			return nil
		}
		r := &run{e: e, op: op, by: by, detail: map[string]string{}}
		r.close(account.OpCancelled)
		for _, f := range r.puts {
			if err := f(tx); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	e.wake(id)
	return e.store.Operation(ctx, by, id)
}

// amend changes an operation between two of its turns.
func (e *Engine) amend(ctx context.Context, by account.Caller, id, action string, f func(*account.Operation, *store.Tx) error) error {
	defer e.hold(id)()
	op, err := e.store.Operation(ctx, by, id)
	if err != nil {
		return err
	}
	e.mu.Lock()
	if action == "sign_in.requested" || action == "sign_in.ended" {
		delete(e.sessions, id)
	}
	e.mu.Unlock()
	what := store.Event{Action: action, AccountID: op.AccountID, AccountName: op.AccountName, OperationID: op.ID}
	return e.store.Change(ctx, by, what, func(tx *store.Tx) error {
		if err := f(op, tx); err != nil {
			return err
		}
		return tx.PutOperation(op)
	})
}
