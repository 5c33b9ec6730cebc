package emulator

import (
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/cloud"
	"github.com/evercred/evercred/emulator/internal/proxy"
)

// routes chooses the service: by the host, if it is one of Microsoft's, else by the first segment of the path.
type routes struct{ controls, issuer, entra, graph, arm http.Handler }

func (t routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// A path with dots could mean one service to us and another to what is behind us; Microsoft's front doors refuse it.
	if segments := strings.Split(r.URL.Path, "/"); slices.Contains(segments, "..") || slices.Contains(segments, ".") || strings.Contains(r.URL.Path, "\x00") {
		refuse(w, "The URL is not valid: its path has a segment that is . or .., or a zero byte.")
		return
	}
	switch _, service := cloud.Find(hostname(r.Host)); service {
	case cloud.Login:
		t.entra.ServeHTTP(w, r)
		return
	case cloud.Graph:
		if strings.HasPrefix(strings.ToLower(r.URL.Path), "/oidc/") { // the profile, which Entra ID keeps
			t.entra.ServeHTTP(w, r)
			return
		}
		t.graph.ServeHTTP(w, r)
		return
	case cloud.ResourceManager:
		t.arm.ServeHTTP(w, r)
		return
	case cloud.None:
	}
	first, rest, _ := strings.Cut(strings.TrimLeft(r.URL.Path, "/"), "/")
	switch strings.ToLower(first) {
	case "_emulator":
		if second, _, _ := strings.Cut(rest, "/"); second == "issuer" {
			t.issuer.ServeHTTP(w, r)
			return
		}
		t.controls.ServeHTTP(w, r)
	case "v1.0", "beta":
		t.graph.ServeHTTP(w, r)
	case "tenants", "subscriptions", "providers", "metadata":
		t.arm.ServeHTTP(w, r)
	default:
		t.entra.ServeHTTP(w, r)
	}
}

// hostname is a Host header without its port.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// plain is what plain HTTP has: the proxy, the managed identity endpoint, and the pages for people that sign in, since a
// browser does not know the emulator's CA. Tokens of people and secrets travel over TLS only.
type plain struct {
	own      func(address string) bool // whether host:port is the emulator
	proxy    http.Handler
	identity http.Handler
	entra    http.Handler
}

func (t plain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.IsAbs() && r.URL.Scheme == "http" && t.own(r.URL.Host):
		// Asked for itself through itself: a client whose proxy has no exception for this machine.
		r.URL.Scheme, r.URL.Host = "", ""
	case proxy.Asked(r):
		t.proxy.ServeHTTP(w, r)
		return
	}
	path := strings.ToLower(strings.TrimRight(r.URL.Path, "/"))
	switch {
	case path == identityPath, path == instancePath:
		t.identity.ServeHTTP(w, r)
	case path == "/devicelogin", strings.Count(path, "/") <= 4 && (strings.HasSuffix(path, "/oauth2/v2.0/authorize") || strings.HasSuffix(path, "/oauth2/authorize")):
		t.entra.ServeHTTP(w, r)
	default:
		refuse(w, "This is plain HTTP, which has the pages for signing in (/devicelogin) only. Use https for everything else.")
	}
}

// Where App Service has its endpoint, and where a virtual machine's metadata service has it.
const (
	identityPath = "/msi/token"
	instancePath = "/metadata/identity/oauth2/token"
)

func refuse(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write([]byte(text + "\n")) // a client that left does not matter
}
