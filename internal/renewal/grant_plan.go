package renewal

import (
	"slices"

	"github.com/evercred/evercred/internal/account"
)

// What a grant does beside the steps of other operations.
const (
	DoFindMissing Do = "find_missing"
	DoPutRole     Do = "write_custom_role"
	DoRestoreRole Do = "restore_custom_role"
	DoDeleteRole  Do = "delete_custom_role"
)

// planGrant finds out what is missing, writes the custom role, assigns it scope by scope, and looks at the result. A scope
// that is refused does not undo the others.
func planGrant(op *account.Operation, a *account.Account) Action {
	f := &op.Facts
	if !f.MissingRead {
		return Action{Do: DoFindMissing, Rights: byOwn}
	}
	if next, ok := planRoles(op); ok {
		return next
	}
	next := planAfterSwitch(op, a)
	if next.Do == DoClose && f.Failure != nil {
		next.State = account.OpFailed
	}
	return next
}

// planRoles writes the custom roles, then assigns roles, then takes back what is no longer the account's. ok is false once
// that is done.
func planRoles(op *account.Operation) (Action, bool) {
	f := &op.Facts
	for i := range f.CustomRoles {
		if c := &f.CustomRoles[i]; c.Needed && !c.Stored {
			return Action{Do: DoPutRole, Target: itoa(i), Rights: byWhom(op)}, true
		}
	}
	if i := openGrant(f); i >= 0 {
		return Action{Do: DoAssignRole, Target: itoa(i), Rights: byWhom(op)}, true
	}
	if i := openRevoke(f); i >= 0 {
		return Action{Do: DoUnassignRole, Target: itoa(i), Rights: byWhom(op)}, true
	}
	return Action{}, false
}

// rolesOpen reports whether an operation has custom roles to write or roles to assign.
func rolesOpen(f *account.Facts) bool {
	return openGrant(f) >= 0 || slices.ContainsFunc(f.CustomRoles, func(c account.CustomRole) bool { return c.Needed && !c.Stored })
}

// openGrant returns the index of the first role assignment that has to be made, or -1.
func openGrant(f *account.Facts) int {
	return slices.IndexFunc(f.Grants, func(g account.Grant) bool { return !g.Done && g.Failed == "" })
}

// openRevoke returns the index of the first assignment of an earlier grant that has to be taken back, or -1. Where
// something could not be granted nothing is taken back: the account might depend on it.
func openRevoke(f *account.Facts) int {
	if slices.ContainsFunc(f.Grants, func(g account.Grant) bool { return !g.Done && g.Failed != "" }) {
		return -1
	}
	return slices.IndexFunc(f.Grants, func(g account.Grant) bool { return g.Revoke && !g.Undone && g.Failed == "" })
}

// openUndo returns the index of the first role assignment that has to be taken back, or -1.
func openUndo(f *account.Facts) int {
	return slices.IndexFunc(f.Grants, func(g account.Grant) bool {
		return (g.Made || g.Intended && !g.Done) && !g.Kept && !g.Revoke && !g.Undone
	})
}

// planUndoRoles takes back assignments and then custom roles, which cannot be deleted before. ok is false once that is done.
func planUndoRoles(op *account.Operation) (Action, bool) {
	f := &op.Facts
	if i := openUndo(f); i >= 0 {
		return Action{Do: DoUnassignRole, Target: itoa(i), Rights: byWhom(op)}, true
	}
	for i := range f.CustomRoles {
		switch c := &f.CustomRoles[i]; {
		case !c.Undoable():
		case c.Before != nil:
			return Action{Do: DoRestoreRole, Target: itoa(i), Rights: byWhom(op)}, true
		default:
			return Action{Do: DoDeleteRole, Target: itoa(i), Rights: byWhom(op)}, true
		}
	}
	return Action{}, false
}

// planUndoGrant takes back what a grant has made.
func planUndoGrant(op *account.Operation) Action {
	if next, ok := planUndoRoles(op); ok {
		return next
	}
	return Action{Do: DoClose, State: account.OpFailed}
}
