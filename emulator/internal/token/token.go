// Package token signs and checks the access tokens of the emulated cloud.
//
// Entra signs with the one key of a Signer; Microsoft Graph and Resource Manager check with the same key. The tokens
// are Microsoft's version 1.0 tokens, which its own resources get whatever endpoint was asked (Microsoft identity
// platform, access token claims reference). Who a token was made for is decided by package entra.
package token

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // the key id of Entra's keys is the SHA-1 thumbprint of their certificate
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// Signer holds the RSA-2048 key and the certificate that access and id tokens are signed with. It is safe for
// concurrent use.
type Signer struct {
	material func() *material // waits for a key that is still being made
	origins  []string         // host:port under which the emulator itself is reached, in lower case
}

type material struct {
	key    *rsa.PrivateKey
	cert   []byte // DER
	kid    string
	header string // the encoded JOSE header: the same for all tokens
	mac    []byte // of a cheap signer; nil: tokens are signed with the key
	opened opened
}

// JWK is the public key as Entra publishes it. Issuer and CloudInstance are left to the publisher.
type JWK struct {
	KeyType       string   `json:"kty"`
	Use           string   `json:"use"`
	KeyID         string   `json:"kid"`
	Thumbprint    string   `json:"x5t"`
	Modulus       string   `json:"n"`
	Exponent      string   `json:"e"`
	Chain         []string `json:"x5c"`
	CloudInstance string   `json:"cloud_instance_name,omitempty"`
	Issuer        string   `json:"issuer,omitempty"`
}

const (
	pemCertificate = "CERTIFICATE"
	pemKey         = "PRIVATE KEY"
)

// NewSigner makes a key and a self-signed certificate for it.
func NewSigner() (*Signer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("making the token signing key: %w", err)
	}
	return SignerOf(key)
}

// Later is a signer whose key is still being made: what needs the key waits for made, which may be called often.
func Later(made func() *Signer) *Signer {
	return &Signer{material: func() *material { return made().material() }}
}

// SignerOf makes a self-signed certificate for a key.
func SignerOf(key *rsa.PrivateKey) (*Signer, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("making the serial number of the token signing certificate: %w", err)
	}
	// The dates are fixed and wide: the emulator's clock can be moved far, and nobody judges tokens by them.
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "accounts.accesscontrol.windows.net"},
		NotBefore:    time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making the token signing certificate: %w", err)
	}
	return newSigner(key, der)
}

// LoadSigner reads what PEM wrote.
func LoadSigner(material []byte) (*Signer, error) {
	var key *rsa.PrivateKey
	var der []byte
	for block, rest := pem.Decode(material); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case pemCertificate:
			der = block.Bytes
		case pemKey:
			parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("reading the token signing key: %w", err)
			}
			k, ok := parsed.(*rsa.PrivateKey)
			if !ok {
				return nil, fmt.Errorf("reading the token signing key: it is a %T, not an RSA key", parsed)
			}
			key = k
		}
	}
	if key == nil || der == nil {
		return nil, errors.New("reading the token signing key: the file must hold a private key and its certificate")
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading the token signing certificate: %w", err)
	}
	if !key.PublicKey.Equal(cert.PublicKey) {
		return nil, errors.New("reading the token signing key: the certificate belongs to another key")
	}
	return newSigner(key, der)
}

func newSigner(key *rsa.PrivateKey, der []byte) (*Signer, error) {
	sum := sha1.Sum(der)
	m := &material{key: key, cert: der, kid: encode(sum[:])}
	header, err := json.Marshal(map[string]string{"typ": "JWT", "alg": "RS256", "x5t": m.kid, "kid": m.kid})
	if err != nil {
		return nil, fmt.Errorf("encoding the token header: %w", err)
	}
	m.header = encode(header)
	return &Signer{material: func() *material { return m }}, nil
}

// Cheap returns a signer with the same key whose signatures are a MAC that only it can check, at a hundredth of the cost.
// It is for simulations, where the emulator meets its own tokens and nobody else looks at a signature.
func (s *Signer) Cheap() *Signer {
	have := s.material()
	m := &material{key: have.key, cert: have.cert, kid: have.kid, header: have.header, mac: []byte(rand.Text())}
	next := *s
	next.material = func() *material { return m }
	return &next
}

// PEM is the key, in clear, and its certificate.
func (s *Signer) PEM() []byte {
	m := s.material()
	der, err := x509.MarshalPKCS8PrivateKey(m.key)
	if err != nil {
		panic(err) // an RSA key always marshals
	}
	out := pem.EncodeToMemory(&pem.Block{Type: pemKey, Bytes: der})
	return append(out, pem.EncodeToMemory(&pem.Block{Type: pemCertificate, Bytes: m.cert})...)
}

// WithOrigins returns the signer for an emulator that is reached at these addresses (host:port). They are audiences of
// every resource: a cloud that is set up by path has one address for all.
func (s *Signer) WithOrigins(addresses ...string) *Signer {
	next := *s
	next.origins = nil
	for _, a := range addresses {
		next.origins = append(next.origins, strings.ToLower(a))
	}
	return &next
}

// IsOrigin says whether host:port is one of the emulator's own addresses.
func (s *Signer) IsOrigin(address string) bool {
	return slices.Contains(s.origins, strings.ToLower(address))
}

// IsOwnAudience says whether an audience is the emulator's own origin, with a slash at the end or without.
func (s *Signer) IsOwnAudience(audience string) bool {
	address, ok := strings.CutPrefix(strings.ToLower(audience), "https://")
	return ok && s.IsOrigin(strings.TrimSuffix(address, "/"))
}

// Public is the key that the signatures are checked with.
func (s *Signer) Public() *rsa.PublicKey { return &s.material().key.PublicKey }

// KeyID is the base64url SHA-1 thumbprint of the certificate.
func (s *Signer) KeyID() string { return s.material().kid }

// JWK returns the public key.
func (s *Signer) JWK() JWK {
	m := s.material()
	return JWK{
		KeyType: "RSA", Use: "sig", KeyID: m.kid, Thumbprint: m.kid,
		Modulus:  encode(m.key.N.Bytes()),
		Exponent: encode(big.NewInt(int64(m.key.E)).Bytes()),
		Chain:    []string{base64.StdEncoding.EncodeToString(m.cert)},
	}
}

// Sign makes a signed JWT of the claims (RS256).
func (s *Signer) Sign(claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encoding the claims: %w", err)
	}
	m := s.material()
	signed := m.header + "." + encode(payload)
	if m.mac != nil {
		return signed + "." + encode(m.seal(signed)), nil
	}
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, m.key, crypto.SHA256, digest[:])
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return signed + "." + encode(signature), nil
}

// seal is the signature of a cheap signer.
func (m *material) seal(signed string) []byte {
	h := hmac.New(sha256.New, m.mac)
	_, _ = h.Write([]byte(signed)) // a hash takes everything
	return h.Sum(nil)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
