package emulator

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/evercred/evercred/emulator/internal/arm"
	"github.com/evercred/evercred/emulator/internal/control"
	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/entra"
	"github.com/evercred/evercred/emulator/internal/graph"
	"github.com/evercred/evercred/emulator/internal/seed"
	"github.com/evercred/evercred/emulator/internal/token"
	"github.com/evercred/evercred/emulator/script"
)

// InProcessURL is the origin of every emulator in process. Nothing listens there.
const InProcessURL = "https://emulator.invalid"

// ErrCut is what a request ends with that a fault leaves without an answer.
var ErrCut = errors.New("the connection was cut")

// InProcessConfig is what an emulator in process needs.
type InProcessConfig struct {
	Key    *rsa.PrivateKey // of its certificate of tokens; made once by the caller and shared, for that takes time
	Data   string          // folder that keeps the state, for the next one; empty: none
	Logger *slog.Logger    // nil: silent
}

// InProcess is an emulated cloud without a network, a folder and goroutines of its own: an http.RoundTripper that
// answers in the goroutine that asks. It is for simulations, of years within minutes. Its clock is that of the process,
// as package testing/synctest moves it; its tokens carry signatures that only it can check; nothing in it is left to
// chance except ids. What a request does, and what an action or a fault does, is as in the emulator that listens.
type InProcess struct {
	store    *directory.Store
	routes   routes
	controls *control.Control
	signIns  *entra.Service
}

// inProcessLog is how many requests are kept: one after another they are hardly ever looked at, and the collection of rubbish
// would look at all of them again and again.
const inProcessLog = 1000

// NewInProcess makes an emulated cloud with the seeded tenant and its people. Close it if it has a folder.
func NewInProcess(c InProcessConfig) (*InProcess, error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	store, err := directory.Open(c.Data)
	if err != nil {
		return nil, fmt.Errorf("making an emulator in process: %w", err)
	}
	if err := seed.Fill(store, arm.BuiltInRoles()); err != nil {
		return nil, fmt.Errorf("seeding the tenant: %w", err)
	}
	signer, err := token.SignerOf(c.Key)
	if err != nil {
		return nil, err
	}
	signer = signer.Cheap().WithOrigins(strings.TrimPrefix(InProcessURL, "https://"))
	baseURL := func(*http.Request) string { return InProcessURL }
	p := &InProcess{store: store}
	p.signIns = entra.New(entra.Config{
		Directory: store, Signer: signer, TenantID: seed.TenantID, BaseURL: baseURL, Logger: c.Logger, UserLife: 3600,
	})
	p.controls = control.New(control.Config{Directory: store, SignIns: p.signIns, Logger: c.Logger, LogSize: inProcessLog})
	p.routes = routes{
		controls: p.controls, issuer: http.NotFoundHandler(), entra: p.controls.Intercept("entra", p.signIns),
		graph: p.controls.Intercept("graph", graph.New(graph.Config{Directory: store, Signer: signer, TenantID: seed.TenantID, BaseURL: baseURL, Logger: c.Logger})),
		arm:   p.controls.Intercept("arm", arm.New(arm.Config{Directory: store, Signer: signer, TenantID: seed.TenantID, BaseURL: baseURL, Logger: c.Logger})),
	}
	return p, nil
}

// RoundTrip answers a request. Its error is ErrCut where a fault cut the connection.
func (p *InProcess) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		switch problem := recover(); problem {
		case nil:
		case http.ErrAbortHandler: // the very value is how net/http is told
			resp, err = nil, ErrCut
		default:
			panic(problem)
		}
	}()
	in := *r
	in.Host = r.URL.Host
	if r.Body == nil {
		in.Body = http.NoBody
	}
	out := &recorder{header: http.Header{}}
	p.routes.ServeHTTP(out, &in)
	if r.Body != nil {
		_ = r.Body.Close() // a reader in memory
	}
	return out.response(r), nil
}

// recorder keeps an answer.
type recorder struct {
	header http.Header
	sent   http.Header // as it was when the status was written
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status, r.sent = status, r.header.Clone()
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

func (r *recorder) response(to *http.Request) *http.Response {
	r.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: fmt.Sprintf("%d %s", r.status, http.StatusText(r.status)), StatusCode: r.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: r.sent,
		Body: io.NopCloser(&r.body), ContentLength: int64(r.body.Len()), Request: to,
	}
}

// Approve enters a device code as a person, e.g. "owner@contoso.example".
func (p *InProcess) Approve(userCode, user string) error { return p.signIns.Approve(userCode, user) }

// Do changes the cloud at once, as somebody else would who has the rights to.
func (p *InProcess) Do(actions ...script.Action) error {
	for _, a := range actions {
		if err := p.control(http.MethodPost, "actions", a); err != nil {
			return err
		}
	}
	return nil
}

// SetFaults replaces all faults; without any it ends them.
func (p *InProcess) SetFaults(rules ...script.Rule) error {
	return p.control(http.MethodPut, "faults", append([]script.Rule{}, rules...))
}

// SetReplication sets how far reads lag behind writes from now on.
func (p *InProcess) SetReplication(r script.Replication) error {
	return p.control(http.MethodPut, "replication", r)
}

// SetThrottling switches the published limits on or off.
func (p *InProcess) SetThrottling(t script.Throttling) error {
	return p.control(http.MethodPut, "throttling", t)
}

func (p *InProcess) control(method, path string, in any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(context.Background(), method, InProcessURL+"/_emulator/"+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	resp, err := p.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode < 300 {
		return nil
	}
	text, err := io.ReadAll(resp.Body)
	return errors.Join(fmt.Errorf("%s /_emulator/%s: %s: %s", method, path, resp.Status, text), err)
}
