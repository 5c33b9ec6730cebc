// Package renewal does what Evercred exists for: it replaces credentials and applications so that no crash, fault or
// replication delay loses an account or leaves an orphan.
//
// Every change is an operation with a journal in the store. Plan, which is pure, reads the journal and names the next
// action; the engine writes the intent, does the one remote call, and writes what came of it. After a crash the engine
// reads the journals that are open and goes on: there is no other way to resume than the way an operation runs anyway.
// A new kind of change is a new plan over the same steps.
package renewal

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/recent"
	"github.com/evercred/evercred/internal/signin"
	"github.com/evercred/evercred/internal/store"
)

// Config is what an Engine needs. Store, Clouds and Clock are required.
type Config struct {
	Store           *store.Store
	Clouds          []cloud.Cloud
	DefaultCloud    string // of new accounts; empty: the first of Clouds
	Clock           clock.Clock
	Logger          *slog.Logger
	ClientID        string        // of sign-ins; empty: the Azure CLI's
	SignInTenant    string        // where people sign in if no tenant is named; empty: at their own
	PublicURL       string        // where people open the page, if it was said
	Proofs          int           // good token answers in a row that prove a credential; 0: 3
	ProofSpread     time.Duration // from the first of these answers to the last; 0: 2 s, negative: at once
	Propagation     time.Duration // how long "not yet replicated" is waited out; 0: Window
	WritesPerSecond float64       // to Graph and Resource Manager, for one tenant; 0: 10
	RoleSet         []string      // of new accounts that name none; empty: account.DefaultRoleSet
	SkipGate        bool          // do not ask that a person may assign roles

	// Certify makes a key and a certificate for it. Nil: an RSA key of 3072 bits. Tests and simulations bring keys along.
	Certify func(subject string, start, end time.Time) (*certificate.Bundle, error)
}

// Engine runs operations. Keep Run and Sweep going.
type Engine struct {
	store    *store.Store
	clock    clock.Clock
	log      *slog.Logger
	clouds   map[string]*connection
	first    string // name of the default cloud
	proofs   int
	spread   time.Duration
	window   time.Duration
	skipGate bool
	roles    []string
	writes   rate.Limit
	certify  func(subject string, start, end time.Time) (*certificate.Bundle, error)
	steps    map[Do]step

	mu       sync.Mutex
	base     context.Context // of Run; nil before
	active   map[string]chan struct{}
	sessions map[string]*signin.Session // by operation
	askAgain map[string]time.Time       // by account: when it is asked again whether it may renew itself
	signIns  *signin.Service
	busy     map[string]*turnstile                                 // by operation, and by application for writes
	pace     map[string]*rate.Limiter                              // by tenant
	bundles  *recent.Cache[[sha256.Size]byte, *certificate.Bundle] // by what is sealed
	bulks    bulkRunner
	running  sync.WaitGroup
}

// connection is a cloud with its Entra client.
type connection struct {
	cloud   cloud.Cloud
	entra   *entra.Client
	builtIn builtInRoles
}

