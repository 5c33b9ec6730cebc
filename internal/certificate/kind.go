package certificate

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/evercred/evercred/internal/fault"
)

const giveAPFX = "Choose the .PFX or .P12 file that holds the certificate and its private key."

// notPFX returns the fault of a file that is no PFX/P12, whatever its name, and says what it seems to be; nil for one
// that looks like a PFX and may be decoded.
func notPFX(data []byte) *fault.Error {
	switch {
	case len(data) == 0:
		return badFile("The certificate file is empty.", giveAPFX)
	case len(data) > MaxFileSize:
		return badFile(fmt.Sprintf("The certificate file is too large: it has %d bytes, and 1 MiB (%d bytes) is the most.",
			len(data), MaxFileSize), giveAPFX)
	case bytes.HasPrefix(data, []byte{0x30, 0x80}):
		return faultBER()
	case data[0] == 0x30:
		return notPFXInDER(data)
	}
	seems, remedy := seemsToBe(data)
	return badFile("The file is not a PFX/P12"+seems+".", remedy)
}

// seemsToBe says in words what a file that is not ASN.1 looks like, and what to do about it.
func seemsToBe(data []byte) (seems, remedy string) {
	text := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	lower := strings.ToLower(string(text[:min(len(text), 512)]))
	switch {
	case bytes.Contains(text, []byte("-----BEGIN ")):
		return seemsPEM(text)
	case bytes.HasPrefix(data, []byte{0xfe, 0xed, 0xfe, 0xed}), bytes.HasPrefix(data, []byte{0xce, 0xce, 0xce, 0xce}):
		return "; it is a Java keystore (JKS)",
			"Convert it: `keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype PKCS12 -srcalias NAME`."
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("PK\x05\x06")):
		return "; it is a zip archive", "Unpack it and choose the .PFX or .P12 file inside."
	case strings.HasPrefix(lower, "<!doctype html"), strings.HasPrefix(lower, "<html"), strings.Contains(lower, "<html"):
		return "; it is a web page, perhaps the sign-in page of the site it was downloaded from", "Download it again while signed in there."
	case strings.HasPrefix(lower, "<?xml"):
		return "; it is an XML document", giveAPFX
	case strings.HasPrefix(lower, "ssh-"):
		return "; it is an SSH public key", giveAPFX
	case base64PFX(text):
		return "; it is one in Base64 text, as Azure Key Vault gives it out", "Decode it first: `base64 -d FILE > NEW.pfx`."
	case len(text) == 0:
		return "; it holds nothing but white space", giveAPFX
	case utf8.Valid(data) && !bytes.ContainsRune(data, 0):
		return "; it is a text file", giveAPFX
	}
	return "", giveAPFX
}

func seemsPEM(text []byte) (seems, remedy string) {
	var key, certificate bool
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		key = key || strings.HasSuffix(block.Type, "PRIVATE KEY")
		certificate = certificate || block.Type == certificateBlock
	}
	const convert = "Convert it: `openssl pkcs12 -export -in FILE -inkey KEYFILE -out NEW.pfx`."
	switch {
	case key && certificate:
		return "; it is a PEM file with a key and a certificate", "Convert it: `openssl pkcs12 -export -in FILE -out NEW.pfx`."
	case certificate:
		return "; it is a PEM file with certificates and no private key", convert
	case key:
		return "; it is a PEM file with a private key and no certificate",
			"Convert it with its certificate: `openssl pkcs12 -export -in CERTIFICATE -inkey FILE -out NEW.pfx`."
	}
	return "; it is a PEM file", convert
}

func base64PFX(text []byte) bool {
	clean := strings.Join(strings.Fields(string(text)), "")
	raw, err := base64.StdEncoding.DecodeString(clean)
	return err == nil && len(raw) > 0 && raw[0] == 0x30
}

// notPFXInDER tells PFX files from the other things that are ASN.1 sequences.
func notPFXInDER(data []byte) *fault.Error {
	if seems := derKind(data); seems != "" {
		return badFile("The file is not a PFX/P12; it is "+seems+".",
			"Export the certificate together with its private key as .PFX or .P12.")
	}
	var pfx struct {
		Version  int
		AuthSafe asn1.RawValue
		Mac      asn1.RawValue `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(data, new(asn1.RawValue)); err != nil { // only the announced length can be wrong
		return badFile("The file is cut short: it announces more than it holds.", "Copy it again in binary mode, or export it again.").WithCause(err)
	}
	rest, err := asn1.Unmarshal(data, &pfx)
	switch {
	case err != nil && strings.Contains(err.Error(), "indefinite length"):
		return faultBER().WithCause(err)
	case err != nil, pfx.Version != 3:
		return badFile("The file is not a PFX/P12.", giveAPFX).WithCause(err)
	case len(rest) != 0:
		return badFile(fmt.Sprintf("The file has %d bytes too many after its end.", len(rest)), "Copy it again in binary mode, or export it again.")
	}
	if n := iterations(data, 0); n > maxIterations {
		return badFile(fmt.Sprintf("The file's password is stretched %d times; %d is the most that is read.", n, maxIterations), reexport)
	}
	return nil
}

// derKind names the other DER files that people take for a PFX.
func derKind(data []byte) string {
	if _, err := x509.ParseCertificate(data); err == nil {
		return "a certificate without its private key (DER, often named .cer, .crt or .der)"
	}
	if _, err := x509.ParsePKCS8PrivateKey(data); err == nil {
		return "a private key without a certificate (DER)"
	}
	if _, err := x509.ParsePKCS1PrivateKey(data); err == nil {
		return "an RSA private key without a certificate (DER)"
	}
	if _, err := x509.ParseECPrivateKey(data); err == nil {
		return "an elliptic-curve private key without a certificate (DER)"
	}
	if _, err := x509.ParseCertificateRequest(data); err == nil {
		return "a certificate request, which is not a certificate yet"
	}
	var p7 struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}
	signed := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	if _, err := asn1.Unmarshal(data, &p7); err == nil && p7.Type.Equal(signed) {
		return "a bundle of certificates without a private key (PKCS #7, often named .p7b)"
	}
	return ""
}
