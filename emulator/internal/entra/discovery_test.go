package entra_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiscovery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base := w.server.URL
	for _, c := range []struct{ path, issuer, endpoint string }{
		{"/" + tenantID + "/v2.0/.well-known/openid-configuration", base + "/" + tenantID + "/v2.0", base + "/" + tenantID + "/oauth2/v2.0/token"},
		{"/" + strings.ToUpper(tenantID) + "/v2.0/.well-known/openid-configuration", base + "/" + tenantID + "/v2.0", base + "/" + tenantID + "/oauth2/v2.0/token"},
		{"/" + domain + "/v2.0/.well-known/openid-configuration", base + "/" + tenantID + "/v2.0", base + "/" + tenantID + "/oauth2/v2.0/token"},
		{"/adfs/.well-known/openid-configuration", base + "/" + tenantID + "/v2.0", base + "/" + tenantID + "/oauth2/v2.0/token"},
		{"/common/v2.0/.well-known/openid-configuration", base + "/{tenantid}/v2.0", base + "/common/oauth2/v2.0/token"},
		{"/organizations/v2.0/.well-known/openid-configuration", base + "/{tenantid}/v2.0", base + "/organizations/oauth2/v2.0/token"},
		{"/" + tenantID + "/.well-known/openid-configuration", "https://sts.windows.net/" + tenantID + "/", base + "/" + tenantID + "/oauth2/token"},
		{"/common/.well-known/openid-configuration", "https://sts.windows.net/{tenantid}/", base + "/common/oauth2/token"},
	} {
		a := w.get(c.path)
		if a.status != 200 || a.text("issuer") != c.issuer || a.text("token_endpoint") != c.endpoint {
			t.Errorf("%s: %d %v %v", c.path, a.status, a.body["issuer"], a.body["token_endpoint"])
		}
		if region, ok := a.body["tenant_region_scope"]; !ok || (region == nil) != strings.Contains(c.issuer, "{tenantid}") {
			t.Errorf("%s: tenant_region_scope %v", c.path, region)
		}
		for name, want := range map[string]string{
			"Cache-Control": "max-age=86400, private", "Access-Control-Allow-Origin": "*", "Content-Type": "application/json; charset=utf-8",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", c.path, name, got)
			}
		}
		keys := w.get(strings.TrimPrefix(a.text("jwks_uri"), base))
		list, _ := keys.body["keys"].([]any)
		first := map[string]any{}
		if len(list) == 1 {
			first, _ = list[0].(map[string]any)
		}
		if first["kid"] != w.signer.KeyID() {
			t.Errorf("%s: keys are %v", c.path, keys.body)
		}
	}
}

func TestUnknownTenant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/nowhere.example/v2.0/.well-known/openid-configuration", "/nowhere.example/discovery/v2.0/keys", "/nowhere.example/.well-known/openid-configuration"} {
		if a := w.get(path); a.status != 400 || a.code() != 90002 || a.text("error") != "invalid_tenant" || !strings.Contains(a.text("error_description"), "'nowhere.example'") {
			t.Errorf("%s: %d %v", path, a.status, a.body)
		}
	}
	for _, path := range []string{"/nowhere.example/oauth2/v2.0/token", "/nowhere.example/oauth2/v2.0/devicecode", "/nowhere.example/oauth2/token"} {
		if a := w.post(path, "grant_type", "client_credentials", "client_id", appID); a.status != 400 || a.code() != 90002 {
			t.Errorf("%s: %d %v", path, a.status, a.body)
		}
	}
	if a := w.get("/" + tenantID + "/no/such/thing"); a.status != 404 || a.body != nil {
		t.Errorf("unknown path: %d %v", a.status, a.body)
	}
}

func TestInstanceDiscovery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	own, err := url.Parse(w.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(authority string) answer {
		return w.get("/common/discovery/instance?api-version=1.1&authorization_endpoint=" + url.QueryEscape(authority))
	}
	for authority, want := range map[string]string{
		w.server.URL + "/" + tenantID + "/oauth2/v2.0/authorize":               w.server.URL + "/" + tenantID + "/v2.0/.well-known/openid-configuration",
		"https://" + own.Hostname() + "/" + domain + "/oauth2/v2.0/authorize":  w.server.URL + "/" + domain + "/v2.0/.well-known/openid-configuration",
		"https://login.microsoftonline.com/common/oauth2/authorize":            "https://login.microsoftonline.com/common/.well-known/openid-configuration",
		"https://login.microsoftonline.us/organizations/oauth2/v2.0/authorize": "https://login.microsoftonline.us/organizations/v2.0/.well-known/openid-configuration",
		"https://localhost:8443/common/oauth2/v2.0/authorize":                  "https://localhost:8443/common/v2.0/.well-known/openid-configuration",
	} {
		a := ask(authority)
		if diff := cmp.Diff(want, a.text("tenant_discovery_endpoint")); diff != "" || a.status != 200 {
			t.Errorf("%s: %d %s", authority, a.status, diff)
		}
		if known, _ := a.body["metadata"].([]any); a.text("api-version") != "1.1" || len(known) < 2 {
			t.Errorf("%s: %v", authority, a.body)
		}
	}
	for _, bad := range []string{"https://login.evil.example/common/oauth2/v2.0/authorize", "http://localhost/common", "::", "%zz"} {
		if a := ask(bad); a.status != 400 || a.code() != 50049 || a.text("error") != "invalid_instance" {
			t.Errorf("%s: %d %v", bad, a.status, a.body)
		}
	}
}
