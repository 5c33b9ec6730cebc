package entra

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"math/big"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/cloud"
	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/issuer"
)

// Entra's own tokens as assertions: a managed identity's, for this resource, prove an application that trusts it
// (Microsoft Entra, configure an application to trust a managed identity).
const (
	exchangeAudience = "api://AzureADTokenExchange"
	exchangeAppID    = "fb60f99c-7a34-4190-8149-302f77469936"
)

// isFederated says whether an assertion comes from an outside issuer rather than from the client itself: its issuer is an
// address.
func (a *assertion) isFederated() bool {
	u, err := url.Parse(a.issuer)
	return err == nil && u.Scheme != "" && u.Host != ""
}

// checkFederated proves the client by a token of somebody else's that it says it trusts (Microsoft Entra, workload
// identity federation: issuer, subject and audience are compared with regard to case; the issuer's keys are fetched).
func (x *exchanged) checkFederated(c *client, a *assertion) *failure {
	var credentials []directory.FederatedCredential
	if c.app != nil {
		credentials = c.app.FederatedCredentials
	}
	if fail := x.matchFederated(c, credentials, a); fail != nil {
		return fail
	}
	if fail := x.checkIssuersKey(a); fail != nil {
		return fail
	}
	if !x.now.Before(a.expires.Add(startGrace)) || x.now.Before(a.notBefore.Add(-startGrace)) {
		return assertionTime(x.now, a.notBefore, a.expires)
	}
	return nil
}

// matchFederated finds a credential for the assertion, and says which of the three does not fit if there is none.
func (x *exchanged) matchFederated(c *client, credentials []directory.FederatedCredential, a *assertion) *failure {
	if len(credentials) == 0 {
		return noFederated(c.id, c.name())
	}
	keep := func(f func(directory.FederatedCredential) bool) bool {
		credentials = slices.DeleteFunc(slices.Clone(credentials), func(d directory.FederatedCredential) bool { return !f(d) })
		return len(credentials) > 0
	}
	if !keep(func(d directory.FederatedCredential) bool {
		return d.Issuer == a.issuer || x.ownIssuer(d.Issuer) && x.ownIssuer(a.issuer)
	}) {
		return federatedMismatch(700211, "issuer", a.issuer)
	}
	loose := slices.ContainsFunc(credentials, func(d directory.FederatedCredential) bool { return strings.EqualFold(d.Subject, a.subject) })
	if !keep(func(d directory.FederatedCredential) bool {
		if d.Expression != nil {
			return matchesClaims(d.Expression.Value, a.claims)
		}
		return d.Subject == a.subject
	}) {
		if loose {
			return federatedLetterCase(a.subject)
		}
		return federatedMismatch(700213, "subject", a.subject)
	}
	if !keep(func(d directory.FederatedCredential) bool {
		return slices.ContainsFunc(a.audiences, func(aud string) bool { return x.federatedAudience(d, a, aud) })
	}) {
		return federatedMismatch(700212, "audience", strings.Join(a.audiences, " "))
	}
	return nil
}

func (x *exchanged) federatedAudience(d directory.FederatedCredential, a *assertion, aud string) bool {
	if slices.Contains(d.Audiences, aud) {
		return true
	}
	// A token of our own names the resource by its client id.
	return aud == exchangeAppID && x.ownIssuer(a.issuer) &&
		slices.ContainsFunc(d.Audiences, func(s string) bool { return strings.HasPrefix(s, exchangeAudience) })
}

// ownIssuer says whether an issuer is this tenant of this Entra ID, in version 2 form, here or under a name of Microsoft's.
func (x *exchanged) ownIssuer(name string) bool {
	u, err := url.Parse(name)
	if err != nil || u.Scheme != "https" || !strings.EqualFold(strings.Trim(u.Path, "/"), x.tenant.ID+"/v2.0") {
		return false
	}
	_, service := cloud.Find(u.Hostname())
	return service == cloud.Login && u.Port() == "" || x.signer.IsOrigin(u.Host) || "https://"+u.Host == x.baseURL(x.r)
}

