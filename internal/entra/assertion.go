package entra

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/secret"
)

// assertionLifetime is how long an assertion is good for; Microsoft advises five to ten minutes. It is used again during the
// first half of that: signing is by far the most work of asking for a token, a proof asks several times within seconds, and
// Microsoft's own libraries do the same (MSAL for Node keeps an assertion until it ends). Entra looks the certificate up each
// time, which is what is to be found out.
const (
	assertionLifetime = 10 * time.Minute
	assertionReuse    = assertionLifetime / 2
)

// assertionFrom is what an assertion says, and by which certificate.
type assertionFrom struct {
	certificate     [sha256.Size]byte
	appID, endpoint string
}

func fromOf(b *certificate.Bundle, appID, endpoint string) assertionFrom {
	return assertionFrom{sha256.Sum256(b.Leaf.Raw), appID, endpoint}
}

// assertion returns an assertion that was made a short time ago, or else makes one.
func (c *Client) assertion(b *certificate.Bundle, appID, endpoint string) (_ secret.Value, again bool, err error) {
	if b.Leaf == nil || b.Key == nil {
		return secret.Value{}, false, errors.New("signing a client assertion: the certificate has no key")
	}
	from, now := fromOf(b, appID, endpoint), c.clock.Now()
	if have, ok := c.assertions.Get(from, now); ok {
		return have, true, nil
	}
	made, err := assertionFor(b, appID, endpoint, now)
	if err == nil {
		c.assertions.Put(from, made, now)
	}
	return made, false, err
}

// assertionFor makes the JWT with which an application proves that it holds the key of its certificate (Microsoft
// identity platform, "application authentication certificate credentials", as of 2025: PS256 and x5t#S256). Anybody who
// has it can sign in with it until it ends, so it is a secret.
//
// It is written out here because there is one algorithm, one header and one set of claims: a JOSE library would be
// more to trust than this. The tests verify it with one.
func assertionFor(b *certificate.Bundle, appID, endpoint string, now time.Time) (secret.Value, error) {
	thumb := sha256.Sum256(b.Leaf.Raw)
	header, err := json.Marshal(map[string]string{
		"alg": "PS256", "typ": "JWT", "x5t#S256": base64.RawURLEncoding.EncodeToString(thumb[:]),
	})
	if err != nil {
		return secret.Value{}, fmt.Errorf("encoding the header of a client assertion: %w", err)
	}
	claims, err := json.Marshal(map[string]any{
		"aud": endpoint, "iss": appID, "sub": appID, "jti": uuid.NewString(),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(assertionLifetime).Unix(),
	})
	if err != nil {
		return secret.Value{}, fmt.Errorf("encoding the claims of a client assertion: %w", err)
	}
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(claims)
	digest := sha256.Sum256([]byte(signed))
	// RFC 7518, 3.5: the salt is as long as the hash.
	signature, err := rsa.SignPSS(rand.Reader, b.Key, crypto.SHA256, digest[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	if err != nil {
		return secret.Value{}, fmt.Errorf("signing a client assertion: %w", err)
	}
	return secret.New(signed + "." + base64.RawURLEncoding.EncodeToString(signature)), nil
}
