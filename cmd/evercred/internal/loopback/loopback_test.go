package loopback_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/evercred/evercred/cmd/evercred/internal/loopback"
	"github.com/evercred/evercred/internal/secret"
)

func TestOnlyTheBrowserThatIsWaitedForCounts(t *testing.T) {
	t.Parallel()
	l, err := loopback.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.Serve(secret.New("the-state"))
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(c.CloseIdleConnections)
	ask := func(method, path string) (int, string, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, l.URI()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		if res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, res.Header)
		}
		return res.StatusCode, res.Header.Get("Location"), string(body)
	}
	for _, one := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/", http.StatusNotFound},
		{"GET", "/favicon.ico", http.StatusNotFound},
		{"GET", "/?code=c&state=another", http.StatusForbidden},
		{"GET", "/?code=c", http.StatusForbidden},
		{"POST", "/?code=c&state=the-state", http.StatusMethodNotAllowed},
	} {
		if status, _, _ := ask(one.method, one.path); status != one.want {
			t.Errorf("%s %s: %d, want %d", one.method, one.path, status, one.want)
		}
	}
	select {
	case v := <-l.Came():
		t.Fatalf("a stranger was taken: %s", v.Reveal())
	default:
	}
	for range 2 { // a browser that reloads does not hang
		if status, where, _ := ask("GET", "/?code=the-code&state=the-state"); status != http.StatusSeeOther || where != "/done" {
			t.Errorf("the browser: %d %s", status, where)
		}
	}
	if v := <-l.Came(); v.Reveal() != l.URI()+"/?code=the-code&state=the-state" {
		t.Errorf("came %q", v.Reveal())
	}
	if status, _, body := ask("GET", "/done"); status != http.StatusOK || !strings.Contains(body, "close this tab") || strings.Contains(body, "the-code") {
		t.Errorf("the page: %d %s", status, body)
	}
}
