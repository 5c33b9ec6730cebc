package emulator

import (
	"bytes"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/evercred/evercred/emulator/internal/seed"
)

// envKeys are the keys of emulator.env, in their order.
func envKeys() []string {
	return []string{
		"BASE_URL", "CA_FILE", "TENANT_ID", "TENANT_DOMAIN", "SUBSCRIPTION_ID", "SUBSCRIPTION_IDS",
		"APP_ID", "APP_OBJECT_ID", "APP_SECRET", "APP_PEM", "APP_PFX", "APP_PFX_PASSWORD",
		"PROXY_URL", "MSI_ENDPOINT_URL", "MSI_HEADER", "MSI_CLIENT_ID",
	}
}

// fixedEnv is what does not change between starts in one folder.
func (f *folder) fixedEnv() map[string]string {
	app := seed.TestApp()
	return map[string]string{
		"CA_FILE":   filepath.ToSlash(f.join(caFile)),
		"TENANT_ID": seed.TenantID, "TENANT_DOMAIN": seed.Domain,
		"SUBSCRIPTION_ID": seed.ProductionID, "SUBSCRIPTION_IDS": strings.Join(seed.Subscriptions(), ","),
		"APP_ID": app.AppID, "APP_OBJECT_ID": app.ObjectID,
		"MSI_CLIENT_ID": seed.ManagedIdentity().ClientID,
		"APP_PEM":       filepath.ToSlash(f.join(appPEMFile)), "APP_PFX": filepath.ToSlash(f.join(appPFXFile)),
	}
}

func formatEnv(env map[string]string) []byte {
	var out bytes.Buffer
	for _, key := range envKeys() {
		fmt.Fprintf(&out, "%s=%s\n", key, env[key])
	}
	return out.Bytes()
}

// readEnv returns what the last start wrote; nothing if there was none. A line that is no setting is passed over: what
// it would have said is made anew.
func (f *folder) readEnv() (map[string]string, error) {
	content, err := f.read(EnvName)
	if err != nil {
		return nil, err
	}
	return parseEnv(content), nil
}

func parseEnv(content []byte) map[string]string {
	env := map[string]string{}
	for line := range strings.Lines(string(content)) {
		key, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		if ok && envValue.MatchString(value) {
			env[key] = value
		}
	}
	return env
}

// lastPort is the port of the last start, 0 if there was none: clients of a folder keep their address over a restart.
func lastPort(env map[string]string) int {
	u, err := url.Parse(env["BASE_URL"])
	if err != nil {
		return 0
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil || port < 1 || port > 65535 {
		return 0
	}
	return port
}
