package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

func readAll(t *testing.T, res *http.Response) []byte {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func (h *house) patch(t *testing.T, name, match, body string) (*http.Response, resource.Account, resource.Problem) {
	t.Helper()
	headers := []string{}
	if match != "" {
		headers = append(headers, "If-Match", match)
	}
	res, raw := h.raw(t, http.MethodPatch, "/api/v1/accounts/"+name, body, headers...)
	var a resource.Account
	var p resource.Problem
	var err error
	if res.StatusCode == http.StatusOK {
		err = json.Unmarshal(raw, &a)
	} else {
		err = json.Unmarshal(raw, &p)
	}
	if err != nil {
		t.Fatalf("%d %s: %v", res.StatusCode, raw, err)
	}
	return res, a, p
}

func TestEdit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, "backup-prod", account.Secret, secret.New("secret-text"))
	read, _ := h.raw(t, http.MethodGet, "/api/v1/accounts/backup-prod", "")
	if tag := read.Header.Get("ETag"); tag != `"1"` {
		t.Fatalf("ETag %s", tag)
	}
	res, a, p := h.patch(t, "backup-prod", `"1"`, `{"name":"Backup-Prod","description":"Nightly","used_by":[" VBR01 ","VBR01","Script"],
		"policy":{"soak":"48h","renew_before":"10d"},"subscriptions":["8E3AF657-A8FF-443C-A75C-2FE8C4BCB635"]}`)
	if res.StatusCode != http.StatusOK || res.Header.Get("ETag") != `"2"` {
		t.Fatalf("%d %+v", res.StatusCode, p)
	}
	if a.Name != "Backup-Prod" || a.Description != "Nightly" || a.Policy.Soak != "2d" || a.Policy.Lifetime != "180d" || a.Policy.RenewBefore != "10d" ||
		len(a.Subscriptions) != 1 || a.Subscriptions[0].ID != "8e3af657-a8ff-443c-a75c-2fe8c4bcb635" {
		t.Errorf("%+v", a)
	}
	if a.Operation != nil && a.Operation.Kind != account.OpCheck {
		t.Errorf("under way: %+v", a.Operation)
	}
	rows, err := h.store.Audit(t.Context(), admin(), store.AuditQuery{AccountID: "acc-backup-prod"})
	if err != nil {
		t.Fatal(err)
	}
	var row *store.AuditRow
	for i := range rows {
		if rows[i].Action == "account.edited" {
			row = &rows[i]
		}
	}
	if row == nil || row.Detail["name.from"] != "backup-prod" || row.Detail["name.to"] != "Backup-Prod" || row.Detail["soak.to"] != "2 days" || row.Detail["used_by.to"] != "VBR01, Script" {
		t.Errorf("audit: %+v", row)
	}
	if res, a, _ := h.patch(t, "backup-prod", `"2"`, `{"description":null,"policy":{"soak":null}}`); res.StatusCode != http.StatusOK || a.Description != "" || a.Policy.Soak != "1d" {
		t.Errorf("nulls: %d %+v", res.StatusCode, a)
	}
	if res, a, _ := h.patch(t, "backup-prod", `*`, `{}`); res.StatusCode != http.StatusOK || a.Version != 3 {
		t.Errorf("nothing to edit: %d, version %d", res.StatusCode, a.Version)
	}
}

func TestStaleEditIsRefusedAndShown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.add(t, "backup-prod", account.Secret, secret.New("secret-text"))
	res, _, p := h.patch(t, "backup-prod", "", `{"description":"x"}`)
	if res.StatusCode != http.StatusPreconditionRequired || p.Remedy == "" || p.Status != http.StatusPreconditionRequired {
		t.Errorf("without If-Match: %d %+v", res.StatusCode, p)
	}
	for _, match := range []string{`"7"`, `"x"`, `W/"1x"`} {
		if res, _, p := h.patch(t, "backup-prod", match, `{"description":"x"}`); res.StatusCode != http.StatusPreconditionFailed || p.Remedy == "" {
			t.Errorf("with %s: %d %+v", match, res.StatusCode, p)
		}
	}
	err := h.store.Change(t.Context(), admin(), store.Event{Action: "account.checked"}, func(tx *store.Tx) error {
		a.Check = &account.Check{State: account.Valid}
		return tx.PutAccount(a)
	})
	if err != nil {
		t.Fatal(err)
	}
	if res, _, p := h.patch(t, "backup-prod", `"1"`, `{"description":"first"}`); res.StatusCode != http.StatusOK {
		t.Fatalf("a check made an edit stale: %d %+v", res.StatusCode, p)
	}
	res, _, p = h.patch(t, "backup-prod", `"1"`, `{"name":"second"}`)
	if res.StatusCode != http.StatusPreconditionFailed || p.Code != "conflict" || !strings.Contains(p.Detail, "description") || p.Remedy == "" {
		t.Fatalf("a stale edit: %d %+v", res.StatusCode, p)
	}
	if len(p.Fields) != 1 || p.Fields[0].Field != "description" || p.Fields[0].ChangedBy != "admin" || p.Fields[0].ChangedAt == nil {
		t.Errorf("fields: %+v", p.Fields)
	}
	if _, now, _ := h.patch(t, "backup-prod", "*", `{}`); now.Name != "backup-prod" || now.Description != "first" {
		t.Errorf("%+v", now)
	}
}

