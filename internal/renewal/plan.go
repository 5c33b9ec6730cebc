package renewal

import (
	"time"

	"github.com/evercred/evercred/internal/account"
)

// Do names what an action does; it is also the name of the journal's step.
type Do string

// What actions do. Each is one step of a journal; those that change something in Azure do one remote write.
const (
	DoSignIn           Do = "sign_in"
	DoAuthorise        Do = "authorise"
	DoLookUp           Do = "look_up_application"
	DoAsk              Do = "ask"
	DoRestorePrincipal Do = "restore_service_principal"
	DoRestoreApp       Do = "restore_application"
	DoCreateApp        Do = "create_application"
	DoFindApp          Do = "find_application"
	DoCreatePrincipal  Do = "create_service_principal"
	DoTryCurrent       Do = "try_current_credential"
	DoAddSecret        Do = "add_secret"
	DoFindSecret       Do = "find_secret"
	DoRemoveSecret     Do = "remove_secret"
	DoAssignRole       Do = "assign_role"
	DoUnassignRole     Do = "unassign_role"
	DoProve            Do = "prove"
	DoSwitch           Do = "switch"
	DoProveAgain       Do = "prove_again"
	DoRemoveOld        Do = "remove_old_credential"
	DoDeleteApp        Do = "delete_application"
	DoCheck            Do = "check"
	DoReadEnds         Do = "read_ends"
	DoForget           Do = "forget_account"
	DoWait             Do = "wait"
	DoClose            Do = "close"
)

// Action is the next thing an operation has to do.
type Action struct {
	Do     Do
	Target string                 // attempt tag, credential id or index of a grant, where Do needs one
	Rights string                 // person, own, none: whose token the step uses
	Until  time.Time              // DoWait
	State  account.OperationState // DoClose
}

// Rights are the tokens an operation can have at this moment.
type Rights struct {
	Person bool // a sign-in that is still good
}

const (
	byPerson = "person"
	byOwn    = "own"
	byNone   = "none"
)

// Window is how long Entra may take until all its servers know a change (Microsoft gives no figure; minutes are seen).
const Window = 10 * time.Minute

// looks are the moments, counted from a lost answer, at which its trace is looked for. One absence proves nothing while
// replicas lag; the last look is at the end of the window.
var looks = [...]time.Duration{0, 15 * time.Second, time.Minute, 3 * time.Minute, Window} //nolint:gochecknoglobals // a constant table

// Plan decides what an operation does next, from its journal alone. It is pure: the same journal, time and rights give
// the same action, before and after a crash. a is nil before an added account exists.
func Plan(now time.Time, op *account.Operation, a *account.Account, r Rights) Action {
	f := &op.Facts
	if needsPerson(op) && !f.Authorised {
		return planSignIn(r)
	}
	if f.RollingBack {
		return planRollback(op)
	}
	switch op.Kind {
	case account.OpRenew:
		return planRenew(op, a)
	case account.OpRecreate:
		return planRecreate(op, a)
	case account.OpAdd:
		return planNewApplication(op, a)
	case account.OpCheck:
		return planCheck(op, a)
	case account.OpRemove:
		return planRemove(op)
	case account.OpRetire:
		return planRetire(now, op, a)
	case account.OpTidy:
		return planTidy(now, op)
	}
	return Action{Do: DoClose, State: account.OpFailed}
}

// needsPerson reports whether an operation cannot begin without a sign-in.
func needsPerson(op *account.Operation) bool {
	switch op.Kind {
	case account.OpRenew, account.OpRecreate, account.OpAdd:
		return true
	case account.OpCheck:
		return op.Params.WithSignIn
	case account.OpRemove:
		return op.Params.DeleteApplication
	case account.OpTidy:
		return true // it begins with the sign-in of the operation that left it
	}
	return false
}

func planSignIn(r Rights) Action {
	if !r.Person {
		return Action{Do: DoSignIn, Rights: byPerson}
	}
	return Action{Do: DoAuthorise, Rights: byPerson}
}

// planRenew is the way of one renewal.
func planRenew(op *account.Operation, a *account.Account) Action {
	if !op.Facts.AppLookedUp {
		return Action{Do: DoLookUp, Rights: byPerson}
	}
	if next, ok := planSecret(op); ok {
		return next
	}
	return planAfterSwitch(op, a)
}

