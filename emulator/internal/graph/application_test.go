package graph_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The property names of an application and a service principal in recorded answers of April 2025, in their order.
const (
	applicationKeys = `@odata.context id deletedDateTime appId applicationTemplateId disabledByMicrosoftStatus createdDateTime displayName description groupMembershipClaims identifierUris isDeviceOnlyAuthSupported isFallbackPublicClient nativeAuthenticationApisEnabled notes publisherDomain serviceManagementReference signInAudience tags tokenEncryptionKeyId uniqueName samlMetadataUrl defaultRedirectUri certification optionalClaims servicePrincipalLockConfiguration requestSignatureVerification addIns api appRoles info keyCredentials parentalControlSettings passwordCredentials publicClient requiredResourceAccess verifiedPublisher web spa`
	principalKeys   = `@odata.context id deletedDateTime accountEnabled alternativeNames appDisplayName appDescription appId applicationTemplateId appOwnerOrganizationId appRoleAssignmentRequired createdDateTime description disabledByMicrosoftStatus displayName homepage loginUrl logoutUrl notes notificationEmailAddresses preferredSingleSignOnMode preferredTokenSigningKeyThumbprint replyUrls servicePrincipalNames servicePrincipalType signInAudience tags tokenEncryptionKeyId samlSingleSignOnSettings addIns appRoles info keyCredentials oauth2PermissionScopes passwordCredentials resourceSpecificApplicationPermissions verifiedPublisher`
	contentType     = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
)

