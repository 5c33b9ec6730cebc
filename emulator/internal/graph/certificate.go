package graph

import (
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
)

func standard64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// decode64 reads base64 as clients send it: either alphabet, with or without padding, with line breaks inside.
func decode64(s string) ([]byte, error) {
	s = strings.NewReplacer("\r", "", "\n", "", " ", "", "-", "+", "_", "/").Replace(s)
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
}

// parseCertificate reads the key of a keyCredential: base64 of a certificate in DER, or of its PEM text.
func parseCertificate(key string) (*x509.Certificate, error) {
	der, err := decode64(key)
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(der); block != nil {
		if block.Type != "CERTIFICATE" {
			return nil, errors.New("the PEM text holds no certificate")
		}
		der = block.Bytes
	}
	return x509.ParseCertificate(der)
}

// thumbprint is the SHA-1 of the DER in upper-case hex, which is what customKeyIdentifier shows (recorded 2022 to 2024).
func thumbprint(der []byte) string {
	sum := sha1.Sum(der)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// subjectName writes a subject as .NET does: last part first, ", " between, S for the state
// (recorded: "O=Internet Widgits Pty Ltd, S=Some-State, C=AU").
func subjectName(der []byte) string {
	var rdns pkix.RDNSequence
	if _, err := asn1.Unmarshal(der, &rdns); err != nil {
		return ""
	}
	var parts []string
	for _, rdn := range slices.Backward(rdns) {
		var set []string
		for _, a := range rdn {
			set = append(set, attributeName(a.Type)+"="+attributeValue(fmt.Sprint(a.Value)))
		}
		parts = append(parts, strings.Join(set, " + "))
	}
	return strings.Join(parts, ", ")
}

func attributeName(oid asn1.ObjectIdentifier) string {
	switch oid.String() {
	case "2.5.4.3":
		return "CN"
	case "2.5.4.4":
		return "SN"
	case "2.5.4.5":
		return "SERIALNUMBER"
	case "2.5.4.6":
		return "C"
	case "2.5.4.7":
		return "L"
	case "2.5.4.8":
		return "S"
	case "2.5.4.9":
		return "STREET"
	case "2.5.4.10":
		return "O"
	case "2.5.4.11":
		return "OU"
	case "0.9.2342.19200300.100.1.25":
		return "DC"
	case "1.2.840.113549.1.9.1":
		return "E"
	}
	return "OID." + oid.String()
}

func attributeValue(v string) string {
	if strings.ContainsAny(v, ",+=\"\n<>#;") || strings.TrimSpace(v) != v || v == "" {
		return `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
	}
	return v
}
