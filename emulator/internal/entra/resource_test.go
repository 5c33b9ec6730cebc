package entra_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// An API of the tenant gets tokens of the version that it asks for, with the permissions that were asked for and granted.
func TestOwnAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.registerRedirects()
	const scope = "api://backup/Jobs.Read openid"
	sign := func() map[string]any {
		t.Helper()
		const uri = "http://localhost:9999/callback"
		code := w.browser().signIn(w.address(authorizeV2, "client_id", publicID, "redirect_uri", uri, "scope", scope), owner).Get("code")
		a := w.post(tokenV2, "grant_type", "authorization_code", "client_id", publicID, "redirect_uri", uri, "code", code)
		if a.status != 200 {
			t.Fatal(a.body)
		}
		return claimsOf(t, a.text("access_token"))
	}
	if c := sign(); c["ver"] != "1.0" || c["aud"] != "api://backup" || c["scp"] != "Jobs.Read" || c["appid"] != publicID {
		t.Errorf("%v", c)
	}
	w.write(func(s *directory.Store) {
		app, _ := s.Applications.Get("app-object")
		next := *app
		next.Properties = map[string]json.RawMessage{"api": json.RawMessage(`{"requestedAccessTokenVersion":2}`)}
		s.Applications.Put("app-object", &next)
		s.PermissionGrants.Put("g", &directory.PermissionGrant{ID: "g", ClientID: "public-sp", ConsentType: "AllPrincipals", ResourceID: spID, Scope: "Jobs.Write"})
		s.PermissionGrants.Put("h", &directory.PermissionGrant{ID: "h", ClientID: "public-sp", ConsentType: "Principal", PrincipalID: "user-2", ResourceID: spID, Scope: "Other"})
	})
	if c := sign(); c["ver"] != "2.0" || c["aud"] != appID || c["scp"] != "Jobs.Read Jobs.Write" || c["azp"] != publicID || c["iss"] != w.server.URL+"/"+tenantID+"/v2.0" {
		t.Errorf("%v", c)
	}
	if c := claimsOf(t, w.app("client_secret", secret, "scope", "api://backup/.default").text("access_token")); c["ver"] != "2.0" || c["azpacr"] != "1" || c["appid"] != nil {
		t.Errorf("%v", c)
	}
}

func TestDisabledPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.device().text("refresh_token")
	w.write(func(s *directory.Store) {
		u, _ := s.Users.Get("user-1")
		next := *u
		next.Disabled = true
		s.Users.Put("user-1", &next)
	})
	for name, a := range map[string]answer{"refresh": w.refreshFor(graph, old), "device": w.device()} {
		if a.code() != 50057 || a.text("error") != "invalid_grant" {
			t.Errorf("%s: %v", name, a.body)
		}
	}
}

func TestUserInfo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ask := func(bearer string) answer {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+"/oidc/userinfo", nil)
		if err != nil {
			t.Fatal(err)
		}
		if bearer != "" {
			r.Header.Set("Authorization", "Bearer "+bearer)
		}
		return w.do(r)
	}
	if a := ask(w.device().text("access_token")); a.status != 200 || a.text("name") != "Olga Owner" || a.text("email") != owner || a.text("sub") == "" {
		t.Errorf("%d %v", a.status, a.body)
	}
	for name, bearer := range map[string]string{"none": "", "nonsense": "x.y.z", "for another resource": w.app("client_secret", secret, "scope", arm).text("access_token")} {
		if a := ask(bearer); a.status != 401 || !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer ") {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a := ask(w.app("client_secret", secret).text("access_token")); a.status != 403 {
		t.Errorf("an application: %d", a.status)
	}
}

// What a page of another origin needs to redeem its code.
func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, method := range []string{http.MethodOptions, http.MethodPost} {
		r, err := http.NewRequestWithContext(t.Context(), method, w.server.URL+tokenV2, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", "https://spa.example")
		r.Header.Set("Access-Control-Request-Headers", "content-type")
		a := w.do(r)
		if a.header.Get("Access-Control-Allow-Origin") != "*" || method == http.MethodOptions && (a.status != 200 || a.header.Get("Access-Control-Allow-Headers") != "content-type") {
			t.Errorf("%s: %d %v", method, a.status, a.header)
		}
	}
	if a := w.app("client_secret", secret, "resource", "https://graph.microsoft.com"); a.code() != 901002 {
		t.Errorf("resource at version 2: %v", a.body)
	}
}
