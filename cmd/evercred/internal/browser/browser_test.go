package browser

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/evercred/evercred/internal/secret"
)

func TestOpener(t *testing.T) {
	t.Parallel()
	for system, want := range map[string]string{
		"linux": "xdg-open", "freebsd": "xdg-open", "darwin": "open", "windows": "rundll32 url.dll,FileProtocolHandler",
	} {
		name, args := opener(system)
		if got := strings.Join(append([]string{name}, args...), " "); got != want {
			t.Errorf("%s: %s, want %s", system, got, want)
		}
	}
}

// TestOpen puts an opener of its own on the path, so that nothing is opened here.
func TestOpen(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the opener is a shell script")
	}
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	address := secret.New("http://127.0.0.1:8080/#login=CODE")
	if err := Open(t.Context(), address); err == nil || !strings.Contains(err.Error(), "there is no ") || strings.Contains(err.Error(), "CODE") {
		t.Errorf("without an opener: %v", err)
	}
	name, _ := opener(runtime.GOOS)
	seen := filepath.Join(dir, "seen")
	script := "#!/bin/sh\nprintf %s \"$1\" >" + seen + "\n"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Open(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(seen); err != nil || string(got) != address.Reveal() {
		t.Errorf("opened %q, %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Open(t.Context(), address); err == nil || !strings.Contains(err.Error(), "ended with code 3") || strings.Contains(err.Error(), "CODE") {
		t.Errorf("an opener that fails: %v", err)
	}
}
