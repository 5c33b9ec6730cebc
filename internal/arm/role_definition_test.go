package arm_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/azure/azuretest"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/permission"
)

const roleID = "33333333-0000-4000-8000-000000000003"

func TestCustomRoleLife(t *testing.T) {
	t.Parallel()
	at := scope + "/providers/Microsoft.Authorization/roleDefinitions/" + roleID
	body := `{"id":"` + at + `","name":"` + roleID + `","properties":{"roleName":"R","type":"CustomRole","assignableScopes":["` + scope +
		`"],"permissions":[{"actions":["a/read"],"notActions":[],"dataActions":["d/read"],"notDataActions":[]}]}}`
	s := azuretest.Serve(t, azuretest.Answer{Status: 201, Body: body}, azuretest.Answer{Body: body}, azuretest.Answer{Status: 204},
		azuretest.Answer{Status: 400, Body: `{"error":{"code":"RoleDefinitionHasAssignments","message":"There are existing role assignments referencing role."}}`},
		azuretest.Answer{Status: 409, Body: `{"error":{"code":"RoleDefinitionWithSameNameExists","message":"no"}}`})
	c := client(t, s)
	want := &arm.RoleDefinition{
		ID: at, Name: "R", AssignableScopes: []string{scope},
		Grants: []permission.Grant{{Actions: []string{"a/read"}, NotActions: []string{}, DataActions: []string{"d/read"}, NotDataActions: []string{}}},
	}
	role := arm.CustomRole{Name: "R", Description: "D", Grant: permission.Grant{Actions: []string{"a/read"}, DataActions: []string{"d/read"}}, AssignableScopes: []string{scope}}
	made, err := c.PutRoleDefinition(t.Context(), scope, roleID, role)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, made); d != "" {
		t.Errorf("made (-want +got):\n%s", d)
	}
	read, err := c.RoleDefinitionByID(t.Context(), scope, roleID)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, read); d != "" {
		t.Errorf("read (-want +got):\n%s", d)
	}
	if err := c.DeleteRoleDefinition(t.Context(), scope, roleID); err != nil {
		t.Error(err)
	}
	if err := c.DeleteRoleDefinition(t.Context(), scope, roleID); !arm.IsRoleInUse(err) || arm.Transient(err) {
		t.Errorf("a role in use: %v", err)
	}
	if _, err := c.PutRoleDefinition(t.Context(), scope, roleID, role); !arm.IsRoleNameTaken(err) || arm.Explain(err).Code != fault.Conflict {
		t.Errorf("a name that is taken: %v", err)
	}
	rs := s.Requests()
	sent(t, rs[0], "PUT "+at+"?api-version=2022-04-01", `{"properties":{"roleName":"R","type":"CustomRole","description":"D","assignableScopes":["`+scope+
		`"],"permissions":[{"actions":["a/read"],"notActions":[],"dataActions":["d/read"],"notDataActions":[]}]}}`)
	sent(t, rs[2], "DELETE "+at+"?api-version=2022-04-01", "")
}

func TestSubscriptionsBelow(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t,
		azuretest.Answer{Body: `{"value":[{"id":"/providers/Microsoft.Management/managementGroups/deep","type":"Microsoft.Management/managementGroups","name":"deep","properties":{"displayName":"Deep"}},
			{"id":"/subscriptions/a","type":"Microsoft.Management/managementGroups/subscriptions","name":"a","properties":{"displayName":"Production"}}],"nextLink":"BASE/next?api-version=2020-05-01"}`},
		azuretest.Answer{Body: `{"value":[{"id":"/subscriptions/b","type":"/subscriptions","name":"b","properties":{"displayName":"Test"}}]}`},
		azuretest.Answer{Status: 404, Body: `{"error":{"code":"NotFound","message":"The management group 'x' cannot be found."}}`})
	c := client(t, s)
	got, err := c.SubscriptionsBelow(t.Context(), "top(1)")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]account.Subscription{{ID: "a", Name: "Production"}, {ID: "b", Name: "Test"}}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if _, err := c.SubscriptionsBelow(t.Context(), "x"); !arm.IsNotFound(err) || arm.Explain(err).Field != "management_group" {
		t.Errorf("%v: %+v", err, arm.Explain(err))
	}
	if p := s.Requests()[0].Path; !strings.HasSuffix(p, "/managementGroups/top%281%29/descendants") {
		t.Errorf("asked %s", p)
	}
}
