package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/seal"
	"github.com/evercred/evercred/internal/secret"
)

// Tx is a change under way. It is good until the function it was given to returns, and for one goroutine.
type Tx struct {
	ctx     context.Context
	tx      executor
	sealer  *seal.Sealer
	by      account.Caller
	now     time.Time
	touched map[string]bool // ids of accounts that were put, or whose credentials were
	undo    []func()        // what to take back in memory when the change fails

	cache      *cache
	drafts     map[string]*draft             // of accounts that were put; nil: the account has to be read
	deleted    map[string]bool               // ids of accounts
	changed    map[string]bool               // ids of accounts of which the cache must forget what it has
	accounts   map[string]*account.Account   // those that were put, as they are in the end
	operations map[string]*account.Operation // that were put, as they were put last
	rows       map[string]operationRow       // of these
}

// Change runs f in one transaction and writes the audit row of what in it. If f fails, panics or cannot be committed,
// nothing of it is stored, and the versions of what f put are as before. Changes wait for each other: f must not call
// Change or Disclose of the same store, and should not wait for the network. An event without Action and a caller
// without Name are refused.
func (s *Store) Change(ctx context.Context, by account.Caller, what Event, f func(*Tx) error) (err error) {
	if err := admit(by); err != nil {
		return err
	}
	const doing = "changing the database"
	select { // the cache must hear of changes in the order in which they are committed
	case s.changing <- struct{}{}:
		defer func() { <-s.changing }()
	case <-ctx.Done():
		return explain(doing, ctx.Err())
	}
	own, err := begin(ctx, s.writer, toWrite)
	if err != nil {
		return explain(doing, err)
	}
	tx := &Tx{
		ctx: ctx, tx: own, sealer: s.sealer, by: by, now: s.clock.Now(), touched: map[string]bool{},
		cache: &s.cache, drafts: map[string]*draft{}, deleted: map[string]bool{}, changed: map[string]bool{},
		accounts: map[string]*account.Account{}, operations: map[string]*account.Operation{}, rows: map[string]operationRow{},
	}
	committed := false
	defer func() { // also when f panics
		maps.Copy(tx.changed, tx.touched)
		s.cache.settle(committed, tx)
		if committed {
			return
		}
		own.rollback()
		for _, v := range slices.Backward(tx.undo) {
			v()
		}
	}()
	if err := tx.Audit(what); err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.settleAccounts(); err != nil {
		return err
	}
	if err := s.commit(func() error { return own.commit(ctx) }); err != nil {
		return explain(doing, err)
	}
	committed = true
	return nil
}

