package client

import (
	"context"
	"io"
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

// Tenants lists the tenants that accounts are in.
func (c *Client) Tenants(ctx context.Context) (*resource.Tenants, error) {
	return call[resource.Tenants](ctx, c, http.MethodGet, base+"/tenants", nil, 0)
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

// Export downloads all accounts that a filter selects as a file of the format, csv or json, into w.
func (c *Client) Export(ctx context.Context, f Filter, format string, w io.Writer) error {
	q := f.values()
	q.Set("format", format)
	return c.download(ctx, base+"/accounts/export?"+q.Encode(), w)
}

// StartBulk asks for the same to be done with many accounts.
func (c *Client) StartBulk(ctx context.Context, r resource.BulkRequest) (*resource.Bulk, error) {
	return call[resource.Bulk](ctx, c, http.MethodPost, base+"/accounts/bulk", r, forMicrosoft)
}

// Bulk shows how far a request for many accounts is, with those of its accounts that are in the states; all if none is named.
func (c *Client) Bulk(ctx context.Context, id string, p Page, states ...string) (*resource.Bulk, error) {
	q := url.Values{}
	if p.Limit > 0 {
		q.Set("limit", strconv.Itoa(p.Limit))
	}
	if p.Offset > 0 {
		q.Set("offset", strconv.Itoa(p.Offset))
	}
	if len(states) > 0 {
		q.Set("state", strings.Join(states, ","))
	}
	return call[resource.Bulk](ctx, c, http.MethodGet, base+"/bulk/"+url.PathEscape(id)+"?"+q.Encode(), nil, 0)
}

// CancelBulk gives up the accounts of a bulk that have not been begun.
func (c *Client) CancelBulk(ctx context.Context, id string) (*resource.Bulk, error) {
	return call[resource.Bulk](ctx, c, http.MethodPost, base+"/bulk/"+url.PathEscape(id)+"/cancel", nil, 0)
}
