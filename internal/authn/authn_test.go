package authn_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/authn"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/seal"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

const (
	page  = "http://evercred.example:8080"
	token = "token-for-tests-0123456789abcdef0123456789"
)

func admin() account.Caller { return account.Caller{Name: "admin", Via: "api"} }

// bench is an Authenticator over a real store, with a clock that stands still.
type bench struct {
	*authn.Authenticator
	t     *testing.T
	dir   string
	store *store.Store
	clock *clock.Manual
	log   *bytes.Buffer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	t.Parallel()
	b := &bench{t: t, dir: t.TempDir(), clock: clock.NewManual(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)), log: &bytes.Buffer{}}
	b.open()
	if err := b.store.AddAPIToken(t.Context(), admin(), "admin", secret.New(token)); err != nil {
		t.Fatal(err)
	}
	return b
}

// open opens the store's folder, as a server does that starts.
func (b *bench) open() {
	b.t.Helper()
	path := filepath.Join(b.dir, "db")
	there, err := store.Exists(path)
	if err != nil {
		b.t.Fatal(err)
	}
	keys, err := seal.LoadKey(filepath.Join(b.dir, "key"), there)
	if err != nil {
		b.t.Fatal(err)
	}
	if b.store, err = store.Open(b.t.Context(), store.Config{Path: path, Keys: keys}); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = b.store.Close() })
	b.Authenticator, err = authn.New(authn.Config{Store: b.store, BaseURL: page, Clock: b.clock, Logger: slog.New(slog.NewTextHandler(b.log, nil))})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) restart() {
	b.t.Helper()
	if err := b.store.Close(); err != nil {
		b.t.Fatal(err)
	}
	b.open()
}