// Audit writes a further audit row.
func (tx *Tx) Audit(what Event) error {
	if strings.TrimSpace(what.Action) == "" {
		return errors.New("writing the audit log: the event has no action")
	}
	detail := what.Detail
	if detail == nil {
		detail = map[string]string{}
	}
	return tx.exec("writing the audit log",
		`INSERT INTO audit (at, action, caller, via, account_id, account_name, operation_id, credential_id, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		formatTime(tx.now), what.Action, tx.by.Name, tx.by.Via, what.AccountID, what.AccountName, what.OperationID, what.CredentialID, asJSON(detail))
}

// Account returns an account by its id, as this change sees it.
func (tx *Tx) Account(id string) (*account.Account, error) {
	a, err := oneAccount(tx.ctx, tx.tx, id, false)
	return a, explain("reading an account", err)
}

// InUse returns an account by its id as operations work on it (see Store.InUse), as this change sees it.
func (tx *Tx) InUse(id string) (*account.Account, error) {
	_, a, err := tx.drafted(id)
	if err != nil {
		return nil, explain("reading an account", err)
	}
	return clone(a), nil
}

// Operation returns an operation by its id, as this change sees it.
func (tx *Tx) Operation(id string) (*account.Operation, error) {
	o, err := oneOperation(tx.ctx, tx.tx, id)
	return o, explain("reading an operation", err)
}

// PutMaterial seals and stores the secret part of a credential that was put before.
func (tx *Tx) PutMaterial(credentialID string, v secret.Value) error {
	if v.Empty() {
		return fmt.Errorf("storing the material of credential %s: it is empty", credentialID)
	}
	sealed, err := tx.sealer.Seal(v, materialPlace(credentialID))
	if err != nil {
		return err
	}
	return tx.execOne("storing a credential's material", noCredential(credentialID),
		`UPDATE credentials SET material = ? WHERE id = ?`, sealed, credentialID)
}

// DropMaterial destroys the secret part of a credential. There may be none.
func (tx *Tx) DropMaterial(credentialID string) error {
	return tx.execOne("dropping a credential's material", noCredential(credentialID),
		`UPDATE credentials SET material = NULL WHERE id = ?`, credentialID)
}

// PutSignIn seals and stores what an open operation holds of a sign-in, in place of what it held. Closing the operation
// destroys it; to a closed one it is refused (Conflict).
func (tx *Tx) PutSignIn(operationID string, v SignInSecret) error {
	var sealed [3]any // null for what is empty
	for i, part := range []struct {
		column string
		value  secret.Value
	}{{"sign_in_device", v.Device}, {"sign_in_refresh", v.Refresh}, {"sign_in_access", v.Access}} {
		if part.value.Empty() {
			continue
		}
		raw, err := tx.sealer.Seal(part.value, signInPlace(part.column, operationID))
		if err != nil {
			return err
		}
		sealed[i] = raw
	}
	o, err := tx.Operation(operationID)
	if err != nil {
		return err
	}
	if o.State.Closed() {
		return fault.New(fault.Conflict, "The operation has ended; a sign-in would serve nothing.").WithRemedy("Start a new operation.")
	}
	return tx.execOne("storing a sign-in", noOperation(operationID),
		`UPDATE operations SET sign_in_device = ?, sign_in_refresh = ?, sign_in_access = ? WHERE id = ?`, sealed[0], sealed[1], sealed[2], operationID)
}

// DropSignIn destroys what an operation holds of a sign-in. There may be none.
func (tx *Tx) DropSignIn(operationID string) error {
	return tx.execOne("dropping a sign-in", noOperation(operationID),
		`UPDATE operations SET sign_in_device = NULL, sign_in_refresh = NULL, sign_in_access = NULL WHERE id = ?`, operationID)
}

// settleAccounts brings what follows from the accounts that were put in line with them.
func (tx *Tx) settleAccounts() error {
	for id := range tx.touched {
		if tx.deleted[id] {
			continue // its rows went with it
		}
		before, after, err := tx.drafted(id)
		if err != nil {
			return explain("reading an account", err)
		}
		if err := oneCurrent(after); err != nil {
			return err
		}
		if err := tx.refreshList(before, after); err != nil {
			return explain("storing the row of an account in lists", err)
		}
		if err := tx.noteEdit(before, after); err != nil {
			return explain("noting what was edited", err)
		}
		tx.accounts[id] = after
	}
	return nil
}

// oneCurrent holds that an account has at most one credential in use: two would leave it to chance which one is renewed.
func oneCurrent(a *account.Account) error {
	n := 0
	for i := range a.Credentials {
		if a.Credentials[i].Slot == account.Current {
			n++
		}
	}
	if n > 1 {
		return fmt.Errorf("changing account %s: it would have %d current credentials", a.ID, n)
	}
	return nil
}

func (tx *Tx) exec(doing, query string, args ...any) error {
	_, err := tx.tx.ExecContext(tx.ctx, query, args...)
	return explain(doing, err)
}

// execOne is exec for a statement that must meet one row; missing is the error where there is none.
func (tx *Tx) execOne(doing string, missing error, query string, args ...any) error {
	res, err := tx.tx.ExecContext(tx.ctx, query, args...)
	if err != nil {
		return explain(doing, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return explain(doing, err)
	}
	if n == 0 {
		return missing
	}
	return nil
}
