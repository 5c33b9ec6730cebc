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
