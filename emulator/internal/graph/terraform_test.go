package graph_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What Terraform's azuread provider 3.9 sends (read in its source), as an application that may write all others.
func TestTerraform(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	_, caller, bearer := c.app("terraform", "Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All")
	c.admin = bearer
	object := func(id string) string { return origin + "/v1.0/directoryObjects/" + id }
	user := userID("admin@contoso.example")

	c.get("/v1.0/applications?$filter=displayName eq 'example'").want(200)
	made := c.post("/v1.0/applications", map[string]any{
		"@odata.type": "#microsoft.graph.application",
		"displayName": "example", "signInAudience": "AzureADMyOrg", "identifierUris": []string{}, "tags": []string{"apiConsumer"},
		"isDeviceOnlyAuthSupported": false, "isFallbackPublicClient": false, "groupMembershipClaims": nil, "notes": nil,
		"api": map[string]any{
			"@odata.type": "#microsoft.graph.apiApplication", "knownClientApplications": []string{}, "requestedAccessTokenVersion": 2,
			"oauth2PermissionScopes": []any{map[string]any{
				"@odata.type": "#microsoft.graph.permissionScope", "id": "96183846-204b-4b43-82e1-5d2222eb4b9b", "isEnabled": true, "type": "User", "value": "use",
				"adminConsentDescription": "d", "adminConsentDisplayName": "n", "userConsentDescription": nil, "userConsentDisplayName": nil,
			}},
		},
		"appRoles": []any{map[string]any{
			"@odata.type": "#microsoft.graph.appRole", "allowedMemberTypes": []string{"Application"}, "description": "d", "displayName": "Admin",
			"id": "1b19509b-32b1-4e9f-b71d-4992aa991967", "isEnabled": true, "value": "admin",
		}},
		"info":                   map[string]any{"@odata.type": "#microsoft.graph.informationalUrl", "marketingUrl": nil, "supportUrl": "https://support.example"},
		"requiredResourceAccess": []any{map[string]any{"@odata.type": "#microsoft.graph.requiredResourceAccess", "resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": []any{map[string]any{"@odata.type": "#microsoft.graph.resourceAccess", "id": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", "type": "Role"}}}},
		"web":                    map[string]any{"@odata.type": "#microsoft.graph.webApplication", "redirectUris": []string{"https://app.example/account"}, "implicitGrantSettings": map[string]any{"enableIdTokenIssuance": true}},
		"owners@odata.bind":      []string{object(caller.ID), object(user)},
	}).want(http.StatusCreated)
	if strings.Contains(strings.TrimPrefix(made.raw, `{"@odata.context"`), "@odata") {
		t.Errorf("annotations were kept: %s", made.raw)
	}
	app, appID := "/v1.0/applications/"+made.text("id"), made.text("appId")
	for _, name := range []string{"TERRAFORM_UPDATE_1", "example"} {
		c.patch(app, map[string]any{"@odata.type": "#microsoft.graph.application", "displayName": name}).want(http.StatusNoContent)
	}
	c.delete(app + "/owners/" + caller.ID + "/$ref").want(http.StatusNoContent)
	if got := c.get(app + "/owners").want(200).names("id"); !cmp.Equal(got, []string{user}) {
		t.Errorf("owners: %v", got)
	}
	beta := strings.Replace(app, "v1.0", "beta", 1)
	c.patch(beta, `{"oauth2RequirePostResponse":true}`).want(204)
	if got := c.get(beta + "?$select=oauth2RequirePostResponse").want(200).body["oauth2RequirePostResponse"]; got != true {
		t.Errorf("oauth2RequirePostResponse: %v", got)
	}
	read := c.get(app).want(200)
	if _, there := read.body["oauth2RequirePostResponse"]; there {
		t.Error("oauth2RequirePostResponse is shown without being selected")
	}
	settings := objects(t, read.body["web"].(map[string]any)["redirectUriSettings"])
	if len(settings) != 1 || settings[0]["uri"] != "https://app.example/account" || settings[0]["index"] != nil { // recorded 2024-09
		t.Errorf("redirectUriSettings: %v", settings)
	}

	// Enabled roles and scopes must be disabled before they go.
	roles := objects(t, read.body["appRoles"])
	c.patch(app, `{"appRoles":[]}`).fails(400, "CannotDeleteOrUpdateEnabledEntitlement", "Permission (scope or role) cannot be deleted or updated unless disabled first")
	c.patch(app, `{"api":{"oauth2PermissionScopes":[]}}`).fails(400, "CannotDeleteOrUpdateEnabledEntitlement", "unless disabled first")
	roles[0]["isEnabled"] = false
	c.patch(app, map[string]any{"appRoles": roles}).want(204)
	c.patch(app, `{"appRoles":[]}`).want(204)

	c.do(bearer, "PUT", app+"/logo", "\x89PNG", "Content-Type", "image/png").want(http.StatusNoContent)
	if got := c.get(app).want(200).body["info"].(map[string]any); got["supportUrl"] != "https://support.example" || got["logoUrl"] == nil {
		t.Errorf("info: %v", got)
	}
	c.do(bearer, "PUT", app+"/logo", "x", "Content-Type", "text/plain").want(400)

	sp := c.post("/v1.0/servicePrincipals", map[string]any{
		"@odata.type": "#microsoft.graph.servicePrincipal", "accountEnabled": true, "alternativeNames": []string{}, "appId": appID,
		"appRoleAssignmentRequired": false, "description": "TERRAFORM_UPDATE_2", "notificationEmailAddresses": []string{}, "tags": []string{},
		"owners@odata.bind": []string{object(caller.ID)},
	}).want(201)
	spPath := "/v1.0/servicePrincipals/" + sp.text("id")
	c.patch(spPath, `{"@odata.type":"#microsoft.graph.servicePrincipal","description":null}`).want(204)
	c.delete(spPath + "/owners/" + caller.ID + "/$ref").want(204)
	c.get("/beta/servicePrincipals/" + sp.text("id") + "?$select=samlMetadataUrl").want(200)
	c.get("/v1.0/directoryObjects/" + sp.text("id")).want(200)

	// A certificate is added to the list as it was read: without the keys of those there.
	for n := 1; n <= 2; n++ {
		keys := objects(t, c.get(app).body["keyCredentials"])
		added := newPair(t, c.now(), 24*60*60*1e9).credential()
		added["@odata.type"], added["keyId"], added["customKeyIdentifier"] = "#microsoft.graph.keyCredential", strings.Replace("x0000000-0000-4000-8000-000000000000", "x", string(rune('0'+n)), 1), nil
		c.patch(app, map[string]any{"keyCredentials": append(keys, added)}).want(204)
		if got := objects(t, c.get(app).body["keyCredentials"]); len(got) != n {
			t.Fatalf("%d certificates, want %d", len(got), n)
		}
	}

	c.delete(spPath).want(204)
	c.get(spPath).fails(404, "Request_ResourceNotFound", sp.text("id"))
	c.delete(app).want(204)
	c.delete("/v1.0/directory/deletedItems/" + made.text("id")).want(204)
	c.get(app).fails(404, "Request_ResourceNotFound", made.text("id"))
}

func TestUpsert(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	const app = "/v1.0/applications(uniqueName='backup''s')"
	c.patch(app, `{"displayName":"backup"}`).fails(404, "Request_ResourceNotFound", "backup's")
	made := c.do(c.admin, "PATCH", app, `{"displayName":"backup"}`, "Prefer", "create-if-missing").want(http.StatusCreated)
	if made.text("uniqueName") != "backup's" {
		t.Errorf("made: %s", made.raw)
	}
	c.do(c.admin, "PATCH", app, `{"displayName":"backup 2"}`, "Prefer", "create-if-missing").want(http.StatusNoContent)
	if got := c.get(app).want(200); got.text("id") != made.text("id") || got.text("displayName") != "backup 2" {
		t.Errorf("read: %s", got.raw)
	}
	c.post("/v1.0/applications", `{"displayName":"x","uniqueName":"backup's"}`).fails(400, "Request_MultipleObjectsWithSameKeyValue", "uniqueName")
	sp := "/v1.0/servicePrincipals(appId='" + made.text("appId") + "')"
	c.do(c.admin, "PATCH", sp, `{"notes":"n"}`, "Prefer", "create-if-missing").want(http.StatusCreated)
	c.do(c.admin, "PATCH", sp, `{"notes":"m"}`, "Prefer", "create-if-missing").want(http.StatusNoContent)
	if got := c.get(sp).want(200).text("notes"); got != "m" {
		t.Errorf("notes %q", got)
	}
	// An id names what is there, or nothing.
	c.do(c.admin, "PATCH", "/v1.0/applications/"+tenantID, `{"displayName":"x"}`, "Prefer", "create-if-missing").fails(404, "Request_ResourceNotFound", tenantID)
	c.do(c.admin, "PATCH", "/v1.0/applications(appId='"+tenantID+"')", `{"displayName":"x"}`, "Prefer", "create-if-missing").fails(404, "Request_ResourceNotFound", tenantID)
}

func TestIDSentBack(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, p, _ := c.app("a")
	c.patch("/v1.0/applications/"+a.ID, map[string]any{"id": strings.ToUpper(a.ID), "notes": "n"}).want(204)
	c.patch("/v1.0/servicePrincipals/"+p.ID, map[string]any{"id": p.ID, "notes": "n"}).want(204)
	c.patch("/v1.0/applications/"+a.ID, map[string]any{"id": p.ID}).fails(400, "Request_BadRequest", "Property 'id' is read-only and cannot be set.")
	c.patch("/v1.0/applications/"+a.ID, map[string]any{"appId": a.AppID}).fails(400, "Request_BadRequest", "Property 'appId' is read-only")
}
