// Package emulatortest runs the emulated Microsoft cloud inside a Go test:
//
//	cloud := emulatortest.Start(t)
//	resp, err := cloud.HTTPClient().Get(cloud.BaseURL() + "/metadata/endpoints?api-version=2020-06-01")
//
// Each emulator has a state and a port of its own, so tests can run in parallel. It ends with the test. Env says all that
// a client must be told: the tenant, the subscriptions, and an application that may do everything.
//
// The cloud can be made to behave badly, as a whole (WithScenario, SetScenario) or in one place (SetFaults, SetReplicas,
// SetSkew, SetThrottling, Do), and always the same for the same seed. Its clock is moved with Advance.
package emulatortest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator"
	"github.com/evercred/evercred/emulator/script"
)

// Fault says what befalls which requests; see package script.
type Fault = script.Rule

// Answer is what a Fault answers instead of doing the work.
type Answer = script.Answer

// Action is a change to the cloud that somebody else makes: by Do at once, by a Fault in the middle of an operation.
type Action = script.Action

// Request is an entry of the request log.
type Request = script.Request

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

// WithScenario lets the cloud behave as a named scenario says, e.g. "bad-day"; emulator.Scenarios lists them.
func WithScenario(name string) Option { return func(c *emulator.Config) { c.Scenario = name } }

// WithSeed is where the chance of the scenario starts: the same seed brings the same misfortunes to the same requests.
func WithSeed(seed uint64) Option { return func(c *emulator.Config) { c.Seed = seed } }

// WithClock starts the emulator's clock at a time. It runs on from there; what is seeded is older or younger than that
// as it would be than now.
func WithClock(now time.Time) Option { return func(c *emulator.Config) { c.Now = now } }

// WithPollInterval tells clients of the device code flow to wait so long between two questions, in whole seconds, instead of
// Microsoft's five seconds.
func WithPollInterval(d time.Duration) Option { return func(c *emulator.Config) { c.PollInterval = d } }

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
	e.config.Now = time.Time{} // a restart goes on from where the clock is
}

// sharedKeys are the RSA keys that all emulators of a test program have: making them takes longer than all the rest of
// a start.
var sharedKeys = sync.OnceValues(func() (files map[string][]byte, err error) { //nolint:gochecknoglobals // of the whole test program, by intent
	folder, err := os.MkdirTemp("", "emulatortest-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	server, err := emulator.Start(context.Background(), emulator.Config{Data: folder})
	if err != nil {
		return nil, err
	}
	if err := server.Close(); err != nil { // waits for the keys
		return nil, err
	}
	files = map[string][]byte{}
	for _, name := range []string{"signer.pem", "app.pem"} {
		if files[name], err = os.ReadFile(filepath.Join(folder, name)); err != nil {
			return nil, err
		}
	}
	return files, nil
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
