package arm

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/internal/exchange"
	"github.com/evercred/evercred/emulator/internal/token"
)

// authenticate finds the caller. The texts are recorded, but for the audience's, which is of Microsoft's "Azure Resource
// Manager, authentication errors".
func (c *call) authenticate() error {
	header := c.request.Header.Get("Authorization")
	if header == "" {
		return c.refuse("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.",
			"The authentication failed because of missing 'Authorization' header.")
	}
	scheme, raw, found := strings.Cut(header, " ")
	if !found || !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(raw) == "" {
		const text = "Authentication failed. The 'Authorization' header is provided in an invalid format."
		return c.refuse("AuthenticationFailedInvalidHeader", text, text)
	}
	raw = strings.TrimSpace(raw)
	caller, err := c.Signer.Verify(raw, c.at, c.TenantID, c.audiences)
	switch {
	case err == nil:
		c.caller = caller
		exchange.SetCaller(c.request.Context(), caller.Name)
		return nil
	case errors.Is(err, token.ErrExpired) && !readClaims(raw).expires().After(c.at):
		const layout = "1/2/2006 3:04:05 PM"
		text := fmt.Sprintf("The access token expiry UTC time '%s' is earlier than current UTC time '%s'.",
			readClaims(raw).expires().Format(layout), c.at.UTC().Format(layout))
		return c.refuse("ExpiredAuthenticationToken", text, text)
	case errors.Is(err, token.ErrAudience):
		text := fmt.Sprintf("The access token has been obtained for wrong audience or resource '%s'. It should exactly match with one of the allowed audiences '%s'.",
			printable(readClaims(raw).Audience), strings.Join(c.audiences, "','"))
		return c.refuse("InvalidAuthenticationTokenAudience", text, text)
	case errors.Is(err, token.ErrTenant) && c.guest(raw):
		return nil
	case errors.Is(err, token.ErrTenant):
		return c.wrongTenant(readClaims(raw).TenantID)
	}
	return c.refuse("InvalidAuthenticationToken", "The access token is invalid.", "The access token is invalid.")
}

func (c *call) wrongTenant(of string) error {
	text := fmt.Sprintf("The access token is from the wrong issuer 'https://sts.windows.net/%s/'. It must match the tenant 'https://sts.windows.net/%s/' associated with this subscription. "+
		"Please use the authority (URL) 'https://login.windows.net/%s' to get the token. Note, if the subscription is transferred to another tenant there is no impact to the services, "+
		"but information about new tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this error message, please try back later.",
		printable(of), c.TenantID, c.TenantID)
	return c.refuse("InvalidAuthenticationTokenTenant", text, "The access token is from the wrong issuer. It must match the tenant associated with this subscription.")
}

// refuse answers 401. The challenge names the tenant of the subscription asked about, and by that clients find the
// tenant of a subscription; one that does not exist is said not to, without any token.
func (c *call) refuse(code, message, description string) error {
	tenant := ""
	if len(c.segments) >= 2 && strings.EqualFold(c.segments[0], "subscriptions") {
		id := c.segments[1]
		if !isGUID(id) {
			return invalidSubscription(id)
		}
		known := false
		c.Directory.Read(func() { _, known = c.Directory.Subscriptions.Seen(strings.ToLower(id)) })
		if !known {
			return subscriptionNotFound(id)
		}
		tenant = c.TenantID
	}
	p := gateway(http.StatusUnauthorized, code, "%s", message)
	p.challenge = fmt.Sprintf("Bearer authorization_uri=%q, error=\"invalid_token\", error_description=%q", c.endpoints().challenge+"/"+tenant, description)
	return p
}

// claims is what error texts quote of a token.
type claims struct {
	Audience string  `json:"aud"`
	TenantID string  `json:"tid"`
	Expires  float64 `json:"exp"`
}

func (c claims) expires() time.Time { return time.Unix(int64(c.Expires), 0).UTC() }

// readClaims is called once the signature is known to be good.
func readClaims(raw string) claims {
	var c claims
	if parts := strings.Split(raw, "."); len(parts) == 3 {
		if payload, err := base64.RawURLEncoding.DecodeString(parts[1]); err == nil {
			_ = json.Unmarshal(payload, &c) // what is not there is not quoted
		}
	}
	return c
}

// printable keeps a text that came with the request fit for a header.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text)
}
