package arm_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/azure/azuretest"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/permission"
)

const (
	scope       = "/subscriptions/11111111-0000-4000-8000-000000000001"
	contributor = scope + "/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c"
	principal   = "22222222-0000-4000-8000-000000000002"
	// The names of assignments must stay what they are: they are how Evercred recognizes its own.
	name       = "f9ab0685-437c-5e60-8511-eccc02614bc5"
	assignment = scope + "/providers/Microsoft.Authorization/roleAssignments/" + name
)

func client(t *testing.T, s *azuretest.Server) *arm.Client {
	t.Helper()
	c, err := arm.New(arm.Config{Cloud: s.Cloud, Token: azuretest.Token})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sent(t *testing.T, r azuretest.Request, line, body string) {
	t.Helper()
	query, err := url.PathUnescape(r.Query)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Method + " " + r.Path + "?" + query; got != line || r.Body != body || strings.ContainsAny(r.Query, " +") {
		t.Errorf("sent  %s with %s\nwant %s with %s", got, r.Body, line, body)
	}
}

func TestReads(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t,
		azuretest.Answer{Body: `{"value":[{"id":"/subscriptions/a","subscriptionId":"a","displayName":"Production","state":"Enabled"}],"nextLink":"BASE/subscriptions?api-version=2022-12-01&$skiptoken=1"}`},
		azuretest.Answer{Body: `{"value":[{"subscriptionId":"b","displayName":"Test"}],"count":{"type":"Total","value":2}}`},
		azuretest.Answer{Body: `{"value":[{"actions":["*"],"notActions":["Microsoft.Authorization/*/Write"],"dataActions":[],"notDataActions":[]},{"actions":["*/read"],"notActions":[]}]}`},
		azuretest.Answer{Body: `{"value":[{"id":"` + contributor + `","name":"b24988ac-6180-42a0-ab88-20f7382dd24c","properties":{"roleName":"Contributor","type":"BuiltInRole","permissions":[{"actions":["*"],"notActions":["x"],"dataActions":["d"],"notDataActions":["n"]}]}}]}`},
	)
	c := client(t, s)
	subscriptions, err := c.Subscriptions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]account.Subscription{{ID: "a", Name: "Production"}, {ID: "b", Name: "Test"}}, subscriptions); diff != "" {
		t.Error(diff)
	}
	permissions, err := c.Permissions(t.Context(), scope)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]permission.Grant{
		{Actions: []string{"*"}, NotActions: []string{"Microsoft.Authorization/*/Write"}, DataActions: []string{}, NotDataActions: []string{}},
		{Actions: []string{"*/read"}, NotActions: []string{}},
	}, permissions); diff != "" {
		t.Error(diff)
	}
	role, err := c.RoleDefinition(t.Context(), scope, "contributor")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&arm.RoleDefinition{ID: contributor, Name: "Contributor", BuiltIn: true, Grants: []permission.Grant{
		{Actions: []string{"*"}, NotActions: []string{"x"}, DataActions: []string{"d"}, NotDataActions: []string{"n"}},
	}}, role); diff != "" {
		t.Error(diff)
	}
	rs := s.Requests()
	sent(t, rs[0], "GET /subscriptions?api-version=2022-12-01", "")
	sent(t, rs[2], "GET "+scope+"/providers/Microsoft.Authorization/permissions?api-version=2022-04-01", "")
	sent(t, rs[3], "GET "+scope+"/providers/Microsoft.Authorization/roleDefinitions?$filter=roleName eq 'contributor'&api-version=2022-04-01", "")
}

func TestNoSubscriptionsAndNoRole(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t, azuretest.Answer{Body: `{"value":[]}`})
	c := client(t, s)
	if got, err := c.Subscriptions(t.Context()); err != nil || got == nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	_, err := c.RoleDefinition(t.Context(), scope, "Contributer")
	if f := arm.Explain(err); !arm.IsNotFound(err) || f.Code != fault.Invalid || f.Field != "role_set" || !strings.Contains(f.Source, "Contributer") {
		t.Errorf("%+v", f)
	}
}