func TestCreateApplicationAndServicePrincipal(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a := c.post("/v1.0/applications", `{"displayName":"backup","keyCredentials":[]}`).want(http.StatusCreated)
	if diff := cmp.Diff(strings.Fields(applicationKeys), keysInOrder(t, a.raw)); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	id, appID := a.text("id"), a.text("appId")
	for name, want := range map[string]string{
		"Content-Type": contentType, "OData-Version": "4.0", "x-ms-resource-unit": "1", "Cache-Control": "no-cache",
		"Strict-Transport-Security": "max-age=31536000",
		"Location":                  origin + "/v2/" + tenantID + "/directoryObjects/" + id + "/Microsoft.DirectoryServices.Application",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if a.header.Get("x-ms-ags-diagnostic") == "" || a.header.Get("request-id") == "" || a.header.Get("client-request-id") != a.header.Get("request-id") {
		t.Errorf("headers: %v", a.header)
	}
	if a.text("signInAudience") != "AzureADMyOrg" || a.text("publisherDomain") != "contoso.example" ||
		a.text("@odata.context") != origin+"/v1.0/$metadata#applications/$entity" {
		t.Errorf("defaults: %s", a.raw)
	}
	if !regexp.MustCompile(`T\d\d:\d\d:\d\d\.\d{1,7}Z$`).MatchString(a.text("createdDateTime")) {
		t.Errorf("createdDateTime at creation: %s", a.text("createdDateTime"))
	}

	read := c.get("/beta/applications(appId='" + strings.ToUpper(appID) + "')").want(http.StatusOK)
	if !regexp.MustCompile(`T\d\d:\d\d:\d\dZ$`).MatchString(read.text("createdDateTime")) || read.text("id") != id ||
		read.text("@odata.context") != origin+"/beta/$metadata#applications/$entity" {
		t.Errorf("read: %s", read.raw)
	}

	p := c.post("/v1.0/servicePrincipals", map[string]any{"appId": appID, "accountEnabled": true}).want(http.StatusCreated)
	if diff := cmp.Diff(strings.Fields(principalKeys), keysInOrder(t, p.raw)); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	if p.body["servicePrincipalNames"].([]any)[0] != appID || p.body["appOwnerOrganizationId"] != tenantID ||
		p.body["appDisplayName"] != "backup" || p.body["servicePrincipalType"] != "Application" {
		t.Errorf("service principal: %s", p.raw)
	}
	if !strings.HasSuffix(p.header.Get("Location"), "/Microsoft.DirectoryServices.ServicePrincipal") {
		t.Errorf("location: %s", p.header.Get("Location"))
	}
	c.post("/v1.0/servicePrincipals", map[string]any{"appId": appID}).fails(http.StatusConflict, "Request_MultipleObjectsWithSameKeyValue",
		"The service principal cannot be created, updated, or restored because the service principal name "+appID+" is already in use.")
	c.post("/v1.0/servicePrincipals", `{"appId":"00000000-1111-4222-8333-444444444444"}`).fails(http.StatusBadRequest, "Request_BadRequest",
		"The appId '00000000-1111-4222-8333-444444444444' of the service principal does not reference a valid application object.")
	owners := c.get("/v1.0/applications/" + id + "/owners").want(http.StatusOK)
	if got := owners.list(); len(got) != 1 || got[0]["@odata.type"] != "#microsoft.graph.user" || len(got[0]) != 12 {
		t.Errorf("owners: %s", owners.raw)
	}
}

func TestUpdateApplication(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, p, _ := c.app("before")
	path := "/v1.0/applications/" + a.ID
	u := c.patch(path, `{"displayName":"after","tags":["x"],"web":{"homePageUrl":"https://home"},"extension_1_x":{"deep":[1]},
		"appRoles":[{"allowedMemberTypes":["User"],"id":"d1c2ade8-0000-0000-0000-6d06b947c66f","isEnabled":true}],"@odata.type":"#microsoft.graph.application"}`).want(http.StatusNoContent)
	if u.raw != "" || u.header.Get("Content-Type") != "" || u.header.Get("OData-Version") != "" || u.header.Get("x-ms-resource-unit") != "1" {
		t.Errorf("204 with %q, %v", u.raw, u.header)
	}
	c.patch(path, `{"web":{"implicitGrantSettings":{"enableIdTokenIssuance":true}}}`).want(http.StatusNoContent)
	got := c.get(path).want(http.StatusOK)
	wantWeb := map[string]any{
		"homePageUrl": "https://home", "logoutUrl": nil, "redirectUris": []any{}, "redirectUriSettings": []any{},
		"implicitGrantSettings": map[string]any{"enableAccessTokenIssuance": false, "enableIdTokenIssuance": true},
	}
	if diff := cmp.Diff(wantWeb, got.body["web"]); diff != "" {
		t.Errorf("web (-want +got):\n%s", diff)
	}
	if got.body["extension_1_x"] == nil || objects(t, got.body["appRoles"])[0]["origin"] != "Application" {
		t.Errorf("got %s", got.raw)
	}
	if name := c.get("/v1.0/servicePrincipals/" + p.ID).text("displayName"); name != "after" {
		t.Errorf("the service principal is still %q", name)
	}
	c.patch("/v1.0/servicePrincipals/"+p.ID, `{"accountEnabled":false,"tags":["WindowsAzureActiveDirectoryIntegratedApp"]}`).want(http.StatusNoContent)
	if sp := c.get("/v1.0/servicePrincipals(appId='" + a.AppID + "')"); sp.body["accountEnabled"] != false || len(sp.body["tags"].([]any)) != 1 {
		t.Errorf("got %s", sp.raw)
	}
}

func TestBadWrites(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, p, _ := c.app("one")
	c.patch("/v1.0/applications/"+a.ID, `{"identifierUris":["api://one"]}`).want(http.StatusNoContent)
	app, sp := "/v1.0/applications/"+a.ID, "/v1.0/servicePrincipals/"+p.ID
	for name, test := range map[string]struct {
		method, path, body string
		code, message      string
	}{
		"not JSON":             {"POST", "/v1.0/applications", `{"displayName":`, "BadRequest", "Unable to read JSON request payload."},
		"array":                {"POST", "/v1.0/applications", `[]`, "BadRequest", "Unable to read JSON"},
		"not UTF-8":            {"POST", "/v1.0/applications", "{\"displayName\":\"\xff\"}", "BadRequest", "Unable to read JSON"},
		"empty":                {"POST", "/v1.0/applications", " ", "BadRequest", "Empty Payload. JSON content expected."},
		"twice":                {"POST", "/v1.0/applications", `{"displayName":"a","displayName":"b"}`, "BadRequest", "'displayName'"},
		"twice, deep":          {"POST", "/v1.0/applications", `{"displayName":"a","web":{"x":[{"y":1},{"y":1,"y":2}]}}`, "BadRequest", "'y'"},
		"no name":              {"POST", "/v1.0/applications", `{}`, "Request_BadRequest", "A value is required for property 'displayName' of resource 'Application'."},
		"name of another type": {"POST", "/v1.0/applications", `{"displayName":5}`, "Request_BadRequest", "Invalid value specified for property 'displayName'"},
		"name too long":        {"POST", "/v1.0/applications", `{"displayName":"` + strings.Repeat("x", 257) + `"}`, "Request_BadRequest", "'displayName'"},
		"audience":             {"POST", "/v1.0/applications", `{"displayName":"x","signInAudience":"Everyone"}`, "Request_BadRequest", "'signInAudience'"},
		"chosen secret":        {"POST", "/v1.0/applications", `{"displayName":"x","passwordCredentials":[{"secretText":"hunter2hunter2"}]}`, "Request_BadRequest", "New password credentials must be generated with service actions."},
		"tags of numbers":      {"PATCH", app, `{"tags":[1]}`, "Request_BadRequest", "'tags'"},
		"tags with null":       {"PATCH", app, `{"tags":["a",null]}`, "Request_BadRequest", "'tags'"},
		"flag as text":         {"PATCH", app, `{"isFallbackPublicClient":"yes"}`, "Request_BadRequest", "'isFallbackPublicClient'"},
		"web as text":          {"PATCH", app, `{"web":"x"}`, "Request_BadRequest", "'web'"},
		"unknown inside web":   {"PATCH", app, `{"web":{"colour":"red"}}`, "Request_BadRequest", "Invalid property 'colour'."},
		"redirects as text":    {"PATCH", app, `{"web":{"redirectUris":"x"}}`, "Request_BadRequest", "'redirectUris'"},
		"read-only":            {"PATCH", app, `{"appId":"` + a.AppID + `"}`, "Request_BadRequest", "Property 'appId' is read-only and cannot be set."},
		"guid":                 {"PATCH", app, `{"tokenEncryptionKeyId":"x"}`, "BadRequest", "Edm.Guid"},
		"new secret":           {"PATCH", app, `{"passwordCredentials":[{"displayName":"x"}]}`, "Request_BadRequest", "New password credentials must be generated with service actions."},
		"identifier in use":    {"POST", "/v1.0/applications", `{"displayName":"x","identifierUris":["api://one"]}`, "Request_MultipleObjectsWithSameKeyValue", "identifierUris"},
		"sp without appId":     {"POST", "/v1.0/servicePrincipals", `{}`, "Request_BadRequest", "A value is required for property 'appId'"},
		"sp unknown property":  {"PATCH", sp, `{"colour":"red"}`, "Request_BadRequest", "Invalid property 'colour'."},
		"sp enabled as text":   {"PATCH", sp, `{"accountEnabled":"no"}`, "Request_BadRequest", "'accountEnabled'"},
		"action parameter":     {"POST", app + "/addPassword", `{"colour":1}`, "BadRequest", "The parameter 'colour' in the request payload is not a valid parameter for the operation 'addPassword'."},
		"secret property":      {"POST", app + "/addPassword", `{"passwordCredential":{"colour":1}}`, "BadRequest", "microsoft.graph.passwordCredential"},
		"secret as text":       {"POST", app + "/addPassword", `{"passwordCredential":"x"}`, "Request_BadRequest", "'passwordCredential'"},
		"secret's end":         {"POST", app + "/addPassword", `{"passwordCredential":{"endDateTime":"tomorrow"}}`, "BadRequest", "Edm.DateTimeOffset"},
		"end before start":     {"POST", app + "/addPassword", `{"passwordCredential":{"startDateTime":"2030-01-02T00:00:00Z","endDateTime":"2030-01-01T00:00:00Z"}}`, "Request_BadRequest", "'endDateTime'"},
		"key id":               {"POST", app + "/removePassword", `{"keyId":"x"}`, "BadRequest", "Cannot convert the literal 'x' to the expected type 'Edm.Guid'."},
		"no key id":            {"POST", app + "/removePassword", `{}`, "Request_BadRequest", "'keyId'"},
		"unknown key id":       {"POST", app + "/removePassword", `{"keyId":"00000000-1111-4222-8333-444444444444"}`, "Request_BadRequest", "No password credential found with keyId."},
		"owner link":           {"POST", app + "/owners/$ref", `{"id":"x"}`, "BadRequest", "@odata.id"},
		"owner's id":           {"POST", app + "/owners/$ref", `{"@odata.id":"https://graph.microsoft.com/v1.0/users/nobody"}`, "Request_BadRequest", "Invalid object identifier 'nobody'."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.on(t).do(c.admin, test.method, test.path, test.body).fails(http.StatusBadRequest, test.code, test.message)
		})
	}
}

