package certificate

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
)

// Validity is how a certificate stands at a moment.
type Validity string

// The validities.
const (
	Valid       Validity = "valid"
	Expiring    Validity = "expiring" // ends within account.ExpiringWithin
	Expired     Validity = "expired"
	NotYetValid Validity = "not_yet_valid"
)

// Facts are what people recognise a certificate by. Nothing of its key is in them but its kind.
type Facts struct {
	Subject, Issuer  string
	Thumbprint       string // SHA-1 of the DER, upper-case hex, as the portal shows it
	ThumbprintSHA256 string // upper-case hex
	StartsAt         time.Time
	ExpiresAt        time.Time
	Key              string // e.g. "RSA 2048"
	SelfSigned       bool
	Chain            int // how many further certificates the file has
	Validity         Validity
}

// Facts returns what people recognise the certificate by, at now.
func (b *Bundle) Facts(now time.Time) Facts {
	sum := sha256.Sum256(b.Leaf.Raw)
	return Facts{
		Subject: b.Subject(), Issuer: b.Leaf.Issuer.String(), Thumbprint: b.Thumbprint(), ThumbprintSHA256: strings.ToUpper(hex.EncodeToString(sum[:])),
		StartsAt: b.Leaf.NotBefore.UTC(), ExpiresAt: b.Leaf.NotAfter.UTC(), Key: fmt.Sprintf("RSA %d", b.Key.N.BitLen()),
		SelfSigned: selfSigned(b.Leaf), Chain: len(b.Chain), Validity: b.validity(now),
	}
}

func (b *Bundle) validity(now time.Time) Validity {
	switch {
	case now.After(b.Leaf.NotAfter):
		return Expired
	case now.Before(b.Leaf.NotBefore):
		return NotYetValid
	case b.Leaf.NotAfter.Sub(now) < account.ExpiringWithin:
		return Expiring
	}
	return Valid
}

// selfSigned reports whether a certificate is signed with its own key. Where the signature is of a kind that Go no longer
// checks (SHA-1), the names decide.
func selfSigned(c *x509.Certificate) bool {
	if !bytes.Equal(c.RawSubject, c.RawIssuer) {
		return false
	}
	err := c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	_, insecure := errors.AsType[x509.InsecureAlgorithmError](err)
	return err == nil || insecure
}
