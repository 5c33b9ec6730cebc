package resource

import (
	"encoding/json"

	"github.com/evercred/evercred/internal/secret"
)

// Secret is a secret inside a request or response body. It still prints as [redacted] through fmt and slog, but
// encoding/json writes it out: that is how it gets to the other side. Nothing that holds one may be logged.
type Secret struct{ secret.Value } //nolint:recvcheck // marshalling needs values, unmarshalling a pointer

// Reveal wraps a secret that leaves on purpose. An empty one gives nil, which JSON leaves out.
func Reveal(v secret.Value) *Secret {
	if v.Empty() {
		return nil
	}
	return &Secret{v}
}

// Take returns the secret of an optional field; an absent one is empty.
func (s *Secret) Take() secret.Value {
	if s == nil {
		return secret.Value{}
	}
	return s.Value
}

// MarshalText writes the secret itself.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.Value.Reveal()), nil }

// MarshalJSON is MarshalText's form in JSON; without it the redacting method of secret.Value would win.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.Value.Reveal()) }

// UnmarshalText reads a secret.
func (s *Secret) UnmarshalText(text []byte) error {
	s.Value = secret.New(string(text))
	return nil
}
