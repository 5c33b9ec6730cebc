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
	DoMakeCertificate  Do = "make_certificate"
	DoAddCertificate   Do = "add_certificate"
	DoFindCertificate  Do = "find_certificate"
	DoTakeBackCert     Do = "remove_certificate"
	DoDropCertificate  Do = "drop_certificate"
	DoFindSecret       Do = "find_secret"
	DoRemoveSecret     Do = "remove_secret"
	DoAssignRole       Do = "assign_role"
	DoUnassignRole     Do = "unassign_role"
	DoProve            Do = "prove"
	DoSwitch           Do = "switch"
	DoReadPolicy       Do = "read_policy"
	DoExamine          Do = "examine"
	DoTakeOver         Do = "take_over"
	DoProveAgain       Do = "prove_again"
	DoRemoveOld        Do = "remove_old_credential"
	DoProveFormer      Do = "prove_former_credential"
	DoSwitchBack       Do = "switch_back"
	DoRemoveOrphan     Do = "remove_orphan"
	DoFindLostApp      Do = "find_lost_application"
	DoDeleteLostApp    Do = "delete_lost_application"
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
	Rights string                 // person, own, steward, none: whose token the step uses
	Until  time.Time              // DoWait
	State  account.OperationState // DoClose
}

// Rights are the tokens an operation can have at this moment.
type Rights struct {
	Person bool // a sign-in that is still good
}

const (
	byPerson  = "person"
	byOwn     = "own"
	bySteward = "steward"
	byNone    = "none"
)

// Window is how long Entra may take until all its servers know a change (Microsoft gives no figure; minutes are seen).
const Window = 10 * time.Minute

// looks is how often the trace of a lost answer is looked for. One absence proves nothing while replicas lag.
const looks = 5

// lookAfter is when a look is due, counted from the lost answer: the last one at the end of the window.
func lookAfter(n int, window time.Duration) time.Duration {
	if n >= looks-1 {
		return window
	}
	return min([...]time.Duration{0, 15 * time.Second, time.Minute, 3 * time.Minute}[n], window)
}

// windowOf is the propagation window that an operation was left with.
func windowOf(f *account.Facts) time.Duration {
	if f.Window == nil {
		return Window
	}
	return time.Duration(*f.Window)
}

// Plan decides what an operation does next, from its journal alone. It is pure: the same journal, time and rights give
// the same action, before and after a crash. a is nil before an added account exists.
func Plan(now time.Time, op *account.Operation, a *account.Account, r Rights) Action {
	f := &op.Facts
	if needsPerson(op) && !f.Authorised {
		return planSignIn(r)
	}
	if f.RollingBack {
		return planUndo(op)
	}
	switch op.Kind {
	case account.OpRenew:
		return planRenew(op, a)
	case account.OpRecreate:
		return planRecreate(op, a)
	case account.OpAdd:
		return planNewApplication(op, a)
	case account.OpConnect:
		return planConnect(op)
	case account.OpCheck, account.OpReconcile:
		return planCheck(op, a)
	case account.OpRemove:
		return planRemove(op)
	case account.OpRetire:
		return planRetire(now, op, a)
	case account.OpRollback:
		return planRollback(op)
	case account.OpGrant:
		return planGrant(op, a)
	case account.OpTidy:
		return planTidy(now, op)
	}
	return Action{Do: DoClose, State: account.OpFailed}
}

