package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// minTokenLength keeps guessable tokens out: an unsalted hash protects only what cannot be guessed. In characters.
const minTokenLength = 16

// AddAPIToken lets whoever has the token act as name. Only its SHA-256 is kept, so it must be random. A token of the same
// name is replaced. Audited as api_token.added, and api_token.removed for the one it replaces.
func (s *Store) AddAPIToken(ctx context.Context, by account.Caller, name string, token secret.Value) error {
	switch {
	case name == "":
		return fault.BadField("name", "The API token has no name.", "Name it after who or what will use it.")
	case len(token.Reveal()) < minTokenLength:
		return fault.BadField("token", "The API token is too short.", "Use a random one, such as the output of `openssl rand -hex 32`.")
	}
	sum := sha256.Sum256([]byte(token.Reveal()))
	detail := map[string]string{"name": name}
	return s.Change(ctx, by, Event{Action: "api_token.added", Detail: detail}, func(tx *Tx) error {
		var other string
		err := tx.tx.QueryRowContext(ctx, `SELECT name FROM api_tokens WHERE sha256 = ? AND name <> ?`, sum[:], name).Scan(&other)
		if err == nil {
			return &fault.Error{
				Code: fault.Conflict, Field: "token", Message: "This API token is in use under another name.",
				Remedy: "Make a new random one.",
			}
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return explain("reading API tokens", err)
		}
		err = tx.execOne("removing an API token", sql.ErrNoRows, `DELETE FROM api_tokens WHERE name = ?`, name)
		if err == nil {
			err = tx.Audit(Event{Action: "api_token.removed", Detail: detail})
		} else if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		if err != nil {
			return err
		}
		return tx.exec("storing an API token", `INSERT INTO api_tokens (name, sha256, created_at) VALUES (?, ?, ?)`,
			name, sum[:], formatTime(tx.now))
	})
}

// APITokenCaller returns who a token belongs to, and whether anybody. It takes no caller: it is how one becomes known.
func (s *Store) APITokenCaller(ctx context.Context, token secret.Value) (account.Caller, bool, error) {
	if token.Empty() {
		return account.Caller{}, false, nil
	}
	sum := sha256.Sum256([]byte(token.Reveal()))
	var name string
	err := s.reader.QueryRowContext(ctx, `SELECT name FROM api_tokens WHERE sha256 = ?`, sum[:]).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return account.Caller{}, false, nil
	}
	if err != nil {
		return account.Caller{}, false, explain("reading API tokens", err)
	}
	return account.Caller{Name: name, Via: "api"}, true, nil
}
