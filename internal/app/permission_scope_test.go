package app

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
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
