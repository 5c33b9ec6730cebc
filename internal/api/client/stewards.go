package client

import (
	"context"
	"net/http"

	"github.com/evercred/evercred/internal/api/resource"
)

// Stewards lists the accounts by whose rights others are renewed.
func (c *Client) Stewards(ctx context.Context) (*resource.Stewards, error) {
	return call[resource.Stewards](ctx, c, http.MethodGet, base+"/stewards", nil, 0)
}

// SetSteward makes an account the steward of its tenant.
func (c *Client) SetSteward(ctx context.Context, ref string) (*resource.Account, error) {
	return call[resource.Account](ctx, c, http.MethodPut, accountPath(ref, "/steward"), nil, 0)
}

// DropSteward leaves the account's tenant without a steward.
func (c *Client) DropSteward(ctx context.Context, ref string) (*resource.Account, error) {
	return call[resource.Account](ctx, c, http.MethodDelete, accountPath(ref, "/steward"), nil, 0)
}