func TestWrongEdits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, "backup-prod", account.Secret, secret.New("secret-text"))
	h.add(t, "backup-dev", account.Secret, secret.New("secret-text"))
	const subscription = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
	for body, want := range map[string]string{
		`{"name":""}`:           "name",
		`{"name":"with space"}`: "name",
		`{"name":"BACKUP-DEV"}`: "name",
		`{"name":"Export"}`:     "name",
		`{"description":"` + strings.Repeat("x", 513) + `"}`:                 "description",
		`{"policy":{"soak":"366d"}}`:                                         "soak",
		`{"policy":{"soak":"-1h"}}`:                                          "soak",
		`{"policy":{"lifetime":""}}`:                                         "lifetime",
		`{"policy":{"lifetime":"1m"}}`:                                       "lifetime",
		`{"policy":{"renew_before":"1s"}}`:                                   "renew_before",
		`{"subscriptions":[]}`:                                               "subscriptions",
		`{"subscriptions":["no-guid"]}`:                                      "subscriptions",
		`{"subscriptions":["` + subscription + `"],"management_group":"mg"}`: "management_group",
		`{"management_group":"a b/c"}`:                                       "management_group",
		`{"profile":"nobody-has-this"}`:                                      "profile",
		`{"purposes":["x"]}`:                                                 "purposes",
		`{"color":"red"}`:                                                    "color",
		`{"used_by":"VBR"}`:                                                  "used_by",
		`{"name":"a b","policy":{"soak":"366d"}}`:                            "name soak",
		`{"name":"a b","policy":{"soak":"soon","lifetime":"","renew_before":"1s"}}`: "name soak lifetime renew_before",
	} {
		res, _, p := h.patch(t, "backup-prod", `"1"`, body)
		fields := []string{p.Field}
		if len(p.Fields) > 1 {
			fields = nil
			for _, f := range p.Fields {
				fields = append(fields, f.Field)
			}
		}
		if got := strings.Join(fields, " "); (res.StatusCode != http.StatusUnprocessableEntity && res.StatusCode != http.StatusConflict) || got != want || p.Remedy == "" {
			t.Errorf("%s: %d, fields %q, want %q (%s)", body, res.StatusCode, got, want, p.Detail)
		}
		if !strings.Contains(body, "color") && !strings.Contains(body, `"VBR"`) {
			res, raw := h.raw(t, http.MethodPost, "/api/v1/accounts/backup-prod/edit-preview", body)
			var preview resource.EditPreview
			if err := json.Unmarshal(raw, &preview); err != nil || res.StatusCode != http.StatusOK {
				t.Errorf("preview of %s: %d %s", body, res.StatusCode, raw)
				continue
			}
			issues := []string{}
			for _, i := range preview.Issues {
				if i.Severity == "error" {
					issues = append(issues, i.Field)
				}
			}
			if d := cmp.Diff(strings.Fields(want), issues); d != "" {
				t.Errorf("preview of %s (-want +got):\n%s", body, d)
			}
		}
	}
	if _, a, _ := h.patch(t, "backup-prod", "*", `{}`); a.Version != 1 {
		t.Errorf("something was stored: version %d", a.Version)
	}
}

func TestEditPreviewTellsWhatAzureNeeds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, "backup-prod", account.Secret, secret.New("secret-text"))
	_, raw := h.raw(t, http.MethodPost, "/api/v1/accounts/backup-prod/edit-preview",
		`{"name":"backup","subscriptions":["8e3af657-a8ff-443c-a75c-2fe8c4bcb635"],"policy":{"automatic":true}}`)
	var p resource.EditPreview
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, c := range p.Changes {
		got = append(got, c.Where+" "+c.Needs)
	}
	if d := cmp.Diff([]string{"evercred nothing", "evercred nothing", "evercred nothing", "azure grant"}, got); d != "" {
		t.Errorf("(-want +got):\n%s\n%s", d, raw)
	}
	if len(p.Issues) != 1 || p.Issues[0].Severity != "warning" || p.Issues[0].Field != "automatic" {
		t.Errorf("issues: %+v", p.Issues)
	}
}

func TestEditWaitsForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.add(t, "backup-prod", account.Secret, secret.New("secret-text"))
	h.put(t, &account.Operation{ID: "op-1", AccountID: a.ID, AccountName: a.Name, Kind: account.OpRecreate, State: account.OpRunning})
	res, _, p := h.patch(t, "backup-prod", `"1"`, `{"subscriptions":["8e3af657-a8ff-443c-a75c-2fe8c4bcb635"]}`)
	if res.StatusCode != http.StatusConflict || !strings.Contains(p.Detail, "under way") || !strings.Contains(p.Remedy, "op-1") {
		t.Errorf("scope: %d %+v", res.StatusCode, p)
	}
	if res, _, p := h.patch(t, "backup-prod", `"1"`, `{"description":"may change"}`); res.StatusCode != http.StatusOK {
		t.Errorf("description: %d %+v", res.StatusCode, p)
	}
}
