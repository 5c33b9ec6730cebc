package store

import (
	"database/sql"
	"errors"
	"slices"

	"github.com/evercred/evercred/internal/account"
)

// draft is an account as a change leaves it: what is stored of it, with what the change has put so far. It saves reading the
// account back in each change.
type draft struct {
	before *account.Account // as it is stored, as the cache has it; nil for a new one
	after  *account.Account
}

// draft returns the draft of an account, or nil where what is stored of it is not at hand: then it is read in the end.
func (tx *Tx) draft(id string) *draft {
	if d, ok := tx.drafts[id]; ok {
		return d
	}
	var d *draft
	if before := tx.cache.account(id); before != nil {
		d = &draft{before: before, after: clone(before)}
	}
	tx.drafts[id] = d
	return d
}

// draftAccount takes over an account's own fields.
func (tx *Tx) draftAccount(a *account.Account, isNew bool) {
	if isNew {
		tx.drafts[a.ID] = &draft{after: &account.Account{}}
	}
	d := tx.draft(a.ID)
	if d == nil {
		return
	}
	own := *a
	own.Credentials = nil
	credentials := d.after.Credentials
	d.after = clone(&own)
	d.after.Credentials = credentials
}

// storedCredential returns a credential as the change has left it so far; nil where that is not at hand.
func (tx *Tx) storedCredential(accountID, id string) *account.Credential {
	d := tx.draft(accountID)
	if d == nil || tx.deleted[accountID] {
		return nil
	}
	if c := d.after.Credential(id); c != nil {
		before := *c
		return &before
	}
	return nil
}

// draftCredential takes over a credential, as the statement of PutCredential is about to do.
func (tx *Tx) draftCredential(c account.Credential) error {
	d := tx.draft(c.AccountID)
	if d == nil {
		return nil
	}
	c = *clone(&c)
	list := d.after.Credentials
	i := slices.IndexFunc(list, func(have account.Credential) bool { return have.ID == c.ID })
	stored := false // though the draft does not have it: it was removed long ago
	if i < 0 {
		var err error
		if stored, err = tx.hasCredential(c.ID); err != nil {
			return err
		}
	}
	switch {
	case i >= 0 && list[i].AddedAt.Equal(c.AddedAt):
		if c.DisclosedAt == nil {
			c.DisclosedAt = list[i].DisclosedAt
		}
		if c.AcknowledgedAt == nil {
			c.AcknowledgedAt = list[i].AcknowledgedAt
		}
		list[i] = c
	case i >= 0 || stored:
		tx.drafts[c.AccountID] = nil // its place among the others is not known
	default:
		at := slices.IndexFunc(list, func(have account.Credential) bool { return !have.AddedAt.After(c.AddedAt) })
		if at < 0 {
			at = len(list)
		}
		d.after.Credentials = slices.Insert(list, at, c)
	}
	return nil
}

func (tx *Tx) hasCredential(id string) (bool, error) {
	var one int
	err := tx.tx.QueryRowContext(tx.ctx, `SELECT 1 FROM credentials WHERE id = ?`, id).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, explain("looking for a credential", err)
}

// drafted returns an account as the change leaves it, and as it was stored before where that is at hand.
func (tx *Tx) drafted(id string) (before, after *account.Account, err error) {
	since := tx.now.Add(-removedFor)
	if d := tx.draft(id); d != nil && !tx.deleted[id] {
		d.after.Credentials = slices.DeleteFunc(d.after.Credentials, func(c account.Credential) bool {
			return c.Slot == account.Removed && (c.RemovedAt == nil || c.RemovedAt.Before(since))
		})
		if len(d.after.Credentials) == 0 {
			d.after.Credentials = nil // as a reader has it
		}
		return d.before, d.after, nil
	}
	after, err = accountWith(tx.ctx, tx.tx, id, false, formatTime(since))
	return nil, after, err
}

// discloses notes that a credential was given away.
func (tx *Tx) discloses(accountID, credentialID string) {
	tx.changed[accountID] = true
	d := tx.draft(accountID)
	if d == nil {
		return // the cache has nothing of it
	}
	for i := range d.after.Credentials {
		if c := &d.after.Credentials[i]; c.ID == credentialID {
			at := tx.now.UTC().Round(0)
			c.DisclosedAt = &at
			tx.accounts[accountID] = d.after
		}
	}
}
