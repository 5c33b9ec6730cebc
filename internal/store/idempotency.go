package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/seal"
	"github.com/evercred/evercred/internal/secret"
)

// Requests that carry an idempotency key. Their bodies can hold secrets, so a request is kept as a hash under a key that is
// sealed itself: who has the database alone can neither read it nor try guesses. Answers are sealed. Nothing here is audited:
// what a request does is.

// KeyedRequest is a request that came with an idempotency key.
type KeyedRequest struct {
	ID      string       // of the row
	Same    bool         // the stored request is this one
	Answer  secret.Value // empty while it is under way, or was when the server stopped
	Made    string       // "operation/ID" or "bulk/ID", once it has begun something
	Created time.Time    // on the wall clock
}

func answerPlace(id string) seal.Place {
	return seal.Place{Table: "idempotency_keys", Column: "answer", RowID: id}
}

// KeptAnswers is how long an answer is kept under its idempotency key.
const KeptAnswers = 24 * time.Hour

// BeginKeyed looks for a caller's key. Where there is none, it is stored with the request under newID, and what is returned is
// that: the same request, which has begun nothing. now is on the wall clock; keys older than a day are as good as none.
func (s *Store) BeginKeyed(ctx context.Context, by account.Caller, key string, request []byte, newID string, now time.Time) (found *KeyedRequest, err error) {
	if err := admit(by); err != nil {
		return nil, err
	}
	const doing = "looking for an idempotency key"
	sum, err := s.requestHash(ctx, request)
	if err != nil {
		return nil, explain(doing, err)
	}
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return nil, explain(doing, err)
	}
	defer func() { _ = tx.Rollback() }() // without effect once committed
	if _, err := tx.ExecContext(ctx, `DELETE FROM idempotency_keys WHERE caller = ? AND key = ? AND created_at <= ?`, by.Name, key, formatTime(now.Add(-KeptAnswers))); err != nil {
		return nil, explain(doing, err)
	}
	var stored, sealed []byte
	found = &KeyedRequest{}
	err = tx.QueryRowContext(ctx, `SELECT id, request, made, answer, created_at FROM idempotency_keys WHERE caller = ? AND key = ?`, by.Name, key).
		Scan(&found.ID, &stored, &found.Made, &sealed, timeColumn{value: &found.Created})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		found = &KeyedRequest{ID: newID, Same: true, Created: now}
		_, err = tx.ExecContext(ctx, `INSERT INTO idempotency_keys (caller, key, id, request, made, created_at) VALUES (?, ?, ?, ?, '', ?)`,
			by.Name, key, newID, sum, formatTime(now))
	case err == nil:
		found.Same = hmac.Equal(stored, sum)
		if sealed != nil && found.Same {
			found.Answer, err = s.sealer.Open(sealed, answerPlace(found.ID))
		}
	}
	if err != nil {
		return nil, explain(doing, err)
	}
	return found, explain(doing, tx.Commit())
}

// EndKeyed stores the answer to a request.
func (s *Store) EndKeyed(ctx context.Context, id string, answer secret.Value) error {
	sealed, err := s.sealer.Seal(answer, answerPlace(id))
	if err != nil {
		return err
	}
	_, err = s.writer.ExecContext(ctx, `UPDATE idempotency_keys SET answer = ? WHERE id = ?`, sealed, id)
	return explain("storing the answer to a request", err)
}

// DropKeyed forgets a request that has begun nothing, so that it can be made again under its key. One that has begun
// something stays.
func (s *Store) DropKeyed(ctx context.Context, id string) error {
	_, err := s.writer.ExecContext(ctx, `DELETE FROM idempotency_keys WHERE id = ? AND made = ''`, id)
	return explain("forgetting a request", err)
}

// dropOldKeys removes what has been kept for a day.
func (s *Store) dropOldKeys(ctx context.Context, now time.Time) error {
	_, err := s.writer.ExecContext(ctx, `DELETE FROM idempotency_keys WHERE created_at <= ?`, formatTime(now.Add(-KeptAnswers)))
	return explain("dropping old idempotency keys", err)
}

// requestHash hashes a request under the key for it, which is made when it is first needed.
func (s *Store) requestHash(ctx context.Context, request []byte) ([]byte, error) {
	place := seal.Place{Table: "request_hash_keys", Column: "sealed", RowID: "1"}
	var sealed []byte
	err := s.reader.QueryRowContext(ctx, `SELECT sealed FROM request_hash_keys WHERE id = 1`).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		fresh, sealErr := s.sealer.Seal(secret.New(rand.Text()+rand.Text()), place)
		if sealErr != nil {
			return nil, sealErr
		}
		if _, err := s.writer.ExecContext(ctx, `INSERT OR IGNORE INTO request_hash_keys (id, sealed) VALUES (1, ?)`, fresh); err != nil {
			return nil, err
		}
		err = s.writer.QueryRowContext(ctx, `SELECT sealed FROM request_hash_keys WHERE id = 1`).Scan(&sealed) // who was first decides
	}
	if err != nil {
		return nil, err
	}
	key, err := s.sealer.Open(sealed, place)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	_, _ = mac.Write(request) // a hash takes everything
	return mac.Sum(nil), nil
}
