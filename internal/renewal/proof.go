package renewal

import (
	"context"
	"fmt"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/store"
)

// Defaults and limits of a proof.
const (
	defaultProofs = 3
	defaultSpread = 2 * time.Second
	maxProofs     = 20
	maxWindow     = time.Hour // a sign-in, which a rollback needs, lasts no longer
)

// setProof fills in what was left out of the configuration and refuses what makes no sense.
func (e *Engine) setProof() error {
	if e.proofs == 0 {
		e.proofs = defaultProofs
	}
	if e.spread == 0 {
		e.spread = defaultSpread
	}
	if e.window == 0 {
		e.window = Window
	}
	switch {
	case e.proofs < 1 || e.proofs > maxProofs:
		return fault.BadField("proofs", "The number of good answers is out of range: "+itoa(e.proofs)+".", "Use 1 to 20.")
	case e.window < time.Minute || e.window > maxWindow:
		return fault.BadField("propagation", "The propagation window is out of range: "+e.window.String()+".", "Use 1m to 1h.")
	case e.spread > e.window/2:
		return fault.BadField("proof_spread", "The answers are spread over more than half of the propagation window: "+e.spread.String()+".", "Spread them less, or make the window longer.")
	}
	return nil
}

// interval is the time between two answers of a proof.
func (e *Engine) interval() time.Duration {
	if e.spread <= 0 || e.proofs < 2 {
		return 0
	}
	return e.spread / time.Duration(e.proofs-1)
}

// prove asks for tokens with the new credential, each on a connection of its own, until enough answers in a row were good.
// The answers are spread over a while, since several servers answer in turn and some know a new credential later than
// others: "not yet replicated" is not "wrong", is waited out within the window, and makes the count begin anew.
func prove(ctx context.Context, r *run) (string, error) {
	f := &r.op.Facts
	c := r.a.Credential(f.CredentialID)
	if err := r.poll(ctx, "Proving the new "+c.Kind.Noun()); err != nil {
		return "", err
	}
	if f.ProofSince == nil {
		now := r.e.clock.Now()
		f.ProofSince = &now
	}
	cred, err := r.e.material(ctx, *c)
	if err != nil {
		return "", &storeError{err}
	}
	for f.GoodAnswers < r.e.proofs {
		if _, err := r.conn.entra.AppToken(ctx, r.tenant(), c.ApplicationID, cred, r.conn.cloud.ManagementScope); err != nil {
			return "", r.notProven(c, err)
		}
		f.GoodAnswers++
		if pause := r.e.interval(); pause > 0 && f.GoodAnswers < r.e.proofs {
			return "", retryIn(pause, fmt.Sprintf("%d of %d good answers", f.GoodAnswers, r.e.proofs))
		}
	}
	now := r.e.clock.Now()
	c.ProvenAt, f.Proven = &now, true
	kept := *c
	r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
	r.event = "credential.proven"
	return fmt.Sprintf("%d good answers in a row", r.e.proofs), nil
}

// notProven waits out what some of Entra's servers do not know yet. A credential that they do not all know at the end of
// the window is given up, and that is said.
func (r *run) notProven(c *account.Credential, err error) error {
	r.op.Facts.GoodAnswers = 0
	if !entra.Unreplicated(err) {
		return err
	}
	if again := r.notYet(err); again != err { //nolint:errorlint // notYet returns the very error when it gives up
		return again
	}
	why := explain(err)
	gaveUp := fault.New(fault.Credential, "Not all of Microsoft's servers accepted the new %s within %s.", c.Kind.Noun(), account.Span(r.e.window)).
		WithMeaning("It was added, but it did not give %d good answers in a row, so it is not used.", r.e.proofs).
		WithRemedy("Try again later. If it fails again, look at https://status.cloud.microsoft, or allow more time: `evercred serve --propagation 30m`.").WithCause(err)
	gaveUp.Source = why.Source
	return gaveUp
}

// proveAgain makes sure that the current credential still works, just before an older one is removed. One good answer
// after it comes with the check that follows.
func proveAgain(ctx context.Context, r *run) (string, error) {
	if err := r.poll(ctx, "Proving the current credential once more"); err != nil {
		return "", err
	}
	c := r.a.Current()
	if c == nil {
		return "", fault.New(fault.Conflict, "The account has no current credential.")
	}
	if _, _, err := r.ownToken(r.tenant(), *c, r.conn.cloud.ManagementScope)(ctx); err != nil {
		if entra.Unreplicated(err) {
			return "", r.notYet(err)
		}
		return "", err
	}
	r.op.Facts.ProvedBeforeRm = true
	return "", nil
}