// checkIssuersKey checks the signature with the issuer's key.
func (x *exchanged) checkIssuersKey(a *assertion) *failure {
	if !slices.Contains([]string{"RS256", "RS384", "RS512", "PS256", "ES256", "ES384"}, a.algorithm) {
		return assertionAlgorithm(a.algorithm)
	}
	if x.ownIssuer(a.issuer) {
		return x.checkOwnToken(a)
	}
	key, err := x.issuers.Find(x.r.Context(), a.issuer, a.keyID)
	switch {
	case errors.Is(err, issuer.ErrNoKey):
		return federatedKeyUnknown(keyName(a.keyID), a.issuer)
	case errors.Is(err, issuer.ErrUnreachable):
		x.logger.InfoContext(x.r.Context(), "a federated credential's issuer could not be asked", "issuer", a.issuer, "error", err)
		return issuerFailed(50166)
	case err != nil:
		x.logger.InfoContext(x.r.Context(), "a federated credential's issuer gave no keys", "issuer", a.issuer, "error", err)
		return issuerFailed(501661)
	}
	if !verifySignature(key, a.algorithm, a.signed, a.signature) {
		return assertionMalformed()
	}
	return nil
}

// checkOwnToken takes a token that this Entra ID gave to an application or a managed identity, not to a person.
func (x *exchanged) checkOwnToken(a *assertion) *failure {
	if a.keyID != x.signer.KeyID() || a.algorithm != "RS256" {
		return federatedKeyUnknown(keyName(a.keyID), a.issuer)
	}
	if !verifySignature(x.signer.Public(), a.algorithm, a.signed, a.signature) {
		return assertionMalformed()
	}
	if kind, _ := a.claims["idtyp"].(string); kind != "app" {
		return onlyAppTokens()
	}
	return nil
}

// keyName is a key id as the texts have it: bytes in hex where it is base64url of a thumbprint.
func keyName(id string) string {
	if raw, ok := decodeBase64(id); ok && (len(raw) == 20 || len(raw) == 32) {
		return strings.ToUpper(hex.EncodeToString(raw))
	}
	return id
}

// verifySignature checks a signature by an algorithm of RFC 7518 with a key of its kind. The key decides, too: an HMAC
// under a public key gets nowhere.
func verifySignature(key crypto.PublicKey, algorithm, signed string, signature []byte) bool {
	hash := map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}[algorithm[2:]]
	h := hash.New()
	h.Write([]byte(signed))
	digest := h.Sum(nil)
	switch key := key.(type) {
	case *rsa.PublicKey:
		switch algorithm[:2] {
		case "RS":
			return rsa.VerifyPKCS1v15(key, hash, digest, signature) == nil
		case "PS":
			return rsa.VerifyPSS(key, hash, digest, signature, nil) == nil
		}
	case *ecdsa.PublicKey:
		size := (key.Curve.Params().BitSize + 7) / 8
		if algorithm[:2] != "ES" || len(signature) != 2*size || size != hash.Size() {
			return false
		}
		return ecdsa.Verify(key, digest, new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:]))
	}
	return false
}

// claimTest is one comparison of a flexible credential's expression.
var claimTest = regexp.MustCompile(`^claims\['([A-Za-z0-9_./:-]{1,100})'\] (eq|matches) '([^']*)'$`)

// matchesClaims judges a flexible federated credential: comparisons of text claims, all of which must hold; in matches, *
// stands for any text and ? for one character (Microsoft Entra, flexible federated identity credentials, language
// version 1).
func matchesClaims(expression string, claims map[string]any) bool {
	for part := range strings.SplitSeq(expression, " and ") {
		m := claimTest.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			return false
		}
		value, ok := claims[m[1]].(string)
		if !ok || m[2] == "eq" && value != m[3] || m[2] == "matches" && !matchesPattern(m[3], value) {
			return false
		}
	}
	return true
}

func matchesPattern(pattern, value string) bool {
	quoted := regexp.QuoteMeta(pattern)
	quoted = strings.ReplaceAll(strings.ReplaceAll(quoted, `\*`, ".*"), `\?`, ".")
	matched, err := regexp.MatchString("(?s)^"+quoted+"$", value)
	return err == nil && matched
}
