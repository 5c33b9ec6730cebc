package entra

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/secret"
)

const clientCredentials = "client_credentials"

// token asks a token endpoint.
func (c *Client) token(ctx context.Context, endpoint string, form url.Values) (Token, error) {
	var answer struct {
		AccessToken  string `json:"access_token"`
		ExpiresIn    number `json:"expires_in"`
		RefreshToken string `json:"refresh_token"`
		IDToken      string `json:"id_token"`
	}
	asked := c.clock.Now() // before the answer, so that the end is never said later than it is
	if err := c.post(ctx, endpoint, form, &answer); err != nil {
		return Token{}, err
	}
	if answer.AccessToken == "" || answer.ExpiresIn <= 0 {
		return Token{}, fmt.Errorf("reading the answer of %s: %w: it has no token", service, azure.ErrUnreadable)
	}
	t := Token{
		Access:    secret.New(answer.AccessToken),
		ExpiresAt: asked.Add(answer.ExpiresIn.seconds()),
		Refresh:   secret.New(answer.RefreshToken),
	}
	if answer.IDToken != "" {
		person, nonce, err := personOf(answer.IDToken)
		if err != nil {
			return Token{}, err
		}
		t.Person, t.Nonce = person, nonce
	}
	return t, nil
}

// post sends a form once, on a connection of its own, and decodes a good answer into out.
func (c *Client) post(ctx context.Context, endpoint string, form url.Values, out any) error {
	transport, release, err := c.cloud.RoundTripper(true)
	if err != nil {
		return fmt.Errorf("asking %s: %w", service, err)
	}
	defer release()

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("asking %s: %w", service, err)
	}
	// Entra answers with the client-request-id as correlation_id.
	id := uuid.NewString()
	req.Header.Set("client-request-id", id)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "evercred")

	grant := form.Get("grant_type")
	if grant == "" {
		grant = "device_code_start"
	}
	log := c.logger.With("service", service, "path", req.URL.Path, "grant", grant, "request_id", id)
	start := time.Now() // durations in logs are of the wall clock
	resp, err := azure.NewHTTPClient(transport).Do(req)
	if err != nil {
		err = &azure.NoAnswer{Service: service, Err: err}
		log.DebugContext(ctx, "no answer", "error", err, "took", time.Since(start))
		return err
	}
	defer resp.Body.Close()
	body, err := azure.ReadBody(service, resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		e := readError(resp.StatusCode, resp.Header, body, c.clock.Now())
		e.grant = grant
		log.DebugContext(ctx, "refused", "status", e.Status, "oauth", e.OAuth, "code", e.Code, "took", time.Since(start))
		return e
	}
	log.DebugContext(ctx, "answered", "status", resp.StatusCode, "took", time.Since(start))
	if json.Unmarshal(body, out) != nil {
		// The decoder's own text may quote the body, which may hold a token.
		return fmt.Errorf("reading the answer of %s: %w", service, azure.ErrUnreadable)
	}
	return nil
}

// number is an integer that Entra sends as a number or, at its older endpoints, as text. It is never negative and at
// most a year in seconds: what is beyond is not a lifetime.
type number int64

func (n number) seconds() time.Duration { return time.Duration(n) * time.Second }

// UnmarshalJSON reads 3599, 3599.0 and "3599".
func (n *number) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	if text == "null" {
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > 366*24*3600 {
		return fmt.Errorf("reading a number of seconds: %w", azure.ErrUnreadable)
	}
	*n = number(f)
	return nil
}
