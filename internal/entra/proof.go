package entra

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/secret"
)

// Of a proof of possession (Microsoft Graph, "Generate proof-of-possession tokens for rolling keys"): its audience, and its
// lifetime, which may be ten minutes at most. It begins a little in the past, since our clock may be ahead.
const (
	proofAudience = "00000002-0000-0000-c000-000000000000"
	proofLifetime = 9 * time.Minute
	proofSkew     = time.Minute
)

// ProofOfPossession makes the JWT with which an application proves, to roll its own keys, that it holds the key of a
// certificate that is on it already. objectID is the application's object id, not its client id. Whoever has it can add a
// key together with a token of the application, so it is a secret.
func ProofOfPossession(b *certificate.Bundle, objectID string, now time.Time) (secret.Value, error) {
	if b == nil || b.Leaf == nil || b.Key == nil {
		return secret.Value{}, errors.New("signing a proof of possession: the certificate has no key")
	}
	thumb := sha1.Sum(b.Leaf.Raw)
	header, err := json.Marshal(map[string]string{
		"alg": "RS256", "typ": "JWT", "kid": b.Thumbprint(), "x5t": base64.RawURLEncoding.EncodeToString(thumb[:]),
	})
	if err != nil {
		return secret.Value{}, fmt.Errorf("encoding the header of a proof of possession: %w", err)
	}
	begin := now.Add(-proofSkew)
	claims, err := json.Marshal(map[string]any{
		"aud": proofAudience, "iss": objectID, "nbf": begin.Unix(), "exp": begin.Add(proofLifetime).Unix(),
	})
	if err != nil {
		return secret.Value{}, fmt.Errorf("encoding the claims of a proof of possession: %w", err)
	}
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(claims)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, b.Key, crypto.SHA256, digest[:])
	if err != nil {
		return secret.Value{}, fmt.Errorf("signing a proof of possession: %w", err)
	}
	return secret.New(signed + "." + base64.RawURLEncoding.EncodeToString(signature)), nil
}
