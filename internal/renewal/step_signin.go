package renewal

import (
	"context"
	"errors"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/permission"
	"github.com/evercred/evercred/internal/signin"
	"github.com/evercred/evercred/internal/store"
)

// signIn takes over the sign-in that the operation was given, or shows a device code and then asks Entra whether it has been
// entered.
func signIn(ctx context.Context, r *run) (string, error) {
	if s := r.op.SignIn; s != nil && s.State == account.SignInEnded {
		r.op.Params.SignInID = "" // its copy has ended meanwhile: somebody has to sign in anew
	}
	if r.op.Params.SignInID != "" {
		return r.takeOver(ctx)
	}
	if s := r.op.SignIn; s == nil || s.State != account.SignInWaiting {
		return "", r.showCode(ctx)
	}
	kept, err := r.e.store.SignIn(ctx, account.System(), r.op.ID)
	if err != nil {
		return "", &storeError{err}
	}
	token, err := r.conn.entra.RedeemDeviceCode(ctx, r.tenant(), kept.Device)
	if entra.TooFast(err) {
		r.op.SignIn.IntervalSeconds += slowDownBy
	}
	pause := retryIn(max(r.interval(), azure.RetryAfter(err)), "Waiting for the code to be entered")
	pause.store = entra.TooFast(err) // the new interval holds from now on
	switch {
	case (errors.Is(err, entra.ErrPending) || azure.Transient(err)) && r.e.clock.Now().After(r.op.SignIn.ExpiresAt.Add(time.Minute)):
		return "", fault.New(fault.SignIn, "The code %s was not entered in time.", r.op.SignIn.UserCode).
			WithMeaning("A code is good for 15 minutes. Nothing was changed.").WithRemedy("Start again for a new code.")
	case errors.Is(err, entra.ErrPending), azure.Transient(err):
		return "", pause
	case err != nil:
		return "", err
	}
	return r.signedIn(token)
}

// slowDownBy is how many seconds are added to the interval when Entra asks to slow down (RFC 8628, 3.5).
const slowDownBy = 5

func (r *run) interval() time.Duration {
	return time.Duration(max(r.op.SignIn.IntervalSeconds, 1)) * time.Second
}

func (r *run) showCode(ctx context.Context) error {
	code, err := r.conn.entra.StartDeviceCode(ctx, r.tenant(), r.conn.cloud.ManagementScope)
	if err != nil {
		return err
	}
	r.op.State = account.OpWaitingSignIn
	r.op.SignIn = &account.SignIn{
		State: account.SignInWaiting, UserCode: code.UserCode, VerificationURI: code.VerificationURI,
		Message: code.Message, ExpiresAt: code.ExpiresAt, IntervalSeconds: int(code.Interval / time.Second),
	}
	r.put(func(tx *store.Tx) error { return tx.PutSignIn(r.op.ID, store.SignInSecret{Device: code.Device}) })
	r.event = "sign_in.started"
	return retryIn(r.interval(), "Waiting for the code "+code.UserCode+" to be entered")
}

func (r *run) signedIn(token entra.Token) (string, error) {
	if token.Refresh.Empty() || token.Person == nil {
		return "", fault.New(fault.SignIn, "Microsoft Entra gave no refresh token for the sign-in.").
			WithMeaning("Evercred could not finish an operation that is interrupted; nothing was changed.").
			WithRemedy("Check the client id that Evercred signs in with: it must be allowed the offline_access scope.")
	}
	text := r.signedInAs(*token.Person, r.e.clock.Now(), store.SignInSecret{Refresh: token.Refresh})
	r.keepSession(signin.NewSession(r.conn.entra, r.e.clock, r.tenant(), token.Refresh))
	return text, nil
}

// rights reads what the person may do; a subscription the person cannot even see gives nothing.
type rights struct{ arm *arm.Client }

func (g rights) Permissions(ctx context.Context, scope string) ([]permission.Grant, error) {
	grants, err := g.arm.Permissions(ctx, scope)
	if arm.IsForbidden(err) || arm.IsNotFound(err) {
		return nil, nil
	}
	return grants, err
}

// authorise gets both tokens before the first write, asks the Azure gate, and takes along what earlier operations of
// the account could not do without a person.
func authorise(ctx context.Context, r *run) (string, error) {
	if err := r.session.Ready(ctx, r.conn.cloud); err != nil {
		return "", err
	}
	if err := r.gate(ctx); err != nil {
		return "", err
	}
	r.op.Facts.Authorised = true
	r.op.Problem = nil
	return "", r.takeAlong(ctx)
}

// writesRoles reports whether an operation of the kind is for somebody who may assign roles. Those that only look and clean
// up are for everybody whom Entra lets.
func writesRoles(k account.OperationKind) bool {
	return k != account.OpCheck && k != account.OpReconcile && k != account.OpTidy
}

// subscriptions are those the operation is about.
func (r *run) subscriptions() []string {
	if r.a != nil && r.op.Kind != account.OpAdd {
		return r.a.SubscriptionIDs()
	}
	return r.op.Params.Subscriptions
}

// takeAlong gives the sign-in to what waits for one: retiring credentials that are due, and last looks.
func (r *run) takeAlong(ctx context.Context) error {
	if r.op.AccountID == "" || r.op.Kind.InBackground() {
		return nil
	}
	open, err := r.e.store.Operations(ctx, account.System(), store.OperationQuery{AccountID: r.op.AccountID, OpenOnly: true})
	if err != nil {
		return &storeError{err}
	}
	kept, err := r.e.store.SignIn(ctx, account.System(), r.op.ID)
	if err != nil {
		return &storeError{err}
	}
	now := r.e.clock.Now()
	for _, other := range open {
		switch {
		case other.Kind == account.OpRetire && other.Facts.DueAt != nil && !now.Before(*other.Facts.DueAt):
			r.op.Facts.Retire = append(r.op.Facts.Retire, other.Facts.Retire...)
		case other.Kind == account.OpTidy && other.State == account.OpNeedsSignIn:
			other.State, other.Facts.Authorised, other.Facts.SignedInAt = account.OpRunning, true, r.op.Facts.SignedInAt
			other.Problem = nil
			r.put(func(tx *store.Tx) error { return tx.PutOperation(other) })
			r.put(func(tx *store.Tx) error { return tx.PutSignIn(other.ID, kept) })
		}
	}
	return nil
}
