package signin

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/graph"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// takeTokens makes a sign-in of access tokens that the Azure CLI gave. Who they are of is not believed but asked: Microsoft
// Graph says whose token it got, and Resource Manager must take the other. There is no refresh token, so that the sign-in is
// good until the first of them ends.
func (s *Service) takeTokens(ctx context.Context, by account.Caller, conn Connection, v *account.SignInSession, q BeginRequest) error {
	management, err := claimsOf("tokens.management", q.Management)
	if err != nil {
		return err
	}
	directory, err := claimsOf("tokens.graph", q.Graph)
	if err != nil {
		return err
	}
	if !strings.EqualFold(management.Tenant, directory.Tenant) || !strings.EqualFold(management.Object, directory.Object) {
		return fault.BadField("tokens", "The two tokens are of different persons or tenants.", "Ask the Azure CLI for both with the same login and the same --tenant.")
	}
	if uuid.Validate(v.TenantID) == nil && !strings.EqualFold(v.TenantID, management.Tenant) {
		return fault.BadField("tenant_id", "The Azure CLI gave tokens of another tenant.", "Ask it for tokens of this tenant: `az login --tenant "+v.TenantID+"`.")
	}
	now := s.clock.Now()
	for _, c := range []*claims{management, directory} {
		if !now.Before(c.expires) {
			return fault.BadField("tokens", "The tokens have ended.", "Ask the Azure CLI for new ones; if it gives old ones, sign in there again: `az login`.")
		}
	}
	session := &Session{clock: s.clock, tokens: map[string]entra.Token{
		conn.Cloud.ManagementScope: {Access: q.Management.Access, ExpiresAt: management.expires},
		conn.Cloud.GraphScope:      {Access: q.Graph.Access, ExpiresAt: directory.expires},
	}}
	person, err := s.whoseTokens(ctx, conn, session)
	if err != nil {
		return err
	}
	person.TenantID = management.Tenant
	packed, err := packTokens(session.tokens)
	if err != nil {
		return err
	}
	ends := management.expires
	if directory.expires.Before(ends) {
		ends = directory.expires
	}
	v.ClientID, v.CodeExpiresAt, v.EndsAt = entra.AzureCLI, now, &ends
	return s.done(ctx, by, v, person, store.SessionSecret{Access: packed})
}

// whoseTokens asks both services with their tokens.
func (s *Service) whoseTokens(ctx context.Context, conn Connection, session *Session) (*entra.Person, error) {
	directory, err := graph.New(graph.Config{Cloud: conn.Cloud, Token: session.Token(conn.Cloud.GraphScope), Clock: s.clock, Logger: s.log})
	if err != nil {
		return nil, err
	}
	me, err := directory.Me(ctx)
	if err != nil {
		return nil, tokenRefused("tokens.graph", "Microsoft Graph", err)
	}
	manager, err := arm.New(arm.Config{Cloud: conn.Cloud, Token: session.Token(conn.Cloud.ManagementScope), Clock: s.clock, Logger: s.log})
	if err != nil {
		return nil, err
	}
	if _, err := manager.Subscriptions(ctx); err != nil {
		return nil, tokenRefused("tokens.management", "Azure Resource Manager", err)
	}
	return &entra.Person{ObjectID: me.ObjectID, UserPrincipalName: me.UserPrincipalName, Name: me.Name}, nil
}

func tokenRefused(field, service string, err error) error {
	f := *explain(err)
	if f.Code == fault.Unreachable {
		return &f
	}
	f.Code, f.Field, f.Message = fault.SignIn, field, service+" does not take the token that the Azure CLI gave."
	f.Remedy = "Check that the Azure CLI is signed in to the cloud of the account as a person: `az account show`. Then try again."
	return &f
}

// claims are what is read of an access token. Nothing is decided by them that Microsoft does not confirm.
type claims struct {
	Tenant  string `json:"tid"`
	Object  string `json:"oid"`
	Expires int64  `json:"exp"`

	expires time.Time // the earlier of the claim and of what was told
}

func claimsOf(field string, t GivenToken) (*claims, error) {
	wrong := fault.BadField(field, "This is not an access token of Microsoft Entra.", "Give the accessToken that `az account get-access-token` prints.")
	parts := strings.Split(t.Access.Reveal(), ".")
	if len(parts) != 3 {
		return nil, wrong
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return nil, wrong
	}
	var c claims
	if json.Unmarshal(payload, &c) != nil || c.Tenant == "" || c.Object == "" || c.Expires <= 0 {
		return nil, wrong
	}
	c.expires = time.Unix(c.Expires, 0).UTC()
	if !t.ExpiresAt.IsZero() && t.ExpiresAt.Before(c.expires) {
		c.expires = t.ExpiresAt.UTC()
	}
	return &c, nil
}

// packedToken is how an access token is sealed; the scope is its key.
type packedToken struct {
	Access  string    `json:"access_token"`
	Expires time.Time `json:"expires_at"`
}

func packTokens(tokens map[string]entra.Token) (secret.Value, error) {
	out := map[string]packedToken{}
	for scope, t := range tokens {
		out[scope] = packedToken{t.Access.Reveal(), t.ExpiresAt}
	}
	raw, err := json.Marshal(out) //nolint:gosec // it is sealed
	if err != nil {
		return secret.Value{}, errors.New("packing access tokens failed")
	}
	return secret.New(string(raw)), nil
}

func unpackTokens(v secret.Value) (map[string]entra.Token, error) {
	var in map[string]packedToken
	if json.Unmarshal([]byte(v.Reveal()), &in) != nil {
		return nil, errors.New("unpacking access tokens: they are not in the expected form") // the decoder's text may quote them
	}
	out := map[string]entra.Token{}
	for scope, t := range in {
		out[scope] = entra.Token{Access: secret.New(t.Access), ExpiresAt: t.Expires}
	}
	return out, nil
}

// tokensEnded is the fault of a sign-in that has access tokens only, after their end.
func tokensEnded() *fault.Error {
	return fault.New(fault.SignIn, "The tokens that the Azure CLI gave have ended.").
		WithMeaning("A login of the Azure CLI gives access tokens for about an hour and nothing to get new ones with.").
		WithRemedy("Sign in again.")
}
