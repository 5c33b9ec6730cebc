// Package signin turns one interactive sign-in of a person into the tokens that operations need, says what that person can
// reach, and asks whether the person may do what an operation is about.
//
// A sign-in is begun by an operation, for itself alone, or by itself (Service), for several. Either way it lasts at most
// Lifetime after the person signed in. What it gave is sealed: in the journal of an operation until that closes, and with
// the sign-in until that ends. An operation that uses a sign-in has a sealed copy of its own.
//
// Threats it answers: a code that is seen on its way back from Microsoft (it is worth nothing without the proof key, and is
// good once); an answer that belongs to another sign-in or to nobody's (the state must fit); a person who is lured to complete
// somebody else's sign-in (the answer is taken from the caller who began it only); a stolen database (everything that gives
// tokens is sealed). It does not protect from who may act as the caller.
package signin

import (
	"context"
	"sync"
	"time"

	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/permission"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// Lifetime is how long a person's refresh token is kept at the most.
const Lifetime = 60 * time.Minute

// gateAction is what the product page asks of the person who renews: the Owner and User Access Administrator roles
// are those that grant it (Azure built-in roles).
const gateAction = "Microsoft.Authorization/roleAssignments/write"

// Session is a person who has signed in. It is safe for concurrent use.
type Session struct {
	entra   *entra.Client
	clock   clock.Clock
	tenant  string
	mu      sync.Mutex
	refresh secret.Value           // empty: there are the tokens and no more
	tokens  map[string]entra.Token // by scope
}

// NewSession resumes a sign-in from its refresh token, at a tenant.
func NewSession(client *entra.Client, now clock.Clock, tenant string, refresh secret.Value) *Session {
	return &Session{entra: client, clock: now, tenant: tenant, refresh: refresh, tokens: map[string]entra.Token{}}
}

// Resume takes up what an operation has kept of a sign-in, at a tenant. nil where it has kept nothing that gives tokens.
func Resume(client *entra.Client, now clock.Clock, tenant string, kept store.SignInSecret) (*Session, error) {
	s := NewSession(client, now, tenant, kept.Refresh)
	switch {
	case !kept.Access.Empty():
		tokens, err := unpackTokens(kept.Access)
		if err != nil {
			return nil, err
		}
		s.refresh, s.tokens = secret.Value{}, tokens
	case kept.Refresh.Empty():
		return nil, nil
	}
	return s, nil
}

// Token returns a function that gives access tokens for a scope, redeeming the refresh token when needed.
// An error of the redemption says that the sign-in is no longer good; see Refused.
func (s *Session) Token(scope string) func(context.Context) (secret.Value, time.Time, error) {
	return func(ctx context.Context) (secret.Value, time.Time, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if t, ok := s.tokens[scope]; ok && s.clock.Now().Before(t.ExpiresAt.Add(-2*time.Minute)) {
			return t.Access, t.ExpiresAt, nil
		}
		if s.refresh.Empty() {
			return secret.Value{}, time.Time{}, tokensEnded()
		}
		t, err := s.entra.Refresh(ctx, s.tenant, s.refresh, scope)
		if err != nil {
			return secret.Value{}, time.Time{}, err
		}
		if !t.Refresh.Empty() {
			s.refresh = t.Refresh
		}
		s.tokens[scope] = t
		return t.Access, t.ExpiresAt, nil
	}
}

// Ready redeems the tokens for Resource Manager and Graph, so that both are in hand before the first write.
func (s *Session) Ready(ctx context.Context, c cloud.Cloud) error {
	for _, scope := range []string{c.ManagementScope, c.GraphScope} {
		if _, _, err := s.Token(scope)(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Refused reports whether an error means that the person's sign-in gives no tokens any more, rather than that Entra
// could not be reached.
func Refused(err error) bool {
	return err != nil && !entra.Transient(err) && entra.Explain(err).Code == fault.SignIn
}

// Rights reads the effective permissions of the person at a scope.
type Rights interface {
	Permissions(ctx context.Context, scope string) ([]permission.Grant, error)
}

// MayAssignRoles is the Azure gate: the person must be able to assign roles on every subscription. The fault names the
// subscriptions where that is not so, the roles that help and Privileged Identity Management.
func MayAssignRoles(ctx context.Context, rights Rights, person string, subscriptions []string) error {
	for _, id := range subscriptions {
		grants, err := rights.Permissions(ctx, "/subscriptions/"+id)
		if err != nil {
			return err
		}
		if !permission.Allows(grants, gateAction) {
			return fault.New(fault.Refused, "%s may not assign roles on subscription %s.", person, id).
				WithMeaning("Changing a service account asks for a person who could also grant it its roles; nothing was changed.").
				WithRemedy("Sign in as somebody with the Owner or User Access Administrator role on the subscription. " +
					"If you are eligible for it in Privileged Identity Management, activate it first, then try again.")
		}
	}
	return nil
}
