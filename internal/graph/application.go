package graph

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/secret"
)

// Application is an application registration. Its credentials are newest first, as Graph gives them.
type Application struct {
	ObjectID, AppID, DisplayName string
	Tags                         []string
	CreatedAt                    time.Time
	DeletedAt                    *time.Time // nil unless it is a deleted one
	Passwords                    []Password
	Keys                         []Key
}

// Password is a client secret without its text. Hint is the first three characters (Microsoft Graph,
// passwordCredential).
type Password struct {
	KeyID, DisplayName, Hint string
	Start, End               time.Time
}

// Key is a registered certificate. Thumbprint is the SHA-1 of its DER in upper-case hex; empty where Graph does not
// tell it.
type Key struct {
	KeyID, DisplayName, Thumbprint string
	Start, End                     time.Time
}

// passwordCredentials and keyCredentials come in full only when they are selected.
const applicationProperties = "id,appId,displayName,tags,createdDateTime,deletedDateTime,passwordCredentials,keyCredentials"

type applicationJSON struct {
	ID          string         `json:"id"`
	AppID       string         `json:"appId"`
	DisplayName string         `json:"displayName"`
	Tags        []string       `json:"tags"`
	CreatedAt   time.Time      `json:"createdDateTime"`
	DeletedAt   *time.Time     `json:"deletedDateTime"`
	Passwords   []passwordJSON `json:"passwordCredentials"`
	Keys        []keyJSON      `json:"keyCredentials"`
}

type passwordJSON struct {
	KeyID       string    `json:"keyId"`
	DisplayName string    `json:"displayName"`
	Hint        string    `json:"hint"`
	SecretText  string    `json:"secretText"` // in the answer to addPassword only
	Start       time.Time `json:"startDateTime"`
	End         time.Time `json:"endDateTime"`
}

func (p passwordJSON) value() Password {
	return Password{KeyID: p.KeyID, DisplayName: p.DisplayName, Hint: p.Hint, Start: p.Start, End: p.End}
}

func (a applicationJSON) value() *Application {
	out := &Application{
		ObjectID: a.ID, AppID: a.AppID, DisplayName: a.DisplayName, Tags: a.Tags, CreatedAt: a.CreatedAt, DeletedAt: a.DeletedAt,
	}
	for _, p := range a.Passwords {
		out.Passwords = append(out.Passwords, p.value())
	}
	for _, k := range a.Keys {
		out.Keys = append(out.Keys, k.value())
	}
	return out
}

// Application reads an application by its client id. IsNotFound(err) when it is not there, also while it is
// soft-deleted; DeletedApplication tells the two apart.
func (c *Client) Application(ctx context.Context, appID string) (*Application, error) {
	var a applicationJSON
	err := c.api.Read(ctx, "/v1.0/applications(appId="+key(appID)+")", azure.Query{"$select": applicationProperties}, &a)
	if err != nil {
		return nil, fmt.Errorf("reading application %s: %w", appID, err)
	}
	return a.value(), nil
}

// ApplicationsNamed reads the applications with exactly that display name; there may be several, or none.
func (c *Client) ApplicationsNamed(ctx context.Context, displayName string) ([]Application, error) {
	list, err := azure.List[applicationJSON](ctx, c.api, "/v1.0/applications", azure.Query{
		"$filter": "displayName eq " + azure.Literal(displayName), "$select": applicationProperties,
	})
	if err != nil {
		return nil, fmt.Errorf("reading the applications named %s: %w", displayName, err)
	}
	var out []Application
	for _, a := range list {
		out = append(out, *a.value())
	}
	return out, nil
}

// CreateApplication makes an application for this tenant alone. The signed-in person becomes its owner. The audience is
// always said: its default was another one until 2024.
func (c *Client) CreateApplication(ctx context.Context, displayName string, tags []string) (*Application, error) {
	in := map[string]any{"displayName": displayName, "signInAudience": "AzureADMyOrg"}
	if len(tags) > 0 {
		in["tags"] = tags
	}
	var a applicationJSON
	if _, err := c.api.Write(ctx, http.MethodPost, "/v1.0/applications", nil, in, &a); err != nil {
		return nil, fmt.Errorf("creating application %s: %w", displayName, err)
	}
	return a.value(), nil
}

// DeleteApplication soft-deletes an application, and its service principal in the tenant with it. Both can be restored
// for 30 days, each by itself.
func (c *Client) DeleteApplication(ctx context.Context, objectID string) error {
	if _, err := c.api.Write(ctx, http.MethodDelete, "/v1.0/applications/"+url.PathEscape(objectID), nil, nil, nil); err != nil {
		return fmt.Errorf("deleting application %s: %w", objectID, err)
	}
	return nil
}

// AddPassword adds a secret to an application and returns it with its text, which Graph shows this once. Times are cut
// to whole seconds. Without an answer the secret may have been made all the same: look for displayName.
func (c *Client) AddPassword(ctx context.Context, objectID, displayName string, start, end time.Time) (Password, secret.Value, error) {
	in := map[string]any{"passwordCredential": map[string]any{
		"displayName":   displayName,
		"startDateTime": start.UTC().Format(time.RFC3339),
		"endDateTime":   end.UTC().Format(time.RFC3339),
	}}
	var p passwordJSON
	_, err := c.api.Write(ctx, http.MethodPost, "/v1.0/applications/"+url.PathEscape(objectID)+"/addPassword", nil, in, &p)
	if err == nil && (p.SecretText == "" || p.KeyID == "") {
		err = fmt.Errorf("%w: it has no secret", azure.ErrUnreadable)
	}
	if err != nil {
		return Password{}, secret.Value{}, fmt.Errorf("adding a secret to application %s: %w", objectID, err)
	}
	return p.value(), secret.New(p.SecretText), nil
}

// RemovePassword removes a secret from an application. IsNoSuchKey(err) when the application does not have it.
func (c *Client) RemovePassword(ctx context.Context, objectID, keyID string) error {
	_, err := c.api.Write(ctx, http.MethodPost, "/v1.0/applications/"+url.PathEscape(objectID)+"/removePassword", nil,
		map[string]any{"keyId": keyID}, nil)
	if err != nil {
		return fmt.Errorf("removing secret %s from application %s: %w", keyID, objectID, err)
	}
	return nil
}
