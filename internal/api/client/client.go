// Package client is the typed Go client of Evercred's REST API. Every error it returns is a *fault.Error: the server's own
// problem, or Unreachable when no answer came.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// maxAnswer is more than the list of ten thousand accounts needs.
const maxAnswer = 64 << 20

// DefaultTimeout bounds a request that the server answers from its own store.
const DefaultTimeout = 10 * time.Second

// forMicrosoft is added where the server may ask Microsoft before it answers, e.g. for the code of a sign-in.
const forMicrosoft = 80 * time.Second

// Config names the server.
type Config struct {
	URL       string // e.g. http://127.0.0.1:8080
	Token     secret.Value
	Timeout   time.Duration     // of one request that only reads; DefaultTimeout if 0
	Transport http.RoundTripper // a new one if nil
}

// Client talks to one server. It is safe for concurrent use.
type Client struct {
	base    string
	token   secret.Value
	timeout time.Duration
	http    *http.Client
}

// New checks the configuration; it does not connect.
func New(c Config) (*Client, error) {
	u, err := url.Parse(c.URL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return nil, fault.BadField("url", fmt.Sprintf("%q is not the address of a server.", c.URL), "Write it like http://127.0.0.1:8080.")
	}
	if c.Transport == nil {
		c.Transport = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute}
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	return &Client{
		base: strings.TrimRight(c.URL, "/"), token: c.Token, timeout: c.Timeout,
		http: &http.Client{
			Transport: c.Transport,
			// A redirect would carry the token to an address nobody named.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// URL is the server's address.
func (c *Client) URL() string { return c.base }

// CloseIdleConnections ends connections that are kept for later requests.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// call sends one request and decodes its answer into a new T. extra is added to the timeout: what the server may wait for.
func call[T any](ctx context.Context, c *Client, method, path string, body any, extra time.Duration) (*T, error) {
	return callWith[T](ctx, c, method, path, body, extra, nil)
}

// callWith is call with further headers.
func callWith[T any](ctx context.Context, c *Client, method, path string, body any, extra time.Duration, headers http.Header) (*T, error) {
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, fault.New(fault.Internal, "The request could not be written.").WithCause(err)
		}
		payload = bytes.NewReader(raw)
	}
	bounded, cancel := context.WithTimeout(ctx, c.timeout+extra)
	defer cancel()
	req, err := http.NewRequestWithContext(bounded, method, c.base+path, payload)
	if err != nil {
		return nil, fault.New(fault.Internal, "The request could not be made.").WithCause(err)
	}
	if payload != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.token.Reveal())
	if method == http.MethodPost || method == http.MethodDelete {
		// The server answers a request that comes twice as it did the first time; so net/http may send it again over a new
		// connection where the old one broke.
		req.Header.Set("Idempotency-Key", rand.Text())
	}
	maps.Copy(req.Header, headers)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return nil, c.problem(res, raw)
	}
	out := new(T)
	if err := json.Unmarshal(raw, out); err != nil {
		return nil, c.stranger(res.StatusCode).WithCause(err)
	}
	return out, nil
}

// unreachable is the fault of a request without an answer. A caller who gave up gets the context's own error.
func (c *Client) unreachable(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	// The address is ours and the method is known: what is left of *url.Error is the reason.
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.New(fault.Unreachable, "The Evercred server at %s does not answer in time.", c.base).
			WithMeaning("It hangs, or something between here and there does. What it was asked may still have happened.").
			WithRemedy("Look at the server's log, then look at what was done: `evercred operation list`.").WithCause(err)
	}
	return fault.New(fault.Unreachable, "The Evercred server does not answer at %s: %s.", c.base, reason(err)).
		WithMeaning("It is not running there, or the address is another one.").
		WithRemedy("Start it with `evercred serve` (or `evercred demo`), or name its address with --url or EVERCRED_URL.").WithCause(err)
}

func reason(err error) string {
	text := err.Error()
	if op, ok := errors.AsType[*net.OpError](err); ok {
		if op.Op == "read" || op.Op == "write" {
			return "it closed the connection"
		}
		text = text[strings.LastIndex(text, ": ")+2:]
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		text = "it closed the connection"
	}
	return text
}

func (c *Client) problem(res *http.Response, raw []byte) error {
	var p resource.Problem
	if !strings.HasPrefix(res.Header.Get("Content-Type"), resource.ProblemMediaType) || json.Unmarshal(raw, &p) != nil || p.Code == "" {
		return c.stranger(res.StatusCode)
	}
	f := p.Fault()
	if p.Instance != "" {
		f.Source = strings.TrimSpace(f.Source + " " + p.Instance)
	}
	return f
}

// stranger is the fault of an answer that no Evercred server gives.
func (c *Client) stranger(status int) *fault.Error {
	return fault.New(fault.Unreachable, "What answers at %s is not an Evercred server, or not one of this version (HTTP status %d).", c.base, status).
		WithMeaning("The address may be another program's, or a proxy may answer in the server's place.").
		WithRemedy("Check --url or EVERCRED_URL.")
}
