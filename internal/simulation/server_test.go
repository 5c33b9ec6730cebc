package simulation

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/evercred/evercred/emulator/script"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/jobs"
	"github.com/evercred/evercred/internal/renewal"
)

// serve lets the program run as a server does, for a while: operations are driven by goroutines, and swept up every second.
func (c *scene) serve(d time.Duration, during func()) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = c.engine.Run(ctx) }) // it never fails
	running.Go(func() { jobs.Run(ctx, c.engine, c.log) })
	synctest.Wait()
	during()
	pass(d)
	stop()
	running.Wait()
}

// The sweep of every second must not wake what waits in its own time: it asked Microsoft for the code of a sign-in five times as
// often as Microsoft allows, and for what servers do not all know yet every second.
func TestAServerAsksInItsOwnTime(t *testing.T) {
	play(t, byHand, func(c *scene) {
		var op *account.Operation
		before := c.wire.requests
		c.serve(61*time.Second, func() {
			var err error
			if op, err = c.engine.Renew(c.ctx(), administrator(), c.s.accountID, renewal.RenewRequest{WithSignIn: true}); err != nil {
				t.Fatal(err)
			}
		})
		if asked := c.wire.requests - before; asked != 1+12 { // for the code, and every five seconds for the sign-in
			t.Errorf("%d requests in a minute", asked)
		}
		if err := c.cloud.Approve(op.SignIn.UserCode, c.cloud.Owner()); err != nil {
			t.Fatal(err)
		}
		c.faults(script.Rule{Service: "entra", Path: "/token", Caller: c.s.appID, Answer: &script.Answer{Error: "AADSTS7000215"}})
		before = c.wire.requests
		c.serve(2*time.Minute, func() {})
		c.wantState(op.ID, account.OpRunning)
		if asked := c.wire.requests - before; asked < 12 || asked > 25 {
			t.Errorf("%d requests in two minutes", asked)
		}
	})
}

// Entra can ask for more time between two questions for a sign-in.
func TestAServerSlowsDown(t *testing.T) {
	play(t, byHand, func(c *scene) {
		c.faults(script.Rule{Service: "entra", Path: "/token", Times: 1, Answer: &script.Answer{Status: 400, Body: []byte(`{"error":"slow_down"}`)}})
		before := c.wire.requests
		c.serve(66*time.Second, func() {
			if _, err := c.engine.Renew(c.ctx(), administrator(), c.s.accountID, renewal.RenewRequest{WithSignIn: true}); err != nil {
				t.Fatal(err)
			}
		})
		if asked := c.wire.requests - before; asked != 1+1+6 { // for the code, after five seconds, and every ten from then on
			t.Errorf("%d requests in a minute", asked)
		}
	})
}
