package graph_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/emulator/internal/directory"
)

func TestFilter(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	apps := map[string]*directory.Application{}
	for i, name := range []string{"alpha", "Beta", "o'hara"} {
		a, _, _ := c.app(name)
		apps[name] = a
		c.patch("/v1.0/applications/"+a.ID, map[string]any{
			"identifierUris": []string{"api://" + url.PathEscape(name)}, "tags": []string{"evercred", fmt.Sprint("n", i)}, "isFallbackPublicClient": i == 0,
		}).want(http.StatusNoContent)
	}
	secret := c.post("/v1.0/applications/"+apps["alpha"].ID+"/addPassword", `{}`).text("keyId")
	for filter, want := range map[string]string{
		"displayName eq 'ALPHA'":                                                 "alpha",
		"displayName eq 'o''hara'":                                               "o'hara",
		"startswith(displayName,'b')":                                            "Beta",
		"startsWith(displayName, 'b') eq true":                                   "Beta",
		"appId eq '" + apps["Beta"].AppID + "'":                                  "Beta",
		"appId eq '" + strings.ToUpper(apps["Beta"].AppID) + "'":                 "Beta",
		"id eq " + apps["Beta"].ID:                                               "Beta",
		"appId eq 'x' or displayName eq 'alpha'":                                 "alpha",
		"appId eq '" + apps["Beta"].AppID + "' and tags/any(t:t eq 'n0')":        "",
		"appId in ('" + apps["Beta"].AppID + "', '" + apps["alpha"].AppID + "')": "Beta alpha",
		"displayName in ('alpha','x')":                                           "alpha",
		"identifierUris/any(s:s eq 'api://Beta')":                                "Beta",
		"identifierUris/any(s:startswith(s,'api://'))":                           "Beta alpha o'hara",
		"identifierUris/any()":                                                   "Beta alpha o'hara",
		"tags/any(t:t eq 'evercred') and tags/any(x:x eq 'n1')":                  "Beta",
		"tags/any(t:t eq 'n0' or t eq 'n1')":                                     "Beta alpha",
		"passwordCredentials/any(p:p/keyId eq " + secret + ")":                   "alpha",
		"isFallbackPublicClient eq true":                                         "alpha",
		"isFallbackPublicClient":                                                 "alpha",
		"createdDateTime ge 2020-01-01T00:00:00Z":                                "Beta alpha o'hara",
		"createdDateTime le 2020-01-01T00:00:00Z":                                "",
		"displayName ge 'b' and displayName le 'c'":                              "Beta",
		"(displayName eq 'alpha' or displayName eq 'beta') and notes eq null":    "Beta alpha",
		"web/homePageUrl eq null and displayName eq 'alpha'":                     "alpha",
		"extension_none eq 'x'":                                                  "",
		"signInAudience eq 'AzureADMyOrg'":                                       "Beta alpha o'hara",
	} {
		r := c.get("/v1.0/applications?$select=displayName&$filter=" + url.QueryEscape(filter)).want(http.StatusOK)
		if got := strings.Join(r.names("displayName"), " "); got != want {
			t.Errorf("%s: got %q, want %q", filter, got, want)
		}
	}
	for filter, message := range map[string]string{
		"":                               "Syntax error at position 0 in ''.",
		"displayName eq":                 "Syntax error",
		"displayName eq 'x":              "unterminated string literal",
		"displayName eq x":               "Syntax error",
		"displayName eq 5":               "incompatible types",
		"isFallbackPublicClient eq 'x'":  "incompatible types",
		"displayName eq 'x')":            "Syntax error",
		"(displayName eq 'x'":            "Syntax error",
		"displayName is 'x'":             "Syntax error",
		"shout(displayName)":             "unknown function with name 'shout'",
		"tags/any(t:t eq 'x'":            "Syntax error",
		"displayName/any(t:t eq 'x')":    "Any/All",
		strings.Repeat("(", 100):         "nested too deeply",
		"displayName eq 'x' \x00":        "Syntax error",
		"displayName eq 'x' displayName": "Syntax error",
	} {
		r := c.get("/v1.0/applications?$filter=" + url.QueryEscape(filter))
		if r.status == http.StatusOK {
			t.Errorf("%q was taken", filter)
			continue
		}
		r.fails(http.StatusBadRequest, "BadRequest", message)
	}
	c.get("/v1.0/applications?$filter=contains(displayName,'x')").fails(400, "Request_UnsupportedQuery", "Unsupported Query.")
	c.get("/v1.0/servicePrincipals?$filter=colour eq 'x'").fails(400, "BadRequest", "Could not find a property named 'colour'")
	if got := c.get("/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq 'api://Beta')").names("displayName"); len(got) != 1 {
		t.Errorf("servicePrincipalNames: %v", got)
	}
}

