package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
)

// AccountQuery selects and orders accounts. The zero query selects all, by name.
type AccountQuery struct {
	Search   string          // words; each must be in the name, the description, an id, a subscription or what uses the account
	IDs      []string        // only these
	Except   []string        // not these
	States   []account.State // as of the moment of the query
	Cloud    string
	TenantID string
	Origin   account.Origin
	Method   account.Kind // of the credential in use
	Sort     string       // one of SortKeys, with - before it for the other direction; empty: by name
	Limit    int          // at most so many; 0 for all
	Offset   int
}

// SortKeys are what accounts can be sorted by.
func SortKeys() []string {
	return []string{"name", "description", "expires", "state", "permissions", "subscriptions", "last_check", "created", "updated", "method", "tenant", "cloud", "origin"}
}

// AccountPage is a part of a list of accounts.
type AccountPage struct {
	Accounts []*account.Account              // without the credentials that were removed
	Open     map[string][]*account.Operation // by account: what has not ended, newest first
	Total    int                             // accounts that there are
	Matched  int                             // accounts that the query selects
	States   []StateCount                    // of what the query would select whatever its states; the least severe first
}

// StateCount is how many accounts are in a state.
type StateCount struct {
	State account.State
	Count int
}

// TenantCount is how many accounts are in a tenant.
type TenantCount struct {
	Cloud, TenantID string
	Accounts        int
}

// Tenants returns the tenants that accounts are in, by cloud and id.
func (s *Store) Tenants(ctx context.Context, by account.Caller) ([]TenantCount, error) {
	return read(ctx, s, by, "listing tenants", func(q querier) ([]TenantCount, error) {
		out := []TenantCount{}
		err := each(ctx, q, func(row scanner) error {
			var t TenantCount
			err := row.Scan(&t.Cloud, &t.TenantID, &t.Accounts)
			out = append(out, t)
			return err
		}, `SELECT cloud, tenant_id, count(*) FROM account_list GROUP BY cloud, tenant_id ORDER BY cloud, tenant_id`)
		return out, err
	})
}

// ListMark returns a text that changes whenever a list of accounts may have changed between two moments: with each change
// of the store, and when a credential's end, or the time before it, passes the clock.
func (s *Store) ListMark(ctx context.Context, by account.Caller, now time.Time) (string, error) {
	return read(ctx, s, by, "reading the mark of lists", func(q querier) (string, error) {
		var changes, expired, expiring, near int64
		err := q.QueryRowContext(ctx, `SELECT (SELECT coalesce(max(id), 0) FROM audit),
			(SELECT count(*) FROM account_list WHERE expires_at <= ?1), (SELECT count(*) FROM account_list WHERE expiring_at < ?1),
			EXISTS (SELECT 1 FROM account_list WHERE expires_at BETWEEN ?2 AND ?3)`,
			formatTime(now), formatTime(now.Add(-closeBy)), formatTime(now.Add(closeBy))).
			Scan(&changes, &expired, &expiring, &near)
		if err != nil {
			return "", err
		}
		// The words say how long it is until an end: by the minute where one is close, else by the hour.
		step := time.Hour
		if near == 1 {
			step = time.Minute
		}
		return fmt.Sprintf("%d.%d.%d.%x", changes, expired, expiring, now.UTC().Truncate(step).Unix()), nil
	})
}

// closeBy is how near an end is told by the minute (account.Until does within two hours).
const closeBy = 3 * time.Hour

// List returns the selected accounts as they stand at now. The states are those of account.StatusOf. Faults: an unknown key
// to sort by (Invalid, field "sort").
func (s *Store) List(ctx context.Context, by account.Caller, want AccountQuery, now time.Time) (*AccountPage, error) {
	return read(ctx, s, by, "listing accounts", func(q querier) (*AccountPage, error) {
		l := selection{ctx: ctx, q: q, want: want, now: now}
		page, ids, err := l.page()
		if err != nil {
			return nil, err
		}
		if page.Accounts, err = accountsByID(ctx, q, ids); err != nil {
			return nil, err
		}
		page.Open, err = openOf(ctx, q, ids)
		return page, err
	})
}

// ListIDs returns the ids of the selected accounts, in order.
func (s *Store) ListIDs(ctx context.Context, by account.Caller, want AccountQuery, now time.Time) ([]string, error) {
	return read(ctx, s, by, "listing accounts", func(q querier) ([]string, error) {
		return (&selection{ctx: ctx, q: q, want: want, now: now}).ids()
	})
}

// selection is one query on account_list.
type selection struct {
	ctx  context.Context
	q    querier
	want AccountQuery
	now  time.Time
}

// severity is what the severity of an account's state is at now, in SQL, and its arguments. The severity says the state: no two
// states have the same.
func (l *selection) severity() (text string, args []any) {
	sev := func(s account.State) string { return strconv.Itoa(account.Severity(s)) }
	return `max(severity, CASE WHEN expires_at <= ? THEN ` + sev(account.Expired) + ` WHEN expiring_at < ? THEN ` + sev(account.Expiring) + ` ELSE -1 END,
		CASE WHEN account_id IN (SELECT account_id FROM operations WHERE open = 1 AND state = 'needs_sign_in') THEN ` + sev(account.NeedsSignIn) + ` ELSE -1 END)`,
		[]any{formatTime(l.now), formatTime(l.now)}
}

