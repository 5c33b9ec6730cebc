package renewal

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/signin"
	"github.com/evercred/evercred/internal/store"
)

// maxIdleTries is how often a transient error is tried again while nothing has been changed yet.
const maxIdleTries = 6

// backoff is the wait before try n+1: 1 s doubled up to 30 s, after about half an hour 15 minutes, or what Microsoft asks for.
// An operation that has changed something is never given up, also while a tenant is away for days.
func backoff(tries int, asked time.Duration) time.Duration {
	wait := 30 * time.Second
	switch {
	case tries < 6:
		wait = time.Second << max(tries-1, 0)
	case tries > 60:
		wait = 15 * time.Minute
	}
	return max(wait, asked)
}

// patience is backoff for what cannot be given up: after some minutes it asks less and less often, every five minutes where
// an account waits, every hour for what works in the background. Microsoft can be away for hours.
func (r *run) patience(tries int, asked time.Duration) time.Duration {
	const first = 20 // tries, about eight minutes
	longest := 5 * time.Minute
	if r.op.Kind.InBackground() {
		longest = time.Hour
	}
	if tries <= first {
		return backoff(tries, asked)
	}
	return max(min(30*time.Second<<min(tries-first, 10), longest), asked)
}

// failed decides what an error of a step means: try again, sign in again, go on without, or roll back.
func (r *run) failed(ctx context.Context, err error) (time.Duration, error) {
	r.event, r.detail = "", map[string]string{} // what was to be told did not come about
	if r.e.steps[r.act.Do].writes && answerLost(err) {
		r.op.Facts.Unanswered = true
	}
	tries := 1
	if s := r.openStep(); s != nil {
		tries = s.Tries
	}
	if azure.Transient(err) && (r.op.Touched() || tries < maxIdleTries || r.op.Kind.InBackground()) {
		again := retryIn(r.patience(tries, azure.RetryAfter(err)), "Trying again: "+explain(err).Message)
		again.store = true // or the tries would not count, and the waits not grow
		return again.after, r.later(ctx, again)
	}
	if r.act.Rights == byPerson && signin.Refused(err) && r.act.Do != DoSignIn {
		return 0, r.loseRights(ctx, err)
	}
	r.log(ctx, err)
	problem := problemOf(err)
	switch {
	case r.op.Kind == account.OpConnect:
		r.explainOffered(ctx, err, problem)
	case slices.Contains([]string{"application_id", "tenant_id", "secret", "certificate"}, problem.Field):
		problem.Field = "" // nobody was asked for it
	}
	if r.goOnWithout(problem) {
		r.endStep(account.StepFailed, problem.Message)
		return 0, r.commit(ctx)
	}
	r.endStep(account.StepFailed, problem.Message)
	if r.parks() {
		return 0, r.needSignIn(ctx, problem)
	}
	r.op.Facts.Failure = problem
	if r.op.Touched() {
		problem.Meaning = strings.TrimSpace(strings.ReplaceAll(problem.Meaning, "Nothing was changed.", "") + " What had been made is taken back.")
		r.op.Facts.RollingBack = true
		return 0, r.commit(ctx)
	}
	r.close(account.OpFailed)
	return 0, r.commit(ctx)
}

// parks reports whether a failure leaves the operation to the next sign-in rather than being undone: when it is undoing
// already, when the account depends on what was done, and when only the sign-in itself failed.
func (r *run) parks() bool {
	f := &r.op.Facts
	signingIn := r.act.Do == DoSignIn || r.act.Do == DoAuthorise
	return f.RollingBack || f.Switched || r.op.Touched() && (repaired(r.op) || signingIn || r.op.Kind == account.OpRemove)
}

// repaired reports whether an operation has brought back what was there before, or may have: that is not undone.
func repaired(op *account.Operation) bool {
	f := &op.Facts
	return op.Kind == account.OpRecreate && !f.MadeApp && f.AppTag == "" && (f.MadeSP || f.SPRestored || f.AppRestored || f.Unanswered)
}

func (r *run) log(ctx context.Context, err error) {
	r.e.log.WarnContext(ctx, "a step failed", "operation", r.op.ID, "account", r.op.AccountName, "step", string(r.act.Do), "error", err)
}

