package renewal

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/graph"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/signin"
	"github.com/evercred/evercred/internal/store"
)

func itoa(n int) string        { return strconv.Itoa(n) }
func quote(text string) string { return strconv.Quote(text) }

func (e *Engine) cloudNames() string {
	return strings.Join(slices.Sorted(maps.Keys(e.clouds)), ", ")
}

// tagPrefix begins the tags of this installation.
func (e *Engine) tagPrefix() string { return account.TagPrefix + e.store.Installation() + "/" }

// newTag is the name under which something is added at Microsoft: it is found by it when the answer is lost.
func (e *Engine) newTag() string { return e.tagPrefix() + uuid.NewString() }

// newID is an id that sorts by the time it was made (UUID version 7): in the indexes of the database what is new stands together.
func newID(prefix string) string { return prefix + "-" + uuid.Must(uuid.NewV7()).String() }

// run is one turn of one operation: what it works on, and what it is to store in the end.
type run struct {
	e       *Engine
	op      *account.Operation
	a       *account.Account // nil while an added account does not exist yet
	by      account.Caller
	conn    *connection
	session *signin.Session  // nil without a sign-in
	steward *account.Account // nil without one
	act     Action
	event   string                  // audit action of what the step does; empty: a plain step
	detail  map[string]string       // of its audit row; never a secret
	events  []store.Event           // of the steps that are over, to be stored with the journal
	puts    []func(*store.Tx) error // stored together with the journal
	unsaved bool                    // a step has ended since the journal was stored
}

// retry is returned by a step that has to be done again later: nothing is wrong yet.
type retry struct {
	after time.Duration
	why   string
	store bool // the journal has changed, though what is said has not
}

func retryIn(after time.Duration, why string) *retry { return &retry{after: after, why: why} }

func (r *retry) Error() string { return r.why }

// prepare reads what an operation works on and with.
func (e *Engine) prepare(ctx context.Context, op *account.Operation) (*run, error) {
	r := &run{e: e, op: op, by: account.Caller{Name: op.StartedBy, Via: "operation"}, detail: map[string]string{}}
	if op.AccountID != "" {
		if err := r.loadAccount(ctx); err != nil {
			return nil, err
		}
	}
	name := op.Params.Cloud
	if r.a != nil && op.Kind != account.OpConnect { // which may be on its way to another one
		name = r.a.Cloud
	}
	conn, err := e.cloudOf(name)
	if err != nil {
		return nil, err
	}
	r.conn = conn
	if err := r.loadSteward(ctx); err != nil {
		return nil, err
	}
	return r, r.openSession(ctx)
}

