// Package secret has the one type in which secrets travel through memory.
//
// A Value prints as [redacted] through fmt, log/slog and encoding/json, so that a stray %v cannot leak it.
// Call Reveal only where the secret leaves for Microsoft, for the sealed store, or for a person by an audited act.
package secret

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Value is a secret: a client secret's text, a private key in PEM, a token. The zero Value is empty.
type Value struct{ text string }

// New wraps a secret.
func New(text string) Value { return Value{text} }

// Reveal returns the secret itself.
func (v Value) Reveal() string { return v.text }

// Empty reports whether there is no secret.
func (v Value) Empty() bool { return v.text == "" }

// Equal compares in constant time.
func (v Value) Equal(o Value) bool {
	return subtle.ConstantTimeCompare([]byte(v.text), []byte(o.text)) == 1
}

// Hint returns the first three characters, which Entra itself shows beside a secret to tell it from others
// (Microsoft Graph, passwordCredential.hint). Shorter secrets have no hint.
func (v Value) Hint() string {
	if len(v.text) < 16 {
		return ""
	}
	return v.text[:3]
}

func (Value) String() string               { return redacted }
func (Value) GoString() string             { return redacted }
func (Value) Format(s fmt.State, _ rune)   { _, _ = s.Write([]byte(redacted)) }
func (Value) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (Value) MarshalText() ([]byte, error) { return []byte(redacted), nil }
func (Value) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
