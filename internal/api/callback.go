package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page's parts
	"encoding/base64"
	"html/template"
	"net/http"
)

// The page on which a browser ends that Microsoft sends back. Its script takes the answer out of the address bar at once, and
// hands it to the API by a request of its own: the browser came from Microsoft's page, and so without the session's cookie;
// the page's own request has it. So a sign-in is completed only in the browser, and by the person, that began it.
var (
	//go:embed callback/page.html
	callbackHTML string
	//go:embed callback/page.js
	callbackScript string
	//go:embed callback/page.css
	callbackStyle string
)

// callbackPage is the page with the policy that lets it run its own script and nothing else.
type callbackPage struct {
	page   []byte
	policy string
}

// newCallback makes the page of a server whose people open it at base.
func newCallback(base string) (*callbackPage, error) {
	t, err := template.New("callback").Parse(callbackHTML)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, struct {
		Base   string
		Script template.JS
		Style  template.CSS
	}{base, template.JS(callbackScript), template.CSS(callbackStyle)}) //nolint:gosec // both are parts of the program
	if err != nil {
		return nil, err
	}
	return &callbackPage{out.Bytes(), "default-src 'none'; script-src '" + hashOf(callbackScript) + "'; style-src '" + hashOf(callbackStyle) +
		"'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}, nil
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// ServeHTTP answers with the page. What is in the address is not looked at here.
func (c *callbackPage) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", c.policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	_, _ = w.Write(c.page)
}

// isCallback reports whether a request for the root of the server is a browser that Microsoft sends back. The default
// application of sign-ins has no address below the root registered.
func isCallback(r *http.Request) bool {
	q := r.URL.Query()
	return r.Method == http.MethodGet && r.URL.Path == "/" && q.Has("state") && (q.Has("code") || q.Has("error"))
}

// Callback serves the page of a sign-in that comes back to the root of the server, and next for all else. base is where people
// open the server.
func Callback(base string, next http.Handler) (http.Handler, error) {
	page, err := newCallback(base)
	if err != nil {
		return nil, err
	}
	hard := harden(page)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isCallback(r) {
			hard.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}), nil
}
