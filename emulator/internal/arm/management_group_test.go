package arm_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestManagementGroupLife(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	const team = "/providers/Microsoft.Management/managementGroups/Team-1"

	// Whoever is signed in may make one below the root, and owns it then.
	person := c.person("anna@contoso.example")
	w := c.do("PUT", team, person, `{"name":"Team-1","properties":{"displayName":"Team One"}}`)
	location, found := strings.CutPrefix(w.Header().Get("Location"), origin)
	if w.Code != 202 || !found || !strings.Contains(w.Body.String(), `"status":"NotStarted"`) {
		t.Fatalf("PUT: %d %s, Location %q", w.Code, w.Body, location)
	}
	made := c.ask("GET", location, person, "", 200)
	if made["name"] != "Team-1" || properties(made)["displayName"] != "Team One" || properties(made)["details"].(object)["parent"].(object)["id"] != top {
		t.Errorf("made: %v", made)
	}
	below := "/providers/Microsoft.Management/managementGroups/below"
	w = c.do("PUT", below, person, `{"properties":{"details":{"parent":{"id":"`+team+`"}}}}`)
	if w.Code != 202 {
		t.Fatalf("PUT below: %d %s", w.Code, w.Body)
	}
	c.refused("PUT", "/providers/Microsoft.Management/managementGroups/x", person, `{"properties":{"details":{"parent":{"id":"`+landed+`"}}}}`, 403, "AuthorizationFailed")
	c.refused("PUT", "/providers/Microsoft.Management/managementGroups/x", person, `{"properties":{"details":{"parent":{"id":"/nowhere"}}}}`, 404, "NotFound")
	c.refused("PUT", "/providers/Microsoft.Management/managementGroups/a%20b", person, `{}`, 400, "BadRequest")
	c.refused("PUT", team, c.person("bob@contoso.example"), `{}`, 403, "AuthorizationFailed")

	renamed := c.ask("PATCH", team, person, `{"displayName":"Renamed"}`, 200)
	if properties(renamed)["displayName"] != "Renamed" || properties(renamed)["details"].(object)["version"] != 2.0 {
		t.Errorf("PATCH: %v", renamed)
	}
	c.refused("PATCH", team, person, `{"parentId":"`+below+`"}`, 400, "BadRequest")
	c.refused("DELETE", team, person, "", 400, "BadRequest") // something is below it
	if w := c.do("DELETE", below, person, ""); w.Code != 202 {
		t.Errorf("DELETE: %d %s", w.Code, w.Body)
	}
	c.refused("GET", below, person, "", 403, "AuthorizationFailed") // the Owner role went with it
	c.refused("DELETE", top, c.admin, "", 403, "AuthorizationFailed")
}

func TestManagementGroupTree(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	id, bearer := c.app()
	c.assign(top, owner, id)

	got := properties(c.ask("GET", top+"?$expand=children&$recurse=true", bearer, "", 200))
	landing := got["children"].([]any)[0].(object)
	if landing["name"] != "landing" || len(landing["children"].([]any)) != 2 {
		t.Errorf("children of the root: %v", got["children"])
	}
	flat := properties(c.ask("GET", top+"?$expand=children", bearer, "", 200))["children"].([]any)[0].(object)
	if _, deeper := flat["children"]; deeper {
		t.Errorf("without $recurse: %v", flat)
	}
	details := properties(c.ask("GET", landed+"?$expand=path", bearer, "", 200))["details"].(object)
	if d := cmp.Diff([]any{object{"name": tenantID, "displayName": "Tenant Root Group"}, object{"name": "landing", "displayName": "Landing"}}, details["path"]); d != "" {
		t.Errorf("path (-want +got):\n%s", d)
	}
	details = properties(c.ask("GET", landed+"?$expand=ancestors", bearer, "", 200))["details"].(object)
	if d := cmp.Diff([]any{tenantID}, details["managementGroupAncestors"]); d != "" {
		t.Errorf("ancestors (-want +got):\n%s", d)
	}
	var below []string
	for _, v := range c.values(top+"/descendants", bearer) {
		below = append(below, v["type"].(string)+" "+v["name"].(string)+" < "+properties(v)["parent"].(object)["id"].(string))
	}
	slices.Sort(below)
	want := []string{"/subscriptions " + subA + " < " + landed, "/subscriptions " + subB + " < " + landed, "Microsoft.Management/managementGroups landing < " + top}
	if d := cmp.Diff(want, below); d != "" {
		t.Errorf("descendants (-want +got):\n%s", d)
	}
	entities := c.ask("POST", "/providers/Microsoft.Management/getEntities", bearer, "", 200)
	if entities["count"] != 4.0 {
		t.Errorf("entities %v", entities)
	}
	if mine := c.ask("POST", "/providers/Microsoft.Management/getEntities", c.admin, "", 200)["value"].([]any); len(mine) != 1 || properties(mine[0].(object))["permissions"] == "" {
		t.Errorf("entities of an owner of one subscription: %v", mine)
	}
}

func TestMovingSubscriptions(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	id, bearer := c.app()
	c.assign(top, owner, id)
	if got := names(c.values(landed+"/subscriptions", bearer)); len(got) != 2 {
		t.Errorf("below landing: %q", got)
	}
	moved := c.ask("PUT", top+"/subscriptions/"+subA, bearer, "", 200)
	if moved["id"] != top+"/subscriptions/"+subA || properties(moved)["state"] != "Active" || properties(moved)["tenant"] != tenantID {
		t.Errorf("moved: %v", moved)
	}
	c.ask("GET", top+"/subscriptions/"+subA, bearer, "", 200)
	c.refused("GET", landed+"/subscriptions/"+subA, bearer, "", 404, "NotFound")
	c.ask("DELETE", landed+"/subscriptions/"+subA, bearer, "", 204)
	if w := c.do("DELETE", landed+"/subscriptions/"+subB, bearer, ""); w.Code != 200 {
		t.Errorf("DELETE: %d %s", w.Code, w.Body)
	}
	if got := names(c.values(top+"/subscriptions", bearer)); len(got) != 2 {
		t.Errorf("below the root: %q", got)
	}
	c.refused("PUT", landed+"/subscriptions/"+subA, c.admin, "", 403, "AuthorizationFailed")
	c.refused("PUT", landed+"/subscriptions/mine", bearer, "", 400, "InvalidSubscriptionId")

	// What is assigned at a group is inherited by what is moved below it.
	other, theirs := c.app()
	c.assign(landed, reader, other)
	c.refused("GET", group1, theirs, "", 403, "AuthorizationFailed")
	c.ask("PUT", landed+"/subscriptions/"+subA+"?api-version=2018-03-01-preview", bearer, "", 204)
	c.ask("GET", group1, theirs, "", 200)
}
