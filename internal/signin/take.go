package signin

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/store"
)

// Field is the name of the input that names a sign-in.
const Field = "sign_in"

// Check tells whether a caller may use a sign-in at a tenant of a cloud now, without asking Microsoft. tenant may be empty. The
// faults name the field sign_in.
func (s *Service) Check(ctx context.Context, by account.Caller, id, cloud, tenant string) (*account.SignInSession, error) {
	v, err := s.store.SignInSession(ctx, by, id)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.BadField(Field, "There is no such sign-in of yours.", "Sign in again. A sign-in can be used by who began it only, and is forgotten a day after its end.")
	}
	if err != nil {
		return nil, err
	}
	fail := func(code fault.Code, message, meaning, remedy string) (*account.SignInSession, error) {
		return nil, &fault.Error{Code: code, Field: Field, Message: message, Meaning: meaning, Remedy: remedy}
	}
	switch {
	case v.State == account.SignInWaiting:
		return fail(fault.Conflict, "Nobody has signed in yet.", "The sign-in waits for a person.", "Complete it first, then try again.")
	case v.State == account.SignInFailed:
		return fail(fault.SignIn, "The sign-in failed.", v.Problem.Message, "Sign in again.")
	case v.State != account.SignInDone || !s.clock.Now().Before(*v.EndsAt):
		return fail(fault.SignIn, "The sign-in has ended.", "A sign-in can be used for 60 minutes, or until it is ended. Nothing was changed.", "Sign in again.")
	case cloud != "" && v.Cloud != cloud:
		return fail(fault.Invalid, "The sign-in is of the cloud "+v.Cloud+", not of "+cloud+".", "", "Sign in to the cloud of the account.")
	case v.Method == account.ByAzureCLI && uuid.Validate(tenant) == nil && !strings.EqualFold(tenant, v.TenantID):
		return fail(fault.Invalid, "The Azure CLI's tokens are of another tenant than is needed.",
			"They are of tenant "+v.TenantID+"; needed is "+tenant+".", "Sign in again, for that tenant.")
	}
	return v, nil
}

// Taken is what an operation takes over of a sign-in: tokens at its own tenant, and what it has to seal.
type Taken struct {
	Session    *Session
	Person     entra.Person // in the operation's tenant: a guest has another object id there
	SignedInAt time.Time    // the operation's 60 minutes began then
	Keep       store.SignInSecret
}

// Take takes a sign-in over for an operation at a tenant; empty: the sign-in's own. That the operation's caller may use it has
// been checked when the operation was started. The faults name the field sign_in; an error for which azure.Transient holds is
// worth another try.
func (s *Service) Take(ctx context.Context, id, cloud, tenant string) (*Taken, error) {
	v, err := s.Check(ctx, account.System(), id, cloud, tenant)
	if err != nil {
		return nil, err
	}
	kept, err := s.store.SignInSessionSecret(ctx, account.System(), id)
	if err != nil {
		return nil, err
	}
	session, t, err := s.at(ctx, v, kept, tenant)
	if err != nil {
		return nil, err
	}
	out := &Taken{
		Session: session, SignedInAt: *v.SignedInAt, Keep: keep(kept),
		Person: entra.Person{ObjectID: v.PersonID, UserPrincipalName: v.Person, TenantID: v.TenantID},
	}
	if t != nil {
		out.Keep.Refresh = t.Refresh
		if t.Refresh.Empty() {
			out.Keep.Refresh = kept.Refresh
		}
		if t.Person != nil {
			out.Person = *t.Person
		}
	}
	return out, nil
}

// at gets the tokens of a sign-in at a tenant. The refresh token of one tenant serves the others that the person is in (as the
// Azure CLI does it); the token is nil for a sign-in that has none.
func (s *Service) at(ctx context.Context, v *account.SignInSession, kept store.SessionSecret, tenant string) (*Session, *entra.Token, error) {
	conn, err := s.connection(v.Cloud)
	if err != nil {
		return nil, nil, err
	}
	if tenant == "" || tenant == account.Organizations {
		tenant = v.TenantID
	}
	if !kept.Access.Empty() {
		session, err := Resume(conn.Entra, s.clock, tenant, keep(kept))
		return session, nil, err
	}
	t, err := conn.Entra.Refresh(ctx, tenant, kept.Refresh, conn.Cloud.ManagementScope)
	if azure.Transient(err) {
		return nil, nil, err
	}
	if err != nil {
		f := *explain(err)
		f.Field = Field
		if !strings.EqualFold(tenant, v.TenantID) {
			f.Meaning = strings.TrimSpace("The sign-in is good at tenant " + v.TenantID + "; for tenant " + tenant + " it gives no tokens. " + f.Meaning)
			f.Remedy = strings.TrimSpace("Sign in at that tenant. " + f.Remedy)
		}
		return nil, nil, &f
	}
	session := NewSession(conn.Entra, s.clock, tenant, kept.Refresh)
	if !t.Refresh.Empty() {
		session.refresh = t.Refresh
	}
	session.tokens[conn.Cloud.ManagementScope] = t
	return session, &t, nil
}
