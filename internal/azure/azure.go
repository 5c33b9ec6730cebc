// Package azure is what the clients of Microsoft Graph and of Azure Resource Manager have in common: a small JSON client
// on the azcore pipeline, with these rules.
//
//   - Reads are tried again on transient answers, for about five seconds. Writes never are: one without an answer may
//     have been done, and only who wrote it can find out.
//   - Only https, only the one origin, no redirects: the token goes nowhere else, not even after a nextLink.
//   - Answers are bounded in size. Neither bodies nor headers are logged.
//
// It also holds what errors of all of Microsoft's services have in common: see Answer.
package azure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/cloud"
)

// maxPages bounds a list: Microsoft's pages have at least a hundred entries.
const maxPages = 200

// Config is what a Client needs. Service, BaseURL, Token and Fail are required.
type Config struct {
	Service string      // for people, e.g. "Microsoft Graph"
	BaseURL string      // origin, https, without a slash at the end
	Cloud   cloud.Cloud // gives the transport
	Token   TokenFunc
	Clock   clock.Clock // nil: the wall clock
	Logger  *slog.Logger
	Fail    func(Failure) error // makes the service's own error type
}

// Client asks one service. It is safe for concurrent use.
type Client struct {
	service  string
	base     *url.URL
	pipeline runtime.Pipeline
	clock    clock.Clock
	fail     func(Failure) error
}

// New makes a client. It does not connect.
func New(c Config) (*Client, error) {
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("making a client of %s: %q is not an https URL", c.Service, c.BaseURL)
	}
	if c.Token == nil {
		return nil, fmt.Errorf("making a client of %s: no token function", c.Service)
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	transport, err := newTransport(c)
	if err != nil {
		return nil, err
	}
	return &Client{
		service: c.Service, base: base, clock: c.Clock, fail: c.Fail,
		pipeline: runtime.NewPipeline("evercred", "", runtime.PipelineOptions{
			PerRetry: []policy.Policy{&bearer{token: c.Token, clock: c.Clock}},
		}, &policy.ClientOptions{
			Transport: transport,
			Telemetry: policy.TelemetryOptions{Disabled: true}, // it would tell the operating system and Go version
			Retry:     policy.RetryOptions{MaxRetries: -1},     // Read overrides it
		}),
	}, nil
}

// Query is a query string that is not yet encoded. Keys go out as they are ("$filter").
type Query map[string]string

// encode writes blanks as %20: a + is a plus sign to some of Microsoft's parsers, and a raw blank breaks HTTP/1.1.
func (q Query) encode() string {
	values := url.Values{}
	for k, v := range q {
		values.Set(k, v)
	}
	return strings.NewReplacer("+", "%20", "%24", "$").Replace(values.Encode())
}

// Literal quotes a text for an OData filter or key: 'it”s'.
func Literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// Read gets one object and decodes it into out. path is encoded and starts with a slash.
func (c *Client) Read(ctx context.Context, path string, q Query, out any) error {
	return c.read(ctx, c.url(path, q), out)
}

// Write sends one change, once, and decodes the answer into out. in and out may be nil. It returns the answer's status.
func (c *Client) Write(ctx context.Context, method, path string, q Query, in, out any) (status int, err error) {
	return c.do(ctx, method, c.url(path, q), in, out)
}

// List reads a collection with all its pages.
func List[T any](ctx context.Context, c *Client, path string, q Query) ([]T, error) {
	var all []T
	for next, n := c.url(path, q), 0; next != ""; n++ {
		if n == maxPages {
			return nil, fmt.Errorf("reading %s of %s: %w: more than %d pages", path, c.service, ErrUnreadable, maxPages)
		}
		var page struct {
			Value     []T    `json:"value"`
			GraphNext string `json:"@odata.nextLink"`
			Next      string `json:"nextLink"`
		}
		if err := c.read(ctx, next, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Value...)
		var err error
		if next, err = c.next(page.GraphNext + page.Next); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (c *Client) url(path string, q Query) string {
	u := strings.TrimRight(c.base.String(), "/") + path
	if len(q) > 0 {
		u += "?" + q.encode()
	}
	return u
}

// next checks the link to the next page: the token must not follow it to another origin.
func (c *Client) next(link string) (string, error) {
	if link == "" {
		return "", nil
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != c.base.Scheme || !strings.EqualFold(u.Host, c.base.Host) {
		return "", fmt.Errorf("following a list of %s: %w: the next page is at another origin", c.service, ErrUnreadable)
	}
	// Resource Manager has sent links with raw blanks.
	return strings.ReplaceAll(link, " ", "%20"), nil
}

func (c *Client) read(ctx context.Context, url string, out any) error {
	_, err := c.do(policy.WithRetryOptions(ctx, policy.RetryOptions{
		// 0.4, 1.2 and 2.8 seconds at most, or what Retry-After says up to two seconds each.
		MaxRetries: 3, RetryDelay: 300 * time.Millisecond, MaxRetryDelay: 2 * time.Second,
		ShouldRetry: func(r *http.Response, err error) bool {
			return (r != nil && TransientStatus(r.StatusCode)) || Transient(err)
		},
	}), http.MethodGet, url, nil, out)
	return err
}

func (c *Client) do(ctx context.Context, method, url string, in, out any) (int, error) {
	req, err := runtime.NewRequest(ctx, method, url)
	if err != nil {
		return 0, fmt.Errorf("making a request to %s: %w", c.service, err)
	}
	req.Raw().Header.Set("Accept", "application/json")
	if in != nil {
		if err := runtime.MarshalAsJSON(req, in); err != nil {
			return 0, fmt.Errorf("encoding a request to %s: %w", c.service, err)
		}
	}
	resp, err := c.pipeline.Do(req) //nolint:bodyclose // runtime.Payload below reads and closes it
	if err != nil {
		return 0, fmt.Errorf("asking %s: %w", c.service, err)
	}
	body, err := runtime.Payload(resp) // already read, within the transport's bound
	if err != nil {
		return resp.StatusCode, fmt.Errorf("asking %s: %w", c.service, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return resp.StatusCode, c.fail(ReadFailure(resp.StatusCode, resp.Header, body, c.clock.Now()))
	}
	if out == nil || resp.StatusCode == http.StatusNoContent {
		return resp.StatusCode, nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		// The decoder's own text may quote the body, which may hold a new secret.
		return resp.StatusCode, fmt.Errorf("reading the answer of %s: %w", c.service, ErrUnreadable)
	}
	return resp.StatusCode, nil
}

// ErrUnreadable marks an answer that is not what Microsoft sends.
var ErrUnreadable = errors.New("the answer is not in the expected form")
