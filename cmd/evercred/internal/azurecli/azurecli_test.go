package azurecli_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/cmd/evercred/internal/azurecli"
	"github.com/evercred/evercred/internal/fault"
)

// TestGet stands a script in for the Azure CLI.
func TestGet(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in is a shell script")
	}
	folder := t.TempDir()
	t.Setenv("PATH", folder+string(os.PathListSeparator)+"/bin"+string(os.PathListSeparator)+"/usr/bin")
	az := func(script string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, "az"), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	az(`echo "$@" > "` + folder + `/asked"; echo '{"accessToken":"a.b.c","expiresOn":"2026-01-02 03:04:05.000000","expires_on":1767323045}'`)
	got, err := azurecli.Get(t.Context(), azurecli.Graph, "contoso.example")
	if err != nil || got.Access.Reveal() != "a.b.c" || !got.ExpiresAt.Equal(time.Unix(1767323045, 0)) {
		t.Errorf("%v %v", got, err)
	}
	asked, err := os.ReadFile(filepath.Join(folder, "asked"))
	if want := "account get-access-token --resource-type ms-graph --output json --only-show-errors --tenant contoso.example\n"; err != nil || string(asked) != want {
		t.Errorf("asked %q, want %q (%v)", asked, want, err)
	}
	az(`echo '{"accessToken":"a.b.c","expiresOn":"2026-01-02 03:04:05.000000"}'`) // before version 2.54
	if got, err := azurecli.Get(t.Context(), azurecli.Management, ""); err != nil || !got.ExpiresAt.IsZero() {
		t.Errorf("%v %v", got, err)
	}
	for script, want := range map[string]string{
		`echo '{"accessToken":"secret'`: "cannot read",
		`echo '{}'`:                     "cannot read",
		`echo "ERROR: Please run 'az login' to setup account." >&2; exit 1`: "gives no token",
	} {
		az(script)
		_, err := azurecli.Get(t.Context(), azurecli.Management, "")
		if f := fault.From(err); f.Code != fault.SignIn || !strings.Contains(f.Message, want) || f.Remedy == "" || strings.Contains(f.Error()+f.Source, "secret") {
			t.Errorf("%s: %#v", script, f)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := azurecli.Get(t.Context(), azurecli.Management, ""); fault.From(err).Code != fault.SignIn || !strings.Contains(err.Error(), "not on this machine") {
		t.Errorf("without an Azure CLI: %v", err)
	}
}
