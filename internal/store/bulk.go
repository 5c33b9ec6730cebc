package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
)

// Bulk is one request for many accounts. Its items say how far it is with each.
type Bulk struct {
	ID        string
	Action    string
	Params    BulkParams
	Caller    account.Caller // on whose behalf
	CreatedAt time.Time
	ClosedAt  *time.Time            // when the last item ended; nil before
	Counts    map[ItemState]int     // of items
	Found     map[account.State]int // of accounts whose check has ended: how many were found in each state
}

// BulkParams are what a bulk asks for of each account.
type BulkParams struct {
	SignIn   string            `json:"sign_in,omitempty"` // id
	Kind     account.Kind      `json:"kind,omitempty"`
	Soak     *account.Duration `json:"soak,omitempty"`
	Lifetime *account.Duration `json:"lifetime,omitempty"`
}

// ItemState is how far a bulk is with one account.
type ItemState string

// The states of an item. Waiting and running ones are still open.
const (
	ItemWaiting     ItemState = "waiting"
	ItemRunning     ItemState = "running"
	ItemDone        ItemState = "done"
	ItemFailed      ItemState = "failed"
	ItemNeedsSignIn ItemState = "needs_sign_in" // its operation waits for a person
	ItemRefused     ItemState = "refused"       // there is no operation; Problem says why
	ItemCancelled   ItemState = "cancelled"     // it was not begun any more
)

// BulkItem is one account of a bulk.
type BulkItem struct {
	Seq         int
	AccountID   string // empty where the request named none that there is
	AccountName string
	State       ItemState
	OperationID string
	Problem     *account.Problem
	Operation   *account.Operation // as it is now; nil where there is none
}

// keptBulks is how many requests for many accounts are remembered.
const keptBulks = 100

