package entra_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/token"
)

func keys(body map[string]any) []string {
	var out []string
	for k := range body {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func TestClientSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, s := range []string{secret, spSecret} {
		a := w.app("client_secret", s)
		if diff := cmp.Diff([]string{"access_token", "expires_in", "ext_expires_in", "token_type"}, keys(a.body)); diff != "" || a.status != 200 {
			t.Fatalf("%d %s%v", a.status, diff, a.body)
		}
		if a.body["expires_in"] != 3599.0 || a.header.Get("Cache-Control") != "no-store, no-cache" || a.header.Get("X-Ms-Request-Id") == "" {
			t.Errorf("%v %v", a.body, a.header)
		}
		caller, err := w.signer.Verify(a.text("access_token"), time.Now(), tenantID, token.GraphAudiences())
		if err != nil {
			t.Fatal(err)
		}
		if caller.User || caller.ObjectID != spID || !slices.Equal(caller.Roles, []string{"Application.Read.All"}) {
			t.Errorf("caller is %+v", caller)
		}
		if c := claimsOf(t, a.text("access_token")); c["appidacr"] != "1" || c["ver"] != "1.0" || c["iss"] != "https://sts.windows.net/"+tenantID+"/" {
			t.Errorf("claims are %v", c)
		}
	}
}

func TestBasicAuthentication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{tokenV2, "/" + domain + "/oauth2/v2.0/token"} {
		form := url.Values{"grant_type": {"client_credentials"}, "scope": {arm}}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		r.SetBasicAuth(url.QueryEscape(appID), url.QueryEscape(secret))
		if a := w.do(r); a.status != 200 {
			t.Errorf("%s: %d %v", path, a.status, a.body)
		}
	}
}

func TestAudienceAndRoles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for scope, want := range map[string]string{
		arm:                                     "https://management.core.windows.net/",
		"https://management.azure.com/.default": "https://management.azure.com",
		graph:                                   "https://graph.microsoft.com",
		"https://graph.microsoft.com//.default openid offline_access profile": "https://graph.microsoft.com/",
		token.GraphAppID + "/.default":                                        token.GraphAppID,
		"https://vault.azure.net/.default":                                    "https://vault.azure.net",
		"api://backup/.default":                                               "api://backup",
		"api://" + appID + "/.default":                                        "api://" + appID,
	} {
		a := w.app("client_secret", secret, "scope", scope)
		if a.status != 200 {
			t.Errorf("%s: %v", scope, a.body)
			continue
		}
		c := claimsOf(t, a.text("access_token"))
		if c["aud"] != want || (c["roles"] != nil) != strings.Contains(strings.ToLower(want), "graph") && want != token.GraphAppID {
			t.Errorf("%s: aud %v, roles %v", scope, c["aud"], c["roles"])
		}
	}
}

func TestAppErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write(func(s *directory.Store) {
		now := s.Now()
		for id, p := range map[string]*directory.ServicePrincipal{
			"no-sp": nil, "disabled": {AppID: "disabled"}, "deleted": {AppID: "deleted", Enabled: true},
			"sp-deleted": {AppID: "sp-deleted", Enabled: true, DeletedAt: &now},
		} {
			app := &directory.Application{ID: id, AppID: id, DisplayName: id}
			if id == "deleted" {
				app.DeletedAt = &now
			}
			s.Applications.Put(id, app)
			if p != nil {
				s.ServicePrincipals.Put("sp "+id, p)
			}
		}
	})
	for name, c := range map[string]struct {
		path   string
		pairs  []string
		status int
		code   int
		oauth  string
		text   string
	}{
		"wrong secret":     {tokenV2, []string{"client_secret", "wrong"}, 401, 7000215, "invalid_client", "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '" + appID + "'."},
		"secret id":        {tokenV2, []string{"client_secret", "key of " + secret}, 401, 7000215, "invalid_client", "not the client secret ID"},
		"expired secret":   {tokenV2, []string{"client_secret", expiredSecret}, 401, 7000222, "invalid_client", "are expired. Visit the Azure portal"},
		"future secret":    {tokenV2, []string{"client_secret", futureSecret}, 401, 7000215, "invalid_client", ""},
		"no credential":    {tokenV2, nil, 401, 7000216, "invalid_client", "'client_assertion', 'client_secret'"},
		"unknown app":      {tokenV2, []string{"client_id", "ffffffff-0000-4000-8000-00000000000f", "client_secret", "x"}, 400, 700016, "unauthorized_client", "was not found in the directory 'Fabrikam'"},
		"deleted app":      {tokenV2, []string{"client_id", "deleted", "client_secret", "x"}, 400, 700016, "unauthorized_client", ""},
		"no sp":            {tokenV2, []string{"client_id", "no-sp", "client_secret", "x"}, 400, 7000229, "unauthorized_client", "is missing service principal in the tenant " + tenantID},
		"deleted sp":       {tokenV2, []string{"client_id", "sp-deleted", "client_secret", "x"}, 400, 7000229, "unauthorized_client", ""},
		"disabled":         {tokenV2, []string{"client_id", "disabled", "client_secret", "x"}, 400, 7000112, "unauthorized_client", "is disabled"},
		"public client":    {tokenV2, []string{"client_id", cli, "client_secret", "x"}, 401, 700025, "invalid_client", ""},
		"no grant":         {tokenV2, []string{"grant_type", ""}, 400, 900144, "invalid_request", "'grant_type'"},
		"bad grant":        {tokenV2, []string{"grant_type", "magic"}, 400, 70003, "unsupported_grant_type", "'magic'"},
		"no client":        {tokenV2, []string{"client_id", ""}, 400, 900144, "invalid_request", "'client_id'"},
		"no scope":         {tokenV2, []string{"scope", ""}, 400, 900144, "invalid_request", "'scope'"},
		"scope by name":    {tokenV2, []string{"client_secret", secret, "scope", "https://graph.microsoft.com/User.Read"}, 400, 1002012, "invalid_scope", "/.default suffixed"},
		"oidc only":        {tokenV2, []string{"client_secret", secret, "scope", "openid"}, 400, 1002012, "invalid_scope", ""},
		"two resources":    {tokenV2, []string{"client_secret", secret, "scope", graph + " " + arm}, 400, 28000, "invalid_scope", ""},
		"no such scope":    {tokenV2, []string{"client_secret", secret, "scope", "https://"}, 400, 70011, "invalid_scope", ""},
		"unknown resource": {tokenV2, []string{"client_secret", secret, "scope", "https://nope.example/.default"}, 400, 500011, "invalid_resource", "https://nope.example was not found"},
		"common":           {"/common/oauth2/v2.0/token", []string{"client_secret", secret}, 400, 9001023, "invalid_request", ""},
		"organizations":    {"/organizations/oauth2/v2.0/token", []string{"client_secret", secret}, 400, 50059, "invalid_request", ""},
		"v1 no resource":   {"/" + tenantID + "/oauth2/token", []string{"client_secret", secret}, 400, 900144, "invalid_request", "'resource'"},
	} {
		a := w.post(c.path, append([]string{"grant_type", "client_credentials", "client_id", appID, "scope", graph}, c.pairs...)...)
		if a.status != c.status || a.code() != c.code || a.text("error") != c.oauth || !strings.Contains(a.text("error_description"), c.text) {
			t.Errorf("%s: %d %v", name, a.status, a.body)
		}
	}
}

func TestErrorBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+tokenV2, strings.NewReader("grant_type=refresh_token&client_id="+cli+"&refresh_token=x"))
	if err != nil {
		t.Fatal(err)
	}
	const correlation = "12345678-1234-4234-8234-123456789012"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Client-Request-Id", correlation)
	r.Header.Set("X-Client-Current-Telemetry", "4|84,1|")
	a := w.do(r)
	want := []string{"correlation_id", "error", "error_codes", "error_description", "error_uri", "suberror", "timestamp", "trace_id"}
	if diff := cmp.Diff(want, keys(a.body)); diff != "" {
		t.Error(diff)
	}
	if a.text("correlation_id") != correlation || a.text("trace_id") != a.header.Get("X-Ms-Request-Id") || a.header.Get("X-Ms-Clitelem") != "1,9002313,0,," {
		t.Errorf("%v %v", a.body, a.header)
	}
	shape := regexp.MustCompile(`^AADSTS9002313: .*\. Trace ID: [0-9a-f-]{36} Correlation ID: ` + correlation + ` Timestamp: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$`)
	if !shape.MatchString(a.text("error_description")) || a.text("error_uri") != "https://login.microsoftonline.com/error?code=9002313" {
		t.Errorf("%v", a.body)
	}
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const form = "application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		kind, body   string
		status, code int
	}{
		"json":          {"application/json", `{"grant_type":"client_credentials"}`, 400, 900144},
		"no type":       {"", "grant_type=client_credentials", 400, 900144},
		"empty":         {form, "", 400, 900144},
		"bad escape":    {form, "grant_type=%zz", 400, 9002313},
		"semicolon":     {form, "a=1;b=2", 400, 9002313},
		"duplicate":     {form, "grant_type=client_credentials&grant_type=client_credentials", 400, 9000411},
		"too large":     {form, "x=" + strings.Repeat("a", 300<<10), 413, 9002313},
		"invalid UTF-8": {form, "grant_type=%ff%fe&client_id=%ff", 400, 70003},
	} {
		if a := w.postRaw(tokenV2, c.kind, c.body); a.status != c.status || a.code() != c.code {
			t.Errorf("%s: %d %v", name, a.status, a.body)
		}
	}
	if a := w.get(tokenV2); a.status != 400 || a.code() != 900561 || !strings.Contains(a.text("error_description"), "Received a GET request.") {
		t.Errorf("GET: %d %v", a.status, a.body)
	}
}

func TestVersion1(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.post("/"+tenantID+"/oauth2/token", "grant_type", "client_credentials", "client_id", appID, "client_secret", secret, "resource", "https://management.azure.com/")
	want := []string{"access_token", "expires_in", "expires_on", "ext_expires_in", "not_before", "resource", "token_type"}
	if diff := cmp.Diff(want, keys(a.body)); diff != "" {
		t.Fatalf("%s%v", diff, a.body)
	}
	if a.text("expires_in") != "3599" || claimsOf(t, a.text("access_token"))["aud"] != "https://management.azure.com/" {
		t.Errorf("%v", a.body)
	}
}

func TestReplication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const fresh = "eeeeeeee-0000-4000-8000-000000000001"
	w.write(func(s *directory.Store) {
		s.SetSettings(directory.Settings{ReplicationDelay: time.Hour})
		s.Applications.Put("fresh", &directory.Application{ID: "fresh", AppID: fresh})
	})
	if a := w.app("client_id", fresh, "client_secret", secret); a.code() != 700016 {
		t.Errorf("an application that has not reached the replica: %v", a.body)
	}
	w.advance(2 * time.Hour)
	w.write(func(s *directory.Store) {
		s.ServicePrincipals.Put("fresh sp", &directory.ServicePrincipal{ID: "fresh sp", AppID: fresh, Enabled: true})
	})
	if a := w.app("client_id", fresh, "client_secret", secret); a.code() != 7000229 {
		t.Errorf("a service principal that has not reached the replica: %v", a.body)
	}
	w.advance(2 * time.Hour)
	w.write(func(s *directory.Store) {
		app, _ := s.Applications.Get("app-object")
		changed := *app
		changed.Passwords = append([]directory.Password{{Hash: directory.HashSecret("fresh"), Start: s.Now(), End: s.Now().Add(48 * time.Hour)}}, app.Passwords...)
		s.Applications.Put("app-object", &changed)
	})
	if a := w.app("client_secret", "fresh"); a.code() != 7000215 {
		t.Errorf("a secret that has not reached the replica: %v", a.body)
	}
	w.advance(2 * time.Hour)
	if a := w.app("client_secret", "fresh"); a.status != 200 {
		t.Errorf("a secret that has: %v", a.body)
	}
}

// A service principal that was made anew lies beside the soft-deleted one.
func TestNewServicePrincipal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write(func(s *directory.Store) {
		now := s.Now()
		old, _ := s.ServicePrincipals.Get(spID)
		deleted := *old
		deleted.DeletedAt = &now
		s.ServicePrincipals.Put(spID, &deleted)
	})
	if a := w.app("client_secret", secret); a.code() != 7000229 {
		t.Errorf("%v", a.body)
	}
	w.write(func(s *directory.Store) {
		s.ServicePrincipals.Put("new-sp", &directory.ServicePrincipal{ID: "new-sp", AppID: appID, Enabled: true})
	})
	if a := w.app("client_secret", secret); a.status != 200 || claimsOf(t, a.text("access_token"))["oid"] != "new-sp" {
		t.Errorf("%v", a.body)
	}
}
