package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/evercred/evercred/internal/api/resource"
)

// PermissionProfiles lists the permission profiles.
func (c *Client) PermissionProfiles(ctx context.Context) ([]resource.PermissionProfile, error) {
	out, err := call[resource.PermissionProfiles](ctx, c, http.MethodGet, base+"/permission-profiles", nil, 0)
	if err != nil {
		return nil, err
	}
	return out.Profiles, nil
}

// permissionPage is how many rows of a permission report are asked for at a time.
const permissionPage = 5000

// Permissions reads what the last check found of an account's purposes: all rows with a result, or all where it is empty.
func (c *Client) Permissions(ctx context.Context, ref, result string) (*resource.Permissions, error) {
	var all *resource.Permissions
	for {
		query := url.Values{"limit": {strconv.Itoa(permissionPage)}}
		if result != "" {
			query.Set("result", result)
		}
		if all != nil {
			query.Set("offset", strconv.Itoa(len(all.Rows)))
		}
		page, err := call[resource.Permissions](ctx, c, http.MethodGet, accountPath(ref, "/permissions?"+query.Encode()), nil, 0)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = page
		} else {
			all.Rows = append(all.Rows, page.Rows...)
		}
		if len(page.Rows) == 0 || len(all.Rows) >= page.Matched {
			return all, nil
		}
	}
}

// ExportPermissions reads the custom role of what an account lacks, or of all that it needs, in a format of the API.
func (c *Client) ExportPermissions(ctx context.Context, ref, what, format string) (json.RawMessage, error) {
	query := url.Values{"what": {what}, "format": {format}}
	out, err := call[json.RawMessage](ctx, c, http.MethodGet, accountPath(ref, "/permissions/export?"+query.Encode()), nil, 0)
	if err != nil {
		return nil, err
	}
	return *out, nil
}

// Grant starts an operation that gives an account's application what it lacks.
func (c *Client) Grant(ctx context.Context, ref string, r resource.GrantRequest) (*resource.Operation, error) {
	return c.start(ctx, ref, "/grant", r)
}

// PreviewPermissions shows what an application may do, before anything about it is stored.
func (c *Client) PreviewPermissions(ctx context.Context, r resource.PermissionPreviewRequest) (*resource.PermissionPreview, error) {
	return call[resource.PermissionPreview](ctx, c, http.MethodPost, base+"/permission-preview", r, forMicrosoft)
}
