package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
)

// Steward is the account whose application renews the others of a tenant.
type Steward struct {
	Cloud     string
	TenantID  string
	AccountID string
}

// PutSteward makes an account the steward of a tenant, in the place of another one.
func (tx *Tx) PutSteward(cloud, tenantID, accountID string) error {
	return tx.exec("storing a steward", `INSERT INTO stewards (cloud, tenant_id, account_id) VALUES (?, ?, ?)
		ON CONFLICT (cloud, tenant_id) DO UPDATE SET account_id = excluded.account_id`, cloud, tenantID, accountID)
}

// DropSteward takes an account off the tenant it is the steward of; none is fine.
func (tx *Tx) DropSteward(accountID string) error {
	return tx.exec("dropping a steward", `DELETE FROM stewards WHERE account_id = ?`, accountID)
}

// StewardOf returns the id of a tenant's steward; empty without one.
func (s *Store) StewardOf(ctx context.Context, by account.Caller, cloud, tenantID string) (string, error) {
	return readOnce(s, by, "reading a steward", func(q querier) (string, error) {
		var id string
		err := q.QueryRowContext(ctx, `SELECT account_id FROM stewards WHERE cloud = ? AND tenant_id = ?`, cloud, tenantID).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return "", nil
		}
		return id, err
	})
}

// Stewards returns all stewards, by cloud and tenant.
func (s *Store) Stewards(ctx context.Context, by account.Caller) ([]Steward, error) {
	return read(ctx, s, by, "listing stewards", func(q querier) ([]Steward, error) {
		rows, err := q.QueryContext(ctx, `SELECT cloud, tenant_id, account_id FROM stewards ORDER BY cloud, tenant_id`)
		if err != nil {
			return nil, err
		}
		var out []Steward
		err = eachRow(rows, func() error {
			var one Steward
			err := rows.Scan(&one.Cloud, &one.TenantID, &one.AccountID)
			out = append(out, one)
			return err
		})
		return out, err
	})
}

// AccountsOn returns the accounts that have or had a credential on an application, with all their credentials.
func (s *Store) AccountsOn(ctx context.Context, by account.Caller, applicationID string) ([]*account.Account, error) {
	return read(ctx, s, by, "listing the accounts of an application", func(q querier) ([]*account.Account, error) {
		rows, err := q.QueryContext(ctx, `SELECT DISTINCT account_id FROM credentials WHERE application_id = ? ORDER BY account_id`, applicationID)
		if err != nil {
			return nil, err
		}
		ids, err := idsOf(rows)
		if err != nil {
			return nil, err
		}
		out := make([]*account.Account, 0, len(ids))
		for _, id := range ids {
			a, err := oneAccount(ctx, q, id, false)
			if err != nil {
				return nil, err
			}
			out = append(out, a)
		}
		return out, nil
	})
}

// AccountsUsing returns the accounts, as InUse does, whose credential in use is on an application, without the one that asks.
func (s *Store) AccountsUsing(ctx context.Context, by account.Caller, applicationID, except string) ([]*account.Account, error) {
	ids, err := readOnce(s, by, "listing the accounts that use an application", func(q querier) ([]string, error) {
		rows, err := q.QueryContext(ctx, `SELECT account_id FROM credentials WHERE application_id = ? AND slot = 'current' AND account_id <> ? ORDER BY account_id`, applicationID, except)
		if err != nil {
			return nil, err
		}
		return idsOf(rows)
	})
	if err != nil {
		return nil, err
	}
	return s.eachInUse(ctx, by, ids, func(*account.Account) bool { return true })
}

// idsOf reads the ids that rows have.
func idsOf(rows *sql.Rows) ([]string, error) {
	var ids []string
	err := eachRow(rows, func() error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// AccountsToRenew returns the accounts, as InUse does, whose policy wants their credential to be renewed by itself at now, the
// first to end first, and by name. It reads nothing of those whose time has not come.
func (s *Store) AccountsToRenew(ctx context.Context, by account.Caller, now time.Time) ([]*account.Account, error) {
	ids, err := readOnce(s, by, "listing accounts to renew", func(q querier) ([]string, error) {
		rows, err := q.QueryContext(ctx, `SELECT account_id FROM account_list WHERE renew_at <= ? ORDER BY expires_at, name_key`, formatTime(now))
		if err != nil {
			return nil, err
		}
		return idsOf(rows)
	})
	if err != nil {
		return nil, err
	}
	return s.eachInUse(ctx, by, ids, func(a *account.Account) bool { return a.RenewalDue(now) }) // else it was renewed meanwhile
}

// eachInUse reads accounts by their ids, without those that were removed meanwhile or are not wanted.
func (s *Store) eachInUse(ctx context.Context, by account.Caller, ids []string, want func(*account.Account) bool) ([]*account.Account, error) {
	out := make([]*account.Account, 0, len(ids))
	for _, id := range ids {
		a, err := s.InUse(ctx, by, id)
		switch {
		case fault.Is(err, fault.NotFound):
		case err != nil:
			return nil, err
		case want(a):
			out = append(out, a)
		}
	}
	return out, nil
}
