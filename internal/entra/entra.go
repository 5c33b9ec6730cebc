// Package entra gets tokens from Microsoft Entra ID: for an application by its secret or certificate, and for a person
// by a device code and the refresh token that follows from it. It says what Entra's errors mean.
//
// No token is cached and no request is repeated, but for an assertion whose time Entra refuses: a token is asked for to prove that a credential works, and an answer
// from a cache or from a connection that has already found a good server would prove nothing. Each request therefore
// opens a connection of its own. Secrets travel in form bodies only, never in URLs, logs and errors.
package entra

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/recent"
	"github.com/evercred/evercred/internal/secret"
)

// AzureCLI is the client id of the Azure CLI, which Microsoft lets sign people in to Resource Manager and Graph in
// every tenant.
const AzureCLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"

const service = "Microsoft Entra"

// Config is what a Client needs. ClientID is the application that people sign in to; empty means AzureCLI. Clock and
// Logger may be left out.
type Config struct {
	Cloud    cloud.Cloud
	Clock    clock.Clock
	ClientID string
	Logger   *slog.Logger
}

// Client asks the token endpoints of one cloud. It is safe for concurrent use.
type Client struct {
	cloud      cloud.Cloud
	clock      clock.Clock
	clientID   string
	logger     *slog.Logger
	assertions *recent.Cache[assertionFrom, secret.Value]
}

// New makes a client. It does not connect, but fails where the cloud's CA file cannot be used.
func New(c Config) (*Client, error) {
	if u, err := url.Parse(c.Cloud.Login); err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("making a client of %s: %q is not an https URL", service, c.Cloud.Login)
	}
	if _, err := c.Cloud.Transport(); err != nil {
		return nil, fmt.Errorf("making a client of %s: %w", service, err)
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.ClientID == "" {
		c.ClientID = AzureCLI
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Client{
		cloud: c.Cloud, clock: c.Clock, clientID: c.ClientID, logger: c.Logger,
		assertions: recent.Keep[assertionFrom, secret.Value](assertionReuse),
	}, nil
}

// Credential authenticates an application. Exactly one is set.
type Credential struct {
	Secret      secret.Value
	Certificate *certificate.Bundle
}

// Token is an access token. Refresh and Person are set for sign-ins only.
type Token struct {
	Access    secret.Value
	ExpiresAt time.Time // in the time of the client's clock
	Refresh   secret.Value
	Person    *Person
	Nonce     string // of the id token, where one was asked for
}

// AppToken asks Entra for a token of the application (OAuth 2.0 client credentials), always, on a fresh connection: a
// good answer is the proof that the credential works. scope ends in /.default; tenant is an id or a domain name.
// Errors are *Error where Entra answered; see Explain, StateOf, Unreplicated and Transient.
func (c *Client) AppToken(ctx context.Context, tenant, appID string, cred Credential, scope string) (Token, error) {
	endpoint := c.endpoint(tenant, "token")
	form := url.Values{"grant_type": {clientCredentials}, "client_id": {appID}, "scope": {scope}}
	again := false
	switch {
	case cred.Secret.Empty() == (cred.Certificate == nil):
		return Token{}, errors.New("getting an application's token: exactly one of secret and certificate is needed")
	case cred.Certificate != nil:
		assertion, used, err := c.assertion(cred.Certificate, appID, endpoint)
		if err != nil {
			return Token{}, err
		}
		again = used
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", assertion.Reveal())
	default:
		form.Set("client_secret", cred.Secret.Reveal())
	}
	t, err := c.token(ctx, endpoint, form)
	if e, ok := errors.AsType[*Error](err); ok {
		e.secretIsID = looksLikeID(cred.Secret)
	}
	if Untimely(err) && cred.Certificate != nil {
		c.assertions.Drop(fromOf(cred.Certificate, appID, endpoint))
	}
	if Untimely(err) && again { // by a clock that is some minutes off, a new one may be good where an older one is not
		return c.AppToken(ctx, tenant, appID, cred, scope)
	}
	if err != nil {
		return Token{}, fmt.Errorf("getting a token for application %s: %w", appID, err)
	}
	return Token{Access: t.Access, ExpiresAt: t.ExpiresAt}, nil
}

// endpoint is an OAuth 2.0 endpoint of a tenant. Without a tenant it is the one of all organizations, where only
// people can sign in.
func (c *Client) endpoint(tenant, name string) string {
	if tenant == "" {
		tenant = "organizations"
	}
	return c.cloud.Login + "/" + url.PathEscape(tenant) + "/oauth2/v2.0/" + name
}

// looksLikeID reports whether a secret has the form of a secret's id, which the portal shows beside it. No secret of
// Entra's has that form.
func looksLikeID(s secret.Value) bool {
	return len(s.Reveal()) == 36 && uuid.Validate(s.Reveal()) == nil
}