// loadAccount reads the account, if it was not removed.
func (r *run) loadAccount(ctx context.Context) error {
	a, err := r.e.store.InUse(ctx, account.System(), r.op.AccountID)
	if err == nil {
		r.a = a
	}
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// openSession takes up the operation's sign-in, from memory or from the sealed journal, while it may still be used.
func (r *run) openSession(ctx context.Context) error {
	since := r.op.Facts.SignedInAt
	if since == nil || r.e.clock.Now().After(since.Add(signin.Lifetime)) {
		return nil
	}
	r.e.mu.Lock()
	r.session = r.e.sessions[r.op.ID]
	r.e.mu.Unlock()
	if r.session != nil {
		return nil
	}
	kept, err := r.e.store.SignIn(ctx, account.System(), r.op.ID)
	if err != nil {
		return err
	}
	session, err := signin.Resume(r.conn.entra, r.e.clock, r.tenant(), kept)
	if err != nil || session == nil {
		return err
	}
	r.keepSession(session)
	return nil
}

func (r *run) keepSession(s *signin.Session) {
	r.session = s
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	if s == nil {
		delete(r.e.sessions, r.op.ID)
		return
	}
	r.e.sessions[r.op.ID] = s
}

// tenant is where the operation works: its own parameter first, since an account can be added or pointed elsewhere.
func (r *run) tenant() string {
	if r.op.Params.TenantID != "" {
		return r.op.Params.TenantID
	}
	if r.a != nil {
		return r.a.TenantID
	}
	return r.e.signIns.DefaultTenant()
}

func (r *run) auditEvent(action string) store.Event {
	what := store.Event{
		Action: action, AccountID: r.op.AccountID, AccountName: r.op.AccountName, OperationID: r.op.ID,
		Detail: map[string]string{"step": string(r.act.Do), "kind": string(r.op.Kind)},
	}
	maps.Copy(what.Detail, r.detail)
	return what
}

// put adds something that is stored in the same transaction as the end of the step.
func (r *run) put(f func(*store.Tx) error) { r.puts = append(r.puts, f) }

// plainStep is the audit action of what is stored on the way of an operation and is nothing by itself.
const plainStep = "operation.step"

// noteEvent puts what the step did among what is told in the audit log.
func (r *run) noteEvent() {
	if r.event != "" {
		r.events = append(r.events, r.auditEvent(r.event))
	}
	r.event, r.detail = "", map[string]string{}
}

// commit stores the journal and everything put, with the audit rows.
func (r *run) commit(ctx context.Context) error {
	r.noteEvent()
	events := r.events
	if len(events) == 0 {
		events = []store.Event{r.auditEvent(plainStep)}
	}
	if err := r.e.store.Change(ctx, r.by, events[0], func(tx *store.Tx) error {
		for _, more := range events[1:] {
			if err := tx.Audit(more); err != nil {
				return err
			}
		}
		for _, f := range r.puts {
			if err := f(tx); err != nil {
				return err
			}
		}
		return tx.PutOperation(r.op)
	}); err != nil {
		return err
	}
	r.events, r.puts, r.unsaved = nil, nil, false
	return nil
}

// perform plans the next action and does it, and with it what need not wait for a turn of its own. The error is one of the
// store: everything else is in the journal.
func (r *run) perform(ctx context.Context) (time.Duration, error) {
	if r.accountGone() {
		return 0, r.commit(ctx)
	}
	for unheard := true; ; {
		done, wait, err := r.step(ctx)
		if !done {
			return wait, err
		}
		nature := r.e.steps[r.act.Do].nature
		unheard = unheard && (nature == quiet || nature == local)
		if more, err := r.goOn(ctx, unheard); !more || err != nil {
			return 0, err
		}
	}
}

// step plans the next action and does it. done is false where it did not come to its end, and what is to be stored of that is.
func (r *run) step(ctx context.Context) (done bool, wait time.Duration, err error) {
	r.act = Plan(r.e.clock.Now(), r.op, r.a, Rights{Person: r.session != nil})
	if r.act.Rights == byPerson && r.session == nil && r.act.Do != DoSignIn {
		return false, 0, r.loseRights(ctx, nil)
	}
	s, ok := r.e.steps[r.act.Do]
	if !ok {
		return false, 0, errors.New("no such action: " + string(r.act.Do))
	}
	detail, err := "", r.begin(ctx, s)
	if err == nil {
		detail, err = s.do(ctx, r)
	}
	if storeErr, ok := errors.AsType[*storeError](err); ok {
		return false, 0, storeErr.err
	}
	if again, ok := errors.AsType[*retry](err); ok {
		return false, again.after, r.later(ctx, again)
	}
	if question, ok := errors.AsType[*asked](err); ok {
		r.endStep(account.StepFailed, question.why)
		return false, 0, r.commit(ctx)
	}
	if err != nil {
		if ctx.Err() != nil {
			return false, 0, ctx.Err() // we are shutting down: the intent stands in the journal
		}
		wait, err := r.failed(ctx, err)
		return false, wait, err
	}
	r.endStep(account.StepDone, detail)
	r.unsaved = true
	r.noteEvent()
	return true, 0, nil
}

// goOn sees to what comes after a step that was done. It stores the step, and in the same transaction what comes next and needs
// no call: the end of the operation, or the line of a step that asks Microsoft for something. more is true where nothing was
// stored, because what comes next will do that before it calls anybody: a change of our own store alone, or, where nothing outside
// was changed in this turn (unheard), a step that stores its intent itself.
func (r *run) goOn(ctx context.Context, unheard bool) (more bool, err error) {
	for r.act.Do != DoWait && runnable(r.op) {
		next := Plan(r.e.clock.Now(), r.op, r.a, Rights{Person: r.session != nil})
		s := r.e.steps[next.Do]
		if alone := r.act.Do == DoAuthorise; !alone && (s.nature == local || s.nature == intends && unheard) {
			return true, nil // but not where others may take their turns on the account meanwhile (see operationAlone)
		}
		if s.nature != tail {
			r.announce(next)
			break
		}
		r.act = next
		if _, err := s.do(ctx, r); err != nil {
			if storeErr, ok := errors.AsType[*storeError](err); ok {
				return false, storeErr.err
			}
			return false, err
		}
		r.noteEvent()
	}
	return false, r.commit(ctx)
}

// accountGone ends an operation whose account was removed meanwhile: a check does not hold its account.
func (r *run) accountGone() bool {
	k := r.op.Kind
	if r.a != nil || r.op.AccountID == "" || k.InBackground() || k == account.OpRemove || r.op.Facts.RollingBack {
		return false
	}
	r.op.Facts.Failure = problemOf(fault.New(fault.NotFound, "The account was removed meanwhile."))
	if r.op.Touched() {
		r.op.Facts.RollingBack = true
	} else {
		r.close(account.OpFailed)
	}
	return true
}

// storeError marks an error of our own store, as opposed to one of a remote call.
type storeError struct{ err error }

func (s *storeError) Error() string { return s.err.Error() }
func (s *storeError) Unwrap() error { return s.err }

// later stores when the step is due again, if that is long enough to matter after a restart.
func (r *run) later(ctx context.Context, again *retry) error {
	if s := r.openStep(); s != nil && s.Detail == again.why && again.after <= shortWait && !again.store && !r.unsaved {
		return nil // as before: polling writes nothing
	}
	if s := r.openStep(); s != nil {
		s.Detail = again.why
	}
	if again.after > shortWait {
		due := r.e.clock.Now().Add(again.after)
		r.op.NextAt = &due
	}
	return r.commit(ctx)
}

// explain turns any error into a fault for people.
func explain(err error) *fault.Error { return azure.Explain(err, "Microsoft") }

func problemOf(err error) *account.Problem {
	f := explain(err)
	return &account.Problem{
		Code: string(f.Code), Message: f.Message, Meaning: f.Meaning, Remedy: f.Remedy, Field: f.Field, Source: f.Source,
	}
}

// graphClient acts with the rights that the present action names: those of the person who signed in, of the account itself,
// or of the steward of its tenant.
func (r *run) graphClient() (*graph.Client, error) {
	switch r.act.Rights {
	case byOwn:
		c := r.a.Current()
		if c == nil {
			return nil, fault.New(fault.Conflict, "%s has no credential to act with.", r.op.AccountName)
		}
		return r.ownGraph(*c)
	case bySteward:
		return r.stewardGraph()
	}
	return graph.New(graph.Config{Cloud: r.conn.cloud, Token: r.session.Token(r.conn.cloud.GraphScope), Clock: r.e.clock, Logger: r.e.log})
}

func (r *run) personARM() (*arm.Client, error) {
	return arm.New(arm.Config{Cloud: r.conn.cloud, Token: r.session.Token(r.conn.cloud.ManagementScope), Clock: r.e.clock, Logger: r.e.log})
}

// ownToken returns the token function of a credential of the account; the material is read when it is first needed.
func (r *run) ownToken(tenant string, c account.Credential, scope string) func(context.Context) (secret.Value, time.Time, error) {
	return func(ctx context.Context) (secret.Value, time.Time, error) {
		cred, err := r.e.material(ctx, c)
		if err != nil {
			return secret.Value{}, time.Time{}, err
		}
		t, err := r.conn.entra.AppToken(ctx, tenant, c.ApplicationID, cred, scope)
		return t.Access, t.ExpiresAt, err
	}
}
