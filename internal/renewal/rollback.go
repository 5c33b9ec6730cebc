package renewal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/store"
)

// Rollback starts the return to the credential that was in use before. No sign-in: nothing is written at Microsoft.
func (e *Engine) Rollback(ctx context.Context, by account.Caller, ref string) (*account.Operation, error) {
	e.refreshClock(ctx)
	a, err := e.store.Account(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	if f := account.Refusal(a, account.ActRollback, e.clock.Now()); f != nil {
		return nil, f
	}
	return e.startOn(ctx, by, a, account.OpRollback, account.Params{CredentialID: a.Former().ID})
}

// former returns the credential a rollback goes back to, if that can still be gone back to.
func (r *run) former() (*account.Credential, error) {
	c := r.a.Credential(r.op.Params.CredentialID)
	if c == nil || c.Slot != account.Retiring && c.Slot != account.Lost {
		return nil, fault.New(fault.Conflict, "The former credential of %s was removed meanwhile.", r.op.AccountName).
			WithMeaning("Nothing was changed.").WithRemedy("See `evercred account show %s`.", r.op.AccountName)
	}
	return c, nil
}

// proveFormer makes sure that the credential to go back to still authenticates. It has been there for long, so it is not
// waited for as a new one is.
func proveFormer(ctx context.Context, r *run) (string, error) {
	c, err := r.former()
	if err != nil {
		return "", err
	}
	cred, err := r.e.material(ctx, *c)
	if fault.Is(err, fault.NotFound) {
		return "", err
	}
	if err != nil {
		return "", &storeError{err}
	}
	for range r.e.proofs {
		if _, err := r.conn.entra.AppToken(ctx, r.tenant(), c.ApplicationID, cred, r.conn.cloud.ManagementScope); err != nil {
			return "", r.notFormer(c, err)
		}
	}
	now := r.e.clock.Now()
	c.ProvenAt, r.op.Facts.Proven = &now, true
	kept := *c
	r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
	r.event, r.detail["key_id"] = "credential.proven", c.KeyID
	return fmt.Sprintf("%d good answers in a row", r.e.proofs), nil
}

// formerPatience is how long a refusal of a former credential is asked again: one of Microsoft's servers may lag.
const formerPatience = 5 * time.Second

// notFormer says why an account cannot go back.
func (r *run) notFormer(c *account.Credential, err error) error {
	if azure.Transient(err) {
		return err
	}
	if s := r.openStep(); entra.Unreplicated(err) && s != nil && r.e.clock.Now().Sub(s.StartedAt) < formerPatience {
		return retryIn(time.Second, "Microsoft refused it; asking again")
	}
	if code, ok := entraCode(err); ok && code == 700016 && c.ApplicationID != r.a.ApplicationID {
		return fault.New(fault.Refused, "The former application of %s, %s, is not in the tenant.", r.a.Name, c.ApplicationID).
			WithMeaning("A credential cannot be gone back to without its application. Nothing was changed.").
			WithRemedy("If it was deleted less than 30 days ago, restore it in Microsoft Entra (Deleted applications), then roll back again.").WithCause(err)
	}
	why := explain(err)
	return fault.New(fault.Credential, "The former %s of %s does not authenticate, so it is not gone back to.", c.Kind.Noun(), r.a.Name).
		WithMeaning("%s Nothing was changed.", why.Message).
		WithRemedy("For a new one run `evercred account renew %s`.", r.a.Name).WithCause(err)
}

// switchBack makes the former credential the current one again and the current one retiring, and calls off the removal of
// the former: all in one transaction. No removal takes a turn meanwhile (see operationAlone).
func switchBack(ctx context.Context, r *run) (string, error) {
	c, err := r.former()
	if err != nil {
		return "", err
	}
	if _, err := r.e.material(ctx, *c); err != nil {
		return "", err
	}
	if err := r.callOffRemovals(ctx, c.ID); err != nil {
		return "", err
	}
	r.swapBack(c)
	r.op.Facts.Switched, r.op.Facts.CredentialID = true, c.ID
	r.event, r.detail["key_id"] = "credential.rolled_back", c.KeyID
	return "", nil
}

// swapBack sets the slots, and the application where the former credential belongs to another one.
func (r *run) swapBack(c *account.Credential) {
	a, now := r.a, r.e.clock.Now()
	if old := a.Current(); old != nil {
		old.Slot, old.RetiredAt, old.Soak, old.Origin = account.Retiring, &now, account.Duration(r.soak()), a.Origin
		if !old.Made() {
			old.Note = "Evercred did not make it, so it stays on its application until somebody removes it or it ends."
		}
		kept := *old
		r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
	}
	if c.ApplicationID != a.ApplicationID {
		a.ApplicationID, a.ApplicationObjectID, a.ServicePrincipalID, a.Check = c.ApplicationID, c.ApplicationObjectID, "", nil
		a.Origin = account.Existing // what is not known to be ours is left alone
		if c.Origin != "" {
			a.Origin = c.Origin
		}
	}
	c.Slot, c.RetiredAt, c.RemovedAt, c.Origin, c.Note = account.Current, nil, nil, "", ""
	kept := *c
	r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
	r.put(func(tx *store.Tx) error { return tx.PutAccount(a) })
}

// callOffRemovals takes a credential off the removals that are open on the account.
func (r *run) callOffRemovals(ctx context.Context, credentialID string) error {
	open, err := r.e.store.Operations(ctx, account.System(), store.OperationQuery{AccountID: r.op.AccountID, OpenOnly: true})
	if err != nil {
		return &storeError{err}
	}
	before := len(r.puts)
	for _, op := range open {
		if op.Kind != account.OpRetire {
			continue
		}
		if err := r.callOff(op, credentialID); err != nil {
			r.puts = r.puts[:before] // what was to be called off goes on
			return err
		}
	}
	return nil
}

// goneBackTo reports whether an operation is open on the account that may take a retiring credential into use again. What is
// being proven must not be removed meanwhile.
func (r *run) goneBackTo(ctx context.Context) (bool, error) {
	open, err := r.e.store.Operations(ctx, account.System(), store.OperationQuery{AccountID: r.op.AccountID, OpenOnly: true})
	if err != nil {
		return false, &storeError{err}
	}
	return slices.ContainsFunc(open, func(op *account.Operation) bool {
		return op.Kind == account.OpRollback || op.Kind == account.OpConnect
	}), nil
}

// callOff takes a credential off a removal, and closes a removal that has nothing left to do. One whose answer was lost
// may have been done: then nobody can go back.
func (r *run) callOff(removal *account.Operation, credentialID string) error {
	f := &removal.Facts
	if !slices.Contains(f.Retire, credentialID) {
		return nil
	}
	if n := len(removal.Steps); n > 0 && removal.Steps[n-1].Name == string(DoRemoveOld) && removal.Steps[n-1].EndedAt == nil {
		return fault.New(fault.Conflict, "The former credential of %s is being removed.", r.op.AccountName).
			WithMeaning("Microsoft has been asked to remove it, or is about to be. Nothing was changed.").
			WithRemedy("For a new one run `evercred account renew %s`.", r.op.AccountName)
	}
	f.Retire = slices.DeleteFunc(f.Retire, func(id string) bool { return id == credentialID })
	if len(f.Retire) == 0 {
		now := r.e.clock.Now()
		removal.State, removal.ClosedAt, removal.NextAt, removal.Problem = account.OpCancelled, &now, nil, nil
		removal.Summary = "It was called off: " + r.op.AccountName + " went back to the credential."
		what := store.Event{Action: "operation.cancelled", AccountID: removal.AccountID, AccountName: removal.AccountName, OperationID: removal.ID, Detail: map[string]string{"kind": string(removal.Kind)}}
		r.put(func(tx *store.Tx) error { return tx.Audit(what) })
	}
	r.put(func(tx *store.Tx) error { return tx.PutOperation(removal) })
	return nil
}
