package renewal

import (
	"context"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/signin"
	"github.com/evercred/evercred/internal/store"
)

// SignIns are the sign-ins that several operations may use.
func (e *Engine) SignIns() *signin.Service { return e.signIns }

// newSignIns makes the service of sign-ins over the engine's own clouds.
func (e *Engine) newSignIns(c Config) *signin.Service {
	clouds := map[string]signin.Connection{}
	for name, conn := range e.clouds {
		clouds[name] = signin.Connection{Cloud: conn.cloud, Entra: conn.entra}
	}
	return signin.NewService(signin.Config{
		Store: e.store, Clouds: clouds, Default: e.first, Clock: e.clock, ClientID: c.ClientID, Tenant: c.SignInTenant, PublicURL: c.PublicURL, Logger: e.log,
	})
}

// checkSignIn refuses an operation whose sign-in the caller may not use for it, before anything is stored. Without a sign-in
// there is nothing to refuse.
func (e *Engine) checkSignIn(ctx context.Context, by account.Caller, p account.Params, cloud, tenant string) error {
	if p.SignInID == "" {
		return nil
	}
	if p.TenantID != "" {
		tenant = p.TenantID
	}
	_, err := e.signIns.Check(ctx, by, p.SignInID, cloud, tenant)
	return err
}

// signInOf is where an operation works that stands already.
func (e *Engine) signInOf(ctx context.Context, by account.Caller, op *account.Operation, signIn string) error {
	p := op.Params
	p.SignInID = signIn
	cloud, tenant := p.Cloud, p.TenantID
	if op.AccountID != "" {
		a, err := e.store.Account(ctx, by, op.AccountID)
		if err != nil {
			return err
		}
		cloud, tenant = a.Cloud, a.TenantID
	}
	return e.checkSignIn(ctx, by, p, cloud, tenant)
}

// takeOver gives an operation a copy of its own of a sign-in that was made before, and shows no code.
func (r *run) takeOver(ctx context.Context) (string, error) {
	if s := r.openStep(); s != nil {
		s.Detail = "" // a code was shown that nobody entered
	}
	tenant := r.op.Params.TenantID // empty where the sign-in says where the account is to be
	if tenant == "" && r.a != nil {
		tenant = r.a.TenantID
	}
	t, err := r.e.signIns.Take(ctx, r.op.Params.SignInID, r.conn.cloud.Name, tenant)
	if err != nil {
		return "", err
	}
	r.op.SignIn = &account.SignIn{State: account.SignInDone, ExpiresAt: t.SignedInAt.Add(signin.Lifetime)}
	r.detail["sign_in"] = r.op.Params.SignInID
	r.keepSession(t.Session)
	return r.signedInAs(t.Person, t.SignedInAt, t.Keep), nil
}

// signedInAs notes who signed in, and seals what the sign-in gave.
func (r *run) signedInAs(person entra.Person, at time.Time, kept store.SignInSecret) string {
	name := person.UserPrincipalName
	if name == "" {
		name = person.Name
	}
	r.op.SignIn.State, r.op.SignIn.Person, r.op.SignIn.PersonID = account.SignInDone, name, person.ObjectID
	r.op.Facts.Person, r.op.Facts.SignedInAt = name, &at
	r.op.State = account.OpRunning
	if r.a == nil && r.op.Params.TenantID == "" {
		r.op.Params.TenantID = person.TenantID
	}
	r.put(func(tx *store.Tx) error { return tx.PutSignIn(r.op.ID, kept) })
	r.event, r.detail["person"] = "sign_in.done", name
	return "Signed in as " + name
}
