package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/evercred/evercred/internal/api/resource"
)

const base = "/api/v1"

// accountPath is the address of an account. /accounts/export is another one's, but names count in any case.
func accountPath(ref, rest string) string {
	if ref == "export" {
		ref = "EXPORT"
	}
	return base + "/accounts/" + url.PathEscape(ref) + rest
}

func operationPath(id, rest string) string { return base + "/operations/" + url.PathEscape(id) + rest }

// Account reads one account by id or name.
func (c *Client) Account(ctx context.Context, ref string) (*resource.Account, error) {
	return call[resource.Account](ctx, c, http.MethodGet, accountPath(ref, ""), nil, 0)
}

// Create starts the creation of an account.
func (c *Client) Create(ctx context.Context, r resource.Create) (*resource.Operation, error) {
	return call[resource.Operation](ctx, c, http.MethodPost, base+"/accounts", r, forMicrosoft)
}

// Connect starts the connection of an account to an existing application.
func (c *Client) Connect(ctx context.Context, ref string, r resource.Connect) (*resource.Operation, error) {
	return c.start(ctx, ref, "/connect", r)
}

// Renew starts a renewal.
func (c *Client) Renew(ctx context.Context, ref string, r resource.Renew) (*resource.Operation, error) {
	return c.start(ctx, ref, "/renew", r)
}

// Recreate starts a re-creation.
func (c *Client) Recreate(ctx context.Context, ref string, r resource.Recreate) (*resource.Operation, error) {
	return c.start(ctx, ref, "/recreate", r)
}

// Rollback starts the return to the credential that was in use before.
func (c *Client) Rollback(ctx context.Context, ref string) (*resource.Operation, error) {
	return c.start(ctx, ref, "/rollback", nil)
}

// Reconcile starts a look at what is on the application of an account.
func (c *Client) Reconcile(ctx context.Context, ref string, r resource.UseSignIn) (*resource.Operation, error) {
	return c.start(ctx, ref, "/reconcile", r)
}

// Check starts a check.
func (c *Client) Check(ctx context.Context, ref string, r resource.CheckRequest) (*resource.Operation, error) {
	return c.start(ctx, ref, "/check", r)
}

// Removal says what a removal takes along, and whose rights it uses.
type Removal struct {
	DeleteApplication bool
	DeleteRoles       bool   // role assignments and custom roles that Evercred made
	SignIn            string // id of a sign-in that was made before; empty: one of its own, where one is needed
}

// Remove forgets an account. The operation may be closed already.
func (c *Client) Remove(ctx context.Context, ref string, r Removal) (*resource.Operation, error) {
	query := url.Values{"delete_application": {strconv.FormatBool(r.DeleteApplication)}}
	if r.DeleteRoles {
		query.Set("delete_roles", "true")
	}
	if r.SignIn != "" {
		query.Set("sign_in", r.SignIn)
	}
	return call[resource.Operation](ctx, c, http.MethodDelete, accountPath(ref, "?"+query.Encode()), nil, forMicrosoft)
}

// HandOver discloses the current credential. The answer holds it in the clear.
func (c *Client) HandOver(ctx context.Context, ref string, r resource.HandOverRequest) (*resource.HandOver, error) {
	return call[resource.HandOver](ctx, c, http.MethodPost, accountPath(ref, "/hand-over"), r, 0)
}

// Acknowledge records that the software that uses the account has the current credential.
func (c *Client) Acknowledge(ctx context.Context, ref string) (*resource.Account, error) {
	return call[resource.Account](ctx, c, http.MethodPost, accountPath(ref, "/acknowledge"), nil, 0)
}

// PreviewCertificate shows what a certificate file is, and whether it fits an application.
func (c *Client) PreviewCertificate(ctx context.Context, r resource.CertificatePreviewRequest) (*resource.CertificatePreview, error) {
	return call[resource.CertificatePreview](ctx, c, http.MethodPost, base+"/certificate-preview", r, forMicrosoft)
}

// Server shows what the server is and what it was configured with.
func (c *Client) Server(ctx context.Context) (*resource.Server, error) {
	return call[resource.Server](ctx, c, http.MethodGet, base+"/server", nil, 0)
}

// Link makes an address that signs its bearer in at the page, once.
func (c *Client) Link(ctx context.Context) (*resource.Link, error) {
	return call[resource.Link](ctx, c, http.MethodPost, base+"/session/links", nil, 0)
}

// Operations lists operations, newest first: those of one account, or all where ref is empty.
func (c *Client) Operations(ctx context.Context, ref string) ([]resource.Operation, error) {
	path := base + "/operations"
	if ref != "" {
		path = accountPath(ref, "/operations")
	}
	out, err := call[resource.Operations](ctx, c, http.MethodGet, path, nil, 0)
	if err != nil {
		return nil, err
	}
	return out.Operations, nil
}

// Operation reads one operation.
func (c *Client) Operation(ctx context.Context, id string) (*resource.Operation, error) {
	return call[resource.Operation](ctx, c, http.MethodGet, operationPath(id, ""), nil, 0)
}

// Wait reads an operation once its version is above the given one, it has closed, or wait is over.
func (c *Client) Wait(ctx context.Context, id string, version int64, wait time.Duration) (*resource.Operation, error) {
	query := url.Values{"wait": {wait.String()}, "version": {strconv.FormatInt(version, 10)}}
	return call[resource.Operation](ctx, c, http.MethodGet, operationPath(id, "?"+query.Encode()), nil, wait)
}

// SignIn starts a new sign-in for an operation that needs one, or lets it use one that was made before.
func (c *Client) SignIn(ctx context.Context, id string, r resource.UseSignIn) (*resource.Operation, error) {
	return call[resource.Operation](ctx, c, http.MethodPost, operationPath(id, "/sign-in"), r, forMicrosoft)
}

// Choose answers an operation's question.
func (c *Client) Choose(ctx context.Context, id, option string) (*resource.Operation, error) {
	return call[resource.Operation](ctx, c, http.MethodPost, operationPath(id, "/choose"), resource.Choose{Option: option}, forMicrosoft)
}

// Cancel closes an operation.
func (c *Client) Cancel(ctx context.Context, id string) (*resource.Operation, error) {
	return call[resource.Operation](ctx, c, http.MethodPost, operationPath(id, "/cancel"), nil, forMicrosoft)
}

func (c *Client) start(ctx context.Context, ref, action string, body any) (*resource.Operation, error) {
	return call[resource.Operation](ctx, c, http.MethodPost, accountPath(ref, action), body, forMicrosoft)
}