// planSecret adds a secret, proves it and switches to it. ok is false once that is done.
func planSecret(op *account.Operation) (Action, bool) {
	f := &op.Facts
	if f.Switched {
		return Action{}, false
	}
	added := false
	for i := range f.Attempts {
		switch t := &f.Attempts[i]; t.State {
		case account.AttemptAdded:
			added = true
		case account.AttemptIntended:
			// The intent is there and the answer is not: it may or may not have been done.
			return Action{Do: DoFindSecret, Target: t.Tag, Rights: byPerson}, true
		case account.AttemptLost:
			if t.LookCount == 0 {
				return Action{Do: DoFindSecret, Target: t.Tag, Rights: byPerson}, true
			}
		case account.AttemptFound:
			return Action{Do: DoRemoveSecret, Target: t.Tag, Rights: byPerson}, true
		}
	}
	switch {
	case !added:
		return Action{Do: DoAddSecret, Rights: byPerson}, true
	case openGrant(f) >= 0:
		return Action{Do: DoAssignRole, Target: itoa(openGrant(f)), Rights: byPerson}, true
	case !f.Proven:
		return Action{Do: DoProve, Rights: byOwn}, true
	}
	return Action{Do: DoSwitch, Rights: byNone}, true
}

func openGrant(f *account.Facts) int {
	for i, g := range f.Grants {
		if !g.Done {
			return i
		}
	}
	return -1
}

// planAfterSwitch removes what is due while a person's rights are at hand, checks the account and closes.
// What is due later goes into an operation of its own, made by the step that closes this one.
func planAfterSwitch(op *account.Operation, a *account.Account) Action {
	f := &op.Facts
	if id := firstRetiring(f, a); id != "" {
		if !f.ProvedBeforeRm {
			return Action{Do: DoProveAgain, Rights: byOwn}
		}
		return Action{Do: DoRemoveOld, Target: id, Rights: byPerson}
	}
	if !f.Checked {
		return Action{Do: DoCheck, Rights: byOwn}
	}
	return Action{Do: DoClose, State: account.OpDone}
}

// firstRetiring returns the first credential listed for removal that is still retiring.
func firstRetiring(f *account.Facts, a *account.Account) string {
	if a == nil {
		return ""
	}
	for _, id := range f.Retire {
		c := a.Credential(id)
		if c == nil || c.Slot != account.Retiring || !c.Made() {
			continue
		}
		if cur := a.Current(); cur != nil && c.KeyID != "" && cur.KeyID == c.KeyID && cur.ApplicationID == c.ApplicationID {
			continue // somebody went back to it
		}
		return id
	}
	return ""
}

// planRecreate first finds out what is left of the application, because only a signed-in person can tell gone from
// soft-deleted; then it restores it or makes a new one.
func planRecreate(op *account.Operation, a *account.Account) Action {
	f := &op.Facts
	switch {
	case !f.AppLookedUp:
		return Action{Do: DoLookUp, Rights: byPerson}
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
		return Action{Do: DoRestorePrincipal, Rights: byPerson}
	}
	if !f.AppRestored {
		return Action{Do: DoRestoreApp, Rights: byPerson}
	}
	return planRepair(op, a)
}

// planRepair gives a living application what it lacks: a service principal with its roles, and a working secret.
func planRepair(op *account.Operation, a *account.Account) Action {
	f := &op.Facts
	switch {
	case f.SPState == account.AppSoftDeleted && !f.SPRestored:
		return Action{Do: DoRestorePrincipal, Rights: byPerson}
	case f.SPState == account.AppGone:
		return Action{Do: DoCreatePrincipal, Rights: byPerson}
	case f.MadeSP && openGrant(f) >= 0:
		return Action{Do: DoAssignRole, Target: itoa(openGrant(f)), Rights: byPerson}
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
		return Action{Do: DoFindApp, Rights: byPerson}
	case f.AppObjectID == "":
		return Action{Do: DoCreateApp, Rights: byPerson}
	case f.SPObjectID == "":
		return Action{Do: DoCreatePrincipal, Rights: byPerson}
	}
	if next, ok := planSecret(op); ok {
		return next
	}
	return planAfterSwitch(op, a)
}

// planCheck looks; with a person signed in it also reads the ends from Graph and removes what is due.
func planCheck(op *account.Operation, a *account.Account) Action {
	if op.Params.WithSignIn && !op.Facts.EndsRead {
		return Action{Do: DoReadEnds, Rights: byPerson}
	}
	return planAfterSwitch(op, a)
}

