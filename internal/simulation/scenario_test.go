package simulation

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/evercred/evercred/emulator/script"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/store"
)

// What lives have brought to light, each in the shortest way to it.

// scene is a world with one account, in which nothing happens but what the test says.
type scene struct {
	*world
	s *subject
}

// play makes a world with an account that has a secret or, if asked for, a certificate of Evercred's, and plays f in it.
func play(t *testing.T, kind way, f func(*scene)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := emptyWorld(t, 1, 10*year)
		s := &subject{name: "account", way: kind, lifetime: 180 * day, driving: map[string]time.Time{}, writes: map[string]int{}, orphans: map[string]time.Time{}}
		w.subjects = append(w.subjects, s)
		c := &scene{w, s}
		var err error
		if s.appID, err = w.cloud.Register(s.name); err != nil {
			t.Fatal(err)
		}
		w.establish(s)
		c.drive()
		if kind == rolls {
			c.renewed(renewal.RenewRequest{Kind: account.Certificate, WithSignIn: true})
		}
		f(c)
		for _, text := range w.fails {
			t.Error(text)
		}
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	})
}

// drive lets time pass until nothing is under way that is due within three hours. What people have planned does not happen.
func (c *scene) drive() { c.driveFor(3 * time.Hour) }

func (c *scene) driveFor(patience time.Duration) {
	for end := time.Now().Add(patience); ; {
		var next time.Time
		for _, at := range c.s.driving {
			if next.IsZero() || at.Before(next) {
				next = at
			}
		}
		if next.IsZero() || next.After(end) {
			return
		}
		pass(max(0, time.Until(next)))
		for id, at := range c.s.driving {
			if at.Equal(next) {
				c.turn(c.s, id)
				break
			}
		}
	}
}

// begin begins a renewal, signed in for if it needs that, and returns its id.
func (c *scene) begin(q renewal.RenewRequest) string {
	c.t.Helper()
	op, err := c.engine.Renew(c.ctx(), administrator(), c.s.accountID, q)
	if err != nil {
		c.t.Fatal(err)
	}
	if op.State == account.OpWaitingSignIn {
		if err := c.cloud.Approve(op.SignIn.UserCode, c.cloud.Owner()); err != nil {
			c.t.Fatal(err)
		}
	}
	c.take(c.s, op)
	return op.ID
}

// renewed is a renewal to its end.
func (c *scene) renewed(q renewal.RenewRequest) *account.Operation {
	c.t.Helper()
	id := c.begin(q)
	c.drive()
	return c.wantState(id, account.OpDone)
}

