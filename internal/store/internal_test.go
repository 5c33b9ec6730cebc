package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/seal"
)

// counting counts the queries that a read makes.
type counting struct {
	querier
	n int
}

func (c *counting) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	c.n++
	return c.querier.QueryContext(ctx, query, args...)
}

func (c *counting) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	c.n++
	return c.querier.QueryRowContext(ctx, query, args...)
}

func openHere(t *testing.T) *Store {
	t.Helper()
	return openWith(t, Config{})
}

// openWith opens a new database as the configuration says.
func openWith(t *testing.T, c Config) *Store {
	t.Helper()
	dir := t.TempDir()
	keys, err := seal.LoadKey(filepath.Join(dir, "key"), false)
	if err != nil {
		t.Fatal(err)
	}
	c.Path, c.Keys = filepath.Join(dir, "evercred.db"), keys
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func fill(s *Store, from, to int) error {
	return s.Change(context.Background(), account.System(), Event{Action: "test.fill"}, func(tx *Tx) error {
		for i := from; i < to; i++ {
			a := &account.Account{ID: fmt.Sprint("id", i), Name: fmt.Sprint("account-", i), Description: strings.Repeat("x", 400)}
			if err := tx.PutAccount(a); err != nil {
				return err
			}
			for j := range 2 {
				if err := tx.PutCredential(account.Credential{ID: fmt.Sprint(i, "-", j), AccountID: a.ID}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// copies makes n accounts out of one, in the database itself: one by one takes the race detector 20 seconds.
func copies(t *testing.T, s *Store, n int) {
	t.Helper()
	const numbers = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) `
	if n < 2 {
		return
	}
	for _, statement := range []string{
		`INSERT INTO accounts SELECT 'id' || i, 'account-' || i, 'account-' || i, description, cloud, tenant_id, origin, application_id,
			application_object_id, service_principal_id, subscriptions, role_set, policy, last_check, created_at, updated_at, version,
			profile, purposes, management_group, used_by, made FROM accounts, n`,
		`INSERT INTO credentials (` + credentialColumns + `) SELECT i || '-' || id, 'id' || i` +
			strings.TrimPrefix(credentialColumns, "id, account_id") + ` FROM credentials, n`,
	} {
		if _, err := s.writer.ExecContext(t.Context(), numbers+statement, n-1); err != nil {
			t.Fatal(err)
		}
	}
}

func TestListingTakesTwoQueriesHoweverMany(t *testing.T) {
	t.Parallel()
	s := openHere(t)
	if err := fill(s, 0, 1); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 2000} {
		copies(t, s, n)
		q := &counting{querier: s.reader}
		all, err := allAccounts(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != n || len(all[n-1].Credentials) != 2 {
			t.Fatalf("%d accounts, the last with %d credentials", len(all), len(all[n-1].Credentials))
		}
		if q.n != 2 {
			t.Errorf("%d accounts took %d queries", n, q.n)
		}
	}
}

func TestLookUpsUseAnIndex(t *testing.T) {
	t.Parallel()
	s := openHere(t)
	for _, query := range []string{
		`SELECT 1 FROM accounts WHERE id = 'x' OR (1 AND name_key = 'x') ORDER BY id = 'x' DESC LIMIT 1`,
		`SELECT 1 FROM credentials WHERE account_id = 'x' ORDER BY added_at DESC, seq DESC`,
		`SELECT 1 FROM operations WHERE 1 AND open = 1 ORDER BY created_at DESC, seq DESC`,
		`SELECT 1 FROM operations WHERE 1 AND account_id = 'x' ORDER BY created_at DESC, seq DESC LIMIT 5`,
		`SELECT 1 FROM operations WHERE account_id = 'x' AND open = 1 ORDER BY created_at DESC, seq DESC`,
		`SELECT 1 FROM operations WHERE application_object_id = 'x' AND application_object_id <> '' ORDER BY created_at DESC, seq DESC`,
		`SELECT state, closed_at FROM operations WHERE account_id = 'x' AND created_at >= 'x' AND kind = 'x' AND started_by = 'x' ORDER BY created_at DESC, seq DESC`,
		`SELECT account_id FROM account_list WHERE renew_at <= 'x' ORDER BY expires_at, name_key`,
		`SELECT 1 FROM audit WHERE account_id = 'x' AND action <> 'operation.step'`,
		`SELECT 1 FROM audit WHERE operation_id IN (SELECT id FROM operations WHERE account_id = 'x') AND action <> 'operation.step'`,
		`SELECT 1 FROM api_tokens WHERE sha256 = x'00'`,
	} {
		rows, err := s.reader.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+query)
		if err != nil {
			t.Fatal(err)
		}
		err = eachRow(rows, func() error {
			var id, parent, unused int
			var detail string
			err := rows.Scan(&id, &parent, &unused, &detail)
			if strings.HasPrefix(detail, "SCAN") && !strings.HasSuffix(detail, "INDEX operations_open") { // which has the open ones only
				t.Errorf("%s reads every row: %s", query, detail)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestConnectionsAreSetUp(t *testing.T) {
	t.Parallel()
	s := openHere(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "query_only": "0", "busy_timeout": "5000"} {
		var got string
		if err := s.writer.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("writer: %s is %s (%v), want %s", pragma, got, err, want)
		}
	}
	if _, err := s.reader.ExecContext(t.Context(), `DELETE FROM accounts`); err == nil {
		t.Error("a reader can write")
	}
	if n := s.writer.Stats().MaxOpenConnections; n != 1 {
		t.Errorf("%d writers", n)
	}
}

func TestDiskFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pragma, undo, want string
	}{
		"full":      {"PRAGMA max_page_count = 1", "PRAGMA max_page_count = 100000", "full"},
		"read-only": {"PRAGMA query_only = 1", "PRAGMA query_only = 0", "read-only"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openHere(t)
			if err := fill(s, 0, 1); err != nil {
				t.Fatal(err)
			}
			if _, err := s.writer.ExecContext(t.Context(), tt.pragma); err != nil {
				t.Fatal(err)
			}
			err := fill(s, 1, 500)
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != fault.Internal || !strings.Contains(f.Message, tt.want) || f.Meaning == "" || f.Remedy == "" {
				t.Errorf("error %v", err)
			}
			all, err := s.Accounts(t.Context(), account.System())
			if err != nil || len(all) != 1 {
				t.Errorf("%d accounts (%v): half a change was kept", len(all), err)
			}
			rows, err := s.Audit(t.Context(), account.System(), AuditQuery{})
			if err != nil || len(rows) != 1 {
				t.Errorf("%d audit rows (%v)", len(rows), err)
			}
			if _, err := s.writer.ExecContext(t.Context(), tt.undo); err != nil {
				t.Fatal(err)
			}
			if err := fill(s, 1, 20); err != nil {
				t.Errorf("once there is room again: %v", err)
			}
		})
	}
}

func TestDroppedSealsAreNull(t *testing.T) {
	t.Parallel()
	s := openHere(t)
	if err := fill(s, 0, 1); err != nil {
		t.Fatal(err)
	}
	err := s.Change(t.Context(), account.System(), Event{Action: "x"}, func(tx *Tx) error {
		return errors.Join(tx.PutOperation(&account.Operation{ID: "o"}), tx.PutSignIn("o", SignInSecret{}), tx.DropSignIn("o"), tx.DropMaterial("0-0"))
	})
	if err != nil {
		t.Fatal(err)
	}
	var left int
	err = s.reader.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM credentials WHERE material IS NOT NULL) +
		(SELECT count(*) FROM operations WHERE sign_in_device IS NOT NULL OR sign_in_refresh IS NOT NULL)`).Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("%d sealed values are left (%v)", left, err)
	}
}
