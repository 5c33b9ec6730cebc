package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/seal"
	"github.com/evercred/evercred/internal/secret"
)

const operationColumns = `id, kind, state, account_id, account_name, params, facts, steps, sign_in, choice, problem, summary,
	started_by, created_at, updated_at, closed_at, next_at, version`

func signInPlace(column, id string) seal.Place {
	return seal.Place{Table: "operations", Column: column, RowID: id}
}

// PutOperation stores a journal. Version 0 inserts, any other updates if it is still the stored one (else a fault of
// code Conflict). Afterwards Version and UpdatedAt are set, and where they were empty CreatedAt, StartedBy and, in a closed
// state, ClosedAt. Storing a closed state destroys what the operation holds of a sign-in in the same statement.
// The journal holds no secrets; that is the caller's duty.
func (tx *Tx) PutOperation(o *account.Operation) error {
	if o.ID == "" {
		return errors.New("storing an operation: it has no id")
	}
	before := *o
	tx.undo = append(tx.undo, func() {
		o.Version, o.CreatedAt, o.UpdatedAt = before.Version, before.CreatedAt, before.UpdatedAt
		o.StartedBy, o.ClosedAt = before.StartedBy, before.ClosedAt
	})
	if o.CreatedAt.IsZero() {
		o.CreatedAt = tx.now
	}
	if o.StartedBy == "" {
		o.StartedBy = tx.by.Name
	}
	o.UpdatedAt, o.Version = tx.now, o.Version+1
	if o.State.Closed() && o.ClosedAt == nil {
		closed := tx.now
		o.ClosedAt = &closed
	}
	tx.operations[o.ID] = clone(o)
	values := valuesOf(o)
	if err := tx.writeOperation(o, before.Version, values); err != nil {
		return err
	}
	tx.rows[o.ID] = operationRow{o.Version, values}
	return nil
}

func (tx *Tx) writeOperation(o *account.Operation, version int64, values []any) error {
	if version == 0 {
		var id string
		if err := tx.tx.QueryRowContext(tx.ctx, `SELECT id FROM operations WHERE id = ?`, o.ID).Scan(&id); err == nil {
			return changedMeanwhile("operation")
		}
		if err := tx.noteMade("operation/" + o.ID); err != nil {
			return err
		}
		return tx.exec("storing an operation", `INSERT INTO operations (`+strings.Join(operationFields(), ", ")+`, id)
			VALUES (`+strings.Repeat("?, ", len(values))+`?)`, append(slices.Clone(values), o.ID)...)
	}
	set, args := changedColumns(operationFields(), tx.storedRow(o.ID, version), values)
	if o.State.Closed() {
		set += ", sign_in_device = NULL, sign_in_refresh = NULL, sign_in_access = NULL, offered = NULL"
	}
	err := tx.execOne("storing an operation", sql.ErrNoRows, `UPDATE operations SET `+set+` WHERE id = ? AND version = ?`, append(args, o.ID, version)...)
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := tx.Operation(o.ID); err != nil {
			return err // there is none
		}
		return changedMeanwhile("operation")
	}
	return err
}

// operationFields are the columns that PutOperation writes.
func operationFields() []string {
	return []string{
		"kind", "state", "open", "account_id", "account_name", "application_object_id", "params", "facts", "steps",
		"sign_in", "choice", "problem", "summary", "started_by", "created_at", "updated_at", "closed_at", "next_at", "version",
	}
}

// valuesOf are those of operationFields.
func valuesOf(o *account.Operation) []any {
	return []any{
		string(o.Kind), string(o.State), !o.State.Closed(), o.AccountID, o.AccountName, o.Facts.AppObjectID, asJSON(o.Params), asJSON(o.Facts), asJSON(o.Steps),
		asJSON(o.SignIn), asJSON(o.Choice), asJSON(o.Problem), o.Summary, o.StartedBy, formatTime(o.CreatedAt), formatTime(o.UpdatedAt),
		formatTimePtr(o.ClosedAt), formatTimePtr(o.NextAt), o.Version,
	}
}

func oneOperation(ctx context.Context, q querier, id string) (*account.Operation, error) {
	o, err := scanOperation(q.QueryRowContext(ctx, `SELECT `+operationColumns+` FROM operations WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, noOperation(id)
	}
	return o, err
}

func someOperations(ctx context.Context, q querier, want OperationQuery) ([]*account.Operation, error) {
	query, args := `SELECT `+operationColumns+` FROM operations WHERE 1`, []any{}
	if want.AccountID != "" {
		query, args = query+` AND account_id = ?`, append(args, want.AccountID)
	}
	if want.OpenOnly {
		query += ` AND open = 1`
	}
	query += ` ORDER BY created_at DESC, seq DESC`
	if want.Limit > 0 {
		query, args = query+` LIMIT ? OFFSET ?`, append(args, want.Limit, want.Offset)
	}
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var out []*account.Operation
	err = eachRow(rows, func() error {
		o, err := scanOperation(rows)
		out = append(out, o)
		return err
	})
	return out, err
}

func scanOperation(row scanner) (*account.Operation, error) {
	var o account.Operation
	err := row.Scan(&o.ID, &o.Kind, &o.State, &o.AccountID, &o.AccountName, jsonColumn{&o.Params}, jsonColumn{&o.Facts}, jsonColumn{&o.Steps},
		jsonColumn{&o.SignIn}, jsonColumn{&o.Choice}, jsonColumn{&o.Problem}, &o.Summary, &o.StartedBy, timeColumn{value: &o.CreatedAt},
		timeColumn{value: &o.UpdatedAt}, timeColumn{ptr: &o.ClosedAt}, timeColumn{ptr: &o.NextAt}, &o.Version)
	if err != nil {
		return nil, err
	}
	return &o, nil
}

// signIn opens what an operation holds of a sign-in.
func signIn(ctx context.Context, q querier, sealer *seal.Sealer, id string) (SignInSecret, error) {
	var device, refresh, access []byte
	err := q.QueryRowContext(ctx, `SELECT sign_in_device, sign_in_refresh, sign_in_access FROM operations WHERE id = ?`, id).
		Scan(&device, &refresh, &access)
	if errors.Is(err, sql.ErrNoRows) {
		return SignInSecret{}, noOperation(id)
	}
	if err != nil {
		return SignInSecret{}, err
	}
	var out SignInSecret
	for _, part := range []struct {
		column string
		sealed []byte
		into   *secret.Value
	}{{"sign_in_device", device, &out.Device}, {"sign_in_refresh", refresh, &out.Refresh}, {"sign_in_access", access, &out.Access}} {
		if part.sealed == nil {
			continue
		}
		if *part.into, err = sealer.Open(part.sealed, signInPlace(part.column, id)); err != nil {
			return SignInSecret{}, err
		}
	}
	return out, nil
}
