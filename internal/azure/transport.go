package azure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/secret"
)

// MaxAnswer bounds the bytes read of one answer. The largest real ones, pages of role definitions, have about one MiB.
const MaxAnswer = 8 << 20

// TokenFunc returns an access token and its end.
type TokenFunc func(ctx context.Context) (secret.Value, time.Time, error)

// bearer authorizes requests. It keeps a token until shortly before its end.
type bearer struct {
	token TokenFunc
	clock clock.Clock

	mu    sync.Mutex
	held  secret.Value
	until time.Time
}

// early is how long before its end a token is no longer used: a request must not outlive it.
const early = 2 * time.Minute

// Do asks for a new token once more where the service refuses one that was held, for reads only: a revoked session or a
// moved clock ends a token before its time.
func (b *bearer) Do(req *policy.Request) (*http.Response, error) {
	held, err := b.authorize(req)
	if err != nil {
		return nil, err
	}
	if !held || req.Raw().Method != http.MethodGet {
		resp, err := req.Next()
		if err == nil && resp.StatusCode == http.StatusUnauthorized {
			b.forget()
		}
		return resp, err
	}
	resp, err := req.Clone(req.Raw().Context()).Next()
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	_ = resp.Body.Close()
	b.forget()
	if _, err := b.authorize(req); err != nil {
		return nil, err
	}
	return req.Next()
}

func (b *bearer) authorize(req *policy.Request) (held bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	held = !b.held.Empty() && b.clock.Now().Before(b.until.Add(-early))
	if !held {
		if b.held, b.until, err = b.token(req.Raw().Context()); err != nil {
			b.held = secret.Value{}
			return false, fmt.Errorf("getting a token: %w", err)
		}
	}
	req.Raw().Header.Set("Authorization", "Bearer "+b.held.Reveal())
	req.Raw().Header.Set("User-Agent", "evercred")
	return held, nil
}

func (b *bearer) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held = secret.Value{}
}

// transport sends requests, bounds the answers, marks what got no answer, and writes one log line for each.
type transport struct {
	service string
	client  *http.Client
	logger  *slog.Logger
}

func newTransport(c Config) (*transport, error) {
	t, _, err := c.Cloud.RoundTripper(false)
	if err != nil {
		return nil, fmt.Errorf("making a client of %s: %w", c.Service, err)
	}
	return &transport{service: c.Service, client: NewHTTPClient(t), logger: c.Logger}, nil
}

// NewHTTPClient makes an HTTP client that follows no redirect, which could carry a secret elsewhere, and waits 90
// seconds for an answer at most.
func NewHTTPClient(t http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     t,
		Timeout:       90 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (t *transport) Do(req *http.Request) (*http.Response, error) {
	start := time.Now() // durations in logs are of the wall clock
	resp, err := t.client.Do(req)
	fields := []any{"service", t.service, "method", req.Method, "path", req.URL.Path, "took", time.Since(start)}
	if err != nil {
		err = &NoAnswer{Service: t.service, Err: err}
		t.logger.DebugContext(req.Context(), "no answer", append(fields, "error", err)...)
		return nil, err
	}
	t.logger.DebugContext(req.Context(), "answered", append(fields, "status", resp.StatusCode, "request_id", requestID(resp.Header))...)
	resp.Body = &bounded{service: t.service, body: resp.Body, left: MaxAnswer}
	return resp, nil
}

// bounded reads an answer up to its bound.
type bounded struct {
	service string
	body    io.ReadCloser
	left    int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("reading the answer of %s: %w: it is longer than %d bytes", b.service, ErrUnreadable, MaxAnswer)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = &NoAnswer{Service: b.service, Err: err}
	}
	return n, err
}

func (b *bounded) Close() error { return b.body.Close() }

// ReadBody reads the body of an answer that did not come through a Client, with the same bound and the same errors.
func ReadBody(service string, body io.ReadCloser) ([]byte, error) {
	return io.ReadAll(&bounded{service: service, body: body, left: MaxAnswer})
}

func requestID(h http.Header) string {
	if id := h.Get("request-id"); id != "" { // Microsoft Graph
		return id
	}
	return h.Get("x-ms-request-id")
}
