package seal

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"github.com/evercred/evercred/internal/fault"
)

// keySize is that of an AES-256 key, in bytes.
const keySize = 32

// maxKeyFile is more than a key file ever holds, in bytes.
const maxKeyFile = 4096

// LoadKey reads the key-encryption key from a file: 32 random bytes in Base64, mode 0600. Where the file is missing and
// there is no database yet, it makes one; beside a database a missing key is a fault, for a new one would open nothing.
// So is a key file that others can read, or that does not hold a key. The faults have code Refused.
func LoadKey(path string, databaseExists bool) (*KeyEncryptionKey, error) {
	_, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && databaseExists:
		return nil, fault.New(fault.Refused, "The key file %s is missing, and there is a database that was sealed with it.", path).
			WithMeaning("Without this very file nobody can open the secrets in the database; a new one would not fit.").
			WithRemedy("Put the key file back from your backup. If it is lost for good, move the database away too and start anew.")
	case errors.Is(err, fs.ErrNotExist):
		if err := createKey(path); err != nil {
			return nil, fault.New(fault.Internal, "The key file %s could not be written: %v.", path, err).
				WithRemedy("Check that the folder can be written and that the disk is not full, then start again.").WithCause(err)
		}
	case err != nil:
		return nil, unreadable(path, err)
	}
	return readKey(path)
}

func readKey(path string) (*KeyEncryptionKey, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, unreadable(path, err)
	case !info.Mode().IsRegular():
		return nil, garbled(path, "it is not a regular file")
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0: // Windows keeps rights elsewhere
		return nil, fault.New(fault.Refused, "Others than its owner may read the key file %s (mode %04o).", path, info.Mode().Perm()).
			WithMeaning("Whoever reads it can open every secret in the database.").
			WithRemedy("Run `chmod 600 %s`. If others had access to this machine, renew the credentials.", path)
	case info.Size() > maxKeyFile:
		return nil, garbled(path, "it is too large")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer clear(text)
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	switch {
	case err != nil: // the decoder's own error could quote key bytes
		return nil, garbled(path, "it is not Base64")
	case len(key) != keySize:
		return nil, garbled(path, fmt.Sprintf("it holds %d bytes instead of %d", len(key), keySize))
	}
	primitive, err := subtle.NewAESGCM(key)
	if err != nil {
		return nil, garbled(path, "its key cannot be used")
	}
	return &KeyEncryptionKey{path: path, aead: primitive}, nil
}

// createKey writes a new key so that a crash leaves either a whole file or none, and so that of two processes that start
// at once one key wins: a key that another process may already have sealed with is never replaced.
func createKey(path string) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	defer clear(key)
	f, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}()
	if _, err := f.WriteString(base64.StdEncoding.EncodeToString(key) + "\n"); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	switch err := os.Link(f.Name(), path); {
	case errors.Is(err, fs.ErrExist): // another process was first; its key counts
		return nil
	case err != nil: // a file system without hard links
		if err := os.Rename(f.Name(), path); err != nil {
			return err
		}
	}
	return syncDir(dir)
}

// syncDir makes the new name durable. Windows cannot sync folders and does not need it.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func unreadable(path string, err error) error {
	return fault.New(fault.Refused, "The key file %s cannot be read: %v.", path, err).
		WithRemedy("Let the user that runs Evercred own the file, with mode 0600.").WithCause(err)
}

func garbled(path, what string) error {
	return fault.New(fault.Refused, "The key file %s does not hold a key: %s.", path, what).
		WithMeaning("It was cut short or changed. With a wrong key nothing in the database can be opened.").
		WithRemedy("Put the key file back from your backup. If there is no database yet, delete the file; a new one is made.")
}