func TestAssignRole(t *testing.T) {
	t.Parallel()
	made := `{"id":"` + assignment + `","name":"` + name + `","properties":{"scope":"` + scope + `","roleDefinitionId":"` + contributor + `","principalId":"` + principal + `","principalType":"ServicePrincipal","createdBy":null}}`
	s := azuretest.Serve(t, azuretest.Answer{Status: 201, Body: made})
	c := client(t, s)
	// The same assignment, however it is written, has the same name.
	for _, variant := range []struct{ scope, role, principal string }{
		{scope, contributor, principal},
		{strings.ToUpper(scope) + "/", "/providers/Microsoft.Authorization/roleDefinitions/B24988AC-6180-42A0-AB88-20F7382DD24C", strings.ToUpper(principal)},
	} {
		a, isMade, err := c.AssignRole(t.Context(), variant.scope, variant.role, variant.principal)
		want := arm.Assignment{ID: assignment, Scope: scope, RoleDefinitionID: contributor, PrincipalID: principal}
		if err != nil || !isMade || a != want {
			t.Errorf("%+v, %v, %v", a, isMade, err)
		}
	}
	rs := s.Requests()
	sent(t, rs[0], "PUT "+assignment+"?api-version=2022-04-01",
		`{"properties":{"roleDefinitionId":"`+contributor+`","principalId":"`+principal+`","principalType":"ServicePrincipal"}}`)
	if !strings.HasSuffix(rs[1].Path, name) {
		t.Errorf("written otherwise, it is %s", rs[1].Path)
	}
}

func TestAssignRoleThatIsThere(t *testing.T) {
	t.Parallel()
	exists := azuretest.Answer{Status: 409, Body: `{"error":{"code":"RoleAssignmentExists","message":"The role assignment already exists."}}`}
	entry := func(id, at, role, to string) string {
		return `{"id":"` + id + `","properties":{"scope":"` + at + `","roleDefinitionId":"` + role + `","principalId":"` + to + `"}}`
	}
	s := azuretest.Serve(t, exists, azuretest.Answer{Body: `{"value":[` + strings.Join([]string{
		entry("above", "/", contributor, principal),
		entry("other role", scope, strings.ReplaceAll(contributor, "b2498", "00000"), principal),
		entry("other principal", scope, contributor, "33333333-0000-4000-8000-000000000003"),
		entry("it", strings.ToUpper(scope), "/providers/Microsoft.Authorization/roleDefinitions/B24988AC-6180-42A0-AB88-20F7382DD24C", principal),
	}, ",") + `]}`})
	a, made, err := client(t, s).AssignRole(t.Context(), scope, contributor, principal)
	if err != nil || made || a.ID != "it" {
		t.Errorf("%+v, %v, %v", a, made, err)
	}
	sent(t, s.Requests()[1], "GET "+scope+"/providers/Microsoft.Authorization/roleAssignments?$filter=principalId eq '"+principal+"'&api-version=2022-04-01", "")

	s = azuretest.Serve(t, exists, azuretest.Answer{Status: 403, Body: `{"error":{"code":"AuthorizationFailed"}}`})
	a, made, err = client(t, s).AssignRole(t.Context(), scope, contributor, principal)
	if want := (arm.Assignment{Scope: scope, RoleDefinitionID: contributor, PrincipalID: principal}); err != nil || made || a != want {
		t.Errorf("%+v, %v, %v", a, made, err)
	}
}

