package renewal

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/store"
)

// AccountPage is a part of a list of accounts, and how each of them stands.
type AccountPage struct {
	*store.AccountPage
	Standings []account.Standing // one for each account of the page
	AsOf      time.Time          // the moment at which they stand so
}

// MaxPage is the most accounts that one page of a list holds.
const MaxPage = 1000

// List returns the accounts that a query selects. Faults: a state, an origin, a method, a key to sort by, a limit or an
// offset that there is not (Invalid, with the field).
func (e *Engine) List(ctx context.Context, by account.Caller, q store.AccountQuery) (*AccountPage, error) {
	if err := checkQuery(q); err != nil {
		return nil, err
	}
	now := e.clock.Now()
	found, err := e.store.List(ctx, by, q, now)
	if err != nil {
		return nil, err
	}
	stewards, err := e.store.Stewards(ctx, by)
	if err != nil {
		return nil, err
	}
	page := &AccountPage{AccountPage: found, AsOf: now, Standings: make([]account.Standing, 0, len(found.Accounts))}
	for _, a := range found.Accounts {
		st := account.StandingOf(a, now, found.Open[a.ID])
		st.Steward = slices.ContainsFunc(stewards, func(s store.Steward) bool { return s.AccountID == a.ID })
		page.Standings = append(page.Standings, st)
	}
	return page, nil
}

// Tenants returns the tenants that accounts are in, by cloud and id.
func (e *Engine) Tenants(ctx context.Context, by account.Caller) ([]store.TenantCount, error) {
	return e.store.Tenants(ctx, by)
}

// ListIDs returns the ids of all accounts that a query selects, in order, whatever its limit. Its faults are those of List.
func (e *Engine) ListIDs(ctx context.Context, by account.Caller, q store.AccountQuery) ([]string, error) {
	if err := checkQuery(q); err != nil {
		return nil, err
	}
	q.Limit, q.Offset = 0, 0
	return e.store.ListIDs(ctx, by, q, e.clock.Now())
}

// ListMark returns a text that differs whenever a list of accounts may differ.
func (e *Engine) ListMark(ctx context.Context, by account.Caller) (string, error) {
	return e.store.ListMark(ctx, by, e.clock.Now())
}

// maxOperations is the most operations of one answer.
const maxOperations = 200

// OperationsByID returns operations by their ids, newest first; ids of none are left out.
func (e *Engine) OperationsByID(ctx context.Context, by account.Caller, ids []string) ([]*account.Operation, error) {
	if len(ids) > maxOperations {
		return nil, fault.BadField("id", "There are too many ids: "+strconv.Itoa(len(ids))+".", "Name at most "+strconv.Itoa(maxOperations)+".")
	}
	return e.store.OperationsByID(ctx, by, ids)
}

func checkQuery(q store.AccountQuery) error {
	for _, s := range q.States {
		if !slices.Contains(account.States(), s) {
			return fault.BadField("state", "There is no state "+quote(string(s))+".", "Use one of: "+join(account.States())+".")
		}
	}
	origins, methods := []account.Origin{"", account.Created, account.Existing}, []account.Kind{"", account.Secret, account.Certificate, account.Federated}
	switch {
	case !slices.Contains(origins, q.Origin):
		return fault.BadField("origin", "There is no origin "+quote(string(q.Origin))+".", "Use created or existing.")
	case !slices.Contains(methods, q.Method):
		return fault.BadField("method", "There is no method "+quote(string(q.Method))+".", "Use secret or certificate.")
	case q.Limit < 0 || q.Limit > MaxPage:
		return fault.BadField("limit", "The limit is out of range: "+strconv.Itoa(q.Limit)+".", "Use 1 to "+strconv.Itoa(MaxPage)+".")
	case q.Offset < 0:
		return fault.BadField("offset", "The offset is negative.", "Use 0 for the first page.")
	}
	return nil
}

func join[T ~string](list []T) string {
	texts := make([]string, 0, len(list))
	for _, s := range list {
		texts = append(texts, string(s))
	}
	return strings.Join(texts, ", ")
}
