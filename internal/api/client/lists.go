package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

// Filter selects and orders accounts. The zero filter selects all, by name.
type Filter struct {
	Search string
	IDs    []string
	States []account.State
	Cloud  string
	Tenant string
	Origin account.Origin
	Method account.Kind
	Sort   string
}

// Page is a part of what a filter selects. A limit of 0 means the server's.
type Page struct{ Limit, Offset int }

func (f Filter) values() url.Values {
	states := make([]string, 0, len(f.States))
	for _, s := range f.States {
		states = append(states, string(s))
	}
	out := url.Values{}
	for name, value := range map[string]string{
		"search": f.Search, "id": strings.Join(f.IDs, ","), "state": strings.Join(states, ","), "cloud": f.Cloud, "tenant": f.Tenant,
		"origin": string(f.Origin), "method": string(f.Method), "sort": f.Sort,
	} {
		if value != "" {
			out.Set(name, value)
		}
	}
	return out
}

// Accounts lists a page of the accounts that a filter selects.
func (c *Client) Accounts(ctx context.Context, f Filter, p Page) (*resource.AccountList, error) {
	q := f.values()
	if p.Limit > 0 {
		q.Set("limit", strconv.Itoa(p.Limit))
	}
	if p.Offset > 0 {
		q.Set("offset", strconv.Itoa(p.Offset))
	}
	return call[resource.AccountList](ctx, c, http.MethodGet, base+"/accounts?"+q.Encode(), nil, 0)
}

// biggestPage is the most accounts that the server puts on a page.
const biggestPage = 1000

// AllAccounts lists all accounts that a filter selects. They are read page by page: what is added or removed meanwhile may
// be missed or come twice.
func (c *Client) AllAccounts(ctx context.Context, f Filter) (*resource.AccountList, error) {
	all, err := c.Accounts(ctx, f, Page{Limit: biggestPage})
	if err != nil {
		return nil, err
	}
	for len(all.Accounts) < all.Matched {
		next, err := c.Accounts(ctx, f, Page{Limit: biggestPage, Offset: len(all.Accounts)})
		if err != nil {
			return nil, err
		}
		if len(next.Accounts) == 0 {
			break
		}
		all.Accounts = append(all.Accounts, next.Accounts...)
	}
	return all, nil
}
