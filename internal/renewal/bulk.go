package renewal

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/store"
)

// BulkRequest asks for the same to be done with many accounts: those named, or those that a filter selects.
type BulkRequest struct {
	Action   account.Action      // ActCheck or ActRenew
	Accounts []string            // ids or names; or
	Filter   *store.AccountQuery // all that it selects; its order, limit and offset do not count
	SignIn   string              // id of a sign-in that was made before, for the accounts of its tenant
	Kind     account.Kind        // of new credentials; empty: as each account has
	Soak     *time.Duration      // nil: as each account has it
	Lifetime *time.Duration      // likewise
}

// Refused is an account for which nothing was begun, and why.
type Refused struct {
	AccountID   string // empty where there is none
	AccountName string // or as the request named it
	Problem     *account.Problem
}

// NeededSignIn is a tenant in which somebody has to sign in before the accounts can be renewed.
type NeededSignIn struct {
	Cloud, TenantID string
	Accounts        []*account.Account
}

// StartedBulk is what came of a request for many accounts.
type StartedBulk struct {
	Bulk          *store.Bulk // nil where nothing was begun
	SignInsNeeded []NeededSignIn
	Refused       []Refused
}

// maxBulk is the most accounts of one request.
const maxBulk = 10_000

// StartBulk begins what a request asks for, a few accounts at a time; the others wait in the store for their turn, also
// through a restart of the server. Accounts that need a person are begun only if the sign-in is of their tenant; the others
// are returned by tenant, so that one sign-in serves all of one tenant.
func (e *Engine) StartBulk(ctx context.Context, by account.Caller, q BulkRequest) (*StartedBulk, error) {
	if err := e.checkBulk(ctx, by, &q); err != nil {
		return nil, err
	}
	accounts, refused, err := e.bulkAccounts(ctx, by, q)
	if err != nil {
		return nil, err
	}
	out := &StartedBulk{Refused: refused}
	var items []store.BulkItem
	for _, a := range accounts {
		item := store.BulkItem{AccountID: a.ID, AccountName: a.Name, State: store.ItemWaiting}
		if q.Action == account.ActRenew {
			if f := account.Refusal(a, account.ActRenew, e.clock.Now()); f != nil {
				out.Refused = append(out.Refused, Refused{a.ID, a.Name, problemOf(f)})
				continue
			}
			ready, err := e.renewsNow(ctx, by, a, q)
			if err != nil {
				return nil, err
			}
			if !ready {
				out.needs(a)
				continue
			}
		}
		items = append(items, item)
	}
	if len(items) == 0 {
		return out, nil
	}
	for _, r := range out.Refused {
		items = append(items, store.BulkItem{AccountID: r.AccountID, AccountName: r.AccountName, State: store.ItemRefused, Problem: r.Problem})
	}
	b := &store.Bulk{ID: newID("bulk"), Action: string(q.Action), Params: store.BulkParams{
		SignIn: q.SignIn, Kind: q.Kind, Soak: duration(q.Soak), Lifetime: duration(q.Lifetime),
	}}
	what := store.Event{Action: "bulk.started", Detail: map[string]string{"bulk": b.ID, "action": b.Action, "accounts": itoa(len(items))}}
	if err := e.store.Change(ctx, by, what, func(tx *store.Tx) error { return tx.PutBulk(b, items) }); err != nil {
		return nil, err
	}
	e.firstOfBulk(ctx)
	out.Bulk, err = e.store.Bulk(ctx, by, b.ID)
	return out, err
}

func (s *StartedBulk) needs(a *account.Account) {
	i := slices.IndexFunc(s.SignInsNeeded, func(n NeededSignIn) bool { return n.Cloud == a.Cloud && n.TenantID == a.TenantID })
	if i < 0 {
		i = len(s.SignInsNeeded)
		s.SignInsNeeded = append(s.SignInsNeeded, NeededSignIn{Cloud: a.Cloud, TenantID: a.TenantID})
	}
	s.SignInsNeeded[i].Accounts = append(s.SignInsNeeded[i].Accounts, a)
}

