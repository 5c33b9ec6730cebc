package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

const landing = "contoso-landing" // the management group above the emulated subscriptions

// ownerOfGroup makes the person Owner of the management group.
func (b *bench) ownerOfGroup(user string) {
	b.t.Helper()
	people, err := b.arm().RoleAssignments(b.t.Context(), "/subscriptions/"+b.emu.Env()["SUBSCRIPTION_ID"], b.personID(user))
	if err != nil || len(people) == 0 {
		b.t.Fatalf("%d roles of %s: %v", len(people), user, err)
	}
	body := fmt.Sprintf(`{"properties":{"roleDefinitionId":%q,"principalId":%q,"principalType":"User"}}`, people[0].RoleDefinitionID, people[0].PrincipalID)
	b.putRaw(account.ManagementGroupScope(landing)+"/providers/Microsoft.Authorization/roleAssignments/5f3c8a30-0000-4000-8000-000000000002", body)
}

// putRaw sends what no client of Evercred's does.
func (b *bench) putRaw(path, body string) {
	b.t.Helper()
	env := b.emu.Env()
	cl, err := cloud.Custom(env["BASE_URL"], env["CA_FILE"])
	if err != nil {
		b.t.Fatal(err)
	}
	ent, err := entra.New(entra.Config{Cloud: cl, Clock: emulatorClock{b.emu}})
	if err != nil {
		b.t.Fatal(err)
	}
	token, err := ent.AppToken(b.t.Context(), env["TENANT_ID"], env["APP_ID"], entra.Credential{Secret: secret.New(env["APP_SECRET"])}, cl.ManagementScope)
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPut, cl.ResourceManager+path+"?api-version=2022-04-01", strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token.Access.Reveal())
	r.Header.Set("Content-Type", "application/json")
	answer, err := b.emu.HTTPClient().Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode > 299 {
		b.t.Fatalf("PUT %s: %s", path, answer.Status)
	}
}

