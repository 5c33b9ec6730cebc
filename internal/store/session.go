package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// Sessions and login codes are people's matters: their times are given by the caller, who has the wall clock, and not
// read from the store's clock, which may be the emulated cloud's.

// BeginSession stores a new session of by, known by the hash of its token, until expires. how says what it was begun with
// ("link", "token"). Audited as session.begun.
func (s *Store) BeginSession(ctx context.Context, by account.Caller, hash, how string, data []byte, now, expires time.Time) error {
	what := Event{Action: "session.begun", Detail: map[string]string{"with": how}}
	return s.Change(ctx, by, what, func(tx *Tx) error {
		return tx.exec("storing a session", `INSERT INTO sessions (token_hash, caller, data, begun_at, expires_at) VALUES (?, ?, ?, ?, ?)`,
			hash, by.Name, data, formatTime(now), formatTime(expires))
	})
}

// TouchSession keeps a session alive that is in use. One that was ended meanwhile stays ended. It is the one change
// without an audit row: nobody decided anything, and it happens all day.
func (s *Store) TouchSession(ctx context.Context, hash string, data []byte, expires time.Time) error {
	_, err := s.writer.ExecContext(ctx, `UPDATE sessions SET data = ?, expires_at = ? WHERE token_hash = ?`, data, formatTime(expires), hash)
	return explain("prolonging a session", err)
}

// SessionData returns what is kept of a session, and whether there is one that has not ended by now.
func (s *Store) SessionData(ctx context.Context, hash string, now time.Time) ([]byte, bool, error) {
	var data []byte
	err := s.reader.QueryRowContext(ctx, `SELECT data FROM sessions WHERE token_hash = ? AND expires_at > ?`, hash, formatTime(now)).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, explain("reading a session", err)
	}
	return data, true, nil
}

// EndSession destroys a session. There may be none, and then there is no audit row; else it is session.ended.
func (s *Store) EndSession(ctx context.Context, by account.Caller, hash string) error {
	err := s.Change(ctx, by, Event{Action: "session.ended"}, func(tx *Tx) error {
		return tx.execOne("ending a session", sql.ErrNoRows, `DELETE FROM sessions WHERE token_hash = ?`, hash)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// SessionRefused writes the audit row of somebody who was not let in, and why.
func (s *Store) SessionRefused(ctx context.Context, why string) error {
	nobody := account.Caller{Name: "nobody", Via: "session"}
	return s.Change(ctx, nobody, Event{Action: "session.refused", Detail: map[string]string{"reason": why}}, func(*Tx) error { return nil })
}

// A CodeState says what a login code is good for.
type CodeState string

// The states of a login code.
const (
	CodeGood    CodeState = "good"
	CodeUsed    CodeState = "used"
	CodeExpired CodeState = "expired"
	CodeUnknown CodeState = "unknown"
)

// AddLoginCode lets whoever has the code sign in as by, once, until expires. Only its SHA-256 is kept, so it must be
// random. Audited as login_code.added.
func (s *Store) AddLoginCode(ctx context.Context, by account.Caller, code secret.Value, now, expires time.Time) error {
	if len(code.Reveal()) < minTokenLength {
		return fault.BadField("login", "The login code is too short.", "Use a random one.")
	}
	sum := sha256.Sum256([]byte(code.Reveal()))
	what := Event{Action: "login_code.added", Detail: map[string]string{"expires_at": expires.UTC().Format(time.RFC3339)}}
	return s.Change(ctx, by, what, func(tx *Tx) error {
		return tx.exec("storing a login code", `INSERT INTO login_codes (sha256, caller, created_at, expires_at) VALUES (?, ?, ?, ?)`,
			sum[:], by.Name, formatTime(now), formatTime(expires))
	})
}

// TakeLoginCode uses a login code up and returns whose it is. Of two that come at once, one gets it. Where the state is
// not CodeGood, there is no caller. It takes no caller: it is how one becomes known. Audited as login_code.used.
func (s *Store) TakeLoginCode(ctx context.Context, code secret.Value, now time.Time) (account.Caller, CodeState, error) {
	sum := sha256.Sum256([]byte(code.Reveal()))
	var name string
	var expires time.Time
	var used *time.Time
	err := s.reader.QueryRowContext(ctx, `SELECT caller, expires_at, used_at FROM login_codes WHERE sha256 = ?`, sum[:]).
		Scan(&name, timeColumn{value: &expires}, timeColumn{ptr: &used})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return account.Caller{}, CodeUnknown, nil
	case err != nil:
		return account.Caller{}, "", explain("reading a login code", err)
	case used != nil:
		return account.Caller{}, CodeUsed, nil
	case !now.Before(expires):
		return account.Caller{}, CodeExpired, nil
	}
	by := account.Caller{Name: name, Via: "session"}
	err = s.Change(ctx, by, Event{Action: "login_code.used"}, func(tx *Tx) error {
		return tx.execOne("using a login code", sql.ErrNoRows, `UPDATE login_codes SET used_at = ? WHERE sha256 = ? AND used_at IS NULL`,
			formatTime(now), sum[:])
	})
	if errors.Is(err, sql.ErrNoRows) {
		return account.Caller{}, CodeUsed, nil
	}
	if err != nil {
		return account.Caller{}, "", err
	}
	return by, CodeGood, nil
}

// codeMemory is how long a login code is kept after its end, so that its bearer can be told that it has ended.
const codeMemory = 24 * time.Hour

// DropEnded removes the sessions that have ended by now, and login codes and idempotency keys that have been of no use for a
// day. Without an audit row: they opened nothing any more.
func (s *Store) DropEnded(ctx context.Context, now time.Time) error {
	if _, err := s.writer.ExecContext(ctx, `DELETE FROM sessions WHERE expires_at <= ?`, formatTime(now)); err != nil {
		return explain("dropping ended sessions", err)
	}
	if err := s.dropOldKeys(ctx, now); err != nil {
		return err
	}
	_, err := s.writer.ExecContext(ctx, `DELETE FROM login_codes WHERE expires_at <= ?`, formatTime(now.Add(-codeMemory)))
	return explain("dropping ended login codes", err)
}
