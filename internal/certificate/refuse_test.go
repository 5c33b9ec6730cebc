package certificate_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

type refusal struct {
	data     []byte
	password string
	now      time.Time // zero: day
	field    string
	want     string // part of the message
}

func (r refusal) check(t *testing.T) {
	t.Helper()
	now := r.now
	if now.IsZero() {
		now = day()
	}
	b, err := certificate.ReadPFX(r.data, secret.New(r.password), now)
	if err == nil || b != nil {
		t.Fatal("it was read")
	}
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		t.Fatalf("%T is not a fault: %v", err, err)
	}
	if f.Code != fault.Invalid || f.Field != r.field || f.Remedy == "" {
		t.Errorf("code %q, field %q, remedy %q; want invalid, %q and a remedy", f.Code, f.Field, f.Remedy, r.field)
	}
	if !strings.Contains(f.Message, r.want) {
		t.Errorf("message %q does not say %q", f.Message, r.want)
	}
	if len(r.password) > 4 && strings.Contains(f.Error(), r.password) {
		t.Error("the fault shows the password")
	}
}

func TestRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	b := self(t, "backup-cert")
	pfx, err := b.PFX(secret.New("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, _ := x509.MarshalPKCS8PrivateKey(b.Key)
	ec, ecCertificate := elliptic256(t)
	sec1, _ := x509.MarshalECPrivateKey(ec)
	csr, err := x509.CreateCertificateRequest(nil, &x509.CertificateRequest{}, b.Key)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	tests := map[string]refusal{
		"empty":                    {data: nil, want: "empty"},
		"over 1 MiB":               {data: bytes.Repeat([]byte{0x30}, certificate.MaxFileSize+1), want: "1 MiB"},
		"PEM with both":            {data: []byte(b.PEM().Reveal()), want: "PEM file with a key and a certificate"},
		"PEM certificate":          {data: block("CERTIFICATE", b.Leaf.Raw), want: "no private key"},
		"PEM key":                  {data: block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(b.Key)), want: "no certificate"},
		"PEM with bag attributes":  {data: append([]byte("Bag Attributes\n"), block("CERTIFICATE", b.Leaf.Raw)...), want: "PEM"},
		"PEM of something else":    {data: block("X509 CRL", []byte{0x30, 0}), want: "PEM"},
		"DER certificate":          {data: b.Leaf.Raw, want: "certificate without its private key"},
		"DER EC certificate":       {data: ecCertificate.Raw, want: "certificate without its private key"},
		"DER PKCS#8 key":           {data: pkcs8, want: "private key without a certificate"},
		"DER PKCS#1 key":           {data: x509.MarshalPKCS1PrivateKey(b.Key), want: "private key without a certificate"},
		"DER EC key":               {data: sec1, want: "private key without a certificate"},
		"certificate request":      {data: csr, want: "certificate request"},
		"JKS":                      {data: []byte{0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2}, want: "Java keystore"},
		"zip":                      {data: []byte("PK\x03\x04\x14\x00rest"), want: "zip archive"},
		"web page":                 {data: []byte("\r\n<!DOCTYPE html><html><title>Sign in</title>"), want: "web page"},
		"web page with a comment":  {data: []byte("<!-- x --><HTML>"), want: "web page"},
		"XML":                      {data: []byte("<?xml version=\"1.0\"?><a/>"), want: "XML"},
		"text":                     {data: []byte("hunter2\n"), want: "text file"},
		"white space":              {data: []byte(" \n\t"), want: "white space"},
		"SSH key":                  {data: []byte("ssh-rsa AAAA me@host"), want: "SSH"},
		"Base64 of a PFX":          {data: []byte(base64.StdEncoding.EncodeToString(pfx) + "\n"), want: "Base64"},
		"noise":                    {data: []byte{0x8f, 0, 1, 2, 0xff}, want: "not a PFX/P12"},
		"other ASN.1":              {data: []byte{0x30, 3, 2, 1, 3}, want: "not a PFX/P12"},
		"version 1":                {data: []byte{0x30, 5, 2, 1, 1, 0x30, 0}, want: "not a PFX/P12"},
		"cut short":                {data: pfx[:len(pfx)/2], want: "cut short"},
		"too long":                 {data: append(slices.Clone(pfx), "\r\n"...), want: "2 bytes too many"},
		"BER":                      {data: append(append([]byte{0x30, 0x80}, pfx[4:]...), 0, 0), want: "BER"},
		"BER inside":               {data: []byte{0x30, 9, 2, 1, 3, 0x30, 0x80, 0, 0, 0, 0}, want: "BER"},
		"changed inside the check": {data: flip(pfx, len(pfx)-10), password: "correct horse", field: "password", want: "does not open"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.field == "" {
				tt.field = "certificate"
			}
			tt.check(t)
		})
	}
}

func flip(data []byte, at int) []byte {
	out := slices.Clone(data)
	out[at] ^= 0xff
	return out
}

