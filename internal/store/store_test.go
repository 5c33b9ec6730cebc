package store_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/seal"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
	"github.com/evercred/evercred/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) *store.Store { return open(t, t.TempDir()) })
}

func admin() account.Caller { return account.Caller{Name: "admin", Via: "api"} }

// open opens the database of a folder and closes it at the test's end.
func open(t testing.TB, dir string) *store.Store {
	t.Helper()
	s, err := try(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// try opens the database of a folder, with characters in its name that mean something in a URL.
func try(ctx context.Context, dir string) (*store.Store, error) {
	path := file(dir)
	exists, err := store.Exists(path)
	if err != nil {
		return nil, err
	}
	keys, err := seal.LoadKey(filepath.Join(dir, "key"), exists)
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, store.Config{Path: path, Keys: keys, Clock: clock.NewManual(time.Date(2025, 6, 15, 12, 0, 0, 0, time.UTC))})
}

func file(dir string) string { return filepath.Join(dir, "data & 100% #1 für?", "evercred.db") }

// put stores an account with a credential, its material, and an operation with a sign-in.
func put(t testing.TB, s *store.Store, name, material, refresh string) {
	t.Helper()
	err := s.Change(t.Context(), admin(), store.Event{Action: "test.put"}, func(tx *store.Tx) error {
		a := &account.Account{ID: "id-" + name, Name: name}
		return errors.Join(tx.PutAccount(a), tx.PutCredential(account.Credential{ID: "c-" + name, AccountID: a.ID, Slot: account.Current}),
			tx.PutMaterial("c-"+name, secret.New(material)), tx.PutOperation(&account.Operation{ID: "o-" + name}),
			tx.PutSignIn("o-"+name, store.SignInSecret{Device: secret.New(refresh + "-device"), Refresh: secret.New(refresh)}))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, "a", "material", "refresh")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	if v, err := s.Material(t.Context(), admin(), "c-a"); err != nil || v.Reveal() != "material" {
		t.Errorf("material: %v", err)
	}
	if v, err := s.SignIn(t.Context(), admin(), "o-a"); err != nil || v.Refresh.Reveal() != "refresh" {
		t.Errorf("sign-in: %v", err)
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps rights elsewhere")
	}
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, "a", "m", "r") // so that there is a write-ahead log
	seen := 0
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		info, err := os.Stat(file(dir) + suffix)
		if err != nil {
			t.Error(err)
			continue
		}
		seen++
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %04o", info.Name(), info.Mode().Perm())
		}
	}
	if info, _ := os.Stat(filepath.Dir(file(dir))); info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %04o", info.Mode().Perm())
	}
	_ = s.Close()
	if err := os.Chmod(file(dir), 0o644); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if info, _ := os.Stat(file(dir)); info.Mode().Perm() != 0o600 {
		t.Errorf("a file that others could read stays so: %04o", info.Mode().Perm())
	}
}

func TestNoFileShowsASecret(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	secrets := []string{
		"Qx8Q~the-client-secret-of-the-application", "0.AXoArefresh-token-of-a-person", "0.AXoArefresh-token-of-a-person-device",
		"api-token-that-is-long-enough",
	}
	put(t, s, "a", secrets[0], secrets[1])
	if err := s.AddAPIToken(t.Context(), admin(), "ci", secret.New(secrets[3])); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Disclose(t.Context(), admin(), "c-a", "test", nil); err != nil {
		t.Fatal(err)
	}
	scan := func(when string) {
		t.Helper()
		var all []byte
		names, _ := filepath.Glob(filepath.Join(filepath.Dir(file(dir)), "*"))
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, raw...)
		}
		if !bytes.Contains(all, []byte("credential.disclosed")) {
			t.Fatalf("%s: the scan did not read the database", when)
		}
		for _, plain := range secrets {
			for form, text := range forms(plain) {
				if bytes.Contains(all, []byte(text)) {
					t.Errorf("%s: %s shows in the files (%s)", when, plain, form)
				}
			}
		}
	}
	scan("while open")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	scan("once closed")
}

// forms returns the shapes in which a secret could show: plain, hex, and Base64 at each of the three alignments.
func forms(plain string) map[string]string {
	out := map[string]string{"plain": plain, "part": plain[4:20], "hex": hex.EncodeToString([]byte(plain[:12]))}
	for i := range 3 {
		part := plain[i : i+(len(plain)-i)/3*3]
		out[fmt.Sprint("base64 at ", i)] = base64.StdEncoding.EncodeToString([]byte(part))
		out[fmt.Sprint("base64url at ", i)] = base64.URLEncoding.EncodeToString([]byte(part))
	}
	return out
}

// shell opens a closed database as somebody with a database shell does.
func shell(t *testing.T, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: file(dir)}).String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestAuditRowsStay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, "a", "m", "r")
	_ = s.Close()
	db := shell(t, dir)
	for _, statement := range []string{
		`UPDATE audit SET caller = 'somebody else'`, `DELETE FROM audit`, `DELETE FROM audit WHERE id = 1`,
		`REPLACE INTO audit SELECT id, at, 'another', caller, via, account_id, account_name, operation_id, credential_id, detail FROM audit`,
	} {
		if _, err := db.Exec(statement); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	var n int
	if err := db.QueryRow(`SELECT count(*) FROM audit WHERE caller = 'admin' AND action = 'test.put'`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows (%v)", n, err)
	}
}

func TestMovedSealDoesNotOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, "a", "secret of a", "ra")
	put(t, s, "b", "secret of b", "rb")
	_ = s.Close()
	db := shell(t, dir)
	for _, statement := range []string{
		`UPDATE credentials SET material = (SELECT material FROM credentials WHERE id = 'c-a') WHERE id = 'c-b'`,
		`UPDATE operations SET sign_in_device = sign_in_refresh WHERE id = 'o-a'`,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	_ = db.Close()
	s = open(t, dir)
	if v, err := s.Material(t.Context(), admin(), "c-b"); !fault.Is(err, fault.Internal) || !v.Empty() {
		t.Errorf("the secret of another account opens: %v", err)
	}
	if v, err := s.SignIn(t.Context(), admin(), "o-a"); !fault.Is(err, fault.Internal) || !v.Device.Empty() || !v.Refresh.Empty() {
		t.Errorf("a refresh token opens as a device code: %v", err)
	}
	if v, err := s.Material(t.Context(), admin(), "c-a"); err != nil || v.Reveal() != "secret of a" {
		t.Errorf("the untouched one: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	made := func(t *testing.T) string {
		dir := t.TempDir()
		s := open(t, dir)
		put(t, s, "a", "m", "r")
		_ = s.Close()
		return dir
	}
	tests := map[string]struct {
		prepare func(t *testing.T, dir string) error
		code    fault.Code
		want    string
	}{
		"another key file": {func(_ *testing.T, dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, "key")),
				os.WriteFile(filepath.Join(dir, "key"), []byte(base64.StdEncoding.EncodeToString(make([]byte, 32))), 0o600))
		}, fault.Refused, "does not open this database"},
		"no key file": {func(_ *testing.T, dir string) error {
			return os.Remove(filepath.Join(dir, "key"))
		}, fault.Refused, "missing"},
		"a newer schema": {func(t *testing.T, dir string) error {
			_, err := shell(t, dir).Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
			return err
		}, fault.Refused, "newer Evercred"},
		"not a database": {func(_ *testing.T, dir string) error {
			return os.WriteFile(file(dir), bytes.Repeat([]byte("not a database. "), 1000), 0o600)
		}, fault.Internal, "damaged"},
		"a folder": {func(_ *testing.T, dir string) error {
			return errors.Join(os.Remove(file(dir)), os.Mkdir(file(dir), 0o700))
		}, fault.Internal, "cannot be made or opened"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := made(t)
			if err := tt.prepare(t, dir); err != nil {
				t.Fatal(err)
			}
			s, err := try(t.Context(), dir)
			if s != nil {
				_ = s.Close()
			}
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != tt.code || !strings.Contains(f.Message, tt.want) || f.Remedy == "" {
				t.Errorf("error %v, want code %s and %q", err, tt.code, tt.want)
			}
		})
	}
}

func TestOneProcessAtATime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	_, err := try(t.Context(), dir)
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != fault.Conflict || !strings.Contains(f.Message, fmt.Sprintf("process id %d", os.Getpid())) || f.Remedy == "" {
		t.Errorf("a second opening: %v", err)
	}
	put(t, s, "a", "m", "r") // the first is not disturbed
	_ = s.Close()
	open(t, dir)
}

// TestKilled kills a process that has committed one change and is in the middle of another.
func TestKilled(t *testing.T) {
	t.Parallel()
	const variable = "EVERCRED_STORE_TEST_KILLED"
	if dir := os.Getenv(variable); dir != "" {
		s := open(t, dir)
		put(t, s, "whole", "m", "r")
		_ = s.Change(t.Context(), admin(), store.Event{Action: "test.half"}, func(tx *store.Tx) error {
			if err := tx.PutAccount(&account.Account{ID: "id-half", Name: "half"}); err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(os.Stdout, "ready\n")
			_, err := io.Copy(io.Discard, os.Stdin) // until killed
			return err
		})
		return
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), variable+"="+dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if line != "ready\n" {
		_ = cmd.Process.Kill()
		t.Fatalf("the child said %q (%v)", line, err)
	}
	if _, err := try(t.Context(), dir); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), fmt.Sprint(cmd.Process.Pid)) {
		t.Errorf("while the child lives: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	s := open(t, dir) // no stale lock
	if _, err := s.Account(t.Context(), admin(), "whole"); err != nil {
		t.Errorf("the committed change is lost: %v", err)
	}
	if _, err := s.Account(t.Context(), admin(), "half"); !fault.Is(err, fault.NotFound) {
		t.Errorf("half a change is there: %v", err)
	}
	rows, err := s.Audit(t.Context(), admin(), store.AuditQuery{})
	if err != nil || len(rows) != 1 || rows[0].Action != "test.put" {
		t.Errorf("audit rows %v (%v)", rows, err)
	}
}

func TestExists(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "evercred.db")
	for _, step := range []struct {
		content []byte
		want    bool
	}{{nil, false}, {[]byte{}, false}, {[]byte("x"), true}} {
		if step.content != nil {
			if err := os.WriteFile(path, step.content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := store.Exists(path); got != step.want || err != nil {
			t.Errorf("with %q: %v, %v", step.content, got, err)
		}
	}
	if _, err := store.Open(t.Context(), store.Config{Path: path}); err == nil {
		t.Error("it opens without a key")
	}
}

func BenchmarkPutMaterial(b *testing.B) {
	s := open(b, b.TempDir())
	put(b, s, "a", "m", "r")
	v := secret.New(strings.Repeat("x", 40))
	for b.Loop() {
		err := s.Change(b.Context(), admin(), store.Event{Action: "bench"}, func(tx *store.Tx) error { return tx.PutMaterial("c-a", v) })
		if err != nil {
			b.Fatal(err)
		}
	}
}
