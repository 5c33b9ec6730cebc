package graph_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func (c *cloud) groupsAdmin() string {
	c.person("groups@contoso.example", "Groups Administrator")
	return c.delegated("groups@contoso.example", "Group.ReadWrite.All Directory.AccessAsUser.All")
}

func groupBody(name string) map[string]any {
	return map[string]any{"displayName": name, "mailNickname": "deleteme11", "mailEnabled": false, "securityEnabled": true}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	admin := c.groupsAdmin()
	on := *c
	on.admin = admin
	made := on.post("/v1.0/groups", groupBody("children")).want(http.StatusCreated)
	// Recorded 2022-05 and 2022-06.
	want := strings.Fields("@odata.context id deletedDateTime classification createdDateTime creationOptions description displayName expirationDateTime groupTypes isAssignableToRole mail mailEnabled mailNickname membershipRule membershipRuleProcessingState onPremisesDomainName onPremisesLastSyncDateTime onPremisesNetBiosName onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesSyncEnabled preferredDataLocation preferredLanguage proxyAddresses renewedDateTime resourceBehaviorOptions resourceProvisioningOptions securityEnabled securityIdentifier theme visibility onPremisesProvisioningErrors")
	if d := cmp.Diff(want, keysInOrder(t, made.raw)); d != "" {
		t.Errorf("properties (-want +got):\n%s", d)
	}
	child := made.text("id")
	if got := made.header.Get("Location"); got != origin+"/v2/"+tenantID+"/directoryObjects/"+child+"/Microsoft.DirectoryServices.Group" {
		t.Errorf("location %s", got)
	}
	parent := on.post("/v1.0/groups", groupBody("parents")).want(201).text("id")
	path := "/v1.0/groups/" + parent
	ref := func(id string) map[string]any {
		return map[string]any{"@odata.id": origin + "/v1.0/directoryObjects/" + id}
	}
	if got := on.get(path + "/owners").want(200).list(); len(got) != 0 {
		t.Errorf("an administrator's group has owners: %v", got)
	}
	me := userID("admin@contoso.example")
	on.post(path+"/members/$ref", ref(child)).want(http.StatusNoContent)
	on.post(path+"/members/$ref", ref(child)).fails(400, "Request_BadRequest", "One or more added object references already exist for the following modified properties: 'members'.")
	on.post("/v1.0/groups/"+child+"/members/$ref", ref(me)).want(http.StatusNoContent)
	on.post(path+"/owners/$ref", map[string]any{"@odata.id": origin + "/v1.0/users/" + me}).want(http.StatusNoContent)
	on.post(path+"/owners/$ref", ref(child)).fails(400, "Request_BadRequest", "is invalid for the 'owners' reference")
	members := on.get(path + "/members").want(200)
	if members.header.Get("x-ms-resource-unit") != "3" || !cmp.Equal(members.names("id"), []string{child}) {
		t.Errorf("members: %v %s", members.header, members.raw)
	}
	if got := on.get(path + "/transitiveMembers/microsoft.graph.user").want(200).names("id"); !cmp.Equal(got, []string{me}) {
		t.Errorf("transitive members: %v", got)
	}
	// Terraform looks a member up by a filter.
	if got := on.get("/beta/groups/" + parent + "/members?$filter=id eq '" + child + "'").want(200).names("id"); !cmp.Equal(got, []string{child}) {
		t.Errorf("one member: %v", got)
	}
	if got := on.get("/beta/groups/" + parent + "/members?$filter=id eq '" + me + "'").want(200).list(); len(got) != 0 {
		t.Errorf("no member: %v", got)
	}

	check := on.post("/v1.0/directoryObjects/"+child+"/checkMemberGroups", map[string]any{"groupIds": []string{parent, child}}).want(200)
	if check.header.Get("x-ms-resource-unit") != "4" || check.header.Get("Location") != origin || check.text("@odata.context") != origin+"/v1.0/$metadata#Collection(Edm.String)" {
		t.Errorf("checkMemberGroups: %v %s", check.header, check.raw)
	}
	if d := cmp.Diff([]any{parent}, check.body["value"]); d != "" {
		t.Error(d)
	}
	groups := on.post("/v1.0/users/admin@contoso.example/getMemberGroups", `{"securityEnabledOnly":false}`).want(200)
	if d := cmp.Diff([]any{child, parent}, groups.body["value"]); d != "" || groups.header.Get("x-ms-resource-unit") != "2" {
		t.Errorf("getMemberGroups: %s %v", d, groups.header)
	}
	if got := on.post("/v1.0/users/admin@contoso.example/getMemberObjects", `{"securityEnabledOnly":true}`).want(200).body["value"].([]any); len(got) != 3 {
		t.Errorf("getMemberObjects: %v", got)
	}
	on.post("/v1.0/groups/"+child+"/checkMemberGroups", `{"groupIds":[]}`).fails(400, "Request_BadRequest", "groupIds")

	on.delete(path + "/owners/" + me + "/$ref").want(http.StatusNoContent) // the last one may go (recorded 2022-05)
	on.delete(path + "/members/" + child + "/$ref").want(http.StatusNoContent)
	on.delete(path+"/members/"+child+"/$ref").fails(404, "Request_ResourceNotFound", child)
	on.patch(path, map[string]any{"description": "d", "members@odata.bind": []string{origin + "/v1.0/directoryObjects/" + me}}).want(http.StatusNoContent)
	if got := on.get(path + "?$expand=members($select=id,userPrincipalName)").want(200); !strings.Contains(got.raw, `"members":[{"@odata.type":"#microsoft.graph.user","userPrincipalName":"admin@contoso.example","id":"`+me) {
		t.Errorf("expanded: %s", got.raw)
	}
	on.delete(path).want(http.StatusNoContent)
	on.get(path).fails(404, "Request_ResourceNotFound", parent)
	on.get("/v1.0/directory/deletedItems/"+parent).fails(404, "Request_ResourceNotFound", parent) // security groups go at once

	unified := groupBody("team")
	unified["groupTypes"], unified["mailEnabled"] = []string{"Unified"}, true
	team := on.post("/v1.0/groups", unified).want(201).text("id")
	on.delete("/v1.0/groups/" + team).want(204)
	if got := on.get("/v1.0/directory/deletedItems/microsoft.graph.group").want(200).names("id"); !cmp.Equal(got, []string{team}) {
		t.Errorf("deleted groups: %v", got)
	}
	on.post("/v1.0/directory/deletedItems/"+team+"/restore", nil).want(200)
	on.get("/v1.0/groups/" + team).want(200)
}