// goOnWithout handles failures after which the operation is still good: the account has its proven credential and only
// something old could not be removed. The credential says so itself.
func (r *run) goOnWithout(p *account.Problem) bool {
	f := &r.op.Facts
	switch r.act.Do {
	case DoProveAgain:
		r.note(f.Retire, "Kept: the current credential gave no good answer just before this one was to be removed. "+p.Message)
		if r.op.Kind == account.OpRetire {
			r.retireLater()
		} else {
			f.Retire = nil
		}
		return true
	case DoAssignRole, DoUnassignRole, DoDeleteRole:
		return r.grantOnWithout(p)
	case DoRemoveOrphan:
		r.orphan().State = account.OrphanKept // the next sign-in tries again
		return true
	case DoRemoveOld:
		if r.op.Kind == account.OpRetire && (p.Code == string(fault.Conflict) || r.op.Params.Actor != "" || r.signs(r.a.Credential(r.act.Target))) {
			r.retireLater()
			r.note([]string{r.act.Target}, "It could not be removed yet, and it is tried again. "+p.Message)
			return true
		}
		if r.op.Kind == account.OpRetire {
			f.NoRights = true
			r.note([]string{r.act.Target}, "Its time is over, but nobody at hand may remove it. The next sign-in for the account removes it, else it ends by itself.")
			return true
		}
		f.Retire = slices.DeleteFunc(f.Retire, func(id string) bool { return id == r.act.Target })
		r.note([]string{r.act.Target}, "It could not be removed: "+p.Message)
		return true
	}
	return false
}

// retireLater puts off a removal that has the rights it needs and did not succeed: by an hour, then by twice as long each
// time, up to a week. A sign-in meanwhile takes it along.
func (r *run) retireLater() {
	const longest = 7 * 24 * time.Hour
	failed := 0
	for _, s := range r.op.Steps {
		if s.Outcome == account.StepFailed {
			failed++
		}
	}
	due := r.e.clock.Now().Add(min(time.Hour<<min(failed, 10), longest))
	r.op.NextAt, r.op.Facts.ProvedBeforeRm = &due, false
}

// note leaves a sentence on credentials of the account.
func (r *run) note(ids []string, text string) {
	for _, id := range ids {
		if c := r.a.Credential(id); c != nil {
			c.Note = text
			kept := *c
			r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
		}
	}
}

// loseRights ends a sign-in that gives no tokens any more. What has been changed waits for the next one; an operation
// that has changed nothing fails.
func (r *run) loseRights(ctx context.Context, err error) error {
	problem := &account.Problem{
		Code:    string(fault.SignIn),
		Message: "The sign-in of the operation has ended.",
		Meaning: "A sign-in is kept for one operation and at most 60 minutes.",
		Remedy:  "Sign in again.",
	}
	if err != nil {
		problem = problemOf(err)
	}
	if !r.op.Touched() {
		r.endStep(account.StepFailed, problem.Message)
		r.op.Facts.Failure = problem
		r.close(account.OpFailed)
		return r.commit(ctx)
	}
	return r.needSignIn(ctx, problem)
}

// needSignIn parks the operation until somebody signs in for it.
func (r *run) needSignIn(ctx context.Context, problem *account.Problem) error {
	r.op.State, r.op.Params.Own, r.op.Params.Actor = account.OpNeedsSignIn, false, "" // neither its own rights nor a steward's did
	r.op.NextAt = nil
	r.skipAnnounced(r.e.clock.Now())
	r.op.Facts.Authorised = false
	r.op.Facts.SignedInAt = nil
	if r.op.SignIn != nil {
		r.op.SignIn.State = account.SignInEnded
	}
	r.op.Problem = &account.Problem{
		Code:    string(fault.NeedsSignIn),
		Message: problem.Message,
		Meaning: leftOf(r.act),
		Remedy:  "Run `evercred operation resume " + r.op.ID + "` and sign in as somebody who may change the application. " + problem.Remedy,
		Source:  problem.Source,
	}
	r.keepSession(nil)
	r.put(func(tx *store.Tx) error { return tx.DropSignIn(r.op.ID) })
	return r.commit(ctx)
}

// leftOf says what an action would do, for people: the rest of a sentence that begins "It still has to be done: ".
func leftOf(a Action) string {
	texts := map[Do]string{
		DoLookUp: "looking up the application", DoAddSecret: "adding the new secret", DoFindSecret: "looking for a secret whose answer was lost",
		DoAddCertificate: "registering the new certificate", DoFindCertificate: "looking for a certificate whose answer was lost",
		DoTakeBackCert: "removing a certificate that was added and is not used",
		DoFindMissing:  "finding out what is missing", DoPutRole: "writing the custom role", DoRestoreRole: "giving the custom role its former contents",
		DoDeleteRole:   "deleting the custom role",
		DoRemoveSecret: "removing a secret that was added and is not used", DoAssignRole: "assigning roles", DoUnassignRole: "taking back role assignments",
		DoCreateApp: "creating the application", DoFindApp: "looking for an application whose answer was lost",
		DoCreatePrincipal: "creating the service principal", DoDeleteApp: "deleting the application",
		DoRestorePrincipal: "restoring the service principal", DoRestoreApp: "restoring the application",
		DoRemoveOrphan: "removing a credential that nobody knows", DoFindLostApp: "looking for an application whose answer was lost",
		DoDeleteLostApp: "deleting an application that is not used", DoRemoveOld: "removing the old credential", DoReadEnds: "reading when the credentials end",
	}
	if t, ok := texts[a.Do]; ok {
		return t
	}
	return "the rest of the operation"
}
