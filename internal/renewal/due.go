package renewal

import (
	"context"
	"slices"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/store"
)

// Bounds of what is started by itself.
const (
	dueAtOnce = 20        // renewals started in one go: the rest is started the next time
	askEvery  = time.Hour // how often an account is asked that may not renew itself: somebody may grant it that

	rememberFailures = 7 * 24 * time.Hour // longer than the longest wait after them
)

// RenewDue starts the renewals that are due and need no person: of accounts whose policy is automatic, whose credential ends
// within the policy's time, and whose application lets its own certificate, its own permissions or the tenant's steward
// change it. What failed is tried again later, each time after a longer wait. Package jobs calls it every minute.
func (e *Engine) RenewDue(ctx context.Context) error {
	now := e.clock.Now()
	due, err := e.store.AccountsToRenew(ctx, account.System(), now)
	if err != nil {
		return err
	}
	started := 0
	for _, a := range due {
		if started == dueAtOnce || ctx.Err() != nil {
			break
		}
		did, err := e.renewByItself(ctx, a, now)
		if err != nil {
			return err
		}
		if did {
			started++
		}
	}
	return ctx.Err()
}

// renewByItself starts a renewal without a person, if nothing is under way and rights are at hand.
func (e *Engine) renewByItself(ctx context.Context, a *account.Account, now time.Time) (bool, error) {
	open, err := e.store.Operations(ctx, account.System(), store.OperationQuery{AccountID: a.ID, OpenOnly: true})
	if err != nil || slices.ContainsFunc(open, (*account.Operation).Holds) {
		return false, err
	}
	last, err := e.store.RunsSince(ctx, account.System(), a.ID, account.OpRenew, account.System().Name, now.Add(-rememberFailures))
	if err != nil || now.Before(nextTry(last)) {
		return false, err
	}
	if doubtful(a, now) {
		return e.startByItself(ctx, a, account.OpCheck, account.Params{})
	}
	p, err := e.rightsAtHand(ctx, a, now)
	if err != nil || !p.Own && p.Actor == "" {
		return false, err
	}
	p.Kind = a.Current().Kind
	return e.startByItself(ctx, a, account.OpRenew, p)
}

// startByItself starts an operation on nobody's behalf. That somebody was faster, for instance, is told in the log.
func (e *Engine) startByItself(ctx context.Context, a *account.Account, kind account.OperationKind, p account.Params) (bool, error) {
	if _, err := e.startOn(ctx, account.System(), a, kind, p); err != nil {
		e.log.WarnContext(ctx, "an operation was not started by itself", "kind", string(kind), "account", a.Name, "error", err)
		return false, ctx.Err()
	}
	return true, nil
}

// doubtful reports whether an account has not been looked at for a day since its certificate was found to be off the
// application: it may be there again, or one of Microsoft's servers was behind, and then the account renews itself.
func doubtful(a *account.Account, now time.Time) bool {
	c := a.Current()
	return c.Kind == account.Certificate && !c.Expired(now) && a.Check != nil && a.Check.CredentialID == c.ID &&
		a.Check.State == account.CertificateMismatch && now.Sub(a.Check.At) > 24*time.Hour
}

// rightsAtHand are the rights to change a's credentials without a person: neither is set where there are none.
func (e *Engine) rightsAtHand(ctx context.Context, a *account.Account, now time.Time) (account.Params, error) {
	if c := a.Current(); c.Kind == account.Certificate && a.RollsItself(now) {
		return account.Params{Own: true}, nil
	}
	steward, err := e.stewardOf(ctx, a)
	if err != nil || steward != "" {
		return account.Params{Actor: steward}, err
	}
	if c := a.Current(); c.Expired(now) || a.ApplicationID == "" {
		return account.Params{}, nil
	}
	e.mu.Lock()
	asked := now.Before(e.askAgain[a.ID])
	e.mu.Unlock()
	if asked {
		return account.Params{}, nil
	}
	may, err := e.mayWriteApplications(ctx, a)
	if err != nil || !may {
		e.mu.Lock()
		e.askAgain[a.ID] = now.Add(askEvery)
		e.mu.Unlock()
		return account.Params{}, nil //nolint:nilerr // Microsoft did not answer, or refuses the account: there are no rights at hand
	}
	return account.Params{Actor: a.ID}, nil
}

// nextTry is when a renewal that has failed by itself may be started again: 15 minutes after the first failure, then an
// hour, six hours, and a day each. last are the renewals that were started by themselves, newest first.
func nextTry(last []store.Run) time.Time {
	waits := [...]time.Duration{15 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}
	failed := slices.IndexFunc(last, func(r store.Run) bool { return r.State != account.OpFailed || r.ClosedAt == nil })
	if failed < 0 {
		failed = len(last)
	}
	if failed == 0 {
		return time.Time{}
	}
	return last[0].ClosedAt.Add(waits[min(failed, len(waits))-1])
}
