package arm_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/arm"
	"github.com/evercred/evercred/emulator/internal/exchange"
)

func TestAuthentication(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	past := c.now().Unix() - 100
	forged := c.admin[:len(c.admin)-8] + "AAAAAAAA"
	tests := map[string]struct{ header, code, message string }{
		"no header":    {"", "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."},
		"no scheme":    {c.admin, "AuthenticationFailedInvalidHeader", "Authentication failed. The 'Authorization' header is provided in an invalid format."},
		"no token":     {"Bearer ", "AuthenticationFailedInvalidHeader", ""},
		"not a token":  {"Bearer mine", "InvalidAuthenticationToken", "The access token is invalid."},
		"forged":       {"Bearer " + forged, "InvalidAuthenticationToken", "The access token is invalid."},
		"expired":      {"Bearer " + c.mint(map[string]any{"idtyp": "user", "exp": past}), "ExpiredAuthenticationToken", "The access token expiry UTC time '"},
		"not yet":      {"Bearer " + c.mint(map[string]any{"idtyp": "user", "nbf": past + 7200}), "InvalidAuthenticationToken", ""},
		"for Graph":    {"Bearer " + c.mint(map[string]any{"idtyp": "user", "aud": "https://graph.microsoft.com"}), "InvalidAuthenticationTokenAudience", "The access token has been obtained for wrong audience or resource 'https://graph.microsoft.com'."},
		"other tenant": {"Bearer " + c.mint(map[string]any{"idtyp": "user", "tid": subA}), "InvalidAuthenticationTokenTenant", "The access token is from the wrong issuer 'https://sts.windows.net/" + subA + "/'. It must match the tenant 'https://sts.windows.net/" + tenantID + "/' associated with this subscription."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := c.on(t)
			for address, tenant := range map[string]string{atA: tenantID, "/subscriptions": ""} {
				r := httptest.NewRequest("GET", origin+address+"?api-version=2022-12-01", nil)
				if test.header != "" {
					r.Header.Set("Authorization", test.header)
				}
				w := httptest.NewRecorder()
				c.handler.ServeHTTP(w, r)
				var out struct {
					Error struct{ Code, Message string }
				}
				if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 401 || out.Error.Code != test.code || !strings.HasPrefix(out.Error.Message, test.message) {
					t.Errorf("%d %s", w.Code, w.Body)
				}
				challenge := w.Header().Get("WWW-Authenticate")
				if !strings.HasPrefix(challenge, `Bearer authorization_uri="`+origin+"/"+tenant+`", error="invalid_token", error_description="`) {
					t.Errorf("challenge %s", challenge)
				}
			}
		})
	}
	// Anybody may ask whose subscription it is, and hears whether there is one.
	c.refused("GET", "/subscriptions/"+uuid.NewString(), "", "", 404, "SubscriptionNotFound")
	c.refused("GET", "/subscriptions/mine", "", "", 400, "InvalidSubscriptionId")
}