func planRemove(op *account.Operation) Action {
	f := &op.Facts
	switch {
	case op.Params.DeleteApplication && !f.AppLookedUp:
		return Action{Do: DoLookUp, Rights: byPerson}
	case op.Params.DeleteApplication && f.AppState == account.AppAlive && !f.AppDeleted:
		return Action{Do: DoDeleteApp, Rights: byPerson} // first: if it is refused, nothing has been changed
	case op.Params.DeleteApplication && openUndo(f) >= 0:
		return Action{Do: DoUnassignRole, Target: itoa(openUndo(f)), Rights: byPerson}
	case !f.AccountRemoved:
		return Action{Do: DoForget, Rights: byNone}
	}
	return Action{Do: DoClose, State: account.OpDone}
}

// openUndo returns the index of the first role assignment that has to be taken back, or -1.
func openUndo(f *account.Facts) int {
	for i, g := range f.Grants {
		if g.Made && !g.Undone {
			return i
		}
	}
	return -1
}

// planRollback undoes what a failed operation made, newest first, and closes it as failed.
func planRollback(op *account.Operation) Action {
	f := &op.Facts
	if f.MadeApp || f.AppTag != "" && f.AppObjectID == "" {
		return planUndoApplication(op)
	}
	for i := range f.Attempts {
		switch t := &f.Attempts[i]; t.State {
		case account.AttemptAdded, account.AttemptFound:
			return Action{Do: DoRemoveSecret, Target: t.Tag, Rights: byPerson}
		case account.AttemptIntended:
			return Action{Do: DoFindSecret, Target: t.Tag, Rights: byPerson}
		case account.AttemptLost:
			if t.LookCount == 0 {
				return Action{Do: DoFindSecret, Target: t.Tag, Rights: byPerson}
			}
		}
	}
	return Action{Do: DoClose, State: account.OpFailed}
}

// planUndoApplication takes back the roles and deletes the application, which takes its secrets with it.
func planUndoApplication(op *account.Operation) Action {
	f := &op.Facts
	switch {
	case f.AppObjectID == "" && !f.AppSought:
		return Action{Do: DoFindApp, Rights: byPerson}
	case f.AppObjectID == "":
		return Action{Do: DoClose, State: account.OpFailed}
	case openUndo(f) >= 0:
		return Action{Do: DoUnassignRole, Target: itoa(openUndo(f)), Rights: byPerson}
	case !f.AppDeleted:
		return Action{Do: DoDeleteApp, Rights: byPerson}
	}
	return Action{Do: DoClose, State: account.OpFailed}
}

// planRetire removes retiring credentials once their soak is over and rights are at hand. Without rights it waits until
// the credential ends by itself; the next sign-in for the account takes it along.
func planRetire(now time.Time, op *account.Operation, a *account.Account) Action {
	f := &op.Facts
	id := firstRetiring(f, a)
	switch {
	case a == nil || id == "":
		return Action{Do: DoClose, State: account.OpDone}
	case f.DueAt != nil && now.Before(*f.DueAt):
		return Action{Do: DoWait, Until: *f.DueAt}
	case f.NoRights:
		c := a.Credential(id)
		if c.Expired(now) {
			return Action{Do: DoRemoveOld, Target: id, Rights: byNone}
		}
		if c.ExpiresAt != nil {
			return Action{Do: DoWait, Until: *c.ExpiresAt}
		}
		return Action{Do: DoWait, Until: now.Add(24 * time.Hour)}
	case !f.ProvedBeforeRm:
		return Action{Do: DoProveAgain, Rights: byOwn}
	}
	return Action{Do: DoRemoveOld, Target: id, Rights: byOwn}
}

// planTidy looks for what an unanswered call may have made, until the propagation window is over.
func planTidy(now time.Time, op *account.Operation) Action {
	f := &op.Facts
	for i := range f.Attempts {
		t := &f.Attempts[i]
		switch t.State {
		case account.AttemptFound:
			return Action{Do: DoRemoveSecret, Target: t.Tag, Rights: byPerson}
		case account.AttemptLost, account.AttemptIntended:
			if t.LookCount >= len(looks) {
				continue
			}
			if due := t.At.Add(looks[t.LookCount]); now.Before(due) {
				return Action{Do: DoWait, Until: due}
			}
			return Action{Do: DoFindSecret, Target: t.Tag, Rights: byPerson}
		}
	}
	return Action{Do: DoClose, State: account.OpDone}
}
