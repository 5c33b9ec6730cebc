package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// writeEnv makes sure that the settings file has the address and a token that the server accepts. A token that is
// already there and still good is kept, so that a restart does not lock anybody out.
func (a *App) writeEnv(ctx context.Context) error {
	path := a.EnvFile()
	token := secret.Value{}
	if old, err := readEnv(path); err == nil {
		token = secret.New(old["EVERCRED_TOKEN"])
	}
	good := false
	if !token.Empty() {
		_, ok, err := a.store.APITokenCaller(ctx, token)
		if err != nil {
			return err
		}
		good = ok
	}
	if !good {
		raw := make([]byte, 32)
		_, _ = rand.Read(raw) // never fails (crypto/rand)
		token = secret.New("evc_" + base64.RawURLEncoding.EncodeToString(raw))
		if err := a.store.AddAPIToken(ctx, a.admin(), "admin", token); err != nil {
			return err
		}
	}
	lines := [][2]string{{"EVERCRED_URL", a.url}, {"EVERCRED_TOKEN", token.Reveal()}}
	return writeEnvFile(path, append(lines, a.config.EnvExtra...))
}

// writeEnvFile writes KEY=value lines by rename, readable by the owner alone.
func writeEnvFile(path string, lines [][2]string) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".env-*") // mode 0600
	if err != nil {
		return fault.BadField("env_file", "The settings file "+path+" cannot be written: "+err.Error()+".", "Choose another with --env-file.").WithCause(err)
	}
	defer os.Remove(tmp.Name())
	for _, l := range lines {
		if _, err = fmt.Fprintf(tmp, "%s=%s\n", l[0], l[1]); err != nil {
			break
		}
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing the settings file %s: %w", path, err)
	}
	return nil
}

// readEnv reads KEY=value lines.
func readEnv(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.BadField("emulator_env", "The file "+path+" cannot be read: "+err.Error()+".", "Start `evercred emulator` first; it writes the file.").WithCause(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			out[k] = v
		}
	}
	return out, nil
}
