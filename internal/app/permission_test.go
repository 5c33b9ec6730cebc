package app

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/permission"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

const veeam = "veeam-backup-azure"

// edit changes an account in the store, as an edit would.
func (b *bench) edit(name string, f func(*account.Account)) {
	b.t.Helper()
	a, err := b.app.store.Account(b.t.Context(), b.app.admin(), name)
	if err != nil {
		b.t.Fatal(err)
	}
	f(a)
	if err := b.app.store.Change(b.t.Context(), b.app.admin(), store.Event{Action: "account.edited"}, func(tx *store.Tx) error { return tx.PutAccount(a) }); err != nil {
		b.t.Fatal(err)
	}
}

// arm asks Resource Manager as the emulator's own application, which is Owner of everything.
func (b *bench) arm() *arm.Client {
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
	c, err := arm.New(arm.Config{Cloud: cl, Token: func(ctx context.Context) (secret.Value, time.Time, error) {
		tok, err := ent.AppToken(ctx, env["TENANT_ID"], env["APP_ID"], entra.Credential{Secret: secret.New(env["APP_SECRET"])}, cl.ManagementScope)
		return tok.Access, time.Now().Add(time.Hour), err
	}})
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b *bench) check(name string) *resource.Permissions {
	b.t.Helper()
	op, err := b.api.Check(b.t.Context(), name, resource.CheckRequest{})
	wantDone(b.t, b.finish(op, err, ""))
	return b.permissions(name)
}

