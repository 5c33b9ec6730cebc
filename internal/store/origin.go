package store

import (
	"context"
	"strings"
)

// origin says, in a context, what an operation or bulk that is stored under it was asked for by. The note of it is stored in
// the same transaction, so that after a crash it is known whether the thing was begun.
type origin struct {
	request string // id of an idempotency key
	bulk    string // id, with the number of the item
	item    int
}

type originKey struct{}

// WithRequest returns a context under which the first operation or bulk that is stored is noted as what the request with the
// idempotency key of this id has made.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, originKey{}, origin{request: id})
}

// WithBulkItem returns a context under which the first operation that is stored is noted as that of an item of a bulk.
func WithBulkItem(ctx context.Context, bulkID string, seq int) context.Context {
	return context.WithValue(ctx, originKey{}, origin{bulk: bulkID, item: seq})
}

// noteMade notes that a new thing, "operation/ID" or "bulk/ID", was stored.
func (tx *Tx) noteMade(what string) error {
	from, ok := tx.ctx.Value(originKey{}).(origin)
	if !ok {
		return nil
	}
	if from.request != "" {
		return tx.exec("noting what a request has made", `UPDATE idempotency_keys SET made = ? WHERE id = ? AND made = ''`, what, from.request)
	}
	id, isOperation := strings.CutPrefix(what, "operation/")
	if !isOperation {
		return nil
	}
	return tx.exec("noting the operation of an item", `UPDATE bulk_items SET operation_id = ?, state = 'running' WHERE bulk_id = ? AND seq = ? AND operation_id = ''`,
		id, from.bulk, from.item)
}