func TestGroupRights(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.groupsAdmin()
	c.person("member@contoso.example")
	member := c.delegated("member@contoso.example", "Group.ReadWrite.All")
	own := c.do(member, "POST", "/v1.0/groups", groupBody("mine")).want(201).text("id")
	if got := c.do(member, "GET", "/v1.0/groups/"+own+"/owners", nil).want(200).list(); len(got) != 1 {
		t.Errorf("owners: %v", got)
	}
	c.do(member, "PATCH", "/v1.0/groups/"+own, `{"description":"mine"}`).want(204)
	other := c.do(third(c.app("creator", "Group.Create")), "POST", "/v1.0/groups", groupBody("theirs")).want(201).text("id")
	c.do(member, "DELETE", "/v1.0/groups/"+other, nil).fails(403, "Authorization_RequestDenied", "Insufficient")
	_, _, members := c.app("members", "GroupMember.ReadWrite.All")
	c.do(members, "POST", "/v1.0/groups/"+other+"/members/$ref", map[string]any{"@odata.id": origin + "/v1.0/directoryObjects/" + userID("admin@contoso.example")}).want(204)
	c.do(members, "PATCH", "/v1.0/groups/"+other, `{"description":"x"}`).fails(403, "Authorization_RequestDenied", "Insufficient")
	assignable := groupBody("roles")
	assignable["isAssignableToRole"] = true
	c.do(member, "POST", "/v1.0/groups", assignable).fails(403, "Authorization_RequestDenied", "Insufficient")
	for property := range groupBody("x") {
		incomplete := groupBody("x")
		delete(incomplete, property)
		c.do(member, "POST", "/v1.0/groups", incomplete).fails(400, "Request_BadRequest", "A value is required for property '"+property+"' of resource 'Group'.")
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.person("people@contoso.example", "User Administrator")
	on := *c
	on.admin = c.delegated("people@contoso.example", "User.ReadWrite.All Directory.AccessAsUser.All")
	body := map[string]any{
		"userPrincipalName": "New@contoso.example", "displayName": "New", "mailNickname": "new", "accountEnabled": true,
		"passwordProfile": map[string]any{"password": "a long enough one", "forceChangePasswordNextSignIn": false},
	}
	made := on.post("/v1.0/users", body).want(http.StatusCreated)
	// Recorded 2022-05: the id comes first here, and last on every read.
	want := strings.Fields("@odata.context id businessPhones displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage surname userPrincipalName")
	if d := cmp.Diff(want, keysInOrder(t, made.raw)); d != "" {
		t.Errorf("properties (-want +got):\n%s", d)
	}
	path := "/v1.0/users/" + made.text("id")
	on.post("/v1.0/users", body).fails(400, "Request_BadRequest", "Another object with the same value for property userPrincipalName already exists.")
	body["userPrincipalName"] = "new@elsewhere.example"
	on.post("/v1.0/users", body).fails(400, "Request_BadRequest", "The domain portion of the userPrincipalName property is invalid.")
	on.patch(path, `{"displayName":"Newer","jobTitle":"Operator","accountEnabled":false,"passwordProfile":{"password":"another long one"}}`).want(204)
	got := on.get(path + "?$select=displayName,jobTitle,accountEnabled,mailNickname,city,employeeOrgData").want(200)
	if got.text("displayName") != "Newer" || got.text("jobTitle") != "Operator" || got.body["accountEnabled"] != false || got.text("mailNickname") != "new" {
		t.Errorf("after the update: %s", got.raw)
	}
	on.patch(path, `{"color":"red"}`).fails(400, "Request_BadRequest", "Invalid property 'color'.")
	c.patch(path, `{"displayName":"x"}`).fails(403, "Authorization_RequestDenied", "Insufficient") // an Application Administrator
	if got := on.post(path+"/revokeSignInSessions", nil).want(200).body["value"]; got != true {
		t.Errorf("revokeSignInSessions: %v", got)
	}
	on.delete(path).want(http.StatusNoContent)
	on.get("/v1.0/users/new@contoso.example").fails(404, "Request_ResourceNotFound", "new@contoso.example")
	if got := on.get("/v1.0/directory/deletedItems/microsoft.graph.user").want(200).names("userPrincipalName"); len(got) != 1 {
		t.Errorf("deleted people: %v", got)
	}
	restored := on.post("/v1.0/directory/deletedItems/"+made.text("id")+"/restore", nil).want(200)
	if restored.text("@odata.type") != "#microsoft.graph.user" {
		t.Errorf("restored: %s", restored.raw)
	}
	on.get(path).want(200)
	on.delete(path).want(204)
	c.advance(30 * 24 * time.Hour)
	on.post("/v1.0/directory/deletedItems/"+made.text("id")+"/restore", nil).fails(404, "Request_ResourceNotFound", made.text("id"))
}

func TestDirectoryRoleMembers(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.person("roles@contoso.example", "Privileged Role Administrator")
	c.person("member@contoso.example")
	roles, member := c.delegated("roles@contoso.example", "RoleManagement.ReadWrite.Directory"), c.delegated("member@contoso.example", "Application.ReadWrite.All")
	a, _, _ := c.app("someone's")
	const path = "/v1.0/directoryRoles(roleTemplateId='9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3')" // Application Administrator
	secret := func() int { return c.do(member, "POST", "/v1.0/applications/"+a.ID+"/addPassword", `{}`).status }
	if got := secret(); got != 403 {
		t.Fatalf("before: %d", got)
	}
	ref := map[string]any{"@odata.id": origin + "/v1.0/directoryObjects/" + userID("member@contoso.example")}
	c.do(c.admin, "POST", path+"/members/$ref", ref).fails(403, "Authorization_RequestDenied", "Insufficient")
	c.do(roles, "POST", path+"/members/$ref", ref).want(204)
	if got := secret(); got != 200 { // with the token from before
		t.Errorf("with the role: %d", got)
	}
	if got := c.get(path + "/members").want(200).names("userPrincipalName"); !cmp.Equal(got, []string{"admin@contoso.example", "member@contoso.example"}) {
		t.Errorf("members: %v", got)
	}
	c.do(roles, "DELETE", path+"/members/"+userID("member@contoso.example")+"/$ref", nil).want(204)
	if got := secret(); got != 403 {
		t.Errorf("after: %d", got)
	}
	c.get("/v1.0/directoryRoles(roleTemplateId='62e90394-69f5-4237-9190-012177145e10')").want(404) // nobody has it: not activated
}

func TestManager(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.person("people@contoso.example", "User Administrator")
	on := *c
	on.admin = c.delegated("people@contoso.example", "User.ReadWrite.All Directory.AccessAsUser.All")
	const path = "/v1.0/users/people@contoso.example/manager"
	// Terraform asks for it of every person and takes the 404 for none.
	on.get(path).fails(404, "Request_ResourceNotFound", "Resource 'manager' does not exist")
	on.do(on.admin, "PUT", path+"/$ref", map[string]any{"@odata.id": origin + "/v1.0/users/" + userID("admin@contoso.example")}).want(204)
	if got := on.get(path).want(200); got.text("@odata.type") != "#microsoft.graph.user" || got.text("userPrincipalName") != "admin@contoso.example" {
		t.Errorf("manager: %s", got.raw)
	}
	c.do(c.admin, "DELETE", path+"/$ref", nil).fails(403, "Authorization_RequestDenied", "Insufficient")
	on.delete(path + "/$ref").want(204)
	on.get(path).want(404)
}

func TestOwnedObjects(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	app := c.post("/v1.0/applications", `{"displayName":"mine"}`).want(201)
	c.app("not mine")
	owned := c.get("/v1.0/me/ownedObjects").want(200)
	if got := owned.names("id"); !cmp.Equal(got, []string{app.text("id")}) || owned.list()[0]["@odata.type"] != "#microsoft.graph.application" {
		t.Errorf("ownedObjects: %s", owned.raw)
	}
	if got := c.get("/v1.0/me/ownedObjects/microsoft.graph.servicePrincipal").want(200).list(); len(got) != 0 {
		t.Errorf("of the type: %v", got)
	}
}
