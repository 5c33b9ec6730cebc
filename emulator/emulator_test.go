package emulator_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	pkcs12 "software.sslmate.com/src/go-pkcs12"

	"github.com/evercred/evercred/emulator"
	"github.com/evercred/evercred/emulator/emulatortest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// token gets an access token for a scope with the test application's secret; it fails the test unless status is met.
func token(t *testing.T, e *emulatortest.Emulator, client *http.Client, scope string, status int) string {
	t.Helper()
	env := e.Env()
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {env["APP_ID"]}, "client_secret": {env["APP_SECRET"]}, "scope": {scope},
	}
	req, err := http.NewRequestWithContext(t.Context(), "POST", e.BaseURL()+"/"+env["TENANT_ID"]+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var v struct {
		AccessToken string `json:"access_token"`
	}
	call(t, client, req, status, &v)
	return v.AccessToken
}

// call does a request, wants the status and decodes the answer into out unless it is nil.
func call(t *testing.T, client *http.Client, req *http.Request, status int, out any) {
	t.Helper()
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != status {
		t.Fatalf("%s %s: %s, want %d: %s", req.Method, req.URL, resp.Status, status, raw)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			t.Fatalf("%s %s: %v in %s", req.Method, req.URL, err, raw)
		}
	}
}

// ask does a request with a bearer token.
func ask(t *testing.T, client *http.Client, method, address, bearer, body string, status int, out any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	call(t, client, req, status, out)
}

const (
	graphScope = "https://graph.microsoft.com/.default"
	armScope   = "https://management.core.windows.net//.default"
)

func TestEnvFile(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	info, err := os.Stat(e.EnvFile())
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	content, err := os.ReadFile(e.EnvFile())
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`^([A-Z_]+)=([A-Za-z0-9_./:@,+~-]+)\n$`)
	got, keys := map[string]string{}, []string{}
	for text := range strings.Lines(string(content)) {
		m := line.FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("not a setting that a shell can source: %q", text)
		}
		got[m[1]] = m[2]
		keys = append(keys, m[1])
	}
	want := strings.Fields("BASE_URL CA_FILE TENANT_ID TENANT_DOMAIN SUBSCRIPTION_ID SUBSCRIPTION_IDS APP_ID APP_OBJECT_ID APP_SECRET APP_PEM APP_PFX APP_PFX_PASSWORD PROXY_URL MSI_ENDPOINT_URL MSI_HEADER MSI_CLIENT_ID")
	if d := cmp.Diff(want, keys); d != "" {
		t.Errorf("keys (-want +got):\n%s", d)
	}
	if d := cmp.Diff(e.Env(), got); d != "" {
		t.Errorf("Env and the file differ:\n%s", d)
	}
	if !regexp.MustCompile(`^https://localhost:\d+$`).MatchString(got["BASE_URL"]) {
		t.Errorf("BASE_URL %s", got["BASE_URL"])
	}
	if want := "Emulated Microsoft cloud at " + got["BASE_URL"] + "; settings in " + e.EnvFile(); e.ReadyLine() != want {
		t.Errorf("ready line %q, want %q", e.ReadyLine(), want)
	}

	pair, err := tls.LoadX509KeyPair(got["APP_PEM"], got["APP_PEM"])
	if err != nil {
		t.Fatal(err)
	}
	pfx, err := os.ReadFile(got["APP_PFX"])
	if err != nil {
		t.Fatal(err)
	}
	_, cert, err := pkcs12.Decode(pfx, got["APP_PFX_PASSWORD"])
	if err != nil || !cert.Equal(pair.Leaf) {
		t.Errorf("APP_PFX does not have the certificate of APP_PEM: %v", err)
	}
	files, err := os.ReadDir(e.DataDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v, %v", f.Name(), info.Mode(), err)
		}
		raw, err := os.ReadFile(filepath.Join(e.DataDir(), f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if f.Name() != emulator.EnvName && strings.Contains(string(raw), got["APP_SECRET"]) {
			t.Errorf("%s has the secret's text", f.Name())
		}
	}
}

