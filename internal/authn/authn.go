// Package authn says on whose behalf a request comes: a program's, by its API token, or a person's, by a session.
//
// A person has no password here. Who can use the server's API token, or the machine it runs on, asks for an address with
// a login code (Link); whoever opens it first gets a session and the code is used up. The code stands in the fragment of
// the address, which no browser sends to a server, so it reaches no log and no referrer.
//
// Threats it answers: a stolen database or backup (codes and session tokens are kept as hashes); a code that is seen
// after its use (good once, for minutes); a session id known beforehand (each sign-in makes a new one); pages of others
// that make a browser send requests (SameSite=Strict, and the origin of each change is checked); scripts that read
// cookies (HttpOnly). It does not protect from who reads the person's memory, disk or unencrypted network.
package authn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"golang.org/x/time/rate"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// Config is what an Authenticator stands on. Store and BaseURL are required.
type Config struct {
	Store   *store.Store
	BaseURL string      // the address that people open, e.g. http://127.0.0.1:8080
	Clock   clock.Clock // the wall clock, whatever cloud the accounts are in; nil: the system's
	Logger  *slog.Logger
}

// Authenticator tells callers apart. It is safe for concurrent use.
type Authenticator struct {
	store    *store.Store
	clock    clock.Clock
	log      *slog.Logger
	base     *url.URL
	sessions *scs.SessionManager
	origins  *http.CrossOriginProtection
	refusals *rate.Limiter // of audit rows that strangers can cause
}

// New makes an Authenticator.
func New(c Config) (*Authenticator, error) {
	if c.Store == nil {
		return nil, errors.New("making the authenticator: a store is required")
	}
	base, err := ParseBaseURL(c.BaseURL)
	if err != nil {
		return nil, err
	}
	a := &Authenticator{
		store: c.Store, clock: c.Clock, log: c.Logger, base: base, origins: http.NewCrossOriginProtection(),
		refusals: rate.NewLimiter(rate.Every(10*time.Second), 30),
	}
	if a.clock == nil {
		a.clock = clock.System{}
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if err := a.origins.AddTrustedOrigin(base.Scheme + "://" + base.Host); err != nil {
		return nil, fmt.Errorf("trusting the page's own origin: %w", err)
	}
	a.sessions = scs.New()
	a.sessions.Store = &sessionStore{store: a.store, clock: a.clock}
	a.sessions.HashTokenInStore = true
	a.sessions.Lifetime = Lifetime
	return a, nil
}

// ParseBaseURL reads the address under which people reach the server: http or https, a host, nothing behind it.
func ParseBaseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		strings.Trim(u.Path, "/") != "" {
		return nil, fault.BadField("public_url", fmt.Sprintf("%q is not the address of a server.", text),
			"Write it like https://evercred.example.com: the page wants an address of its own, without a path.")
	}
	return u, nil
}

// BaseURL is the origin at which people open the server, without a slash at its end.
func (a *Authenticator) BaseURL() string { return a.base.Scheme + "://" + a.base.Host }

// Who is behind a request.
type Who struct {
	Caller  account.Caller
	Session *Session     // nil where it came with an API token
	Cookie  *http.Cookie // to be sent with the answer, where the session was prolonged; else nil
}

// Authenticate says who is behind a request: the owner of its API token, or, where it has none, of its session. A request
// that changes something and comes by a session must come from the page itself. The faults: nobody (Unauthorized), from
// another page (Refused).
func (a *Authenticator) Authenticate(r *http.Request) (*Who, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		caller, err := a.byHeader(r.Context(), header)
		if err != nil {
			return nil, err
		}
		return &Who{Caller: caller}, nil
	}
	cookie, err := r.Cookie(a.cookieName())
	if err != nil || cookie.Value == "" {
		return nil, fault.New(fault.Unauthorized, "The request has neither a session nor an API token.").
			WithRemedy("Run `evercred web` and open the address that it prints. A program sends the header Authorization: Bearer TOKEN.")
	}
	if err := a.CheckOrigin(r); err != nil {
		return nil, err
	}
	return a.bySession(r, cookie.Value)
}

func (a *Authenticator) byHeader(ctx context.Context, header string) (account.Caller, error) {
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return account.Caller{}, fault.New(fault.Unauthorized, "The request has no API token.").
			WithRemedy("Send the header Authorization: Bearer TOKEN, with a token of this server.")
	}
	return a.ByToken(ctx, secret.New(token))
}

// ByToken returns who an API token belongs to. The fault of a wrong one has code Unauthorized.
func (a *Authenticator) ByToken(ctx context.Context, token secret.Value) (account.Caller, error) {
	caller, ok, err := a.store.APITokenCaller(ctx, token)
	if err != nil {
		return account.Caller{}, fmt.Errorf("looking up an API token: %w", err)
	}
	if !ok {
		return account.Caller{}, fault.New(fault.Unauthorized, "The API token is not one of this server.").
			WithMeaning("It was mistyped, or it belongs to another Evercred server.").
			WithRemedy("Take the token from the file that the server names when it starts.")
	}
	return caller, nil
}

// CheckOrigin refuses a request that changes something and that a browser sends on behalf of another page.
func (a *Authenticator) CheckOrigin(r *http.Request) error {
	err := a.origins.Check(r)
	if err == nil {
		return nil
	}
	return fault.New(fault.Refused, "The request comes from another page than Evercred's.").
		WithMeaning("A page at another address made the browser send it; nothing was changed.").
		WithRemedy("Open Evercred at %s and do it there. If a proxy stands before the server, start it with --public-url ADDRESS.", a.base.String()).
		WithCause(err)
}

// Refused notes that somebody was not let in. Strangers can cause it, so the audit log takes so many and no more; the
// server's log has them all.
func (a *Authenticator) Refused(ctx context.Context, why string) {
	a.log.WarnContext(ctx, "session refused", "reason", why)
	if !a.refusals.AllowN(a.clock.Now(), 1) {
		return
	}
	if err := a.store.SessionRefused(ctx, why); err != nil {
		a.log.ErrorContext(ctx, "auditing a refused session", "error", err)
	}
}

// sweepEvery is how often what has ended is removed from the store.
const sweepEvery = 10 * time.Minute

// Run removes ended sessions and codes until ctx ends.
func (a *Authenticator) Run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := a.store.DropEnded(ctx, a.clock.Now()); err != nil && ctx.Err() == nil {
			a.log.ErrorContext(ctx, "sweeping ended sessions", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
