package renewal

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/store"
)

func entraCode(err error) (int, bool) {
	e, ok := errors.AsType[*entra.Error](err)
	if !ok {
		return 0, false
	}
	return e.Code, true
}

// switchOver makes the proven credential the current one, and the current one retiring, in one transaction.
func switchOver(_ context.Context, r *run) (string, error) {
	f, now := &r.op.Facts, r.e.clock.Now()
	old, next := r.a.Current(), r.a.Credential(f.CredentialID)
	if old != nil {
		r.retire(old, f.AppID, now)
	}
	next.Slot = account.Current
	if next.Kind == account.Certificate && next.Made() && (old == nil || old.Kind != account.Certificate) {
		r.a.Policy.Automatic = true // from now on it signs for its successors
	}
	r.a.ApplicationID, r.a.ApplicationObjectID = f.AppID, f.AppObjectID
	if f.SPObjectID != "" {
		r.a.ServicePrincipalID = f.SPObjectID
	}
	f.Switched = true
	kept, a := *next, r.a
	r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
	r.put(func(tx *store.Tx) error { return tx.PutAccount(a) })
	r.event, r.detail["key_id"] = "credential.switched", next.KeyID
	if old == nil {
		return "", nil
	}
	return r.whatOfTheOld(old), nil
}

// retire takes a credential out of use. One of another application is of no more use: that application is gone.
func (r *run) retire(old *account.Credential, appID string, now time.Time) {
	f := &r.op.Facts
	old.RetiredAt, old.Soak, old.Origin = &now, account.Duration(r.soak()), r.a.Origin
	old.Slot = account.Retiring
	switch {
	case old.ApplicationID != appID:
		old.Slot, old.Note = account.Lost, "Its application was replaced."
		old.RemovedAt = &now
	case !old.Made():
		old.Note = "Evercred did not make it, so it stays on the application until somebody removes it or it ends."
	case r.removesOld():
		f.Retire = append(f.Retire, old.ID)
		for _, c := range r.a.Retiring() {
			if c.Made() && c.ID != old.ID {
				f.Retire = append(f.Retire, c.ID)
			}
		}
	}
	kept := *old
	r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
}

func (r *run) soak() time.Duration {
	if r.op.Params.Soak != nil {
		return time.Duration(*r.op.Params.Soak)
	}
	if r.a != nil {
		return time.Duration(r.a.Policy.Soak)
	}
	return account.DefaultSoak
}

// removesOld reports whether the old credential goes in this run, before any hand-over. Only who asks for this run can want
// that: a soak of zero in the policy, which also holds for renewals that nobody watches, begins at the hand-over as any other.
func (r *run) removesOld() bool {
	return r.op.Params.Soak != nil && *r.op.Params.Soak == 0
}

func (r *run) whatOfTheOld(old *account.Credential) string {
	switch {
	case old.Slot == account.Lost, !old.Made():
		return old.Note
	case r.removesOld():
		return "The old " + old.Kind.Noun() + " is removed now, as asked"
	case old.Expired(r.e.clock.Now()):
		return "The old " + old.Kind.Noun() + " has ended; it is removed after the hand-over"
	case r.soak() == 0:
		return "The old " + old.Kind.Noun() + " keeps working until the hand-over is acknowledged"
	}
	return "The old " + old.Kind.Noun() + " keeps working until the hand-over is acknowledged and " + account.Span(r.soak()) + " have passed"
}

// wait stores when the operation is due again.
func wait(_ context.Context, r *run) (string, error) {
	due := r.act.Until
	r.op.NextAt = &due
	return "", nil
}

// ask puts the question that only a person can answer.
func ask(_ context.Context, r *run) (string, error) {
	until := "a while"
	if t := r.op.Facts.RestoreUntil; t != nil {
		until = account.Moment(*t)
	}
	r.op.State = account.OpWaitingChoice
	r.op.Choice = &account.Choice{
		Question: "The application of " + r.op.AccountName + " is only soft-deleted. It can be restored until " + until +
			": same ids, same role assignments, same credentials. Or a new application takes its place.",
		Options: []string{ChoiceRestore, ChoiceNew},
		Hint:    "A restored application keeps everything that others have set up for it; a new one has a new id.",
	}
	return "", nil
}

