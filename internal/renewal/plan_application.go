package renewal

import "github.com/evercred/evercred/internal/account"

// planRecreate first finds out what is left of the application, because only a signed-in person can tell gone from
// soft-deleted; then it restores it or makes a new one.
func planRecreate(op *account.Operation, a *account.Account) Action {
	f := &op.Facts
	switch {
	case !f.AppLookedUp:
		return Action{Do: DoLookUp, Rights: byWhom(op)}
	case f.AppState == account.AppAlive:
		return planRepair(op, a)
	case f.AppState == account.AppSoftDeleted && op.Params.Choice == "":
		return Action{Do: DoAsk, Rights: byNone}
	case f.AppState == account.AppSoftDeleted && op.Params.Choice == ChoiceRestore:
		return planRestore(op, a)
	}
	return planNewApplication(op, a)
}

// The answers to the question of a re-creation.
const (
	ChoiceRestore = "restore"
	ChoiceNew     = "new"
)

// planRestore brings a soft-deleted application back as itself: the service principal first, since a new one would lose
// the role assignments.
func planRestore(op *account.Operation, a *account.Account) Action {
	f := &op.Facts
	if f.SPState == account.AppSoftDeleted && !f.SPRestored {
		return Action{Do: DoRestorePrincipal, Rights: byWhom(op)}
	}
	if !f.AppRestored {
		return Action{Do: DoRestoreApp, Rights: byWhom(op)}
	}
	if !f.EndsRead { // with the application came back what could not be removed while it was gone
		return Action{Do: DoReadEnds, Rights: byWhom(op)}
	}
	return planRepair(op, a)
}

// planRepair gives a living application what it lacks: a service principal with its roles, and a working secret.
func planRepair(op *account.Operation, a *account.Account) Action {
	f := &op.Facts
	switch {
	case f.SPState == account.AppSoftDeleted && !f.SPRestored:
		return Action{Do: DoRestorePrincipal, Rights: byWhom(op)}
	case f.SPState == account.AppGone:
		return Action{Do: DoCreatePrincipal, Rights: byWhom(op)}
	case f.MadeSP && rolesOpen(f):
		next, _ := planRoles(op)
		return next
	case !f.TriedCurrent:
		return Action{Do: DoTryCurrent, Rights: byOwn}
	case f.CurrentWorks:
		return planAfterSwitch(op, a)
	}
	return planRenew(op, a)
}

// planNewApplication makes application, service principal, secret and roles.
func planNewApplication(op *account.Operation, a *account.Account) Action {
	f := &op.Facts
	switch {
	case f.AppTag != "" && f.AppObjectID == "" && !f.AppSought:
		return Action{Do: DoFindApp, Rights: byWhom(op)}
	case f.AppObjectID == "":
		return Action{Do: DoCreateApp, Rights: byWhom(op)}
	case f.SPObjectID == "":
		return Action{Do: DoCreatePrincipal, Rights: byWhom(op)}
	}
	if !f.PolicyRead && len(f.Attempts) == 0 {
		return Action{Do: DoReadPolicy, Rights: byWhom(op)}
	}
	if next, ok := planCredential(op); ok {
		return next
	}
	return planAfterSwitch(op, a)
}
