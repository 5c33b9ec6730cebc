package simulation

import (
	"time"

	"github.com/evercred/evercred/emulator/script"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/store"
)

// call asks something of the program, as a person does. It is not killed meanwhile: a kill strikes turns.
func (w *world) call(f func() error) error {
	fuse := w.wire.fuse
	w.wire.begin()
	w.wire.fuse = 0
	err := f()
	w.wire.fuse = fuse
	return err
}

// plan is what the administrator of an account means to do about its end. Where no person is needed, nothing.
func (w *world) plan(s *subject) {
	s.plans++
	a := w.account(s)
	if a == nil || a.Current() == nil || a.Current().ExpiresAt == nil {
		return
	}
	mine, c := s.plans, a.Current()
	var at time.Duration
	switch {
	case s.way == ownsItself && w.own(s):
		return
	case s.way == rolls && c.Kind == account.Certificate:
		return
	case s.way == rolls:
		at = w.between(time.Hour, 3*day) // first a certificate has to be registered by a person
	default:
		lead := w.between(2*day, 25*day)
		switch draw := w.chance.Float64(); {
		case draw < 0.07:
			lead = -w.between(time.Hour, 10*day) // forgotten
		case draw < 0.15:
			lead = w.between(2*time.Hour, 30*time.Hour)
		}
		at = max(time.Until(c.ExpiresAt.Add(-lead)), time.Minute)
	}
	w.in(at, func() {
		if s.plans == mine {
			w.renew(s)
		}
	})
}

// own lets the application own itself, as an administrator does once for each application.
func (w *world) own(s *subject) bool {
	if err := w.cloud.OwnItself(s.appID); err != nil {
		w.t.Fatal(err)
	}
	return true
}

func (s *subject) kind() account.Kind {
	if s.way == rolls {
		return account.Certificate
	}
	return account.Secret
}

// renew is a person who begins a renewal and signs in for it.
func (w *world) renew(s *subject) {
	if s.accountID == "" {
		return
	}
	w.ask(s, "renew", func() (*account.Operation, error) {
		return w.engine.Renew(w.ctx(), administrator(), s.accountID, renewal.RenewRequest{Kind: s.kind(), WithSignIn: true, Lifetime: &s.lifetime})
	})
}

// ask begins an operation, and comes back to it when the program refuses.
func (w *world) ask(s *subject, what string, begin func() (*account.Operation, error)) {
	var op *account.Operation
	if err := w.call(func() (err error) { op, err = begin(); return err }); err != nil {
		w.trace("%s: %s was refused: %v", s.name, what, err)
		w.figures.Refused[what+": "+short(err.Error())]++
		w.later(s)
		return
	}
	w.trace("%s: %s %s", s.name, what, op.State)
	w.begun(s, op)
}

// later lets somebody look at the account again soon.
func (w *world) later(s *subject) {
	s.plans++
	mine := s.plans
	w.in(w.between(6*time.Hour, 2*day), func() {
		if s.plans == mine {
			w.mend(s)
		}
	})
}

// begun follows an operation that was just begun.
func (w *world) begun(s *subject, op *account.Operation) {
	w.figures.Begun[op.Kind]++
	if op.State.Closed() {
		w.settled(s, op.ID)
		return
	}
	if op.State == account.OpWaitingSignIn {
		wait := w.between(4*time.Second, 20*time.Second)
		switch draw := w.chance.Float64(); {
		case draw < 0.01:
			wait = w.between(20*time.Minute, time.Hour) // the code has ended by then
		case draw < 0.04:
			wait = w.between(time.Minute, 10*time.Minute)
		}
		w.in(wait, func() { w.signIn(s, op.ID) })
	}
	w.take(s, op)
}

