package authn

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// How long a session lives: Idle without a request, Lifetime however much it is used.
const (
	Idle     = 8 * time.Hour
	Lifetime = 24 * time.Hour
)

// CookieName begins the name of the cookie that carries a session's token. The port of the address follows: browsers send
// cookies to all ports of a host, and two servers on one machine would sign each other's people out.
const CookieName = "evercred_session"

func (a *Authenticator) cookieName() string {
	if port := a.base.Port(); port != "" {
		return CookieName + "_" + port
	}
	return CookieName
}

// touchEvery is how stale the note of a session's last use may be: writing it at each request would make the page's
// polling the store's main work.
const touchEvery = time.Minute

// Session is one person's use of the page.
type Session struct {
	Caller    account.Caller
	ExpiresAt time.Time // unless it is used again before
	token     secret.Value
}

// Keys of what the session manager keeps.
const (
	keyCaller = "caller"
	keySeen   = "seen" // Unix time
)

// Begin starts a session for by, under a new token, in place of the one that the request may have. how says what it was
// begun with, for the audit log.
func (a *Authenticator) Begin(r *http.Request, by account.Caller, how string) (*Session, error) {
	by.Via = "session"
	ctx := context.WithValue(r.Context(), actKey{}, act{by: by, how: how})
	old := ""
	if cookie, err := r.Cookie(a.cookieName()); err == nil {
		old = cookie.Value
	}
	ctx, err := a.sessions.Load(ctx, old)
	if err != nil {
		return nil, fmt.Errorf("loading a session: %w", err)
	}
	if err := a.sessions.RenewToken(ctx); err != nil {
		return nil, fmt.Errorf("renewing a session's token: %w", err)
	}
	now := a.clock.Now()
	a.sessions.SetDeadline(ctx, now.Add(Lifetime).UTC())
	a.sessions.Put(ctx, keyCaller, by.Name)
	a.sessions.Put(ctx, keySeen, now.Unix())
	token, _, err := a.sessions.Commit(ctx)
	if err != nil {
		return nil, fmt.Errorf("storing a session: %w", err)
	}
	return &Session{Caller: by, ExpiresAt: now.Add(Idle), token: secret.New(token)}, nil
}

// bySession finds the session of a token and prolongs it now and then.
func (a *Authenticator) bySession(r *http.Request, token string) (*Who, error) {
	ctx, err := a.sessions.Load(r.Context(), token)
	if err != nil {
		return nil, fmt.Errorf("loading a session: %w", err)
	}
	name := a.sessions.GetString(ctx, keyCaller)
	if name == "" {
		return nil, fault.New(fault.Unauthorized, "The session has ended, or is not one of this server.").
			WithMeaning("A session ends %s after its last use, and %s after its beginning.", account.Span(Idle), account.Span(Lifetime)).
			WithRemedy("Run `evercred web` and open the address that it prints.")
	}
	who := &Who{Caller: account.Caller{Name: name, Via: "session"}}
	now, seen := a.clock.Now(), time.Unix(a.sessions.GetInt64(ctx, keySeen), 0)
	touched := now.Sub(seen) >= touchEvery
	if touched {
		seen = now
		a.sessions.Put(ctx, keySeen, now.Unix())
		if _, _, err := a.sessions.Commit(ctx); err != nil {
			return nil, fmt.Errorf("prolonging a session: %w", err)
		}
	}
	who.Session = &Session{Caller: who.Caller, ExpiresAt: earlier(seen.Add(Idle), a.sessions.Deadline(ctx)), token: secret.New(token)}
	if touched {
		who.Cookie = a.Cookie(r, who.Session)
	}
	return who, nil
}

// End destroys the session.
func (a *Authenticator) End(ctx context.Context, s *Session) error {
	ctx, err := a.sessions.Load(context.WithValue(ctx, actKey{}, act{by: s.Caller}), s.token.Reveal())
	if err != nil {
		return fmt.Errorf("loading a session: %w", err)
	}
	return a.sessions.Destroy(ctx)
}

// Cookie makes the cookie that carries a session; nil makes the one that takes it away. It is Secure where the request, or
// the page behind a proxy, came by TLS.
func (a *Authenticator) Cookie(r *http.Request, s *Session) *http.Cookie {
	c := &http.Cookie{ //nolint:gosec // Secure depends on the request: the server itself speaks HTTP, on loopback
		Name: a.cookieName(), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: r.TLS != nil || a.base.Scheme == "https" && strings.EqualFold(r.Host, a.base.Host),
	}
	if s == nil {
		c.Expires, c.MaxAge = time.Unix(1, 0), -1
		return c
	}
	c.Value = s.token.Reveal()
	c.MaxAge = max(1, int(s.ExpiresAt.Sub(a.clock.Now()).Seconds()))
	return c
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// act is what the store of sessions has to know beside what the session manager tells it.
type act struct {
	by  account.Caller
	how string // of a session that begins; else empty
}

type actKey struct{}

// sessionStore puts the session manager on our store. The tokens it gets are hashed already. The end of a session is
// reckoned here, by the clock that was injected.
type sessionStore struct {
	store *store.Store
	clock clock.Clock
}

func (s *sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	return s.store.SessionData(ctx, token, s.clock.Now())
}

// CommitCtx begins a session where the context says so. Else it prolongs one: a session that was ended while a request
// was under way must not come back by it.
func (s *sessionStore) CommitCtx(ctx context.Context, token string, data []byte, deadline time.Time) error {
	now := s.clock.Now()
	expires := earlier(now.Add(Idle), deadline)
	if a, ok := ctx.Value(actKey{}).(act); ok && a.how != "" {
		return s.store.BeginSession(ctx, a.by, token, a.how, data, now, expires)
	}
	return s.store.TouchSession(ctx, token, data, expires)
}

func (s *sessionStore) DeleteCtx(ctx context.Context, token string) error {
	a, _ := ctx.Value(actKey{}).(act) // without an act the store refuses the nameless
	return s.store.EndSession(ctx, a.by, token)
}

// The session manager's older methods, without a context. It calls those with one.

func (s *sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s *sessionStore) Commit(token string, data []byte, deadline time.Time) error {
	return s.CommitCtx(context.Background(), token, data, deadline)
}

func (s *sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
