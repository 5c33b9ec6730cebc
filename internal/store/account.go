package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
)

const accountColumns = `id, name, description, cloud, tenant_id, origin, application_id, application_object_id,
	service_principal_id, subscriptions, role_set, policy, last_check, created_at, updated_at, version,
	profile, purposes, management_group, used_by, made`

// nameKey is the form in which names are compared. CheckName allows ASCII only, so this is all there is to case.
func nameKey(name string) string { return strings.ToLower(name) }

// PutAccount stores an account's own fields; its credentials are put one by one. Version 0 inserts, any other updates
// if it is still the stored one. Afterwards Version and UpdatedAt (and CreatedAt, if it was zero) are set.
// Faults: a name that is not allowed (Invalid) or taken in any case (Conflict, field "name"); a version that is not the
// stored one (Conflict); an account that is gone (NotFound).
func (tx *Tx) PutAccount(a *account.Account) error {
	if a.ID == "" {
		return errors.New("storing an account: it has no id")
	}
	if err := account.CheckName(a.Name); err != nil {
		return err
	}
	if err := account.CheckDescription(a.Description); err != nil {
		return err
	}
	tx.touched[a.ID] = true
	before := *a
	tx.undo = append(tx.undo, func() { a.Version, a.CreatedAt, a.UpdatedAt = before.Version, before.CreatedAt, before.UpdatedAt })
	if a.CreatedAt.IsZero() {
		a.CreatedAt = tx.now
	}
	a.UpdatedAt, a.Version = tx.now, a.Version+1
	if before.Version == 0 {
		fields := accountFields()
		_, err := tx.tx.ExecContext(tx.ctx, `INSERT INTO accounts (`+strings.Join(fields, ", ")+`, id) VALUES (`+strings.Repeat("?, ", len(fields))+`?)`,
			append(accountValues(a), a.ID)...)
		if err != nil {
			return tx.notStored(a, err)
		}
		tx.draftAccount(a, true)
		return nil
	}
	set, args := changedColumns(accountFields(), tx.storedAccount(a.ID, before.Version), accountValues(a))
	err := tx.execOne("storing an account", sql.ErrNoRows, `UPDATE accounts SET `+set+` WHERE id = ? AND version = ?`, append(args, a.ID, before.Version)...)
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := tx.Account(a.ID); err != nil {
			return err // it is gone
		}
		return changedMeanwhile("account \"" + a.Name + "\"")
	}
	if err != nil {
		return tx.notStored(a, err)
	}
	tx.draftAccount(a, false)
	return nil
}

// storedAccount is the row of an account as the version has left it; nil where that is not at hand.
func (tx *Tx) storedAccount(id string, version int64) []any {
	d := tx.draft(id)
	if d == nil || tx.deleted[id] || d.after.Version != version {
		return nil
	}
	return accountValues(d.after)
}

// accountFields are the columns that PutAccount writes.
func accountFields() []string {
	return []string{
		"name", "name_key", "description", "cloud", "tenant_id", "origin", "application_id",
		"application_object_id", "service_principal_id", "subscriptions", "role_set", "policy", "last_check",
		"created_at", "updated_at", "version", "profile", "purposes", "management_group", "used_by", "made",
	}
}

// accountValues are those of accountFields.
func accountValues(a *account.Account) []any {
	return []any{
		a.Name, nameKey(a.Name), a.Description, a.Cloud, a.TenantID, string(a.Origin), a.ApplicationID,
		a.ApplicationObjectID, a.ServicePrincipalID, asJSON(a.Subscriptions), asJSON(a.RoleSet), asJSON(a.Policy), asJSON(a.Check),
		formatTime(a.CreatedAt), formatTime(a.UpdatedAt), a.Version, a.Profile, asJSON(a.Purposes), a.ManagementGroup, asJSON(a.UsedBy), asJSON(a.Made),
	}
}

