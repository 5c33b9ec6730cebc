package input_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/cmd/evercred/internal/input"
	"github.com/evercred/evercred/internal/fault"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSecretLosesOneLineEndAndNothingElse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"abc": "abc", "abc\n": "abc", "abc\r\n": "abc", "abc\n\n": "abc\n", " a b ": " a b ", "\xef\xbb\xbfabc": "abc", "": "",
	} {
		r := input.Reader{In: strings.NewReader(text)}
		for _, path := range []string{write(t, text), "-"} {
			got, err := r.Secret("secret", path)
			if err != nil || got.Reveal() != want {
				t.Errorf("%q from %s: %q, %v", text, path, got.Reveal(), err)
			}
		}
	}
}

func TestFileLimits(t *testing.T) {
	t.Parallel()
	r := input.Reader{In: strings.NewReader("")}
	if _, err := r.File("certificate", write(t, "12345"), 5); err != nil {
		t.Error(err)
	}
	for name, path := range map[string]string{"too long": write(t, "123456"), "a folder": t.TempDir(), "absent": "/no/such/file", "unnamed": ""} {
		_, err := r.File("certificate", path, 5)
		if f := fault.From(err); f == nil || f.Code != fault.Invalid || f.Field != "certificate" || f.Remedy == "" {
			t.Errorf("%s: %+v", name, err)
		}
	}
}

func TestParseEnv(t *testing.T) {
	t.Parallel()
	got, err := input.ParseEnv("# comment\n\nEVERCRED_URL=http://127.0.0.1:8080\r\nEVERCRED_TOKEN=a=b\nEMPTY=\n")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"EVERCRED_URL": "http://127.0.0.1:8080", "EVERCRED_TOKEN": "a=b", "EMPTY": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, text := range []string{"no equals", "=value", "export A=b", "{\"a\": \"=\"}"} {
		if got, err := input.ParseEnv(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}

func FuzzParseEnv(f *testing.F) {
	f.Add("A=b\n# c\nD=e=f")
	f.Add("bad line with secret")
	f.Fuzz(func(t *testing.T, text string) {
		vars, err := input.ParseEnv(text)
		if err != nil && len(text) > 20 && strings.Contains(err.Error(), text) {
			t.Fatalf("the error repeats the file: %v", err)
		}
		for key, value := range vars {
			if key == "" || strings.ContainsAny(key, "= \n") || strings.Contains(value, "\n") {
				t.Fatalf("%q=%q", key, value)
			}
		}
	})
}

func TestPendingFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	if err := os.WriteFile(path, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := input.NewPending(path)
	if err != nil {
		t.Fatal(err)
	}
	p.Discard()
	if got, _ := os.ReadFile(path); string(got) != "before" {
		t.Errorf("discarded, and the file has %q", got)
	}
	if p, err = input.NewPending(path); err != nil {
		t.Fatal(err)
	}
	if err := p.Commit([]byte("after")); err != nil {
		t.Fatal(err)
	}
	p.Discard()
	got, _ := os.ReadFile(path)
	info, err := os.Stat(path)
	if err != nil || string(got) != "after" || info.Mode().Perm() != 0o600 {
		t.Errorf("%q, %v, %v", got, info, err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}
