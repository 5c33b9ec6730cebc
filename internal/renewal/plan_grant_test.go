package renewal_test

import (
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/renewal"
)

// azure is what a grant has made there.
type azureRoles struct {
	roles    map[string]bool // ids
	assigned map[string]bool // scopes
}

// grantWorld is a grant to some scopes, of which some refuse.
func grantWorld(t *rapid.T) (*account.Operation, map[string]bool) {
	op := &account.Operation{ID: "op", Kind: account.OpGrant, State: account.OpRunning, AccountID: "a"}
	f := &op.Facts
	f.Authorised, f.MissingRead, f.Checked = true, true, true
	f.CustomRoles = []account.CustomRole{{ID: "r", Name: "R", Needed: true, Scopes: []string{"s"}}}
	refusing := map[string]bool{}
	for i := range rapid.IntRange(1, 4).Draw(t, "scopes") {
		scope := "/subscriptions/" + strconv.Itoa(i)
		refusing[scope] = rapid.Bool().Draw(t, "refuses")
		f.Grants = append(f.Grants, account.Grant{Scope: scope, RoleID: "r", Role: "R"})
	}
	if rapid.Bool().Draw(t, "something is left over") {
		f.Grants = append(f.Grants, account.Grant{Scope: "/left", RoleID: "old", AssignmentID: "old", Done: true, Made: true, Revoke: true})
	}
	return op, refusing
}

// A grant writes its role before it assigns it, assigns it wherever it can, takes nothing back while something is missing,
// and when it is undone deletes the role after its assignments: however often an answer is lost.
func TestAGrantGoesInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		op, refusing := grantWorld(t)
		f := &op.Facts
		there := azureRoles{map[string]bool{}, map[string]bool{"/left": true}}
		a := &account.Account{ID: "a"}
		cancelAt := rapid.IntRange(-1, 8).Draw(t, "cancelled after")
		for step := 0; ; step++ {
			if step > 100 {
				t.Fatal("it does not end")
			}
			if step == cancelAt && op.Touched() {
				f.RollingBack = true
			}
			act := renewal.Plan(start, op, a, renewal.Rights{Person: true})
			if act.Do == renewal.DoClose {
				break
			}
			lost := rapid.IntRange(0, 3).Draw(t, "luck") == 0
			i, _ := strconv.Atoi(act.Target)
			switch act.Do {
			case renewal.DoPutRole:
				f.CustomRoles[i].Intended = true
				there.roles["r"] = true
				f.CustomRoles[i].Stored = !lost
			case renewal.DoAssignRole:
				g := &f.Grants[i]
				if !there.roles["r"] || !f.CustomRoles[0].Stored {
					t.Fatal("assigned before the role was known to be there")
				}
				if refusing[g.Scope] {
					g.Failed = "refused"
					continue
				}
				g.Intended = true
				there.assigned[g.Scope] = true
				if !lost {
					g.Done, g.Made, g.AssignmentID = true, true, g.Scope
				}
			case renewal.DoUnassignRole:
				g := &f.Grants[i]
				if g.Revoke && slices.ContainsFunc(f.Grants, func(g account.Grant) bool { return !g.Done }) {
					t.Fatal("taken back while something is missing")
				}
				delete(there.assigned, g.Scope)
				g.Undone = !lost
			case renewal.DoDeleteRole:
				delete(there.roles, "r")
				f.CustomRoles[i].Undone = !lost
			default:
				t.Fatalf("planned %s", act.Do)
			}
		}
		if f.RollingBack {
			delete(there.assigned, "/left") // of an earlier grant
			if len(there.assigned)+len(there.roles) > 0 {
				t.Fatalf("left after it was undone: %v", there)
			}
			return
		}
		for scope, refuses := range refusing {
			if there.assigned[scope] == refuses {
				t.Fatalf("%s: assigned %t, refuses %t", scope, there.assigned[scope], refuses)
			}
		}
		if failed := slices.ContainsFunc(f.Grants, func(g account.Grant) bool { return g.Failed != "" }); !failed && there.assigned["/left"] && slices.ContainsFunc(f.Grants, func(g account.Grant) bool { return g.Revoke }) {
			t.Fatal("what is left over was not taken back")
		}
	})
}

// What is undone is undone wholly: no role and no assignment of the operation stays.
func TestAnUndoneGrantLeavesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		op, _ := grantWorld(t)
		f := &op.Facts
		f.RollingBack = true
		stored := rapid.Bool().Draw(t, "stored")
		f.CustomRoles[0].Intended, f.CustomRoles[0].Stored = true, stored
		for i := range f.Grants {
			if stored && rapid.Bool().Draw(t, "assigned") {
				f.Grants[i].Done, f.Grants[i].Made, f.Grants[i].AssignmentID = true, true, f.Grants[i].Scope
				f.Grants[i].Kept = rapid.Bool().Draw(t, "kept")
			}
		}
		for range 100 {
			act := renewal.Plan(start, op, &account.Account{ID: "a"}, renewal.Rights{Person: true})
			i, _ := strconv.Atoi(act.Target)
			switch act.Do {
			case renewal.DoUnassignRole:
				if g := &f.Grants[i]; g.Kept || g.Revoke {
					t.Fatal("what an earlier grant made is taken back")
				}
				f.Grants[i].Undone = true
			case renewal.DoDeleteRole:
				if slices.ContainsFunc(f.Grants, func(g account.Grant) bool { return g.Made && !g.Kept && !g.Revoke && !g.Undone }) {
					t.Fatal("the role is deleted before its assignments")
				}
				f.CustomRoles[i].Undone = true
			case renewal.DoClose:
				if act.State != account.OpFailed || !f.CustomRoles[0].Undone {
					t.Fatalf("closed as %s, the role is undone: %t", act.State, f.CustomRoles[0].Undone)
				}
				return
			default:
				t.Fatalf("planned %s", act.Do)
			}
		}
		t.Fatal("it does not end")
	})
}