// signIn enters the code of an operation, seldom as somebody who may not do what it is for.
func (w *world) signIn(s *subject, id string) {
	op, err := w.store.Operation(w.ctx(), account.System(), id)
	if err != nil || op.State != account.OpWaitingSignIn || op.SignIn == nil {
		return
	}
	who := w.cloud.Owner()
	if w.often(0.03) {
		who = "contributor@contoso.example"
	}
	if err := w.cloud.Approve(op.SignIn.UserCode, who); err != nil {
		w.trace("%s: the code was not taken: %v", s.name, err)
		return
	}
	if who == w.cloud.Owner() && op.Kind == account.OpRenew {
		s.signedIn = time.Now()
	}
	w.trace("%s: %s signed in", s.name, who)
}

// settled is what people do when an operation has stopped.
func (w *world) settled(s *subject, id string) {
	op, err := w.store.Operation(w.ctx(), account.System(), id)
	if err != nil {
		w.fail(s, "reading operation %s: %v", id, err)
		return
	}
	w.trace("%s: %s is %s %s", s.name, op.Kind, op.State, problemText(op))
	switch op.State {
	case account.OpNeedsSignIn:
		w.figures.Parked++
		w.in(w.between(time.Hour, 2*day), func() { w.resume(s, id) })
	case account.OpWaitingChoice:
		option := op.Choice.Options[0]
		if w.often(0.3) {
			option = op.Choice.Options[w.chance.IntN(len(op.Choice.Options))]
		}
		w.in(w.between(time.Minute, 20*time.Minute), func() {
			w.ask(s, "choose", func() (*account.Operation, error) {
				return w.engine.Choose(w.ctx(), administrator(), id, option)
			})
		})
	case account.OpRunning, account.OpWaitingSignIn:
		w.take(s, op)
	case account.OpDone, account.OpFailed, account.OpCancelled:
		w.closed(s, op)
	}
}

// resume signs in for an operation that was left without rights.
func (w *world) resume(s *subject, id string) {
	op, err := w.store.Operation(w.ctx(), account.System(), id)
	if err != nil || op.State != account.OpNeedsSignIn {
		return
	}
	w.ask(s, "resume", func() (*account.Operation, error) { return w.engine.SignInAgain(w.ctx(), administrator(), id, "") })
}

// closed follows an operation to its end: what it left to be done, and what people do next.
func (w *world) closed(s *subject, op *account.Operation) {
	w.figures.closed(op)
	w.rescan(s)
	switch op.Kind {
	case account.OpAdd, account.OpConnect:
		if s.accountID == "" {
			w.established(s, op)
		}
		return
	}
	w.countWrites(s, op)
	w.audit(s, op)
	switch {
	case op.Kind == account.OpRenew || op.Kind == account.OpRecreate || op.Kind == account.OpRollback:
		switch {
		case op.State == account.OpDone && op.Kind == account.OpRollback:
			w.in(time.Minute, w.renewDue) // what was gone back to may be about to end: three days are too long then
			fallthrough
		case op.State == account.OpDone:
			w.deliver(s)
			w.plan(s)
		case op.StartedBy == administrator().Name && op.Facts.Person == "" && time.Since(s.signedIn) < 10*time.Minute:
			w.in(w.between(time.Minute, 10*time.Minute), func() { w.mend(s) }) // who has just signed in is told that it was lost, and does it again
		case op.StartedBy == administrator().Name:
			w.later(s)
		}
	}
}

// rescan takes up what is open on the account.
func (w *world) rescan(s *subject) {
	if s.accountID == "" {
		return
	}
	open, err := w.store.Operations(w.ctx(), account.System(), store.OperationQuery{AccountID: s.accountID, OpenOnly: true})
	if err != nil {
		w.fail(s, "listing its operations: %v", err)
		return
	}
	for _, op := range open {
		w.take(s, op)
	}
}

// deliver gives the account's credential to the software that uses it: mostly on the same day, now and then late.
func (w *world) deliver(s *subject) {
	wait := w.between(10*time.Minute, 8*time.Hour)
	switch draw := w.chance.Float64(); {
	case draw < 0.05:
		wait = w.between(20*day, 60*day)
	case draw < 0.2:
		wait = w.between(8*time.Hour, 5*day)
	}
	w.in(wait, func() { w.handOver(s) })
}

