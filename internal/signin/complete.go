package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// Complete takes the address that a browser was sent back to, for a sign-in of the caller. A sign-in that Microsoft refused is
// no error: it is returned in the state failed. The faults: an address that is none, or another sign-in's (field url); a
// sign-in that waits for no browser (Conflict); Microsoft does not answer, and the address may be given again.
func (s *Service) Complete(ctx context.Context, by account.Caller, id string, address secret.Value) (*account.SignInSession, error) {
	back, err := entra.ReadReturn(address)
	if err != nil {
		return nil, err
	}
	return s.complete(ctx, by, id, back)
}

// CompleteByState is Complete where only the address tells which sign-in it belongs to.
func (s *Service) CompleteByState(ctx context.Context, by account.Caller, address secret.Value) (*account.SignInSession, error) {
	back, err := entra.ReadReturn(address)
	if err != nil {
		return nil, err
	}
	v, err := s.store.SignInSessionByState(ctx, by, back.State.Reveal())
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.NotFound, "No sign-in of yours waits for this.").
			WithMeaning("It has ended, it was completed already, or somebody else began it. Nothing was taken from what came back.").
			WithRemedy("If somebody sent you the address that led here, do not go on. Else go back to Evercred and sign in again.")
	}
	if err != nil {
		return nil, err
	}
	return s.complete(ctx, by, v.ID, back)
}

func (s *Service) complete(ctx context.Context, by account.Caller, id string, back *entra.Return) (*account.SignInSession, error) {
	defer s.lock(id)()
	v, err := s.store.SignInSession(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if v.Method != account.ByBrowser || v.State != account.SignInWaiting {
		return nil, fault.New(fault.Conflict, "The sign-in does not wait for a browser.").WithMeaning("It is %s.", stateText(v)).
			WithRemedy("Begin another one if it is still wanted.")
	}
	conn, err := s.connection(v.Cloud)
	if err != nil {
		return nil, err
	}
	kept, err := s.store.SignInSessionSecret(ctx, by, id)
	if err != nil {
		return nil, err
	}
	a, err := entra.UnpackAuthorization(kept.Browser)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(a.State.Reveal()), []byte(back.State.Reveal())) != 1 {
		return nil, fault.BadField("url", "The address is of another sign-in.",
			"Use the address that the browser has after you signed in at the page of this sign-in.")
	}
	if back.Refused != nil {
		return v, s.fail(ctx, by, v, entra.Explain(back.Refused))
	}
	// Gone on without the request: a code that Microsoft has taken must not be lost with a connection.
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	t, err := conn.Entra.RedeemCode(bounded, v.TenantID, conn.Cloud.ManagementScope, a, back.Code)
	switch {
	case azure.Transient(err):
		return nil, explain(err)
	case err != nil:
		return v, s.fail(bounded, by, v, explain(err))
	}
	return v, s.redeemed(bounded, by, v, t)
}

func stateText(v *account.SignInSession) string {
	switch v.State {
	case account.SignInWaiting:
		return "waiting"
	case account.SignInDone:
		return "signed in"
	}
	return v.State
}

// Run asks about device codes and ends what is over, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "sweeping sign-ins", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

const (
	sweepEvery  = time.Second
	forgetEvery = 10 * time.Minute
	askAtOnce   = 8 // device codes that are asked about at the same time
)

// Sweep ends the sign-ins whose time is over, asks once about each device code that is due, and returns when all have
// answered.
func (s *Service) Sweep(ctx context.Context) error {
	open, err := s.store.SignInSessions(ctx, account.System())
	if err != nil {
		return err
	}
	if err := s.forget(ctx, open); err != nil {
		return err
	}
	return each(ctx, open, askAtOnce, func(ctx context.Context, v *account.SignInSession) error {
		if err := s.look(ctx, v); err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "looking after a sign-in", "sign_in", v.ID, "error", err)
		}
		return nil
	})
}

// forget drops what nothing is to be done for any more.
func (s *Service) forget(ctx context.Context, open []*account.SignInSession) error {
	now := s.clock.Now()
	s.mu.Lock()
	maps.DeleteFunc(s.next, func(id string, _ time.Time) bool {
		return !slices.ContainsFunc(open, func(v *account.SignInSession) bool { return v.ID == id })
	})
	due := now.Sub(s.swept).Abs() >= forgetEvery
	if due {
		s.swept = now
	}
	s.mu.Unlock()
	if !due {
		return nil
	}
	return s.store.DropSignInSessions(ctx, now)
}

// look does what is due for one sign-in.
func (s *Service) look(ctx context.Context, v *account.SignInSession) error {
	now := s.clock.Now()
	if !s.due(v, now) {
		return nil
	}
	defer s.lock(v.ID)()
	v, err := s.store.SignInSession(ctx, account.System(), v.ID) // it may have changed while we waited
	if err != nil {
		return err
	}
	by := account.Caller{Name: v.CreatedBy, Via: "sign_in"}
	switch {
	case v.State == account.SignInDone && !now.Before(*v.EndsAt):
		return s.end(ctx, by, v)
	case v.State != account.SignInWaiting:
		return nil
	case now.After(v.CodeExpiresAt.Add(time.Minute)):
		return s.fail(ctx, by, v, tooLate(v))
	case v.Method == account.ByDevice:
		return s.ask(ctx, by, v)
	}
	return nil
}

// due reports whether anything can be done for a sign-in now.
func (s *Service) due(v *account.SignInSession, now time.Time) bool {
	switch {
	case v.State == account.SignInDone:
		return !now.Before(*v.EndsAt)
	case now.After(v.CodeExpiresAt.Add(time.Minute)):
		return true
	case v.Method != account.ByDevice:
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return !now.Before(s.next[v.ID])
}

// later notes when a device code may be asked about again.
func (s *Service) later(v *account.SignInSession) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next[v.ID] = s.clock.Now().Add(time.Duration(max(v.IntervalSeconds, 1)) * time.Second)
}

// ask asks once whether a device code has been entered.
func (s *Service) ask(ctx context.Context, by account.Caller, v *account.SignInSession) error {
	conn, err := s.connection(v.Cloud)
	if err != nil {
		return err
	}
	kept, err := s.store.SignInSessionSecret(ctx, by, v.ID)
	if err != nil {
		return err
	}
	t, err := conn.Entra.RedeemDeviceCode(ctx, v.TenantID, kept.Device)
	if errors.Is(err, entra.ErrPending) || azure.Transient(err) {
		s.later(v)
		return nil
	}
	s.mu.Lock()
	delete(s.next, v.ID)
	s.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return ctx.Err() // we are shutting down
	case err != nil:
		return s.fail(ctx, by, v, explain(err))
	}
	return s.redeemed(ctx, by, v, t)
}

func tooLate(v *account.SignInSession) *fault.Error {
	f := fault.New(fault.SignIn, "Nobody completed the sign-in.").WithMeaning("A sign-in waits for 15 minutes. Nothing was changed.").WithRemedy("Sign in again.")
	if v.UserCode != "" {
		f.Message = "The code " + v.UserCode + " was not entered in time."
	}
	return f
}

// keep is what an operation keeps of what a sign-in holds.
func keep(v store.SessionSecret) store.SignInSecret {
	return store.SignInSecret{Refresh: v.Refresh, Access: v.Access}
}
