package store

import (
	"context"
	"time"

	"github.com/evercred/evercred/internal/account"
)

// Event is what an audit row says of a change. Action is required, in the form noun.verb ("credential.added").
// Detail is for people and filters; it must never hold a secret, and nothing here can tell: that is the caller's duty.
type Event struct {
	Action       string
	AccountID    string
	AccountName  string // kept beside the id, for the account may be gone when the row is read
	OperationID  string
	CredentialID string
	Detail       map[string]string
}

// AuditRow is one line of the audit log: who did what, when. Rows are only ever added.
type AuditRow struct {
	ID     int64 // grows with each row
	At     time.Time
	Caller account.Caller
	Event
}

// AuditQuery selects audit rows. The zero query selects all.
type AuditQuery struct {
	AccountID string // only this account's
	Limit     int    // at most so many; 0 for all
}

// Audit returns the selected rows, newest first.
func (s *Store) Audit(ctx context.Context, by account.Caller, want AuditQuery) ([]AuditRow, error) {
	return read(ctx, s, by, "reading the audit log", func(q querier) ([]AuditRow, error) {
		where, args := ``, []any{}
		if want.AccountID != "" {
			where, args = ` WHERE account_id = ?`, append(args, want.AccountID)
		}
		return auditRows(ctx, q, where, args, want.Limit)
	})
}

// AccountAudit returns what the audit log has of an account, newest first: at most limit rows with ids below before, or from
// the newest on where that is 0. It leaves out the single steps of operations, the frame of those that only look, and previews.
// What was written before an account that is being added had its id is found by its operation.
func (s *Store) AccountAudit(ctx context.Context, by account.Caller, accountID string, before int64, limit int) ([]AuditRow, error) {
	return read(ctx, s, by, "reading the history of an account", func(q querier) ([]AuditRow, error) {
		// In two parts, each by its index: these have no steps.
		where, args := ` WHERE id IN (SELECT id FROM audit WHERE account_id = ? AND action <> 'operation.step'
				UNION ALL SELECT id FROM audit WHERE operation_id IN (SELECT id FROM operations WHERE account_id = ?) AND action <> 'operation.step')
			AND action NOT IN ('sign_in.started', 'sign_in.ended', 'permissions.previewed')
			AND NOT (action IN ('operation.started', 'operation.done') AND coalesce(json_extract(detail, '$.kind'), '') = 'check')`, []any{accountID, accountID}
		if before > 0 {
			where, args = where+` AND id < ?`, append(args, before)
		}
		return auditRows(ctx, q, where, args, limit)
	})
}

func auditRows(ctx context.Context, q querier, where string, args []any, limit int) ([]AuditRow, error) {
	query := `SELECT id, at, action, caller, via, account_id, account_name, operation_id, credential_id, detail FROM audit` + where + ` ORDER BY id DESC`
	if limit > 0 {
		query, args = query+` LIMIT ?`, append(args, limit)
	}
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var out []AuditRow
	err = eachRow(rows, func() error {
		var r AuditRow
		err := rows.Scan(&r.ID, timeColumn{value: &r.At}, &r.Action, &r.Caller.Name, &r.Caller.Via, &r.AccountID, &r.AccountName,
			&r.OperationID, &r.CredentialID, jsonColumn{&r.Detail})
		if len(r.Detail) == 0 {
			r.Detail = nil
		}
		out = append(out, r)
		return err
	})
	return out, err
}
