package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/seal"
	"github.com/evercred/evercred/internal/secret"
)

// SessionSecret is what a sign-in holds: the first two while it waits, one of the last two once somebody has signed in.
type SessionSecret struct {
	Device  secret.Value // device code
	Browser secret.Value // JSON of proof key, state and nonce
	Refresh secret.Value // refresh token
	Access  secret.Value // JSON of access tokens, where there is no refresh token
}

// places names each part beside the column that it is sealed for.
func (v *SessionSecret) places() []sealedPart {
	return []sealedPart{{"device_code", &v.Device}, {"browser", &v.Browser}, {"refresh_token", &v.Refresh}, {"access_tokens", &v.Access}}
}

// sealedPart is a secret and the column it is kept in.
type sealedPart struct {
	column string
	value  *secret.Value
}

const sessionColumns = `id, state, method, client_id, cloud, tenant_id, user_code, verification_uri, message, interval_seconds,
	redirect_uri, returns, code_expires_at, person, person_id, signed_in_at, ends_at, problem, created_by, created_at, updated_at, version`

// SignInSession returns a sign-in. To any caller but the one who began it and Evercred itself it does not exist: the fault
// has code NotFound.
func (s *Store) SignInSession(ctx context.Context, by account.Caller, id string) (*account.SignInSession, error) {
	return read(ctx, s, by, "reading a sign-in", func(q querier) (*account.SignInSession, error) {
		return oneSession(ctx, q, by, `id = ?`, id)
	})
}

// SignInSessionByState returns the sign-in that a browser comes back for. The fault of a state that none waits for, or that
// another caller's waits for, has code NotFound.
func (s *Store) SignInSessionByState(ctx context.Context, by account.Caller, state string) (*account.SignInSession, error) {
	return read(ctx, s, by, "looking for a sign-in", func(q querier) (*account.SignInSession, error) {
		return oneSession(ctx, q, by, `state_hash = ?`, hashOfState(state))
	})
}

// SignInSessions returns the caller's sign-ins, or for Evercred itself all that are waiting or signed in; newest first.
func (s *Store) SignInSessions(ctx context.Context, by account.Caller) ([]*account.SignInSession, error) {
	return read(ctx, s, by, "listing sign-ins", func(q querier) ([]*account.SignInSession, error) {
		where, args := `created_by = ?`, []any{by.Name}
		if by == account.System() {
			where, args = `state IN ('waiting', 'signed_in')`, nil
		}
		rows, err := q.QueryContext(ctx, `SELECT `+sessionColumns+` FROM sign_ins WHERE `+where+` ORDER BY seq DESC`, args...)
		if err != nil {
			return nil, err
		}
		var out []*account.SignInSession
		err = eachRow(rows, func() error {
			v, err := scanSession(rows)
			out = append(out, v)
			return err
		})
		return out, err
	})
}

// SignInSessionSecret opens what a sign-in holds. As with SignInSession, others' do not exist.
func (s *Store) SignInSessionSecret(ctx context.Context, by account.Caller, id string) (SessionSecret, error) {
	return read(ctx, s, by, "opening a sign-in", func(q querier) (SessionSecret, error) {
		var out SessionSecret
		if _, err := oneSession(ctx, q, by, `id = ?`, id); err != nil {
			return out, err
		}
		sealed := make([][]byte, 4)
		err := q.QueryRowContext(ctx, `SELECT device_code, browser, refresh_token, access_tokens FROM sign_ins WHERE id = ?`, id).
			Scan(&sealed[0], &sealed[1], &sealed[2], &sealed[3])
		if err != nil {
			return out, err
		}
		for i, part := range out.places() {
			if sealed[i] == nil {
				continue
			}
			if *part.value, err = s.sealer.Open(sealed[i], sessionPlace(part.column, id)); err != nil {
				return SessionSecret{}, err
			}
		}
		return out, nil
	})
}