func (w *world) handOver(s *subject) {
	var h *renewal.HandOver
	err := w.call(func() (err error) {
		h, err = w.engine.HandOver(w.ctx(), administrator(), s.accountID, true)
		return err
	})
	if err != nil {
		w.trace("%s: no hand-over: %v", s.name, err)
		return
	}
	if h.Credential.ID == s.uses.credentialID && s.downSince.IsZero() {
		return
	}
	w.trace("%s: its software has %s", s.name, h.Credential.KeyID)
	w.handed(s, s.useOf(&h.Credential))
	w.rescan(s)
	if w.often(0.03) {
		w.in(w.between(time.Hour, 2*day), func() { w.rollBack(s) })
	}
}

// useOf is how a credential of the account is used. The program does not know the key id of one that it was given.
func (s *subject) useOf(c *account.Credential) use {
	if c.ID == s.uses.credentialID {
		return s.uses
	}
	u := use{credentialID: c.ID, appID: c.ApplicationID, keyID: c.KeyID, from: time.Now(), end: time.Now().Add(100 * year)}
	if c.ExpiresAt != nil {
		u.end = *c.ExpiresAt
	}
	return u
}

// rollBack is somebody who wants the former credential back.
func (w *world) rollBack(s *subject) {
	a := w.account(s)
	if a == nil || account.Refusal(a, account.ActRollback, time.Now()) != nil {
		return
	}
	w.ask(s, "roll back", func() (*account.Operation, error) { return w.engine.Rollback(w.ctx(), administrator(), s.accountID) })
}

// checkUp is a look at the account: mostly by the program, now and then by a person who signs in and reconciles.
func (w *world) checkUp(s *subject) {
	switch {
	case s.accountID == "":
	case w.often(0.05):
		w.ask(s, "reconcile", func() (*account.Operation, error) {
			return w.engine.Reconcile(w.ctx(), administrator(), s.accountID, renewal.ReconcileRequest{})
		})
	default:
		w.ask(s, "check", func() (*account.Operation, error) {
			return w.engine.Check(w.ctx(), administrator(), s.accountID, renewal.CheckRequest{})
		})
	}
}

// mend is a person who was told that the account's software gets no tokens, or that something was refused.
func (w *world) mend(s *subject) {
	if s.accountID == "" {
		return
	}
	app, found := w.cloud.Look(s.appID)
	switch a := w.account(s); {
	case a == nil:
	case found && !app.Deleted && !app.Enabled:
		if err := w.cloud.Do(script.Action{Action: script.EnableApplication, Application: s.appID}); err != nil {
			w.t.Fatal(err)
		}
		w.watch(s)
	case !found || app.Deleted:
		choice := renewal.ChoiceRestore
		if w.often(0.3) || !found {
			choice = renewal.ChoiceNew
		}
		w.ask(s, "recreate", func() (*account.Operation, error) {
			return w.engine.Recreate(w.ctx(), administrator(), s.accountID, renewal.RecreateRequest{Choice: choice, Lifetime: &s.lifetime})
		})
	case a.Current() != nil && a.Current().ID != s.uses.credentialID && w.works(s.useOf(a.Current())):
		w.handOver(s)
		w.plan(s)
	case s.downSince.IsZero():
		w.renewIfDue(s, a)
	default:
		w.renew(s)
	}
}

// renewIfDue tries again what was refused, if it is still needed.
func (w *world) renewIfDue(s *subject, a *account.Account) {
	c := a.Current()
	wrongKind := c != nil && c.Kind != s.kind()
	if c == nil || wrongKind || c.ExpiresAt != nil && time.Until(*c.ExpiresAt) < 30*day && s.way == byHand {
		w.renew(s)
		return
	}
	w.plan(s)
}
