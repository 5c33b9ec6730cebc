// Package store keeps accounts, credentials, the journals of operations and the audit log in SQLite.
//
// Every method takes the caller. Every change goes through Change, which writes its audit row in the same transaction,
// and so does every disclosure of a secret: no handler, job or command can forget it. (The use of a session and the sweep
// of ended ones decide nothing and have no row; see session.go.) Secrets are sealed (package seal)
// before they reach a column and bound to their row; the database file and its write-ahead log hold none in plain.
//
// Threats it answers: a database file or backup without its key file (nothing opens); a sealed value moved to another
// row (does not open); a second process on the same file (refused at Open); a kill at any moment (a change is whole or
// absent). It does not protect from somebody who has both files, or who can write to the database file at will.
//
// One connection writes, a few read. A reader sees the last committed change, in one snapshot for each call.
package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/seal"
	"github.com/evercred/evercred/internal/secret"
)

// Store is an open database. It is safe for concurrent use. Open makes one, Close releases it.
type Store struct {
	writer *sql.DB
	reader *sql.DB
	lock   *fileLock
	sealer *seal.Sealer
	clock  clock.Clock
	logger *slog.Logger
	commit func(commit func() error) error // stands around each commit

	installation string
	changing     chan struct{} // held by the change under way
	cache        cache
}

// querier is what reads need of a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Account returns an account by its id or its name (in any case), with all its credentials, newest first.
// The fault of an unknown one has code NotFound.
func (s *Store) Account(ctx context.Context, by account.Caller, ref string) (*account.Account, error) {
	return read(ctx, s, by, "reading an account", func(q querier) (*account.Account, error) {
		return oneAccount(ctx, q, ref, true)
	})
}

// InUse returns an account by its id or its name as operations work on it: without the credentials that were removed more
// than a week ago, of which an account that is renewed often has many more than of others.
func (s *Store) InUse(ctx context.Context, by account.Caller, ref string) (*account.Account, error) {
	if err := admitted(ctx, by); err != nil {
		return nil, err
	}
	return cached(&s.cache, &s.cache.accounts, ref, func(a *account.Account) string { return a.ID }, func() (*account.Account, error) {
		return read(ctx, s, by, "reading an account", func(q querier) (*account.Account, error) {
			return accountWith(ctx, q, ref, true, formatTime(s.clock.Now().Add(-removedFor)))
		})
	})
}

// removedFor is how long an account in use still has a credential that was removed.
const removedFor = 7 * 24 * time.Hour

// Accounts returns all accounts with their credentials, by name without regard to case. It takes two queries however
// many there are.
func (s *Store) Accounts(ctx context.Context, by account.Caller) ([]*account.Account, error) {
	return read(ctx, s, by, "listing accounts", func(q querier) ([]*account.Account, error) {
		return allAccounts(ctx, q)
	})
}

// Operation returns an operation by its id. The fault of an unknown one has code NotFound.
func (s *Store) Operation(ctx context.Context, by account.Caller, id string) (*account.Operation, error) {
	if err := admitted(ctx, by); err != nil {
		return nil, err
	}
	return cached(&s.cache, &s.cache.operations, id, func(o *account.Operation) string { return o.ID }, func() (*account.Operation, error) {
		return read(ctx, s, by, "reading an operation", func(q querier) (*account.Operation, error) {
			return oneOperation(ctx, q, id)
		})
	})
}

// Newer returns an operation as it is stored now, given as it was read before: the very one where it has not changed.
func (s *Store) Newer(ctx context.Context, by account.Caller, before *account.Operation) (*account.Operation, error) {
	if now := s.cache.operation(before.ID); now != nil && now.Version == before.Version {
		return before, admitted(ctx, by)
	}
	return s.Operation(ctx, by, before.ID)
}

// OperationQuery selects operations. The zero query selects all.
type OperationQuery struct {
	AccountID string // only this account's
	OpenOnly  bool   // only those that have not ended
	Limit     int    // at most so many; 0 for all
	Offset    int    // so many are left out at the beginning; with a limit only
}

