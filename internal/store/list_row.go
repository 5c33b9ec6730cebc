package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
)

// listRule is the number of the rule by which rows of account_list are made. Whoever changes what such a row holds, or the
// severities of states, raises it: the next start then makes all rows anew.
const listRule = 3

// permissionOrder is how lists sort by permissions.
func permissionOrder(p account.Permissions) int {
	return slices.Index([]account.Permissions{
		account.PermissionsHeld, account.PermissionsNotChecked, account.PermissionsUnknown, account.PermissionsLacking,
	}, p)
}

// refreshList brings the row that lists use in line with an account.
func (tx *Tx) refreshList(before, after *account.Account) error {
	if before == nil {
		return putListRow(tx.ctx, tx.tx, after)
	}
	set, args := changedColumns(listFields(), listRow(before), listRow(after))
	if set == "" {
		return nil
	}
	return tx.exec("storing the row of an account in lists", `UPDATE account_list SET `+set+` WHERE account_id = ?`, append(args, after.ID)...)
}

func putListRow(ctx context.Context, tx executor, a *account.Account) error {
	fields := listFields()
	_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO account_list (`+strings.Join(fields, ", ")+`) VALUES (`+strings.Repeat("?, ", len(fields)-1)+`?)`, listRow(a)...)
	return err
}

// listFields are the columns of the rows that lists use.
func listFields() []string {
	return []string{
		"account_id", "rule", "name_key", "description_key", "search", "cloud", "tenant_id", "origin", "method", "state", "severity",
		"expires_at", "expiring_at", "permissions", "missing", "subscriptions", "last_check_at", "created_at", "updated_at", "renew_at",
	}
}

// listRow are the values of listFields.
func listRow(a *account.Account) []any {
	state := a.CheckedState()
	permissions, missing := a.PermissionState()
	var method, expires, expiring, checked any = "", nil, nil, nil
	if c := a.Current(); c != nil {
		method, expires, expiring = string(c.Kind), formatTimePtr(c.ExpiresAt), formatTimePtr(c.ExpiringFrom())
	}
	if a.Check != nil {
		checked = formatTime(a.Check.At)
	}
	return []any{
		a.ID, listRule, nameKey(a.Name), strings.ToLower(a.Description), searchText(a), a.Cloud, a.TenantID, string(a.Origin), method,
		string(state), account.Severity(state), expires, expiring, permissionOrder(permissions), missing, len(a.Subscriptions), checked,
		formatTime(a.CreatedAt), formatTime(a.UpdatedAt), formatTimePtr(a.RenewalFrom()),
	}
}

// searchText is all that a search looks at: names and ids, one a line, in lower case.
func searchText(a *account.Account) string {
	parts := []string{a.Name, a.ID, a.Description, a.ApplicationID, a.TenantID, a.ManagementGroup}
	if c := a.Current(); c != nil {
		parts = append(parts, c.Thumbprint, c.KeyID)
	}
	for _, s := range a.Subscriptions {
		parts = append(parts, s.Name, s.ID)
	}
	parts = append(parts, a.UsedBy...)
	return strings.ToLower(strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n"))
}

// editable is what a person can edit of an account, by the names of the REST API.
func editable(a *account.Account) map[string]string {
	scope := a.SubscriptionIDs()
	if a.ManagementGroup != "" {
		scope = nil // they are what a check found below the group
	}
	slices.Sort(scope)
	return map[string]string{
		"name": a.Name, "description": a.Description, "used_by": asJSON(a.UsedBy), "policy": asJSON(a.Policy), "subscriptions": asJSON(scope),
		"management_group": a.ManagementGroup, "profile": a.Profile, "purposes": asJSON(a.Purposes),
	}
}

// sameEditable reports that nothing differs which editable tells; what it does not know to be the same is compared in the long way.
func sameEditable(a, b *account.Account) bool {
	return a.Name == b.Name && a.Description == b.Description && a.Policy == b.Policy && a.ManagementGroup == b.ManagementGroup && a.Profile == b.Profile &&
		slices.Equal(a.UsedBy, b.UsedBy) && slices.Equal(a.Subscriptions, b.Subscriptions) && slices.Equal(a.Purposes, b.Purposes) &&
		(a.UsedBy == nil) == (b.UsedBy == nil) && (a.Purposes == nil) == (b.Purposes == nil)
}

// noteEdit compares what a person can edit with what it was, and notes what has changed, whoever changed it in which way.
func (tx *Tx) noteEdit(stored, a *account.Account) error {
	if stored != nil && sameEditable(stored, a) {
		return nil
	}
	now := editable(a)
	var before map[string]string
	err := tx.tx.QueryRowContext(tx.ctx, `SELECT fields FROM account_editable WHERE account_id = ?`, a.ID).Scan(jsonColumn{&before})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if maps.Equal(before, now) {
		return nil
	}
	if _, err := tx.tx.ExecContext(tx.ctx, `INSERT OR REPLACE INTO account_editable (account_id, fields) VALUES (?, ?)`, a.ID, asJSON(now)); err != nil {
		return err
	}
	if before == nil {
		return nil // a new account: nobody has seen another version
	}
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if before[name] != now[name] {
			fields = append(fields, name)
		}
	}
	_, err = tx.tx.ExecContext(tx.ctx, `INSERT OR REPLACE INTO account_edits (account_id, version, at, caller, fields) VALUES (?, ?, ?, ?, ?)`,
		a.ID, a.Version, formatTime(tx.now), tx.by.Name, asJSON(fields))
	return err
}

// FieldEdit says that something a person can edit was changed.
type FieldEdit struct {
	Field   string // by its name in the REST API
	Version int64  // of the account, the last that changed it
	At      time.Time
	By      string
}

// EditsSince returns what of an account a person can edit and was changed after the version, each field once with its last
// change, by name.
func (s *Store) EditsSince(ctx context.Context, by account.Caller, accountID string, version int64) ([]FieldEdit, error) {
	return read(ctx, s, by, "reading what was edited", func(q querier) ([]FieldEdit, error) {
		rows, err := q.QueryContext(ctx, `SELECT version, at, caller, fields FROM account_edits WHERE account_id = ? AND version > ? ORDER BY version`,
			accountID, version)
		if err != nil {
			return nil, err
		}
		last := map[string]FieldEdit{}
		if err := eachRow(rows, func() error {
			var e FieldEdit
			var fields []string
			err := rows.Scan(&e.Version, timeColumn{value: &e.At}, &e.By, jsonColumn{&fields})
			for _, f := range fields {
				e.Field = f
				last[f] = e
			}
			return err
		}); err != nil {
			return nil, err
		}
		out := make([]FieldEdit, 0, len(last))
		for _, f := range slices.Sorted(maps.Keys(last)) {
			out = append(out, last[f])
		}
		return out, nil
	})
}

// makeLists makes the rows of accounts that have none, or one by another rule: after an update of the program.
func makeLists(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // without effect once committed
	var ids []string
	err = each(ctx, tx, func(row scanner) error {
		var id string
		err := row.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT id FROM accounts WHERE id NOT IN (SELECT account_id FROM account_list WHERE rule = ?)`, listRule)
	if err != nil {
		return err
	}
	for _, id := range ids {
		a, err := oneAccount(ctx, tx, id, false)
		if err != nil {
			return err
		}
		if err := putListRow(ctx, tx, a); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO account_editable (account_id, fields) VALUES (?, ?)`, id, asJSON(editable(a))); err != nil {
			return err
		}
	}
	return tx.Commit()
}
