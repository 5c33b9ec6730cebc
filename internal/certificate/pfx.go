package certificate

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/text/unicode/norm"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// ReadPFX reads a PFX/P12 file: legacy ones (RC2, 3DES, SHA-1), present ones (AES, SHA-256 and SHA-512) and those with
// PBMAC1. The leaf is the certificate that belongs to the key, wherever it stands in the file. now decides whether it
// is valid.
//
// Every error is a *fault.Error of code Invalid whose Field is "certificate" or "password".
func ReadPFX(data []byte, password secret.Value, now time.Time) (*Bundle, error) {
	b, err := InspectPFX(data, password, now)
	if err != nil {
		return nil, err
	}
	if err := b.CheckValidity(now); err != nil {
		return nil, err
	}
	return b, nil
}

// InspectPFX reads a file as ReadPFX does, but also one whose certificate has ended or is not valid yet, so that a person
// can be told what it is.
func InspectPFX(data []byte, password secret.Value, now time.Time) (*Bundle, error) {
	if f := notPFX(data); f != nil {
		return nil, f
	}
	if beyondBMP(password.Reveal()) {
		return nil, faultBeyondBMP()
	}
	key, certificates, err := decode(data, password.Reveal())
	if err != nil {
		return nil, explain(data, password, err)
	}
	rsaKey, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, faultNotRSA()
	}
	if bits := rsaKey.N.BitLen(); bits < MinBits {
		return nil, faultSmallKey(fmt.Sprintf(" of %d bits", bits))
	}
	leaf := leafOf(certificates, rsaKey, now)
	if leaf == nil {
		return nil, badFile("The private key in the file belongs to none of its certificates.",
			"Export the certificate together with its own private key.")
	}
	return &Bundle{Leaf: leaf, Chain: chainOf(leaf, certificates), Key: rsaKey}, nil
}

// decode tries the ways in which the password may have been meant. The first that the file's own check accepts counts.
func decode(data []byte, password string) (key any, certificates []*x509.Certificate, err error) {
	for _, p := range spellings(password) {
		var first *x509.Certificate
		var rest []*x509.Certificate
		key, first, rest, err = pkcs12.DecodeChain(data, p)
		if err == nil {
			return key, append([]*x509.Certificate{first}, rest...), nil
		}
		if !errors.Is(err, pkcs12.ErrIncorrectPassword) {
			break
		}
	}
	if err != nil && err.Error() == noMAC && password != "" {
		// A file without check and encryption has no password; whatever was typed does not matter.
		if k, first, rest, again := pkcs12.DecodeChain(data, ""); again == nil {
			return k, append([]*x509.Certificate{first}, rest...), nil
		}
	}
	return nil, nil, err
}

// spellings returns the password and, where it is not plain ASCII, its other forms: composed and decomposed (macOS types
// one, Windows the other), and one character per UTF-8 byte, as OpenSSL before 1.1.0 took what a terminal sent.
// go-pkcs12 itself tries both encodings of the empty password.
func spellings(password string) []string {
	out := []string{password}
	bytewise := make([]rune, 0, len(password))
	for i := range len(password) {
		bytewise = append(bytewise, rune(password[i]))
	}
	for _, p := range []string{norm.NFC.String(password), norm.NFD.String(password), string(bytewise)} {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// beyondBMP reports whether the password has characters that go-pkcs12 cannot encode (emoji, rare ideographs).
func beyondBMP(password string) bool {
	for _, r := range password {
		if r > 0xffff {
			return true
		}
	}
	return false
}

// leafOf returns the certificate of the key. Of several (a renewed certificate that kept its key) it prefers one that is
// valid now, then the one that ends last.
func leafOf(certificates []*x509.Certificate, key *rsa.PrivateKey, now time.Time) *x509.Certificate {
	var leaf *x509.Certificate
	for _, c := range certificates {
		if !key.PublicKey.Equal(c.PublicKey) {
			continue
		}
		if leaf == nil {
			leaf = c
			continue
		}
		valid, leafValid := outsideValidity(c, now) == nil, outsideValidity(leaf, now) == nil
		if valid != leafValid && valid || valid == leafValid && c.NotAfter.After(leaf.NotAfter) {
			leaf = c
		}
	}
	return leaf
}

// chainOf orders the other certificates: issuers first, one after the other, then what does not belong to the chain.
func chainOf(leaf *x509.Certificate, certificates []*x509.Certificate) []*x509.Certificate {
	var left, chain []*x509.Certificate
	for _, c := range certificates {
		if !c.Equal(leaf) {
			left = append(left, c)
		}
	}
	for last := leaf; ; {
		i := slices.IndexFunc(left, func(c *x509.Certificate) bool {
			return bytes.Equal(c.RawSubject, last.RawIssuer) && last.CheckSignatureFrom(c) == nil
		})
		if i < 0 {
			return append(chain, left...)
		}
		last = left[i]
		chain = append(chain, last)
		left = slices.Delete(left, i, i+1)
	}
}

// CheckValidity tells whether the certificate is valid at now. The fault of one that is not names the field "certificate".
func (b *Bundle) CheckValidity(now time.Time) error {
	if f := outsideValidity(b.Leaf, now); f != nil {
		return f
	}
	return nil
}

// outsideValidity returns the fault of a certificate that is not valid at now, or nil.
func outsideValidity(c *x509.Certificate, now time.Time) *fault.Error {
	switch {
	case now.After(c.NotAfter):
		return badFile(fmt.Sprintf("The certificate expired on %s.", account.Moment(c.NotAfter)),
			"Choose a certificate that is still valid, and upload its public part to the application in Microsoft Entra.")
	case now.Before(c.NotBefore):
		return badFile(fmt.Sprintf("The certificate is not valid before %s.", account.Moment(c.NotBefore)),
			"Wait until then, or choose a certificate that is valid now. If the date looks wrong, check this machine's clock.")
	}
	return nil
}
