package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/evercred/evercred/emulator/emulatortest"
)

// guest is a person who was signed in at home.
type guest struct {
	t       *testing.T
	emu     *emulatortest.Emulator
	refresh string
}

const publicClient = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"

func signInAs(t *testing.T, emu *emulatortest.Emulator, tenant, user string) *guest {
	t.Helper()
	g := &guest{t: t, emu: emu}
	begun := g.form(tenant+"/oauth2/v2.0/devicecode", url.Values{"client_id": {publicClient}, "scope": {"https://graph.microsoft.com/.default openid offline_access"}})
	emu.Approve(begun["user_code"].(string), user)
	done := g.form(tenant+"/oauth2/v2.0/token", url.Values{
		"client_id": {publicClient}, "grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {begun["device_code"].(string)},
	})
	g.refresh, _ = done["refresh_token"].(string)
	if g.refresh == "" {
		t.Fatalf("signed in: %v", done["error_description"])
	}
	return g
}

// token redeems the refresh token at a tenant; else it returns the code of the refusal.
func (g *guest) token(tenant, scope string) (access string, code int) {
	g.t.Helper()
	answer := g.form(tenant+"/oauth2/v2.0/token", url.Values{
		"client_id": {publicClient}, "grant_type": {"refresh_token"}, "refresh_token": {g.refresh}, "scope": {scope + " openid offline_access"},
	})
	if codes, ok := answer["error_codes"].([]any); ok {
		return "", int(codes[0].(float64))
	}
	return answer["access_token"].(string), 0
}

func (g *guest) form(path string, form url.Values) map[string]any {
	g.t.Helper()
	return g.send(http.MethodPost, path, "", strings.NewReader(form.Encode()))
}

// ask asks with a token; the answer has its status as "status".
func (g *guest) ask(path, token string) map[string]any {
	g.t.Helper()
	return g.send(http.MethodGet, path, token, nil)
}

func (g *guest) send(method, path, token string, body io.Reader) map[string]any {
	g.t.Helper()
	r, err := http.NewRequestWithContext(g.t.Context(), method, g.emu.BaseURL()+"/"+path, body)
	if err != nil {
		g.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := g.emu.HTTPClient().Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	out := map[string]any{}
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		g.t.Fatalf("%s %s: %v", method, path, err)
	}
	out["status"] = res.StatusCode
	return out
}

// TestGuests holds what a person meets at tenants where the person is a guest.
func TestGuests(t *testing.T) {
	t.Parallel()
	const (
		graph, manager = "https://graph.microsoft.com/.default", "https://management.core.windows.net//.default"
		roles          = "v1.0/me/transitiveMemberOf/microsoft.graph.directoryRole?$select=displayName,roleTemplateId"
	)
	emu := emulatortest.Start(t)
	g := signInAs(t, emu, "organizations", "uaa@contoso.example")
	at := map[string]string{}
	token, _ := g.token("organizations", manager)
	for _, v := range g.ask("tenants?api-version=2022-12-01", token)["value"].([]any) {
		v := v.(map[string]any)
		at[v["defaultDomain"].(string)] = v["tenantId"].(string)
	}
	if len(at) != 5 || at["contoso.example"] == "" {
		t.Fatalf("tenants: %v", at)
	}
	for domain, want := range map[string]int{"fabrikam.example": 0, "northwind.example": 0, "tailspin.example": 50076, "wideworld.example": 500571, "nowhere.example": 90002} {
		for _, name := range []string{domain, at[domain]} {
			if name == "" {
				continue
			}
			if _, code := g.token(name, manager); code != want {
				t.Errorf("a token at %s: %d, want %d", name, code, want)
			}
		}
	}
	if _, code := signInAs(t, emu, "organizations", "owner@contoso.example").token("fabrikam.example", manager); code != 50020 {
		t.Errorf("who is no guest: %d", code)
	}
	if there := signInAs(t, emu, "tailspin.example", "uaa@contoso.example"); there.refresh != "" {
		if _, code := there.token("tailspin.example", manager); code != 0 {
			t.Errorf("after a sign-in there: %d", code)
		}
	}

	token, _ = g.token("fabrikam.example", manager)
	if list := g.ask("subscriptions?api-version=2022-12-01", token)["value"].([]any); len(list) != 0 {
		t.Errorf("subscriptions: %v", list)
	}
	if n := len(g.ask("tenants?api-version=2022-12-01", token)["value"].([]any)); n != 5 {
		t.Errorf("%d tenants from there", n)
	}
	if status := g.ask("subscriptions/2f6a9c14-8d35-4b7e-a1c2-5e90d3f7b841?api-version=2022-12-01", token)["status"]; status != http.StatusUnauthorized {
		t.Errorf("a subscription of another tenant: %v", status)
	}
	token, _ = g.token("fabrikam.example", graph)
	me := g.ask("v1.0/me?$select=id,userType,userPrincipalName", token)
	if me["userType"] != "Guest" || me["userPrincipalName"] != "uaa_contoso.example#EXT#@fabrikam.example" {
		t.Errorf("me: %v", me)
	}
	held := g.ask(roles, token)["value"].([]any)
	if len(held) != 1 || held[0].(map[string]any)["roleTemplateId"] != "cf1c38e5-3621-4004-a7cb-879624dced7c" {
		t.Errorf("roles: %v", held)
	}
	if status := g.ask("v1.0/applications", token)["status"]; status != http.StatusForbidden {
		t.Errorf("applications: %v", status)
	}
	token, _ = g.token("northwind.example", graph)
	if held := g.ask(roles, token)["value"].([]any); len(held) != 0 {
		t.Errorf("roles: %v", held)
	}
}
