//go:build unix

package crash

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// asVictim makes this test program be the process that a trial is about: its value is the trial.
const (
	asVictim   = "EVERCRED_CRASH_VICTIM"
	inFolder   = "EVERCRED_CRASH_FOLDER"
	keysFolder = "EVERCRED_CRASH_KEYS"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(asVictim); name != "" {
		if err := beVictim(context.Background(), name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// beVictim makes a trial. One that kills does not return, if it is met; another one prints its verdict.
func beVictim(ctx context.Context, name string) error {
	signal.Ignore(syscall.SIGXFSZ) // of a full disk, which then is an error like any other
	t, err := parse(name)
	if err != nil {
		return err
	}
	f := &fields{}
	if f.keys, err = readKeys(os.Getenv(keysFolder)); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(f.play(ctx, os.Getenv(inFolder), t))
}

// process runs a trial in a process of its own.
func (f *fields) process(ctx context.Context, dir string, t trial) (said []byte, err error) {
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), asVictim+"="+t.String(), inFolder+"="+dir, keysFolder+"="+f.keys.folder)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	if said, err = cmd.Output(); err != nil && complaint.Len() > 0 {
		err = fmt.Errorf("%w: %s", err, complaint.String())
	}
	return said, err
}

// victim runs a process that is killed.
func (f *fields) victim(ctx context.Context, dir string, t trial) error {
	said, err := f.process(ctx, dir, t)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
			return nil
		}
	}
	return fmt.Errorf("the process was not killed: %w: %s", err, said)
}

// full runs a process whose disk gets full.
func (f *fields) full(ctx context.Context, dir string, t trial) (v verdict) {
	said, err := f.process(ctx, dir, t)
	if err == nil {
		err = json.Unmarshal(said, &v)
	}
	if err != nil {
		return verdict{err.Error()}
	}
	return v
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