func (b *bench) request(method string, cookie *http.Cookie, headers ...string) *http.Request {
	r := httptest.NewRequest(method, page+"/api/v1/accounts", nil)
	if cookie != nil {
		r.AddCookie(cookie)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// begin signs in and returns the cookie.
func (b *bench) begin(old *http.Cookie) *http.Cookie {
	b.t.Helper()
	r := b.request(http.MethodPost, old)
	s, err := b.Begin(r, admin(), "link")
	if err != nil {
		b.t.Fatal(err)
	}
	return b.Cookie(r, s)
}

// refused reports the code of the fault that a cookie meets; empty if it is accepted.
func (b *bench) refused(cookie *http.Cookie) fault.Code {
	b.t.Helper()
	_, err := b.Authenticate(b.request(http.MethodGet, cookie))
	if err == nil {
		return ""
	}
	f := fault.From(err)
	if f.Remedy == "" {
		b.t.Errorf("no remedy: %v", err)
	}
	return f.Code
}

func (b *bench) actions() []string {
	b.t.Helper()
	rows, err := b.store.Audit(b.t.Context(), admin(), store.AuditQuery{})
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		out = append(out, r.Caller.Name+" "+r.Caller.Via+" "+r.Action)
	}
	return out
}

func code(t *testing.T, l *authn.Link) secret.Value {
	t.Helper()
	_, text, ok := strings.Cut(l.URL.Reveal(), page+"/#login=")
	if !ok || len(text) < 26 {
		t.Fatalf("the address is %d characters long and has no code", len(l.URL.Reveal()))
	}
	return secret.New(text)
}

func TestALinkSignsInOnce(t *testing.T) {
	b := newBench(t)
	link, err := b.Link(t.Context(), admin(), authn.LinkLifetime)
	if err != nil {
		t.Fatal(err)
	}
	if want := b.clock.Now().Add(15 * time.Minute); !link.ExpiresAt.Equal(want) {
		t.Errorf("it ends at %s", link.ExpiresAt)
	}
	b.restart()
	by, err := b.Redeem(t.Context(), code(t, link))
	if err != nil || by != (account.Caller{Name: "admin", Via: "session"}) {
		t.Fatalf("%v, %v", by, err)
	}
	b.restart()
	_, err = b.Redeem(t.Context(), code(t, link))
	if f := fault.From(err); f == nil || f.Code != fault.Unauthorized || f.Field != "login" || !strings.Contains(f.Message, "used already") || !strings.Contains(f.Remedy, "evercred web") {
		t.Errorf("used again: %v", err)
	}
}

func TestALinkIsOnesWhoComesFirst(t *testing.T) {
	b := newBench(t)
	link, err := b.Link(t.Context(), admin(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	var in sync.WaitGroup
	good := make(chan account.Caller, 8)
	for range cap(good) {
		in.Go(func() {
			if by, err := b.Redeem(t.Context(), code(t, link)); err == nil {
				good <- by
			}
		})
	}
	in.Wait()
	if len(good) != 1 {
		t.Errorf("%d got in", len(good))
	}
}

func TestWrongCodes(t *testing.T) {
	b := newBench(t)
	link, err := b.Link(t.Context(), admin(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(time.Hour)
	for text, want := range map[string]string{code(t, link).Reveal(): "not good any more", "": "not made by this server", "AAAAAAAAAAAAAAAAAAAAAAAAAA": "not made by this server"} {
		_, err := b.Redeem(t.Context(), secret.New(text))
		if f := fault.From(err); f == nil || f.Code != fault.Unauthorized || !strings.Contains(f.Message, want) || f.Meaning == "" || f.Remedy == "" {
			t.Errorf("want %q: %v", want, err)
		}
	}
}

func TestASessionEnds(t *testing.T) {
	b := newBench(t)
	idle := b.begin(nil)
	b.clock.Advance(authn.Idle - time.Second)
	if got := b.refused(idle); got != "" {
		t.Errorf("refused before it ends: %s", got)
	}
	b.clock.Advance(authn.Idle - time.Second) // the use above prolonged it
	b.restart()
	if got := b.refused(idle); got != "" {
		t.Errorf("refused although it was used: %s", got)
	}
	b.clock.Advance(authn.Idle)
	if got := b.refused(idle); got != fault.Unauthorized {
		t.Errorf("unused for %s: %q", authn.Idle, got)
	}
	busy := b.begin(nil)
	for range 23 {
		b.clock.Advance(time.Hour)
		if got := b.refused(busy); got != "" {
			t.Fatalf("refused in use: %s", got)
		}
	}
	who, err := b.Authenticate(b.request(http.MethodGet, busy))
	if err != nil || !who.Session.ExpiresAt.Equal(b.clock.Now().Add(time.Hour)) {
		t.Errorf("in its last hour: %+v, %v", who, err)
	}
	b.clock.Advance(time.Hour)
	if got := b.refused(busy); got != fault.Unauthorized {
		t.Errorf("used for %s: %q", authn.Lifetime, got)
	}
}

func TestSigningInMakesANewToken(t *testing.T) {
	b := newBench(t)
	chosen := &http.Cookie{Name: authn.CookieName + "_8080", Value: "chosen-by-somebody-else-beforehand-000000000"}
	first := b.begin(chosen)
	second := b.begin(first)
	if first.Value == chosen.Value || first.Value == second.Value {
		t.Error("a token known before the sign-in is kept")
	}
	for _, c := range []*http.Cookie{chosen, first} {
		if got := b.refused(c); got != fault.Unauthorized {
			t.Errorf("an earlier token: %q", got)
		}
	}
	if got := b.refused(second); got != "" {
		t.Error(got)
	}
}

func TestEndingASession(t *testing.T) {
	b := newBench(t)
	cookie, other := b.begin(nil), b.begin(nil)
	who, err := b.Authenticate(b.request(http.MethodGet, cookie))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.End(t.Context(), who.Session); err != nil {
		t.Fatal(err)
	}
	if b.refused(cookie) != fault.Unauthorized || b.refused(other) != "" {
		t.Error("the wrong session was ended")
	}
	if err := b.End(t.Context(), who.Session); err != nil {
		t.Errorf("ended twice: %v", err)
	}
	b.Refused(t.Context(), "a test")
	got := strings.Join(b.actions(), "; ")
	want := "nobody session session.refused; admin session session.ended; admin session session.begun; admin session session.begun; admin api api_token.added"
	if got != want {
		t.Errorf("audited: %s\nwant: %s", got, want)
	}
}

func TestStrangersCannotFillTheAuditLog(t *testing.T) {
	b := newBench(t)
	for range 1000 {
		b.Refused(t.Context(), "a test")
	}
	if n := len(b.actions()); n > 40 {
		t.Errorf("%d rows", n)
	}
	if n := strings.Count(b.log.String(), "session refused"); n != 1000 {
		t.Errorf("the log has %d", n)
	}
}

func TestNoFileShowsATokenOrCode(t *testing.T) {
	b := newBench(t)
	link, err := b.Link(t.Context(), admin(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	c := code(t, link)
	if _, err := b.Redeem(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	cookie := b.begin(nil)
	b.refused(cookie)
	scan := func() {
		t.Helper()
		names, err := filepath.Glob(filepath.Join(b.dir, "*"))
		if err != nil || len(names) < 3 {
			t.Fatalf("%v, %v", names, err)
		}
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, hidden := range []string{c.Reveal(), cookie.Value} {
				if bytes.Contains(raw, []byte(hidden)) || strings.Contains(b.log.String(), hidden) {
					t.Errorf("%s or the log shows a token or code", filepath.Base(name))
				}
			}
		}
	}
	scan()
	b.restart()
	scan()
}

func TestSweep(t *testing.T) {
	b := newBench(t)
	b.begin(nil)
	link, err := b.Link(t.Context(), admin(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(26 * time.Hour)
	alive := b.begin(nil)
	if err := b.store.DropEnded(t.Context(), b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	if b.refused(alive) != "" {
		t.Error("a living session was swept")
	}
	if _, err := b.Redeem(t.Context(), code(t, link)); err == nil || !strings.Contains(fault.From(err).Message, "not made by this server") {
		t.Errorf("the code is still known: %v", err)
	}
}
