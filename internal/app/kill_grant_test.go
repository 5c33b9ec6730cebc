package app

import (
	"slices"
	"strings"
	"testing"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/store"
)

// Killed at any write of a grant and started again, the server ends with everything granted, by one custom role, assigned
// once on each subscription.
func TestKillAtEachWriteOfAGrant(t *testing.T) {
	t.Parallel()
	for _, p := range []point{
		{name: "before finding out what is missing", path: "*permissions", skip: 2},
		{name: "before writing the role", path: "*roleDefinitions/*"},
		{name: "after writing the role", path: "*roleDefinitions/*", after: true},
		{name: "before the first assignment", path: "*roleAssignments/*"},
		{name: "after the first assignment", path: "*roleAssignments/*", after: true},
		{name: "after the last assignment", path: "*roleAssignments/*", skip: 1, after: true},
	} {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			v := &victim{t: t, emu: newEmulator(t), dir: t.TempDir()}
			v.seedBare()
			v.start()
			t.Cleanup(func() { v.kill() })
			op, err := v.api.Grant(t.Context(), "backup-prod", resource.GrantRequest{})
			if err != nil {
				t.Fatal(err)
			}
			rule := emulatortest.Fault{Service: "arm", Path: p.path, Skip: p.skip, Times: 1, Delay: "5m"}
			if p.skip < 2 {
				rule.Method = "PUT"
			}
			if p.after {
				rule.Delay, rule.Drop = "", "after"
			}
			v.emu.ClearRequests()
			v.emu.SetFaults(rule)
			v.emu.Approve(op.SignIn.UserCode, owner)
			awaitFault(t, v.emu)
			v.kill()
			v.emu.SetFaults()
			v.start()
			wantDone(t, follow(t, v.api, v.emu, op, owner, op.SignIn.UserCode))
			b := &bench{t: t, emu: v.emu, api: v.api}
			if p := b.permissions("backup-prod"); p.Summary.Success != 2 || len(p.Rows) != 2 {
				t.Errorf("permissions %+v", p.Summary)
			}
			a := b.account("backup-prod")
			if roles := b.customRoles(); len(roles) != 1 || len(a.MadeRoles) != 1 || !strings.HasSuffix(roles[0], a.MadeRoles[0].ID) {
				t.Errorf("custom roles %q, known %+v", roles, a.MadeRoles)
			}
			sp, err := b.graph().ServicePrincipal(t.Context(), a.ApplicationID)
			if err != nil {
				t.Fatal(err)
			}
			var at []string
			for _, sub := range a.Subscriptions {
				list, err := b.arm().RoleAssignments(t.Context(), account.SubscriptionScope(sub.ID), sp.ObjectID)
				if err != nil {
					t.Fatal(err)
				}
				for _, g := range list {
					at = append(at, g.Scope)
				}
			}
			slices.Sort(at)
			if len(at) != 2 || at[0] == at[1] {
				t.Errorf("assigned at %q", at)
			}
		})
	}
}

// seedBare fills the victim's data folder with the demo's accounts, of which one has a profile and holds nothing.
func (v *victim) seedBare() {
	v.t.Helper()
	seed(v.t, v)
	a, err := New(v.t.Context(), Config{DataDir: v.dir, Listen: "127.0.0.1:0", EmulatorEnv: v.emu.EnvFile()})
	if err != nil {
		v.t.Fatal(err)
	}
	acc, err := a.store.Account(v.t.Context(), a.admin(), "backup-prod")
	if err != nil {
		v.t.Fatal(err)
	}
	acc.Profile, acc.Purposes = veeam, []string{"AzureFiles"}
	if err := a.store.Change(v.t.Context(), a.admin(), store.Event{Action: "account.edited"}, func(tx *store.Tx) error { return tx.PutAccount(acc) }); err != nil {
		v.t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		v.t.Fatal(err)
	}
	b := &bench{t: v.t, emu: v.emu}
	b.unassign(&resource.Account{ApplicationID: acc.ApplicationID, Subscriptions: acc.Subscriptions})
}