// where is the condition on rows whatever their state.
func (l *selection) where() (text string, args []any) {
	text = ` WHERE 1`
	for word := range strings.FieldsSeq(strings.ToLower(l.want.Search)) {
		text, args = text+` AND instr(search, ?) > 0`, append(args, word)
	}
	for _, f := range []struct{ column, value string }{
		{"cloud", l.want.Cloud}, {"tenant_id", strings.ToLower(l.want.TenantID)}, {"origin", string(l.want.Origin)}, {"method", string(l.want.Method)},
	} {
		if f.value != "" {
			text, args = text+` AND `+f.column+` = ?`, append(args, f.value)
		}
	}
	if len(l.want.IDs) > 0 {
		text, args = text+` AND account_id IN (SELECT value FROM json_each(?))`, append(args, asJSON(l.want.IDs))
	}
	if len(l.want.Except) > 0 {
		text, args = text+` AND account_id NOT IN (SELECT value FROM json_each(?))`, append(args, asJSON(l.want.Except))
	}
	return text, args
}

func (l *selection) page() (*AccountPage, []string, error) {
	page := &AccountPage{States: []StateCount{}}
	if err := l.q.QueryRowContext(l.ctx, `SELECT count(*) FROM account_list`).Scan(&page.Total); err != nil {
		return nil, nil, err
	}
	severity, args := l.severity()
	where, more := l.where()
	rows, err := l.q.QueryContext(l.ctx, `SELECT `+severity+` AS now_severity, count(*) FROM account_list`+where+` GROUP BY now_severity ORDER BY now_severity`,
		append(args, more...)...)
	if err != nil {
		return nil, nil, err
	}
	states := account.States()
	if err := eachRow(rows, func() error {
		var severity, n int
		err := rows.Scan(&severity, &n)
		c := StateCount{State: states[severity], Count: n}
		page.States = append(page.States, c)
		if len(l.want.States) == 0 || slices.Contains(l.want.States, c.State) {
			page.Matched += c.Count
		}
		return err
	}); err != nil {
		return nil, nil, err
	}
	ids, err := l.ids()
	return page, ids, err
}

// order is the ORDER BY of the query. What has no value comes last in both directions; the name decides between equals.
func (l *selection) order() (string, error) {
	key, down := strings.CutPrefix(l.want.Sort, "-")
	direction := ""
	if down {
		direction = " DESC"
	}
	text := map[string]string{
		"": "name_key", "name": "name_key", "description": "description_key", "expires": "expires_at IS NULL, expires_at", "state": "now_severity",
		"permissions": "permissions" + direction + ", missing", "subscriptions": "subscriptions", "last_check": "last_check_at IS NULL, last_check_at",
		"created": "created_at", "updated": "updated_at", "method": "method", "tenant": "tenant_id", "cloud": "cloud", "origin": "origin",
	}[key]
	if text == "" || key == "" && down {
		return "", fault.BadField("sort", "Accounts cannot be sorted by "+strconv.Quote(key)+".",
			"Sort by one of: "+strings.Join(SortKeys(), ", ")+"; with - before it for the other direction.")
	}
	order := " ORDER BY " + text + direction
	if text != "name_key" {
		order += ", name_key"
	}
	return order, nil
}

func (l *selection) ids() ([]string, error) {
	order, err := l.order()
	if err != nil {
		return nil, err
	}
	severity, args := l.severity()
	where, more := l.where()
	query := `SELECT account_id, ` + severity + ` AS now_severity FROM account_list` + where
	args = append(args, more...)
	if len(l.want.States) > 0 {
		wanted := make([]int, 0, len(l.want.States))
		for _, s := range l.want.States {
			wanted = append(wanted, slices.Index(account.States(), s))
		}
		query, args = query+` AND now_severity IN (SELECT value FROM json_each(?))`, append(args, asJSON(wanted))
	}
	query += order
	limit := -1
	if l.want.Limit > 0 {
		limit = l.want.Limit
	}
	out := []string{}
	err = each(l.ctx, l.q, func(row scanner) error {
		var id string
		var severity int
		err := row.Scan(&id, &severity)
		out = append(out, id)
		return err
	}, query+` LIMIT ? OFFSET ?`, append(args, limit, l.want.Offset)...)
	return out, err
}

// accountsByID reads accounts with those of their credentials that are not removed, in the order of the ids.
func accountsByID(ctx context.Context, q querier, ids []string) ([]*account.Account, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+accountColumns+` FROM accounts WHERE id IN (SELECT value FROM json_each(?))`, asJSON(ids))
	if err != nil {
		return nil, err
	}
	byID := map[string]*account.Account{}
	if err := eachRow(rows, func() error {
		a, err := scanAccount(rows)
		if err == nil {
			byID[a.ID] = a
		}
		return err
	}); err != nil {
		return nil, err
	}
	rows, err = q.QueryContext(ctx, `SELECT `+credentialColumns+` FROM credentials WHERE account_id IN (SELECT value FROM json_each(?)) AND slot <> 'removed' `+newestCredentialFirst, asJSON(ids))
	if err != nil {
		return nil, err
	}
	if err := eachRow(rows, func() error {
		c, err := scanCredential(rows)
		if err == nil {
			byID[c.AccountID].Credentials = append(byID[c.AccountID].Credentials, c)
		}
		return err
	}); err != nil {
		return nil, err
	}
	out := make([]*account.Account, 0, len(ids))
	for _, id := range ids {
		out = append(out, byID[id]) // each is there: a row of the list falls with its account
	}
	return out, nil
}

// openOf reads the operations of accounts that have not ended.
func openOf(ctx context.Context, q querier, ids []string) (map[string][]*account.Operation, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+operationColumns+` FROM operations WHERE open = 1 AND account_id IN (SELECT value FROM json_each(?))
		ORDER BY created_at DESC, seq DESC`, asJSON(ids))
	if err != nil {
		return nil, err
	}
	out := map[string][]*account.Operation{}
	err = eachRow(rows, func() error {
		o, err := scanOperation(rows)
		if err == nil {
			out[o.AccountID] = append(out[o.AccountID], o)
		}
		return err
	})
	return out, err
}
