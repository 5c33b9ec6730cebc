// Package graph asks Microsoft Graph v1.0 for what Evercred needs of it: applications with their credentials, service
// principals, and what was deleted.
//
// It rests on package azure: reads are tried again on transient answers, writes never. An addPassword without an answer
// may have been done; the secret it made is lost then, and is found again by its display name only.
//
// Graph is eventually consistent: what was just written may be missing in a read, or refused in a write that builds on
// it, for minutes (Microsoft Graph, "designing for eventual consistency"). See Unreplicated.
package graph

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/cloud"
)

const service = "Microsoft Graph"

// TokenFunc returns an access token for Microsoft Graph and its end.
type TokenFunc = azure.TokenFunc

// Config is what a Client needs. Clock and Logger may be left out.
type Config struct {
	Cloud  cloud.Cloud
	Token  TokenFunc
	Clock  clock.Clock // tells when a token has ended
	Logger *slog.Logger
}

// Client asks Microsoft Graph with one identity's token. It is safe for concurrent use.
type Client struct{ api *azure.Client }

// New makes a client. It does not connect.
func New(c Config) (*Client, error) {
	api, err := azure.New(azure.Config{
		Service: service, BaseURL: c.Cloud.Graph, Cloud: c.Cloud, Token: c.Token, Clock: c.Clock, Logger: c.Logger,
		Fail: func(f azure.Failure) error { e := Error(f); return &e },
	})
	if err != nil {
		return nil, err
	}
	return &Client{api}, nil
}

// Person is a signed-in user.
type Person struct{ ObjectID, UserPrincipalName, Name string }

// Me reads whose token it is. It fails for an application's token.
func (c *Client) Me(ctx context.Context) (Person, error) {
	var u struct {
		ID                string `json:"id"`
		UserPrincipalName string `json:"userPrincipalName"`
		DisplayName       string `json:"displayName"`
	}
	if err := c.api.Read(ctx, "/v1.0/me", azure.Query{"$select": "id,displayName,userPrincipalName"}, &u); err != nil {
		return Person{}, fmt.Errorf("reading the signed-in person: %w", err)
	}
	return Person{ObjectID: u.ID, UserPrincipalName: u.UserPrincipalName, Name: u.DisplayName}, nil
}

// ServicePrincipal is what represents an application in the tenant.
type ServicePrincipal struct {
	ObjectID, AppID, DisplayName string
	Enabled                      bool
	DeletedAt                    *time.Time // nil unless it is a deleted one
}

const servicePrincipalProperties = "id,appId,displayName,accountEnabled,deletedDateTime"

type servicePrincipalJSON struct {
	ID             string     `json:"id"`
	AppID          string     `json:"appId"`
	DisplayName    string     `json:"displayName"`
	AccountEnabled *bool      `json:"accountEnabled"`
	DeletedAt      *time.Time `json:"deletedDateTime"`
}

func (s servicePrincipalJSON) value() *ServicePrincipal {
	return &ServicePrincipal{
		ObjectID: s.ID, AppID: s.AppID, DisplayName: s.DisplayName, DeletedAt: s.DeletedAt,
		Enabled: s.AccountEnabled == nil || *s.AccountEnabled,
	}
}

// ServicePrincipal reads the service principal of an application. IsNotFound(err) when there is none, also while it is
// soft-deleted.
func (c *Client) ServicePrincipal(ctx context.Context, appID string) (*ServicePrincipal, error) {
	var s servicePrincipalJSON
	err := c.api.Read(ctx, "/v1.0/servicePrincipals(appId="+key(appID)+")", azure.Query{"$select": servicePrincipalProperties}, &s)
	if err != nil {
		return nil, fmt.Errorf("reading the service principal of application %s: %w", appID, err)
	}
	return s.value(), nil
}

// CreateServicePrincipal makes the service principal of an application. Right after the application was made it may
// fail with an error for which Unreplicated is true.
func (c *Client) CreateServicePrincipal(ctx context.Context, appID string) (*ServicePrincipal, error) {
	var s servicePrincipalJSON
	_, err := c.api.Write(ctx, http.MethodPost, "/v1.0/servicePrincipals", nil, map[string]any{"appId": appID}, &s)
	if err != nil {
		return nil, fmt.Errorf("creating the service principal of application %s: %w", appID, err)
	}
	return s.value(), nil
}

// key quotes a text for an alternate key in a path: applications(appId='…').
func key(text string) string {
	quoted := azure.Literal(text)
	return "'" + url.PathEscape(quoted[1:len(quoted)-1]) + "'"
}
