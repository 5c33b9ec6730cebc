package entra_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/entra"
	"github.com/evercred/evercred/emulator/internal/token"
)

func (w *world) rules(rules ...directory.AccessRule) {
	w.Helper()
	if err := w.service.SetAccessRules(owner, rules); err != nil {
		w.Fatal(err)
	}
}

// device signs in by device code and returns the poll's answer.
func (w *world) device(pairs ...string) answer {
	w.Helper()
	a := w.post(deviceV2, append([]string{"client_id", cli, "scope", graph + " openid offline_access"}, pairs...)...)
	if err := w.service.Approve(a.text("user_code"), owner); err != nil {
		w.Fatal(err)
	}
	return w.post(tokenV2, "grant_type", "device_code", "client_id", cli, "device_code", a.text("device_code"))
}

func (w *world) refreshFor(scope, text string) answer {
	w.Helper()
	return w.post(tokenV2, "grant_type", "refresh_token", "client_id", cli, "refresh_token", text, "scope", scope)
}

func TestConditionalAccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.device().text("refresh_token")

	// Blocks hold everywhere.
	for _, code := range []int{53000, 53001, 53003, 50105, 530032} {
		w.rules(directory.AccessRule{Code: code})
		for name, a := range map[string]answer{"device": w.device(), "refresh": w.refreshFor(graph, old)} {
			if a.status != 400 || a.code() != code || a.text("error") != "invalid_grant" || a.body["claims"] != nil {
				t.Errorf("%s: %d %v", name, a.status, a.body)
			}
		}
		res, page := w.browser().open(http.MethodPost, w.address(authorizeV2), url.Values{"decision": {"continue"}, "user": {owner}})
		if res.StatusCode != 200 || !strings.Contains(page, "You cannot access this right now") {
			t.Errorf("browser: %s", res.Status)
		}
		res, _ = w.browser().open(http.MethodPost, w.address(authorizeV2), url.Values{"decision": {"return"}, "user": {owner}})
		if back := w.browser().sentTo(res); back.Get("error") != "access_denied" || back.Get("state") == "" {
			t.Errorf("sent back: %v", back)
		}
	}

	// Multifactor authentication is asked of older refresh tokens, for one resource only; signing in meets it.
	for _, code := range []int{50076, 50079, 50158} {
		w.rules(directory.AccessRule{Code: code, Resource: token.ManagementAppID})
		if a := w.refreshFor(graph, old); a.status != 200 {
			t.Errorf("another resource: %v", a.body)
		}
		a := w.refreshFor(arm, old)
		var claims map[string]any
		if a.code() != code || a.text("error") != "invalid_grant" || a.text("suberror") != "basic_action" || json.Unmarshal([]byte(a.text("claims")), &claims) != nil {
			t.Errorf("%d: %v", code, a.body)
		}
		v1 := w.post("/common/oauth2/token", "grant_type", "refresh_token", "client_id", cli, "refresh_token", old, "resource", "https://management.azure.com/")
		if v1.code() != code || v1.text("error") != "interaction_required" {
			t.Errorf("%d, version 1: %v", code, v1.body)
		}
		// The client hands back the claims in a new sign-in.
		back := w.browser().signIn(w.address(authorizeV2, "claims", a.text("claims")), owner)
		fresh := w.post(tokenV2, "grant_type", "authorization_code", "client_id", cli, "code", back.Get("code"), "redirect_uri", loopback)
		if a := w.refreshFor(arm, fresh.text("refresh_token")); a.status != 200 {
			t.Errorf("%d, after stepping up: %v", code, a.body)
		}
		if a := w.device("scope", arm+" offline_access"); a.status != 200 || w.refreshFor(arm, a.text("refresh_token")).status != 200 {
			t.Errorf("%d, a new sign-in: %v", code, a.body)
		}
	}

	w.rules(directory.AccessRule{Code: 50076, Flow: "device_code"})
	a := w.device()
	if a.code() != 50076 {
		t.Errorf("bound to the device code flow: %v", a.body)
	}
	if a := w.device("claims", a.text("claims")); a.status != 200 {
		t.Errorf("with the claims: %v", a.body)
	}
	w.rules(directory.AccessRule{Code: 53003, Flow: "device_code"})
	if a := w.refreshFor(graph, old); a.code() != 53003 {
		t.Errorf("protocol tracking: %v", a.body)
	}
	back := w.browser().signIn(w.address(authorizeV2), owner)
	if a := w.post(tokenV2, "grant_type", "authorization_code", "client_id", cli, "code", back.Get("code"), "redirect_uri", loopback); a.status != 200 {
		t.Errorf("in the browser: %v", a.body)
	}
	w.rules()
	if a := w.refreshFor(graph, old); a.status != 200 {
		t.Errorf("without rules: %v", a.body)
	}
	if err := w.service.RevokeSessions(owner); err != nil {
		t.Fatal(err)
	}
	if a := w.refreshFor(graph, old); a.code() != 50173 || a.text("suberror") != "bad_token" {
		t.Errorf("revoked: %v", a.body)
	}
	if a := w.refreshFor(graph, w.device().text("refresh_token")); a.status != 200 {
		t.Errorf("after signing in again: %v", a.body)
	}
	if err := w.service.SetAccessRules("nobody", nil); !errors.Is(err, entra.ErrUnknownUser) {
		t.Error(err)
	}
	for _, r := range []directory.AccessRule{{Code: 1}, {Code: 53003, Flow: "x"}} {
		if err := w.service.SetAccessRules(owner, []directory.AccessRule{r}); !errors.Is(err, entra.ErrUnknownRule) {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct {
		path  string
		pairs []string
		code  int
	}{
		"wrong":       {tokenV2, nil, 50126},
		"stranger":    {tokenV2, []string{"username", "x@" + domain}, 50034},
		"no name":     {tokenV2, []string{"username", ""}, 900144},
		"no password": {tokenV2, []string{"password", ""}, 900144},
		"common":      {"/common/oauth2/v2.0/token", nil, 9001023},
		"no secret":   {tokenV2, []string{"client_id", appID}, 7000218},
	} {
		a := w.post(c.path, append([]string{"grant_type", "password", "client_id", cli, "username", owner, "password", "x", "scope", graph}, c.pairs...)...)
		if a.code() != c.code {
			t.Errorf("%s: %v", name, a.body)
		}
	}
	for user, want := range map[string]string{owner: "Managed", "x@elsewhere.example": "Unknown", "x": "Unknown"} {
		a := w.get("/common/UserRealm/" + user + "?api-version=1.0")
		if a.status != 200 || a.text("account_type") != want || a.text("ver") != "1.0" || a.text("cloud_audience_urn") != "urn:federation:MicrosoftOnline" {
			t.Errorf("%s: %v", user, a.body)
		}
	}
}
