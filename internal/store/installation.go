package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
)

// Installation is the id of this database, eight hexadecimal digits made when it was made. What Evercred adds at Microsoft
// carries it, so that two installations that share an application do not take each other's credentials for their own.
func (s *Store) Installation() string { return s.installation }

// installation reads the id, and makes it at the first start.
func installation(ctx context.Context, db *sql.DB) (string, error) {
	var id string
	err := db.QueryRowContext(ctx, `SELECT value FROM settings WHERE name = 'installation'`).Scan(&id)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	id = uuid.NewString()[:8]
	_, err = db.ExecContext(ctx, `INSERT INTO settings (name, value) VALUES ('installation', ?)`, id)
	return id, err
}

// WroteBetween reports whether a change was stored from one moment to another. A database that was restored from a backup
// has none in the time that the backup does not know.
func (s *Store) WroteBetween(ctx context.Context, by account.Caller, from, to time.Time) (bool, error) {
	return read(ctx, s, by, "looking for changes", func(q querier) (bool, error) {
		var one int
		err := q.QueryRowContext(ctx, `SELECT 1 FROM audit WHERE at BETWEEN ? AND ? LIMIT 1`, formatTime(from), formatTime(to)).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			return false, nil
		}
		return err == nil, err
	})
}