// Operations returns the selected operations, newest first.
func (s *Store) Operations(ctx context.Context, by account.Caller, want OperationQuery) ([]*account.Operation, error) {
	if want == (OperationQuery{AccountID: want.AccountID, OpenOnly: true}) && want.AccountID != "" {
		return s.openOperations(ctx, by, want.AccountID)
	}
	return read(ctx, s, by, "listing operations", func(q querier) ([]*account.Operation, error) {
		return someOperations(ctx, q, want)
	})
}

// Outcome is what an operation has done, without how it came to it.
type Outcome struct {
	State account.OperationState
	Facts account.Facts
}

// OutcomesOn returns what all operations that worked on an application, given by its object id, have done, newest first.
func (s *Store) OutcomesOn(ctx context.Context, by account.Caller, applicationObjectID string) ([]Outcome, error) {
	return read(ctx, s, by, "listing operations of an application", func(q querier) ([]Outcome, error) {
		rows, err := q.QueryContext(ctx, `SELECT state, facts FROM operations WHERE application_object_id = ? AND application_object_id <> ''
			ORDER BY created_at DESC, seq DESC`, applicationObjectID)
		if err != nil {
			return nil, err
		}
		var out []Outcome
		err = eachRow(rows, func() error {
			var o Outcome
			err := rows.Scan(&o.State, jsonColumn{&o.Facts})
			out = append(out, o)
			return err
		})
		return out, err
	})
}

// openOperations are those of one account, which is asked again and again: most of their journals are in the cache.
func (s *Store) openOperations(ctx context.Context, by account.Caller, accountID string) ([]*account.Operation, error) {
	if err := admitted(ctx, by); err != nil {
		return nil, err
	}
	ids, err := cached(&s.cache, &s.cache.open, accountID, func(*[]string) string { return accountID }, func() (*[]string, error) {
		ids, err := readOnce(s, by, "listing operations", func(q querier) ([]string, error) {
			rows, err := q.QueryContext(ctx, `SELECT id FROM operations WHERE account_id = ? AND open = 1 ORDER BY created_at DESC, seq DESC`, accountID)
			if err != nil {
				return nil, err
			}
			return idsOf(rows)
		})
		return &ids, err
	})
	if err != nil {
		return nil, err
	}
	var out []*account.Operation
	for _, id := range *ids {
		o, err := s.Operation(ctx, by, id)
		if err != nil {
			return nil, err // operations are never deleted
		}
		if !o.State.Closed() { // it has ended meanwhile
			out = append(out, o)
		}
	}
	return out, nil
}

// Material returns the secret part of a credential to authenticate with: the text of a secret, or the key and
// certificates in PEM. It is not a disclosure: what leaves for a person or another program goes through Disclose.
// The fault of an unknown credential, or of one whose material was dropped, has code NotFound.
func (s *Store) Material(ctx context.Context, by account.Caller, credentialID string) (secret.Value, error) {
	return readOnce(s, by, "reading a credential's material", func(q querier) (secret.Value, error) {
		return material(ctx, q, s.sealer, credentialID)
	})
}

// Disclose returns the secret part of a credential to be given away. Its audit row (credential.disclosed, with the
// purpose) and the credential's DisclosedAt are written in one transaction before it is returned; an unwritten row
// means an error and no secret. What else belongs to the disclosure is done with it, after these, or not at all.
func (s *Store) Disclose(ctx context.Context, by account.Caller, credentialID, purpose string, with func(*Tx) error) (secret.Value, error) {
	if purpose == "" {
		return secret.Value{}, fault.New(fault.Invalid, "The disclosure has no purpose.").
			WithRemedy("Say what the credential is given away for; it is kept in the audit log.")
	}
	a, err := s.ownerOf(ctx, by, credentialID)
	if err != nil {
		return secret.Value{}, err
	}
	event := Event{
		Action: "credential.disclosed", AccountID: a.ID, AccountName: a.Name, CredentialID: credentialID,
		Detail: map[string]string{"purpose": purpose},
	}
	var v secret.Value
	err = s.Change(ctx, by, event, func(tx *Tx) error {
		if v, err = material(tx.ctx, tx.tx, s.sealer, credentialID); err != nil {
			return err
		}
		tx.discloses(a.ID, credentialID)
		if err := tx.exec("recording a disclosure", `UPDATE credentials SET disclosed_at = ? WHERE id = ?`, formatTime(tx.now), credentialID); err != nil || with == nil {
			return err
		}
		return with(tx)
	})
	if err != nil {
		return secret.Value{}, err
	}
	return v, nil
}