func (b *bench) permissions(name string) *resource.Permissions {
	b.t.Helper()
	p, err := b.api.Permissions(b.t.Context(), name, "")
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

func (b *bench) grant(name, user string, r resource.GrantRequest) *resource.Operation {
	b.t.Helper()
	op, err := b.api.Grant(b.t.Context(), name, r)
	return b.finish(op, err, user)
}

// bareAccount is an account whose application holds nothing, with a profile.
func (b *bench) bareAccount(purposes ...string) *resource.Account {
	b.t.Helper()
	b.edit("backup-prod", func(a *account.Account) { a.Profile, a.Purposes = veeam, purposes })
	a := b.account("backup-prod")
	b.unassign(a)
	return a
}

// unassign takes all roles from the application of an account, behind Evercred's back.
func (b *bench) unassign(a *resource.Account) {
	b.t.Helper()
	sp, err := b.graph().ServicePrincipal(b.t.Context(), a.ApplicationID)
	if err != nil {
		b.t.Fatal(err)
	}
	client := b.arm()
	for _, sub := range a.Subscriptions {
		list, err := client.RoleAssignments(b.t.Context(), "/subscriptions/"+sub.ID, sp.ObjectID)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, g := range list {
			if err := client.DeleteRoleAssignment(b.t.Context(), g.ID); err != nil {
				b.t.Fatal(err)
			}
		}
	}
}

// A grant gives exactly what is missing: a custom role with it and no more, assigned on the subscriptions of the account.
func TestAGrantGivesWhatIsMissing(t *testing.T) {
	b := newBench(t)
	a := b.bareAccount("VirtualMachineBackup", "Repository")
	before := b.check("backup-prod")
	if n := 2 * len(a.Subscriptions); before.Summary.Missing != n || before.Summary.Success != 0 || !before.Current || before.Profile != veeam {
		t.Fatalf("before: %+v", before.Summary)
	}
	if s := b.account("backup-prod"); s.State != account.PermissionsMissing && s.State != account.NoSubscriptions {
		t.Errorf("state %s", s.State)
	}
	wantDone(t, b.grant("backup-prod", owner, resource.GrantRequest{}))
	after := b.permissions("backup-prod")
	if after.Summary.Missing+after.Summary.Unknown != 0 || after.Summary.Success != len(after.Rows) {
		t.Fatalf("after: %+v", after.Summary)
	}
	if !strings.Contains(after.StaleNote, "15 minutes") {
		t.Errorf("note %q", after.StaleNote)
	}
	now := b.account("backup-prod")
	if now.State != account.Expiring && now.State != account.Valid || len(now.MadeRoles) != 1 || now.GrantedAt == nil {
		t.Errorf("state %s, roles %+v", now.State, now.MadeRoles)
	}
	role := b.role(now, 0)
	if name := "Evercred - backup-prod: Veeam Backup for Microsoft Azure (" + role.ID[len(role.ID)-36:][:8] + ")"; role.Name != name || now.MadeRoles[0].Name != name {
		t.Errorf("the role is named %q, want %q", role.Name, name)
	}
	p, err := permission.Lookup(veeam)
	if err != nil {
		t.Fatal(err)
	}
	chosen, err := p.Select([]string{"Repository", "VirtualMachineBackup"})
	if err != nil {
		t.Fatal(err)
	}
	want := permission.Union(chosen)
	// And the reading of permissions, without which nothing could be checked.
	want.Actions = permission.Reduce(append(want.Actions, "Microsoft.Authorization/permissions/read"))
	if !slices.Equal(role.Grants[0].Actions, want.Actions) || !slices.Equal(role.Grants[0].DataActions, want.DataActions) {
		t.Errorf("the role allows %q and %q", role.Grants[0].Actions, role.Grants[0].DataActions)
	}
	if len(role.AssignableScopes) != len(a.Subscriptions) {
		t.Errorf("assignable at %q", role.AssignableScopes)
	}
	// Nothing is missing now, and asking again changes nothing.
	op := b.grant("backup-prod", owner, resource.GrantRequest{})
	wantDone(t, op)
	if !strings.Contains(op.Summary, "lacks nothing") {
		t.Errorf("summary %q", op.Summary)
	}
	// A role that was made with another name – by an earlier build, or before the account was renamed – is the account's, and
	// keeps its name when it changes.
	const former = "Evercred backup-prod veeam-backup-azure 12345678"
	b.edit("backup-prod", func(a *account.Account) {
		a.Purposes, a.Made.Roles[0].Name = nil, former // all of them
	})
	b.check("backup-prod")
	wantDone(t, b.grant("backup-prod", owner, resource.GrantRequest{}))
	then := b.account("backup-prod")
	if got := b.role(then, 0); len(then.MadeRoles) != 1 || then.MadeRoles[0].ID != now.MadeRoles[0].ID || got.Name != former {
		t.Errorf("the role is %+v by now, named %q in Azure", then.MadeRoles, got.Name)
	}
}

// role reads a custom role of an account from the emulated Azure.
func (b *bench) role(a *resource.Account, i int) *arm.RoleDefinition {
	b.t.Helper()
	role, err := b.arm().RoleDefinitionByID(b.t.Context(), a.MadeRoles[i].Scopes[0], a.MadeRoles[i].ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return role
}

// What other roles give already is not in the custom role; more purposes add to it, fewer cut it down.
func TestAGrantIsLeastPrivilege(t *testing.T) {
	b := newBench(t)
	a := b.account("backup-prod")
	b.edit("backup-prod", func(a *account.Account) { a.Profile, a.Purposes = veeam, []string{"Repository"} })
	wantDone(t, b.grant("backup-prod", owner, resource.GrantRequest{}))
	role := b.role(b.account("backup-prod"), 0)
	for _, g := range role.Grants {
		for _, action := range g.Actions {
			// Contributor is assigned in the demo: it has all but Microsoft.Authorization's writes.
			if !strings.HasPrefix(strings.ToLower(action), "microsoft.authorization/") {
				t.Errorf("%s is granted though Contributor has it", action)
			}
		}
		if len(g.DataActions) == 0 {
			t.Error("no data actions are granted")
		}
	}
	b.unassign(a)
	wantDone(t, b.grant("backup-prod", owner, resource.GrantRequest{}))
	more := len(b.role(b.account("backup-prod"), 0).Grants[0].Actions)
	b.edit("backup-prod", func(a *account.Account) { a.Purposes = []string{"AzureFiles"} })
	wantDone(t, b.grant("backup-prod", owner, resource.GrantRequest{}))
	now := b.account("backup-prod")
	if len(now.MadeRoles) != 1 {
		t.Fatalf("%d custom roles", len(now.MadeRoles))
	}
	if less := b.role(now, 0).Grants[0]; len(less.Actions) >= more || len(less.Actions) != 6 || len(less.DataActions) != 0 {
		t.Errorf("cut down to %q", less)
	}
}

// A scope that refuses is said, and does not undo the others.
func TestAGrantSaysWhichScopeRefused(t *testing.T) {
	b := newBench(t)
	a := b.bareAccount("AzureFiles")
	if len(a.Subscriptions) < 2 {
		ids := strings.Split(b.emu.Env()["SUBSCRIPTION_IDS"], ",")
		b.edit("backup-prod", func(a *account.Account) {
			a.Subscriptions = []account.Subscription{{ID: ids[0]}, {ID: ids[1]}}
		})
		a = b.account("backup-prod")
	}
	bad := a.Subscriptions[1].ID
	b.emu.SetFaults(emulatortest.Fault{Service: "arm", Method: "PUT", Path: "*" + bad + "/providers/Microsoft.Authorization/roleAssignments/*", Answer: &emulatortest.Answer{
		Status: 403, Body: []byte(`{"error":{"code":"AuthorizationFailed","message":"The client does not have authorization to perform action 'Microsoft.Authorization/roleAssignments/write'."}}`),
	}})
	op := b.grant("backup-prod", owner, resource.GrantRequest{})
	if op.State != account.OpFailed || op.Problem == nil || !strings.Contains(op.Problem.Meaning, bad) || strings.Contains(op.Problem.Meaning, a.Subscriptions[0].ID) {
		t.Fatalf("%s: %+v", op.State, op.Problem)
	}
	p := b.permissions("backup-prod")
	if p.Summary.Success != 1 {
		t.Errorf("after: %+v", p.Summary)
	}
	b.emu.SetFaults()
	wantDone(t, b.grant("backup-prod", owner, resource.GrantRequest{Scopes: []string{bad}}))
	if p := b.permissions("backup-prod"); p.Summary.Success != 2 {
		t.Errorf("after the second grant: %+v", p.Summary)
	}
}

// A grant that fails everywhere leaves no role behind.
func TestAGrantThatFailsTakesItsRoleBack(t *testing.T) {
	b := newBench(t)
	b.bareAccount("AzureFiles")
	b.emu.SetFaults(emulatortest.Fault{Service: "arm", Method: "PUT", Path: "*/roleAssignments/*", Answer: &emulatortest.Answer{
		Status: 403, Body: []byte(`{"error":{"code":"AuthorizationFailed","message":"no"}}`),
	}})
	op := b.grant("backup-prod", owner, resource.GrantRequest{})
	if op.State != account.OpFailed {
		t.Fatalf("%s: %+v", op.State, op.Problem)
	}
	if n := len(b.customRoles()); n != 0 {
		t.Errorf("%d custom roles are left", n)
	}
	if a := b.account("backup-prod"); len(a.MadeRoles) != 0 {
		t.Errorf("known are %+v", a.MadeRoles)
	}
}

// customRoles are the names of the custom roles in the emulated Azure that Evercred made.
func (b *bench) customRoles() []string {
	b.t.Helper()
	var out []string
	for _, r := range b.emu.Requests() {
		if r.Method == "PUT" && strings.Contains(r.Path, "/roleDefinitions/") && r.Status < 300 {
			out = append(out, r.Path)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	client := b.arm()
	return slices.DeleteFunc(out, func(path string) bool {
		scope, id, _ := strings.Cut(path[strings.Index(path, "/subscriptions"):], "/providers/Microsoft.Authorization/roleDefinitions/")
		_, err := client.RoleDefinitionByID(b.t.Context(), scope, id)
		return arm.IsNotFound(err)
	})
}

// Lost answers make neither a second role nor a second assignment.
func TestAGrantThroughFaults(t *testing.T) {
	for name, rule := range map[string]emulatortest.Fault{
		"the answer to the role is lost":          {Path: "*/roleDefinitions/*", Drop: "after"},
		"the role never arrives":                  {Path: "*/roleDefinitions/*", Drop: "before"},
		"the answer to the assignment is lost":    {Path: "*/roleAssignments/*", Drop: "after"},
		"the assignment is throttled":             {Path: "*/roleAssignments/*", Answer: &emulatortest.Answer{Status: 429, RetryAfter: "1"}},
		"the custom role is not everywhere known": {Path: "*/roleAssignments/*", Answer: &emulatortest.Answer{Status: 404, Body: []byte(`{"error":{"code":"RoleDefinitionDoesNotExist","message":"not yet"}}`)}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.bareAccount("AzureFiles")
			rule.Service, rule.Method, rule.Times = "arm", "PUT", 1
			b.emu.SetFaults(rule)
			wantDone(t, b.grant("backup-prod", owner, resource.GrantRequest{}))
			if p := b.permissions("backup-prod"); p.Summary.Success != len(p.Rows) {
				t.Errorf("after: %+v", p.Summary)
			}
			if roles := b.customRoles(); len(roles) != 1 {
				t.Errorf("custom roles %q", roles)
			}
		})
	}
}
