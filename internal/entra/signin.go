package entra

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/secret"
)

// Person is who signed in.
type Person struct{ ObjectID, UserPrincipalName, Name, TenantID string }

// DeviceCode is a sign-in that a person completes in a browser on any machine (RFC 8628). Device is a secret: who has
// it gets the tokens.
type DeviceCode struct {
	Device          secret.Value
	UserCode        string
	VerificationURI string
	Message         string        // Entra's sentence that says what to do, in English
	ExpiresAt       time.Time     // in the time of the client's clock
	Interval        time.Duration // least time between two redemptions
}

// StartDeviceCode begins a sign-in at a tenant. To scope it adds openid and profile, which tell who it is, and
// offline_access, which brings the refresh token for further scopes.
func (c *Client) StartDeviceCode(ctx context.Context, tenant, scope string) (DeviceCode, error) {
	form := url.Values{"client_id": {c.clientID}, "scope": {signInScope(scope)}}
	// The answer's defaults are those of RFC 8628, 3.2, and Microsoft's.
	answer := struct {
		DeviceCode      string `json:"device_code"`
		UserCode        string `json:"user_code"`
		VerificationURI string `json:"verification_uri"`
		Message         string `json:"message"`
		ExpiresIn       number `json:"expires_in"`
		Interval        number `json:"interval"`
	}{ExpiresIn: 900, Interval: 5}
	asked := c.clock.Now()
	if err := c.post(ctx, c.endpoint(tenant, "devicecode"), form, &answer); err != nil {
		return DeviceCode{}, fmt.Errorf("starting a sign-in: %w", err)
	}
	if answer.DeviceCode == "" || answer.UserCode == "" || answer.VerificationURI == "" {
		return DeviceCode{}, fmt.Errorf("starting a sign-in: %w: it has no code", azure.ErrUnreadable)
	}
	return DeviceCode{
		Device: secret.New(answer.DeviceCode), UserCode: answer.UserCode, VerificationURI: answer.VerificationURI,
		Message: answer.Message, ExpiresAt: asked.Add(answer.ExpiresIn.seconds()), Interval: answer.Interval.seconds(),
	}, nil
}

// RedeemDeviceCode asks once whether the code has been entered, at the tenant it was started at. While it has not,
// errors.Is(err, ErrPending). The token is for the scope of the start.
func (c *Client) RedeemDeviceCode(ctx context.Context, tenant string, device secret.Value) (Token, error) {
	t, err := c.token(ctx, c.endpoint(tenant, "token"), url.Values{
		"grant_type":  {"urn:ietf:params:oauth:grant-type:device_code"},
		"client_id":   {c.clientID},
		"device_code": {device.Reveal()},
	})
	if err != nil {
		return Token{}, fmt.Errorf("completing a sign-in: %w", err)
	}
	return t, nil
}

// Refresh gets a token for another scope, or a new one, from a sign-in. The refresh token of the answer replaces the
// one given; where the answer has none, that one stays good (RFC 6749, 6).
func (c *Client) Refresh(ctx context.Context, tenant string, refresh secret.Value, scope string) (Token, error) {
	t, err := c.token(ctx, c.endpoint(tenant, "token"), url.Values{
		"grant_type":    {"refresh_token"},
		"client_id":     {c.clientID},
		"refresh_token": {refresh.Reveal()},
		"scope":         {signInScope(scope)},
	})
	if err != nil {
		return Token{}, fmt.Errorf("continuing a sign-in: %w", err)
	}
	return t, nil
}

func signInScope(scope string) string { return scope + " openid profile offline_access" }

// personOf reads who signed in from an id token. Its signature need not be checked: it comes from the token endpoint
// itself, over TLS (OpenID Connect Core 1.0, 3.1.3.7, point 6).
func personOf(idToken string) (person *Person, nonce string, err error) {
	parts := strings.Split(idToken, ".")
	if len(parts) != 3 {
		return nil, "", fmt.Errorf("reading the id token: %w: it is not a JWT", azure.ErrUnreadable)
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return nil, "", fmt.Errorf("reading the id token: %w: it is not base64url", azure.ErrUnreadable)
	}
	var claims struct {
		ObjectID  string `json:"oid"`
		TenantID  string `json:"tid"`
		Preferred string `json:"preferred_username"` // v2.0
		UPN       string `json:"upn"`                // v1.0
		Name      string `json:"name"`
		Nonce     string `json:"nonce"`
	}
	if json.Unmarshal(payload, &claims) != nil || claims.ObjectID == "" {
		return nil, "", fmt.Errorf("reading the id token: %w: it does not say who signed in", azure.ErrUnreadable)
	}
	if claims.UPN == "" {
		claims.UPN = claims.Preferred
	}
	return &Person{ObjectID: claims.ObjectID, UserPrincipalName: claims.UPN, Name: claims.Name, TenantID: claims.TenantID}, claims.Nonce, nil
}