// finish closes the operation, drops the sign-in, and leaves a last look where the answer of a call was lost.
func finish(ctx context.Context, r *run) (string, error) {
	r.close(r.act.State)
	lost, apps := r.lostAttempts(), unsought(r.op.Facts.LostApps)
	if len(lost)+len(apps) > 0 && r.op.Kind != account.OpTidy {
		kept, err := r.e.store.SignIn(ctx, account.System(), r.op.ID)
		if err != nil {
			return "", &storeError{err}
		}
		r.put(func(tx *store.Tx) error { return r.leaveLastLook(tx, lost, apps, kept) })
	}
	if r.op.Kind != account.OpRetire && r.op.AccountID != "" {
		return "", r.nudgeRetire(ctx)
	}
	return "", nil
}

// lostAttempts are the calls whose answer was lost and that have not been looked for long enough.
func (r *run) lostAttempts() []account.Attempt {
	if r.op.Facts.AppDeleted {
		return nil
	}
	return unsought(slices.Concat(r.op.Facts.Former, r.op.Facts.Attempts))
}

// unsought are the attempts whose answer was lost and that have not been looked for until the end of the window.
func unsought(attempts []account.Attempt) []account.Attempt {
	return slices.DeleteFunc(slices.Clone(attempts), func(t account.Attempt) bool {
		return t.State != account.AttemptLost || t.LookCount >= looks
	})
}

func (r *run) leaveLastLook(tx *store.Tx, lost, apps []account.Attempt, kept store.SignInSecret) error {
	now := r.e.clock.Now()
	first := append(slices.Clone(lost), apps...)[0]
	due := first.At.Add(lookAfter(first.LookCount, r.e.window))
	window := account.Duration(r.e.window)
	tidy := &account.Operation{
		ID: newID("op"), Kind: account.OpTidy, State: account.OpRunning, AccountID: r.op.AccountID, AccountName: r.op.AccountName,
		StartedBy: r.op.StartedBy, CreatedAt: now, NextAt: &due, Params: account.Params{Cloud: r.op.Params.Cloud, TenantID: r.tenant(), Actor: r.op.Params.Actor},
		Facts: account.Facts{
			Person: r.op.Facts.Person, SignedInAt: r.op.Facts.SignedInAt, Authorised: true,
			AppID: r.op.Facts.AppID, AppObjectID: r.op.Facts.AppObjectID, Attempts: lost, LostApps: apps, Window: &window,
		},
	}
	if err := tx.PutOperation(tidy); err != nil {
		return err
	}
	return tx.PutSignIn(tidy.ID, kept)
}

// nudgeRetire lets the removals that wait for the account look again: their credential may be gone by now.
func (r *run) nudgeRetire(ctx context.Context) error {
	open, err := r.e.store.Operations(ctx, account.System(), store.OperationQuery{AccountID: r.op.AccountID, OpenOnly: true})
	if err != nil {
		return &storeError{err}
	}
	for _, other := range open {
		if other.Kind == account.OpRetire && other.NextAt != nil && (len(r.op.Facts.Retire) > 0 || r.op.Facts.AccountRemoved || firstRetiring(&other.Facts, r.a) == "") {
			other.NextAt = nil
			r.put(func(tx *store.Tx) error { return tx.PutOperation(other) })
		}
	}
	return nil
}