func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	missing := httptest.NewRecorder()
	c.handler.ServeHTTP(missing, httptest.NewRequest("GET", origin+"/subscriptions", nil))
	want := `{"error":{"code":"MissingApiVersionParameter","message":"The api-version query parameter (?api-version=) is required for all requests."}}`
	if d := cmp.Diff(want, missing.Body.String()); missing.Code != 400 || d != "" {
		t.Errorf("%d (-want +got):\n%s", missing.Code, d)
	}
	tests := []struct {
		method, address, code string
		status                int
	}{
		{"GET", "/subscriptions?api-version=latest", "InvalidApiVersionParameter", 400},
		{"GET", "/subscriptions?api-version=2022-1-1", "InvalidApiVersionParameter", 400},
		{"GET", "/subscriptions?api-version=%zz&api-version=", "MissingApiVersionParameter", 400},
		{"GET", "/", "NotFound", 404},
		{"GET", "/nothing/here", "NotFound", 404},
		{"POST", "/subscriptions", "MethodNotAllowed", 405},
		{"PATCH", group1, "MethodNotAllowed", 405},
		{"POST", assignmentAt(atA, uuid.NewString()), "MethodNotAllowed", 405},
		{"GET", atA + "/providers/Microsoft.Authorization/denyAssignments", "InvalidResourceType", 404},
		{"GET", atA + "/providers/Microsoft.Authorization", "", 200},
		{"GET", "/providers/Microsoft.Management/nothing", "InvalidResourceType", 404},
		{"GET", atA + "/locations", "NotFound", 404},
		{"GET", "/subscriptions/mine/locations", "InvalidSubscriptionId", 400},
		{"GET", vault, "ResourceNotFound", 404},
		{"GET", atA + "/providers/Microsoft.Compute/disks/d1", "ResourceNotFound", 404},
		{"DELETE", vault, "ResourceNotFound", 404},
		{"PUT", vault, "ResourceNotFound", 404},
		{"POST", vault + "/providers/Microsoft.Insights/x/y", "ResourceNotFound", 404},
		{"GET", vault + "/keys", "InvalidResourceType", 404},
		{"GET", "/subscriptions/" + strings.ReplaceAll(subA, "-", ""), "InvalidSubscriptionId", 400},
		{"GET", "/subscriptions/%7B" + subA + "%7D/resourceGroups", "InvalidSubscriptionId", 400},
	}
	for _, test := range tests {
		if test.code == "" {
			c.ask(test.method, test.address, c.admin, "", test.status)
			continue
		}
		c.refused(test.method, test.address, c.admin, "", test.status, test.code)
	}
	if got := c.do("POST", assignmentAt(atA, uuid.NewString()), c.admin, "").Header().Get("Allow"); got != "GET, PUT, DELETE" {
		t.Errorf("Allow: %q", got)
	}
	large := strings.Repeat(" ", 5<<20)
	c.refused("PUT", assignmentAt(atA, uuid.NewString()), c.admin, large, 413, "RequestContentTooLarge")
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	tests := map[string]struct{ method, address, names string }{
		"read":        {"GET", group1, "x-ms-ratelimit-remaining-subscription-reads=1099 x-ms-ratelimit-remaining-subscription-global-reads=16499"},
		"write":       {"PUT", group1, "x-ms-ratelimit-remaining-subscription-writes=799 x-ms-ratelimit-remaining-subscription-global-writes=11999"},
		"delete":      {"DELETE", atA + "/resourceGroups/none", "x-ms-ratelimit-remaining-subscription-deletes=799 x-ms-ratelimit-remaining-subscription-global-deletes=11999 x-ms-failure-cause=gateway"},
		"tenant":      {"GET", "/tenants", "x-ms-ratelimit-remaining-tenant-reads=1099"},
		"correlation": {"GET", "/tenants", "x-ms-correlation-request-id=0123456789abcdef0123456789abcdef x-ms-client-request-id=mine"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := c.on(t)
			r := httptest.NewRequest(test.method, origin+test.address+"?api-version=2022-09-01", strings.NewReader(`{"location":"westeurope"}`))
			r.Header.Set("Authorization", "Bearer "+c.admin)
			r.Header.Set("x-ms-correlation-request-id", "0123456789abcdef0123456789abcdef")
			r.Header.Set("x-ms-client-request-id", "mine")
			r.Header.Set("x-ms-return-client-request-id", "true")
			w := httptest.NewRecorder()
			c.handler.ServeHTTP(w, r)
			for pair := range strings.FieldsSeq(test.names) {
				name, want, _ := strings.Cut(pair, "=")
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			id := w.Header().Get("x-ms-request-id")
			if !regexp.MustCompile(`^WESTEUROPE:\d{8}T\d{6}Z:`+id+`$`).MatchString(w.Header().Get("x-ms-routing-request-id")) || uuid.Validate(id) != nil {
				t.Errorf("ids: %v", w.Header())
			}
		})
	}
	if got := c.do("GET", assignmentAt(atA, ""), c.admin, "").Header().Get("x-ms-operation-identifier"); !strings.HasPrefix(got, "tenantId="+tenantID+",objectId="+userID("owner@contoso.example")+"/westeurope/") {
		t.Errorf("operation %q", got)
	}
	var x exchange.Exchange
	r := httptest.NewRequestWithContext(exchange.With(context.Background(), &x), "GET", origin+"/tenants?API-Version=2022-12-01", nil)
	r.Header.Set("Authorization", "bearer "+c.admin)
	c.handler.ServeHTTP(httptest.NewRecorder(), r)
	if x.Caller != "owner@contoso.example" {
		t.Errorf("the request log has %q", x.Caller)
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	old := c.ask("GET", "//metadata/endpoints?api-version=2015-01-01", "", "", 200)
	want := object{
		"galleryEndpoint": "https://gallery.azure.com/", "graphEndpoint": "https://graph.windows.net/", "portalEndpoint": origin,
		"authentication": object{"loginEndpoint": origin, "audiences": []any{"https://management.core.windows.net/", "https://management.azure.com/"}},
	}
	if d := cmp.Diff(want, old); d != "" {
		t.Errorf("2015-01-01 (-want +got):\n%s", d)
	}
	now := c.ask("GET", "/metadata/endpoints?api-version=2022-09-01", "", "", 200)
	if now["resourceManager"] != origin+"/" || now["microsoftGraphResourceId"] != origin+"/" || now["name"] == "" {
		t.Errorf("2022-09-01: %v", now)
	}
	login := object{"loginEndpoint": origin, "audiences": []any{"https://management.core.windows.net/", "https://management.azure.com/"}, "tenant": "common", "identityProvider": "AAD"}
	if d := cmp.Diff(login, now["authentication"]); d != "" {
		t.Errorf("authentication (-want +got):\n%s", d)
	}
	for _, version := range []string{"2019-05-01", "2020-06-01"} {
		var clouds []object
		if err := json.Unmarshal(c.do("GET", "/metadata/endpoints?api-version="+version, "", "").Body.Bytes(), &clouds); err != nil || len(clouds) != 1 {
			t.Fatalf("%s: %v, %v", version, clouds, err)
		}
		if d := cmp.Diff(now, clouds[0]); d != "" {
			t.Errorf("%s differs from 2022-09-01 (-want +got):\n%s", version, d)
		}
	}
	c.refused("GET", "/metadata/endpoints?api-version=", "", "", 400, "MissingApiVersionParameter")
	c.refused("PUT", "/metadata/endpoints", "", "", 405, "MethodNotAllowed")

	// Behind a proxy that answers for the real hosts, links and challenges name those.
	proxied := arm.New(arm.Config{Directory: c.store, Signer: signer(), TenantID: tenantID, BaseURL: func(*http.Request) string { return "https://management.azure.com" }})
	w := httptest.NewRecorder()
	proxied.ServeHTTP(w, httptest.NewRequest("GET", "https://management.azure.com/metadata/endpoints?api-version=2022-09-01", nil))
	if !strings.Contains(w.Body.String(), `"loginEndpoint":"https://login.microsoftonline.com"`) || !strings.Contains(w.Body.String(), `"name":"AzureCloud"`) {
		t.Errorf("behind a proxy: %s", w.Body)
	}
	w = httptest.NewRecorder()
	proxied.ServeHTTP(w, httptest.NewRequest("GET", "https://management.azure.com/tenants?api-version=2022-12-01", nil))
	if got := w.Header().Get("WWW-Authenticate"); !strings.HasPrefix(got, `Bearer authorization_uri="https://login.windows.net/", `) {
		t.Errorf("challenge %s", got)
	}
}