func (c *scene) wantState(id string, state account.OperationState) *account.Operation {
	c.t.Helper()
	op, err := c.store.Operation(c.ctx(), account.System(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	if op.State != state {
		c.t.Fatalf("the operation is %s, want %s: %s", op.State, state, inJSON(op))
	}
	return op
}

func (c *scene) faults(rules ...script.Rule) {
	c.t.Helper()
	if err := c.cloud.SetFaults(rules...); err != nil {
		c.t.Fatal(err)
	}
}

func (c *scene) replicas(delay time.Duration) {
	c.t.Helper()
	if err := c.cloud.SetReplication(script.Replication{Delay: delay.String(), Replicas: 4, Order: "random", Seed: 3}); err != nil {
		c.t.Fatal(err)
	}
}

// An operation that waits for Microsoft asks less and less often. One that only polled asked every two seconds: its tries
// were not stored.
func TestAnOutageIsNotHammered(t *testing.T) {
	play(t, rolls, func(c *scene) {
		id := c.begin(renewal.RenewRequest{})
		for range 40 { // until it is being proven
			if op := c.wantState(id, account.OpRunning); len(op.Steps) > 0 && op.Steps[len(op.Steps)-1].Name == string(renewal.DoProve) {
				break
			}
			c.turn(c.s, id)
		}
		c.faults(script.Rule{Answer: &script.Answer{Status: 503}})
		before := c.wire.requests
		for until := time.Now().Add(8 * time.Hour); time.Now().Before(until); {
			pass(max(0, time.Until(c.s.driving[id])))
			c.turn(c.s, id)
		}
		if asked := c.wire.requests - before; asked > 200 {
			t.Errorf("%d requests in an outage of eight hours", asked)
		}
		c.faults()
		c.drive()
		c.wantState(id, account.OpDone)
	})
}

// A check by a server that does not know the new credential yet must not find a healthy account broken: it would not renew
// itself any more.
func TestACheckAfterASwitchWaitsForReplicas(t *testing.T) {
	for name, kind := range map[string]way{"secret": byHand, "certificate": rolls} {
		t.Run(name, func(t *testing.T) {
			play(t, kind, func(c *scene) {
				c.replicas(4 * time.Minute)
				for range 8 {
					c.renewed(renewal.RenewRequest{Kind: c.s.kind(), WithSignIn: kind == byHand})
					if a := c.account(c.s); a.Check.State != account.Valid {
						t.Errorf("the account is %s: %s", a.Check.State, a.Check.Detail)
					}
					pass(day)
				}
			})
		})
	}
}

// What a check has found wrong a day ago is looked at again before an account is left to end.
func TestADoubtfulCertificateIsLookedAtAgain(t *testing.T) {
	play(t, rolls, func(c *scene) {
		if _, err := c.engine.Check(c.ctx(), administrator(), c.s.accountID, renewal.CheckRequest{}); err != nil {
			t.Fatal(err)
		}
		pass(30 * day)
		c.rescan(c.s)
		c.faults(script.Rule{Service: "entra", Path: "/token", Answer: &script.Answer{Error: "AADSTS700027"}})
		c.drive()
		if a := c.account(c.s); a.Check.State != account.CertificateMismatch {
			t.Fatalf("the account is %s", a.Check.State)
		}
		c.faults()
		before := c.account(c.s).Current().ID
		pass(130 * day)
		for range 3 {
			c.routine()
			c.days = 2 // every call begins what is due
			c.routine()
			c.drive()
			pass(time.Hour)
		}
		if c.account(c.s).Current().ID == before {
			t.Error("the certificate was not renewed")
		}
	})
}

// A certificate cannot sign for the removal of a secret: trying again and again is in vain.
func TestASecretIsNotRemovedByACertificateForEver(t *testing.T) {
	play(t, byHand, func(c *scene) {
		c.renewed(renewal.RenewRequest{WithSignIn: true}) // a secret that Evercred has made, so that it may remove it
		c.s.way = rolls
		c.renewed(renewal.RenewRequest{Kind: account.Certificate, WithSignIn: true})
		c.handOver(c.s)
		clear(c.s.writes)
		c.driveFor(100 * day)
		if n := total(c.s.writes); n > 3 {
			t.Errorf("%d writes to Graph to remove one secret without a permission", n)
		}
	})
}

// A removal that nobody may do is over once its credential was found gone: it would wait for a year.
func TestARemovalOfWhatIsGoneIsOver(t *testing.T) {
	play(t, byHand, func(c *scene) {
		c.renewed(renewal.RenewRequest{WithSignIn: true})
		old := c.account(c.s).Current()
		c.renewed(renewal.RenewRequest{WithSignIn: true})
		c.handOver(c.s)
		c.driveFor(10 * day)
		if open := c.open(); len(open) != 1 || !open[0].Facts.NoRights || !open[0].NextAt.Equal(*old.ExpiresAt) {
			t.Fatalf("open before: %s", inJSON(open))
		}
		if err := c.cloud.RemoveCredential(c.s.appID, old.KeyID); err != nil {
			t.Fatal(err)
		}
		op, err := c.engine.Reconcile(c.ctx(), administrator(), c.s.accountID, renewal.ReconcileRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.cloud.Approve(op.SignIn.UserCode, c.cloud.Owner()); err != nil {
			t.Fatal(err)
		}
		c.take(c.s, op)
		c.drive()
		c.wantState(op.ID, account.OpDone)
		c.rescan(c.s)
		c.drive()
		if open := c.open(); len(open) != 0 {
			t.Errorf("open after: %s", inJSON(open))
		}
	})
}

// So it is when its account was removed.
func TestARemovalOfARemovedAccountIsOver(t *testing.T) {
	play(t, byHand, func(c *scene) {
		c.renewed(renewal.RenewRequest{WithSignIn: true})
		c.renewed(renewal.RenewRequest{WithSignIn: true})
		c.handOver(c.s)
		c.driveFor(10 * day)
		if open := c.open(); len(open) != 1 || !open[0].Facts.NoRights {
			t.Fatalf("open before: %s", inJSON(open))
		}
		op, err := c.engine.Remove(c.ctx(), administrator(), c.s.accountID, renewal.RemoveRequest{})
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			c.engine.Turn(c.ctx(), op.ID)
		}
		c.wantState(op.ID, account.OpDone)
		for _, o := range c.open() {
			c.engine.Turn(c.ctx(), o.ID)
		}
		if open := c.open(); len(open) != 0 {
			t.Errorf("open after: %s", inJSON(open))
		}
	})
}

func (c *scene) open() []*account.Operation {
	c.t.Helper()
	open, err := c.store.Operations(c.ctx(), account.System(), store.OperationQuery{AccountID: c.s.accountID, OpenOnly: true})
	if err != nil {
		c.t.Fatal(err)
	}
	return open
}

func total(counts map[string]int) (n int) {
	for _, one := range counts {
		n += one
	}
	return n
}

// Somebody who chooses a certificate because secrets are forbidden gets one, also when an answer about a secret was lost
// before.
func TestACertificateInPlaceOfASecretWhoseAnswerWasLost(t *testing.T) {
	play(t, byHand, func(c *scene) {
		c.faults(script.Rule{Service: "graph", Path: "/addPassword", Times: 1, Drop: "before"})
		id := c.begin(renewal.RenewRequest{WithSignIn: true})
		for range 20 {
			op := c.wantState(id, c.state(id))
			if len(op.Facts.Attempts) > 0 && op.Facts.Attempts[0].State == account.AttemptLost {
				break
			}
			c.turn(c.s, id)
		}
		c.policy(true)
		c.drive()
		c.wantState(id, account.OpWaitingChoice)
		op, err := c.engine.Choose(c.ctx(), administrator(), id, renewal.ChoiceCertificate)
		if err != nil {
			t.Fatal(err)
		}
		c.take(c.s, op)
		c.drive()
		c.wantState(id, account.OpDone)
		if a := c.account(c.s); a.Current().Kind != account.Certificate || a.Check.State != account.Valid {
			t.Errorf("the account has a %s and is %s", a.Current().Kind, a.Check.State)
		}
	})
}

func (c *scene) state(id string) account.OperationState {
	op, err := c.store.Operation(c.ctx(), account.System(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	return op.State
}

// A certificate whose registration by a person was not answered is looked for until all of Microsoft's servers must know it.
func TestALostRegistrationIsLookedForWhileReplicasLag(t *testing.T) {
	play(t, rolls, func(c *scene) {
		c.replicas(2 * time.Minute)
		c.faults(script.Rule{Service: "graph", Method: "PATCH", Drop: "before"})
		id := c.begin(renewal.RenewRequest{Kind: account.Certificate, WithSignIn: true})
		c.driveFor(90 * time.Second)
		c.faults()
		c.drive()
		c.wantState(id, account.OpDone)
	})
}

// An account that nobody at hand may renew is not asked every minute of its last month whether it may renew itself.
func TestAnAccountWithoutRightsIsSeldomAsked(t *testing.T) {
	play(t, byHand, func(c *scene) {
		a := c.account(c.s)
		a.Policy.Automatic = true
		if err := c.store.Change(c.ctx(), administrator(), store.Event{Action: "account.changed"}, func(tx *store.Tx) error { return tx.PutAccount(a) }); err != nil {
			t.Fatal(err)
		}
		pass(time.Until(*a.Current().ExpiresAt) - 10*day)
		before := c.wire.requests
		for range 6 * 60 {
			if err := c.engine.RenewDue(c.ctx()); err != nil {
				t.Fatal(err)
			}
			pass(time.Minute)
		}
		if asked := c.wire.requests - before; asked < 2 || asked > 8 {
			t.Errorf("%d requests in six hours", asked)
		}
	})
}
