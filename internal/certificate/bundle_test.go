package certificate_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

func TestPEMRoundTrip(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]*certificate.Bundle{"alone": self(t, "alone"), "chained": issued(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := certificate.ReadPEM(b.PEM())
			wantBundle(t, got, b, err)
			if !got.PEM().Equal(b.PEM()) {
				t.Error("the second writing differs from the first")
			}
		})
	}
}

func TestReadPEMRefuses(t *testing.T) {
	t.Parallel()
	a, b := self(t, "a"), self(t, "b")
	ec, _ := elliptic256(t)
	ecDER, _ := x509.MarshalPKCS8PrivateKey(ec)
	whole := a.PEM().Reveal()
	key, leaf := whole[:strings.Index(whole, "-----BEGIN CERT")], whole[strings.Index(whole, "-----BEGIN CERT"):]
	other := b.PEM().Reveal()
	for name, text := range map[string]string{
		"nothing": "", "no key": leaf, "no certificate": key, "two keys": key + whole,
		"another's key": other[:strings.Index(other, "-----BEGIN CERT")] + leaf,
		"EC key":        string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: ecDER})) + leaf,
		"damaged key":   "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" + leaf,
		"damaged leaf":  key + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
	} {
		if got, err := certificate.ReadPEM(secret.New(text)); err == nil || got != nil {
			t.Errorf("%s: it was read", name)
		}
	}
}

func TestPFXIsReadByOpenSSL(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("the openssl command is not installed")
	}
	b := issued(t)
	for name, password := range map[string]string{"plain": "correct horse", "empty": "", "umlauts": "Schlüssel"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := b.PFX(secret.New(password))
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "out.pfx")
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			text, err := exec.Command(program, "pkcs12", "-in", file, "-nodes", "-passin", "pass:"+password).Output()
			if err != nil {
				t.Fatalf("openssl: %v", err)
			}
			got, err := certificate.ReadPEM(secret.New(string(text)))
			wantBundle(t, got, b, err)
			got, err = certificate.ReadPFX(data, secret.New(password), day())
			wantBundle(t, got, b, err)
		})
	}
	if _, err := b.PFX(secret.New("🐴")); !fault.Is(err, fault.Invalid) {
		t.Errorf("a password that cannot be written: %v", err)
	}
}

func TestThumbprintIsWhatOpenSSLSays(t *testing.T) {
	t.Parallel()
	b := self(t, "backup-cert")
	printed := string(openssl(t, b, "x509", "-in", "cert.pem", "-noout", "-fingerprint", "-sha1", "-out", "out"))
	_, hex, _ := strings.Cut(strings.TrimSpace(printed), "=")
	if want := strings.ReplaceAll(hex, ":", ""); b.Thumbprint() != want || len(want) != 40 {
		t.Errorf("thumbprint %s, openssl says %s", b.Thumbprint(), want)
	}
	if b.Subject() != "CN=backup-cert" {
		t.Errorf("subject %q", b.Subject())
	}
}

func TestNewSelfSigned(t *testing.T) {
	t.Parallel()
	start, end := day().Add(time.Millisecond), day().AddDate(2, 0, 0)
	b, err := certificate.NewSelfSigned("CN=backup-prod", 2048, start, end)
	if err != nil {
		t.Fatal(err)
	}
	if b.Subject() != "CN=backup-prod" || !b.Leaf.NotBefore.Equal(day()) || !b.Leaf.NotAfter.Equal(end) {
		t.Errorf("%s from %s to %s", b.Subject(), b.Leaf.NotBefore, b.Leaf.NotAfter)
	}
	if b.Leaf.SerialNumber.Sign() != 1 || !b.Key.PublicKey.Equal(b.Leaf.PublicKey) || len(b.Chain) != 0 {
		t.Error("serial number, key or chain are not right")
	}
	if err := b.Leaf.CheckSignature(b.Leaf.SignatureAlgorithm, b.Leaf.RawTBSCertificate, b.Leaf.Signature); err != nil {
		t.Errorf("its own signature: %v", err)
	}
	for field, f := range map[string]func() (*certificate.Bundle, error){
		"subject": func() (*certificate.Bundle, error) { return certificate.NewSelfSigned("CN= ", 2048, start, end) },
		"bits":    func() (*certificate.Bundle, error) { return certificate.NewSelfSigned("x", 1024, start, end) },
		"end":     func() (*certificate.Bundle, error) { return certificate.NewSelfSigned("x", 2048, end, end) },
	} {
		_, err := f()
		if !fault.Is(err, fault.Invalid) || fault.From(err).Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestBundlesDoNotPrintTheirKey(t *testing.T) {
	t.Parallel()
	b := self(t, "backup-cert")
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("read", "certificate", b)
	shown := fmt.Sprintf("%v %+v %#v %s %d", b, b, b, b, b) + log.String()
	if strings.Contains(shown, b.Key.D.String()[:20]) || strings.Contains(shown, b.Key.Primes[0].String()[:20]) {
		t.Error("the key shows")
	}
	if !strings.Contains(shown, b.Thumbprint()) {
		t.Errorf("it does not say which certificate it is: %s", shown)
	}
}
