// Package arm asks Azure Resource Manager for what Evercred needs of it: subscriptions, what the caller may do there,
// role definitions and role assignments.
//
// It rests on package azure: reads are tried again on transient answers, writes never. It is not Microsoft's SDK
// because that has no permissions at the scope of a subscription, sends filters with raw blanks, which HTTP/1.1 servers
// refuse, and tries writes again.
package arm

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/permission"
)

const (
	service = "Azure Resource Manager"

	subscriptionsVersion = "2022-12-01"
	authorizationVersion = "2022-04-01" // of Microsoft.Authorization
	authorization        = "/providers/Microsoft.Authorization/"
)

// TokenFunc returns an access token for Resource Manager and its end.
type TokenFunc = azure.TokenFunc

// Config is what a Client needs. Clock and Logger may be left out.
type Config struct {
	Cloud  cloud.Cloud
	Token  TokenFunc
	Clock  clock.Clock // tells when a token has ended
	Logger *slog.Logger
}

// Client asks Resource Manager with one identity's token. It is safe for concurrent use.
type Client struct{ api *azure.Client }

// New makes a client. It does not connect.
func New(c Config) (*Client, error) {
	api, err := azure.New(azure.Config{
		Service: service, BaseURL: c.Cloud.ResourceManager, Cloud: c.Cloud, Token: c.Token, Clock: c.Clock, Logger: c.Logger,
		Fail: func(f azure.Failure) error { e := Error(f); return &e },
	})
	if err != nil {
		return nil, err
	}
	return &Client{api}, nil
}

// Subscriptions lists the subscriptions the caller sees: those where it has any role. There may be none.
func (c *Client) Subscriptions(ctx context.Context) ([]account.Subscription, error) {
	type subscription struct {
		ID   string `json:"subscriptionId"`
		Name string `json:"displayName"`
	}
	list, err := azure.List[subscription](ctx, c.api, "/subscriptions", azure.Query{"api-version": subscriptionsVersion})
	if err != nil {
		return nil, fmt.Errorf("listing subscriptions: %w", err)
	}
	out := make([]account.Subscription, 0, len(list))
	for _, s := range list {
		out = append(out, account.Subscription(s))
	}
	return out, nil
}

// permissions is a permission as Resource Manager writes it.
type permissions struct {
	Actions        []string `json:"actions"`
	NotActions     []string `json:"notActions"`
	DataActions    []string `json:"dataActions"`
	NotDataActions []string `json:"notDataActions"`
}

func grants(list []permissions) []permission.Grant {
	out := make([]permission.Grant, 0, len(list))
	for _, p := range list {
		out = append(out, permission.Grant(p))
	}
	return out
}

// Permissions reads what the caller may do at a scope ("/subscriptions/{id}"): one grant for each role assignment that
// applies, from above and through groups too. Deny assignments and conditions are not in it. Microsoft documents it for
// resource groups and resources; it answers for subscriptions as well.
func (c *Client) Permissions(ctx context.Context, scope string) ([]permission.Grant, error) {
	list, err := azure.List[permissions](ctx, c.api, path(scope)+authorization+"permissions", azure.Query{"api-version": authorizationVersion})
	if err != nil {
		return nil, fmt.Errorf("reading the permissions on %s: %w", scope, err)
	}
	return grants(list), nil
}

// RoleDefinition is an Azure role.
type RoleDefinition struct {
	ID               string // as Resource Manager returns it, with the subscription that was asked in it
	Name             string
	BuiltIn          bool // by Microsoft, and the same everywhere
	Grants           []permission.Grant
	AssignableScopes []string
}

// RoleDefinition finds a role by its name at a scope, built in or custom. IsNotFound(err) when there is none.
func (c *Client) RoleDefinition(ctx context.Context, scope, roleName string) (*RoleDefinition, error) {
	list, err := azure.List[definitionJSON](ctx, c.api, path(scope)+authorization+"roleDefinitions",
		azure.Query{"api-version": authorizationVersion, "$filter": "roleName eq " + azure.Literal(roleName)})
	if err == nil {
		for _, d := range list {
			if strings.EqualFold(d.Properties.RoleName, roleName) {
				role := d.value()
				return &role, nil
			}
		}
		err = &Error{Status: http.StatusNotFound, Code: noRole, Message: "There is no role '" + roleName + "' at " + scope + "."}
	}
	return nil, fmt.Errorf("looking for role %s on %s: %w", roleName, scope, err)
}

// path encodes a scope or resource id for a URL.
func path(id string) string { return (&url.URL{Path: "/" + strings.Trim(id, "/")}).EscapedPath() }
