// Package certificate reads the certificate files that people have (PFX and P12 in all their dialects), makes key
// pairs with self-signed certificates, and writes both in the form that is sealed and the form that is handed over.
//
// It accepts only what Microsoft Entra accepts as a client certificate: an RSA key of at least 2048 bits, and a
// certificate for that very key which is valid now. Everything else is refused with a fault that names the field
// ("certificate" or "password"), says what the file is, and what to do. Nothing here logs, and no fault holds key
// material or the password.
package certificate

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// MaxFileSize is the largest certificate file that is read, in bytes.
const MaxFileSize = 1 << 20

// MinBits is the smallest RSA key that Microsoft Entra takes (Microsoft identity platform, certificate credentials).
const MinBits = 2048

// exportIterations is what the passwords of exported files are stretched with. Windows refuses to import files with
// more than 600,000.
const exportIterations = 100_000

// PEM block types.
const (
	keyBlock         = "PRIVATE KEY"
	certificateBlock = "CERTIFICATE"
)

// Bundle is a certificate with its private key. Chain has the other certificates of the file, without the leaf:
// the leaf's issuer first, then that one's issuer, then whatever else was there.
type Bundle struct {
	Leaf  *x509.Certificate
	Chain []*x509.Certificate
	Key   *rsa.PrivateKey
}

// Thumbprint returns the SHA-1 of the leaf's DER in upper-case hex, as the Azure portal shows it and as Microsoft
// Graph returns it in customKeyIdentifier (recorded answers of 2023 to 2025). It identifies; it protects nothing.
func (b *Bundle) Thumbprint() string {
	sum := sha1.Sum(b.Leaf.Raw)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// Subject returns the leaf's subject, e.g. "CN=backup-prod".
func (b *Bundle) Subject() string { return b.Leaf.Subject.String() }

// Format keeps the private key out of every fmt verb.
func (b *Bundle) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(b.summary())) }

// LogValue keeps the private key out of logs.
func (b *Bundle) LogValue() slog.Value { return slog.StringValue(b.summary()) }

func (b *Bundle) summary() string {
	if b == nil || b.Leaf == nil {
		return "certificate (none)"
	}
	return "certificate " + b.Subject() + " " + b.Thumbprint()
}

// PEM returns the private key (PKCS#8), the leaf and the chain: the form that is sealed, and that the Azure CLI and the
// Azure SDKs read. ReadPEM reads it back.
func (b *Bundle) PEM() secret.Value {
	var out bytes.Buffer
	der, err := x509.MarshalPKCS8PrivateKey(b.Key)
	if err != nil { // cannot happen to an RSA key
		panic(fmt.Sprintf("encoding an RSA key: %v", err))
	}
	// Writing to a bytes.Buffer cannot fail, and the blocks have no headers that could be refused.
	_ = pem.Encode(&out, &pem.Block{Type: keyBlock, Bytes: der})
	for _, c := range append([]*x509.Certificate{b.Leaf}, b.Chain...) {
		_ = pem.Encode(&out, &pem.Block{Type: certificateBlock, Bytes: c.Raw})
	}
	return secret.New(out.String())
}

// ReadPEM reads what PEM wrote. It does not look at the clock: an expired certificate is read too.
func ReadPEM(material secret.Value) (*Bundle, error) {
	var b Bundle
	for rest := []byte(material.Reveal()); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		switch block.Type {
		case keyBlock:
			if b.Key != nil {
				return nil, errors.New("reading a certificate in PEM: it has several private keys")
			}
			parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, errors.New("reading a certificate in PEM: the private key is damaged")
			}
			key, ok := parsed.(*rsa.PrivateKey)
			if !ok {
				return nil, errors.New("reading a certificate in PEM: the private key is not an RSA key")
			}
			b.Key = key
		case certificateBlock:
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("reading a certificate in PEM: %w", err)
			}
			if b.Leaf == nil {
				b.Leaf = c
			} else {
				b.Chain = append(b.Chain, c)
			}
		}
	}
	switch {
	case b.Key == nil:
		return nil, errors.New("reading a certificate in PEM: there is no private key")
	case b.Leaf == nil:
		return nil, errors.New("reading a certificate in PEM: there is no certificate")
	case !b.Key.PublicKey.Equal(b.Leaf.PublicKey):
		return nil, errors.New("reading a certificate in PEM: the private key is not the first certificate's")
	}
	return &b, nil
}

// CheckPassword tells whether a PKCS#12 file can be written under a password. The fault names the field "password".
func CheckPassword(password secret.Value) error {
	if beyondBMP(password.Reveal()) {
		return faultBeyondBMP()
	}
	return nil
}

// PFX returns the bundle as a PKCS#12 file under a password (which may be empty): AES-256 with PBKDF2 and an
// HMAC-SHA-256 check, read by OpenSSL 1.1.1, Windows Server 2019, Java 12 and all later ones.
// The fault of a password that the format cannot hold names the field "password".
func (b *Bundle) PFX(password secret.Value) ([]byte, error) {
	if err := CheckPassword(password); err != nil {
		return nil, err
	}
	data, err := pkcs12.Modern2023.WithIterations(exportIterations).Encode(b.Key, b.Leaf, b.Chain, password.Reveal())
	if err != nil {
		return nil, fmt.Errorf("writing a PFX file: %w", err)
	}
	return data, nil
}

// NewSelfSigned makes an RSA key of the given size and a certificate for it, signed by itself, valid from start to end
// (in whole seconds, which is what certificates hold). The subject is a common name, with or without "CN=".
func NewSelfSigned(subject string, bits int, start, end time.Time) (*Bundle, error) {
	if bits < MinBits {
		return nil, fault.BadField("bits", fmt.Sprintf("An RSA key of %d bits is too small.", bits),
			"Microsoft Entra takes keys of 2048 bits and more.")
	}
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, fmt.Errorf("making an RSA key: %w", err)
	}
	return SelfSigned(subject, key, start, end)
}

// SelfSigned makes a certificate for a key, signed by itself, as NewSelfSigned does with a key that it makes. It does not
// look at the size of the key: simulations have small ones.
func SelfSigned(subject string, key *rsa.PrivateKey, start, end time.Time) (*Bundle, error) {
	name := strings.TrimSpace(strings.TrimPrefix(subject, "CN="))
	switch {
	case name == "":
		return nil, fault.BadField("subject", "The certificate has no subject.", "Give it a name, such as the account's.")
	case !end.After(start):
		return nil, fault.BadField("end", "The certificate would end before it starts.", "Give an end after the start.")
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("making a serial number: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber:          serial.Add(serial, big.NewInt(1)), // never 0
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             start.UTC().Truncate(time.Second),
		NotAfter:              end.UTC().Truncate(time.Second),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("signing a certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate just signed: %w", err)
	}
	return &Bundle{Leaf: leaf, Key: key}, nil
}
