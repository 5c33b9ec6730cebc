package entra

import (
	"crypto/sha1" // x5t is the SHA-1 thumbprint of a certificate
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// assertion is a client assertion, taken apart (Microsoft identity platform, certificate credentials).
type assertion struct {
	algorithm string
	keyID     string // kid as it was sent
	thumb     []byte // SHA-1 or SHA-256 of the certificate's DER; empty if the header has none
	issuer    string
	subject   string
	audiences []string
	notBefore time.Time // zero: not said
	expires   time.Time
	signed    string
	signature []byte
	claims    map[string]any
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// checkAssertion proves that the client holds the key of one of its certificates, or that an outside issuer which it
// trusts says so.
func (x *exchanged) checkAssertion(c *client, raw string) *failure {
	if fail := x.required("client_assertion_type"); fail != nil {
		return fail
	}
	if x.form.Get("client_assertion_type") != assertionType {
		return malformed()
	}
	a, ok := parseAssertion(raw)
	if !ok {
		return assertionMalformed()
	}
	if a.isFederated() {
		return x.checkFederated(c, a)
	}
	if a.algorithm != "RS256" && a.algorithm != "PS256" {
		return assertionAlgorithm(a.algorithm)
	}
	if !strings.EqualFold(a.issuer, c.id) || !strings.EqualFold(a.subject, c.id) {
		return assertionClient()
	}
	if fail := x.checkKey(c, a); fail != nil {
		return fail
	}
	// Only a holder of the key learns what else is wrong.
	if !slices.ContainsFunc(a.audiences, x.isAudience) {
		return assertionAudience()
	}
	if !x.now.Before(a.expires.Add(startGrace)) || x.now.Before(a.notBefore.Add(-startGrace)) {
		return assertionTime(x.now, a.notBefore, a.expires)
	}
	return nil
}

const (
	notRegistered    = "The certificate with identifier used to sign the client assertion is not registered on application."
	invalidSignature = "Client assertion contains an invalid signature."
)

// checkKey finds the registered certificate by its thumbprint and checks the signature with it. Another certificate
// over the same public key does not do.
func (x *exchanged) checkKey(c *client, a *assertion) *failure {
	thumb := strings.ToUpper(hex.EncodeToString(a.thumb))
	best := newestKey(c.keys(), a.thumb, x.now)
	if best == nil {
		return keyFailure(notRegistered, "The key was not found.", thumb, "", c.id)
	}
	const layout = "01/02/2006 15:04:05"
	found := "Start=" + best.Start.UTC().Format(layout) + ", End=" + best.End.UTC().Format(layout)
	// The signature first: that a certificate has ended is for its holder to know.
	if !a.signedBy(best.DER) {
		return keyFailure(invalidSignature, "The key was found, but use of the key to verify the signature failed.", thumb, found, c.id)
	}
	switch {
	case !x.now.Before(best.End):
		return keyFailure(invalidSignature, "The key used is expired.", thumb, found, c.id)
	case x.now.Before(best.Start.Add(-startGrace)):
		return keyFailure(invalidSignature, "The key used is not yet valid.", thumb, found, c.id)
	}
	return nil
}

// newestKey is the certificate with the thumbprint; of several registrations of it, the one that holds longest among
// those that have begun.
func newestKey(keys []directory.Key, thumb []byte, now time.Time) *directory.Key {
	var best *directory.Key
	begun := func(k *directory.Key) bool { return !now.Before(k.Start.Add(-startGrace)) }
	for i := range keys {
		k := &keys[i]
		if len(k.DER) == 0 || !hasThumbprint(k.DER, thumb) {
			continue
		}
		if best == nil || begun(k) && !begun(best) || begun(k) == begun(best) && k.End.After(best.End) {
			best = k
		}
	}
	return best
}

func hasThumbprint(der, thumb []byte) bool {
	switch len(thumb) {
	case sha1.Size:
		sum := sha1.Sum(der)
		return string(sum[:]) == string(thumb)
	case sha256.Size:
		sum := sha256.Sum256(der)
		return string(sum[:]) == string(thumb)
	}
	return false
}

func (a *assertion) signedBy(der []byte) bool {
	cert, err := x509.ParseCertificate(der)
	return err == nil && verifySignature(cert.PublicKey, a.algorithm, a.signed, a.signature)
}

// isAudience takes the token endpoints of both versions and the issuer, here and at Microsoft's own hosts.
func (x *exchanged) isAudience(aud string) bool {
	u, err := url.Parse(aud)
	if err != nil || u.Scheme != "https" {
		return false
	}
	own, err := url.Parse(x.baseURL(x.r))
	if err != nil || !strings.EqualFold(u.Host, own.Host) && !wellKnown(u.Host) && !x.signer.IsOrigin(u.Host) {
		return false
	}
	tenant, rest, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if strings.EqualFold(tenant, adfs) && x.named(strings.SplitN(rest, "/", 2)[0]) {
		tenant, rest, _ = strings.Cut(rest, "/")
	}
	if !slices.ContainsFunc([]string{x.tenant.ID, x.tenant.Domain, x.path}, func(t string) bool { return strings.EqualFold(t, tenant) }) {
		return false
	}
	return slices.Contains([]string{"oauth2/v2.0/token", "oauth2/token", "v2.0", ""}, strings.ToLower(rest))
}

// parseAssertion reads the dialects of Microsoft's and others' clients: the thumbprint in x5t#S256, x5t or kid, in
// either alphabet of base64, padded or not, or in hex; times with fractions (seen with MSAL for Go, Python and Node
// and with Terraform's azuread provider).
func parseAssertion(raw string) (*assertion, bool) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return nil, false
	}
	var header struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
		SHA1      string `json:"x5t"`
		SHA256    string `json:"x5t#S256"`
	}
	var payload struct {
		Issuer    string          `json:"iss"`
		Subject   string          `json:"sub"`
		Audience  json.RawMessage `json:"aud"`
		NotBefore float64         `json:"nbf"`
		Expires   float64         `json:"exp"`
	}
	var claims map[string]any
	signature, ok := decodeBase64(parts[2])
	if !ok || !decodeJSON(parts[0], &header) || !decodeJSON(parts[1], &payload) || !decodeJSON(parts[1], &claims) {
		return nil, false
	}
	a := &assertion{
		algorithm: header.Algorithm, keyID: header.KeyID, issuer: payload.Issuer, subject: payload.Subject, claims: claims,
		signed: parts[0] + "." + parts[1], signature: signature,
	}
	for _, t := range []struct {
		text string
		size int
	}{{header.SHA256, sha256.Size}, {header.SHA1, sha1.Size}, {header.KeyID, sha1.Size}, {header.KeyID, sha256.Size}} {
		if a.thumb = decodeThumbprint(t.text, t.size); a.thumb != nil {
			break
		}
	}
	var single string
	if json.Unmarshal(payload.Audience, &single) == nil {
		a.audiences = []string{single}
	} else if json.Unmarshal(payload.Audience, &a.audiences) != nil {
		return nil, false
	}
	if a.expires, ok = unixTime(payload.Expires); !ok || payload.Expires == 0 {
		return nil, false
	}
	if payload.NotBefore != 0 {
		if a.notBefore, ok = unixTime(payload.NotBefore); !ok {
			return nil, false
		}
	}
	return a, true
}

// unixTime refuses what is no time in the years 1 to 9999.
func unixTime(seconds float64) (time.Time, bool) {
	const most = 253402300799
	if math.IsNaN(seconds) || math.Abs(seconds) > most || seconds < -62135596800 {
		return time.Time{}, false
	}
	whole, part := math.Modf(seconds)
	return time.Unix(int64(whole), int64(part*1e9)).UTC(), true
}

func decodeJSON(part string, into any) bool {
	raw, ok := decodeBase64(part)
	return ok && json.Unmarshal(raw, into) == nil
}

// decodeBase64 reads both alphabets, with padding or without.
func decodeBase64(text string) ([]byte, bool) {
	text = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(text, "="))
	raw, err := base64.RawURLEncoding.DecodeString(text)
	return raw, err == nil
}

func decodeThumbprint(text string, size int) []byte {
	if len(text) == 2*size {
		if raw, err := hex.DecodeString(text); err == nil {
			return raw
		}
	}
	if raw, ok := decodeBase64(text); ok && len(raw) == size {
		return raw
	}
	return nil
}