func (e *Engine) checkBulk(ctx context.Context, by account.Caller, q *BulkRequest) error {
	switch {
	case q.Action != account.ActCheck && q.Action != account.ActRenew:
		return fault.BadField("action", quote(string(q.Action))+" cannot be done with many accounts at a time.", "Use check or renew.")
	case len(q.Accounts) > 0 && q.Filter != nil:
		return fault.BadField("filter", "Both accounts and a filter are given.", "Give one of them.")
	case len(q.Accounts) == 0 && q.Filter == nil:
		return fault.BadField("accounts", "No account is named.", "Name accounts, or give a filter; {} selects all.")
	case len(q.Accounts) > maxBulk:
		return fault.BadField("accounts", "There are too many accounts: "+strconv.Itoa(len(q.Accounts))+".", "Name at most "+strconv.Itoa(maxBulk)+".")
	case q.Action == account.ActCheck && (q.SignIn != "" || q.Kind != "" || q.Soak != nil || q.Lifetime != nil):
		return fault.BadField("action", "A sign-in, kind, soak or lifetime is given for a check.", "Leave them out: a check in bulk uses each account's own credential.")
	}
	if q.Filter != nil {
		if err := checkQuery(*q.Filter); err != nil {
			return err
		}
	}
	if err := checkPolicy(q.Soak, q.Lifetime); err != nil {
		return err
	}
	if err := checkKind(q.Kind); err != nil {
		return err
	}
	if q.SignIn != "" {
		if _, err := e.signIns.Check(ctx, by, q.SignIn, "", ""); err != nil {
			return err
		}
	}
	return nil
}

// bulkAccounts reads the accounts of a request, each once, and says which of those named there are not.
func (e *Engine) bulkAccounts(ctx context.Context, by account.Caller, q BulkRequest) ([]*account.Account, []Refused, error) {
	var ids []string
	var refused []Refused
	if q.Filter != nil {
		f := *q.Filter
		f.Sort = ""
		var err error
		if ids, err = e.ListIDs(ctx, by, f); err != nil {
			return nil, nil, err
		}
	} else {
		found, err := e.store.Resolve(ctx, by, q.Accounts)
		if err != nil {
			return nil, nil, err
		}
		for _, ref := range q.Accounts {
			id, ok := found[ref]
			if !ok {
				f := fault.New(fault.NotFound, "There is no account %s.", quote(ref)).WithRemedy("`evercred account list` shows the accounts.")
				refused = append(refused, Refused{"", ref, problemOf(f)})
			} else if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return nil, refused, nil
	}
	page, err := e.store.List(ctx, by, store.AccountQuery{IDs: ids}, e.clock.Now())
	if err != nil {
		return nil, nil, err
	}
	return page.Accounts, refused, nil
}

// renewsNow reports whether a renewal can begin without a further sign-in: by the account's own certificate, by the tenant's
// steward, or by the sign-in of the request.
func (e *Engine) renewsNow(ctx context.Context, by account.Caller, a *account.Account, q BulkRequest) (bool, error) {
	if q.SignIn != "" {
		v, err := e.signIns.Check(ctx, by, q.SignIn, a.Cloud, a.TenantID)
		if fault.Is(err, fault.Internal) {
			return false, err
		}
		if err == nil && sameTenant(v.TenantID, a.TenantID) {
			return true, nil
		} // else the sign-in is of no use to this account
	}
	kind := q.Kind
	if c := a.Current(); kind == "" && c != nil {
		kind = c.Kind
	}
	if kind == account.Certificate && a.RollsItself(e.clock.Now()) {
		return true, nil
	}
	steward, err := e.stewardOf(ctx, a)
	return steward != "", err
}

// sameTenant compares the tenant of a sign-in with that of an account. A domain name cannot be compared; then the sign-in says
// itself, when it is used, whether it is of use there.
func sameTenant(signIn, tenant string) bool {
	return uuid.Validate(tenant) != nil || strings.EqualFold(signIn, tenant)
}
