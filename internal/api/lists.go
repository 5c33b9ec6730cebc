package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/store"
)

// AccountFilter selects accounts in the query of an address. Lists are separated by commas.
type AccountFilter struct {
	Search string `query:"search" maxLength:"500" doc:"Words; each must be in the name, the description, an id, a subscription or what uses the account"`
	ID     string `query:"id" maxLength:"500000" doc:"Only these ids"`
	Except string `query:"except" maxLength:"500000" doc:"Not these ids"`
	State  string `query:"state" doc:"Only these states, e.g. expired,expiring"`
	Cloud  string `query:"cloud"`
	Tenant string `query:"tenant" doc:"Id of the tenant"`
	Origin string `query:"origin" doc:"created or existing"`
	Method string `query:"method" doc:"secret or certificate: how the account authenticates"`
	Sort   string `query:"sort" doc:"name, description, expires, state, permissions, subscriptions, last_check, created, updated, method, tenant, cloud or origin; with - before it for the other direction: -state has the worst first"`
}

func (f *AccountFilter) query() store.AccountQuery {
	q := store.AccountQuery{
		Search: f.Search, IDs: commas(f.ID), Except: commas(f.Except), Cloud: f.Cloud, TenantID: f.Tenant,
		Origin: account.Origin(f.Origin), Method: account.Kind(f.Method), Sort: f.Sort,
	}
	for _, s := range commas(f.State) {
		q.States = append(q.States, account.State(s))
	}
	return q
}

func commas(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

type listInput struct {
	AccountFilter
	Limit       int    `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Accounts on a page"`
	Offset      int    `query:"offset" default:"0" minimum:"0" doc:"Accounts before the page"`
	IfNoneMatch string `header:"If-None-Match" doc:"The ETag of the answer the client has: where it still holds, the answer is 304"`
}

type listAnswer struct {
	Status int
	ETag   string `header:"ETag"`
	Body   *resource.AccountList
}

func (s *server) listRoutes(doc huma.API) {
	handle(s, doc, huma.Operation{
		OperationID: "list-accounts", Method: http.MethodGet, Path: "/accounts", Tags: []string{"accounts"},
		Summary: "List accounts: search, filter, sort, page by page",
	}, s.listAccounts)
	handle(s, doc, huma.Operation{
		OperationID: "list-tenants", Method: http.MethodGet, Path: "/tenants", Tags: []string{"accounts"},
		Summary: "List the tenants that accounts are in, with how many",
	}, func(ctx context.Context, by account.Caller, _ *struct{}) (*struct{ Body resource.Tenants }, error) {
		all, err := s.engine.Tenants(ctx, by)
		if err != nil {
			return nil, err
		}
		out := resource.Tenants{Tenants: make([]resource.Tenant, 0, len(all))}
		for _, t := range all {
			out.Tenants = append(out.Tenants, resource.Tenant{Cloud: t.Cloud, ID: t.TenantID, Accounts: t.Accounts})
		}
		return &struct{ Body resource.Tenants }{out}, nil
	})
}

// listAccounts answers 304 where nothing that the list shows has changed, at the price of one look at counters.
func (s *server) listAccounts(ctx context.Context, by account.Caller, in *listInput) (*listAnswer, error) {
	q := in.query()
	q.Limit, q.Offset = in.Limit, in.Offset
	mark, err := s.engine.ListMark(ctx, by)
	if err != nil {
		return nil, err
	}
	tag := listTag(mark, s.version, q)
	if matchesTag(in.IfNoneMatch, tag) {
		return &listAnswer{Status: http.StatusNotModified, ETag: tag}, nil
	}
	page, err := s.engine.List(ctx, by, q)
	if err != nil {
		return nil, err
	}
	return &listAnswer{Status: http.StatusOK, ETag: tag, Body: ofPage(page)}, nil
}

// listTag is the ETag of a list. It is weak: two answers under it can differ in the moment they name. The mark was read
// before the list, so that a change between the two is not missed by whoever asks again.
func listTag(mark, version string, q store.AccountQuery) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %+v", mark, version, q))
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// matchesTag compares weakly, as RFC 9110 asks for If-None-Match.
func matchesTag(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimSpace(part)
		if part == "*" || part != "" && strings.TrimPrefix(part, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

func ofPage(page *renewal.AccountPage) *resource.AccountList {
	out := &resource.AccountList{
		Accounts: make([]resource.AccountSummary, 0, len(page.Accounts)), Total: page.Total, Matched: page.Matched,
		States: make([]resource.StateCount, 0, len(page.States)), AsOf: whole(page.AsOf),
	}
	for i, a := range page.Accounts {
		out.Accounts = append(out.Accounts, resource.OfSummary(a, page.Standings[i]))
	}
	for _, c := range page.States {
		out.States = append(out.States, resource.StateCount{State: c.State, Count: c.Count})
	}
	return out
}
