package graph_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// FuzzRequest sends anything to the router as an administrator and as an application with every permission. Whatever
// comes, the answer is one of the real service's: never a failure of our own, always JSON, errors always in their shape.
func FuzzRequest(f *testing.F) {
	const id = "795b1624-5b39-4705-bfea-48a52592e18f"
	for _, seed := range []struct{ method, target, body string }{
		{"GET", "/v1.0/applications?$filter=displayName eq 'a' and tags/any(t:t eq 'x')&$select=id&$top=5&$count=true&$orderby=displayName desc", ""},
		{"POST", "/v1.0/applications", `{"displayName":"a","owners@odata.bind":["https://graph.microsoft.com/v1.0/users('x')"],"api":{"oauth2PermissionScopes":[]}}`},
		{"PATCH", "/v1.0/applications(uniqueName='x')", `{"displayName":"a","web":{"redirectUris":["https://a"]},"keyCredentials":[{"keyId":"` + id + `"}]}`},
		{"POST", "/v1.0/applications/" + id + "/addPassword", `{"passwordCredential":{"endDateTime":"2030-01-01T00:00:00Z"}}`},
		{"POST", "/beta/applications/" + id + "/microsoft.graph.addKey", `{"keyCredential":{"type":"AsymmetricX509Cert","usage":"Verify","key":"AA=="},"passwordCredential":null,"proof":"a.b.c"}`},
		{"POST", "/v1.0/applications/" + id + "/federatedIdentityCredentials", `{"name":"abc","issuer":"https://a","subject":"b","audiences":["c"]}`},
		{"PATCH", "/v1.0/applications/" + id + "/federatedIdentityCredentials(name='abc')", `{"claimsMatchingExpression":{"value":"x","languageVersion":1}}`},
		{"POST", "/v1.0/applications/" + id + "/owners/$ref", `{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/` + id + `"}`},
		{"DELETE", "/v1.0/servicePrincipals/" + id + "/owners/" + id + "/$ref", ""},
		{"GET", "/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq 'x')&$expand=owners($select=id)", ""},
		{"POST", "/v1.0/servicePrincipals/" + id + "/appRoleAssignedTo", `{"principalId":"` + id + `","resourceId":"` + id + `","appRoleId":"` + id + `"}`},
		{"POST", "/v1.0/oauth2PermissionGrants", `{"clientId":"` + id + `","consentType":"AllPrincipals","resourceId":"` + id + `","scope":"a"}`},
		{"PATCH", "/v1.0/policies/defaultAppManagementPolicy", `{"isEnabled":true,"applicationRestrictions":{"passwordCredentials":[{"restrictionType":"passwordLifetime","maxLifetime":"P1DT1H"}]}}`},
		{"POST", "/v1.0/policies/appManagementPolicies", `{"displayName":"a","description":"b","restrictions":{"keyCredentials":[]}}`},
		{"POST", "/v1.0/groups", `{"displayName":"a","mailEnabled":false,"mailNickname":"a","securityEnabled":true,"members@odata.bind":[]}`},
		{"GET", "/v1.0/groups/" + id + "/members/microsoft.graph.user/$count", ""},
		{"POST", "/v1.0/users", `{"accountEnabled":true,"displayName":"a","mailNickname":"a","userPrincipalName":"a@contoso.example","passwordProfile":{"password":"12345678"}}`},
		{"POST", "/v1.0/directoryObjects/getByIds", `{"ids":["` + id + `"],"types":["user"]}`},
		{"POST", "/v1.0/directory/deletedItems/" + id + "/restore", ""},
		{"GET", "/v1.0/me/memberOf/microsoft.graph.directoryRole?$search=\"displayName:a\"", ""},
		{"PUT", "/v1.0/applications/" + id + "/logo", "\x89PNG"},
		{"GET", "/v1.0/directoryRoles(roleTemplateId='" + id + "')/members", ""},
	} {
		f.Add(seed.method, seed.target, []byte(seed.body), uint8(0))
		f.Add(seed.method, seed.target, []byte(seed.body), uint8(0xff))
	}
	c := newCloud(f)
	_, _, everything := c.app("everything", "Application.ReadWrite.All", "Directory.ReadWrite.All", "User.ReadWrite.All", "Group.ReadWrite.All",
		"AppRoleAssignment.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All", "Policy.ReadWrite.ApplicationConfiguration", "Policy.Read.All",
		"Policy.ReadWrite.Authorization", "RoleManagement.ReadWrite.Directory")
	c.write(func() {
		c.store.Applications.Put(id, &directory.Application{ID: id, AppID: id, DisplayName: "a", SignInAudience: "AzureADMyOrg", CreatedAt: c.store.Now()})
		c.store.Groups.Put(id, &directory.Group{ID: id, DisplayName: "a", Members: []string{id, userID("admin@contoso.example")}})
	})
	f.Fuzz(func(t *testing.T, method, target string, body []byte, flags uint8) {
		u, err := url.ParseRequestURI(strings.ReplaceAll(target, " ", "%20"))
		if err != nil || len(body) > 1<<16 {
			return // no server of HTTP hands such a request on
		}
		r := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(string(body)))
		r.Method, r.URL = method, u
		bearer := c.admin
		if flags&1 != 0 {
			bearer = everything
		}
		r.Header.Set("Authorization", "Bearer "+bearer)
		for i, header := range []struct{ name, value string }{
			{"Content-Type", "application/json"}, {"ConsistencyLevel", "eventual"}, {"Prefer", "create-if-missing"}, {"Accept-Encoding", "gzip"},
		} {
			if flags&(2<<i) == 0 || i == 0 && flags&128 == 0 {
				r.Header.Set(header.name, header.value)
			}
		}
		if flags&64 != 0 {
			r.Header.Set("Content-Encoding", "gzip")
		}
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		answer, err := unzipped(w.Body.String(), w.Header().Get("Content-Encoding"))
		if err != nil || w.Code >= 500 || w.Code < 200 {
			t.Fatalf("%s %s: %d %v %s", method, target, w.Code, err, answer)
		}
		if w.Header().Get("request-id") == "" || w.Header().Get("x-ms-resource-unit") == "" {
			t.Fatalf("%s %s: headers %v", method, target, w.Header())
		}
		var content map[string]any
		switch {
		case w.Code == http.StatusNoContent && answer == "", w.Header().Get("Content-Type") == "text/plain":
			return
		case json.Unmarshal([]byte(answer), &content) != nil:
			t.Fatalf("%s %s: %d is no JSON: %s", method, target, w.Code, answer)
		case w.Code >= 400:
			e, _ := content["error"].(map[string]any)
			if code, _ := e["code"].(string); code == "" || e["innerError"] == nil {
				t.Fatalf("%s %s: %d has another shape: %s", method, target, w.Code, answer)
			}
		}
	})
}
