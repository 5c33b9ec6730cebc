package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

const offeredColumn = "offered"

// PutOffered seals and stores the secret part of a credential that an open operation was offered. Closing the operation
// destroys it; to a closed one it is refused (Conflict).
func (tx *Tx) PutOffered(operationID string, v secret.Value) error {
	sealed, err := tx.sealer.Seal(v, signInPlace(offeredColumn, operationID))
	if err != nil {
		return err
	}
	o, err := tx.Operation(operationID)
	if err != nil {
		return err
	}
	if o.State.Closed() {
		return fault.New(fault.Conflict, "The operation is closed; it takes no credential.")
	}
	return tx.execOne("storing what was offered", noOperation(operationID), `UPDATE operations SET offered = ? WHERE id = ?`, sealed, operationID)
}

// Offered returns the secret part of the credential that an operation was offered. The fault of an operation that was
// offered none, or that is closed, has code NotFound.
func (s *Store) Offered(ctx context.Context, by account.Caller, operationID string) (secret.Value, error) {
	return readOnce(s, by, "reading what was offered", func(q querier) (secret.Value, error) {
		var sealed []byte
		err := q.QueryRowContext(ctx, `SELECT offered FROM operations WHERE id = ?`, operationID).Scan(&sealed)
		if errors.Is(err, sql.ErrNoRows) || err == nil && sealed == nil {
			return secret.Value{}, fault.New(fault.NotFound, "The operation holds no credential that was offered.").
				WithMeaning("It is closed, or it was never offered one.").WithRemedy("Give the credential again.")
		}
		if err != nil {
			return secret.Value{}, err
		}
		return s.sealer.Open(sealed, signInPlace(offeredColumn, operationID))
	})
}
