package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/seal"
	"github.com/evercred/evercred/internal/secret"
)

func newKey(t testing.TB) (*seal.KeyEncryptionKey, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	k, err := seal.LoadKey(path, false)
	if err != nil {
		t.Fatal(err)
	}
	return k, path
}

func newSealer(t testing.TB) *seal.Sealer {
	t.Helper()
	k, _ := newKey(t)
	_, s, err := k.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRoundTripThroughTheFile(t *testing.T) {
	t.Parallel()
	k, path := newKey(t)
	wrapped, s, err := k.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	at := seal.Place{Table: "credentials", Column: "material", RowID: "c1"}
	sealed, err := s.Seal(secret.New("the secret text"), at)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("secret text")) || bytes.Contains(wrapped, []byte("AesGcmKey\x12")) {
		t.Error("the sealed form shows what it seals")
	}
	again, err := seal.LoadKey(path, true)
	if err != nil {
		t.Fatal(err)
	}
	s2, err := again.Unwrap(wrapped)
	if err != nil {
		t.Fatal(err)
	}
	v, err := s2.Open(sealed, at)
	if err != nil {
		t.Fatal(err)
	}
	if v.Reveal() != "the secret text" {
		t.Errorf("opened to something else")
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file has mode %v (%v), want 0600", info.Mode(), err)
	}
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*"))
	if len(left) != 0 {
		t.Errorf("temporary files are left: %v", left)
	}
}

func TestOpensOnlyAtItsPlace(t *testing.T) {
	t.Parallel()
	s, other := newSealer(t), newSealer(t)
	at := seal.Place{Table: "operations", Column: "sign_in_device", RowID: "o1"}
	sealed, err := s.Seal(secret.New("refresh token"), at)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(i int) []byte {
		c := bytes.Clone(sealed)
		c[i] ^= 1
		return c
	}
	tests := map[string]struct {
		sealer *seal.Sealer
		sealed []byte
		at     seal.Place
	}{
		"another row":      {s, sealed, seal.Place{Table: "operations", Column: "sign_in_device", RowID: "o2"}},
		"another column":   {s, sealed, seal.Place{Table: "operations", Column: "sign_in_refresh", RowID: "o1"}},
		"another table":    {s, sealed, seal.Place{Table: "credentials", Column: "sign_in_device", RowID: "o1"}},
		"another data key": {other, sealed, at},
		"first byte":       {s, changed(0), at},
		"nonce":            {s, changed(7), at},
		"text":             {s, changed(20), at},
		"tag":              {s, changed(len(sealed) - 1), at},
		"cut short":        {s, sealed[:len(sealed)-1], at},
		"nothing":          {s, nil, at},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := tt.sealer.Open(tt.sealed, tt.at)
			if err == nil || !v.Empty() {
				t.Fatal("it opened")
			}
			if !fault.Is(err, fault.Internal) {
				t.Errorf("error %v is not an internal fault", err)
			}
		})
	}
	if v, err := s.Open(sealed, at); err != nil || v.Reveal() != "refresh token" {
		t.Errorf("at its own place it does not open: %v", err)
	}
}

func TestPlacesAreUnambiguous(t *testing.T) {
	t.Parallel()
	s := newSealer(t)
	for _, at := range []seal.Place{{}, {Table: "a", Column: "b"}, {Table: "a:b", Column: "c", RowID: "d"}, {Table: "a", Column: "b:c", RowID: "d"}} {
		if _, err := s.Seal(secret.New("x"), at); err == nil {
			t.Errorf("sealed at %+v", at)
		}
		if _, err := s.Open([]byte("x"), at); err == nil {
			t.Errorf("opened at %+v", at)
		}
	}
}

func TestSealsDiffer(t *testing.T) {
	t.Parallel()
	s := newSealer(t)
	at := seal.Place{Table: "t", Column: "c", RowID: "r"}
	a, _ := s.Seal(secret.New("same"), at)
	b, _ := s.Seal(secret.New("same"), at)
	if bytes.Equal(a, b) {
		t.Error("equal secrets have equal seals: who reads the database sees which accounts share one")
	}
}