func TestProtocolErrors(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, _, _ := c.app("one")
	for name, test := range map[string]struct {
		method, path  string
		status        int
		code, message string
	}{
		"unknown segment":   {"GET", "/v1.0/colours", 400, "BadRequest", "Resource not found for the segment 'colours'."},
		"below an object":   {"GET", "/v1.0/applications/" + a.ID + "/colours", 400, "BadRequest", "'colours'"},
		"version":           {"GET", "/v9.9/applications", 400, "BadRequest", "Invalid version"},
		"method":            {"PUT", "/v1.0/applications/" + a.ID, 405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target."},
		"object id":         {"GET", "/v1.0/applications/nonsense", 400, "Request_BadRequest", "Invalid object identifier 'nonsense'."},
		"traversal":         {"GET", "/v1.0/applications/..%2f..%2fme", 400, "Request_BadRequest", "Invalid object identifier"},
		"appId":             {"GET", "/v1.0/applications(appId='x')", 400, "Request_BadRequest", "'appId'"},
		"key name":          {"GET", "/v1.0/applications(colour='x')", 400, "BadRequest", "colour"},
		"unclosed key":      {"GET", "/v1.0/applications(appId='x", 400, "BadRequest", ""},
		"path not UTF-8":    {"GET", "/v1.0/users/%ff", 400, "BadRequest", "URI"},
		"not there":         {"GET", "/v1.0/applications/00000000-1111-4222-8333-444444444444", 404, "Request_ResourceNotFound", "Resource '00000000-1111-4222-8333-444444444444' does not exist or one of its queried reference-property objects are not present."},
		"filter twice":      {"GET", "/v1.0/applications?$filter=appId eq 'a'&$filter=appId eq 'b'", 400, "BadRequest", "at most once"},
		"filter and $":      {"GET", "/v1.0/applications?filter=appId eq 'a'&$filter=appId eq 'b'", 400, "BadRequest", "at most once"},
		"unknown option":    {"GET", "/v1.0/applications?$colour=red", 400, "BadRequest", "'$colour'"},
		"query":             {"GET", "/v1.0/applications?$filter=%zz", 400, "BadRequest", "query"},
		"query not UTF-8":   {"GET", "/v1.0/applications?$filter=appId eq '%ff'", 400, "BadRequest", "query"},
		"top as text":       {"GET", "/v1.0/applications?$top=many", 400, "BadRequest", "$top"},
		"top too high":      {"GET", "/v1.0/applications?$top=1000", 400, "Request_UnsupportedQuery", "Invalid page size"},
		"skip token":        {"GET", "/v1.0/applications?$skiptoken=!!", 400, "BadRequest", "Skip token"},
		"token expired":     {"GET", "/v1.0/applications?$skiptoken=eHl6", 400, "Directory_ExpiredPageToken", ""},
		"skip":              {"GET", "/v1.0/applications?$skip=5", 400, "Request_UnsupportedQuery", "$skip"},
		"unknown selection": {"GET", "/v1.0/servicePrincipals?$select=id,colour", 400, "BadRequest", "'colour' on type 'microsoft.graph.servicePrincipal'"},
		"expand":            {"GET", "/v1.0/applications?$expand=colours", 400, "BadRequest", "colours"},
		"deleted of all":    {"GET", "/v1.0/directory/deletedItems", 400, "Request_UnsupportedQuery", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.on(t).do(c.admin, test.method, test.path, nil).fails(test.status, test.code, test.message)
		})
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	zip := func(text string) []byte {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		_, _ = w.Write([]byte(text))
		_ = w.Close()
		return out.Bytes()
	}
	const path = "/v1.0/applications"
	c.do(c.admin, "POST", path, zip(`{"displayName":"zipped"}`), "Content-Encoding", "gzip").want(http.StatusCreated)
	c.do(c.admin, "POST", path, "plain", "Content-Encoding", "gzip").fails(400, "BadRequest", "Unable to read JSON")
	c.do(c.admin, "POST", path, zip(`{"displayName":"`+strings.Repeat("x", 3<<20)+`"}`), "Content-Encoding", "gzip").
		fails(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "")
	c.do(c.admin, "POST", path, strings.Repeat(" ", 3<<20)).fails(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "")
	c.do(c.admin, "POST", path, strings.Repeat(`{"a":`, 200000)).fails(400, "BadRequest", "Unable to read JSON")
	c.do(c.admin, "POST", path, `{"displayName":"x"}`, "Content-Type", "").fails(400, "BadRequest", "Content-Type header")
	c.do(c.admin, "POST", path, `displayName=x`, "Content-Type", "application/x-www-form-urlencoded").fails(400, "BadRequest", "JSON Content-Type")
	if got := c.do(c.admin, "GET", path, nil, "client-request-id", "abc").header.Get("client-request-id"); got != "abc" {
		t.Errorf("client-request-id: %q", got)
	}
}

func TestPasswordsAtCreation(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	made := c.post("/v1.0/applications", `{"displayName":"x","passwordCredentials":[{"displayName":"first"}]}`).want(http.StatusCreated)
	if p := objects(t, made.body["passwordCredentials"])[0]; p["secretText"] == nil || p["displayName"] != "first" {
		t.Errorf("got %v", p)
	}
	if p := objects(t, c.get("/v1.0/applications/" + made.text("id")).body["passwordCredentials"])[0]; p["secretText"] != nil {
		t.Errorf("a read shows %v", p)
	}
	c.patch("/v1.0/applications/"+made.text("id"), `{"passwordCredentials":[]}`).want(http.StatusNoContent)
	personal := c.post("/v1.0/applications", `{"displayName":"y","signInAudience":"AzureADandPersonalMicrosoftAccount"}`).want(http.StatusCreated)
	if v := personal.body["api"].(map[string]any)["requestedAccessTokenVersion"]; v != float64(2) {
		t.Errorf("requestedAccessTokenVersion %v", v)
	}
	if !json.Valid([]byte(personal.raw)) {
		t.Error("not JSON")
	}
}

func TestIdentifierURIs(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, _, _ := c.app("a")
	b, _, _ := c.app("b")
	for uri, want := range map[string]int{
		"api://anything": 204, "https://contoso.example/api": 204, "https://api.contoso.example": 204, "urn:backup": 204,
		"https://elsewhere.example": 400, "http://contoso.example.elsewhere.example": 400, "": 400,
	} {
		if r := c.patch("/v1.0/applications/"+a.ID, map[string]any{"identifierUris": []string{uri}}); r.status != want {
			t.Errorf("%s: %d %s", uri, r.status, r.raw)
		}
	}
	c.patch("/v1.0/applications/"+a.ID, `{"identifierUris":["api://taken"]}`).want(204)
	c.patch("/v1.0/applications/"+b.ID, `{"identifierUris":["API://taken"]}`).fails(400, "Request_MultipleObjectsWithSameKeyValue", "identifierUris")
	c.patch("/v1.0/applications/"+b.ID, `{"identifierUris":["https://elsewhere.example"]}`).fails(400, "HostNameNotOnVerifiedDomain", "must use a verified domain of the organization or its subdomain: 'https://elsewhere.example'")
}
