// Package strangers_test drives clients of others, as they are, against an emulator that is running: HashiCorp Vault's
// Azure secrets engine, the SDK of Terraform's azuread and azurerm providers, and the Graph client that azuread had before.
//
// The run script beside this file starts the emulator and names its emulator.env in EMULATOR_ENV. It also sets
// SSL_CERT_FILE and HTTPS_PROXY, which Go reads once in a process: some of these clients know Microsoft's host names only.
package strangers_test

import (
	"os"
	"strings"
	"testing"
)

// settings are those of emulator.env.
func settings(t *testing.T) map[string]string {
	t.Helper()
	name := os.Getenv("EMULATOR_ENV")
	if name == "" {
		t.Fatal("EMULATOR_ENV must name an emulator.env: start these tests with ./run")
	}
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for line := range strings.Lines(string(content)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		env[key] = value
	}
	return env
}

const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7" // the built-in role Reader
