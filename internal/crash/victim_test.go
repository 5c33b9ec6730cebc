package crash

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// asVictim makes this test program be a process that is killed at a point: its value is the trial, and the folder follows.
const (
	asVictim   = "EVERCRED_CRASH_VICTIM"
	inFolder   = "EVERCRED_CRASH_FOLDER"
	keysFolder = "EVERCRED_CRASH_KEYS"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(asVictim); name != "" {
		fmt.Fprintln(os.Stderr, die(context.Background(), name))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// die plays a trial until the kill. It returns only when that was not met.
func die(ctx context.Context, name string) error {
	t, err := parse(name)
	if err != nil {
		return err
	}
	keys, err := readKeys(os.Getenv(keysFolder))
	if err != nil {
		return err
	}
	w, err := open(ctx, os.Getenv(inFolder), keys, epoch(), &disturber{kind: t.kind, what: t.what, at: t.at})
	if err != nil {
		return err
	}
	defer w.close()
	return errors.Join(errors.New("the point was not reached"), t.kind.act(ctx, w))
}

// victim runs a process that is killed.
func (f *fields) victim(ctx context.Context, dir string, t trial) error {
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), asVictim+"="+t.String(), inFolder+"="+dir, keysFolder+"="+f.keys.folder, "GOMAXPROCS=2")
	var said bytes.Buffer
	cmd.Stderr = &said
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
			return nil
		}
	}
	return fmt.Errorf("the process was not killed: %w: %s", err, said.String())
}

// makeKeys makes the keys of all worlds, in a folder where other processes find them.
func makeKeys(dir string) (*keyring, error) {
	for _, name := range []string{"signer", "account"} {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, name), x509.MarshalPKCS1PrivateKey(key), 0o600); err != nil {
			return nil, err
		}
	}
	return readKeys(dir)
}

func readKeys(dir string) (*keyring, error) {
	var keys []*rsa.PrivateKey
	for _, name := range []string{"signer", "account"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		key, err := x509.ParsePKCS1PrivateKey(raw)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return &keyring{signer: keys[0], account: keys[1], folder: dir}, nil
}

func kindNamed(name string) (kind, bool) {
	all := kinds()
	i := slices.IndexFunc(all, func(k kind) bool { return k.name == name })
	if i < 0 {
		return kind{}, false
	}
	return all[i], true
}
