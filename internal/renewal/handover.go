package renewal

import (
	"context"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// HandOver discloses the current credential, which is audited, and acknowledges it if that is asked for.
func (e *Engine) HandOver(ctx context.Context, by account.Caller, ref string, acknowledge bool) (*HandOver, error) {
	a, err := e.store.InUse(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	if f := account.Refusal(a, account.ActHandOver, e.clock.Now()); f != nil {
		return nil, f
	}
	c := a.Current()
	var material secret.Value
	disclosing := func(with func(*store.Tx) error) error {
		material, err = e.store.Disclose(ctx, by, c.ID, "hand-over", with)
		return err
	}
	if acknowledge {
		a, err = e.acknowledge(ctx, by, a.ID, c.ID, func(what store.Event, f func(*store.Tx) error) error {
			return disclosing(func(tx *store.Tx) error {
				if err := tx.Audit(what); err != nil {
					return err
				}
				return f(tx)
			})
		})
	} else if err = disclosing(nil); err == nil {
		a, err = e.store.InUse(ctx, by, a.ID) // its credential is marked as disclosed
	}
	if err != nil {
		return nil, err
	}
	if c = a.Credential(c.ID); c == nil {
		return nil, fault.New(fault.Conflict, "The credential of %s was replaced while it was handed over.", a.Name).
			WithMeaning("What would have been handed over is not the account's any more.").WithRemedy("Hand over again.")
	}
	return &HandOver{AccountName: a.Name, ApplicationID: c.ApplicationID, TenantID: a.TenantID, Credential: *c, Fate: account.FateOf(a, c, e.clock.Now(), nil), Material: material}, nil
}

// Acknowledge records that the software that uses the account has the current credential. From then on the retiring
// ones that Evercred made only wait for the end of their soak.
func (e *Engine) Acknowledge(ctx context.Context, by account.Caller, ref string) (*account.Account, error) {
	a, err := e.acknowledge(ctx, by, ref, "", func(what store.Event, f func(*store.Tx) error) error {
		return e.store.Change(ctx, by, what, f)
	})
	if err != nil {
		return nil, err
	}
	return e.store.Account(ctx, by, a.ID)
}

// acknowledge records it of one credential, if that is still the current one, by a change of the caller's; an empty id means the
// current one.
func (e *Engine) acknowledge(ctx context.Context, by account.Caller, ref, credentialID string, change func(store.Event, func(*store.Tx) error) error) (*account.Account, error) {
	e.refreshClock(ctx)
	a, err := e.store.InUse(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	if f := account.Refusal(a, account.ActAcknowledge, e.clock.Now()); f != nil {
		return nil, f
	}
	c, now := a.Current(), e.clock.Now()
	if credentialID != "" && c.ID != credentialID {
		return nil, fault.New(fault.Conflict, "%s has a newer credential since this one was handed over.", a.Name).
			WithMeaning("Nothing was acknowledged.").WithRemedy("Hand over again.")
	}
	open, err := e.store.Operations(ctx, by, store.OperationQuery{AccountID: a.ID, OpenOnly: true})
	if err != nil {
		return nil, err
	}
	removals := e.removals(by, a, open, now)
	what := store.Event{Action: "credential.acknowledged", AccountID: a.ID, AccountName: a.Name, CredentialID: c.ID, Detail: map[string]string{"key_id": c.KeyID}}
	if err := change(what, func(tx *store.Tx) error {
		fresh, err := tx.InUse(a.ID)
		if err != nil {
			return err
		}
		cur := fresh.Current()
		if cur == nil || cur.ID != c.ID {
			return fault.New(fault.Conflict, "%s got a newer credential meanwhile.", a.Name).
				WithMeaning("Nothing was acknowledged.").WithRemedy("Hand over again.")
		}
		c = cur
		if c.AcknowledgedAt == nil {
			c.AcknowledgedAt = &now
		}
		if err := tx.PutCredential(*c); err != nil {
			return err
		}
		for _, op := range removals {
			if err := tx.PutOperation(op); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	for _, op := range removals {
		e.wake(op.ID)
	}
	return e.store.InUse(ctx, by, a.ID)
}

// removals are the operations that remove what is retiring, one for each credential that has none yet.
func (e *Engine) removals(by account.Caller, a *account.Account, open []*account.Operation, now time.Time) []*account.Operation {
	planned := map[string]bool{}
	for _, op := range open {
		if op.Kind == account.OpRetire {
			for _, id := range op.Facts.Retire {
				planned[id] = true
			}
		}
	}
	var out []*account.Operation
	for _, c := range a.Retiring() {
		if !c.Made() || planned[c.ID] {
			continue
		}
		due := now.Add(time.Duration(c.Soak))
		op := e.newOperation(by, account.OpRetire, a.Name, account.Params{})
		op.AccountID, op.NextAt = a.ID, &due
		op.Facts.Retire, op.Facts.DueAt = []string{c.ID}, &due
		out = append(out, op)
	}
	return out
}

// PFX returns a certificate credential's material as a PFX under a password.
func (e *Engine) PFX(h *HandOver, password secret.Value) ([]byte, error) {
	if h.Credential.Kind != account.Certificate {
		return nil, fault.BadField("password", "The credential is a secret; it has no file.", "Leave the password out.")
	}
	b, err := certificate.ReadPEM(h.Material)
	if err != nil {
		return nil, err
	}
	return b.PFX(password)
}

// Account reads an account and says how it stands.
func (e *Engine) Account(ctx context.Context, by account.Caller, ref string) (*account.Account, account.Standing, error) {
	a, err := e.store.Account(ctx, by, ref)
	if err != nil {
		return nil, account.Standing{}, err
	}
	open, err := e.store.Operations(ctx, by, store.OperationQuery{AccountID: a.ID, OpenOnly: true})
	if err != nil {
		return nil, account.Standing{}, err
	}
	steward, err := e.stewardOf(ctx, a)
	if err != nil {
		return nil, account.Standing{}, err
	}
	st := account.StandingOf(a, e.clock.Now(), open)
	st.Steward = steward == a.ID
	return a, st, nil
}

// Operation reads an operation.
func (e *Engine) Operation(ctx context.Context, by account.Caller, id string) (*account.Operation, error) {
	return e.store.Operation(ctx, by, id)
}

// Operations reads the operations of an account (by id or name), newest first; all where ref is empty.
// With open, those that have ended are left out.
func (e *Engine) Operations(ctx context.Context, by account.Caller, ref string, open bool, limit, offset int) ([]*account.Operation, error) {
	q := store.OperationQuery{OpenOnly: open, Limit: limit, Offset: offset}
	if ref != "" {
		a, err := e.store.Account(ctx, by, ref)
		if err != nil {
			return nil, err
		}
		q.AccountID = a.ID
	}
	return e.store.Operations(ctx, by, q)
}

// Now is Azure-facing time, for those who show when something ends.
func (e *Engine) Now() time.Time { return e.clock.Now() }
