package graph_test

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
)

func restrict(kind string, more map[string]any) []map[string]any {
	r := map[string]any{"restrictionType": kind}
	maps.Copy(r, more)
	return []map[string]any{r}
}

func days(c *cloud, n int) map[string]any {
	return map[string]any{"passwordCredential": map[string]any{"endDateTime": c.now().AddDate(0, 0, n).Format(time.RFC3339)}}
}

func TestDefaultPolicyIsEnforced(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	const path = "/v1.0/policies/defaultAppManagementPolicy"
	was := c.get(path).want(200)
	if was.body["isEnabled"] != false || was.text("id") != "00000000-0000-0000-0000-000000000000" || was.text("displayName") != "Default app management tenant policy" {
		t.Fatalf("the tenant's default: %s", was.raw)
	}
	old, oldSP, _ := c.app("old")
	c.advance(time.Hour)
	line := c.now().Format(time.RFC3339)
	c.advance(time.Hour)
	a, p, _ := c.app("new")
	app, sp := "/v1.0/applications/"+a.ID, "/v1.0/servicePrincipals/"+p.ID
	set := func(body map[string]any) {
		t.Helper()
		c.patch(path, body).want(http.StatusNoContent)
	}

	set(map[string]any{"isEnabled": true, "applicationRestrictions": map[string]any{
		"passwordCredentials": restrict("passwordLifetime", map[string]any{"maxLifetime": "P90D", "restrictForAppsCreatedAfterDateTime": line}),
		"keyCredentials":      restrict("asymmetricKeyLifetime", map[string]any{"maxLifetime": "P30D"}),
	}})
	c.post(app+"/addPassword", days(c, 89)).want(200)
	long := c.post(app+"/addPassword", days(c, 91))
	long.fails(400, "CredentialInvalidLifetimeAsPerAppPolicy", "Credential lifetime exceeds the max value allowed as per assigned policy '00000000-0000-0000-0000-000000000000'.")
	// Recorded 2024-03.
	detail := objects(t, long.body["error"].(map[string]any)["details"])[0]
	if detail["code"] != "InvalidKeyEndDate" || detail["target"] != "EndDate" {
		t.Errorf("details: %v", detail)
	}
	c.post(app+"/addPassword", `{}`).fails(400, "CredentialInvalidLifetimeAsPerAppPolicy", "lifetime") // two years
	c.post("/v1.0/applications/"+old.ID+"/addPassword", `{}`).want(200)                                // made before the line
	c.post(sp+"/addPassword", `{}`).want(200)                                                          // not an application
	c.post("/v1.0/applications", map[string]any{"displayName": "x", "passwordCredentials": []any{map[string]any{"displayName": "x"}}}).
		fails(400, "CredentialInvalidLifetimeAsPerAppPolicy", "lifetime")

	year, month := newPair(t, c.now(), 365*24*time.Hour), newPair(t, c.now(), 29*24*time.Hour)
	c.patch(app, map[string]any{"keyCredentials": []any{year.credential()}}).fails(400, "CredentialInvalidLifetimeAsPerAppPolicy", "lifetime")
	c.patch(app, map[string]any{"keyCredentials": []any{month.credential()}}).want(http.StatusNoContent)
	c.patch(sp, map[string]any{"keyCredentials": []any{year.credential()}}).want(http.StatusNoContent)

	set(map[string]any{"applicationRestrictions": map[string]any{"passwordCredentials": restrict("passwordAddition", nil), "keyCredentials": []any{}}})
	c.post(app+"/addPassword", days(c, 1)).fails(400, "CredentialTypeNotAllowedAsPerAppPolicy", "Credential type not allowed as per assigned policy '00000000-0000-0000-0000-000000000000'.")
	// A key that is there stays when the list is sent back, whatever the policy says of new ones.
	have := objects(t, c.get(app).body["keyCredentials"])
	set(map[string]any{"applicationRestrictions": map[string]any{"keyCredentials": restrict("asymmetricKeyLifetime", map[string]any{"maxLifetime": "PT1H"})}})
	c.patch(app, map[string]any{"keyCredentials": have}).want(http.StatusNoContent)
	c.patch(app, map[string]any{"keyCredentials": append([]map[string]any{newPair(t, c.now(), 24*time.Hour).credential()}, have...)}).
		fails(400, "CredentialInvalidLifetimeAsPerAppPolicy", "lifetime")

	set(map[string]any{
		"applicationRestrictions":      map[string]any{"passwordCredentials": restrict("passwordAddition", map[string]any{"state": "disabled"})},
		"servicePrincipalRestrictions": map[string]any{"passwordCredentials": restrict("passwordAddition", map[string]any{"restrictForAppsCreatedAfterDateTime": line})},
	})
	c.post(app+"/addPassword", days(c, 1)).want(200)
	c.post(sp+"/addPassword", days(c, 1)).fails(400, "CredentialTypeNotAllowedAsPerAppPolicy", "type not allowed")
	c.post("/v1.0/servicePrincipals/"+oldSP.ID+"/addPassword", days(c, 1)).want(200)

	set(map[string]any{"applicationRestrictions": map[string]any{"passwordCredentials": restrict("customPasswordAddition", nil)}})
	c.post(app+"/addPassword", `{"passwordCredential":{"secretText":"my own words, forty characters of them"}}`).fails(400, "CredentialTypeNotAllowedAsPerAppPolicy", "type not allowed")
	c.post(app+"/addPassword", days(c, 1)).want(200)

	set(map[string]any{"isEnabled": false})
	c.post(sp+"/addPassword", days(c, 1)).want(200)
}

