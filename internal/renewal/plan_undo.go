package renewal

import (
	"time"

	"github.com/evercred/evercred/internal/account"
)

// planUndo undoes what a failed operation made, newest first, and closes it as failed.
func planUndo(op *account.Operation) Action {
	f := &op.Facts
	if f.MadeApp || f.AppTag != "" && f.AppObjectID == "" {
		return planUndoApplication(op)
	}
	if op.Kind == account.OpGrant {
		return planUndoGrant(op)
	}
	if op.Params.Kind == account.Certificate {
		return planUndoCertificate(op)
	}
	for i := range f.Attempts {
		switch t := &f.Attempts[i]; t.State {
		case account.AttemptAdded, account.AttemptFound:
			return Action{Do: DoRemoveSecret, Target: t.Tag, Rights: byWhom(op)}
		case account.AttemptIntended:
			return Action{Do: DoFindSecret, Target: t.Tag, Rights: byWhom(op)}
		case account.AttemptLost:
			if t.LookCount == 0 {
				return Action{Do: DoFindSecret, Target: t.Tag, Rights: byWhom(op)}
			}
		}
	}
	return Action{Do: DoClose, State: account.OpFailed}
}

// planUndoCertificate takes a certificate back, from the application where it is there.
func planUndoCertificate(op *account.Operation) Action {
	for i := range op.Facts.Attempts {
		switch t := &op.Facts.Attempts[i]; t.State {
		case account.AttemptMade:
			return Action{Do: DoDropCertificate, Target: t.Tag, Rights: byNone}
		case account.AttemptIntended, account.AttemptLost:
			return Action{Do: DoFindCertificate, Target: t.Tag, Rights: byWhom(op)}
		case account.AttemptAdded:
			return Action{Do: DoTakeBackCert, Target: t.Tag, Rights: byWhom(op)}
		}
	}
	return Action{Do: DoClose, State: account.OpFailed}
}

// planUndoApplication takes back the roles and deletes the application, which takes its secrets with it.
func planUndoApplication(op *account.Operation) Action {
	f := &op.Facts
	switch {
	case f.AppObjectID == "" && !f.AppSought:
		return Action{Do: DoFindApp, Rights: byWhom(op)}
	case f.AppObjectID == "":
		return Action{Do: DoClose, State: account.OpFailed}
	}
	if next, ok := planUndoRoles(op); ok {
		return next
	}
	if !f.AppDeleted {
		return Action{Do: DoDeleteApp, Rights: byWhom(op)}
	}
	return Action{Do: DoClose, State: account.OpFailed}
}

// planRetire removes retiring credentials once their soak is over and rights are at hand. Without rights it waits until
// the credential ends by itself; the next sign-in for the account takes it along.
func planRetire(now time.Time, op *account.Operation, a *account.Account) Action {
	f := &op.Facts
	id := firstRetiring(f, a)
	switch {
	case a != nil && id == "" && f.ProvedBeforeRm && !f.NoRights && !f.Checked:
		return Action{Do: DoCheck, Rights: byOwn} // one good answer after the removal, or the account says what is wrong
	case a == nil || id == "":
		return Action{Do: DoClose, State: account.OpDone}
	case f.DueAt != nil && now.Before(*f.DueAt):
		return Action{Do: DoWait, Until: *f.DueAt}
	case f.NoRights:
		c := a.Credential(id)
		if c.Expired(now) {
			return Action{Do: DoRemoveOld, Target: id, Rights: byNone}
		}
		until := now.Add(30 * 24 * time.Hour)
		if c.ExpiresAt != nil {
			until = *c.ExpiresAt // a sign-in takes it along before, and a new steward wakes it
		}
		return Action{Do: DoWait, Until: until}
	case !f.ProvedBeforeRm:
		return Action{Do: DoProveAgain, Rights: byOwn}
	case op.Params.Actor != "":
		return Action{Do: DoRemoveOld, Target: id, Rights: byWhom(op)}
	}
	return Action{Do: DoRemoveOld, Target: id, Rights: byOwn}
}

// planTidy looks for what an unanswered call may have made, until the propagation window is over.
func planTidy(now time.Time, op *account.Operation) Action {
	if next, ok := lastLook(now, op, op.Facts.Attempts, DoFindSecret, DoRemoveSecret); ok {
		return next
	}
	if next, ok := lastLook(now, op, op.Facts.LostApps, DoFindLostApp, DoDeleteLostApp); ok {
		return next
	}
	return Action{Do: DoClose, State: account.OpDone}
}

// lastLook is the next look for what an attempt may have made, or its removal; ok is false when there is nothing left.
func lastLook(now time.Time, op *account.Operation, attempts []account.Attempt, find, remove Do) (Action, bool) {
	for i := range attempts {
		t := &attempts[i]
		switch t.State {
		case account.AttemptFound:
			return Action{Do: remove, Target: t.Tag, Rights: byWhom(op)}, true
		case account.AttemptLost, account.AttemptIntended:
			if t.LookCount >= looks {
				continue
			}
			if due := t.At.Add(lookAfter(t.LookCount, windowOf(&op.Facts))); now.Before(due) {
				return Action{Do: DoWait, Until: due}, true
			}
			return Action{Do: find, Target: t.Tag, Rights: byWhom(op)}, true
		}
	}
	return Action{}, false
}