// Whatever comes, the answer is no server error and is JSON or nothing.
func FuzzRequest(f *testing.F) {
	c := newCloud(f)
	role := roleBody(reader, userID("owner@contoso.example"), "")
	f.Add("GET", assignmentAt(atA, ""), "principalId eq '"+subA+"'", "")
	f.Add("PUT", assignmentAt(vault, subA), "", role)
	f.Add("PUT", definitionAt(atA, subB), "", definitionBody("x", `"`+atA+`"`))
	f.Add("PUT", atA+"/resourceGroups/x", "", `{"location":"eastus"}`)
	f.Add("GET", "/providers/Microsoft.Management/managementGroups/x", "atScope() and assignedTo('''')", "")
	f.Add("DELETE", "/providers/Microsoft.Authorization/permissions/providers/Microsoft.Authorization", "", "null")
	f.Fuzz(func(t *testing.T, method, path, filter, body string) {
		u := &url.URL{Scheme: "https", Host: "cloud.test", Path: "/" + path, RawQuery: "api-version=2022-04-01&$filter=" + url.QueryEscape(filter)}
		r, err := http.NewRequest(method, u.String(), strings.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Authorization", "Bearer "+c.admin)
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		if w.Code >= 500 || w.Code == 401 || w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	})
}

// Tokens from outside may hold anything.
func FuzzToken(f *testing.F) {
	c := newCloud(f)
	f.Add(`{"alg":"none"}`, `{"aud":"https://management.azure.com"}`)
	f.Add(`{"alg":"RS256"}`, `{"exp":1e400}`)
	f.Fuzz(func(t *testing.T, header, payload string) {
		e := base64.RawURLEncoding.EncodeToString
		w := c.on(t).do("GET", "/subscriptions", e([]byte(header))+"."+e([]byte(payload))+".AAAA", "")
		if w.Code != 401 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	})
}
