// Package emulatortest runs the emulated Microsoft cloud inside a Go test:
//
//	cloud := emulatortest.Start(t)
//	resp, err := cloud.HTTPClient().Get(cloud.BaseURL() + "/metadata/endpoints?api-version=2020-06-01")
//
// Each emulator has a state and a port of its own, so tests can run in parallel. It ends with the test.
package emulatortest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator"
	"github.com/evercred/evercred/emulator/internal/control"
)

// Fault is a rule of PUT /_emulator/faults.
type Fault = control.Rule

// Answer is what a Fault answers instead of doing the work.
type Answer = control.Answer

// Request is an entry of the request log.
type Request = control.Request

// Emulator is a running emulator. Its helpers end the test when they fail, so call them on the test's goroutine.
type Emulator struct {
	*emulator.Server
	t      testing.TB
	config emulator.Config
	client *http.Client

	mu         sync.Mutex
	transports []*http.Transport // of all clients
}

// Option changes how an emulator is started.
type Option func(*emulator.Config)

// WithData keeps the state in a folder that outlives the test's emulator.
func WithData(folder string) Option { return func(c *emulator.Config) { c.Data = folder } }

// WithListen sets the address; the default is a free port of 127.0.0.1.
func WithListen(address string) Option { return func(c *emulator.Config) { c.Listen = address } }

// WithLogger shows what the emulator logs; the default is silence.
func WithLogger(l *slog.Logger) Option { return func(c *emulator.Config) { c.Logger = l } }

// Start runs an emulator until the test ends.
func Start(t testing.TB, options ...Option) *Emulator {
	t.Helper()
	e := &Emulator{t: t, config: emulator.Config{Listen: "127.0.0.1:0"}}
	for _, o := range options {
		o(&e.config)
	}
	if e.config.Data == "" {
		// Not t.TempDir, whose path has the test's name, which may have what emulator.env cannot hold.
		folder, err := os.MkdirTemp("", "emulatortest-") //nolint:usetesting // see above
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(folder) })
		e.config.Data = folder
		e.shareKeys()
	}
	e.start()
	t.Cleanup(func() {
		e.disconnect()
		if err := e.Close(); err != nil {
			t.Errorf("closing the emulator: %v", err)
		}
	})
	e.client = e.HTTPClient()
	return e
}

func (e *Emulator) start() {
	e.t.Helper()
	server, err := emulator.Start(context.WithoutCancel(e.t.Context()), e.config)
	if err != nil {
		e.t.Fatal(err)
	}
	e.Server = server
}

// sharedKeys are the RSA keys that all emulators of a test program have: making them takes longer than all the rest of
// a start.
var sharedKeys = sync.OnceValues(func() (map[string][]byte, error) { //nolint:gochecknoglobals // of the whole test program, by intent
	server, err := emulator.Start(context.Background(), emulator.Config{})
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, name := range []string{"signer.pem", "app.pem"} {
		if files[name], err = os.ReadFile(filepath.Join(server.DataDir(), name)); err != nil {
			break
		}
	}
	if closed := server.Close(); err == nil {
		err = closed
	}
	return files, err
})

func (e *Emulator) shareKeys() {
	e.t.Helper()
	files, err := sharedKeys()
	if err != nil {
		e.t.Fatal(err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(e.config.Data, name), content, 0o600); err != nil {
			e.t.Fatal(err)
		}
	}
}

// Restart ends the emulator and starts it on the same state, at the same address. Faults and the request log are gone.
// Clients from HTTPClient connect anew; others may find a connection that was cut, as after a real restart.
func (e *Emulator) Restart() {
	e.t.Helper()
	if err := e.Close(); err != nil {
		e.t.Fatal(err)
	}
	e.disconnect()
	e.start()
}

func (e *Emulator) disconnect() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, t := range e.transports {
		t.CloseIdleConnections()
	}
}

// HTTPClient returns a client that trusts the emulator, with connections of its own. It does not follow redirects.
func (e *Emulator) HTTPClient() *http.Client {
	e.t.Helper()
	pem, err := os.ReadFile(e.Env()["CA_FILE"])
	if err != nil {
		e.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		e.t.Fatal("the emulator's CA file has no certificate")
	}
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	e.mu.Lock()
	e.transports = append(e.transports, transport)
	e.mu.Unlock()
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Approve enters a device code as the person, e.g. "owner@contoso.example".
func (e *Emulator) Approve(userCode, user string) {
	e.t.Helper()
	e.do("POST", "devicecodes/"+url.PathEscape(userCode)+"/approve", map[string]string{"user": user}, nil)
}

// Deny declines a device code.
func (e *Emulator) Deny(userCode string) {
	e.t.Helper()
	e.do("POST", "devicecodes/"+url.PathEscape(userCode)+"/deny", nil, nil)
}

// Now is the emulator's clock, to the second.
func (e *Emulator) Now() time.Time {
	e.t.Helper()
	var v struct{ Now time.Time }
	e.do("GET", "clock", nil, &v)
	return v.Now
}

// Advance moves the emulator's clock; back if d is negative.
func (e *Emulator) Advance(d time.Duration) {
	e.t.Helper()
	e.do("POST", "clock", map[string]string{"advance": d.String()}, nil)
}

// SetReplication makes what is written from now on visible after d only.
func (e *Emulator) SetReplication(d time.Duration) {
	e.t.Helper()
	e.do("PUT", "replication", map[string]string{"delay": d.String()}, nil)
}

// SetFaults replaces all faults; without any it ends them.
func (e *Emulator) SetFaults(faults ...Fault) {
	e.t.Helper()
	e.do("PUT", "faults", append([]Fault{}, faults...), nil)
}

// Requests returns what was asked of the services since the start or ClearRequests, in the order of arrival.
func (e *Emulator) Requests() []Request {
	e.t.Helper()
	var list []Request
	e.do("GET", "requests", nil, &list)
	return list
}

// ClearRequests empties the request log.
func (e *Emulator) ClearRequests() {
	e.t.Helper()
	e.do("DELETE", "requests", nil, nil)
}

func (e *Emulator) do(method, path string, in, out any) {
	e.t.Helper()
	var body io.Reader = http.NoBody
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			e.t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	// Not the test's context: helpers are of use in cleanups too.
	req, err := http.NewRequestWithContext(context.WithoutCancel(e.t.Context()), method, e.BaseURL()+"/_emulator/"+path, body)
	if err != nil {
		e.t.Fatal(err)
	}
	resp, err := e.client.Do(req)
	if err != nil {
		e.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	if resp.StatusCode >= 300 {
		e.t.Fatalf("%s /_emulator/%s: %s: %s", method, path, resp.Status, raw)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			e.t.Fatalf("%s /_emulator/%s: %v", method, path, err)
		}
	}
}
