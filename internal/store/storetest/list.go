package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/store"
)

// randomAccount puts an account in any condition: with or without a credential, a check of it or of another one, an end on
// either side of the clock or at the edges, and operations that wait for somebody.
func (b *bench) randomAccount(r *rand.Rand, i int, now time.Time) {
	b.T.Helper()
	name := fmt.Sprintf("acc-%03d", i)
	a := &account.Account{
		ID: "id-" + name, Name: name, Description: pick(r, "", "Backups", "Änderungen"), Cloud: pick(r, "global", "usgov"), TenantID: pick(r, "t1", "t2"),
		Origin: pick(r, account.Created, account.Existing), ApplicationID: fmt.Sprintf("app-%d", i),
		Subscriptions: make([]account.Subscription, r.IntN(3)),
	}
	kind := pick(r, account.Secret, account.Certificate)
	ends := pick(r, nil, new(now), new(now.Add(-time.Nanosecond)), new(now.Add(time.Nanosecond)), new(now.Add(account.ExpiringWithin)),
		new(now.Add(account.ExpiringWithin-time.Nanosecond)), new(now.Add(-72*time.Hour)), new(now.Add(900*time.Hour)))
	states := slices.DeleteFunc(append(account.States(), "not_a_state"), func(s account.State) bool { return s == account.NeedsSignIn }) // no check finds that
	if r.IntN(4) > 0 {
		a.Check = &account.Check{
			At: now.Add(-time.Hour), CredentialID: pick(r, "c-"+name, "c-"+name, "", "other"),
			State: pick(r, states...),
		}
	}
	b.do(func(tx *store.Tx) error {
		if err := tx.PutAccount(a); err != nil {
			return err
		}
		if r.IntN(5) > 0 {
			c := account.Credential{ID: "c-" + name, AccountID: a.ID, Kind: kind, Slot: account.Current, ExpiresAt: ends}
			if ends != nil {
				c.StartsAt = pick(r, nil, new(ends.Add(-30*24*time.Hour)), new(ends.Add(-365*24*time.Hour)))
			}
			if err := tx.PutCredential(c); err != nil {
				return err
			}
		}
		for j := range r.IntN(3) {
			o := &account.Operation{
				ID: fmt.Sprintf("o-%d-%d", i, j), AccountID: a.ID, Kind: pick(r, account.OpRenew, account.OpRetire),
				State: pick(r, account.OpRunning, account.OpNeedsSignIn, account.OpNeedsSignIn, account.OpDone),
			}
			if err := tx.PutOperation(o); err != nil {
				return err
			}
		}
		return nil
	})
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// listAgreesWithStatusOf holds what the database says of states against what the domain says, for many accounts and moments.
func listAgreesWithStatusOf(t *testing.T, b *bench) {
	r, start := rand.New(rand.NewPCG(1, 2)), at(1) //nolint:gosec // the same accounts each time
	for i := range 150 {
		b.randomAccount(r, i, start)
	}
	all, err := b.Accounts(b.ctx(), admin())
	if err != nil {
		t.Fatal(err)
	}
	for _, now := range []time.Time{start, start.Add(time.Nanosecond), start.Add(-account.ExpiringWithin), start.Add(31 * 24 * time.Hour), start.Add(-2000 * time.Hour)} {
		byState, rank := map[account.State][]string{}, map[string]int{}
		for _, a := range all {
			open, err := b.Operations(b.ctx(), admin(), store.OperationQuery{AccountID: a.ID, OpenOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			state := account.StandingOf(a, now, open).State
			byState[state] = append(byState[state], a.ID)
			rank[a.ID] = account.Severity(state)
		}
		page := b.list(store.AccountQuery{Limit: 7}, now)
		if page.Total != len(all) || page.Matched != len(all) || len(page.Accounts) != 7 {
			t.Errorf("%d of %d, page of %d", page.Matched, page.Total, len(page.Accounts))
		}
		counts := map[account.State]int{}
		for _, c := range page.States {
			counts[c.State] = c.Count
		}
		for state, ids := range byState {
			if counts[state] != len(ids) {
				t.Errorf("at %s: %d accounts are %s, counted %d", now, len(ids), state, counts[state])
			}
			got, err := b.ListIDs(b.ctx(), admin(), store.AccountQuery{States: []account.State{state}}, now)
			if err != nil {
				t.Fatal(err)
			}
			same(t, fmt.Sprintf("accounts that are %s at %s", state, now), got, ids)
			delete(counts, state)
		}
		if len(counts) > 0 {
			t.Errorf("at %s: states of nobody: %v", now, counts)
		}
		sorted, err := b.ListIDs(b.ctx(), admin(), store.AccountQuery{Sort: "-state"}, now)
		if err != nil || len(sorted) != len(all) {
			t.Fatalf("%d sorted (%v)", len(sorted), err)
		}
		if !slices.IsSortedFunc(sorted, func(x, y string) int {
			if rank[x] != rank[y] {
				return rank[y] - rank[x]
			}
			return strings.Compare(x, y)
		}) {
			t.Errorf("at %s: not sorted by state, the worst first, then by name", now)
		}
	}
}

func (b *bench) list(q store.AccountQuery, now time.Time) *store.AccountPage {
	b.T.Helper()
	page, err := b.List(b.ctx(), admin(), q, now)
	if err != nil {
		b.T.Fatal(err)
	}
	return page
}

func names(page *store.AccountPage) []string {
	out := []string{}
	for _, a := range page.Accounts {
		out = append(out, a.Name)
	}
	return out
}

func lists(t *testing.T, b *bench) {
	now := at(1)
	add := func(a account.Account, c *account.Credential) {
		a.ID = "id-" + a.Name
		b.do(func(tx *store.Tx) error {
			if err := tx.PutAccount(&a); err != nil || c == nil {
				return err
			}
			c.ID, c.AccountID, c.Slot = "c-"+a.Name, a.ID, account.Current
			return tx.PutCredential(*c)
		})
	}
	add(account.Account{
		Name: "Beta", Description: "100% of _the_ nightly backups", Cloud: "global", TenantID: "t1", Origin: account.Created,
		Subscriptions: []account.Subscription{{ID: "s1", Name: "Production"}, {ID: "s2"}}, UsedBy: []string{"Veeam on VBR01"},
	}, &account.Credential{Kind: account.Secret, ExpiresAt: new(now.Add(48 * time.Hour))})
	add(account.Account{Name: "alpha", Description: "Archive", Cloud: "usgov", TenantID: "t2", Origin: account.Existing}, &account.Credential{Kind: account.Certificate})
	add(account.Account{Name: "gamma", Cloud: "global", TenantID: "t2", Origin: account.Existing, ApplicationID: "APP-7"},
		&account.Credential{Kind: account.Secret, ExpiresAt: new(now.Add(24 * time.Hour))})
	add(account.Account{Name: "delta", Cloud: "global", TenantID: "t1", Origin: account.Created}, nil)

	for what, c := range map[string]struct {
		q    store.AccountQuery
		want []string
	}{
		"all, by name":          {store.AccountQuery{}, []string{"alpha", "Beta", "delta", "gamma"}},
		"backwards":             {store.AccountQuery{Sort: "-name"}, []string{"gamma", "delta", "Beta", "alpha"}},
		"a page":                {store.AccountQuery{Limit: 2, Offset: 1}, []string{"Beta", "delta"}},
		"behind the end":        {store.AccountQuery{Limit: 2, Offset: 9}, []string{}},
		"by end":                {store.AccountQuery{Sort: "expires"}, []string{"gamma", "Beta", "alpha", "delta"}},
		"by end, latest first":  {store.AccountQuery{Sort: "-expires"}, []string{"Beta", "gamma", "alpha", "delta"}},
		"by subscriptions":      {store.AccountQuery{Sort: "-subscriptions"}, []string{"Beta", "alpha", "delta", "gamma"}},
		"by description":        {store.AccountQuery{Sort: "description"}, []string{"delta", "gamma", "Beta", "alpha"}},
		"search in name":        {store.AccountQuery{Search: "BET"}, []string{"Beta"}},
		"all words":             {store.AccountQuery{Search: "backups beta"}, []string{"Beta"}},
		"not one of the words":  {store.AccountQuery{Search: "backups alpha"}, []string{}},
		"no wildcards":          {store.AccountQuery{Search: "100% of _the"}, []string{"Beta"}},
		"a wildcard is a text":  {store.AccountQuery{Search: "%"}, []string{"Beta"}},
		"a quote":               {store.AccountQuery{Search: `' OR 1 --`}, []string{}},
		"search in application": {store.AccountQuery{Search: "app-7"}, []string{"gamma"}},
		"search in scope":       {store.AccountQuery{Search: "production"}, []string{"Beta"}},
		"search in its users":   {store.AccountQuery{Search: "vbr01"}, []string{"Beta"}},
		"cloud":                 {store.AccountQuery{Cloud: "usgov"}, []string{"alpha"}},
		"tenant":                {store.AccountQuery{TenantID: "T2"}, []string{"alpha", "gamma"}},
		"origin and method":     {store.AccountQuery{Origin: account.Existing, Method: account.Secret}, []string{"gamma"}},
		"ids":                   {store.AccountQuery{IDs: []string{"id-delta", "id-alpha", "id-none"}}, []string{"alpha", "delta"}},
		"all but":               {store.AccountQuery{Except: []string{"id-delta", "id-alpha"}}, []string{"Beta", "gamma"}},
		"two states":            {store.AccountQuery{States: []account.State{account.Expiring, account.Expired}}, []string{"Beta", "gamma"}},
	} {
		same(t, what, names(b.list(c.q, now)), c.want)
	}
	for _, key := range store.SortKeys() {
		if page := b.list(store.AccountQuery{Sort: key}, now); len(page.Accounts) != 4 {
			t.Errorf("sorted by %s: %v", key, names(page))
		}
	}
	for _, key := range []string{"color", "-", "name; DROP TABLE accounts"} {
		_, err := b.List(b.ctx(), admin(), store.AccountQuery{Sort: key}, now)
		wantFault(t, err, fault.Invalid, "sort")
	}
	if page := b.list(store.AccountQuery{IDs: []string{"id-Beta"}}, now); page.Total != 4 || page.Matched != 1 ||
		len(page.Accounts[0].Credentials) != 1 || len(page.Accounts[0].Subscriptions) != 2 {
		t.Errorf("%d of %d, %+v", page.Matched, page.Total, page.Accounts)
	}
	b.do(func(tx *store.Tx) error { return tx.DeleteAccount("id-Beta") })
	same(t, "after a removal", names(b.list(store.AccountQuery{}, now)), []string{"alpha", "delta", "gamma"})
}

// listMarks holds that a mark stays while nothing happens, and changes when an account, an operation or what the clock says of
// an end does.
func listMarks(t *testing.T, b *bench) {
	mark := func(now time.Time) string {
		t.Helper()
		m, err := b.ListMark(b.ctx(), admin(), now)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	now := at(1).Truncate(time.Hour)
	ends := now.Add(200*24*time.Hour + 30*time.Second)
	a := b.addAccount("one", account.Credential{ID: "c", Slot: account.Current, ExpiresAt: &ends})
	first := mark(now)
	if again := mark(now.Add(time.Minute)); again != first {
		t.Errorf("%s became %s, and nothing happened", first, again)
	}
	b.do(func(tx *store.Tx) error {
		return tx.PutOperation(&account.Operation{ID: "o", AccountID: a.ID, Kind: account.OpRenew, State: account.OpRunning})
	})
	if second := mark(now); second == first {
		t.Error("an operation began, and the mark stayed")
	}
	for _, edge := range []time.Time{ends, ends.Add(-account.ExpiringWithin + time.Nanosecond)} {
		if mark(edge) == mark(edge.Add(-time.Nanosecond)) {
			t.Errorf("the clock passed %s, and the mark stayed", edge)
		}
	}
	if mark(ends.Add(-10*time.Minute)) == mark(ends.Add(-8*time.Minute)) {
		t.Error("minutes before an end, the mark stays for minutes")
	}
}

func edits(t *testing.T, b *bench) {
	a := b.addAccount("one")
	since := func(version int64) []string {
		t.Helper()
		found, err := b.EditsSince(b.ctx(), admin(), a.ID, version)
		if err != nil {
			t.Fatal(err)
		}
		out := []string{}
		for _, f := range found {
			out = append(out, fmt.Sprintf("%s %d %s", f.Field, f.Version, f.By))
		}
		return out
	}
	put := func(change func()) {
		t.Helper()
		change()
		b.do(func(tx *store.Tx) error { return tx.PutAccount(a) })
	}
	same(t, "a new account", since(0), []string{})
	put(func() { a.Check = &account.Check{State: account.Valid} })
	put(func() { a.ApplicationObjectID = "x" })
	same(t, "a check and what a renewal learns", since(1), []string{})
	put(func() { a.Description, a.UsedBy = "new", []string{"VBR"} })
	put(func() { a.Description = "newer" })
	put(func() { a.Subscriptions = []account.Subscription{{ID: "s"}} })
	same(t, "after the edits", since(1), []string{"description 5 admin", "subscriptions 6 admin", "used_by 4 admin"})
	same(t, "after the first", since(4), []string{"description 5 admin", "subscriptions 6 admin"})
	put(func() { a.Subscriptions[0].Name = "found out" })
	same(t, "at the newest", since(6), []string{})
	put(func() { a.ManagementGroup = "mg" })
	put(func() { a.Subscriptions = append(a.Subscriptions, account.Subscription{ID: "below"}) })
	same(t, "a management group", since(7), []string{"management_group 8 admin", "subscriptions 8 admin"})
}

// dueOperations holds the answer of the sweep's query against the operations themselves.
func dueOperations(t *testing.T, b *bench) {
	now := at(1)
	for _, o := range []struct {
		id    string
		state account.OperationState
		next  *time.Time
	}{
		{"at-once", account.OpRunning, nil},
		{"now", account.OpRunning, new(now)},
		{"past", account.OpWaitingSignIn, new(now.Add(-time.Hour))},
		{"a-moment-later", account.OpRunning, new(now.Add(time.Nanosecond))},
		{"later", account.OpRunning, new(now.Add(time.Hour))},
		{"needs-somebody", account.OpNeedsSignIn, nil},
		{"asks", account.OpWaitingChoice, nil},
		{"asks-later", account.OpWaitingChoice, new(now.Add(time.Hour))},
		{"done", account.OpDone, nil},
		{"failed", account.OpFailed, new(now.Add(-time.Hour))},
	} {
		b.do(func(tx *store.Tx) error {
			return tx.PutOperation(&account.Operation{ID: o.id, Kind: account.OpRetire, State: o.state, NextAt: o.next})
		})
	}
	due, err := b.DueOperations(b.ctx(), admin(), now)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(due.Ready)
	same(t, "due", due.Ready, []string{"at-once", "now", "past"})
	asking := []string{}
	for _, o := range due.Waiting {
		asking = append(asking, o.ID)
	}
	slices.Sort(asking)
	same(t, "asking", asking, []string{"asks", "asks-later"})
}
