package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/evercred/evercred/internal/web"
	"github.com/evercred/evercred/ui"
)

const page = `<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__"><div id="root"></div>`

var script = strings.Repeat("console.log('a line of a script');\n", 100)

func handler(t *testing.T) http.Handler {
	t.Helper()
	h, err := web.New(fstest.MapFS{
		"index.html":         {Data: []byte(page)},
		"assets/index.js":    {Data: []byte(script)},
		"assets/index.css":   {Data: []byte("body{}")},
		"assets/a.woff2":     {Data: []byte(strings.Repeat("x", 5000))},
		"favicon.svg":        {Data: []byte("<svg/>")},
		"assets/unknown.xyz": {Data: []byte("?")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func ask(h http.Handler, method, path string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestPageOfEveryAddress(t *testing.T) {
	t.Parallel()
	h, seen := handler(t), map[string]bool{}
	inPage := regexp.MustCompile(`content="([A-Z2-7]{26})"`)
	for _, path := range []string{"/", "/index.html", "/accounts", "/accounts/backup-prod", "/accounts/backup-prod/logon?x=1", "/a.b/c", "//evil", "/../../etc"} {
		r := ask(h, http.MethodGet, path)
		text := body(t, r)
		m := inPage.FindStringSubmatch(text)
		if r.StatusCode != http.StatusOK || m == nil || strings.Contains(text, "__CSP_NONCE__") {
			t.Errorf("%s: %d, %s", path, r.StatusCode, text)
			continue
		}
		if seen[m[1]] {
			t.Errorf("%s: the nonce was used before", path)
		}
		seen[m[1]] = true
		want := "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + m[1] + "'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
		if got := r.Header.Get("Content-Security-Policy"); got != want {
			t.Errorf("%s: policy %s", path, got)
		}
		if got := r.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %s", path, got)
		}
	}
}

func TestEveryAnswerIsHardened(t *testing.T) {
	t.Parallel()
	h := handler(t)
	for _, path := range []string{"/", "/assets/index.js", "/assets/nothing.js"} {
		r := ask(h, http.MethodGet, path)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "X-Frame-Options": "DENY",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if r.Header.Get("Permissions-Policy") == "" || !strings.Contains(r.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %v", path, r.Header)
		}
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	h := handler(t)
	for path, kind := range map[string]string{
		"/assets/index.js": "text/javascript; charset=utf-8", "/assets/index.css": "text/css; charset=utf-8",
		"/favicon.svg": "image/svg+xml", "/assets/a.woff2": "font/woff2", "/assets/unknown.xyz": "application/octet-stream",
	} {
		r := ask(h, http.MethodGet, path)
		tag := r.Header.Get("ETag")
		if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != kind || r.Header.Get("Cache-Control") != "no-cache" || !strings.HasPrefix(tag, `"`) {
			t.Errorf("%s: %d %v", path, r.StatusCode, r.Header)
		}
		if again := ask(h, http.MethodGet, path, "If-None-Match", tag); again.StatusCode != http.StatusNotModified || body(t, again) != "" {
			t.Errorf("%s: %d for the browser's own copy", path, again.StatusCode)
		}
		if head := ask(h, http.MethodHead, path); head.StatusCode != http.StatusOK || body(t, head) != "" {
			t.Errorf("%s: HEAD is answered with %d", path, head.StatusCode)
		}
	}
}

func TestCompression(t *testing.T) {
	t.Parallel()
	h := handler(t)
	for accept, want := range map[string]bool{
		"gzip": true, "br, gzip;q=0.5": true, "*": true, "GZIP": true, "x-gzip": true,
		"": false, "br": false, "gzip;q=0": false, "gzip; q=0.0, *": false, "*;q=0": false, "gzip;q=much": false,
	} {
		r := ask(h, http.MethodGet, "/assets/index.js", "Accept-Encoding", accept)
		if got := r.Header.Get("Content-Encoding") == "gzip"; got != want || r.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %v", accept, r.Header)
			continue
		}
		var in io.Reader = r.Body
		if want {
			z, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			in = z
		}
		if raw, err := io.ReadAll(in); err != nil || string(raw) != script {
			t.Errorf("%q: %d bytes, %v", accept, len(raw), err)
		}
	}
	plain, zipped := ask(h, http.MethodGet, "/assets/index.js"), ask(h, http.MethodGet, "/assets/index.js", "Accept-Encoding", "gzip")
	if plain.Header.Get("ETag") == zipped.Header.Get("ETag") {
		t.Error("the two forms have the same strong tag")
	}
	for _, path := range []string{"/assets/a.woff2", "/assets/index.css"} { // compressed already, and too small
		if r := ask(h, http.MethodGet, path, "Accept-Encoding", "gzip"); r.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s is compressed", path)
		}
	}
}

// FuzzAcceptEncoding holds that whatever is asked for, the answer is the file, in the form that its headers say.
func FuzzAcceptEncoding(f *testing.F) {
	for _, text := range []string{"gzip", "br;q=1, gzip;q=0.1", "*;q=0", "gzip;;q=1,,", "identity;q=0", ";q=", "gzip;Q=0"} {
		f.Add(text)
	}
	h, err := web.New(fstest.MapFS{"index.html": {Data: []byte(page)}, "a.js": {Data: []byte(script)}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		r := ask(h, http.MethodGet, "/a.js", "Accept-Encoding", accept)
		var in io.Reader = r.Body
		if coding := r.Header.Get("Content-Encoding"); coding == "gzip" {
			if in, err = gzip.NewReader(r.Body); err != nil {
				t.Fatal(err)
			}
		} else if coding != "" {
			t.Fatalf("encoded as %q", coding)
		}
		if raw, err := io.ReadAll(in); err != nil || string(raw) != script {
			t.Errorf("%q: %d bytes, %v", accept, len(raw), err)
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	h := handler(t)
	for _, path := range []string{"/assets/old-name.js", "/favicon.ico", "/accounts/x.json", "/.env"} {
		if r := ask(h, http.MethodGet, path); r.StatusCode != http.StatusNotFound || !strings.Contains(body(t, r), "There is no such file") {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		if r := ask(h, method, "/accounts"); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d", method, r.StatusCode)
		}
	}
}

func TestBadBuildsAreRefused(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]fstest.MapFS{
		"empty": {}, "no index": {"a.js": {Data: []byte("x")}}, "no mark": {"index.html": {Data: []byte("<html>")}},
	} {
		if _, err := web.New(files); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestTheBuild holds that what is embedded can be served.
func TestTheBuild(t *testing.T) {
	t.Parallel()
	h, err := web.New(ui.Dist())
	if err != nil {
		t.Fatal(err)
	}
	if text := body(t, ask(h, http.MethodGet, "/")); !strings.Contains(text, `id="root"`) {
		t.Errorf("the page has no root: %s", text)
	}
}
