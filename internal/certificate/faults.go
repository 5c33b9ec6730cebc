package certificate

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// What go-pkcs12 0.7.4 says. It has sentinels for a wrong password and for failed decryption only; a test holds these
// texts against the library with real files, so that an update that rewords them is noticed.
const (
	noMAC       = "pkcs12: no MAC in data"
	noKey       = "pkcs12: private key missing"
	noLeaf      = "pkcs12: certificate missing"
	manyKeys    = "pkcs12: expected exactly one key bag"
	manySafes   = "items in the authenticated safe"
	badPKCS8    = "error parsing PKCS#8 private key"
	badShrouded = "error decrypting PKCS#8 shrouded key bag"
	signedPFX   = "only password-protected PFX"
)

func badFile(message, remedy string) *fault.Error {
	return fault.BadField("certificate", message, remedy)
}

func badPassword(message, remedy string) *fault.Error {
	return fault.BadField("password", message, remedy)
}

const reexport = "Export it again: `openssl pkcs12 -in OLD -out all.pem` and then `openssl pkcs12 -export -in all.pem -out NEW.pfx`, " +
	"or in Windows with \"Personal Information Exchange - PKCS #12\" and AES256-SHA256."

// explain turns an error of go-pkcs12 into the fault that people read.
func explain(data []byte, password secret.Value, err error) *fault.Error {
	text := err.Error()
	var unsupported pkcs12.NotImplementedError
	has := func(part string) bool { return strings.Contains(text, part) }
	f := func() *fault.Error {
		switch {
		case errors.Is(err, pkcs12.ErrIncorrectPassword) && password.Empty():
			return badPassword("The certificate file is protected by a password, and none was given.",
				"Give the password that was set when the file was exported.")
		case errors.Is(err, pkcs12.ErrIncorrectPassword):
			return badPassword("The password does not open the certificate file.",
				"Give the password that was set when the file was exported; capitals, keyboard layout and a trailing space matter.")
		case text == manyKeys || has(manySafes) && visibleKeys(data) > 1:
			return faultManyKeys()
		case has(manySafes):
			return badFile("The file is divided in more parts than a certificate with its key has; it may hold several keys.",
				"Export one certificate with its private key on its own. "+reexport)
		case text == noKey:
			return badFile("The file has no private key: it holds certificates only.",
				"Export the certificate again and include the private key (in Windows: \"Yes, export the private key\").")
		case text == noLeaf:
			return badFile("The file has a private key, but no certificate.",
				"Export the certificate together with its private key.")
		case text == noMAC:
			return badFile("The file has no integrity check, so its password cannot be verified.",
				"Export it again without the option that leaves the check (MAC) out.")
		case has(signedPFX):
			return badFile("The file is protected by a certificate instead of a password.",
				"Export it again with a password.")
		case has("insecure") || has("key size too small"):
			return faultSmallKey("")
		case has(badPKCS8):
			return faultNotRSA()
		case errors.Is(err, pkcs12.ErrDecryption) || has(badShrouded):
			return badPassword("The password passes the file's check, but does not decrypt what is in it.",
				"The program that made the file encoded the password in its own way: export it again with a password of plain Latin letters and digits.")
		case has("indefinite length"):
			return faultBER()
		case errors.As(err, &unsupported):
			return badFile("The file uses an encryption that Evercred does not read ("+strings.TrimPrefix(text, "pkcs12: ")+").", reexport)
		case isASN1(err) || has("asn1:") || has("error reading P12 data"):
			return faultDamaged()
		}
		return badFile("The file cannot be read ("+strings.TrimPrefix(text, "pkcs12: ")+").", reexport)
	}()
	return f.WithCause(err)
}

func isASN1(err error) bool {
	var syntax asn1.SyntaxError
	var structural asn1.StructuralError
	return errors.As(err, &syntax) || errors.As(err, &structural)
}

func faultDamaged() *fault.Error {
	return badFile("The file is a PFX/P12, but it is damaged or cut short.", "Copy it again in binary mode, or export it again.")
}

func faultBER() *fault.Error {
	return badFile("The file is a PFX/P12 in BER encoding, which Evercred does not read.", reexport)
}

func faultManyKeys() *fault.Error {
	return badFile("The file has several private keys, so it is not clear which one is meant.",
		"Export one certificate with its private key on its own.")
}

func faultNotRSA() *fault.Error {
	return badFile("The private key is not an RSA key.",
		"Microsoft Entra takes RSA keys only: make a certificate with an RSA key of 2048 bits or more.")
}

func faultSmallKey(size string) *fault.Error {
	return badFile(fmt.Sprintf("The RSA key%s is too small.", size),
		"Microsoft Entra takes RSA keys of 2048 bits and more: make a new certificate.")
}

func faultBeyondBMP() *fault.Error {
	return badPassword("The password has characters, such as emoji, that PFX passwords cannot be relied on to hold.",
		"Export the file with a password of letters, digits and signs.")
}
