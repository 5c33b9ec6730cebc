package graph

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

type keyJSON struct {
	KeyID       string    `json:"keyId"`
	DisplayName string    `json:"displayName"`
	CustomID    string    `json:"customKeyIdentifier"`
	Type        string    `json:"type"`
	DER         string    `json:"key"` // base64; only where keyCredentials is selected on a single object
	Start       time.Time `json:"startDateTime"`
	End         time.Time `json:"endDateTime"`
}

func (k keyJSON) value() Key {
	return Key{KeyID: k.KeyID, DisplayName: k.DisplayName, Thumbprint: k.thumbprint(), Start: k.Start, End: k.End}
}

// thumbprint computes it from the certificate where Graph gives it, and else takes it from customKeyIdentifier: since
// 2020 that is 40 hex digits (recorded answers), older entries have base64 of the 20 bytes, or of the digits. It may
// also be anything that its maker chose; then the thumbprint is not known.
func (k keyJSON) thumbprint() string {
	if k.Type == "Symmetric" {
		return ""
	}
	if der, err := base64.StdEncoding.DecodeString(k.DER); err == nil && len(der) > 0 {
		return fmt.Sprintf("%X", sha1.Sum(der))
	}
	if isSHA1(k.CustomID) {
		return strings.ToUpper(k.CustomID)
	}
	text := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(k.CustomID, "="))
	raw, err := base64.RawStdEncoding.DecodeString(text)
	switch {
	case err != nil:
	case len(raw) == sha1.Size:
		return fmt.Sprintf("%X", raw)
	case isSHA1(string(raw)):
		return strings.ToUpper(string(raw))
	}
	return ""
}

func isSHA1(text string) bool {
	raw, err := hex.DecodeString(text)
	return err == nil && len(raw) == sha1.Size
}