func TestBadKeyFiles(t *testing.T) {
	t.Parallel()
	good := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	tests := map[string]struct {
		content string
		mode    os.FileMode
		want    string // part of the fault
	}{
		"empty":             {"", 0o600, "0 bytes instead of 32"},
		"cut short":         {good[:20], 0o600, "instead of 32"},
		"cut in a group":    {good[:21], 0o600, "not Base64"},
		"garbled":           {"*" + good[1:], 0o600, "not Base64"},
		"too long":          {good[:40] + good, 0o600, "instead of 32"},
		"large":             {strings.Repeat("A", 1<<16), 0o600, "too large"},
		"readable by group": {good, 0o640, "chmod 600"},
		"readable by all":   {good, 0o604, "chmod 600"},
		"writable by all":   {good, 0o602, "chmod 600"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, tt.mode); err != nil {
				t.Fatal(err)
			}
			_, err := seal.LoadKey(path, false)
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != fault.Refused || f.Remedy == "" || !strings.Contains(f.Error(), tt.want) || !strings.Contains(f.Error(), path) {
				t.Errorf("error %v, want a fault with the path, a remedy and %q", err, tt.want)
			}
			if len(tt.content) > 10 && strings.Contains(fmt.Sprintf("%+v", err), tt.content[5:15]) {
				t.Error("the error shows the key")
			}
			if now, _ := os.ReadFile(path); string(now) != tt.content {
				t.Error("the file was changed")
			}
		})
	}
}

func TestMissingKeyBesideADatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	_, err := seal.LoadKey(path, true)
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != fault.Refused || f.Meaning == "" || !strings.Contains(f.Remedy, "backup") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("a key was made beside a database that it does not open")
	}
}

func TestKeyIsAFolder(t *testing.T) {
	t.Parallel()
	if _, err := seal.LoadKey(t.TempDir(), false); !fault.Is(err, fault.Refused) {
		t.Errorf("error %v", err)
	}
}

func TestAnotherKeyDoesNotUnwrap(t *testing.T) {
	t.Parallel()
	k, _ := newKey(t)
	other, path := newKey(t)
	wrapped, _, err := k.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	_, err = other.Unwrap(wrapped)
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Code != fault.Refused || !strings.Contains(f.Message, path) || f.Remedy == "" {
		t.Errorf("error %v", err)
	}
	for _, bad := range [][]byte{nil, {1, 2, 3}, wrapped[:len(wrapped)-1], append([]byte{0}, wrapped...)} {
		if _, err := k.Unwrap(bad); !fault.Is(err, fault.Refused) {
			t.Errorf("unwrapping %d bytes: %v", len(bad), err)
		}
	}
}

func TestStartsAtOnceAgreeOnOneKey(t *testing.T) {
	t.Parallel()
	for round := range 25 {
		path := filepath.Join(t.TempDir(), "new folder", "key")
		keys := make([]*seal.KeyEncryptionKey, 8)
		start := make(chan struct{})
		var group sync.WaitGroup
		for i := range keys {
			group.Go(func() {
				<-start
				k, err := seal.LoadKey(path, false)
				if err != nil {
					t.Error(err)
				}
				keys[i] = k
			})
		}
		close(start)
		group.Wait()
		if t.Failed() {
			return
		}
		wrapped, _, err := keys[0].NewDataKey()
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if _, err := k.Unwrap(wrapped); err != nil {
				t.Fatalf("round %d: a key differs from the others: %v", round, err)
			}
		}
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	t.Parallel()
	k, path := newKey(t)
	_, s, err := k.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := os.ReadFile(path)
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("keys", "k", k, "s", s)
	asJSON, err := json.Marshal(map[string]any{"k": k, "s": s})
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%v %+v %#v %s %x %v %#v", k, k, k, k, k, s, s) + log.String() + string(asJSON)
	for _, form := range []string{string(key), fmt.Sprintf("%x", key[:4]), fmt.Sprint(key[:4]), strings.TrimSpace(string(raw)), path} {
		if strings.Contains(shown, form) {
			t.Errorf("a printed key shows itself: %s", shown)
		}
	}
	if strings.Count(shown, "[redacted]") != 11 {
		t.Errorf("not all forms are redacted: %s", shown)
	}
}

func BenchmarkSeal(b *testing.B) {
	s := newSealer(b)
	v := secret.New(strings.Repeat("x", 40))
	at := seal.Place{Table: "credentials", Column: "material", RowID: "5f0c1d4e-0000-7000-8000-000000000000"}
	for b.Loop() {
		if _, err := s.Seal(v, at); err != nil {
			b.Fatal(err)
		}
	}
}
