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
		{"GET", "/subscriptions?api-version=2022-12-01&api-version=2020-01-01", "InvalidApiVersionParameter", 400},
		{"GET", "/subscriptions?api-version=2022-04-01", "InvalidApiVersionParameter", 400},
		{"GET", atA + "/providers/Microsoft.Authorization/roleAssignments?api-version=2020-10-01-preview", "InvalidResourceType", 404},
		{"GET", "/providers/Microsoft.Management/managementGroups?api-version=2020-06-01", "InvalidResourceType", 404},
		{"GET", "/subscriptions/%FF%FE/resourceGroups", "InvalidRequestUri", 400},
		{"GET", atA + "/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()&$filter=atScope()", "UnsupportedQuery", 400},
		{"GET", "/", "NotFound", 404},
		{"GET", "/nothing/here", "NotFound", 404},
		{"POST", "/subscriptions", "MethodNotAllowed", 405},
		{"POST", group1, "MethodNotAllowed", 405},
		{"POST", assignmentAt(atA, uuid.NewString()), "MethodNotAllowed", 405},
		{"GET", atA + "/providers/Microsoft.Authorization/denyAssignments", "", 200},
		{"GET", atA + "/providers/Microsoft.Authorization/somethingElse", "InvalidResourceType", 404},
		{"GET", atA + "/providers/Microsoft.Authorization", "", 200},
		{"GET", "/providers/Microsoft.Management/nothing", "InvalidResourceType", 404},
		{"GET", atA + "/elsewhere", "NotFound", 404},
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
		"read":        {"GET", group1, "x-ms-ratelimit-remaining-subscription-reads=249 x-ms-ratelimit-remaining-subscription-global-reads=3749"},
		"write":       {"PUT", group1, "x-ms-ratelimit-remaining-subscription-writes=199 x-ms-ratelimit-remaining-subscription-global-writes=2999"},
		"delete":      {"DELETE", atA + "/resourceGroups/none", "x-ms-ratelimit-remaining-subscription-deletes=199 x-ms-ratelimit-remaining-subscription-global-deletes=2999 x-ms-failure-cause=gateway"},
		"tenant":      {"GET", "/tenants", "x-ms-ratelimit-remaining-tenant-reads=249"},
		"correlation": {"GET", "/tenants", "x-ms-correlation-request-id=0123456789abcdef0123456789abcdef x-ms-client-request-id=mine"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := c.on(t)
			r := httptest.NewRequest(test.method, origin+test.address+"?api-version=2022-09-01", strings.NewReader(`{"location":"westeurope"}`))
			r.Header.Set("Authorization", "Bearer "+c.admin)
			r.Header.Set("Content-Type", "application/json")
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
}

// Behind a proxy that answers for the real hosts, links and challenges name those of the cloud asked.
func TestMetadataBehindAProxy(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	for host, want := range map[string]object{
		"management.azure.com":            {"name": "AzureCloud", "login": "https://login.microsoftonline.com", "challenge": "https://login.windows.net/", "graph": "https://graph.microsoft.com/"},
		"management.usgovcloudapi.net":    {"name": "AzureUSGovernment", "login": "https://login.microsoftonline.us", "challenge": "https://login.microsoftonline.us/", "graph": "https://graph.microsoft.us/"},
		"management.chinacloudapi.cn:443": {"name": "AzureChinaCloud", "login": "https://login.chinacloudapi.cn", "challenge": "https://login.chinacloudapi.cn/", "graph": "https://microsoftgraph.chinacloudapi.cn/"},
	} {
		proxied := arm.New(arm.Config{Directory: c.store, Signer: signer(), TenantID: tenantID, BaseURL: func(r *http.Request) string { return "https://" + r.Host }})
		get := func(address string) *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			proxied.ServeHTTP(w, httptest.NewRequest("GET", "https://"+host+address, nil))
			return w
		}
		var one object
		if err := json.Unmarshal(get("/metadata/endpoints?api-version=2022-09-01").Body.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		login := one["authentication"].(object)["loginEndpoint"]
		challenge := get("/tenants?api-version=2022-12-01").Header().Get("WWW-Authenticate")
		uri, _, _ := strings.Cut(strings.TrimPrefix(challenge, `Bearer authorization_uri="`), `"`)
		got := object{"name": one["name"], "login": login, "challenge": uri, "graph": one["microsoftGraphResourceId"]}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", host, d)
		}
		var all []object
		if err := json.Unmarshal(get("/metadata/endpoints?api-version=2019-05-01").Body.Bytes(), &all); err != nil || len(all) != 3 || all[0]["name"] != "AzureCloud" {
			t.Errorf("%s: the list of clouds: %v, %v", host, all, err)
		}
	}
}

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	for given, want := range map[string]int{
		"application/json": 200, "application/json; charset=utf-8": 200, "Application/JSON": 200, "text/plain": 415, "": 415, "application/x-www-form-urlencoded": 415, "json;;": 415,
	} {
		r := httptest.NewRequest("PUT", origin+group1+"?api-version=2022-09-01", strings.NewReader(`{"location":"westeurope"}`))
		r.Header.Set("Authorization", "Bearer "+c.admin)
		r.Header.Set("Content-Type", given)
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		if w.Code != want || want == 415 && !strings.Contains(w.Body.String(), `"code":"UnsupportedMediaType"`) {
			t.Errorf("%q: %d %s", given, w.Code, w.Body)
		}
	}
}

// Tokens that somebody made himself: without a signature, with the public key as the secret of a MAC, with claims
// changed after signing.
func TestForgedTokens(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	parts := strings.Split(c.admin, ".")
	e := base64.RawURLEncoding.EncodeToString
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(raw), userID("owner@contoso.example"), uuid.NewString(), 1)
	for name, bearer := range map[string]string{
		"none":             e([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + ".",
		"NONE with a name": e([]byte(`{"alg":"NONE","kid":"x"}`)) + "." + parts[1] + "." + parts[2],
		"MAC":              e([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + parts[1] + "." + e([]byte("0123456789abcdef0123456789abcdef")),
		"other claims":     parts[0] + "." + e([]byte(other)) + "." + parts[2],
		"four parts":       c.admin + "." + parts[2],
		"padded":           parts[0] + "." + parts[1] + "." + parts[2] + "==",
	} {
		if got := c.refused("GET", "/subscriptions", bearer, "", 401, "InvalidAuthenticationToken"); got != "The access token is invalid." {
			t.Errorf("%s: %s", name, got)
		}
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
	f.Add("PUT", landed+"/subscriptions/"+subA, "", "")
	f.Add("PUT", "/providers/Microsoft.Management/managementGroups/x", "", `{"properties":{"details":{"parent":{"id":"x"}}}}`)
	f.Add("POST", atA+"/providers/Microsoft.Compute/register", "", "")
	f.Add("POST", "/providers/Microsoft.Management/getEntities", "", "{}")
	f.Add("PATCH", group1, "tagName eq 'a' and tagValue eq 'b'", `{"tags":{"a":"b"}}`)
	f.Add("DELETE", "/providers/Microsoft.Authorization/permissions/providers/Microsoft.Authorization", "", "null")
	f.Fuzz(func(t *testing.T, method, path, filter, body string) {
		u := &url.URL{Scheme: "https", Host: "cloud.test", Path: "/" + path, RawQuery: "api-version=" + usualVersion("/"+path) + "&$filter=" + url.QueryEscape(filter)}
		r, err := http.NewRequest(method, u.String(), strings.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Authorization", "Bearer "+c.admin)
		r.Header.Set("Content-Type", "application/json")
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
