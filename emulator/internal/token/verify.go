package token

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/internal/exchange"
)

// What can be wrong with a token. Resources turn them into their own texts.
var (
	ErrMalformed = errors.New("the token is not a well-formed JWT")
	ErrSignature = errors.New("the signature of the token is not valid")
	ErrExpired   = errors.New("the token is expired or not yet valid")
	ErrAudience  = errors.New("the token is for another audience")
	ErrTenant    = errors.New("the token is of another tenant")
)

// clockSkew is how far ahead of ours the clock of the issuer may be. The end of a token has no such grace, so that a
// test that moves the clock sees the end where the token says it is.
const clockSkew = 5 * time.Minute

// maxSize bounds what is decoded; real tokens have a few kilobytes.
const maxSize = 64 << 10

type claims struct {
	Audience string   `json:"aud"`
	Expires  float64  `json:"exp"`
	Before   float64  `json:"nbf"`
	TenantID string   `json:"tid"`
	ObjectID string   `json:"oid"`
	AppID    string   `json:"appid"`
	Kind     string   `json:"idtyp"`
	UPN      string   `json:"upn"`
	Scopes   string   `json:"scp"`
	Roles    []string `json:"roles"`
}

// Verify checks an access token: form, signature (RS256 by this key and nothing else), lifetime at now, audience and
// tenant, in this order. audiences are compared without regard to case; the emulator's own addresses are always among
// them.
func (s *Signer) Verify(raw string, now time.Time, tenantID string, audiences []string) (*exchange.Caller, error) {
	c, err := s.open(raw)
	if err != nil {
		return nil, err
	}
	at := float64(now.UnixNano()) / float64(time.Second)
	if at >= c.Expires || at+clockSkew.Seconds() < c.Before {
		return nil, ErrExpired
	}
	if !slices.ContainsFunc(audiences, func(a string) bool { return strings.EqualFold(a, c.Audience) }) && !s.IsOwnAudience(c.Audience) {
		return nil, ErrAudience
	}
	if !strings.EqualFold(c.TenantID, tenantID) {
		return nil, ErrTenant
	}
	caller := &exchange.Caller{
		ObjectID: c.ObjectID, AppID: c.AppID, TenantID: c.TenantID, Name: c.AppID,
		Roles: slices.Clone(c.Roles), Audience: c.Audience,
	}
	if c.Kind == "user" {
		caller.User, caller.Name, caller.Scopes = true, c.UPN, strings.Fields(c.Scopes)
	}
	return caller, nil
}

func (s *Signer) open(raw string) (*claims, error) {
	if len(raw) > maxSize {
		return nil, ErrMalformed
	}
	m := s.material()
	if c := m.opened.find(raw); c != nil {
		return c, nil
	}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return nil, ErrMalformed
	}
	var header struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
	}
	if err := decode(parts[0], &header); err != nil {
		return nil, ErrMalformed
	}
	c := new(claims)
	if err := decode(parts[1], c); err != nil {
		return nil, ErrMalformed
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil {
		return nil, ErrMalformed
	}
	// The algorithm is ours to say, not the token's: neither "none" nor a MAC under the public key gets through.
	if header.Algorithm != "RS256" || header.KeyID != m.kid {
		return nil, ErrSignature
	}
	if !m.signed(parts[0]+"."+parts[1], signature) {
		return nil, ErrSignature
	}
	if c.Expires == 0 || c.Kind != "user" && c.Kind != "app" {
		return nil, ErrMalformed // an id token, say: signed by us, but no access token
	}
	m.opened.add(raw, c)
	return c, nil
}

// signed checks a signature.
func (m *material) signed(text string, signature []byte) bool {
	if m.mac != nil {
		return hmac.Equal(m.seal(text), signature)
	}
	digest := sha256.Sum256([]byte(text))
	return rsa.VerifyPKCS1v15(&m.key.PublicKey, crypto.SHA256, digest[:], signature) == nil
}

func decode(part string, into any) error {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}