// close sets the end of the operation. The sign-in goes with it.
func (r *run) close(state account.OperationState) {
	now := r.e.clock.Now()
	f := &r.op.Facts
	r.op.State, r.op.ClosedAt, r.op.NextAt, r.op.Choice = state, &now, nil, nil
	r.op.Problem = nil
	if state == account.OpFailed {
		r.op.Problem = f.Failure
	}
	if r.op.SignIn != nil {
		r.op.SignIn.State = account.SignInEnded
	}
	r.skipOpen(now)
	if state == account.OpDone && r.op.Kind == account.OpCheck {
		// A check that was made is not yet good news: its end says what it found.
		verdict := account.StatusOf(r.a, now, nil)
		f.Verdict = &verdict
	}
	r.op.Summary = r.summary(state)
	r.event = "operation." + string(state)
	r.keepSession(nil)
	r.put(func(tx *store.Tx) error { return tx.DropSignIn(r.op.ID) })
	if state == account.OpFailed && r.op.Kind == account.OpAdd && r.a != nil {
		id := r.a.ID
		r.put(func(tx *store.Tx) error { return tx.DeleteAccount(id) })
	}
}

func (r *run) summary(state account.OperationState) string {
	f, name := &r.op.Facts, r.op.AccountName
	switch {
	case state == account.OpCancelled:
		return "The " + r.op.Kind.Noun() + " was cancelled; nothing was changed."
	case state == account.OpFailed && r.op.Kind == account.OpGrant && !f.RollingBack && r.op.Touched():
		return f.Failure.Message + " What was granted stays."
	case state == account.OpFailed && f.RollingBack:
		return "The " + r.op.Kind.Noun() + " failed; what it had made was removed, and the account is as it was."
	case state == account.OpFailed:
		return "The " + r.op.Kind.Noun() + " failed; nothing was changed."
	}
	switch r.op.Kind {
	case account.OpRenew:
		return name + " has a new " + r.newKind().Noun() + ", proven and in use."
	case account.OpAdd:
		return name + " was created, with its application, roles and " + r.newKind().Noun() + "."
	case account.OpRecreate:
		switch {
		case f.CurrentWorks:
			return "The application of " + name + " is back, and its credential works as before."
		case f.AppRestored || f.SPRestored || f.MadeSP && !f.MadeApp:
			return "The application of " + name + " is back, with a new " + r.newKind().Noun() + ", proven and in use."
		}
		return name + " has a new application with a new " + r.newKind().Noun() + ", proven and in use."
	case account.OpRemove:
		if f.AppDeleted {
			return name + " was removed, and its application deleted. Entra keeps deleted applications restorable for 30 days." + r.rolesLeft()
		}
		if r.op.Params.DeleteRoles {
			return name + " was removed from Evercred, and what Evercred had granted it in Azure was taken back. Its application in Microsoft Entra was left as it is." + r.rolesLeft()
		}
		return name + " was removed from Evercred. Its application in Microsoft Entra was left as it is."
	case account.OpRetire:
		if r.a == nil {
			return name + " was removed from Evercred; its old credential was left on the application."
		}
		return "The old credential of " + name + " is gone."
	case account.OpConnect:
		return name + " is connected to application " + r.op.Params.ApplicationID + " by " + f.Offered.Kind.Noun() + ", proven and checked."
	case account.OpRollback:
		return name + " is back on its former " + r.a.Current().Kind.Noun() + ", proven and in use. The one it had is kept until the hand-over is acknowledged once more."
	case account.OpGrant:
		return r.granted()
	case account.OpReconcile:
		return r.reconciled()
	case account.OpTidy:
		return "Nothing of the unanswered call is left."
	case account.OpCheck:
		return name + " was checked. " + f.Verdict.Meaning
	}
	return ""
}

// forget removes the account from the store.
func forget(_ context.Context, r *run) (string, error) {
	if r.a == nil {
		return "", fault.New(fault.NotFound, "The account is not there any more.")
	}
	id := r.a.ID
	r.op.Facts.AccountRemoved = true
	r.put(func(tx *store.Tx) error { return tx.DeleteAccount(id) })
	r.event = "account.removed"
	return "", nil
}

// newKind is the kind of what the operation has made.
func (r *run) newKind() account.Kind {
	if r.op.Params.Kind == account.Certificate {
		return account.Certificate
	}
	return account.Secret
}
