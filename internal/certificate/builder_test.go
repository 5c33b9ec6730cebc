package certificate_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/certificate"
)

// day is the day on which the tests take place.
func day() time.Time { return time.Date(2025, 6, 15, 12, 0, 0, 0, time.UTC) }

// self makes a bundle that is valid on day.
func self(t testing.TB, name string) *certificate.Bundle {
	t.Helper()
	b, err := certificate.NewSelfSigned(name, 2048, day().AddDate(0, -1, 0), day().AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// issued makes a bundle of a root, an intermediate and a leaf. Chain is intermediate, root.
func issued(t testing.TB) *certificate.Bundle {
	t.Helper()
	authority := func(name string, parent *x509.Certificate, parentKey *rsa.PrivateKey, isCA bool) (*x509.Certificate, *rsa.PrivateKey) {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, IsCA: isCA, BasicConstraintsValid: true,
			NotBefore: day().AddDate(-1, 0, 0), NotAfter: day().AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		}
		if isCA {
			template.KeyUsage |= x509.KeyUsageCertSign
		}
		if parent == nil {
			parent, parentKey = template, key
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return c, key
	}
	root, rootKey := authority("Test Root", nil, nil, true)
	middle, middleKey := authority("Test Issuing CA", root, rootKey, true)
	leaf, key := authority("backup-cert", middle, middleKey, false)
	return &certificate.Bundle{Leaf: leaf, Chain: []*x509.Certificate{middle, root}, Key: key}
}

// elliptic256 makes a self-signed certificate with an elliptic-curve key.
func elliptic256(t testing.TB) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ec"}, NotBefore: day().AddDate(-1, 0, 0), NotAfter: day().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return key, c
}

type bag struct {
	ID    asn1.ObjectIdentifier
	Value asn1.RawValue
}

type content struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue
}

func der(t testing.TB, v any) []byte {
	t.Helper()
	out, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func explicit(inner []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner}
}

func keyBag(t testing.TB, key any) bag {
	t.Helper()
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return bag{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 1}, explicit(pkcs8)}
}

func certificateBag(t testing.TB, c *x509.Certificate) bag {
	t.Helper()
	inner := der(t, struct {
		ID   asn1.ObjectIdentifier
		Data asn1.RawValue
	}{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 22, 1}, explicit(der(t, c.Raw))})
	return bag{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 3}, explicit(inner)}
}

// unprotected assembles a PFX without encryption and check out of any bags, one list for each safe: the odd files that
// no encoder at hand writes.
func unprotected(t testing.TB, safes ...[]bag) []byte {
	t.Helper()
	data := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	var parts []content
	for _, bags := range safes {
		parts = append(parts, content{data, explicit(der(t, der(t, bags)))})
	}
	return der(t, struct {
		Version int
		Safe    content
	}{3, content{data, explicit(der(t, der(t, parts)))}})
}

// openssl runs the openssl command in a folder that holds key.pem, cert.pem and chain.pem of b, and returns the file out.
func openssl(t testing.TB, b *certificate.Bundle, args ...string) []byte {
	t.Helper()
	return opensslAfter(t, b, "", args...)
}

// opensslAfter is openssl after a shell command in the same folder.
func opensslAfter(t testing.TB, b *certificate.Bundle, prepare string, args ...string) []byte {
	t.Helper()
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("the openssl command is not installed")
	}
	dir := t.TempDir()
	pkcs8, err := x509.MarshalPKCS8PrivateKey(b.Key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, blocks ...*pem.Block) {
		var text []byte
		for _, block := range blocks {
			text = append(text, pem.EncodeToMemory(block)...)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("key.pem", &pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
	write("cert.pem", &pem.Block{Type: "CERTIFICATE", Bytes: b.Leaf.Raw})
	var chain []*pem.Block
	for _, c := range b.Chain {
		chain = append(chain, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	}
	write("chain.pem", chain...)
	if prepare != "" {
		shell := exec.Command("sh", "-c", prepare)
		shell.Dir = dir
		if text, err := shell.CombinedOutput(); err != nil {
			t.Skipf("this openssl cannot make such a key: %s", text)
		}
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if text, err := cmd.CombinedOutput(); err != nil {
		if args[len(args)-1] == "-legacy" {
			t.Skipf("this openssl has no legacy provider: %s", text)
		}
		t.Fatalf("openssl %v: %v\n%s", args, err, text)
	}
	out, err := os.ReadFile(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	return out
}
