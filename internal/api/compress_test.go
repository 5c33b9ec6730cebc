package api_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/secret"
)

func TestLongAnswersAreCompressed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range 4 {
		h.add(t, fmt.Sprintf("acc-%d", i), account.Secret, secret.New("secret-text"))
	}
	for path, want := range map[string]string{
		"/api/v1/accounts": "gzip", "/api/v1/accounts/export?format=json": "gzip", "/api/v1/accounts?search=nothing": "", "/api/v1/accounts/acc-1": "",
	} {
		res, body := h.raw(t, http.MethodGet, path, "", "Accept-Encoding", "br, gzip;q=0.8")
		if got := res.Header.Get("Content-Encoding"); got != want || res.StatusCode != http.StatusOK || res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %d, encoding %q, want %q", path, res.StatusCode, got, want)
		}
		if want == "" && !json.Valid(body) {
			t.Errorf("%s: %s", path, body)
		}
	}
	for _, header := range []string{"identity", "gzip;q=0", "gzip; q=0.000"} {
		if res, body := h.raw(t, http.MethodGet, "/api/v1/accounts", "", "Accept-Encoding", header); res.Header.Get("Content-Encoding") != "" || !json.Valid(body) {
			t.Errorf("with %s: %v", header, res.Header)
		}
	}
	res, err := http.DefaultTransport.RoundTrip(h.request(t, "/api/v1/accounts", "gzip"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	z, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	var list resource.AccountList
	if err != nil || json.Unmarshal(raw, &list) != nil || len(list.Accounts) != 4 {
		t.Errorf("%v: %s", err, raw)
	}
	tag := res.Header.Get("ETag")
	if res, body := h.raw(t, http.MethodGet, "/api/v1/accounts", "", "Accept-Encoding", "gzip", "If-None-Match", tag); res.StatusCode != http.StatusNotModified || len(body) > 0 {
		t.Errorf("unchanged: %d %s", res.StatusCode, body)
	}
}

func (h *house) request(t *testing.T, path, encoding string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.client.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept-Encoding", encoding)
	return r
}