func TestOwnPolicyReplacesTheDefault(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, _, _ := c.app("excluded")
	app := "/v1.0/applications/" + a.ID
	c.patch("/v1.0/policies/defaultAppManagementPolicy", map[string]any{"isEnabled": true, "applicationRestrictions": map[string]any{
		"passwordCredentials": restrict("passwordAddition", nil),
	}}).want(http.StatusNoContent)
	c.post(app+"/addPassword", days(c, 1)).fails(400, "CredentialTypeNotAllowedAsPerAppPolicy", "type not allowed")

	made := c.post("/v1.0/policies/appManagementPolicies", map[string]any{
		"displayName": "Short secrets", "description": "for the backup", "isEnabled": true,
		"restrictions": map[string]any{"passwordCredentials": restrict("passwordLifetime", map[string]any{"maxLifetime": "P4DT12H30M5S"})},
	}).want(http.StatusCreated)
	policy := made.text("id")
	ref := map[string]any{"@odata.id": origin + "/v1.0/policies/appManagementPolicies/" + policy}
	c.post(app+"/appManagementPolicies/$ref", ref).want(http.StatusNoContent)
	c.post(app+"/appManagementPolicies/$ref", ref).fails(400, "Request_BadRequest", "already exist")
	if got := c.get(app + "/appManagementPolicies").want(200).names("id"); len(got) != 1 || got[0] != policy {
		t.Errorf("policies of the application: %v", got)
	}
	if got := c.get("/v1.0/policies/appManagementPolicies/" + policy + "/appliesTo").want(200).names("id"); len(got) != 1 || got[0] != a.ID {
		t.Errorf("applies to: %v", got)
	}
	if got := c.get("/v1.0/policies/appManagementPolicies").want(200).list(); len(got) != 1 {
		t.Errorf("policies: %v", got)
	}
	c.post(app+"/addPassword", days(c, 4)).want(200)
	c.post(app+"/addPassword", days(c, 5)).fails(400, "CredentialInvalidLifetimeAsPerAppPolicy", policy)
	second := c.post("/v1.0/policies/appManagementPolicies", `{"displayName":"x","description":"y"}`).want(201).text("id")
	c.post(app+"/appManagementPolicies/$ref", map[string]any{"@odata.id": origin + "/v1.0/policies/appManagementPolicies/" + second}).
		fails(400, "Request_BadRequest", "Only one policy")

	c.patch("/v1.0/policies/appManagementPolicies/"+policy, `{"isEnabled":false}`).want(http.StatusNoContent)
	c.post(app+"/addPassword", days(c, 1)).fails(400, "CredentialTypeNotAllowedAsPerAppPolicy", "type not allowed")
	c.delete(app + "/appManagementPolicies/" + policy + "/$ref").want(http.StatusNoContent)
	c.delete(app+"/appManagementPolicies/"+policy+"/$ref").fails(404, "Request_ResourceNotFound", policy)
	c.delete("/v1.0/policies/appManagementPolicies/" + policy).want(http.StatusNoContent)
	c.get("/v1.0/policies/appManagementPolicies/"+policy).fails(404, "Request_ResourceNotFound", policy)
}

