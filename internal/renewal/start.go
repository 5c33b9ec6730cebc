package renewal

import (
	"context"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/store"
)

// Renew starts a renewal. Unless the account's certificate signs for its successor, or the tenant has a steward, the operation
// waits for a sign-in. To an application that Evercred did not make it adds a credential of its own, beside the others.
func (e *Engine) Renew(ctx context.Context, by account.Caller, ref string, q RenewRequest) (*account.Operation, error) {
	a, err := e.store.InUse(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	if f := account.Refusal(a, account.ActRenew, e.clock.Now()); f != nil {
		return nil, f
	}
	if err := checkPolicy(q.Soak, q.Lifetime); err != nil {
		return nil, err
	}
	p := account.Params{Soak: duration(q.Soak), Lifetime: duration(q.Lifetime), Kind: q.Kind, SignInID: q.SignIn}
	if c := a.Current(); p.Kind == "" && c != nil {
		p.Kind = c.Kind
	}
	switch p.Kind {
	case account.Secret, "":
	case account.Certificate:
		p.Own = !q.WithSignIn && q.SignIn == "" && a.RollsItself(e.clock.Now())
	default:
		return nil, fault.BadField("kind", "A renewal cannot make a credential of kind "+quote(string(p.Kind))+".", "Use secret or certificate.")
	}
	if !p.Own && !q.WithSignIn && q.SignIn == "" {
		if p.Actor, err = e.stewardOf(ctx, a); err != nil {
			return nil, err
		}
	}
	return e.startOn(ctx, by, a, account.OpRenew, p)
}

// Recreate starts a re-creation of an application that Evercred made.
func (e *Engine) Recreate(ctx context.Context, by account.Caller, ref string, q RecreateRequest) (*account.Operation, error) {
	a, err := e.store.InUse(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	if f := account.Refusal(a, account.ActRecreate, e.clock.Now()); f != nil {
		return nil, f
	}
	if q.Choice != "" && q.Choice != ChoiceRestore && q.Choice != ChoiceNew {
		return nil, fault.BadField("choice", "There is no choice "+quote(q.Choice)+".", "Use restore or new.")
	}
	if err := checkPolicy(nil, q.Lifetime); err != nil {
		return nil, err
	}
	if err := checkKind(q.Kind); err != nil {
		return nil, err
	}
	if c := a.Current(); q.Kind == "" && c != nil {
		q.Kind = c.Kind
	}
	return e.startOn(ctx, by, a, account.OpRecreate, account.Params{Kind: q.Kind, Choice: q.Choice, Lifetime: duration(q.Lifetime), SignInID: q.SignIn})
}

// Check looks at an account with its own credential, and with a person's sign-in where that is asked for.
func (e *Engine) Check(ctx context.Context, by account.Caller, ref string, q CheckRequest) (*account.Operation, error) {
	a, err := e.store.InUse(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	return e.startOn(ctx, by, a, account.OpCheck, account.Params{WithSignIn: q.WithSignIn || q.SignIn != "", SignInID: q.SignIn})
}

// Remove forgets an account, and deletes its application if asked and if Evercred made it.
func (e *Engine) Remove(ctx context.Context, by account.Caller, ref string, q RemoveRequest) (*account.Operation, error) {
	a, err := e.store.InUse(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	if q.DeleteApplication && a.Origin != account.Created {
		return nil, fault.New(fault.Refused, "Evercred did not make the application of %s, so it does not delete it.", a.Name).
			WithMeaning("Nothing was changed.").WithRemedy("Remove the account alone: `evercred account remove %s --yes`.", a.Name)
	}
	return e.startOn(ctx, by, a, account.OpRemove, account.Params{
		SignInID: q.SignIn, DeleteApplication: q.DeleteApplication, DeleteRoles: q.DeleteRoles && (len(a.Made.Assignments) > 0 || len(a.Made.Roles) > 0),
	})
}

// Add starts the creation of an account with its application.
func (e *Engine) Add(ctx context.Context, by account.Caller, q AddRequest) (*account.Operation, error) {
	if err := e.checkNew(ctx, by, q.Name, q.Description); err != nil {
		return nil, err
	}
	conn, err := e.cloudOf(q.Cloud)
	if err != nil {
		return nil, err
	}
	w, err := q.Purpose.check(q.Subscriptions)
	if err != nil {
		return nil, err
	}
	if len(q.Subscriptions) == 0 && w.ManagementGroup == "" {
		return nil, fault.BadField("subscriptions", "No subscription was given.", "Name each subscription that the account is to reach, or a management group.")
	}
	subscriptions, err := guids(q.Subscriptions)
	if err != nil {
		return nil, err
	}
	if err := checkPolicy(nil, q.Lifetime); err != nil {
		return nil, err
	}
	if err := checkKind(q.Kind); err != nil {
		return nil, err
	}
	op := e.newOperation(by, account.OpAdd, q.Name, account.Params{
		Kind:        q.Kind,
		Description: q.Description, Cloud: conn.cloud.Name, TenantID: strings.TrimSpace(q.TenantID), Subscriptions: subscriptions,
		RoleSet: e.rolesOr(q.RoleSet), Lifetime: duration(q.Lifetime), SignInID: q.SignIn,
		Profile: w.Profile, Purposes: w.Purposes, ManagementGroup: w.ManagementGroup, UsedBy: w.UsedBy,
	})
	if err := e.checkSignIn(ctx, by, op.Params, conn.cloud.Name, ""); err != nil {
		return nil, err
	}
	return e.launch(ctx, by, op)
}

func (e *Engine) newOperation(by account.Caller, kind account.OperationKind, name string, p account.Params) *account.Operation {
	return &account.Operation{
		ID: newID("op"), Kind: kind, State: account.OpRunning, AccountName: name, Params: p,
		StartedBy: by.Name, CreatedAt: e.clock.Now(),
	}
}

// startOn starts an operation on an account. An operation that was interrupted and waits for a sign-in is finished
// first; one that only shows a code nobody has entered makes room.
func (e *Engine) startOn(ctx context.Context, by account.Caller, a *account.Account, kind account.OperationKind, p account.Params) (*account.Operation, error) {
	return e.startWith(ctx, by, a, kind, p, func(*account.Operation) func(*store.Tx) error { return nil })
}

// startWith is startOn for an operation that begins with more than its journal: prepare sets it up, and returns what is
// stored together with it, or nil.
func (e *Engine) startWith(ctx context.Context, by account.Caller, a *account.Account, kind account.OperationKind, p account.Params, prepare func(*account.Operation) func(*store.Tx) error) (*account.Operation, error) {
	if err := e.checkSignIn(ctx, by, p, a.Cloud, a.TenantID); err != nil {
		return nil, err
	}
	defer e.hold("account " + a.ID)()
	op := e.newOperation(by, kind, a.Name, p)
	op.AccountID = a.ID
	if p.DeleteRoles && !p.DeleteApplication { // else they are listed with all others that the application has
		takeBack(a, &op.Facts)
	}
	if p.Own {
		op.Facts.AppID, op.Facts.AppObjectID = a.ApplicationID, a.ApplicationObjectID
	}
	with := prepare(op)
	if !op.Holds() {
		return e.launchWith(ctx, by, op, with)
	}
	open, err := e.store.Operations(ctx, by, store.OperationQuery{AccountID: a.ID, OpenOnly: true})
	if err != nil {
		return nil, err
	}
	for _, op := range open {
		switch {
		case !op.Holds():
		case op.State == account.OpNeedsSignIn && (op.Kind != account.OpRemove || kind == account.OpRemove) && needsPerson(&account.Operation{Kind: kind, Params: p}):
			return e.SignInAgain(ctx, by, op.ID, p.SignInID)
		case !op.Touched() && (op.State == account.OpWaitingSignIn || op.State == account.OpWaitingChoice):
			if _, err := e.Cancel(ctx, by, op.ID); err != nil && !fault.Is(err, fault.Conflict) {
				return nil, err
			}
		default:
			return nil, inTheWay(op)
		}
	}
	return e.launchWith(ctx, by, op, with)
}

func inTheWay(op *account.Operation) error {
	return fault.New(fault.Conflict, "A %s of %s is under way.", op.Kind.Noun(), op.AccountName).
		WithMeaning("One operation at a time changes an account. Nothing was changed by this request.").
		WithRemedy("Follow it with `evercred operation show %s`.", op.ID)
}

// launch stores a new operation and takes its first turn, so that the caller sees the code of a sign-in at once.
func (e *Engine) launch(ctx context.Context, by account.Caller, op *account.Operation) (*account.Operation, error) {
	return e.launchWith(ctx, by, op, nil)
}

// launchWith is launch with something that is stored together with the journal, or nil.
func (e *Engine) launchWith(ctx context.Context, by account.Caller, op *account.Operation, with func(*store.Tx) error) (*account.Operation, error) {
	e.refreshClock(ctx)
	op.CreatedAt = e.clock.Now()
	r, err := e.prepare(ctx, op)
	if err != nil {
		return nil, err
	}
	if op.AccountID != "" && r.a == nil {
		return nil, fault.New(fault.NotFound, "The account %s was removed meanwhile.", op.AccountName).WithMeaning("Nothing was changed.")
	}
	r.announce(Plan(op.CreatedAt, op, r.a, Rights{}))
	what := store.Event{Action: "operation.started", AccountID: op.AccountID, AccountName: op.AccountName, OperationID: op.ID, Detail: map[string]string{"kind": string(op.Kind)}}
	if err := e.store.Change(ctx, by, what, func(tx *store.Tx) error {
		if err := tx.PutOperation(op); err != nil || with == nil {
			return err
		}
		return with(tx)
	}); err != nil {
		return nil, err
	}
	return e.firstTurn(ctx, by, op.ID)
}

// refreshClock reads an emulator's clock at once, so that an operation does not begin a second behind a clock that was
// just moved. An emulator that is away leaves the clock as it is.
func (e *Engine) refreshClock(ctx context.Context) {
	if f, ok := e.clock.(interface {
		Read(ctx context.Context) error
	}); ok {
		_ = f.Read(ctx)
	}
}

func (e *Engine) firstTurn(ctx context.Context, by account.Caller, id string) (*account.Operation, error) {
	op, err := e.store.Operation(ctx, by, id)
	if err != nil {
		return nil, err
	}
	wait := time.Duration(0)
	if needsPerson(op) {
		wait, _ = e.turn(context.WithoutCancel(ctx), id)
	}
	if wait == 0 {
		e.wake(id) // whoever waits for the code of a sign-in that was given meanwhile
	} else {
		e.begin(id, wait)
	}
	return e.store.Operation(ctx, by, id)
}