// needsPerson reports whether an operation cannot begin without a sign-in.
func needsPerson(op *account.Operation) bool {
	if op.Params.Own || op.Params.Actor != "" {
		return false
	}
	switch op.Kind {
	case account.OpRenew:
		return true
	case account.OpRecreate, account.OpAdd, account.OpReconcile, account.OpGrant:
		return true
	case account.OpCheck:
		return op.Params.WithSignIn
	case account.OpRemove:
		return op.Params.DeleteApplication || op.Params.DeleteRoles
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
	if !op.Facts.AppLookedUp && !op.Params.Own {
		return Action{Do: DoLookUp, Rights: byWhom(op)}
	}
	if next, ok := planCredential(op); ok {
		return next
	}
	return planAfterSwitch(op, a)
}

// planCredential adds a credential of the wanted kind, proves it and switches to it. ok is false once that is done.
func planCredential(op *account.Operation) (Action, bool) {
	if op.Params.Kind == account.Certificate {
		return planCertificate(op)
	}
	return planSecret(op)
}

// byWhom is whose rights change the credentials of the application in this operation.
func byWhom(op *account.Operation) string {
	switch {
	case op.Params.Own, op.Params.Actor != "" && op.Params.Actor == op.AccountID:
		return byOwn
	case op.Params.Actor != "":
		return bySteward
	}
	return byPerson
}

// planCertificate makes a certificate here, registers it, proves it and switches to it. It is sealed before it is sent, so a
// lost answer loses nothing: it is found by what it is, or sent again under the same key id.
func planCertificate(op *account.Operation) (Action, bool) {
	f := &op.Facts
	switch {
	case f.Switched:
		return Action{}, false
	case len(f.Attempts) == 0:
		return Action{Do: DoMakeCertificate, Rights: byNone}, true
	}
	switch t := &f.Attempts[0]; t.State {
	case account.AttemptMade:
		return Action{Do: DoAddCertificate, Target: t.Tag, Rights: byWhom(op)}, true
	case account.AttemptIntended, account.AttemptLost:
		return Action{Do: DoFindCertificate, Target: t.Tag, Rights: byWhom(op)}, true
	}
	switch {
	case rolesOpen(f):
		return planRoles(op)
	case !f.Proven:
		return Action{Do: DoProve, Rights: byOwn}, true
	}
	return Action{Do: DoSwitch, Rights: byNone}, true
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
			return Action{Do: DoFindSecret, Target: t.Tag, Rights: byWhom(op)}, true
		case account.AttemptLost:
			if t.LookCount == 0 {
				return Action{Do: DoFindSecret, Target: t.Tag, Rights: byWhom(op)}, true
			}
		case account.AttemptFound:
			return Action{Do: DoRemoveSecret, Target: t.Tag, Rights: byWhom(op)}, true
		}
	}
	switch {
	case !added:
		return Action{Do: DoAddSecret, Rights: byWhom(op)}, true
	case rolesOpen(f):
		return planRoles(op)
	case !f.Proven:
		return Action{Do: DoProve, Rights: byOwn}, true
	}
	return Action{Do: DoSwitch, Rights: byNone}, true
}

// planAfterSwitch removes what is due while a person's rights are at hand, checks the account and closes.
// What is due later goes into an operation of its own, made by the step that closes this one.
func planAfterSwitch(op *account.Operation, a *account.Account) Action {
	f := &op.Facts
	if id := firstRetiring(f, a); id != "" {
		if !f.ProvedBeforeRm {
			return Action{Do: DoProveAgain, Rights: byOwn}
		}
		return Action{Do: DoRemoveOld, Target: id, Rights: byWhom(op)}
	}
	for _, o := range f.Orphans {
		if o.State == account.AttemptFound {
			return Action{Do: DoRemoveOrphan, Target: o.KeyID, Rights: byWhom(op)}
		}
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

// planRollback goes back to a credential that still authenticates; until then nothing is changed.
func planRollback(op *account.Operation) Action {
	f := &op.Facts
	switch {
	case f.Switched && f.Checked:
		return Action{Do: DoClose, State: account.OpDone}
	case f.Switched:
		return Action{Do: DoCheck, Rights: byOwn}
	case f.Proven:
		return Action{Do: DoSwitchBack, Rights: byNone}
	}
	return Action{Do: DoProveFormer, Rights: byOwn}
}

// planCheck looks; with a person signed in it also reads the ends from Graph and removes what is due.
func planCheck(op *account.Operation, a *account.Account) Action {
	if (op.Kind == account.OpReconcile || needsPerson(op)) && !op.Facts.EndsRead {
		return Action{Do: DoReadEnds, Rights: byWhom(op)}
	}
	return planAfterSwitch(op, a)
}

func planRemove(op *account.Operation) Action {
	f := &op.Facts
	switch {
	case op.Params.DeleteApplication && !f.AppLookedUp:
		return Action{Do: DoLookUp, Rights: byWhom(op)}
	case op.Params.DeleteApplication && f.AppState == account.AppAlive && !f.AppDeleted:
		return Action{Do: DoDeleteApp, Rights: byWhom(op)} // first: if it is refused, nothing has been changed
	}
	if op.Params.DeleteApplication || op.Params.DeleteRoles {
		if next, ok := planUndoRoles(op); ok {
			return next
		}
	}
	if !f.AccountRemoved {
		return Action{Do: DoForget, Rights: byNone}
	}
	return Action{Do: DoClose, State: account.OpDone}
}