func TestAdvancedQueries(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.app("alpha")
	c.app("beta")
	for _, query := range []string{
		"$filter=displayName ne 'alpha'&$count=true", "$filter=not(displayName eq 'alpha')&$count=true",
		"$filter=endsWith(displayName,'eta')&$count=true", "$search=\"displayName:eta\"",
		"$filter=startswith(displayName,'b')&$orderby=displayName&$count=true",
	} {
		path := "/v1.0/applications?" + query
		c.get(path).fails(400, "Request_UnsupportedQuery", "")
		if got := c.do(c.admin, "GET", path, nil, "ConsistencyLevel", "eventual").want(200).names("displayName"); !cmp.Equal(got, []string{"beta"}) {
			t.Errorf("%s: %v", query, got)
		}
	}
	c.do(c.admin, "GET", "/v1.0/applications?$filter=displayName ne 'alpha'", nil, "ConsistencyLevel", "eventual").fails(400, "Request_UnsupportedQuery", "$count=true")
	c.get("/v1.0/applications?$count=true").fails(400, "Request_UnsupportedQuery", "ConsistencyLevel")
	counted := c.do(c.admin, "GET", "/v1.0/applications?$count=true&$top=1", nil, "ConsistencyLevel", "eventual").want(200)
	if counted.body["@odata.count"] != float64(2) || len(counted.list()) != 1 {
		t.Errorf("counted: %s", counted.raw)
	}
	c.get("/v1.0/applications/$count").fails(400, "Request_UnsupportedQuery", "")
	if n := c.do(c.admin, "GET", "/v1.0/applications/$count", nil, "ConsistencyLevel", "eventual").want(200); n.raw != "2" || n.header.Get("Content-Type") != "text/plain" {
		t.Errorf("count: %q %v", n.raw, n.header)
	}
	sorted := c.get("/v1.0/applications?$orderby=displayName desc").want(200).list()
	if sorted[0]["displayName"] != "beta" {
		t.Errorf("sorted: %v", sorted)
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	var want []string
	for i := range 205 {
		a, _, _ := c.app(fmt.Sprintf("app-%03d", i))
		want = append(want, a.ID)
	}
	first := c.get("/v1.0/applications").want(200)
	if len(first.list()) != 100 {
		t.Errorf("the first page has %d", len(first.list()))
	}
	var got []string
	for link := origin + "/v1.0/applications?$filter=startswith(displayName,'app-')&$top=50&$select=id"; link != ""; {
		page := c.get(strings.TrimPrefix(link, origin)).want(200)
		for _, o := range page.list() {
			got = append(got, o["id"].(string))
		}
		next, more := page.body["@odata.nextLink"].(string)
		if more && (!strings.HasPrefix(next, origin+"/v1.0/applications?") || !strings.Contains(next, "$top=50") || strings.Count(next, "skiptoken") != 1) {
			t.Fatalf("next: %s", next)
		}
		link = next
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("all pages (-want +got):\n%s", diff)
	}
	empty := c.get("/v1.0/applications?$filter=displayName eq 'none'").want(200)
	if empty.raw != `{"@odata.context":"`+origin+`/v1.0/$metadata#applications","value":[]}` {
		t.Errorf("empty: %s", empty.raw)
	}
}

func TestSelectAndUnits(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, _, _ := c.app("alpha")
	one := c.get("/v1.0/applications/" + a.ID + "?$select=Id").want(200)
	if one.raw != `{"@odata.context":"`+origin+`/v1.0/$metadata#applications(id)/$entity","id":"`+a.ID+`"}` {
		t.Errorf("selected: %s", one.raw)
	}
	for path, want := range map[string]string{
		"/v1.0/applications?$filter=appId eq '" + a.AppID + "'":            "2",
		"/v1.0/applications?$filter=appId eq '" + a.AppID + "'&$select=id": "1",
		"/v1.0/servicePrincipals?$filter=appId eq '" + a.AppID + "'":       "1",
		"/v1.0/applications/" + a.ID:                                       "1",
		"/v1.0/users?$filter=userPrincipalName eq 'admin@contoso.example'": "2",
		"/v1.0/me/memberOf": "2",
		"/v1.0/servicePrincipals(appId='" + a.AppID + "')/transitiveMemberOf/microsoft.graph.directoryRole": "2",
	} {
		if got := c.get(path).want(200).header.Get("x-ms-resource-unit"); got != want {
			t.Errorf("%s costs %s, want %s", path, got, want)
		}
	}
}

func FuzzFilter(f *testing.F) {
	c := newCloud(f)
	a, _, _ := c.app("o'hara")
	for _, seed := range []string{
		"displayName eq 'o''hara'", "appId eq '" + a.AppID + "'", "not (tags/any(t:t eq 'x') or id in ('a','b'))",
		"passwordCredentials/any(p:p/keyId eq 3a299473-3d5a-4ab5-b9ea-1e173023719f)", "createdDateTime ge 2020-01-01T00:00:00.123Z",
		"endswith(displayName,'a') and isFallbackPublicClient ne null", "web/redirectUris/any(u:startswith(u,'https'))", "x/y/z lt -1.5e300",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, filter string) {
		r := c.on(t).do(c.admin, "GET", "/v1.0/applications?$count=true&$filter="+url.QueryEscape(filter), nil, "ConsistencyLevel", "eventual")
		if r.status != http.StatusOK && r.status != http.StatusBadRequest {
			t.Errorf("status %d: %s", r.status, r.raw)
		}
	})
}

func FuzzPathAndBody(f *testing.F) {
	c := newCloud(f)
	a, _, _ := c.app("one")
	f.Add("applications/"+a.ID+"/addPassword", `{"passwordCredential":{"displayName":"x"}}`)
	f.Add("applications(appId='"+a.AppID+"')", `{"keyCredentials":[{"key":"AAAA","type":"Symmetric"}],"web":{"x":null}}`)
	f.Add("applications", `{"displayName":"x","api":{"requestedAccessTokenVersion":{}},"appRoles":[{}]}`)
	f.Add("directoryObjects/getByIds", `{"ids":["`+a.ID+`"],"types":null}`)
	f.Add("applications/"+a.ID+"/addKey", `{"keyCredential":{},"proof":"a.b.c"}`)
	f.Add("users('x')/memberOf/microsoft.graph.group", "")
	f.Fuzz(func(t *testing.T, path, body string) {
		escaped := strings.ReplaceAll(url.PathEscape(path), "%2F", "/")
		for _, method := range []string{"GET", "POST", "PATCH"} {
			if r := c.on(t).do(c.admin, method, "/v1.0/"+escaped, body); r.status >= 500 || r.status == 0 {
				t.Errorf("%s %q: status %d: %s", method, path, r.status, r.raw)
			}
		}
	})
}
