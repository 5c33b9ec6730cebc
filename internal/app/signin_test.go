package app

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// signedIn waits until a sign-in is over or done.
func (b *bench) signedIn(s *resource.SignInSession, err error) *resource.SignInSession {
	b.t.Helper()
	for end := time.Now().Add(time.Minute); err == nil && !s.Over(); {
		if time.Now().After(end) {
			b.t.Fatalf("nobody signs in: %+v", s)
		}
		s, err = b.api.WaitForSignIn(b.t.Context(), s.ID, s.Version, 10*time.Second)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// byDevice signs a person in by a device code.
func (b *bench) byDevice(user, tenant string) *resource.SignInSession {
	b.t.Helper()
	s, err := b.api.BeginSignIn(b.t.Context(), resource.SignInRequest{Method: account.ByDevice, TenantID: tenant})
	if err != nil {
		b.t.Fatal(err)
	}
	if s.State != account.SignInWaiting || s.UserCode == "" || s.VerificationURI == "" || s.IntervalSeconds < 1 || !s.ExpiresAt.After(b.emu.Now()) {
		b.t.Fatalf("a sign-in began as %+v", s)
	}
	b.emu.Approve(s.UserCode, user)
	if s = b.signedIn(s, nil); s.State != account.SignInDone {
		b.t.Fatalf("%s: %+v", s.State, s.Problem)
	}
	return s
}

// byBrowser opens the page of a sign-in as a browser does, signs in there as user, and returns where that leads.
func byBrowser(t *testing.T, emu *emulatortest.Emulator, authorize, user, decision string) *url.URL {
	t.Helper()
	c := *emu.HTTPClient()
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	form := url.Values{"user": {user}, "decision": {decision}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, authorize, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	back, err := res.Location()
	if err != nil {
		t.Fatalf("the page led nowhere (%d): %s", res.StatusCode, body)
	}
	return back
}

func text(address string) resource.SignInReturn {
	return resource.SignInReturn{URL: &resource.Secret{Value: secret.New(address)}}
}

func TestOneSignInServesSeveralOperations(t *testing.T) {
	b := newBench(t)
	s := b.byDevice(owner, "")
	if s.Person != owner || s.PersonID == "" || s.TenantID != "7d1f3c52-0b6e-4c1a-9a57-3e8f0c2b6d10" || s.EndsAt == nil {
		t.Fatalf("signed in: %+v", s)
	}
	tenants, err := b.api.SignInTenants(t.Context(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(tenants) == 0 || tenants[0].ID != s.TenantID || !tenants[0].Home || tenants[0].Access != "available" || tenants[0].Registration != "allowed" || tenants[0].Domain != "contoso.example" {
		t.Errorf("tenants: %+v", tenants)
	}
	again, err := b.api.SignInTenant(t.Context(), s.ID, s.TenantID)
	if err != nil || *again != tenants[0] {
		t.Errorf("looked at again: %+v %v", again, err)
	}
	if _, err := b.api.SignInTenant(t.Context(), s.ID, "00000000-0000-4000-8000-000000000000"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a tenant of others: %v", err)
	}
	subscriptions, err := b.api.SignInSubscriptions(t.Context(), s.ID, s.TenantID, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(subscriptions) != 2 || subscriptions[0].MayAssignRoles != "yes" || subscriptions[0].State != "Enabled" || subscriptions[0].Name == "" {
		t.Errorf("subscriptions: %+v", subscriptions)
	}
	one, err := b.api.SignInSubscriptions(t.Context(), s.ID, s.TenantID, strings.ToUpper(subscriptions[1].ID))
	if err != nil || len(one) != 1 || one[0].ID != subscriptions[1].ID {
		t.Errorf("found by id: %+v %v", one, err)
	}
	use := resource.SignInRef{ID: s.ID}
	op, err := b.api.Create(t.Context(), resource.Create{Kind: resource.CreateAuto, Name: "by-sign-in", Subscriptions: []string{subscriptions[0].ID}, SignIn: s.ID})
	if err != nil || op.SignIn == nil || op.SignIn.State != account.SignInDone || op.SignIn.UserCode != "" || op.SignIn.Person != owner {
		t.Fatalf("adding an account shows a code: %+v %v", op, err)
	}
	op = b.finish(op, err, "nobody")
	wantDone(t, op)
	op, err = b.api.Renew(t.Context(), "backup-prod", resource.Renew{SignIn: use})
	op = b.finish(op, err, "nobody")
	wantDone(t, op)
	op, err = b.api.Check(t.Context(), "backup-sql", resource.CheckRequest{SignIn: use})
	op = b.finish(op, err, "nobody")
	wantDone(t, op)
	op, err = b.api.Reconcile(t.Context(), "backup-prod", resource.UseSignIn{SignIn: s.ID})
	op = b.finish(op, err, "nobody")
	wantDone(t, op)
	op, err = b.api.Remove(t.Context(), "by-sign-in", client.Removal{DeleteApplication: true, SignIn: s.ID})
	op = b.finish(op, err, "nobody")
	wantDone(t, op)

	ended, err := b.api.EndSignIn(t.Context(), s.ID)
	if err != nil || ended.State != account.SignInEnded {
		t.Fatalf("ended: %+v %v", ended, err)
	}
	_, err = b.api.Renew(t.Context(), "backup-prod", resource.Renew{SignIn: use})
	wantField(t, err, fault.SignIn, "sign_in")
	if _, err := b.api.SignInTenants(t.Context(), s.ID); !fault.Is(err, fault.SignIn) {
		t.Errorf("an ended sign-in reaches: %v", err)
	}
	list, err := b.api.SignIns(t.Context())
	if err != nil || len(list) != 1 || list[0].ID != s.ID {
		t.Errorf("list: %+v %v", list, err)
	}
}

func wantField(t *testing.T, err error, code fault.Code, field string) {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != code || f.Field != field || f.Remedy == "" {
		t.Errorf("want %s at %q, got %#v", code, field, err)
	}
}

func TestASignInBelongsToWhoBeganIt(t *testing.T) {
	b := newBench(t)
	s := b.byDevice(owner, "")
	token := secret.New("another-token-of-somebody-else")
	if err := b.app.store.AddAPIToken(t.Context(), b.app.admin(), "other", token); err != nil {
		t.Fatal(err)
	}
	other, err := client.New(client.Config{URL: b.app.URL(), Token: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.CloseIdleConnections)
	if _, err := other.WaitForSignIn(t.Context(), s.ID, 0, 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("another caller sees it: %v", err)
	}
	if _, err := other.EndSignIn(t.Context(), s.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("another caller ends it: %v", err)
	}
	if list, err := other.SignIns(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("another caller lists %+v %v", list, err)
	}
	_, err = other.Renew(t.Context(), "backup-prod", resource.Renew{SignIn: resource.SignInRef{ID: s.ID}})
	wantField(t, err, fault.Invalid, "sign_in")
	_, err = other.SignInSubscriptions(t.Context(), s.ID, s.TenantID, "")
	wantField(t, err, fault.Invalid, "sign_in")

	mine, err := b.api.BeginSignIn(t.Context(), resource.SignInRequest{Method: account.ByBrowser})
	if err != nil {
		t.Fatal(err)
	}
	back := byBrowser(t, b.emu, mine.AuthorizeURL.Reveal(), owner, "accept")
	if _, err := other.ReturnSignIn(t.Context(), mine.ID, text(back.String())); !fault.Is(err, fault.NotFound) {
		t.Errorf("another caller completes it: %v", err)
	}
}

func TestASignInInTheBrowser(t *testing.T) {
	b := newBench(t)
	begin := func(uri string) *resource.SignInSession {
		t.Helper()
		s, err := b.api.BeginSignIn(t.Context(), resource.SignInRequest{Method: account.ByBrowser, RedirectURI: uri})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := begin("http://localhost:50123")
	q, err := url.Parse(s.AuthorizeURL.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	if q.Scheme != "http" { // of the emulator: a person's browser does not know its CA
		t.Errorf("the page is at %s", q.Redacted())
	}
	v := q.Query()
	if v.Get("code_challenge_method") != "S256" || len(v.Get("code_challenge")) != 43 || len(v.Get("state")) < 40 || len(v.Get("nonce")) < 40 || v.Get("redirect_uri") != "http://localhost:50123" {
		t.Errorf("asked: %v", v)
	}
	back := byBrowser(t, b.emu, q.String(), owner, "accept").String()
	other := begin("http://localhost:50123")
	_, err = b.api.ReturnSignIn(t.Context(), other.ID, text(back))
	wantField(t, err, fault.Invalid, "url")
	_, err = b.api.ReturnSignIn(t.Context(), s.ID, text("http://localhost:50123/?code=x"))
	wantField(t, err, fault.Invalid, "url")
	done, err := b.api.ReturnSignIn(t.Context(), s.ID, text(back))
	if err != nil || done.State != account.SignInDone || done.Person != owner || !done.AuthorizeURL.Empty() {
		t.Fatalf("came back: %+v %v", done, err)
	}
	if _, err := b.api.ReturnSignIn(t.Context(), s.ID, text(back)); !fault.Is(err, fault.Conflict) {
		t.Errorf("an answer served twice: %v", err)
	}
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{SignIn: resource.SignInRef{ID: s.ID}})
	op = b.finish(op, err, "nobody")
	wantDone(t, op)

	// Cancelled at Microsoft's page.
	refused, err := b.api.ReturnSignIn(t.Context(), other.ID, text(byBrowser(t, b.emu, other.AuthorizeURL.Reveal(), owner, "cancel").String()))
	if err != nil || refused.State != account.SignInFailed || refused.Problem == nil || refused.Problem.Code != string(fault.SignIn) || !strings.Contains(refused.Problem.Message, "cancelled") {
		t.Errorf("cancelled: %+v %v", refused, err)
	}
	for _, uri := range []string{"https://localhost:1234", "http://example.com:80", "http://localhost", "http://localhost:1/x", "http://u@localhost:1", "http://localhost:1/?a=b", "javascript:1"} {
		_, err := b.api.BeginSignIn(t.Context(), resource.SignInRequest{Method: account.ByBrowser, RedirectURI: uri})
		wantField(t, err, fault.Invalid, "redirect_uri")
	}
	b.holdsNoSecret(v.Get("state"), back)
}

// holdsNoSecret looks for what must not be there in the log and, unsealed, in the database.
func (b *bench) holdsNoSecret(state, back string) {
	b.t.Helper()
	u, err := url.Parse(back)
	if err != nil {
		b.t.Fatal(err)
	}
	var files strings.Builder
	for _, name := range []string{"evercred.db", "evercred.db-wal"} {
		raw, err := os.ReadFile(b.dir + "/" + name)
		if err != nil && !os.IsNotExist(err) {
			b.t.Fatal(err)
		}
		files.Write(raw)
	}
	for what, value := range map[string]string{"state": state, "code": u.Query().Get("code")} {
		if value == "" || strings.Contains(b.logs.String(), value) || strings.Contains(files.String(), value) {
			b.t.Errorf("the %s is in the log or the database", what)
		}
	}
}

func TestASignInEnds(t *testing.T) {
	b := newBench(t)
	s := b.byDevice(owner, "")
	service := b.app.engine.SignIns()
	kept, err := b.app.store.SignInSessionSecret(t.Context(), account.System(), s.ID)
	if err != nil || kept.Refresh.Empty() || !kept.Device.Empty() {
		t.Fatalf("kept: device %t, refresh %t, %v", !kept.Device.Empty(), !kept.Refresh.Empty(), err)
	}
	waiting, err := b.api.BeginSignIn(t.Context(), resource.SignInRequest{Method: account.ByDevice})
	if err != nil {
		t.Fatal(err)
	}
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{SignIn: resource.SignInRef{ID: s.ID}})
	wantDone(t, b.finish(op, err, "nobody"))
	b.emu.Advance(61 * time.Minute)
	if err := b.app.clock.(interface {
		Read(ctx context.Context) error
	}).Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := service.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s, err = b.api.WaitForSignIn(t.Context(), s.ID, 0, 0); err != nil || s.State != account.SignInEnded {
		t.Errorf("after an hour: %+v %v", s, err)
	}
	if waiting = b.signedIn(waiting, nil); waiting.State != account.SignInFailed || waiting.Problem == nil {
		t.Errorf("the code that nobody entered: %+v", waiting)
	}
	for _, id := range []string{s.ID, waiting.ID} {
		if kept, err := b.app.store.SignInSessionSecret(t.Context(), account.System(), id); err != nil || kept != (store.SessionSecret{}) {
			t.Errorf("what %s held outlives it (%v)", id, err)
		}
	}
	_, err = b.api.Renew(t.Context(), "backup-prod", resource.Renew{SignIn: resource.SignInRef{ID: s.ID}})
	wantField(t, err, fault.SignIn, "sign_in")
}

func TestWhoIsBlockedIsOfferedAnotherWay(t *testing.T) {
	b := newBench(t)
	s, err := b.api.BeginSignIn(t.Context(), resource.SignInRequest{Method: account.ByDevice})
	if err != nil {
		t.Fatal(err)
	}
	b.emu.Approve(s.UserCode, "blocked@contoso.example")
	s = b.signedIn(s, nil)
	if s.State != account.SignInFailed || s.Problem == nil || !strings.Contains(s.Problem.Source, "AADSTS53003") || !strings.Contains(s.Problem.Remedy, "--browser") {
		t.Fatalf("blocked: %+v", s.Problem)
	}
	// The same person may sign in with a browser.
	if s, err = b.api.BeginSignIn(t.Context(), resource.SignInRequest{Method: account.ByBrowser}); err != nil {
		t.Fatal(err)
	}
	s, err = b.api.ReturnSignIn(t.Context(), s.ID, text(byBrowser(t, b.emu, s.AuthorizeURL.Reveal(), "blocked@contoso.example", "accept").String()))
	if err != nil || s.State != account.SignInDone {
		t.Errorf("by browser: %+v %v", s, err)
	}
}

func TestAnOperationGoesOnWithAnotherSignIn(t *testing.T) {
	b := newBench(t)
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{})
	if err != nil || op.State != account.OpWaitingSignIn {
		t.Fatalf("%+v %v", op, err)
	}
	s := b.byDevice(owner, "")
	op, err = b.api.SignIn(t.Context(), op.ID, resource.UseSignIn{SignIn: s.ID})
	wantDone(t, b.finish(op, err, "nobody"))
	titles := []string{}
	for _, step := range op.Steps {
		titles = append(titles, step.Title)
	}
	if !slices.Contains(titles, "Taking over the sign-in") {
		t.Errorf("steps: %v", titles)
	}
}

// TestASignInThatWaitsSurvivesARestart begins a sign-in at one server, and completes it at the next one on the same folder.
func TestASignInThatWaitsSurvivesARestart(t *testing.T) {
	t.Parallel()
	b := &bench{t: t, emu: newEmulator(t), dir: t.TempDir(), logs: &lockedBuilder{}}
	run := func() (stop func()) {
		t.Helper()
		b.open(nil)
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- b.app.Run(ctx) }()
		b.api = connectAPI(t, b.app.EnvFile())
		return sync.OnceFunc(func() {
			cancel()
			if err := errors.Join(<-done, b.app.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	stop := run()
	device, err := b.api.BeginSignIn(t.Context(), resource.SignInRequest{Method: account.ByDevice})
	if err != nil {
		t.Fatal(err)
	}
	web, err := b.api.BeginSignIn(t.Context(), resource.SignInRequest{Method: account.ByBrowser, RedirectURI: "http://localhost:50123"})
	if err != nil {
		t.Fatal(err)
	}
	stop()
	b.emu.Approve(device.UserCode, owner)
	stop = run()
	if device = b.signedIn(device, nil); device.State != account.SignInDone || device.Person != owner {
		t.Errorf("by code: %+v", device)
	}
	again, err := b.api.WaitForSignIn(t.Context(), web.ID, 0, 0)
	if err != nil || again.AuthorizeURL != web.AuthorizeURL {
		t.Errorf("the address is another one (%v)", err)
	}
	web, err = b.api.ReturnSignIn(t.Context(), web.ID, text(byBrowser(t, b.emu, web.AuthorizeURL.Reveal(), owner, "accept").String()))
	if err != nil || web.State != account.SignInDone {
		t.Errorf("by browser: %+v %v", web, err)
	}
	stop()
	defer run()()
	for _, id := range []string{device.ID, web.ID} {
		if list, err := b.api.SignInSubscriptions(t.Context(), id, device.TenantID, ""); err != nil || len(list) != 2 {
			t.Errorf("after another restart: %v %v", list, err)
		}
	}
}