func TestRefusesWhatEntraWouldRefuse(t *testing.T) {
	t.Parallel()
	b, other := self(t, "backup-cert"), self(t, "other")
	ec, ecCertificate := elliptic256(t)
	encode := func(key any, leaf *x509.Certificate, password string) []byte {
		data, err := pkcs12.Modern.Encode(key, leaf, nil, password)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	good := encode(b.Key, b.Leaf, "correct horse")
	emptyPassword := encode(b.Key, b.Leaf, "")
	trust, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{b.Leaf, other.Leaf}, "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	k, c, k2, c2 := keyBag(t, b.Key), certificateBag(t, b.Leaf), keyBag(t, other.Key), certificateBag(t, other.Leaf)
	tests := map[string]refusal{
		"wrong password":             {good, "battery staple", time.Time{}, "password", "does not open"},
		"capitals":                   {good, "Correct horse", time.Time{}, "password", "does not open"},
		"trailing line break":        {good, "correct horse\n", time.Time{}, "password", "does not open"},
		"no password":                {good, "", time.Time{}, "password", "none was given"},
		"password for an empty one":  {emptyPassword, "correct horse", time.Time{}, "password", "does not open"},
		"emoji":                      {good, "correct 🐴", time.Time{}, "password", "emoji"},
		"certificates only":          {trust, "correct horse", time.Time{}, "certificate", "no private key"},
		"key only":                   {unprotected(t, []bag{k}), "", time.Time{}, "certificate", "no certificate"},
		"nothing inside":             {unprotected(t, []bag{}), "", time.Time{}, "certificate", "no certificate"},
		"two keys":                   {unprotected(t, []bag{k, c, k2, c2}), "", time.Time{}, "certificate", "several private keys"},
		"two keys, each in a safe":   {unprotected(t, []bag{c, c2}, []bag{k}, []bag{k2}), "", time.Time{}, "certificate", "several private keys"},
		"three safes, one key":       {unprotected(t, []bag{c}, []bag{k}, []bag{c2}), "", time.Time{}, "certificate", "more parts"},
		"key of another certificate": {encode(other.Key, b.Leaf, "x"), "x", time.Time{}, "certificate", "belongs to none"},
		"elliptic curve":             {encode(ec, ecCertificate, "x"), "x", time.Time{}, "certificate", "not an RSA key"},
		"expired":                    {good, "correct horse", day().AddDate(2, 0, 0), "certificate", "expired on 2026-06-15"},
		"not yet valid":              {good, "correct horse", day().AddDate(-2, 0, 0), "certificate", "not valid before 2025-05-15"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.check(t)
		})
	}
}

func TestRefusesWhatOpenSSLWrites(t *testing.T) {
	t.Parallel()
	b := self(t, "backup-cert")
	pack := []string{"pkcs12", "-export", "-inkey", "k", "-in", "c", "-out", "out", "-passout", "pass:x"}
	shell := func(newKey string) string {
		return "openssl req -x509 -newkey " + newKey + " -nodes -keyout k -out c -days 3650 -subj /CN=x 2>&1"
	}
	tests := map[string]struct {
		prepare string // a shell command that makes k and c
		args    []string
		want    string
	}{
		"without its key":        {"", []string{"pkcs12", "-export", "-nokeys", "-in", "cert.pem", "-out", "out", "-passout", "pass:x"}, "no private key"},
		"certificates, PKCS#7":   {"", []string{"crl2pkcs7", "-nocrl", "-certfile", "cert.pem", "-outform", "DER", "-out", "out"}, "PKCS #7"},
		"RSA of 1024 bits":       {shell("rsa:1024"), pack, "too small"},
		"RSA of 512 bits":        {shell("rsa:512"), pack, "too small"},
		"EC P-384":               {shell("ec -pkeyopt ec_paramgen_curve:P-384"), pack, "not an RSA key"},
		"EC secp256k1":           {shell("ec -pkeyopt ec_paramgen_curve:secp256k1"), pack, ""},
		"Ed25519":                {shell("ed25519"), pack, "not an RSA key"},
		"encrypted, not checked": {"", []string{"pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-out", "out", "-passout", "pass:x", "-nomac"}, "no integrity check"},
		"Camellia": {"", []string{
			"pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-out", "out", "-passout", "pass:x",
			"-keypbe", "CAMELLIA-256-CBC", "-certpbe", "CAMELLIA-256-CBC",
		}, "encryption that Evercred does not read"},
		"SHA-384 check": {"", []string{
			"pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-out", "out", "-passout", "pass:x",
			"-macalg", "sha384",
		}, "encryption that Evercred does not read"},
		"absurd work": {"", []string{
			"pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-out", "out", "-passout", "pass:x",
			"-iter", "2000001", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1",
		}, "stretched 2000001 times"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := opensslAfter(t, b, tt.prepare, tt.args...)
			refusal{data: data, password: "x", now: time.Now().Add(time.Hour), field: "certificate", want: tt.want}.check(t)
		})
	}
}
