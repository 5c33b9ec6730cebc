package app

import (
	"net/http"
	"strings"
	"testing"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

func TestASignInComesBackToTheServer(t *testing.T) {
	b := newBench(t)
	person := newBrowser(t, b.app.URL())
	if status, _, body := person.ask(http.MethodPost, "/api/v1/session", "same-origin", `{"login":"`+b.login()+`"}`); status != http.StatusOK {
		t.Fatal(body)
	}
	s, err := b.api.BeginSignIn(t.Context(), resource.SignInRequest{Method: account.ByBrowser})
	if err != nil {
		t.Fatal(err)
	}
	if !s.Returns || !strings.HasPrefix(s.RedirectURI, "http://localhost:") {
		t.Fatalf("it comes back to %q (%t)", s.RedirectURI, s.Returns)
	}
	back := byBrowser(t, b.emu, s.AuthorizeURL.Reveal(), owner, "accept")
	status, h, body := person.ask(http.MethodGet, "/?"+back.RawQuery, "cross-site", "")
	if status != http.StatusOK || h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" ||
		!strings.Contains(h.Get("Content-Security-Policy"), "script-src 'sha256-") || !strings.Contains(body, "replaceState") || strings.Contains(body, back.Query().Get("code")) {
		t.Errorf("the page: %d %v", status, h)
	}
	status, h, _ = person.ask(http.MethodGet, "/api/v1/sign-ins/callback?"+back.RawQuery, "cross-site", "")
	if status != http.StatusOK || !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
		t.Errorf("the page of the API: %d", status)
	}
	give := `{"url":"` + back.String() + `"}`
	if status, _, _ := newBrowser(t, b.app.URL()).ask(http.MethodPost, "/api/v1/sign-in-returns", "same-origin", give); status != http.StatusUnauthorized {
		t.Errorf("a browser without a session completed it: %d", status)
	}
	if status, _, _ := person.ask(http.MethodPost, "/api/v1/sign-in-returns", "cross-site", give); status != http.StatusForbidden {
		t.Errorf("another page completed it: %d", status)
	}
	if status, _, body := person.ask(http.MethodPost, "/api/v1/sign-in-returns", "same-origin", give); status != http.StatusOK || !strings.Contains(body, `"state":"signed_in"`) {
		t.Errorf("the person: %d %s", status, body)
	}
	if status, _, _ := person.ask(http.MethodPost, "/api/v1/sign-in-returns", "same-origin", give); status != http.StatusNotFound {
		t.Errorf("a second time: %d", status)
	}
}
