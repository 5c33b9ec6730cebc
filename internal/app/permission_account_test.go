package app

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/store"
)

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
	before, err := b.api.History(t.Context(), "backup-prod", 0, 500)
	if err != nil {
		t.Fatal(err)
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
	// The use of the credential is in the audit log. It is no part of what happened to the account.
	after, err := b.api.History(t.Context(), "backup-prod", 0, 500)
	if err != nil || len(after.Events) != len(before.Events) {
		t.Errorf("the history has %d events, and had %d (%v)", len(after.Events), len(before.Events), err)
	}
	rows, err := b.app.store.Audit(t.Context(), account.System(), store.AuditQuery{})
	if err != nil || !slices.ContainsFunc(rows, func(r store.AuditRow) bool { return r.Action == "permissions.previewed" }) {
		t.Errorf("the audit log does not have it (%v)", err)
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

// An application that gets no token leaves its purposes unknown, with the reason; nothing is called missing or changed.
func TestPurposesOfAnApplicationThatIsGone(t *testing.T) {
	b := newBench(t)
	b.edit("backup-archive", func(a *account.Account) { a.Profile, a.Purposes = veeam, []string{"AzureFiles"} })
	p := b.check("backup-archive")
	if p.Summary.Unknown == 0 || p.Summary.Unknown != len(p.Rows) || !p.Current || p.Rows[0].Reason == "" {
		t.Errorf("%+v, note %q", p.Summary, p.StaleNote)
	}
	op := b.grant("backup-archive", owner, resource.GrantRequest{})
	if op.State != account.OpFailed || op.Problem.Code != string(fault.Credential) || len(b.customRoles()) != 0 {
		t.Errorf("%s: %+v", op.State, op.Problem)
	}
}
