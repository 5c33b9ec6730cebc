package arm_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/arm"
)

func definitionAt(scope, id string) string {
	return scope + "/providers/Microsoft.Authorization/roleDefinitions/" + id
}

func definitionBody(name, scopes string) string {
	return `{"properties":{"roleName":"` + name + `","type":"customRole","permissions":[{"actions":["Microsoft.Compute/*/read"],"notActions":null}],"assignableScopes":[` + scopes + `]}}`
}

func TestBuiltInDefinitions(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	all := c.values(definitionAt(atA, ""), c.admin)
	if len(all) != len(arm.BuiltInRoles()) || len(all) < 25 {
		t.Errorf("%d roles", len(all))
	}
	got := c.values(definitionAt(group1, "")+"?$filter=roleName eq 'key vault crypto officer'", c.admin)
	want := []object{{
		"id": definitionAt(atA, cryptoOfficer), "name": cryptoOfficer, "type": "Microsoft.Authorization/roleDefinitions",
		"properties": object{
			"roleName": "Key Vault Crypto Officer", "type": "BuiltInRole",
			"description":      "Perform any action on the keys of a key vault, except manage permissions. Only works for key vaults that use the 'Azure role-based access control' permission model.",
			"assignableScopes": []any{"/"},
			"permissions": []any{object{
				"actions": []any{
					"Microsoft.Authorization/*/read", "Microsoft.Insights/alertRules/*", "Microsoft.Resources/deployments/*", "Microsoft.Resources/subscriptions/resourceGroups/read",
					"Microsoft.Support/*", "Microsoft.KeyVault/checkNameAvailability/read", "Microsoft.KeyVault/deletedVaults/read", "Microsoft.KeyVault/locations/*/read",
					"Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/operations/read",
				},
				"notActions": []any{}, "dataActions": []any{"Microsoft.KeyVault/vaults/keys/*", "Microsoft.KeyVault/vaults/keyrotationpolicies/*"}, "notDataActions": []any{},
			}},
			"createdOn": "2015-02-02T21:55:09.8806423Z", "updatedOn": "2015-02-02T21:55:09.8806423Z", "createdBy": nil, "updatedBy": nil,
		},
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Crypto Officer (-want +got):\n%s", d)
	}
	old := c.ask("GET", definitionAt(atA, reader)+"?api-version=2015-07-01", c.admin, "", 200)
	if d := cmp.Diff([]any{object{"actions": []any{"*/read"}, "notActions": []any{}}}, properties(old)["permissions"]); d != "" {
		t.Errorf("2015-07-01 (-want +got):\n%s", d)
	}
	if got := c.ask("GET", definitionAt("", owner), c.person("nobody@contoso.example"), "", 200); got["id"] != definitionAt("", owner) {
		t.Errorf("at the root: %v", got["id"])
	}
	c.refused("GET", definitionAt(atA, owner), c.person("nobody@contoso.example"), "", 403, "AuthorizationFailed")
	c.refused("GET", definitionAt(atA, ""), c.person("nobody@contoso.example"), "", 403, "AuthorizationFailed")
	for _, filter := range []string{"roleName", "roleName eq Reader", "roleName eq 'a' or type eq 'b'", "description eq 'x'"} {
		c.refused("GET", definitionAt(atA, "")+"?$filter="+filter, c.admin, "", 400, "UnsupportedQuery")
	}
	none := uuid.NewString()
	if got := c.refused("GET", definitionAt(atA, none), c.admin, "", 404, "RoleDefinitionDoesNotExist"); got != "The specified role definition with ID '"+none+"' does not exist." {
		t.Error(got)
	}
}

func TestCustomDefinitionLife(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	me := userID("owner@contoso.example")
	id := uuid.NewString()
	at := definitionAt(group1, id)
	made := c.ask("PUT", at, c.admin, definitionBody("Watcher", `"`+group1+`"`), 201)
	p := properties(made)
	if made["id"] != definitionAt(atA, id) || p["type"] != "CustomRole" || p["createdBy"] != nil || p["updatedBy"] != me || p["description"] != nil {
		t.Errorf("PUT: %v", made)
	}
	wantPermissions := []any{object{"actions": []any{"Microsoft.Compute/*/read"}, "notActions": []any{}, "dataActions": []any{}, "notDataActions": []any{}}}
	if d := cmp.Diff(wantPermissions, p["permissions"]); d != "" {
		t.Errorf("permissions (-want +got):\n%s", d)
	}
	if got := properties(c.ask("GET", at, c.admin, "", 200)); got["createdBy"] != me {
		t.Errorf("GET: %v", got)
	}
	// Assignable in the group: seen there, and from above only with atScopeAndBelow().
	filtered := "?$filter=type eq 'CustomRole'"
	for address, want := range map[string][]string{
		definitionAt(group1, "") + filtered:                           {id},
		definitionAt(vault, "") + filtered:                            {id},
		definitionAt(atA, "") + filtered:                              {},
		definitionAt(atA, "") + filtered + " and atScopeAndBelow()":   {id},
		definitionAt(atA, "") + "?$filter=atScopeAndBelow()&x=1":      nil,
		definitionAt(group1, "") + "?$filter=roleName eq 'WATCHER'":   {id},
		definitionAt(group1, "") + "?$filter=roleName eq 'Watch''er'": {},
	} {
		got := names(c.values(address, c.admin))
		if want == nil && !slices.Contains(got, id) || want != nil && !slices.Equal(want, got) {
			t.Errorf("%s: %q", address, got)
		}
	}
	c.refused("GET", definitionAt(atA, id), c.admin, "", 404, "RoleDefinitionDoesNotExist")

	c.refused("PUT", definitionAt(atA, uuid.NewString()), c.admin, definitionBody("watcher", `"`+atA+`"`), 409, "RoleDefinitionWithSameNameExists")
	again := c.ask("PUT", at, c.admin, definitionBody("Guard", `"`+group1+`"`), 201)
	if properties(again)["roleName"] != "Guard" || properties(again)["createdBy"] != nil {
		t.Errorf("second PUT: %v", again)
	}

	app, bearer := c.app()
	c.refused("PUT", assignmentAt(atA, uuid.NewString()), c.admin, roleBody(id, app, ""), 404, "RoleDefinitionDoesNotExist")
	name := uuid.NewString()
	c.putRole(group1, name, id, app, "", c.admin, 201)
	c.refused("GET", vault, bearer, "", 403, "AuthorizationFailed")
	c.refused("GET", group1+"/providers/Microsoft.Compute/virtualMachines/vm1", bearer, "", 404, "ResourceNotFound")
	c.refused("DELETE", at, c.admin, "", 400, "RoleDefinitionHasAssignments")
	c.ask("DELETE", assignmentAt(group1, name), c.admin, "", 200)
	if got := c.ask("DELETE", at, c.admin, "", 200); got["name"] != id {
		t.Errorf("DELETE: %v", got)
	}
	c.ask("DELETE", at, c.admin, "", 204)
}

// A custom role with data actions may name a management group, and is assigned below it only.
func TestDataActionsAtAManagementGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.assign(top, owner, userID("owner@contoso.example"))
	body := strings.Replace(definitionBody("Blobs", `"`+top+`"`), `"notActions":null`, `"notActions":null,"dataActions":["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"]`, 1)
	data, plain := uuid.NewString(), uuid.NewString()
	c.ask("PUT", definitionAt(top, data), c.admin, body, 201)
	c.ask("PUT", definitionAt(top, plain), c.admin, definitionBody("Plain", `"`+top+`"`), 201)
	app, _ := c.app()
	c.refused("PUT", assignmentAt(top, uuid.NewString()), c.admin, roleBody(data, app, ""), 400, "BadRequestFormat")
	c.putRole(top, uuid.NewString(), plain, app, "", c.admin, 201)
	c.putRole(atA, uuid.NewString(), data, app, "", c.admin, 201)
}

