package graph_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// api adds a service principal with application permissions, as Microsoft Graph's is in every tenant.
func (c *cloud) api(appID string) *directory.ServicePrincipal {
	c.t.Helper()
	p := &directory.ServicePrincipal{ID: "a3efc889-f1b7-4532-9e01-91e32d1039f4", AppID: appID, DisplayName: "An API", Enabled: true, CreatedAt: c.now()}
	p.Properties = map[string]json.RawMessage{"appRoles": json.RawMessage(`[
		{"allowedMemberTypes":["Application"],"description":"d","displayName":"Do.All","id":"1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9","isEnabled":true,"origin":"Application","value":"Do.All"},
		{"allowedMemberTypes":["User"],"description":"d","displayName":"Reader","id":"d1c2ade8-0000-0000-0000-6d06b947c66f","isEnabled":true,"origin":"Application","value":"Reader"},
		{"allowedMemberTypes":["Application"],"description":"d","displayName":"Old","id":"47fbb575-0000-0000-0000-0f7a6c30beac","isEnabled":false,"origin":"Application","value":"Old"}]`)}
	c.write(func() { c.store.ServicePrincipals.Put(p.ID, p) })
	return p
}

func TestAppRoleAssignments(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	api := c.api("11111111-0000-4000-8000-000000000001")
	_, client, _ := c.app("client")
	clientPath, apiPath := "/v1.0/servicePrincipals/"+client.ID, "/v1.0/servicePrincipals/"+api.ID
	body := map[string]any{"principalId": client.ID, "resourceId": api.ID, "appRoleId": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9"}

	empty := c.get(clientPath + "/appRoleAssignments").want(200)
	// Recorded 2024-08.
	if empty.header.Get("x-ms-resource-unit") != "2" || empty.text("@odata.context") != origin+"/v1.0/$metadata#servicePrincipals('"+client.ID+"')/appRoleAssignments" {
		t.Errorf("empty list: %v %s", empty.header, empty.raw)
	}
	made := c.post(apiPath+"/appRoleAssignedTo", body).want(http.StatusCreated)
	if d := cmp.Diff(strings.Fields("@odata.context id deletedDateTime appRoleId createdDateTime principalDisplayName principalId principalType resourceDisplayName resourceId"), keysInOrder(t, made.raw)); d != "" {
		t.Errorf("properties (-want +got):\n%s", d)
	}
	id := made.text("id")
	if made.text("principalDisplayName") != "client" || made.text("principalType") != "ServicePrincipal" || len(id) != 43 {
		t.Errorf("assignment: %s", made.raw)
	}
	c.post(clientPath+"/appRoleAssignments", body).fails(400, "Request_BadRequest", "Permission being assigned already exists on the object")
	for path, want := range map[string]int{clientPath + "/appRoleAssignments": 1, apiPath + "/appRoleAssignedTo": 1, apiPath + "/appRoleAssignments": 0} {
		if got := c.get(path).want(200).list(); len(got) != want {
			t.Errorf("%s: %v", path, got)
		}
	}
	c.get(apiPath + "/appRoleAssignedTo/" + id).want(200)
	if got := c.do(c.admin, "GET", clientPath+"/appRoleAssignments/$count", nil, "ConsistencyLevel", "eventual").want(200).raw; got != "1" {
		t.Errorf("count: %s", got)
	}
	if got := c.get(clientPath + "?$expand=appRoleAssignments").want(200); len(objects(t, got.body["appRoleAssignments"])) != 1 {
		t.Errorf("expanded: %s", got.raw)
	}
	// What a token carries.
	c.store.Read(func() {
		for _, g := range c.store.AppRoleGrants.Each(client.ID) {
			if g.RoleValue != "Do.All" {
				t.Errorf("role value %q", g.RoleValue)
			}
		}
	})

	user := map[string]any{"principalId": userID("admin@contoso.example"), "resourceId": api.ID, "appRoleId": "d1c2ade8-0000-0000-0000-6d06b947c66f"}
	c.post("/v1.0/users/admin@contoso.example/appRoleAssignments", user).want(201)
	if got := c.get("/v1.0/users/admin@contoso.example/appRoleAssignments").want(200).names("principalType"); !cmp.Equal(got, []string{"User"}) {
		t.Errorf("of a person: %v", got)
	}
	for name, change := range map[string]map[string]any{
		"was not found on application":  {"appRoleId": "00000000-0000-0000-0000-000000000001"},
		"was not found on application ": {"appRoleId": "47fbb575-0000-0000-0000-0f7a6c30beac"}, // disabled
		"was not found on application.": {"appRoleId": "d1c2ade8-0000-0000-0000-6d06b947c66f"}, // for people
		"Not a valid reference update.": {"principalId": api.ID},
		"'resourceId'":                  {"resourceId": nil},
		"Edm.Guid":                      {"appRoleId": "x"},
	} {
		wrong := map[string]any{"principalId": client.ID, "resourceId": api.ID, "appRoleId": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9"}
		maps.Copy(wrong, change)
		if r := c.post(clientPath+"/appRoleAssignments", wrong); r.status != 400 || !strings.Contains(r.raw, strings.TrimRight(name, " .")) {
			t.Errorf("%s: %d %s", name, r.status, r.raw)
		}
	}
	c.delete(clientPath+"/appRoleAssignedTo/"+id).fails(404, "Request_ResourceNotFound", id)
	c.delete(apiPath + "/appRoleAssignedTo/" + id).want(http.StatusNoContent)
	c.delete(apiPath+"/appRoleAssignedTo/"+id).fails(404, "Request_ResourceNotFound", id)
}

// Permissions of Microsoft Graph for applications are for administrators of roles.
func TestWhoAssignsAppRoles(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	api := c.api("00000003-0000-0000-c000-000000000000")
	c.person("roles@contoso.example", "Privileged Role Administrator")
	c.person("member@contoso.example")
	for name, test := range map[string]struct {
		bearer string
		want   int
	}{
		"application administrator": {c.admin, 403},
		"role administrator":        {c.delegated("roles@contoso.example", "AppRoleAssignment.ReadWrite.All Application.Read.All"), 201},
		"member":                    {c.delegated("member@contoso.example", "AppRoleAssignment.ReadWrite.All Application.Read.All"), 403},
		"app with the permission":   {third(c.app("a", "AppRoleAssignment.ReadWrite.All", "Application.Read.All")), 201},
		"app without":               {third(c.app("b", "Application.ReadWrite.All", "Directory.ReadWrite.All")), 403},
	} {
		_, client, _ := c.app(name)
		r := c.do(test.bearer, "POST", "/v1.0/servicePrincipals/"+client.ID+"/appRoleAssignments",
			map[string]any{"principalId": client.ID, "resourceId": api.ID, "appRoleId": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9"})
		if r.status != test.want {
			t.Errorf("%s: %d, want %d: %s", name, r.status, test.want, r.raw)
		}
	}
}

func third[A, B, C any](_ A, _ B, c C) C { return c }

func TestPermissionGrants(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	api := c.api("00000003-0000-0000-c000-000000000000")
	_, client, _ := c.app("client")
	const set = "/v1.0/oauth2PermissionGrants"
	filtered := set + "?$filter=" + url.QueryEscape("clientId eq '"+client.ID+"'")
	if r := c.get(filtered).want(200); r.header.Get("x-ms-resource-unit") != "2" || len(r.list()) != 0 {
		t.Errorf("none yet: %s", r.raw)
	}
	body := map[string]any{"clientId": client.ID, "consentType": "AllPrincipals", "principalId": nil, "resourceId": api.ID, "scope": "Directory.Read.All"}
	made := c.post(set, body).want(http.StatusCreated)
	// Recorded 2022-05.
	if d := cmp.Diff(strings.Fields("@odata.context clientId consentType id principalId resourceId scope"), keysInOrder(t, made.raw)); d != "" {
		t.Errorf("properties (-want +got):\n%s", d)
	}
	id := made.text("id")
	if got := made.header.Get("Location"); got != origin+"/v2/"+tenantID+"/oauth2PermissionGrants/"+id {
		t.Errorf("location %s", got)
	}
	c.post(set, body).fails(409, "Request_MultipleObjectsWithSameKeyValue", "Permission entry already exists.")
	if got := c.get(filtered).names("id"); !cmp.Equal(got, []string{id}) {
		t.Errorf("by client: %v", got)
	}
	c.patch(set+"/"+id, `{"scope":"User.Read Directory.Read.All"}`).want(204)
	if got := c.get(set + "/" + id).want(200).text("scope"); got != "User.Read Directory.Read.All" {
		t.Errorf("scope %q", got)
	}
	c.patch(set+"/"+id, `{"clientId":"x"}`).want(400)
	if got := c.get("/v1.0/servicePrincipals/" + client.ID + "/oauth2PermissionGrants").want(200).list(); len(got) != 1 {
		t.Errorf("of the client: %v", got)
	}
	one := map[string]any{"clientId": client.ID, "consentType": "Principal", "principalId": userID("admin@contoso.example"), "resourceId": api.ID, "scope": "User.Read"}
	c.post(set, one).want(201)
	if got := c.get("/v1.0/me/oauth2PermissionGrants").want(200).list(); len(got) != 1 {
		t.Errorf("of the person: %v", got)
	}
	for name, change := range map[string]map[string]any{
		"no client":           {"clientId": nil},
		"no resource":         {"resourceId": nil},
		"consent unknown":     {"consentType": "Everybody"},
		"principal for all":   {"consentType": "AllPrincipals"},
		"nobody for one":      {"principalId": nil},
		"no guid":             {"clientId": "x"},
		"unknown property":    {"color": "red"},
		"scope is a list":     {"scope": []string{"a"}},
		"client is not there": {"clientId": api.AppID},
	} {
		wrong := maps.Clone(one)
		maps.Copy(wrong, change)
		if r := c.post(set, wrong); r.status != 400 && r.status != 404 {
			t.Errorf("%s: %d %s", name, r.status, r.raw)
		}
	}
	// The Azure CLI writes the name with a capital A to delete.
	c.delete("/v1.0/oAuth2PermissionGrants/" + id).want(http.StatusNoContent)
	c.get(set+"/"+id).fails(404, "Request_ResourceNotFound", id)
}

// The id of a grant is made of the guids in it: that of a recorded answer of 2022-05.
func TestPermissionGrantID(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.api("00000003-0000-0000-c000-000000000000")
	const client = "043293df-9b19-46aa-962f-65f957d7bcc8"
	c.write(func() {
		c.store.ServicePrincipals.Put(client, &directory.ServicePrincipal{ID: client, AppID: "22222222-0000-4000-8000-000000000002", Enabled: true})
	})
	made := c.post("/v1.0/oauth2PermissionGrants", map[string]any{"clientId": client, "consentType": "AllPrincipals", "resourceId": "a3efc889-f1b7-4532-9e01-91e32d1039f4", "scope": "Directory.Read.All"}).want(201)
	if got := made.text("id"); got != "35MyBBmbqkaWL2X5V9e8yInI76O38TJFngGR4y0QOfQ" {
		t.Errorf("id %s", got)
	}
}

func TestWhoConsentsForOthers(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	api := c.api("00000003-0000-0000-c000-000000000000")
	c.person("member@contoso.example")
	for name, test := range map[string]struct {
		bearer string
		want   int
	}{
		"application administrator":   {c.admin, 201},
		"member":                      {c.delegated("member@contoso.example", "DelegatedPermissionGrant.ReadWrite.All"), 403},
		"administrator, other client": {c.delegated("admin@contoso.example", "User.Read"), 403},
		"app with the permission":     {third(c.app("a", "DelegatedPermissionGrant.ReadWrite.All")), 201},
		"app without":                 {third(c.app("b", "Application.ReadWrite.All")), 403},
	} {
		_, client, _ := c.app(name)
		body := map[string]any{"clientId": client.ID, "consentType": "AllPrincipals", "resourceId": api.ID, "scope": "User.Read"}
		if r := c.do(test.bearer, "POST", "/v1.0/oauth2PermissionGrants", body); r.status != test.want {
			t.Errorf("%s: %d, want %d: %s", name, r.status, test.want, r.raw)
		}
	}
}

func TestWhoWritesPeople(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.person("people@contoso.example", "User Administrator")
	for name, test := range map[string]struct {
		bearer string
		want   int
	}{
		"user administrator":               {c.delegated("people@contoso.example", "User.ReadWrite.All"), 204},
		"user administrator, other client": {c.delegated("people@contoso.example", "User.Read"), 403},
		"application administrator":        {c.admin, 403},
		"app with the permission":          {third(c.app("a", "User.ReadWrite.All")), 204},
		"app that reads":                   {third(c.app("b", "User.Read.All")), 403},
	} {
		if r := c.do(test.bearer, "PATCH", "/v1.0/users/people@contoso.example", `{"jobTitle":"x"}`); r.status != test.want {
			t.Errorf("%s: %d, want %d: %s", name, r.status, test.want, r.raw)
		}
	}
}