// New makes an engine. It does not start anything.
func New(c Config) (*Engine, error) {
	e := &Engine{
		store: c.Store, clock: c.Clock, log: c.Logger, clouds: map[string]*connection{}, first: c.DefaultCloud,
		proofs: c.Proofs, spread: c.ProofSpread, window: c.Propagation, skipGate: c.SkipGate, roles: c.RoleSet, writes: rate.Limit(c.WritesPerSecond),
		certify: c.Certify, steps: newSteps(),
		active: map[string]chan struct{}{}, sessions: map[string]*signin.Session{}, askAgain: map[string]time.Time{},
		busy: map[string]*turnstile{}, pace: map[string]*rate.Limiter{},
		bundles: recent.Keep[[sha256.Size]byte, *certificate.Bundle](bundleMemory),
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if err := e.setProof(); err != nil {
		return nil, err
	}
	if len(e.roles) == 0 {
		e.roles = account.DefaultRoleSet()
	}
	if e.writes == 0 {
		e.writes = 10
	}
	if e.certify == nil {
		e.certify = func(subject string, start, end time.Time) (*certificate.Bundle, error) {
			return certificate.NewSelfSigned(subject, keyBits, start, end)
		}
	}
	for _, cl := range c.Clouds {
		client, err := entra.New(entra.Config{Cloud: cl, Clock: c.Clock, ClientID: c.ClientID, Logger: e.log})
		if err != nil {
			return nil, fmt.Errorf("connecting to cloud %s: %w", cl.Name, err)
		}
		e.clouds[cl.Name] = &connection{cloud: cl, entra: client, builtIn: newBuiltInRoles()}
		if e.first == "" {
			e.first = cl.Name
		}
	}
	e.signIns = e.newSignIns(c)
	return e, nil
}

// Run takes up every open operation and drives it, until ctx ends. It returns when all of them have stopped at a point
// from which they can go on later.
func (e *Engine) Run(ctx context.Context) error {
	e.mu.Lock()
	e.base = ctx
	e.mu.Unlock()
	e.running.Go(func() { e.signIns.Run(ctx) })
	<-ctx.Done()
	e.running.Wait()
	return nil
}

// Sweep starts driving the operations that are due and that nobody drives. Package jobs calls it every second.
func (e *Engine) Sweep(ctx context.Context) error {
	due, err := e.Due(ctx)
	for _, id := range due {
		e.begin(id, 0)
	}
	return errors.Join(err, e.sweepBulks(ctx))
}

// endSignIn drops a sign-in that is over while its operation waits for an answer.
func (e *Engine) endSignIn(ctx context.Context, id string) error {
	return e.amend(ctx, account.System(), id, "sign_in.ended", func(op *account.Operation, tx *store.Tx) error {
		op.Facts.SignedInAt, op.Facts.Authorised = nil, false
		if op.SignIn != nil {
			op.SignIn.State = account.SignInEnded
		}
		return tx.DropSignIn(op.ID)
	})
}

// runnable reports whether an operation can go on without a person's answer.
func runnable(op *account.Operation) bool {
	return op.State == account.OpRunning || op.State == account.OpWaitingSignIn
}

// wake drives an operation at once, or tells who already does that there is news.
func (e *Engine) wake(id string) {
	if news := e.begin(id, 0); news != nil {
		select {
		case news <- struct{}{}:
		default:
		}
	}
}

// begin drives an operation, from when a wait is over, unless somebody does: that one goes on in his own time, and what is
// returned tells him of news. Before Run nothing is driven: Sweep finds it.
func (e *Engine) begin(id string, wait time.Duration) (driven chan<- struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.base == nil || e.base.Err() != nil {
		return nil
	}
	if news, ok := e.active[id]; ok {
		return news
	}
	news := make(chan struct{}, 1)
	e.active[id] = news
	ctx := e.base
	e.running.Go(func() {
		defer func() {
			if problem := recover(); problem != nil { // one operation must not take the server along
				e.log.ErrorContext(ctx, "driving an operation panicked", "operation", id, "problem", problem)
				e.mu.Lock()
				delete(e.active, id)
				e.mu.Unlock()
			}
		}()
		e.drive(ctx, id, news, wait)
		e.mu.Lock()
		delete(e.active, id)
		e.mu.Unlock()
	})
	return nil
}

// shortWait is the longest wait that is slept through; longer ones are stored and left to Sweep.
const shortWait = 15 * time.Second

// soon is the wait before something is tried again that a person may be waiting for.
const soon = 5 * time.Second

// drive takes turns, the first after a wait, until the operation is closed, needs a person, or has to wait long.
func (e *Engine) drive(ctx context.Context, id string, news <-chan struct{}, wait time.Duration) {
	for wait <= shortWait {
		if wait > 0 {
			timer := time.NewTimer(wait)
			select {
			case <-ctx.Done():
			case <-timer.C:
			case <-news:
			}
			timer.Stop()
		}
		if ctx.Err() != nil {
			return
		}
		var more bool
		if wait, more = e.turn(ctx, id); !more {
			return
		}
	}
}

// turn does one action of an operation. more is false when nothing can be done without a person or at all.
func (e *Engine) turn(ctx context.Context, id string) (wait time.Duration, more bool) {
	defer e.hold(id)()
	op, let, err := e.operationAlone(ctx, id)
	defer let()
	if err != nil {
		e.log.ErrorContext(ctx, "reading an operation", "operation", id, "error", err)
		return soon, ctx.Err() == nil && !fault.Is(err, fault.NotFound)
	}
	if !runnable(op) {
		return 0, false
	}
	now := e.clock.Now()
	if op.NextAt != nil && now.Before(*op.NextAt) {
		return op.NextAt.Sub(now), true
	}
	r, err := e.prepare(ctx, op)
	if err == nil {
		wait, err = r.perform(ctx)
	}
	if f := fault.From(err); f != nil && f.Code == fault.Conflict && f.Field == "name" {
		err = e.rollBack(ctx, id, f) // another account took the name meanwhile: looking again would not help
	}
	if fault.Is(err, fault.Conflict) {
		return conflictPause, true // a check or another operation stored the account meanwhile: look again
	}
	if err != nil {
		if ctx.Err() == nil {
			e.log.ErrorContext(ctx, "driving an operation", "operation", id, "error", err)
		}
		return soon, true // the store failed: the journal still says where to go on
	}
	return wait, !r.op.State.Closed() && runnable(r.op)
}

// operationAlone reads an operation, and lets no other one take its turn on the same account until let is called: what a turn
// has read of the account's credentials is what it changes. A removal, for instance, is not at work on what a rollback goes back
// to. Signing in changes nothing of an account, and does not wait for others. let is never nil.
func (e *Engine) operationAlone(ctx context.Context, id string) (op *account.Operation, let func(), err error) {
	let = func() {}
	op, err = e.store.Operation(ctx, account.System(), id)
	if err != nil || op.AccountID == "" || !runnable(op) || needsPerson(op) && !op.Facts.Authorised {
		return op, let, err
	}
	let = e.hold("turns on account " + op.AccountID)
	op, err = e.store.Newer(ctx, account.System(), op) // as the one before has left it
	return op, let, err
}

// rollBack makes an operation undo what it has made, because of a fault that our own store found.
func (e *Engine) rollBack(ctx context.Context, id string, f *fault.Error) error {
	op, err := e.store.Operation(ctx, account.System(), id)
	if err != nil {
		return err
	}
	op.Facts.RollingBack, op.Facts.Failure = true, problemOf(f)
	what := store.Event{Action: "operation.rolled_back", AccountName: op.AccountName, OperationID: id}
	return e.store.Change(ctx, account.System(), what, func(tx *store.Tx) error { return tx.PutOperation(op) })
}

// conflictPause is the wait before a turn is taken again whose end could not be stored over a newer version.
const conflictPause = 100 * time.Millisecond

// turnstile lets one at a time through. It is there as long as somebody wants it.
type turnstile struct {
	sync.Mutex
	wanted int // under the engine's mutex
}

// hold serialises work under a key; call what it returns to let go, once.
func (e *Engine) hold(key string) func() {
	e.mu.Lock()
	t, ok := e.busy[key]
	if !ok {
		t = &turnstile{}
		e.busy[key] = t
	}
	t.wanted++
	e.mu.Unlock()
	t.Lock()
	return func() {
		t.Unlock()
		e.mu.Lock()
		defer e.mu.Unlock()
		if t.wanted--; t.wanted == 0 {
			delete(e.busy, key)
		}
	}
}

// writing paces a write to Graph or Resource Manager: one at a time for an application, and for a tenant well under
// Microsoft Graph's published limit of 3,000 writes in 150 seconds for one application and tenant.
func (e *Engine) writing(ctx context.Context, tenant, application string) (func(), error) {
	e.mu.Lock()
	limit, ok := e.pace[tenant]
	if !ok {
		limit = rate.NewLimiter(e.writes, 20)
		e.pace[tenant] = limit
	}
	e.mu.Unlock()
	release := e.hold("application " + application)
	if err := limit.Wait(ctx); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// cloudOf returns the connection to a cloud by name; empty means the default.
func (e *Engine) cloudOf(name string) (*connection, error) {
	if name == "" {
		name = e.first
	}
	c, ok := e.clouds[name]
	if !ok {
		return nil, fault.BadField("cloud", "There is no cloud "+quote(name)+".", "Use one of: "+e.cloudNames()+".")
	}
	return c, nil
}
