package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/api"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/renewal"
)

const token = "token-for-tests-0123456789abcdef0123456789"

// bench is the API with an engine that no test of this file reaches: all of them are answered before it.
func bench(t *testing.T, log io.Writer) http.Handler {
	t.Helper()
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	st := openStore(t, clock.System{})
	h, err := api.New(api.Config{Engine: &renewal.Engine{}, Answers: st, Authn: doorkeeper(t, st, logger), Logger: logger, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func ask(h http.Handler, method, path, auth, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if auth != "" {
		r.Header.Set("Authorization", auth)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func problemIn(t *testing.T, w *httptest.ResponseRecorder) resource.Problem {
	t.Helper()
	if got := w.Header().Get("Content-Type"); got != resource.ProblemMediaType {
		t.Fatalf("content type %q, body %s", got, w.Body)
	}
	var p resource.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != w.Code {
		t.Errorf("status %d in the body, %d in the answer", p.Status, w.Code)
	}
	if p.Type != resource.ProblemType+p.Code || p.Title == "" || p.Detail == "" || p.Remedy == "" {
		t.Errorf("incomplete problem: %+v", p)
	}
	return p
}

func TestTokenIsAskedOfEverythingUnderV1(t *testing.T) {
	t.Parallel()
	h := bench(t, io.Discard)
	for _, path := range []string{"/api/v1", "/api/v1/accounts", "/api/v1/accounts/x/hand-over", "/api/v1/nothing"} {
		for _, auth := range []string{"", "Bearer", "Bearer ", "Bearer wrong", "Basic " + token, token} {
			w := ask(h, http.MethodPost, path, auth, "")
			if p := problemIn(t, w); w.Code != http.StatusUnauthorized || p.Code != "unauthorized" {
				t.Errorf("%s with %q: %d %s", path, auth, w.Code, p.Code)
			}
			if w.Header().Get("WWW-Authenticate") != `Bearer realm="evercred"` {
				t.Errorf("%s with %q: no WWW-Authenticate", path, auth)
			}
		}
	}
	for path, kind := range map[string]string{"/healthz": "application/json", "/api/openapi.json": "application/openapi+json"} {
		w := ask(h, http.MethodGet, path, "", "")
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != kind {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Content-Type"))
		}
	}
}

func TestWrongRequests(t *testing.T) {
	t.Parallel()
	h := bench(t, io.Discard)
	const hidden = "sEcReTvAlUe"
	tests := []struct {
		name, method, path, body string
		status                   int
		code, field              string
	}{
		{"unknown path", "GET", "/api/v1/nothing", "", 404, "not_found", ""},
		{"wrong method", "PUT", "/api/v1/accounts", "", 405, "invalid", ""},
		{"not JSON", "POST", "/api/v1/accounts", `{"secret": "` + hidden, 400, "invalid", "body"},
		{"no body", "POST", "/api/v1/accounts", "", 400, "invalid", "body"},
		{"required", "POST", "/api/v1/accounts", `{"kind":"auto"}`, 422, "invalid", "name"},
		{"wrong kind", "POST", "/api/v1/accounts", `{"kind":"other","name":"a"}`, 422, "invalid", "kind"},
		{"unknown field", "POST", "/api/v1/accounts/a/renew", `{"sock":"24h"}`, 422, "invalid", "sock"},
		{"wrong type", "POST", "/api/v1/accounts/a/renew", `{"soak":24}`, 422, "invalid", "soak"},
		{"wrong duration", "POST", "/api/v1/accounts/a/renew", `{"soak":"-1h"}`, 422, "invalid", "soak"},
		{"wrong choice", "POST", "/api/v1/accounts/a/recreate", `{"choice":"both"}`, 422, "invalid", "choice"},
		{"secret is a number", "POST", "/api/v1/accounts/a/connect", `{"secret":12345}`, 422, "invalid", "secret"},
		{"no credential", "POST", "/api/v1/accounts/a/connect", `{}`, 422, "invalid", "secret"},
		{"empty certificate", "POST", "/api/v1/accounts/a/connect", `{"certificate":""}`, 422, "invalid", "certificate"},
		{"both", "POST", "/api/v1/accounts/a/connect", `{"secret":"` + hidden + `","certificate":"AAAA"}`, 422, "invalid", "certificate"},
		{"password alone", "POST", "/api/v1/accounts/a/connect", `{"secret":"x","password":"` + hidden + `"}`, 422, "invalid", "password"},
		{"not base64", "POST", "/api/v1/accounts/a/connect", `{"certificate":"` + hidden + `!"}`, 422, "invalid", "certificate"},
		{"wrong date", "POST", "/api/v1/accounts/a/connect", `{"secret":"x","secret_expires_at":"soon"}`, 422, "invalid", "secret_expires_at"},
		{"too large", "POST", "/api/v1/accounts/a/renew", `{"soak":"` + strings.Repeat("1", 70<<10) + `"}`, 413, "invalid", "body"},
		{"far too large", "POST", "/api/v1/accounts/a/connect", `{"secret":"` + strings.Repeat("1", 3<<20) + `"}`, 413, "invalid", "body"},
		{"credential for auto", "POST", "/api/v1/accounts", `{"kind":"auto","name":"a","secret":"` + hidden + `"}`, 422, "invalid", "kind"},
		{"unknown parameter", "GET", "/api/v1/accounts?color=red", "", 422, "invalid", "color"},
		{"wrong wait", "GET", "/api/v1/operations/1?wait=long", "", 422, "invalid", "wait"},
		{"wrong version", "GET", "/api/v1/operations/1?version=x", "", 422, "invalid", "version"},
		{"no option", "POST", "/api/v1/operations/1/choose", `{}`, 422, "invalid", "option"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := ask(h, tt.method, tt.path, "Bearer "+token, tt.body)
			p := problemIn(t, w)
			if w.Code != tt.status || p.Code != tt.code || p.Field != tt.field {
				t.Errorf("got %d %s %q (%s), want %d %s %q", w.Code, p.Code, p.Field, p.Detail, tt.status, tt.code, tt.field)
			}
			if strings.Contains(w.Body.String(), hidden) {
				t.Errorf("the answer repeats the input: %s", w.Body)
			}
		})
	}
}

func TestAllowIsNamed(t *testing.T) {
	t.Parallel()
	w := ask(bench(t, io.Discard), http.MethodPut, "/api/v1/accounts/a", "Bearer "+token, "")
	if got := w.Header().Get("Allow"); got != "DELETE, GET, PATCH" {
		t.Errorf("Allow: %q", got)
	}
}

func TestHeadersKeepAnswersPrivate(t *testing.T) {
	t.Parallel()
	w := ask(bench(t, io.Discard), http.MethodGet, "/api/v1/nothing", "Bearer "+token, "")
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestLogHasPatternsAndNoSecrets(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := bench(t, &log)
	ask(h, http.MethodPost, "/api/v1/accounts/backup-prod/connect?x=query-text", "Bearer "+token, `{"secret":"body-text","password":"pass-text"}`)
	for _, want := range []string{`path="POST /api/v1/accounts/{account}/connect"`, "status=422", "caller=admin", "method=POST"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, log.String())
		}
	}
	for _, hidden := range []string{token, "body-text", "pass-text", "query-text"} {
		if strings.Contains(log.String(), hidden) {
			t.Errorf("the log has %s:\n%s", hidden, log.String())
		}
	}
}

func TestNewAsksForItsParts(t *testing.T) {
	t.Parallel()
	if _, err := api.New(api.Config{}); err == nil {
		t.Fatal("an empty configuration was accepted")
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	w := ask(bench(t, io.Discard), http.MethodGet, "/api/openapi.json", "", "")
	var doc struct {
		OpenAPI    string
		Paths      map[string]map[string]struct{ OperationID, Summary string }
		Components struct {
			Schemas map[string]struct {
				Properties map[string]json.RawMessage
				Required   []string
			}
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") {
		t.Errorf("OpenAPI %s", doc.OpenAPI)
	}
	got := map[string]bool{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			got[strings.ToUpper(method)+" "+strings.TrimPrefix(path, "/api/v1")] = true
			if op.OperationID == "" || op.Summary == "" {
				t.Errorf("%s %s has no id or summary", method, path)
			}
		}
	}
	want := map[string]bool{}
	for _, line := range []string{
		"GET /accounts", "POST /accounts", "GET /accounts/{account}", "DELETE /accounts/{account}",
		"PATCH /accounts/{account}", "POST /accounts/{account}/edit-preview", "GET /accounts/export", "POST /accounts/bulk", "GET /accounts/{account}/history", "GET /accounts/{account}/removal", "GET /bulk", "GET /bulk/{id}", "POST /bulk/{id}/cancel",
		"GET /accounts/{account}/operations", "POST /accounts/{account}/connect", "POST /accounts/{account}/renew", "POST /accounts/{account}/rollback", "POST /accounts/{account}/reconcile",
		"POST /accounts/{account}/recreate", "POST /accounts/{account}/check", "POST /accounts/{account}/hand-over",
		"POST /accounts/{account}/acknowledge", "GET /operations", "GET /operations/{id}", "POST /operations/{id}/sign-in",
		"POST /operations/{id}/choose", "POST /operations/{id}/cancel",
		"GET /permission-profiles", "GET /accounts/{account}/permissions", "GET /accounts/{account}/permissions/export", "POST /accounts/{account}/grant", "POST /permission-preview",
		"DELETE /accounts/{account}/steward", "DELETE /sign-ins/{id}", "GET /sign-ins", "GET /sign-ins/{id}", "GET /sign-ins/{id}/tenants", "GET /sign-ins/{id}/tenants/{tenant}", "GET /sign-ins/{id}/tenants/{tenant}/management-groups", "GET /sign-ins/{id}/tenants/{tenant}/subscriptions", "GET /stewards", "GET /tenants", "POST /sign-in-returns", "POST /sign-ins", "POST /sign-ins/{id}/redirect", "PUT /accounts/{account}/steward",
		"GET /server", "POST /certificate-preview", "POST /session", "GET /session", "DELETE /session", "POST /session/links",
	} {
		want[line] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	for _, name := range []string{"secret", "certificate", "password", "secret_expires_at"} {
		if _, ok := doc.Components.Schemas["Connect"].Properties[name]; !ok {
			t.Errorf("Connect lacks %s", name)
		}
	}
	if raw := string(doc.Components.Schemas["Account"].Properties["credential"]); !strings.Contains(raw, `"null"`) || !strings.Contains(raw, "Credential") {
		t.Errorf("credential: %s", raw)
	}
	if raw := string(doc.Components.Schemas["Connect"].Properties["secret"]); !strings.Contains(raw, "string") {
		t.Errorf("secret: %s", raw)
	}
	if _, ok := doc.Components.Schemas["ErrorModel"]; ok || strings.Contains(w.Body.String(), "ErrorModel") {
		t.Error("the document still names huma's own error")
	}
	if diff := cmp.Diff([]string{"kind", "name"}, doc.Components.Schemas["Create"].Required); diff != "" {
		t.Errorf("required of Create (-want +got):\n%s", diff)
	}
}