// personID is the object id of somebody who has signed in to an operation.
func (b *bench) personID(user string) string {
	b.t.Helper()
	op, err := b.api.Check(b.t.Context(), "backup-prod", resource.CheckRequest{SignIn: resource.SignInRef{Wish: true}})
	wantDone(b.t, b.finish(op, err, user))
	full, err := b.app.engine.Operation(b.t.Context(), b.app.admin(), op.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return full.SignIn.PersonID
}

// At a management group the actions are granted at the group, and the data actions below it, where Azure allows them.
func TestAGrantAtAManagementGroup(t *testing.T) {
	b := newBench(t)
	b.ownerOfGroup(owner)
	a := b.bareAccount("Repository")
	b.edit("backup-prod", func(a *account.Account) { a.ManagementGroup = landing; a.Subscriptions = nil })
	if p := b.check("backup-prod"); len(p.Rows) == 0 || p.Rows[0].Result != "unknown" || !strings.Contains(p.Rows[0].Reason, "may not read it") {
		t.Fatalf("before: %+v", p.Rows)
	}
	wantDone(t, b.grant("backup-prod", owner, resource.GrantRequest{}))
	p := b.check("backup-prod")
	if p.Summary.Success != len(p.Rows) || p.Summary.Scopes != 2 {
		t.Fatalf("after: %+v", p.Summary)
	}
	now := b.account("backup-prod")
	if len(now.MadeRoles) != 2 || len(now.Subscriptions) != 2 || now.ManagementGroup != landing {
		t.Fatalf("roles %+v, subscriptions %v", now.MadeRoles, now.Subscriptions)
	}
	for i := range now.MadeRoles {
		role := b.role(now, i)
		g := role.Grants[0]
		if len(g.Actions) > 0 && len(g.DataActions) > 0 || !slices.Equal(role.AssignableScopes, []string{account.ManagementGroupScope(landing)}) {
			t.Errorf("%s allows %d actions and %d data actions at %q", role.Name, len(g.Actions), len(g.DataActions), role.AssignableScopes)
		}
	}
	sp, err := b.graph().ServicePrincipal(t.Context(), a.ApplicationID)
	if err != nil {
		t.Fatal(err)
	}
	list, err := b.arm().RoleAssignments(t.Context(), "/subscriptions/"+now.Subscriptions[0].ID, sp.ObjectID)
	if err != nil {
		t.Fatal(err)
	}
	var at []string
	for _, g := range list {
		at = append(at, g.Scope)
	}
	if len(at) != 2 || !slices.Contains(at, account.ManagementGroupScope(landing)) {
		t.Errorf("assigned at %q", at)
	}

	// Back to one subscription: what is outside is taken back, and what was granted through the group is granted there.
	keep := now.Subscriptions[0]
	b.edit("backup-prod", func(a *account.Account) { a.ManagementGroup, a.Subscriptions = "", []account.Subscription{keep} })
	wantDone(t, b.grant("backup-prod", owner, resource.GrantRequest{}))
	if p := b.check("backup-prod"); p.Summary.Success != 1 || len(p.Rows) != 1 {
		t.Errorf("of one subscription: %+v", p.Summary)
	}
	list, err = b.arm().RoleAssignments(t.Context(), "/subscriptions/"+now.Subscriptions[1].ID, sp.ObjectID)
	if err != nil || len(list) != 0 {
		t.Errorf("left on the other: %+v, %v", list, err)
	}
}

// The permissions of an account added with a profile are those of its purposes, by a custom role; a removal takes it back.
func TestAnAccountAddedWithAProfile(t *testing.T) {
	b := newBench(t)
	ids := strings.Split(b.emu.Env()["SUBSCRIPTION_IDS"], ",")
	op, err := b.api.Create(t.Context(), resource.Create{
		Kind: resource.CreateAuto, Name: "veeam-1", Subscriptions: ids, Profile: "Veeam-Backup-Azure", Purposes: []string{"azurefiles", "Repository"}, UsedBy: []string{"repository A"},
	})
	wantDone(t, b.finish(op, err, owner))
	a := b.account("veeam-1")
	if a.State != account.Valid || !slices.Equal(a.Purposes, []string{"Repository", "AzureFiles"}) || a.Profile != veeam || a.ProfileVersion != "8.1" ||
		!slices.Equal(a.UsedBy, []string{"repository A"}) || len(a.MadeRoles) != 1 {
		t.Fatalf("state %s (%s), purposes %q of %s %s, roles %+v", a.State, a.Meaning, a.Purposes, a.Profile, a.ProfileVersion, a.MadeRoles)
	}
	if p := b.permissions("veeam-1"); p.Summary.Success != 4 || len(p.Rows) != 4 {
		t.Errorf("permissions %+v", p.Summary)
	}
	op, err = b.api.Remove(t.Context(), "veeam-1", client.Removal{DeleteApplication: true})
	wantDone(t, b.finish(op, err, owner))
	if roles := b.customRoles(); len(roles) != 0 {
		t.Errorf("custom roles left: %q", roles)
	}
}

// An account can be added for a management group; what joins it later inherits its actions.
func TestAnAccountAddedForAManagementGroup(t *testing.T) {
	b := newBench(t)
	b.ownerOfGroup(owner)
	op, err := b.api.Create(t.Context(), resource.Create{
		Kind: resource.CreateAuto, Name: "veeam-mg", ManagementGroup: landing, Profile: veeam, Purposes: []string{"Repository", "VnetBackup"},
	})
	wantDone(t, b.finish(op, err, owner))
	a := b.account("veeam-mg")
	if a.State != account.Valid || len(a.Subscriptions) != 2 || len(a.MadeRoles) != 2 {
		t.Errorf("state %s (%s), subscriptions %v, roles %+v", a.State, a.Meaning, a.Subscriptions, a.MadeRoles)
	}
	op, err = b.api.Create(t.Context(), resource.Create{Kind: resource.CreateAuto, Name: "veeam-none", ManagementGroup: "no-such-group", Profile: veeam})
	if op = b.finish(op, err, owner); op.State != account.OpFailed || op.Problem.Code != string(fault.Refused) && op.Problem.Field != "management_group" {
		t.Errorf("%s: %+v", op.State, op.Problem)
	}
}

// A failure of an addition takes the custom role back too.
func TestAnAdditionThatFailsLeavesNoRole(t *testing.T) {
	b := newBench(t)
	ids := strings.Split(b.emu.Env()["SUBSCRIPTION_IDS"], ",")
	b.emu.SetFaults(emulatortest.Fault{Service: "arm", Method: "PUT", Path: "*" + ids[1] + "/providers/Microsoft.Authorization/roleAssignments/*", Answer: &emulatortest.Answer{
		Status: 403, Body: []byte(`{"error":{"code":"AuthorizationFailed","message":"no"}}`),
	}})
	op, err := b.api.Create(t.Context(), resource.Create{Kind: resource.CreateAuto, Name: "veeam-1", Subscriptions: ids, Profile: veeam})
	if op = b.finish(op, err, owner); op.State != account.OpFailed {
		t.Fatalf("%s: %+v", op.State, op.Problem)
	}
	if roles := b.customRoles(); len(roles) != 0 {
		t.Errorf("custom roles left: %q", roles)
	}
}

// A removal takes back what Evercred made for an application that it did not make, if asked, and nothing else.
func TestARemovalTakesBackWhatWasGranted(t *testing.T) {
	b := newBench(t)
	a := b.account("backup-prod")
	b.edit("backup-prod", func(a *account.Account) {
		a.Profile, a.Purposes, a.Origin = veeam, []string{"Repository"}, account.Existing
	})
	sp, err := b.graph().ServicePrincipal(t.Context(), a.ApplicationID)
	if err != nil {
		t.Fatal(err)
	}
	count := func() (n int) {
		for _, sub := range a.Subscriptions {
			list, err := b.arm().RoleAssignments(t.Context(), "/subscriptions/"+sub.ID, sp.ObjectID)
			if err != nil {
				t.Fatal(err)
			}
			n += len(list)
		}
		return n
	}
	before := count()
	wantDone(t, b.grant("backup-prod", owner, resource.GrantRequest{}))
	if count() == before {
		t.Fatal("nothing was granted")
	}
	op, err := b.api.Remove(t.Context(), "backup-prod", client.Removal{DeleteRoles: true})
	wantDone(t, b.finish(op, err, owner))
	if n := count(); n != before || len(b.customRoles()) != 0 {
		t.Errorf("%d assignments, %d before; roles %q", n, before, b.customRoles())
	}
}

// What was granted a moment ago and is not seen yet is no alarm, and is looked at again by itself.
func TestAFreshGrantIsNoFalseAlarm(t *testing.T) {
	b := newBench(t)
	b.bareAccount("AzureFiles")
	nothing := emulatortest.Fault{Service: "arm", Method: "GET", Path: "*/providers/Microsoft.Authorization/permissions", Answer: &emulatortest.Answer{
		Status: 200, Body: json.RawMessage(`{"value":[{"actions":["Microsoft.Authorization/permissions/read"],"notActions":[]}]}`),
	}}
	wantDone(t, b.grant("backup-prod", owner, resource.GrantRequest{}))
	b.emu.SetFaults(nothing) // as a server of Azure's that lags would answer
	p := b.check("backup-prod")
	if p.Summary.Missing != 0 || p.Summary.Unknown != len(p.Rows) || !strings.Contains(p.Rows[0].Reason, "Azure may need up to") {
		t.Fatalf("right after the grant: %+v %+v", p.Summary, p.Rows)
	}
	if a := b.account("backup-prod"); a.State == account.PermissionsMissing || a.Operation != nil {
		t.Errorf("state %s, operation %+v", a.State, a.Operation)
	}
	b.emu.Advance(16 * time.Minute)
	b.awaitClock()
	b.awaitClosed("backup-prod")
	if a := b.account("backup-prod"); a.State != account.PermissionsMissing {
		t.Errorf("after the window: state %s, %+v", a.State, a.Check)
	}
}

// A grant that is cancelled half-way is undone.
func TestACancelledGrantIsUndone(t *testing.T) {
	b := newBench(t)
	a := b.bareAccount("AzureFiles")
	b.emu.SetFaults(emulatortest.Fault{Service: "arm", Method: "PUT", Path: "*" + a.Subscriptions[1].ID + "/providers/Microsoft.Authorization/roleAssignments/*", Answer: &emulatortest.Answer{Status: 503}})
	op, err := b.api.Grant(t.Context(), "backup-prod", resource.GrantRequest{})
	if err != nil {
		t.Fatal(err)
	}
	b.emu.Approve(op.SignIn.UserCode, owner)
	for !slices.ContainsFunc(op.Steps, func(s resource.Step) bool { return s.Name == "assign_role" && s.Outcome == "done" }) {
		if op, err = b.api.Wait(t.Context(), op.ID, op.Version, 10*time.Second); err != nil || op.Closed() {
			t.Fatalf("%+v, %v", op, err)
		}
	}
	op, err = b.api.Cancel(t.Context(), op.ID)
	if op = b.finish(op, err, owner); op.State != account.OpFailed {
		t.Fatalf("%s: %+v", op.State, op.Problem)
	}
	if roles := b.customRoles(); len(roles) != 0 {
		t.Errorf("custom roles left: %q", roles)
	}
	if p := b.check("backup-prod"); p.Summary.Missing != 2 {
		t.Errorf("after: %+v", p.Summary)
	}
}

// Without a profile the Azure roles that lack are assigned.
func TestAGrantOfAzureRoles(t *testing.T) {
	b := newBench(t)
	a := b.account("backup-prod")
	b.unassign(a)
	if p := b.check("backup-prod"); p.Summary.Missing != 4 || p.Profile != "default" {
		t.Fatalf("before: %+v", p.Summary)
	}
	wantDone(t, b.grant("backup-prod", owner, resource.GrantRequest{}))
	if p := b.permissions("backup-prod"); p.Summary.Success != 4 {
		t.Errorf("after: %+v", p.Summary)
	}
	if roles := b.customRoles(); len(roles) != 0 {
		t.Errorf("custom roles %q", roles)
	}
}

// Who may not assign roles grants nothing, and nothing is changed.
func TestAGrantNeedsRights(t *testing.T) {
	b := newBench(t)
	b.bareAccount("AzureFiles")
	op := b.grant("backup-prod", "reader@contoso.example", resource.GrantRequest{})
	if op.State != account.OpFailed || op.Problem == nil || op.Problem.Code != string(fault.Refused) || !strings.Contains(op.Problem.Remedy, "User Access Administrator") {
		t.Fatalf("%s: %+v", op.State, op.Problem)
	}
	if _, err := b.api.Grant(t.Context(), "backup-prod", resource.GrantRequest{Scopes: []string{"/subscriptions/none"}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a foreign scope: %v", err)
	}
}

// What is missing can be taken to Azure as a custom role, and looked at before anything is stored.
func TestExportAndPreview(t *testing.T) {
	b := newBench(t)
	a := b.account("backup-prod")
	if _, err := b.api.ExportPermissions(t.Context(), "backup-prod", "missing", "azure-json"); !fault.Is(err, fault.Conflict) {
		t.Errorf("of Azure roles: %v", err)
	}
	preview, err := b.api.PreviewPermissions(t.Context(), resource.PermissionPreviewRequest{Account: "backup-prod", Profile: veeam, Purposes: []string{"AzureFiles", "Repository"}})
	if err != nil {
		t.Fatal(err)
	}
	if preview.Summary.Success != 2 || preview.Summary.Missing != 2 || len(preview.Subscriptions) != 2 || len(preview.Summary.MissingDataActions) == 0 {
		t.Errorf("preview %+v", preview.Summary)
	}
	if got := b.account("backup-prod"); got.Version != a.Version {
		t.Error("the preview stored something")
	}
	b.bareAccount("Repository")
	if _, err := b.api.ExportPermissions(t.Context(), "backup-prod", "missing", "azure-json"); !fault.Is(err, fault.Conflict) {
		t.Errorf("before a check: %v", err)
	}
	b.check("backup-prod")
	data, err := b.api.ExportPermissions(t.Context(), "backup-prod", "missing", "azure-json")
	if err != nil {
		t.Fatal(err)
	}
	var role struct {
		Name, Description                                                  string
		IsCustom                                                           bool
		Actions, NotActions, DataActions, NotDataActions, AssignableScopes []string
	}
	if err := json.Unmarshal(data, &role); err != nil || !role.IsCustom || len(role.Actions) < 20 || len(role.DataActions) != 7 || role.NotActions == nil || len(role.AssignableScopes) != 2 {
		t.Errorf("%+v, %v", role, err)
	}
	// Azure takes it as it is.
	c := arm.CustomRole{Name: role.Name, Description: role.Description, AssignableScopes: role.AssignableScopes}
	c.Grant.Actions, c.Grant.DataActions = role.Actions, role.DataActions
	if _, err := b.arm().PutRoleDefinition(t.Context(), role.AssignableScopes[0], "5f3c8a30-0000-4000-8000-000000000001", c); err != nil {
		t.Error(err)
	}
	portal, err := b.api.ExportPermissions(t.Context(), "backup-prod", "all", "azure-portal-json")
	if err != nil || !strings.Contains(string(portal), `"roleName"`) {
		t.Errorf("for the portal: %s, %v", portal, err)
	}
}

// A re-created application gets what its purposes need, by the custom role that is there.
func TestARecreatedApplicationGetsItsPurposes(t *testing.T) {
	b := newBench(t)
	ids := strings.Split(b.emu.Env()["SUBSCRIPTION_IDS"], ",")
	op, err := b.api.Create(t.Context(), resource.Create{Kind: resource.CreateAuto, Name: "veeam-1", Subscriptions: ids, Profile: veeam, Purposes: []string{"AzureFiles"}})
	wantDone(t, b.finish(op, err, owner))
	before := b.account("veeam-1")
	if err := b.graph().DeleteApplication(t.Context(), before.ApplicationObjectID); err != nil {
		t.Fatal(err)
	}
	op, err = b.api.Recreate(t.Context(), "veeam-1", resource.Recreate{Choice: "new"})
	wantDone(t, b.finish(op, err, owner))
	after := b.account("veeam-1")
	if after.ApplicationID == before.ApplicationID || after.State != account.Valid || len(after.MadeRoles) != 1 || after.MadeRoles[0].ID != before.MadeRoles[0].ID {
		t.Errorf("state %s (%s), roles %+v, before %+v", after.State, after.Meaning, after.MadeRoles, before.MadeRoles)
	}
	if p := b.permissions("veeam-1"); p.Summary.Success != 2 {
		t.Errorf("permissions %+v", p.Summary)
	}
	if roles := b.customRoles(); len(roles) != 1 {
		t.Errorf("custom roles %q", roles)
	}
}

// An existing application is connected with a profile only if it may do what its purposes need.
func TestConnectingWithAProfile(t *testing.T) {
	b := newBench(t)
	a := b.account("backup-prod")
	h, err := b.api.HandOver(t.Context(), "backup-prod", resource.HandOverRequest{})
	if err != nil {
		t.Fatal(err)
	}
	r := resource.Create{
		Kind: resource.CreateExisting, Name: "second", ApplicationID: a.ApplicationID, TenantID: a.TenantID, Profile: veeam, Purposes: []string{"Repository"},
		Material: resource.Material{Secret: h.Secret},
	}
	op, err := b.api.Create(t.Context(), r)
	if op = b.finish(op, err, ""); op.State != account.OpFailed || !strings.Contains(op.Problem.Message, "Repository (") {
		t.Fatalf("%s: %+v", op.State, op.Problem)
	}
	r.AllowMissing = true
	op, err = b.api.Create(t.Context(), r)
	wantDone(t, b.finish(op, err, ""))
	if got := b.account("second"); got.Profile != veeam || !slices.Equal(got.Purposes, r.Purposes) || got.State != account.PermissionsMissing || !strings.Contains(got.Meaning, "permission diff") {
		t.Errorf("%s: %s (%s %q)", got.State, got.Meaning, got.Profile, got.Purposes)
	}
}