// PutSignInSession stores a sign-in. Version 0 inserts, any other updates if it is still the stored one (else a fault of
// code Conflict). Afterwards Version and UpdatedAt are set, and at first CreatedAt and CreatedBy. What a sign-in that is over
// holds is destroyed in the same statement.
func (tx *Tx) PutSignInSession(v *account.SignInSession) error {
	if v.ID == "" {
		return errors.New("storing a sign-in: it has no id")
	}
	before := *v
	tx.undo = append(tx.undo, func() {
		v.Version, v.CreatedAt, v.UpdatedAt, v.CreatedBy = before.Version, before.CreatedAt, before.UpdatedAt, before.CreatedBy
	})
	if v.CreatedAt.IsZero() {
		v.CreatedAt = tx.now
	}
	if v.CreatedBy == "" {
		v.CreatedBy = tx.by.Name
	}
	v.UpdatedAt, v.Version = tx.now, v.Version+1
	values := []any{
		v.State, string(v.Method), v.ClientID, v.Cloud, v.TenantID, v.UserCode, v.VerificationURI, v.Message, v.IntervalSeconds,
		v.RedirectURI, v.Returns, formatTime(v.CodeExpiresAt), v.Person, v.PersonID, formatTimePtr(v.SignedInAt), formatTimePtr(v.EndsAt),
		asJSON(v.Problem), v.CreatedBy, formatTime(v.CreatedAt), formatTime(v.UpdatedAt), v.Version,
	}
	if before.Version == 0 {
		return tx.exec("storing a sign-in", `INSERT INTO sign_ins (state, method, client_id, cloud, tenant_id, user_code, verification_uri,
			message, interval_seconds, redirect_uri, returns, code_expires_at, person, person_id, signed_in_at, ends_at, problem,
			created_by, created_at, updated_at, version, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			append(values, v.ID)...)
	}
	open := !v.Over()
	values = append(values, open, open, open, open, v.ID, before.Version)
	err := tx.execOne("storing a sign-in", sql.ErrNoRows, `UPDATE sign_ins SET state = ?, method = ?, client_id = ?, cloud = ?, tenant_id = ?,
		user_code = ?, verification_uri = ?, message = ?, interval_seconds = ?, redirect_uri = ?, returns = ?, code_expires_at = ?,
		person = ?, person_id = ?, signed_in_at = ?, ends_at = ?, problem = ?, created_by = ?, created_at = ?, updated_at = ?, version = ?,
		device_code = CASE WHEN ? THEN device_code END, browser = CASE WHEN ? THEN browser END,
		refresh_token = CASE WHEN ? THEN refresh_token END, access_tokens = CASE WHEN ? THEN access_tokens END
		WHERE id = ? AND version = ?`, values...)
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := oneSession(tx.ctx, tx.tx, account.System(), `id = ?`, v.ID); err != nil {
			return err
		}
		return changedMeanwhile("sign-in")
	}
	return err
}

// PutSignInSessionSecret seals and stores what a sign-in holds, in place of what it held. state is the state parameter of a
// browser's sign-in, by which it is found; empty once it has come back. To one that is over it is refused (Conflict).
func (tx *Tx) PutSignInSessionSecret(id string, v SessionSecret, state string) error {
	have, err := oneSession(tx.ctx, tx.tx, account.System(), `id = ?`, id)
	if err != nil {
		return explain("reading a sign-in", err)
	}
	if have.Over() {
		return fault.New(fault.Conflict, "The sign-in has ended.").WithRemedy("Sign in again.")
	}
	args := []any{nil}
	if state != "" {
		args[0] = hashOfState(state)
	}
	for _, part := range v.places() {
		if part.value.Empty() {
			args = append(args, nil)
			continue
		}
		sealed, err := tx.sealer.Seal(*part.value, sessionPlace(part.column, id))
		if err != nil {
			return err
		}
		args = append(args, sealed)
	}
	return tx.execOne("storing what a sign-in holds", noSession(), `UPDATE sign_ins SET state_hash = ?, device_code = ?, browser = ?,
		refresh_token = ?, access_tokens = ? WHERE id = ?`, append(args, id)...)
}

func sessionPlace(column, id string) seal.Place {
	return seal.Place{Table: "sign_ins", Column: column, RowID: id}
}

func hashOfState(state string) []byte {
	sum := sha256.Sum256([]byte(state))
	return sum[:]
}

func oneSession(ctx context.Context, q querier, by account.Caller, where string, arg any) (*account.SignInSession, error) {
	v, err := scanSession(q.QueryRowContext(ctx, `SELECT `+sessionColumns+` FROM sign_ins WHERE `+where, arg))
	if errors.Is(err, sql.ErrNoRows) || err == nil && v.CreatedBy != by.Name && by != account.System() {
		return nil, noSession()
	}
	return v, err
}

func noSession() error {
	return fault.New(fault.NotFound, "There is no such sign-in.").
		WithMeaning("A sign-in belongs to who began it, and is forgotten a day after its end.").
		WithRemedy("Sign in again.")
}

func scanSession(row scanner) (*account.SignInSession, error) {
	var v account.SignInSession
	err := row.Scan(&v.ID, &v.State, &v.Method, &v.ClientID, &v.Cloud, &v.TenantID, &v.UserCode, &v.VerificationURI, &v.Message,
		&v.IntervalSeconds, &v.RedirectURI, &v.Returns, timeColumn{value: &v.CodeExpiresAt}, &v.Person, &v.PersonID,
		timeColumn{ptr: &v.SignedInAt}, timeColumn{ptr: &v.EndsAt}, jsonColumn{&v.Problem}, &v.CreatedBy,
		timeColumn{value: &v.CreatedAt}, timeColumn{value: &v.UpdatedAt}, &v.Version)
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// sessionMemory is how long a sign-in is kept after its last change once it is over, so that its end can be seen.
const sessionMemory = 24 * time.Hour

// DropSignInSessions forgets the sign-ins that were over a day before now. Without an audit row: they gave nothing any more.
func (s *Store) DropSignInSessions(ctx context.Context, now time.Time) error {
	_, err := s.writer.ExecContext(ctx, `DELETE FROM sign_ins WHERE state IN ('failed', 'ended') AND updated_at < ?`, formatTime(now.Add(-sessionMemory)))
	return explain("dropping ended sign-ins", err)
}
