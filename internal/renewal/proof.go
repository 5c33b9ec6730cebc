package renewal

import (
	"context"
	"fmt"
	"strings"
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

// rest waits for a moment in the middle of a step.
func rest(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// interval is the time between two answers of a proof.
func (e *Engine) interval() time.Duration {
	if e.spread <= 0 || e.proofs < 2 {
		return 0
	}
	return e.spread / time.Duration(e.proofs-1)
}

// prove asks for tokens with the new credential, each on a connection of its own, until enough answers in a row were good
// for Resource Manager, and one for each other audience of the account. The answers are spread over a while, since several
// servers answer in turn and some know a new credential later than others: "not yet replicated" is not "wrong", is waited out
// within the window, and makes the count begin anew.
func prove(ctx context.Context, r *run) (string, error) {
	f := &r.op.Facts
	c := r.candidate()
	if c == nil {
		return "", fault.New(fault.Interrupted, "The credential that is to be proven is not there any more.").WithMeaning("Nothing was changed.").WithRemedy("Start again.")
	}
	if f.ProofSince == nil {
		now := r.e.clock.Now()
		f.ProofSince = &now
	}
	cred, err := r.candidateMaterial(ctx, c)
	if err != nil {
		return "", err
	}
	for pause := r.e.interval(); f.GoodAnswers < r.e.proofs; {
		token, err := r.conn.entra.AppToken(ctx, r.tenant(), c.ApplicationID, cred, r.conn.cloud.ManagementScope)
		if err != nil {
			return "", r.notProven(c, err)
		}
		if r.op.Kind == account.OpConnect {
			r.op.Params.TenantID = tenantOf(token.Access, r.op.Params.TenantID)
		}
		f.GoodAnswers++
		switch {
		case f.GoodAnswers >= r.e.proofs:
		case r.e.spread > soon: // too long to hold the operation for: others wait for their turn
			return "", retryIn(pause, fmt.Sprintf("%d of %d good answers", f.GoodAnswers, r.e.proofs))
		default:
			if err := rest(ctx, pause); err != nil {
				return "", err
			}
		}
	}
	if until := r.removedLately(c); r.e.clock.Now().Before(until) {
		f.GoodAnswers = 0
		return "", retryIn(min(30*time.Second, until.Sub(r.e.clock.Now())), "One like it was removed a moment ago; waiting until all of Microsoft's servers know that")
	}
	others, err := r.proveElsewhere(ctx, c.ApplicationID, cred)
	if err != nil {
		return "", r.notProven(c, err)
	}
	now := r.e.clock.Now()
	c.ProvenAt, f.Proven = &now, true
	if c != f.Offered {
		kept := *c
		r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
	}
	r.event = "credential.proven"
	return fmt.Sprintf("%d good answers in a row", r.e.proofs) + others, nil
}

// removedLately is until when good answers for what somebody offered prove nothing: where the account had one that looks like
// it, and that was removed, some of Entra's servers may not know that yet.
func (r *run) removedLately(offered *account.Credential) (until time.Time) {
	if r.a == nil || r.op.Kind != account.OpConnect {
		return until
	}
	for i := range r.a.Credentials {
		c := &r.a.Credentials[i]
		if c.Slot != account.Removed || c.RemovedAt == nil || c.ApplicationID != offered.ApplicationID || c.Kind != offered.Kind ||
			c.Hint != offered.Hint || c.Thumbprint != offered.Thumbprint {
			continue
		}
		if t := c.RemovedAt.Add(r.e.window); t.After(until) {
			until = t
		}
	}
	return until
}

// candidate is the credential that is to be proven: one that was added, or one that somebody offered.
func (r *run) candidate() *account.Credential {
	if r.op.Kind == account.OpConnect {
		return r.op.Facts.Offered
	}
	return r.a.Credential(r.op.Facts.CredentialID)
}

// candidateMaterial reads the secret part of the candidate.
func (r *run) candidateMaterial(ctx context.Context, c *account.Credential) (entra.Credential, error) {
	if c != r.op.Facts.Offered {
		cred, err := r.e.material(ctx, *c)
		if err != nil {
			return cred, &storeError{err}
		}
		return cred, nil
	}
	v, err := r.e.store.Offered(ctx, account.System(), r.op.ID)
	if err != nil {
		return entra.Credential{}, &storeError{err}
	}
	return r.e.credentialOf(c.Kind, v)
}

// proveElsewhere asks for one token for each other audience of the account. A service that is not set up in the tenant says
// nothing about the credential. It returns what the journal says of it.
func (r *run) proveElsewhere(ctx context.Context, appID string, cred entra.Credential) (string, error) {
	var good, absent []string
	for _, a := range r.audiences() {
		_, err := r.conn.entra.AppToken(ctx, r.tenant(), appID, cred, a.scope(r.conn.cloud))
		switch code, _ := entraCode(err); {
		case err == nil:
			good = append(good, string(a))
		case code == 500011: // AADSTS500011: the resource principal was not found in the tenant
			absent = append(absent, string(a))
		default:
			return "", err
		}
	}
	text := ""
	if len(good) > 0 {
		text = ", and one for " + strings.Join(good, " and ")
	}
	if len(absent) > 0 {
		text += "; " + strings.Join(absent, " and ") + " is not set up in the tenant"
	}
	return text, nil
}

// notProven waits out what some of Entra's servers do not know yet. A credential that they do not all know at the end of
// the window is given up, and that is said.
func (r *run) notProven(c *account.Credential, err error) error {
	r.op.Facts.GoodAnswers = 0
	if !entra.Unreplicated(err) {
		return err
	}
	if r.op.Kind == account.OpConnect {
		return r.notOffered(err)
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

// offerPatience is how long a refusal of what somebody offered is asked again: it may have been made a moment ago, but a wrong
// value must be told soon.
const offerPatience = 3 * time.Second

func (r *run) notOffered(err error) error {
	if s := r.openStep(); s != nil && r.e.clock.Now().Sub(s.StartedAt) < offerPatience {
		return retryIn(time.Second, "Microsoft refused it; asking again")
	}
	return err
}

// proveAgain makes sure that the current credential still works, just before an older one is removed. One good answer
// after it comes with the check that follows.
func proveAgain(ctx context.Context, r *run) (string, error) {
	if r.op.Kind == account.OpRetire {
		switch back, err := r.goneBackTo(ctx); {
		case err != nil:
			return "", err
		case back:
			return "", retryIn(30*time.Second, "Somebody is taking an older credential into use again; waiting for the end of that")
		}
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