// PutBulk stores a new bulk with its items, whose numbers are set. The oldest ones that have ended are forgotten.
func (tx *Tx) PutBulk(b *Bulk, items []BulkItem) error {
	b.Caller, b.CreatedAt = tx.by, tx.now
	if err := tx.exec("storing a bulk", `INSERT INTO bulks (id, action, params, open, caller, via, created_at) VALUES (?, ?, ?, 1, ?, ?, ?)`,
		b.ID, b.Action, asJSON(b.Params), b.Caller.Name, b.Caller.Via, formatTime(b.CreatedAt)); err != nil {
		return err
	}
	for i := range items {
		it := &items[i]
		it.Seq = i
		if err := tx.exec("storing an item of a bulk", `INSERT INTO bulk_items (bulk_id, seq, account_id, account_name, state, operation_id, problem)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, b.ID, i, it.AccountID, it.AccountName, string(it.State), it.OperationID, asJSON(it.Problem)); err != nil {
			return err
		}
	}
	if err := tx.exec("forgetting old bulks", `DELETE FROM bulks WHERE open = 0 AND seq <= (SELECT max(seq) FROM bulks) - ?`, keptBulks); err != nil {
		return err
	}
	return tx.noteMade("bulk/" + b.ID)
}

// SetBulkItem stores how far a bulk is with an account. It is progress and decides nothing, so it has no audit row: the
// operation it tells of has.
func (s *Store) SetBulkItem(ctx context.Context, bulkID string, it *BulkItem) error {
	_, err := s.writer.ExecContext(ctx, `UPDATE bulk_items SET state = ?, operation_id = ?, problem = ? WHERE bulk_id = ? AND seq = ?`,
		string(it.State), it.OperationID, asJSON(it.Problem), bulkID, it.Seq)
	return explain("storing an item of a bulk", err)
}

// CloseBulk ends a bulk none of whose items is open, and reports whether it did. Without an audit row, as SetBulkItem.
func (s *Store) CloseBulk(ctx context.Context, id string) (bool, error) {
	res, err := s.writer.ExecContext(ctx, `UPDATE bulks SET open = 0, closed_at = ? WHERE id = ? AND open = 1
		AND NOT EXISTS (SELECT 1 FROM bulk_items WHERE bulk_id = ? AND state IN ('waiting', 'running'))`, formatTime(s.clock.Now()), id, id)
	if err != nil {
		return false, explain("ending a bulk", err)
	}
	n, err := res.RowsAffected()
	return n > 0, explain("ending a bulk", err)
}

// CancelBulk gives up the items that have not begun.
func (tx *Tx) CancelBulk(id string) error {
	return tx.exec("cancelling a bulk", `UPDATE bulk_items SET state = 'cancelled' WHERE bulk_id = ? AND state = 'waiting'`, id)
}

// Bulks returns bulks, newest first: all, or those that have not ended.
func (s *Store) Bulks(ctx context.Context, by account.Caller, openOnly bool) ([]*Bulk, error) {
	return read(ctx, s, by, "listing bulks", func(q querier) ([]*Bulk, error) {
		var ids []string
		err := each(ctx, q, func(row scanner) error {
			var id string
			err := row.Scan(&id)
			ids = append(ids, id)
			return err
		}, `SELECT id FROM bulks WHERE open = 1 OR NOT ? ORDER BY seq DESC`, openOnly)
		if err != nil {
			return nil, err
		}
		out := make([]*Bulk, 0, len(ids))
		for _, id := range ids {
			b, err := oneBulk(ctx, q, id)
			if err != nil {
				return nil, err
			}
			out = append(out, b)
		}
		return out, nil
	})
}

// Bulk returns a bulk by its id. The fault of an unknown one has code NotFound.
func (s *Store) Bulk(ctx context.Context, by account.Caller, id string) (*Bulk, error) {
	return read(ctx, s, by, "reading a bulk", func(q querier) (*Bulk, error) { return oneBulk(ctx, q, id) })
}

func oneBulk(ctx context.Context, q querier, id string) (*Bulk, error) {
	b := &Bulk{ID: id, Counts: map[ItemState]int{}, Found: map[account.State]int{}}
	err := q.QueryRowContext(ctx, `SELECT action, params, caller, via, created_at, closed_at FROM bulks WHERE id = ?`, id).
		Scan(&b.Action, jsonColumn{&b.Params}, &b.Caller.Name, &b.Caller.Via, timeColumn{value: &b.CreatedAt}, timeColumn{ptr: &b.ClosedAt})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "There is no bulk %q.", id).
			WithRemedy("Check the id: it was given when the bulk was started. The newest %d are remembered.", keptBulks)
	}
	if err != nil {
		return nil, err
	}
	err = each(ctx, q, func(row scanner) error {
		var state ItemState
		var n int
		err := row.Scan(&state, &n)
		b.Counts[state] = n
		return err
	}, `SELECT state, count(*) FROM bulk_items WHERE bulk_id = ? GROUP BY state`, id)
	if err != nil {
		return nil, err
	}
	err = each(ctx, q, func(row scanner) error {
		var state account.State
		var n int
		err := row.Scan(&state, &n)
		b.Found[state] = n
		return err
	}, `SELECT json_extract(o.facts, '$.verdict.state') AS found, count(*) FROM bulk_items i JOIN operations o ON o.id = i.operation_id
		WHERE i.bulk_id = ? AND i.state = 'done' GROUP BY found HAVING found IS NOT NULL`, id)
	return b, err
}

// each calls f for each row that a query finds.
func each(ctx context.Context, q querier, f func(scanner) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	return eachRow(rows, func() error { return f(rows) })
}

// ItemQuery selects items of a bulk. The zero query selects all, in the order of the request.
type ItemQuery struct {
	States         []ItemState
	WithOperations bool
	Limit, Offset  int // no limit: all
}

// BulkItems returns items of a bulk.
func (s *Store) BulkItems(ctx context.Context, by account.Caller, bulkID string, want ItemQuery) ([]BulkItem, error) {
	return read(ctx, s, by, "reading the items of a bulk", func(q querier) ([]BulkItem, error) {
		query, args := `SELECT seq, account_id, account_name, state, operation_id, problem FROM bulk_items WHERE bulk_id = ?`, []any{bulkID}
		if len(want.States) > 0 {
			query, args = query+` AND state IN (SELECT value FROM json_each(?))`, append(args, asJSON(want.States))
		}
		limit := -1
		if want.Limit > 0 {
			limit = want.Limit
		}
		rows, err := q.QueryContext(ctx, query+` ORDER BY seq LIMIT ? OFFSET ?`, append(args, limit, want.Offset)...)
		if err != nil {
			return nil, err
		}
		out := []BulkItem{}
		if err := eachRow(rows, func() error {
			var it BulkItem
			err := rows.Scan(&it.Seq, &it.AccountID, &it.AccountName, &it.State, &it.OperationID, jsonColumn{&it.Problem})
			out = append(out, it)
			return err
		}); err != nil {
			return nil, err
		}
		if want.WithOperations {
			err = withOperations(ctx, q, out)
		}
		return out, err
	})
}

func withOperations(ctx context.Context, q querier, items []BulkItem) error {
	ids := []string{}
	for _, it := range items {
		if it.OperationID != "" {
			ids = append(ids, it.OperationID)
		}
	}
	found, err := operationsByID(ctx, q, ids)
	if err != nil {
		return err
	}
	byID := map[string]*account.Operation{}
	for _, o := range found {
		byID[o.ID] = o
	}
	for i := range items {
		items[i].Operation = byID[items[i].OperationID]
	}
	return nil
}

// operationsByID reads operations, newest first. Ids of none are left out.
func operationsByID(ctx context.Context, q querier, ids []string) ([]*account.Operation, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+operationColumns+` FROM operations WHERE id IN (SELECT value FROM json_each(?)) ORDER BY created_at DESC, seq DESC`, asJSON(ids))
	if err != nil {
		return nil, err
	}
	out := []*account.Operation{}
	err = eachRow(rows, func() error {
		o, err := scanOperation(rows)
		out = append(out, o)
		return err
	})
	return out, err
}

// OperationsByID returns operations by their ids, newest first. Ids of none are left out.
func (s *Store) OperationsByID(ctx context.Context, by account.Caller, ids []string) ([]*account.Operation, error) {
	return read(ctx, s, by, "reading operations", func(q querier) ([]*account.Operation, error) { return operationsByID(ctx, q, ids) })
}

// Resolve finds the ids of accounts that are named by id or, in any case, by name. What nobody has is left out.
func (s *Store) Resolve(ctx context.Context, by account.Caller, refs []string) (map[string]string, error) {
	return read(ctx, s, by, "finding accounts", func(q querier) (map[string]string, error) {
		keys := make([]string, 0, len(refs))
		for _, r := range refs {
			keys = append(keys, nameKey(r))
		}
		byID, byName := map[string]bool{}, map[string]string{}
		err := each(ctx, q, func(row scanner) error {
			var id, key string
			err := row.Scan(&id, &key)
			byID[id], byName[key] = true, id
			return err
		}, `SELECT account_id, name_key FROM account_list
			WHERE account_id IN (SELECT value FROM json_each(?)) OR name_key IN (SELECT value FROM json_each(?))`, asJSON(refs), asJSON(keys))
		if err != nil {
			return nil, err
		}
		out := map[string]string{}
		for i, r := range refs {
			if byID[r] {
				out[r] = r
			} else if id, ok := byName[keys[i]]; ok {
				out[r] = id
			}
		}
		return out, nil
	})
}