// notStored says why the database did not take an account: another one has its name, or a new one its id.
func (tx *Tx) notStored(a *account.Account, err error) error {
	if !violates(err, sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY) {
		return explain("storing an account", err)
	}
	var other string
	if tx.tx.QueryRowContext(tx.ctx, `SELECT name FROM accounts WHERE name_key = ? AND id <> ?`, nameKey(a.Name), a.ID).Scan(&other) == nil {
		return &fault.Error{
			Code: fault.Conflict, Field: "name", Message: `There is an account "` + other + `" already.`,
			Remedy: "Choose another name; capital and small letters count as the same.",
		}
	}
	if tx.tx.QueryRowContext(tx.ctx, `SELECT name FROM accounts WHERE id = ?`, a.ID).Scan(&other) == nil {
		return changedMeanwhile("account \"" + other + "\"")
	}
	return explain("storing an account", err)
}

// DeleteAccount deletes an account with its credentials and their material. Its operations and audit rows stay.
func (tx *Tx) DeleteAccount(id string) error {
	tx.changed[id], tx.deleted[id] = true, true
	return tx.execOne("deleting an account", noAccount(id), `DELETE FROM accounts WHERE id = ?`, id)
}

// oneAccount reads an account with its credentials by its id or, where names count, by its name. An id goes first:
// a name may look like another account's id.
func oneAccount(ctx context.Context, q querier, ref string, names bool) (*account.Account, error) {
	return accountWith(ctx, q, ref, names, "")
}

// accountWith is oneAccount without the credentials that were removed before a time, as formatTime writes it.
func accountWith(ctx context.Context, q querier, ref string, names bool, removedSince string) (*account.Account, error) {
	key := ref
	if names {
		key = nameKey(ref)
	}
	row := q.QueryRowContext(ctx, `SELECT `+accountColumns+` FROM accounts WHERE id = ? OR (? AND name_key = ?) ORDER BY id = ? DESC LIMIT 1`,
		ref, names, key, ref)
	a, err := scanAccount(row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, noAccount(ref)
	}
	if err != nil {
		return nil, err
	}
	which, args := `account_id = ? `, []any{a.ID}
	if removedSince != "" { // as the index credentials_in_use has them
		which = `account_id = ? AND slot IN ('next', 'current', 'retiring', 'lost') OR account_id = ? AND slot = 'removed' AND removed_at >= ? `
		args = []any{a.ID, a.ID, removedSince}
	}
	rows, err := q.QueryContext(ctx, `SELECT `+credentialColumns+` FROM credentials WHERE `+which+newestCredentialFirst, args...)
	if err != nil {
		return nil, err
	}
	return a, eachRow(rows, func() error {
		c, err := scanCredential(rows)
		a.Credentials = append(a.Credentials, c)
		return err
	})
}

func allAccounts(ctx context.Context, q querier) ([]*account.Account, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+accountColumns+` FROM accounts ORDER BY name_key`)
	if err != nil {
		return nil, err
	}
	var out []*account.Account
	byID := map[string]*account.Account{}
	err = eachRow(rows, func() error {
		a, err := scanAccount(rows)
		if err == nil {
			out, byID[a.ID] = append(out, a), a
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	rows, err = q.QueryContext(ctx, `SELECT `+credentialColumns+` FROM credentials `+newestCredentialFirst)
	if err != nil {
		return nil, err
	}
	err = eachRow(rows, func() error {
		c, err := scanCredential(rows)
		if err == nil { // each has its account: foreign keys, one snapshot
			a := byID[c.AccountID]
			a.Credentials = append(a.Credentials, c)
		}
		return err
	})
	return out, err
}

// scanner is a row or rows.
type scanner interface{ Scan(dest ...any) error }

func scanAccount(row scanner) (*account.Account, error) {
	var a account.Account
	err := row.Scan(&a.ID, &a.Name, &a.Description, &a.Cloud, &a.TenantID, &a.Origin, &a.ApplicationID, &a.ApplicationObjectID,
		&a.ServicePrincipalID, jsonColumn{&a.Subscriptions}, jsonColumn{&a.RoleSet}, jsonColumn{&a.Policy}, jsonColumn{&a.Check},
		timeColumn{value: &a.CreatedAt}, timeColumn{value: &a.UpdatedAt}, &a.Version,
		&a.Profile, jsonColumn{&a.Purposes}, &a.ManagementGroup, jsonColumn{&a.UsedBy}, jsonColumn{&a.Made})
	if err != nil {
		return nil, err
	}
	return &a, nil
}

// eachRow calls f for each row and closes them.
func eachRow(rows *sql.Rows, f func() error) error {
	for rows.Next() {
		if err := f(); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}