func TestDeleteRoleAssignment(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t, azuretest.Answer{Body: `{}`}, azuretest.Answer{Status: 204})
	c := client(t, s)
	for range 2 {
		if err := c.DeleteRoleAssignment(t.Context(), assignment); err != nil {
			t.Error(err)
		}
	}
	sent(t, s.Requests()[1], "DELETE "+assignment+"?api-version=2022-04-01", "")
	for _, id := range []string{"", scope, contributor} {
		if err := c.DeleteRoleAssignment(t.Context(), id); err == nil || len(s.Requests()) != 2 {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestWritesAreSentOnce(t *testing.T) {
	t.Parallel()
	for _, answer := range []azuretest.Answer{{Status: 503, Header: map[string]string{"retry-after-ms": "1"}}, {Drop: true}} {
		s := azuretest.Serve(t, answer)
		c := client(t, s)
		_, _, err := c.AssignRole(t.Context(), scope, contributor, principal)
		if !arm.Transient(err) || len(s.Requests()) != 1 {
			t.Errorf("%+v: %v after %d requests", answer, err, len(s.Requests()))
		}
		if err := c.DeleteRoleAssignment(t.Context(), assignment); !arm.Transient(err) || len(s.Requests()) != 2 {
			t.Errorf("%+v: %v after %d requests", answer, err, len(s.Requests())-1)
		}
	}
}

func TestScopeStaysInItsPlace(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t, azuretest.Answer{Body: `{"value":[]}`})
	_, _ = client(t, s).Permissions(t.Context(), "//evil.invalid/x?y#z ")
	if r := s.Only(t); r.Path != "/evil.invalid/x%3Fy%23z%20/providers/Microsoft.Authorization/permissions" {
		t.Errorf("asked %s ? %s", r.Path, r.Query)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status      int
		code        string
		fault       fault.Code
		field, says string
		is          string // n: not found, f: forbidden, p: principal not found, t: transient
	}{
		{403, "AuthorizationFailed", fault.Permission, "", "Owner or User Access Administrator", "f"},
		{403, "AuthorizationFailed", fault.Permission, "", "Privileged Identity Management", "f"},
		{400, "PrincipalNotFound", fault.Azure, "", "few minutes", "p"},
		{400, "InvalidPrincipalId", fault.Azure, "", "application of the account", ""},
		{404, "SubscriptionNotFound", fault.Invalid, "subscriptions", "mistyped", "n"},
		{401, "InvalidAuthenticationTokenTenant", fault.Invalid, "tenant_id", "another tenant", ""},
		{401, "ExpiredAuthenticationToken", fault.SignIn, "", "sign in again", ""},
		{404, "RoleDefinitionDoesNotExist", fault.Invalid, "role_set", "name", "n"},
		{400, "RoleAssignmentLimitExceeded", fault.Refused, "", "no longer used", ""},
		{400, "RoleAssignmentUpdateNotPermitted", fault.Conflict, "", "portal", ""},
		{409, "ScopeLocked", fault.Refused, "", "lock", ""},
		{409, "ReadOnlyDisabledSubscription", fault.Refused, "subscriptions", "disabled", ""},
		{403, "RequestDisallowedByPolicy", fault.Refused, "", "Azure Policy", "f"},
		{429, "SubscriptionRequestsThrottled", fault.Azure, "", "12s", "t"},
		{500, "InternalServerError", fault.Azure, "", "12s", "t"},
		{400, "MissingApiVersionParameter", fault.Azure, "", "what Microsoft says", ""},
		{403, "", fault.Unreachable, "", "proxy", "f"},
	} {
		s := azuretest.Serve(t, azuretest.Answer{
			Status: test.status, Body: fmt.Sprintf(`{"error":{"code":%q,"message":"Text."}}`, test.code),
			Header: map[string]string{"Retry-After": "12", "x-ms-request-id": "r"},
		})
		_, _, err := client(t, s).AssignRole(t.Context(), scope, contributor, principal)
		f := arm.Explain(err)
		if f.Code != test.fault || f.Field != test.field || f.Remedy == "" || f.Source == "" || !strings.Contains(f.Message+f.Meaning+f.Remedy, test.says) {
			t.Errorf("%d %s: %+v", test.status, test.code, f)
		}
		is := ""
		for _, p := range []struct {
			letter string
			holds  bool
		}{{"n", arm.IsNotFound(err)}, {"f", arm.IsForbidden(err)}, {"p", arm.IsPrincipalNotFound(err)}, {"t", arm.Transient(err)}} {
			if p.holds {
				is += p.letter
			}
		}
		if is != test.is || arm.RetryAfter(err).Seconds() != 12 {
			t.Errorf("%d %s is %q, want %q; wait %v", test.status, test.code, is, test.is, arm.RetryAfter(err))
		}
	}
	if arm.Explain(nil) != nil || arm.IsNotFound(nil) {
		t.Error("nil is an error")
	}
}
