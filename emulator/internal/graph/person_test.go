package graph_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/emulator/internal/directory"
)

func TestPeople(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	const inner, outer = "795b1624-5b39-4705-bfea-48a52592e18f", "00e7bb05-86a1-49e2-bb6e-3dd60ab63a3a"
	c.write(func() {
		c.store.Groups.Put(inner, &directory.Group{ID: inner, DisplayName: "Operators", Members: []string{userID("admin@contoso.example")}})
		c.store.Groups.Put(outer, &directory.Group{ID: outer, DisplayName: "Everyone", Members: []string{inner}})
	})
	me := c.get("/v1.0/me").want(http.StatusOK)
	if diff := cmp.Diff(strings.Fields("@odata.context businessPhones displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage surname userPrincipalName id"), keysInOrder(t, me.raw)); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	_, _, bearer := c.app("caller", "Directory.Read.All")
	c.do(bearer, "GET", "/v1.0/me", nil).fails(400, "BadRequest", "/me request is only valid with delegated authentication flow.")
	c.do(bearer, "GET", "/v1.0/me/memberOf", nil).fails(400, "BadRequest", "delegated")

	for path, want := range map[string][]string{
		"memberOf":           {"Application Administrator", "Operators"},
		"transitiveMemberOf": {"Application Administrator", "Everyone", "Operators"},
	} {
		if got := c.get("/v1.0/me/" + path).want(200).names("displayName"); !cmp.Equal(got, want) {
			t.Errorf("%s: %v", path, got)
		}
	}
	roles := c.get("/v1.0/me/memberOf/microsoft.graph.directoryRole").want(200)
	if got := roles.list(); len(got) != 1 || got[0]["roleTemplateId"] != "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3" {
		t.Errorf("roles: %s", roles.raw)
	}
	for _, path := range []string{"/v1.0/users/admin@contoso.example", "/v1.0/users('Admin@contoso.example')", "/v1.0/users/" + userID("admin@contoso.example")} {
		if got := c.get(path).want(200).text("id"); got != userID("admin@contoso.example") {
			t.Errorf("%s: %s", path, got)
		}
	}
	c.get("/v1.0/users/nobody@contoso.example").fails(404, "Request_ResourceNotFound", "Resource 'nobody@contoso.example' does not exist")
	if got := c.get("/v1.0/users?$filter=userPrincipalName eq 'admin@contoso.example'").names("id"); len(got) != 1 {
		t.Errorf("users: %v", got)
	}
	group := c.get("/v1.0/groups/" + inner).want(200)
	if group.text("securityIdentifier") != "S-1-12-1-2036012580-1191533369-2773019327-2413924901" { // recorded 2022-06
		t.Errorf("group: %s", group.raw)
	}
	if got := c.get("/v1.0/groups/" + outer + "/members").want(200).names("@odata.type"); !cmp.Equal(got, []string{"#microsoft.graph.group"}) {
		t.Errorf("members: %v", got)
	}
	if got := c.get("/v1.0/directoryRoles").want(200).names("displayName"); !cmp.Equal(got, []string{"Application Administrator"}) {
		t.Errorf("directoryRoles: %v", got)
	}
}

func TestTenantAndObjects(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, p, _ := c.app("backup")
	organization := c.get("/v1.0/organization").want(200).list()[0]
	if organization["id"] != tenantID || objects(t, organization["verifiedDomains"])[0]["name"] != "contoso.example" {
		t.Errorf("organization: %v", organization)
	}
	c.get("/v1.0/organization/" + tenantID).want(200)
	if got := c.get("/v1.0/domains").want(200).names("id"); !cmp.Equal(got, []string{"contoso.example"}) {
		t.Errorf("domains: %v", got)
	}
	ids := []string{a.ID, p.ID, userID("admin@contoso.example"), "00000000-1111-4222-8333-444444444444"}
	found := c.post("/v1.0/directoryObjects/getByIds", map[string]any{"ids": ids, "types": []string{"user", "servicePrincipal", "directoryObjectPartnerReference"}}).want(200)
	if got := found.names("@odata.type"); !cmp.Equal(got, []string{"#microsoft.graph.servicePrincipal", "#microsoft.graph.user"}) {
		t.Errorf("getByIds: %v", got)
	}
	if found.header.Get("Location") != origin || found.header.Get("x-ms-resource-unit") != "3" {
		t.Errorf("headers: %v", found.header)
	}
	_, _, reader := c.app("reader", "User.Read.All")
	for _, o := range c.do(reader, "POST", "/v1.0/directoryObjects/getByIds", map[string]any{"ids": ids}).want(200).list() {
		if o["@odata.type"] != "#microsoft.graph.user" && len(o) != 2 {
			t.Errorf("shown without the right: %v", o)
		}
	}
	c.post("/v1.0/directoryObjects/getByIds", `{"ids":[]}`).fails(400, "Request_BadRequest", "'ids'")
	if got := c.get("/v1.0/directoryObjects/" + p.ID).want(200).text("@odata.type"); got != "#microsoft.graph.servicePrincipal" {
		t.Errorf("directoryObject: %s", got)
	}
	_, _, nobody := c.app("nobody")
	for _, path := range []string{"/v1.0/users", "/v1.0/groups", "/v1.0/organization", "/v1.0/domains", "/v1.0/directoryRoles", "/v1.0/directoryObjects/" + p.ID, "/v1.0/directory/deletedItems/microsoft.graph.application"} {
		c.do(nobody, "GET", path, nil).fails(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
	}
}