// owner is the account that a credential belongs to.
type owner struct{ ID, Name string }

func (s *Store) ownerOf(ctx context.Context, by account.Caller, credentialID string) (owner, error) {
	return readOnce(s, by, "reading a credential", func(q querier) (o owner, err error) {
		err = q.QueryRowContext(ctx, `SELECT a.id, a.name FROM credentials c JOIN accounts a ON a.id = c.account_id WHERE c.id = ?`, credentialID).Scan(&o.ID, &o.Name)
		if errors.Is(err, sql.ErrNoRows) {
			return o, noCredential(credentialID)
		}
		return o, err
	})
}

// SignInSecret is what an operation holds of a person's sign-in: the device code while it waits, then the refresh token, or
// access tokens where a sign-in has no refresh token.
type SignInSecret struct{ Device, Refresh, Access secret.Value }

// SignIn returns the sealed sign-in of an operation; the zero value when it has none. The fault of an unknown operation
// has code NotFound.
func (s *Store) SignIn(ctx context.Context, by account.Caller, operationID string) (SignInSecret, error) {
	return readOnce(s, by, "reading a sign-in", func(q querier) (SignInSecret, error) {
		return signIn(ctx, q, s.sealer, operationID)
	})
}

// read runs f in one snapshot of the database, for a caller that has a name.
func read[T any](ctx context.Context, s *Store, by account.Caller, doing string, f func(querier) (T, error)) (none T, err error) {
	if err := admit(by); err != nil {
		return none, err
	}
	tx, err := begin(ctx, s.reader, toRead)
	if err != nil {
		return none, explain(doing, err)
	}
	defer tx.rollback() // nothing was written
	out, err := f(tx)
	return out, explain(doing, err)
}

// readOnce is read for what takes a single statement, which is a snapshot by itself.
func readOnce[T any](s *Store, by account.Caller, doing string, f func(querier) (T, error)) (none T, err error) {
	if err := admit(by); err != nil {
		return none, err
	}
	out, err := f(s.reader)
	return out, explain(doing, err)
}

// admitted refuses callers without a name, and requests that have ended.
func admitted(ctx context.Context, by account.Caller) error {
	if err := admit(by); err != nil {
		return err
	}
	return ctx.Err()
}

// admit refuses callers without a name: an audit row must say who.
func admit(by account.Caller) error {
	if by.Name == "" {
		return fault.New(fault.Unauthorized, "Nobody is named as the one who asks.").
			WithMeaning("Every use of the store is on somebody's behalf.").WithRemedy("Sign in, or use an API token.")
	}
	return nil
}

// Times are stored as RFC 3339 text in UTC with exactly nine digits of fraction: it sorts as the times do, keeps
// nanoseconds, and somebody with a database shell can read it. (Integers sort too, but nobody can read them.)
const timeForm = "2006-01-02T15:04:05.000000000Z"

func formatTime(t time.Time) string { return t.UTC().Format(timeForm) }

func formatTimePtr(t *time.Time) any {
	if t == nil {
		return nil
	}
	return formatTime(*t)
}

// timeColumn scans a time; null leaves the target nil.
type timeColumn struct {
	value *time.Time
	ptr   **time.Time
}

func (c timeColumn) Scan(src any) error {
	text, ok := src.(string)
	if src == nil && c.ptr != nil {
		*c.ptr = nil
		return nil
	}
	if !ok {
		return fmt.Errorf("reading a time: it is stored as %T", src)
	}
	t, err := time.Parse(timeForm, text)
	if err != nil {
		return fmt.Errorf("reading a time: %w", err)
	}
	if c.ptr != nil {
		*c.ptr = &t
	} else {
		*c.value = t
	}
	return nil
}

// jsonColumn scans a JSON text into a pointer.
type jsonColumn struct{ into any }

func (c jsonColumn) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("reading JSON: it is stored as %T", src)
	}
	return json.Unmarshal([]byte(text), c.into)
}

// asJSON writes a value whose types always can be written.
func asJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encoding %T: %v", v, err))
	}
	return string(raw)
}
