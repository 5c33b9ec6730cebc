package store

import (
	"context"
	"database/sql"
)

// executor is what writes need of a transaction.
type executor interface {
	querier
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// transaction is one on a connection that is held for it. (database/sql's own starts goroutines for each transaction and each
// query in it, to look out for the end of the context; every statement here does that itself.)
// After its end its methods return sql.ErrConnDone.
type transaction struct {
	*sql.Conn
}

// begin begins a transaction: one that takes the right to write at once, so that it never fails half-way for want of it, or one
// that only reads, in one snapshot.
func begin(ctx context.Context, db *sql.DB, how string) (*transaction, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	tx := &transaction{conn}
	if _, err := conn.ExecContext(ctx, how); err != nil {
		tx.rollback()
		return nil, err
	}
	return tx, nil
}

// The ways to begin.
const (
	toWrite = "BEGIN IMMEDIATE"
	toRead  = "BEGIN"
)

// commit stores the changes. What cannot be stored, on a full disk for instance, or for somebody who does not wait any more, is
// taken back.
func (tx *transaction) commit(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		_, err = tx.ExecContext(context.WithoutCancel(ctx), "COMMIT")
	}
	if err != nil {
		tx.rollback()
		return err
	}
	_ = tx.Close() // the connection goes back; nothing depends on it any more
	return nil
}

// rollback takes the changes back, if they are not stored. There may be nothing left to take back.
func (tx *transaction) rollback() {
	_, _ = tx.ExecContext(context.Background(), "ROLLBACK")
	_ = tx.Close()
}