func TestDefinitionRefusals(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.assign(atB, reader, userID("owner@contoso.example"))
	id := uuid.NewString()
	tests := map[string]struct {
		id, body, code string
		status         int
	}{
		"built-in":             {owner, definitionBody("x", `"`+atA+`"`), "BadRequestFormat", 400},
		"no guid":              {"mine", definitionBody("x", `"`+atA+`"`), "InvalidRoleDefinitionId", 400},
		"no name":              {id, definitionBody("", `"`+atA+`"`), "BadRequestFormat", 400},
		"no scopes":            {id, definitionBody("x", ""), "BadRequestFormat", 400},
		"no permissions":       {id, `{"properties":{"roleName":"x","assignableScopes":["` + atA + `"]}}`, "BadRequestFormat", 400},
		"not JSON":             {id, "{", "InvalidRequestContent", 400},
		"wrong types":          {id, `{"properties":[]}`, "BadRequestFormat", 400},
		"long name":            {id, definitionBody(strings.Repeat("n", 129), `"`+atA+`"`), "BadRequestFormat", 400},
		"no operation":         {id, strings.ReplaceAll(definitionBody("x", `"`+atA+`"`), "Microsoft.Compute/*/read", "Microsoft.Compute/virtualMachines/dance"), "InvalidActionOrNotAction", 400},
		"no provider":          {id, strings.ReplaceAll(definitionBody("x", `"`+atA+`"`), "Microsoft.Compute/*/read", "virtualMachines/read"), "InvalidActionOrNotAction", 400},
		"no scope at all":      {id, definitionBody("x", `"/nowhere"`), "BadRequestFormat", 400},
		"name of a built-in":   {id, definitionBody("reader", `"`+atA+`"`), "RoleDefinitionWithSameNameExists", 409},
		"another subscription": {id, definitionBody("x", `"`+atA+`","`+atB+`"`), "LinkedAuthorizationFailed", 403},
		"the whole tenant":     {id, definitionBody("x", `"/"`), "LinkedAuthorizationFailed", 403},
		"an unknown one":       {id, definitionBody("x", `"/subscriptions/`+id+`"`), "SubscriptionNotFound", 404},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := c.on(t)
			c.refused("PUT", definitionAt(atA, test.id), c.admin, test.body, test.status, test.code)
		})
	}
	c.refused("DELETE", definitionAt(atA, owner), c.admin, "", 400, "BadRequestFormat")
	if got := c.refused("PUT", definitionAt(atB, id), c.admin, definitionBody("x", `"`+atB+`"`), 403, "AuthorizationFailed"); !strings.Contains(got, "'Microsoft.Authorization/roleDefinitions/write' over scope '"+definitionAt(atB, id)+"'") {
		t.Error(got)
	}
}

func TestBuiltInRoleData(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range arm.BuiltInRoles() {
		if uuid.Validate(r.ID) != nil || r.ID != strings.ToLower(r.ID) || seen[r.ID] || seen[r.Name] || r.Name == "" || r.Description == "" || !r.BuiltIn || len(r.Permissions) == 0 {
			t.Errorf("role %q %q", r.ID, r.Name)
		}
		seen[r.ID], seen[r.Name] = true, true
		for _, p := range r.Permissions {
			all := slices.Concat(p.Actions, p.NotActions, p.DataActions, p.NotDataActions)
			if p.Actions == nil || p.NotActions == nil || p.DataActions == nil || p.NotDataActions == nil || len(all) == 0 {
				t.Errorf("%s: a list is missing", r.Name)
			}
			for _, action := range all {
				if !strings.HasPrefix(action, "Microsoft.") && !strings.HasPrefix(action, "*") || strings.ContainsAny(action, " \t") {
					t.Errorf("%s: %q", r.Name, action)
				}
			}
		}
	}
}
