package graph

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

const (
	proofAudience = "00000002-0000-0000-c000-000000000000"
	proofLifetime = 10 * time.Minute
	proofSkew     = 5 * time.Minute // how far the prover's clock may be ahead
	maxProof      = 16 << 10
)

// checkProof checks that the caller holds the private key of a certificate that h has already: a JWT for the
// directory, issued by the object id, of at most ten minutes, signed with that key (Microsoft Graph, generating proof
// of possession tokens for rolling keys; the error for padded base64url is from there, the others are taken to be it).
func (c *call) checkProof(h *holder, proof *string) error {
	if proof == nil {
		return odata.Required("proof", h.kind.Name)
	}
	denied := &odata.Problem{Status: http.StatusUnauthorized, Code: "Authentication_MissingOrMalformed", Message: "Access Token missing or malformed."}
	parts := strings.Split(*proof, ".")
	if len(parts) != 3 || len(*proof) > maxProof {
		return denied
	}
	var header struct {
		Algorithm string `json:"alg"`
	}
	var claims struct {
		Audience string   `json:"aud"`
		Issuer   string   `json:"iss"`
		Before   *float64 `json:"nbf"`
		Expires  *float64 `json:"exp"`
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil || !part(parts[0], &header) || !part(parts[1], &claims) || claims.Before == nil || claims.Expires == nil {
		return denied
	}
	now := float64(c.at.UnixNano()) / float64(time.Second)
	if claims.Audience != proofAudience || !strings.EqualFold(claims.Issuer, h.id) ||
		*claims.Expires-*claims.Before > proofLifetime.Seconds() ||
		now >= *claims.Expires || now+proofSkew.Seconds() < *claims.Before {
		return denied
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	for _, k := range *h.keys {
		if k.Type != certificateType || c.at.Before(k.Start) || !c.at.Before(k.End) {
			continue
		}
		cert, err := x509.ParseCertificate(k.DER)
		if err != nil {
			continue
		}
		public, ok := cert.PublicKey.(*rsa.PublicKey)
		if !ok {
			continue
		}
		switch header.Algorithm {
		case "RS256":
			err = rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature)
		case "PS256":
			err = rsa.VerifyPSS(public, crypto.SHA256, digest[:], signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		default:
			return denied
		}
		if err == nil {
			return nil
		}
	}
	return denied
}

func part(text string, into any) bool {
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return err == nil && json.Unmarshal(data, into) == nil
}
