package store

import (
	"context"
	"time"

	"github.com/evercred/evercred/internal/account"
)

// Due are open operations that somebody has to look at.
type Due struct {
	Ready   []string             // ids: they can go on without a person, and their time has come
	Waiting []*account.Operation // those that wait for the answer to a question, whatever their time
}

// DueOperations returns which operations are due at now. It reads no journal but of those that wait for an answer, so that it
// can be asked every second while thousands of operations wait for their time.
func (s *Store) DueOperations(ctx context.Context, by account.Caller, now time.Time) (Due, error) {
	return read(ctx, s, by, "looking for operations that are due", func(q querier) (Due, error) {
		var out Due
		rows, err := q.QueryContext(ctx, `SELECT id FROM operations INDEXED BY operations_due
			WHERE open = 1 AND (next_at IS NULL OR next_at <= ?) AND state IN ('running', 'waiting_sign_in') ORDER BY seq DESC`, formatTime(now))
		if err != nil {
			return out, err
		}
		if err := eachRow(rows, func() error {
			var id string
			err := rows.Scan(&id)
			out.Ready = append(out.Ready, id)
			return err
		}); err != nil {
			return out, err
		}
		rows, err = q.QueryContext(ctx, `SELECT `+operationColumns+` FROM operations INDEXED BY operations_asking WHERE open = 1 AND state = 'waiting_choice'`)
		if err != nil {
			return out, err
		}
		err = eachRow(rows, func() error {
			o, err := scanOperation(rows)
			out.Waiting = append(out.Waiting, o)
			return err
		})
		return out, err
	})
}

// Run is how an operation went.
type Run struct {
	State    account.OperationState
	ClosedAt *time.Time
}

// RunsSince returns how the operations of a kind went that somebody has started on an account since a moment, newest first. It
// reads nothing of their journals: renewals that are due are held against it every minute.
func (s *Store) RunsSince(ctx context.Context, by account.Caller, accountID string, kind account.OperationKind, startedBy string, since time.Time) ([]Run, error) {
	return readOnce(s, by, "listing operations", func(q querier) ([]Run, error) {
		rows, err := q.QueryContext(ctx, `SELECT state, closed_at FROM operations WHERE account_id = ? AND created_at >= ? AND kind = ? AND started_by = ?
			ORDER BY created_at DESC, seq DESC`, accountID, formatTime(since), string(kind), startedBy)
		if err != nil {
			return nil, err
		}
		var out []Run
		err = eachRow(rows, func() error {
			var r Run
			err := rows.Scan(&r.State, timeColumn{ptr: &r.ClosedAt})
			out = append(out, r)
			return err
		})
		return out, err
	})
}
