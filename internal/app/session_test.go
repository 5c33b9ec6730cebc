package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/store"
)

// browser is a person's: it keeps cookies and says where its requests come from.
type browser struct {
	t    *testing.T
	base string
	http *http.Client
}

func newBrowser(t *testing.T, base string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Transport: &http.Transport{DisableCompression: true}}
	t.Cleanup(c.CloseIdleConnections)
	return &browser{t: t, base: base, http: c}
}

// ask sends a request as the page does, or as a page elsewhere does, and returns the answer's status, headers and body.
func (b *browser) ask(method, path, site, body string) (int, http.Header, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", site)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(text)
}

// login makes an address by the API and returns its code.
func (b *bench) login() string {
	b.t.Helper()
	link, err := b.api.Link(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	_, code, ok := strings.Cut(link.URL.Take().Reveal(), b.app.URL()+"/#login=")
	if !ok {
		b.t.Fatal("the address is not the server's, or has no code")
	}
	return code
}

func TestAPersonSignsInByALink(t *testing.T) {
	b := newBench(t)
	code, person := b.login(), newBrowser(t, b.app.URL())
	const same = "same-origin"
	if status, _, text := person.ask("GET", "/api/v1/accounts", same, ""); status != http.StatusUnauthorized || !strings.Contains(text, "evercred web") {
		t.Errorf("before: %d %s", status, text)
	}
	if status, _, text := person.ask("POST", "/api/v1/session", same, `{"login":"`+code+`"}`); status != http.StatusOK {
		t.Fatalf("signing in: %d %s", status, text)
	}
	status, _, text := person.ask("GET", "/api/v1/accounts", same, "")
	if status != http.StatusOK || !strings.Contains(text, "backup-prod") {
		t.Errorf("the accounts: %d %s", status, text)
	}
	if status, _, text := newBrowser(t, b.app.URL()).ask("POST", "/api/v1/session", same, `{"login":"`+code+`"}`); status != http.StatusUnauthorized || !strings.Contains(text, "used already") {
		t.Errorf("a second time: %d %s", status, text)
	}
	if status, _, text := person.ask("POST", "/api/v1/accounts/backup-prod/renew", "cross-site", "{}"); status != http.StatusForbidden || !strings.Contains(text, "another page") {
		t.Errorf("from another page: %d %s", status, text)
	}
	if status, _, text := person.ask("POST", "/api/v1/accounts/backup-prod/check", same, "{}"); status != http.StatusAccepted {
		t.Errorf("from the page: %d %s", status, text)
	}
	b.awaitClosed("backup-prod")
	seen := strings.Join(b.auditActions(), "\n")
	for _, want := range []string{"admin api login_code.added", "admin session login_code.used", "admin session session.begun", "nobody session session.refused", "admin session operation.started"} {
		if !strings.Contains(seen, want) {
			t.Errorf("not audited: %s", want)
		}
	}
	if status, _, _ := person.ask("DELETE", "/api/v1/session", same, ""); status != http.StatusNoContent {
		t.Errorf("signing out: %d", status)
	}
	if status, _, _ := person.ask("GET", "/api/v1/session", same, ""); status != http.StatusUnauthorized {
		t.Errorf("signed out: %d", status)
	}
}

func TestARestartKeepsSessionsAndNoFileShowsThem(t *testing.T) {
	t.Parallel()
	b := &bench{t: t, emu: newEmulator(t), dir: t.TempDir(), logs: &lockedBuilder{}}
	stop := b.serve()
	used, kept, person := b.login(), b.login(), newBrowser(t, b.app.URL())
	if status, _, text := person.ask("POST", "/api/v1/session", "same-origin", `{"login":"`+used+`"}`); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	r, err := http.NewRequest(http.MethodGet, b.app.URL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	cookie := person.http.Jar.Cookies(r.URL)[0]
	stop()
	stop = b.serve(func(c *Config) { c.Listen = r.URL.Host }) // a restart has the same address, and so the same cookie
	defer stop()
	status, _, text := person.ask("GET", "/api/v1/session", "same-origin", "")
	var s resource.Session
	if err := json.Unmarshal([]byte(text), &s); err != nil || status != http.StatusOK || s.Caller != "admin" {
		t.Errorf("after the restart: %d %s", status, text)
	}
	if status, _, text := newBrowser(t, b.app.URL()).ask("POST", "/api/v1/session", "same-origin", `{"login":"`+kept+`"}`); status != http.StatusOK {
		t.Errorf("a code of before: %d %s", status, text)
	}
	written := []byte(b.logs.String())
	err = filepath.WalkDir(b.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		written = append(written, content...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(written, []byte("session.begun")) {
		t.Fatal("the scan does not find what is there in clear, so it proves nothing")
	}
	for name, text := range map[string]string{"a code that was used": used, "a code": kept, "the session's token": cookie.Value} {
		if bytes.Contains(written, []byte(text)) {
			t.Errorf("%s stands in what Evercred wrote", name)
		}
	}
}

// serve starts a server on the bench's folder. What it returns ends it.
func (b *bench) serve(options ...func(*Config)) (stop func()) {
	b.t.Helper()
	b.open(options)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.app.Run(ctx) }()
	b.api = connectAPI(b.t, b.app.EnvFile())
	return func() {
		b.t.Helper()
		cancel()
		if err := errors.Join(<-done, b.app.Close()); err != nil {
			b.t.Error(err)
		}
	}
}

func TestThePageIsServed(t *testing.T) {
	b := newBench(t)
	anyone := newBrowser(t, b.app.URL())
	for _, path := range []string{"/", "/accounts/backup-prod"} {
		status, header, text := anyone.ask("GET", path, "none", "")
		policy := header.Get("Content-Security-Policy")
		if status != http.StatusOK || !strings.Contains(text, `id="root"`) || !strings.Contains(policy, "script-src 'self';") || !strings.Contains(policy, "style-src 'self' 'nonce-") {
			t.Errorf("%s: %d, policy %s", path, status, policy)
		}
	}
	if status, header, _ := anyone.ask("GET", "/api/nothing", "same-origin", ""); status != http.StatusNotFound || header.Get("Content-Type") != resource.ProblemMediaType {
		t.Errorf("an unknown address of the API: %d %s", status, header.Get("Content-Type"))
	}
	status, _, text := anyone.ask("GET", "/assets/nothing.js", "same-origin", "")
	if status != http.StatusNotFound || !strings.Contains(text, "There is no such file") {
		t.Errorf("an unknown file: %d %s", status, text)
	}
}

func TestServerTellsWhatItIs(t *testing.T) {
	b := newBench(t, func(c *Config) { c.SkipAzureGate, c.RoleSet = true, []string{"Reader"} })
	s, err := b.api.Server(t.Context())
	if err != nil || s.Version != Version || s.Demo || s.DefaultCloud != "custom" || len(s.Clouds) != 1 || s.AzureGate || s.RoleSet[0] != "Reader" || s.Policy.Soak != "1d" || s.Policy.Lifetime != "180d" {
		t.Errorf("%+v, %v", s, err)
	}
}

// auditActions lists what was audited, newest first.
func (b *bench) auditActions() []string {
	b.t.Helper()
	rows, err := b.app.store.Audit(b.t.Context(), account.System(), store.AuditQuery{})
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		out = append(out, r.Caller.Name+" "+r.Caller.Via+" "+r.Action)
	}
	return out
}
