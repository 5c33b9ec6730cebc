package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/secret"
)

// raw sends a request as it is and returns the answer with its body.
func (h *house) raw(t *testing.T, method, path, body string, headers ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, h.client.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return res, readAll(t, res)
}

func TestListIsPagedAndFiltered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range 5 {
		h.add(t, fmt.Sprintf("acc-%d", i), account.Secret, secret.New("secret-text"))
	}
	page, err := h.client.Accounts(t.Context(), client.Filter{States: []account.State{account.Expiring}, Sort: "-name"}, client.Page{Limit: 2, Offset: 1})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, a := range page.Accounts {
		got = append(got, a.Name)
		if a.Method != account.Secret || a.State != account.Expiring || a.Meaning == "" || len(a.Actions) == 0 || !a.HandOverPending || a.Version != 1 {
			t.Errorf("%+v", a)
		}
	}
	if d := cmp.Diff([]string{"acc-3", "acc-2"}, got); d != "" || page.Total != 5 || page.Matched != 5 {
		t.Errorf("%d of %d (-want +got):\n%s", page.Matched, page.Total, d)
	}
	if d := cmp.Diff([]resource.StateCount{{State: account.Expiring, Count: 5}}, page.States); d != "" {
		t.Errorf("states (-want +got):\n%s", d)
	}
	if all, err := h.client.AllAccounts(t.Context(), client.Filter{Search: "ACC-"}); err != nil || len(all.Accounts) != 5 {
		t.Errorf("all: %v, %v", all, err)
	}
}

func TestUnchangedListIsNotSentAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, "one", account.Secret, secret.New("secret-text"))
	const path = "/api/v1/accounts?sort=-state"
	first, _ := h.raw(t, http.MethodGet, path, "")
	tag := first.Header.Get("ETag")
	if first.StatusCode != http.StatusOK || !strings.HasPrefix(tag, `W/"`) {
		t.Fatalf("%d, ETag %q", first.StatusCode, tag)
	}
	for _, header := range []string{tag, strings.TrimPrefix(tag, "W/"), `"other", ` + tag, "*"} {
		if res, body := h.raw(t, http.MethodGet, path, "", "If-None-Match", header); res.StatusCode != http.StatusNotModified || len(body) > 0 || res.Header.Get("ETag") != tag {
			t.Errorf("with %s: %d %s", header, res.StatusCode, body)
		}
	}
	if res, _ := h.raw(t, http.MethodGet, "/api/v1/accounts", "", "If-None-Match", tag); res.StatusCode != http.StatusOK {
		t.Errorf("another list under the same tag: %d", res.StatusCode)
	}
	h.add(t, "two", account.Secret, secret.New("secret-text"))
	if res, body := h.raw(t, http.MethodGet, path, "", "If-None-Match", tag); res.StatusCode != http.StatusOK || !strings.Contains(string(body), `"two"`) {
		t.Errorf("after a change: %d %s", res.StatusCode, body)
	}
}

func TestWrongFiltersNameTheirField(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for query, field := range map[string]string{
		"state=fine": "state", "origin=made": "origin", "method=password": "method", "sort=color": "sort", "limit=0": "limit", "limit=1001": "limit",
		"limit=x": "limit", "offset=-1": "offset", "colour=red": "colour", "search=" + strings.Repeat("x", 501): "search",
	} {
		res, body := h.raw(t, http.MethodGet, "/api/v1/accounts?"+query, "")
		var p resource.Problem
		if err := json.Unmarshal(body, &p); err != nil || res.StatusCode != http.StatusUnprocessableEntity || p.Field != field || p.Remedy == "" {
			t.Errorf("%s: %d %+v (%v)", query, res.StatusCode, p, err)
		}
	}
}
