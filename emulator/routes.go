package emulator

import (
	"net/http"
	"slices"
	"strings"
)

// routes chooses the service by the first segment of the path.
type routes struct{ controls, entra, graph, arm http.Handler }

func (t routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// A path with dots could mean one service to us and another to what is behind us; Microsoft's front doors refuse it.
	if segments := strings.Split(r.URL.Path, "/"); slices.Contains(segments, "..") || slices.Contains(segments, ".") || strings.Contains(r.URL.Path, "\x00") {
		refuse(w, "The URL is not valid: its path has a segment that is . or .., or a zero byte.")
		return
	}
	first, _, _ := strings.Cut(strings.TrimLeft(r.URL.Path, "/"), "/")
	switch strings.ToLower(first) {
	case "_emulator":
		t.controls.ServeHTTP(w, r)
	case "v1.0", "beta":
		t.graph.ServeHTTP(w, r)
	case "tenants", "subscriptions", "providers", "metadata":
		t.arm.ServeHTTP(w, r)
	default:
		t.entra.ServeHTTP(w, r)
	}
}

// devicePages is all that plain HTTP has: the page for people that enter a device code.
type devicePages struct{ entra http.Handler }

func (t devicePages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.EqualFold(strings.TrimRight(r.URL.Path, "/"), "/devicelogin") {
		refuse(w, "This is plain HTTP, which has the page /devicelogin only. Use https for everything else.")
		return
	}
	t.entra.ServeHTTP(w, r)
}

func refuse(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write([]byte(text + "\n")) // a client that left does not matter
}