func TestPolicyRefused(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	for name, r := range map[string]any{
		"no type":             []any{map[string]any{}},
		"type of keys":        restrict("asymmetricKeyLifetime", map[string]any{"maxLifetime": "P1D"}),
		"type twice":          append(restrict("passwordAddition", nil), restrict("passwordAddition", nil)...),
		"no lifetime":         restrict("passwordLifetime", nil),
		"months":              restrict("passwordLifetime", map[string]any{"maxLifetime": "P3M"}),
		"no duration":         restrict("passwordLifetime", map[string]any{"maxLifetime": "90 days"}),
		"unknown state":       restrict("passwordAddition", map[string]any{"state": "on"}),
		"unknown property":    restrict("passwordAddition", map[string]any{"color": "red"}),
		"date without a zone": restrict("passwordAddition", map[string]any{"restrictForAppsCreatedAfterDateTime": "2019-10-19T10:37:00"}),
		"null":                nil,
		"list of texts":       []string{"passwordAddition"},
	} {
		r := c.patch("/v1.0/policies/defaultAppManagementPolicy", map[string]any{"applicationRestrictions": map[string]any{"passwordCredentials": r}})
		if r.status != 400 {
			t.Errorf("%s: %d %s", name, r.status, r.raw)
		}
	}
	c.person("member@contoso.example")
	member := c.delegated("member@contoso.example", "Directory.AccessAsUser.All")
	c.do(member, "PATCH", "/v1.0/policies/defaultAppManagementPolicy", `{"isEnabled":true}`).fails(403, "Authorization_RequestDenied", "Insufficient")
	_, _, app := c.app("caller", "Application.ReadWrite.All", "Directory.ReadWrite.All")
	c.do(app, "GET", "/v1.0/policies/defaultAppManagementPolicy", nil).fails(403, "Authorization_RequestDenied", "Insufficient")
	_, _, reader := c.app("reader", "Policy.Read.All")
	c.do(reader, "GET", "/v1.0/policies/defaultAppManagementPolicy", nil).want(200)
	c.do(reader, "POST", "/v1.0/policies/appManagementPolicies", `{"displayName":"x","description":"y"}`).fails(403, "Authorization_RequestDenied", "Insufficient")
}

// An application can lock the credentials of its service principals.
func TestLockedServicePrincipal(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, p, _ := c.app("locked")
	app, sp := "/v1.0/applications/"+a.ID, "/v1.0/servicePrincipals/"+p.ID
	key := c.post(sp+"/addPassword", `{}`).want(200).text("keyId")
	c.patch(app, `{"servicePrincipalLockConfiguration":{"isEnabled":true,"credentialsWithUsageVerify":true}}`).want(http.StatusNoContent)
	c.post(sp+"/addPassword", `{}`).fails(400, "CannotUpdateLockedServicePrincipalProperty", "Property passwordCredentials is invalid.")
	c.post(sp+"/removePassword", map[string]any{"keyId": key}).fails(400, "CannotUpdateLockedServicePrincipalProperty", "passwordCredentials")
	c.patch(sp, map[string]any{"keyCredentials": []any{newPair(t, c.now(), time.Hour).credential()}}).fails(400, "CannotUpdateLockedServicePrincipalProperty", "Property keyCredentials is invalid.")
	c.patch(sp, `{"notes":"x"}`).want(http.StatusNoContent)
	c.post(app+"/addPassword", `{}`).want(200)
	c.patch(app, `{"servicePrincipalLockConfiguration":{"isEnabled":false}}`).want(http.StatusNoContent)
	c.post(sp+"/addPassword", `{}`).want(200)
}

func TestMayRegister(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.write(func() {
		c.store.Users.Put(userID("ga@contoso.example"), &directory.User{ID: userID("ga@contoso.example"), UserPrincipalName: "ga@contoso.example", Roles: []string{"Global Administrator"}})
	})
	c.person("member@contoso.example")
	ga, member := c.delegated("ga@contoso.example", "Policy.ReadWrite.Authorization"), c.delegated("member@contoso.example", "Application.ReadWrite.All")
	c.do(member, "POST", "/v1.0/applications", `{"displayName":"x"}`).want(201)
	c.do(member, "PATCH", "/v1.0/policies/authorizationPolicy", `{"defaultUserRolePermissions":{"allowedToCreateApps":true}}`).fails(403, "Authorization_RequestDenied", "Insufficient")
	c.do(ga, "PATCH", "/v1.0/policies/authorizationPolicy", `{"defaultUserRolePermissions":{"allowedToCreateApps":false}}`).want(204)
	if got := c.get("/v1.0/policies/authorizationPolicy").want(200).body["defaultUserRolePermissions"].(map[string]any)["allowedToCreateApps"]; got != false {
		t.Errorf("allowedToCreateApps is %v", got)
	}
	c.do(member, "POST", "/v1.0/applications", `{"displayName":"x"}`).fails(403, "Authorization_RequestDenied", "Insufficient")
}
