// Package seal encrypts secrets before they reach the store.
//
// Each value is sealed with AES-256-GCM (Tink) under a data key, and bound to its place: table, column and row. A sealed
// value that is changed, or copied to another row, does not open. The data key lies in the database, wrapped by a
// key-encryption key that lies in a file beside it. Who has only the database (a backup, a stolen disk image without the
// key file) has no secret; who has both has all of them.
package seal

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

const redacted = "[redacted]"

// wrapPlace is the associated data of wrapped data keys.
const wrapPlace = "evercred:data_keys:wrapped:v1"

// KeyEncryptionKey wraps data keys. LoadKey makes one. It is safe for concurrent use, and prints as [redacted].
type KeyEncryptionKey struct {
	path string
	aead tink.AEAD
}

// NewDataKey makes a data key, wrapped for the database and ready for use.
func (k *KeyEncryptionKey) NewDataKey() (wrapped []byte, s *Sealer, err error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, nil, fmt.Errorf("making a data key: %w", err)
	}
	var out bytes.Buffer
	if err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&out), k.aead, []byte(wrapPlace)); err != nil {
		return nil, nil, fmt.Errorf("wrapping a data key: %w", err)
	}
	s, err = newSealer(handle)
	return out.Bytes(), s, err
}

// Unwrap opens a data key that NewDataKey wrapped. If the key-encryption key is another one, or the wrapped key was
// changed, the error is a fault that says which file is at issue.
func (k *KeyEncryptionKey) Unwrap(wrapped []byte) (*Sealer, error) {
	handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(wrapped)), k.aead, []byte(wrapPlace))
	if err != nil {
		return nil, fault.New(fault.Refused, "The key file %s does not open this database.", k.path).
			WithMeaning("The database was sealed with another key, or its data key is damaged. Nothing was changed.").
			WithRemedy("Put back the key file that belongs to the database, or restore both from the same backup.").
			WithCause(errors.New("unwrapping the data key failed"))
	}
	return newSealer(handle)
}

func newSealer(handle *keyset.Handle) (*Sealer, error) {
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("using a data key: %w", err)
	}
	return &Sealer{primitive}, nil
}

// Sealer seals and opens values under one data key. It is safe for concurrent use, and prints as [redacted].
type Sealer struct{ aead tink.AEAD }

// Place is where a sealed value is kept. A value opens only where it was sealed for.
type Place struct{ Table, Column, RowID string }

// associated returns the associated data. Colons in the first two parts would make two places look alike.
func (p Place) associated() ([]byte, error) {
	if p.Table == "" || p.Column == "" || p.RowID == "" || strings.Contains(p.Table+p.Column, ":") {
		return nil, fmt.Errorf("sealing: %q is not a place", p.String())
	}
	return []byte("evercred:" + p.Table + ":" + p.Column + ":" + p.RowID + ":v1"), nil
}

// String names the place for people and logs.
func (p Place) String() string { return p.Table + "." + p.Column + " of " + p.RowID }

// Seal encrypts a value for a place. Two seals of the same value differ.
func (s *Sealer) Seal(v secret.Value, at Place) ([]byte, error) {
	ad, err := at.associated()
	if err != nil {
		return nil, err
	}
	sealed, err := s.aead.Encrypt([]byte(v.Reveal()), ad)
	if err != nil {
		return nil, fmt.Errorf("sealing %s: %w", at, err)
	}
	return sealed, nil
}

// Open decrypts a value at its place. The fault of one that was changed or moved has code Internal.
func (s *Sealer) Open(sealed []byte, at Place) (secret.Value, error) {
	ad, err := at.associated()
	if err != nil {
		return secret.Value{}, err
	}
	plain, err := s.aead.Decrypt(sealed, ad)
	if err != nil {
		return secret.Value{}, fault.New(fault.Internal, "A sealed value does not open: %s.", at).
			WithMeaning("It was changed or moved outside Evercred, or the disk is damaged. The other values are not affected.").
			WithRemedy("Restore the database and its key file from the same backup, or renew the account's credential.").
			WithCause(fmt.Errorf("opening %s: %w", at, err))
	}
	defer clear(plain)
	return secret.New(string(plain)), nil
}

// String never prints a key; neither do the others.
func (*KeyEncryptionKey) String() string               { return redacted }
func (*KeyEncryptionKey) Format(s fmt.State, _ rune)   { _, _ = s.Write([]byte(redacted)) }
func (*KeyEncryptionKey) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (*KeyEncryptionKey) MarshalText() ([]byte, error) { return []byte(redacted), nil }
func (*Sealer) String() string                         { return redacted }
func (*Sealer) Format(s fmt.State, _ rune)             { _, _ = s.Write([]byte(redacted)) }
func (*Sealer) LogValue() slog.Value                   { return slog.StringValue(redacted) }
func (*Sealer) MarshalText() ([]byte, error)           { return []byte(redacted), nil }
