package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

func TestWhatAGuestReaches(t *testing.T) {
	b := newBench(t)
	s := b.byDevice("uaa@contoso.example", "")
	tenants, err := b.api.SignInTenants(t.Context(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	type row struct{ Name, Access, Registration string }
	got := []row{}
	for _, v := range tenants {
		got = append(got, row{v.Name, string(v.Access), v.Registration})
		if (v.Access != "available" || v.Registration != "allowed") == (v.Reason == "") {
			t.Errorf("%s: reason %q", v.Name, v.Reason)
		}
		if v.Home != (v.Name == "Contoso") {
			t.Errorf("%s: home %t", v.Name, v.Home)
		}
	}
	want := []row{
		{"Contoso", "available", "allowed"},
		{"Fabrikam", "available", "allowed"},
		{"Northwind Traders", "available", "not_allowed"},
		{"Tailspin Toys", "mfa_required", "unknown"},
		{"Wide World Importers", "guest_disabled", "unknown"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("tenants: %v, want %v", got, want)
	}
	subscriptions, err := b.api.SignInSubscriptions(t.Context(), s.ID, tenants[1].ID, "")
	if err != nil || len(subscriptions) != 0 {
		t.Errorf("subscriptions at another tenant: %+v %v", subscriptions, err)
	}
	groups, err := b.api.SignInManagementGroups(t.Context(), s.ID, s.TenantID)
	if err != nil || len(groups) != 1 || groups[0].ID != "contoso-landing" || groups[0].MayAssignRoles != "yes" || len(groups[0].Subscriptions) != 2 || groups[0].Parent != "" {
		t.Errorf("management groups: %+v %v", groups, err)
	}
	// Where a tenant asks for more, a sign-in at that tenant gives it.
	_, err = b.api.SignInSubscriptions(t.Context(), s.ID, tenants[3].ID, "")
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Code != fault.SignIn || f.Field != "sign_in" || !strings.Contains(f.Source, "AADSTS50076") || !strings.Contains(f.Remedy, "Sign in at that tenant") {
		t.Errorf("multifactor authentication: %v", err)
	}
	there := b.byDevice("uaa@contoso.example", tenants[3].ID)
	if _, err := b.api.SignInSubscriptions(t.Context(), there.ID, tenants[3].ID, ""); err != nil || there.TenantID != tenants[3].ID {
		t.Errorf("signed in there: %+v %v", there, err)
	}
	again, err := b.api.SignInTenant(t.Context(), there.ID, tenants[3].ID)
	if err != nil || again.Access != "available" || again.Home {
		t.Errorf("looked at again: %+v %v", again, err)
	}
	if _, err := b.api.BeginSignIn(t.Context(), resource.SignInRequest{Method: account.ByDevice, TenantID: "nowhere.example"}); !fault.Is(err, fault.Credential) && !fault.Is(err, fault.SignIn) {
		t.Errorf("a tenant that is none: %v", err)
	}
}

func TestWhoMayNotAssignRolesIsTold(t *testing.T) {
	b := newBench(t)
	s := b.byDevice("contributor@contoso.example", "")
	subscriptions, err := b.api.SignInSubscriptions(t.Context(), s.ID, s.TenantID, "production")
	if groups, err := b.api.SignInManagementGroups(t.Context(), s.ID, s.TenantID); err != nil || len(groups) != 0 {
		t.Errorf("management groups: %+v %v", groups, err)
	}
	if err != nil || len(subscriptions) != 1 || subscriptions[0].MayAssignRoles != "no" || !strings.Contains(subscriptions[0].Reason, "User Access Administrator") {
		t.Errorf("subscriptions: %+v %v", subscriptions, err)
	}
}

// ownApplication registers an application for sign-ins in the emulated Entra.
func ownApplication(t *testing.T, envFile string, redirects ...string) (clientID string) {
	t.Helper()
	env, err := readEnv(envFile)
	if err != nil {
		t.Fatal(err)
	}
	custom, err := cloud.Custom(env["BASE_URL"], env["CA_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	ent, err := entra.New(entra.Config{Cloud: custom})
	if err != nil {
		t.Fatal(err)
	}
	token, err := ent.AppToken(t.Context(), env["TENANT_ID"], env["APP_ID"], entra.Credential{Secret: secret.New(env["APP_SECRET"])}, custom.GraphScope)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := custom.Transport()
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Transport: transport}
	defer c.CloseIdleConnections()
	post := func(path string, in any) map[string]any {
		t.Helper()
		body, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, custom.Graph+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token.Access.Reveal())
		r.Header.Set("Content-Type", "application/json")
		res, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		out := map[string]any{}
		if err := json.NewDecoder(res.Body).Decode(&out); err != nil || res.StatusCode != http.StatusCreated {
			t.Fatalf("%s: %s %v", path, res.Status, out)
		}
		return out
	}
	app := post("/v1.0/applications", map[string]any{
		"displayName": "Evercred sign-ins", "isFallbackPublicClient": true, "publicClient": map[string]any{"redirectUris": redirects},
		"requiredResourceAccess": []any{
			map[string]any{"resourceAppId": "797f4846-ba00-4fd7-ba43-dac1f8f63013", "resourceAccess": []any{map[string]any{"id": "41094075-9dad-400e-a0bd-54e686782033", "type": "Scope"}}},
			map[string]any{"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": []any{map[string]any{"id": "0e263e50-5827-48a4-b97c-d940288653c7", "type": "Scope"}}},
		},
	})
	id, _ := app["appId"].(string)
	post("/v1.0/servicePrincipals", map[string]any{"appId": id})
	return id
}

func TestAnOwnApplicationComesBackToThePublicAddress(t *testing.T) {
	const public = "https://evercred.example.com"
	id := ""
	b := newBench(t, func(c *Config) {
		id = ownApplication(t, c.EmulatorEnv, "http://localhost", public+"/api/v1/sign-ins/callback")
		c.ClientID, c.PublicURL, c.SignInTenant = id, public, "contoso.example"
	})
	_, err := b.api.BeginSignIn(t.Context(), resource.SignInRequest{Method: account.ByDevice, TenantID: "organizations"})
	wantField(t, err, fault.SignIn, "tenant_id") // the application is of one tenant
	settings, err := b.api.Server(t.Context())
	if err != nil || settings.SignIn.ClientID != id || settings.SignIn.ClientName != "" || settings.SignIn.TenantID != "contoso.example" || !settings.SignIn.OwnRedirect || len(settings.SignIn.Methods) != 3 {
		t.Errorf("settings: %+v %v", settings.SignIn, err)
	}
	s, err := b.api.BeginSignIn(t.Context(), resource.SignInRequest{Method: account.ByBrowser})
	if err != nil || s.RedirectURI != public+"/api/v1/sign-ins/callback" || !s.Returns || s.ClientID != id {
		t.Fatalf("%+v %v", s, err)
	}
	back := byBrowser(t, b.emu, s.AuthorizeURL.Reveal(), owner, "accept")
	if back.RawQuery != "" || back.Fragment == "" {
		t.Errorf("the answer stands in the query: %s", back.Redacted())
	}
	s, err = b.api.ReturnAnySignIn(t.Context(), text(back.String()))
	if err != nil || s.State != account.SignInDone || s.Person != owner {
		t.Errorf("%+v %v", s, err)
	}
}
