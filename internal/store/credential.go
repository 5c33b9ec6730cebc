package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/seal"
	"github.com/evercred/evercred/internal/secret"
)

const credentialColumns = `id, account_id, application_id, application_object_id, kind, slot, key_id, tag, hint, thumbprint, subject,
	starts_at, expires_at, end_reason, added_at, proven_at, disclosed_at, acknowledged_at, retired_at, soak, removed_at, note, origin`

const newestCredentialFirst = `ORDER BY added_at DESC, seq DESC`

func materialPlace(id string) seal.Place {
	return seal.Place{Table: "credentials", Column: "material", RowID: id}
}

// PutCredential inserts a credential, or updates the one with its id; its material stays as it is. A stored disclosure
// and an acknowledgement are never forgotten: where c has no time of them, the stored one stays. It cannot move to another account,
// and one that was removed stays so (Conflict): whoever puts it in another slot has read it before.
// When the change is committed, an account may have one current credential at most.
func (tx *Tx) PutCredential(c account.Credential) error {
	if c.ID == "" || c.AccountID == "" {
		return errors.New("storing a credential: it needs an id and an account")
	}
	tx.touched[c.AccountID] = true
	if c.AddedAt.IsZero() {
		c.AddedAt = tx.now
	}
	before := tx.storedCredential(c.AccountID, c.ID)
	if err := tx.draftCredential(c); err != nil {
		return err
	}
	err := tx.writeCredential(before, &c)
	switch {
	case violates(err, sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY):
		return noAccount(c.AccountID)
	case errors.Is(err, sql.ErrNoRows):
		return tx.notTaken(c)
	}
	return err
}

// writeCredential inserts a credential or updates it: where what is stored of it is at hand, only what has changed.
func (tx *Tx) writeCredential(before, c *account.Credential) error {
	const doing = "storing a credential"
	if before == nil {
		return tx.execOne(doing, sql.ErrNoRows, `INSERT INTO credentials (id, account_id, `+strings.Join(credentialFields(), ", ")+`)
				VALUES (?, ?`+strings.Repeat(", ?", len(credentialFields()))+`)
			ON CONFLICT (id) DO UPDATE SET application_id = excluded.application_id, application_object_id = excluded.application_object_id,
				kind = excluded.kind, slot = excluded.slot, key_id = excluded.key_id, tag = excluded.tag, hint = excluded.hint,
				thumbprint = excluded.thumbprint, subject = excluded.subject, starts_at = excluded.starts_at, expires_at = excluded.expires_at,
				end_reason = excluded.end_reason, added_at = excluded.added_at, proven_at = excluded.proven_at,
				disclosed_at = coalesce(excluded.disclosed_at, credentials.disclosed_at), acknowledged_at = coalesce(excluded.acknowledged_at, credentials.acknowledged_at),
				retired_at = excluded.retired_at, soak = excluded.soak, removed_at = excluded.removed_at, note = excluded.note,
				origin = excluded.origin
			WHERE credentials.account_id = excluded.account_id AND (credentials.slot <> 'removed' OR excluded.slot = 'removed')`,
			append([]any{c.ID, c.AccountID}, credentialValues(c)...)...)
	}
	after := *c
	if after.DisclosedAt == nil {
		after.DisclosedAt = before.DisclosedAt
	}
	if after.AcknowledgedAt == nil {
		after.AcknowledgedAt = before.AcknowledgedAt
	}
	set, args := changedColumns(credentialFields(), credentialValues(before), credentialValues(&after))
	if set == "" {
		set = "note = note" // whether it may be changed at all is asked all the same
	}
	return tx.execOne(doing, sql.ErrNoRows, `UPDATE credentials SET `+set+` WHERE id = ? AND account_id = ? AND (slot <> 'removed' OR ? = 'removed')`,
		append(args, c.ID, c.AccountID, string(c.Slot))...)
}

// credentialFields are the columns that PutCredential writes.
func credentialFields() []string {
	return []string{
		"application_id", "application_object_id", "kind", "slot", "key_id", "tag", "hint", "thumbprint", "subject",
		"starts_at", "expires_at", "end_reason", "added_at", "proven_at",
		"disclosed_at", "acknowledged_at", "retired_at", "soak", "removed_at", "note", "origin",
	}
}

// credentialValues are those of credentialFields.
func credentialValues(c *account.Credential) []any {
	return []any{
		c.ApplicationID, c.ApplicationObjectID, string(c.Kind), string(c.Slot), c.KeyID, c.Tag, c.Hint, c.Thumbprint, c.Subject,
		formatTimePtr(c.StartsAt), formatTimePtr(c.ExpiresAt), c.EndReason, formatTime(c.AddedAt), formatTimePtr(c.ProvenAt),
		formatTimePtr(c.DisclosedAt), formatTimePtr(c.AcknowledgedAt), formatTimePtr(c.RetiredAt), int64(c.Soak), formatTimePtr(c.RemovedAt), c.Note, string(c.Origin),
	}
}

// notTaken says why a stored credential was not updated.
func (tx *Tx) notTaken(c account.Credential) error {
	var owner string
	if err := tx.tx.QueryRowContext(tx.ctx, `SELECT account_id FROM credentials WHERE id = ?`, c.ID).Scan(&owner); err != nil {
		return explain("storing a credential", err)
	}
	if owner != c.AccountID {
		return errors.New("storing a credential: it belongs to another account")
	}
	return changedMeanwhile("credential")
}

func scanCredential(row scanner) (account.Credential, error) {
	var c account.Credential
	err := row.Scan(&c.ID, &c.AccountID, &c.ApplicationID, &c.ApplicationObjectID, &c.Kind, &c.Slot, &c.KeyID, &c.Tag, &c.Hint,
		&c.Thumbprint, &c.Subject, timeColumn{ptr: &c.StartsAt}, timeColumn{ptr: &c.ExpiresAt}, &c.EndReason,
		timeColumn{value: &c.AddedAt}, timeColumn{ptr: &c.ProvenAt}, timeColumn{ptr: &c.DisclosedAt}, timeColumn{ptr: &c.AcknowledgedAt},
		timeColumn{ptr: &c.RetiredAt}, &c.Soak, timeColumn{ptr: &c.RemovedAt}, &c.Note, &c.Origin)
	return c, err
}

// material opens the secret part of a credential.
func material(ctx context.Context, q querier, sealer *seal.Sealer, id string) (secret.Value, error) {
	var sealed []byte
	err := q.QueryRowContext(ctx, `SELECT material FROM credentials WHERE id = ?`, id).Scan(&sealed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return secret.Value{}, noCredential(id)
	case err != nil:
		return secret.Value{}, err
	case sealed == nil:
		return secret.Value{}, fault.New(fault.NotFound, "The secret part of credential %q is not stored any more.", id).
			WithMeaning("It was destroyed when the credential was removed, or it was never given.").
			WithRemedy("Use the account's current credential.")
	}
	return sealer.Open(sealed, materialPlace(id))
}