func TestRestartKeepsEverything(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	client := e.HTTPClient()
	before := e.Env()
	bearer := token(t, e, client, graphScope, 200)
	var made struct{ ID, AppID string }
	ask(t, client, "POST", e.BaseURL()+"/v1.0/applications", bearer, `{"displayName":"kept"}`, 201, &made)
	e.SetReplication(time.Hour)
	e.SetReplication(0)
	e.Advance(10 * time.Minute)

	e.Restart()
	if d := cmp.Diff(before, e.Env()); d != "" {
		t.Errorf("emulator.env changed (-before +after):\n%s", d)
	}
	ask(t, client, "GET", e.BaseURL()+"/v1.0/applications/"+made.ID, bearer, "", 200, nil) // the old token and CA too
	token(t, e, client, armScope, 200)
	if now := e.Now(); time.Until(now) < 9*time.Minute {
		t.Errorf("the clock went back to %v", now)
	}

	// The secret ends on the emulator's clock: refused while running, replaced at the next start.
	e.Advance(3 * 365 * 24 * time.Hour)
	token(t, e, client, armScope, 401)
	e.Restart()
	token(t, e, client, armScope, 200)

	// The file is the secret's only home.
	lost := e.Env()["APP_SECRET"]
	if err := os.Remove(e.EnvFile()); err != nil {
		t.Fatal(err)
	}
	e.Restart()
	client = e.HTTPClient()
	if e.Env()["APP_SECRET"] == lost {
		t.Error("a secret of which only the hash was kept came back")
	}
	token(t, e, client, armScope, 200)
}

// A kill can come at any instant of the first start. The next one must come up whole.
func TestTornState(t *testing.T) {
	t.Parallel()
	whole := emulatortest.Start(t)
	if err := whole.Close(); err != nil {
		t.Fatal(err)
	}
	state, err := os.ReadFile(filepath.Join(whole.DataDir(), "state.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, share := range []int{0, 1, 30, 60, 90, 99} {
		e := emulatortest.Start(t)
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(e.DataDir(), "state.jsonl"), state[:len(state)*share/100], 0o600); err != nil {
			t.Fatal(err)
		}
		e.Restart()
		client := e.HTTPClient()
		bearer := token(t, e, client, armScope, 200)
		var subs struct{ Value []any }
		ask(t, client, "GET", e.BaseURL()+"/subscriptions?api-version=2022-12-01", bearer, "", 200, &subs)
		if len(subs.Value) != 2 {
			t.Errorf("cut at %d %%: %d subscriptions", share, len(subs.Value))
		}
	}
}

func TestFolderRules(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if _, err := emulator.Start(t.Context(), emulator.Config{Data: filepath.Join(folder, "with space")}); err == nil || !strings.Contains(err.Error(), "choose a folder") {
		t.Errorf("a folder that emulator.env cannot name: %v", err)
	}
	if _, err := os.Stat(filepath.Join(folder, "with space")); err == nil {
		t.Error("the refused folder was made")
	}
	e := emulatortest.Start(t)
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	if s, err := emulator.Start(ctx, emulator.Config{Data: e.DataDir()}); err == nil {
		t.Error("two emulators in one folder")
		_ = s.Close()
	}
	if _, err := emulator.Start(t.Context(), emulator.Config{Listen: "nonsense"}); err == nil {
		t.Error("listening on nonsense")
	}

	s, err := emulator.Start(t.Context(), emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil || s.Wait() != nil {
		t.Errorf("closing: %v", err)
	}
	if _, err := os.Stat(s.DataDir()); !os.IsNotExist(err) {
		t.Errorf("the temporary folder stayed: %v", err)
	}
}

func TestContextEndsServer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s, err := emulator.Start(ctx, emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := s.Wait(); err != nil {
		t.Errorf("Wait: %v", err)
	}
}
