package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/evercred/evercred/internal/api/resource"
)

func signInPath(id, rest string) string { return base + "/sign-ins/" + url.PathEscape(id) + rest }

// BeginSignIn begins a sign-in of which several operations may make use.
func (c *Client) BeginSignIn(ctx context.Context, r resource.SignInRequest) (*resource.SignInSession, error) {
	return call[resource.SignInSession](ctx, c, http.MethodPost, base+"/sign-ins", r, forMicrosoft)
}

// SignIns lists the caller's sign-ins, newest first.
func (c *Client) SignIns(ctx context.Context) ([]resource.SignInSession, error) {
	out, err := call[resource.SignInSessions](ctx, c, http.MethodGet, base+"/sign-ins", nil, 0)
	if err != nil {
		return nil, err
	}
	return out.SignIns, nil
}

// WaitForSignIn reads a sign-in once its version is above the given one, nothing will come of it any more, or wait is over.
func (c *Client) WaitForSignIn(ctx context.Context, id string, version int64, wait time.Duration) (*resource.SignInSession, error) {
	query := url.Values{"wait": {wait.String()}, "version": {strconv.FormatInt(version, 10)}}
	return call[resource.SignInSession](ctx, c, http.MethodGet, signInPath(id, "?"+query.Encode()), nil, wait)
}

// ReturnSignIn gives the address that the browser was sent back to.
func (c *Client) ReturnSignIn(ctx context.Context, id string, r resource.SignInReturn) (*resource.SignInSession, error) {
	return call[resource.SignInSession](ctx, c, http.MethodPost, signInPath(id, "/redirect"), r, forMicrosoft)
}

// ReturnAnySignIn is ReturnSignIn where only the address tells which sign-in it belongs to.
func (c *Client) ReturnAnySignIn(ctx context.Context, r resource.SignInReturn) (*resource.SignInSession, error) {
	return call[resource.SignInSession](ctx, c, http.MethodPost, base+"/sign-in-returns", r, forMicrosoft)
}

// EndSignIn ends a sign-in.
func (c *Client) EndSignIn(ctx context.Context, id string) (*resource.SignInSession, error) {
	return call[resource.SignInSession](ctx, c, http.MethodDelete, signInPath(id, ""), nil, 0)
}

// SignInTenants lists the tenants that the person of a sign-in is in.
func (c *Client) SignInTenants(ctx context.Context, id string) ([]resource.SignInTenant, error) {
	out, err := call[resource.SignInTenants](ctx, c, http.MethodGet, signInPath(id, "/tenants"), nil, forMicrosoft)
	if err != nil {
		return nil, err
	}
	return out.Tenants, nil
}

// SignInTenant looks at one of them again.
func (c *Client) SignInTenant(ctx context.Context, id, tenant string) (*resource.SignInTenant, error) {
	return call[resource.SignInTenant](ctx, c, http.MethodGet, signInPath(id, "/tenants/"+url.PathEscape(tenant)), nil, forMicrosoft)
}

// SignInSubscriptions lists the subscriptions that the person of a sign-in sees at a tenant. search may be empty.
func (c *Client) SignInSubscriptions(ctx context.Context, id, tenant, search string) ([]resource.SignInSubscription, error) {
	path := signInPath(id, "/tenants/"+url.PathEscape(tenant)+"/subscriptions")
	if search != "" {
		path += "?" + url.Values{"search": {search}}.Encode()
	}
	out, err := call[resource.SignInSubscriptions](ctx, c, http.MethodGet, path, nil, forMicrosoft)
	if err != nil {
		return nil, err
	}
	return out.Subscriptions, nil
}

// SignInManagementGroups lists the management groups that the person of a sign-in sees at a tenant.
func (c *Client) SignInManagementGroups(ctx context.Context, id, tenant string) ([]resource.SignInManagementGroup, error) {
	path := signInPath(id, "/tenants/"+url.PathEscape(tenant)+"/management-groups")
	out, err := call[resource.SignInManagementGroups](ctx, c, http.MethodGet, path, nil, forMicrosoft)
	if err != nil {
		return nil, err
	}
	return out.ManagementGroups, nil
}
