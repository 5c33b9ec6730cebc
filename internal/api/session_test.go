package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/api/resource"
)

// visit asks as a browser at the page does: with the cookie, and saying where the request comes from.
func visit(h http.Handler, method, path string, cookie *http.Cookie, site, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://evercred.example"+path, strings.NewReader(body))
	r.Header.Set("Sec-Fetch-Site", site)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if cookie != nil {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// newCode lets a program with the token make an address, and takes the code out of it.
func newCode(t *testing.T, h http.Handler) string {
	t.Helper()
	w := ask(h, http.MethodPost, "/api/v1/session/links", "Bearer "+token, "")
	var link resource.Link
	if err := json.Unmarshal(w.Body.Bytes(), &link); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	_, code, ok := strings.Cut(link.URL.Take().Reveal(), "http://evercred.example/#login=")
	if until := time.Until(link.ExpiresAt); !ok || until < 14*time.Minute || until > 15*time.Minute {
		t.Fatalf("address with a code: %t, good for %s", ok, until)
	}
	return code
}

func signIn(t *testing.T, h http.Handler, body string) *http.Cookie {
	t.Helper()
	w := visit(h, http.MethodPost, "/api/v1/session", nil, "same-origin", body)
	cookies := w.Result().Cookies()
	if w.Code != http.StatusOK || len(cookies) != 1 {
		t.Fatalf("%d %s, %d cookies", w.Code, w.Body, len(cookies))
	}
	return cookies[0]
}

func TestSession(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := bench(t, &log)
	code := newCode(t, h)
	cookie := signIn(t, h, `{"login":"`+code+`"}`)
	if cookie.Name != "evercred_session" || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode {
		t.Errorf("cookie: %+v", cookie)
	}
	w := visit(h, http.MethodGet, "/api/v1/session", cookie, "same-origin", "")
	var s resource.Session
	if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil || w.Code != http.StatusOK || s.Caller != "admin" || time.Until(s.ExpiresAt) < 7*time.Hour {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %s", got)
	}
	again := visit(h, http.MethodPost, "/api/v1/session", nil, "same-origin", `{"login":"`+code+`"}`)
	if p := problemIn(t, again); again.Code != http.StatusUnauthorized || p.Field != "login" || !strings.Contains(p.Remedy, "evercred web") || p.Meaning == "" {
		t.Errorf("the code a second time: %d %+v", again.Code, p)
	}
	w = visit(h, http.MethodDelete, "/api/v1/session", cookie, "same-origin", "")
	if gone := w.Result().Cookies(); w.Code != http.StatusNoContent || len(gone) != 1 || gone[0].MaxAge >= 0 {
		t.Errorf("signing out: %d %v", w.Code, gone)
	}
	w = visit(h, http.MethodGet, "/api/v1/session", cookie, "same-origin", "")
	if p := problemIn(t, w); w.Code != http.StatusUnauthorized || !strings.Contains(p.Remedy, "evercred web") {
		t.Errorf("signed out: %d", w.Code)
	}
	if text := log.String(); strings.Contains(text, code) || strings.Contains(text, cookie.Value) || !strings.Contains(text, "via=session") {
		t.Errorf("the log: %t %t", strings.Contains(text, code), strings.Contains(text, cookie.Value))
	}
}

func TestSessionByToken(t *testing.T) {
	t.Parallel()
	h := bench(t, &bytes.Buffer{})
	cookie := signIn(t, h, `{"token":"`+token+`"}`)
	if w := visit(h, http.MethodPost, "/api/v1/session/links", cookie, "same-origin", ""); w.Code != http.StatusOK {
		t.Errorf("a link by a session: %d %s", w.Code, w.Body)
	}
	w := ask(h, http.MethodGet, "/api/v1/session", "Bearer "+token, "")
	if p := problemIn(t, w); w.Code != http.StatusUnauthorized {
		t.Errorf("a token has a session: %+v", p)
	}
}

func TestSessionRefusals(t *testing.T) {
	t.Parallel()
	h := bench(t, &bytes.Buffer{})
	cookie := signIn(t, h, `{"token":"`+token+`"}`)
	for _, c := range []struct {
		name, method, path, site, body string
		cookie                         *http.Cookie
		status                         int
		field                          string
	}{
		{"wrong token", "POST", "/api/v1/session", "same-origin", `{"token":"not-a-token-of-this-server"}`, nil, 401, ""},
		{"unknown code", "POST", "/api/v1/session", "same-origin", `{"login":"NOTACODE"}`, nil, 401, "login"},
		{"neither", "POST", "/api/v1/session", "same-origin", `{}`, nil, 422, "login"},
		{"both", "POST", "/api/v1/session", "same-origin", `{"login":"a","token":"b"}`, nil, 422, "login"},
		{"signing in from another page", "POST", "/api/v1/session", "cross-site", `{"token":"` + token + `"}`, nil, 403, ""},
		{"a change from another page", "POST", "/api/v1/accounts/a/renew", "cross-site", "", cookie, 403, ""},
		{"signing out from another page", "DELETE", "/api/v1/session", "same-site", "", cookie, 403, ""},
		{"no session", "GET", "/api/v1/session", "same-origin", "", nil, 401, ""},
		{"no session, of another", "GET", "/api/v1/accounts", "same-origin", "", &http.Cookie{Name: "evercred_session", Value: "guess"}, 401, ""},
		{"a link without a session", "POST", "/api/v1/session/links", "same-origin", "", nil, 401, ""},
	} {
		w := visit(h, c.method, c.path, c.cookie, c.site, c.body)
		if p := problemIn(t, w); w.Code != c.status || p.Field != c.field {
			t.Errorf("%s: %d, field %q; %+v", c.name, w.Code, p.Field, p)
		}
		if len(w.Result().Cookies()) > 0 {
			t.Errorf("%s: a cookie is set", c.name)
		}
	}
	if w := visit(h, http.MethodGet, "/api/v1/session", cookie, "same-origin", ""); w.Code != http.StatusOK {
		t.Errorf("the session has gone: %d", w.Code)
	}
}
