package arm_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
)

var sevenDigits = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$`)

func TestAssignmentLife(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	app, _ := c.app()
	name, scope := uuid.NewString(), atA+"/resourcegroups/rg1" // as Azure's CLI writes it

	made := c.putRole(scope, name, contributor, app, `,"principalType":"ServicePrincipal"`, c.admin, 201)
	p := properties(made)
	for _, at := range []string{"createdOn", "updatedOn"} {
		if !sevenDigits.MatchString(p[at].(string)) {
			t.Errorf("%s: %s", at, p[at])
		}
		delete(p, at)
	}
	want := object{
		"id": scope + "/providers/Microsoft.Authorization/roleAssignments/" + name, "name": name, "type": "Microsoft.Authorization/roleAssignments",
		"properties": object{
			"roleDefinitionId": atA + "/providers/Microsoft.Authorization/roleDefinitions/" + contributor, "principalId": app, "principalType": "ServicePrincipal",
			"scope": scope, "condition": nil, "conditionVersion": nil, "createdBy": nil, "updatedBy": userID("owner@contoso.example"),
			"delegatedManagedIdentityResourceId": nil, "description": nil,
		},
	}
	if d := cmp.Diff(want, made); d != "" {
		t.Errorf("PUT (-want +got):\n%s", d)
	}

	read := c.ask("GET", assignmentAt(group1, name), c.admin, "", 200)
	if properties(read)["createdBy"] != userID("owner@contoso.example") || properties(read)["scope"] != scope {
		t.Errorf("GET: %v", read)
	}
	c.set(func(s *directory.Settings) { s.ClockOffset = time.Minute })
	again := c.putRole(scope, name, contributor, app, `,"description":"for backups"`, c.admin, 201)
	if properties(again)["createdBy"] != nil || properties(again)["description"] != "for backups" || properties(again)["createdOn"] == properties(read)["createdOn"] {
		t.Errorf("second PUT: %v", again)
	}
	after := c.ask("GET", assignmentAt(scope, name), c.admin, "", 200)
	if properties(after)["createdOn"] != properties(read)["createdOn"] || properties(after)["updatedOn"] != properties(again)["updatedOn"] || properties(after)["principalType"] != "ServicePrincipal" {
		t.Errorf("GET after the update: %v", after)
	}

	gone := c.ask("DELETE", assignmentAt(scope, strings.ToUpper(name)), c.admin, "", 200)
	if gone["name"] != name || properties(gone)["createdBy"] == nil {
		t.Errorf("DELETE: %v", gone)
	}
	w := c.do("DELETE", assignmentAt(scope, name), c.admin, "")
	if w.Code != 204 || w.Body.Len() != 0 || w.Header().Get("Content-Type") != "" {
		t.Errorf("second DELETE: %d %q", w.Code, w.Body)
	}
	if got := c.refused("GET", assignmentAt(scope, name), c.admin, "", 404, "RoleAssignmentNotFound"); got != "The role assignment '"+name+"' is not found." {
		t.Error(got)
	}
}

func TestAssignmentVersions(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	base := []string{"createdBy", "createdOn", "principalId", "roleDefinitionId", "scope", "updatedBy", "updatedOn"}
	typed := append([]string{"principalType"}, base...)
	full := append([]string{"condition", "conditionVersion", "delegatedManagedIdentityResourceId", "description"}, typed...)
	for version, want := range map[string][]string{
		"2015-07-01": base, "2018-01-01-preview": typed, "2018-09-01-preview": typed, "2020-04-01-preview": full, "2022-04-01": full,
		"2020-08-01-preview": append([]string{"canDelegate"}, full...),
	} {
		for _, a := range c.values(atA+"/providers/Microsoft.Authorization/roleAssignments?api-version="+version, c.admin) {
			got := []string{}
			for k := range properties(a) {
				got = append(got, k)
			}
			slices.Sort(got)
			slices.Sort(want)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", version, d)
			}
		}
	}
}

func TestAssignmentRefusals(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	app, _ := c.app()
	other, _ := c.app()
	first, second, nobody := uuid.NewString(), uuid.NewString(), uuid.NewString()
	c.putRole(atA, first, contributor, app, "", c.admin, 201)
	bare := strings.ReplaceAll(nobody, "-", "")
	tests := map[string]struct {
		name, scope, body, code, message string
		status                           int
	}{
		"another name":        {second, atA, roleBody(contributor, app, ""), "RoleAssignmentExists", "The role assignment already exists.", 409},
		"another principal":   {first, atA, roleBody(contributor, other, ""), "RoleAssignmentUpdateNotPermitted", "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.", 400},
		"another role":        {first, atA, roleBody(reader, app, ""), "RoleAssignmentUpdateNotPermitted", "", 400},
		"another scope":       {first, group1, roleBody(contributor, app, ""), "RoleAssignmentUpdateNotPermitted", "", 400},
		"no such principal":   {second, atA, roleBody(reader, nobody, ""), "PrincipalNotFound", "Principal " + bare + " does not exist in the directory " + tenantID + ". Check that", 400},
		"none though typed":   {second, atA, roleBody(reader, nobody, `,"principalType":"ServicePrincipal"`), "PrincipalNotFound", "", 400},
		"another type":        {second, atA, roleBody(reader, app, `,"principalType":"User"`), "UnmatchedPrincipalType", "The PrincipalId '" + strings.ReplaceAll(app, "-", "") + "' has type 'ServicePrincipal' ,", 400},
		"principal no guid":   {second, atA, roleBody(reader, "wow", ""), "InvalidPrincipalId", "The Principal ID 'wow' is not valid. Principal ID must be a GUID.", 400},
		"no such role":        {second, atA, roleBody(nobody, app, ""), "RoleDefinitionDoesNotExist", "The specified role definition with ID '" + nobody + "' does not exist.", 404},
		"role no guid":        {second, atA, roleBody("Reader", app, ""), "InvalidRoleDefinitionId", "", 400},
		"name no guid":        {"mine", atA, roleBody(reader, app, ""), "InvalidRoleAssignmentId", "The role assignment ID 'mine' is not valid.", 400},
		"no body":             {second, atA, "", "BadRequestFormat", "", 400},
		"no object":           {second, atA, "[]", "BadRequestFormat", "", 400},
		"no properties":       {second, atA, "{}", "BadRequestFormat", "", 400},
		"a number":            {second, atA, `{"properties":{"principalId":7}}`, "BadRequestFormat", "", 400},
		"no such group":       {second, atA + "/resourceGroups/rg9", roleBody(reader, app, ""), "ResourceGroupNotFound", "Resource group 'rg9' could not be found.", 404},
		"no such subscribed":  {second, "/subscriptions/" + nobody, roleBody(reader, app, ""), "SubscriptionNotFound", "The subscription '" + nobody + "' could not be found.", 404},
		"a bad subscription":  {second, "/subscriptions/mine", roleBody(reader, app, ""), "InvalidSubscriptionId", "The provided subscription identifier 'mine' is malformed or invalid.", 400},
		"not on another's":    {second, atB, roleBody(reader, app, ""), "AuthorizationFailed", "The client 'owner@contoso.example' with object id '" + userID("owner@contoso.example") + "' does not have authorization to perform action 'Microsoft.Authorization/roleAssignments/write' over scope '" + atB + "/providers/Microsoft.Authorization/roleAssignments/" + second + "' or the scope is invalid. If access was recently granted, please refresh your credentials.", 403},
		"a path that is none": {second, atA + "/resourceGroups", roleBody(reader, app, ""), "InvalidResourceType", "", 404},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := c.on(t)
			got := c.refused("PUT", assignmentAt(test.scope, test.name), c.admin, test.body, test.status, test.code)
			if !strings.HasPrefix(got, test.message) {
				t.Errorf("message %q", got)
			}
		})
	}
	if w := c.do("PUT", assignmentAt(atA, second), c.admin, roleBody(reader, nobody, "")); w.Header().Get("x-ms-failure-cause") != "" {
		t.Error("the authorization provider does not send x-ms-failure-cause")
	}
}

func TestAssignmentOfUnreplicatedPrincipal(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.set(func(s *directory.Settings) { s.ClockOffset = time.Minute }) // so that the seed is older than the delay
	c.set(func(s *directory.Settings) { s.ReplicationDelay = 15 * time.Second })
	app, bearer := c.app()
	c.refused("PUT", assignmentAt(atA, uuid.NewString()), c.admin, roleBody(reader, app, ""), 400, "PrincipalNotFound")
	c.refused("PUT", assignmentAt(atA, uuid.NewString())+"?api-version=2015-07-01", c.admin, roleBody(reader, app, `,"principalType":"ServicePrincipal"`), 400, "PrincipalNotFound")
	name := uuid.NewString()
	c.putRole(atA, name, reader, app, `,"principalType":"ServicePrincipal"`, c.admin, 201)
	// Neither the assignment nor the right is there for readers yet.
	c.refused("GET", assignmentAt(atA, name), c.admin, "", 404, "RoleAssignmentNotFound")
	c.refused("GET", atA, bearer, "", 403, "AuthorizationFailed")
	c.refused("PUT", assignmentAt(atA, uuid.NewString()), c.admin, roleBody(reader, app, `,"principalType":"ServicePrincipal"`), 409, "RoleAssignmentExists")
	c.set(func(s *directory.Settings) { s.ClockOffset += 16 * time.Second })
	c.ask("GET", assignmentAt(atA, name), c.admin, "", 200)
	c.ask("GET", atA, bearer, "", 200)
}

func TestAssignmentLists(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	app, _ := c.app()
	member := userID("member@contoso.example")
	c.person("member@contoso.example")
	inner, outer := uuid.NewString(), uuid.NewString()
	c.write(func() {
		c.store.Groups.Put(inner, &directory.Group{ID: inner, DisplayName: "inner", Members: []string{member}})
		c.store.Groups.Put(outer, &directory.Group{ID: outer, DisplayName: "outer", Members: []string{inner}})
	})
	c.assign("/", reader, app)
	c.assign(top, reader, member)
	c.assign(landed, reader, app)
	c.assign(atA, contributor, app)
	c.assign(group1, contributor, outer)
	c.assign(vault, cryptoUser, app)
	c.assign(atB, contributor, app)

	tests := map[string]struct {
		scope, filter string
		want          []string
	}{
		"all":                   {atA, "", []string{atA, "/", top, landed, atA, group1, vault}},
		"at the subscription":   {atA, "atScope()", []string{atA, "/", top, landed, atA}},
		"at the group":          {group1, "atScope()", []string{atA, "/", top, landed, atA, group1}},
		"at the vault":          {vault, "", []string{atA, "/", top, landed, atA, group1, vault}},
		"beside the vault":      {vault + "2", "", []string{atA, "/", top, landed, atA, group1}},
		"one principal":         {atA, "principalId eq '" + app + "'", []string{"/", landed, atA, vault}},
		"in any case":           {atA, "PrincipalID EQ '" + strings.ToUpper(app) + "'", []string{"/", landed, atA, vault}},
		"through groups":        {atA, "assignedTo('" + member + "')", []string{top, group1}},
		"not below":             {atA, "atScope() and assignedTo('" + member + "')", []string{top}},
		"the other way round":   {atA, "assignedTo('" + member + "') and atScope()", []string{top}},
		"a plus for a blank":    {atA, "principalId+eq+'" + app + "'", []string{"/", landed, atA, vault}},
		"nobody":                {atA, "principalId eq '" + uuid.NewString() + "'", []string{}},
		"two slashes in a path": {"/" + group1, "atScope()", []string{atA, "/", top, landed, atA, group1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := c.on(t)
			address := test.scope + "/providers/Microsoft.Authorization/roleAssignments"
			if test.filter != "" {
				address += "?$filter=" + test.filter
			}
			got := []string{}
			for _, a := range c.values(address, c.admin) {
				got = append(got, properties(a)["scope"].(string))
				if !strings.HasPrefix(properties(a)["roleDefinitionId"].(string), atA+"/providers/") {
					t.Errorf("role %s", properties(a)["roleDefinitionId"])
				}
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("scopes (-want +got):\n%s", d)
			}
		})
	}
	list := atA + "/providers/Microsoft.Authorization/roleAssignments?$filter="
	got := c.refused("GET", list+"atScope() and principalId eq '"+app+"'", c.admin, "", 400, "UnsupportedQuery")
	if !strings.Contains(got, "is not supported. Supported filters are either 'atScope()'") {
		t.Error(got)
	}
	for _, filter := range []string{"principalId", "atScope(", "atScope()and assignedTo('x')", "x eq 'y'", "principalId eq '" + app, "atScope() or atScope()", "'"} {
		c.refused("GET", list+filter, c.admin, "", 400, "UnsupportedQuery")
	}
	c.refused("GET", list+"principalId eq 'wow'", c.admin, "", 400, "InvalidPrincipalId")

	// Above subscriptions, a role is written without one.
	root := c.mint(map[string]any{"idtyp": "app", "oid": app, "appid": uuid.NewString()})
	for _, a := range c.values(landed+"/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()", root) {
		if id := properties(a)["roleDefinitionId"].(string); !strings.HasPrefix(id, "/providers/Microsoft.Authorization/roleDefinitions/") {
			t.Errorf("role %s at a management group", id)
		}
	}
}

func TestAssignmentAboveSubscriptions(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	app, bearer := c.app()
	c.assign("/", owner, userID("owner@contoso.example"))
	for scope, id := range map[string]string{"/": "", landed: landed} {
		name := uuid.NewString()
		made := c.ask(http.MethodPut, assignmentAt(scope, name), c.admin, roleBody(reader, app, ""), 201)
		if made["id"] != id+"/providers/Microsoft.Authorization/roleAssignments/"+name || properties(made)["scope"] != scope {
			t.Errorf("made %v", made)
		}
		c.ask("GET", assignmentAt(scope, name), c.admin, "", 200)
		c.ask("GET", atB+"/resourceGroups/rg1", bearer, "", 200)
		c.ask("DELETE", assignmentAt(scope, name), c.admin, "", 200)
		c.refused("GET", atB+"/resourceGroups/rg1", bearer, "", 403, "AuthorizationFailed")
	}
}
