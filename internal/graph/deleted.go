package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/evercred/evercred/internal/azure"
)

const deletedItems = "/v1.0/directory/deletedItems/"

// DeletedApplication finds a soft-deleted application by its client id. IsNotFound(err) when there is none: it was never
// there, or is gone for good (30 days after it was deleted, or earlier by hand).
func (c *Client) DeletedApplication(ctx context.Context, appID string) (*Application, error) {
	a, err := findDeleted(ctx, c, "microsoft.graph.application", applicationProperties, appID,
		func(a applicationJSON) string { return a.AppID })
	if err != nil {
		return nil, fmt.Errorf("looking for application %s among the deleted ones: %w", appID, err)
	}
	return a.value(), nil
}

// DeletedServicePrincipal finds a soft-deleted service principal by the client id of its application.
// IsNotFound(err) when there is none.
func (c *Client) DeletedServicePrincipal(ctx context.Context, appID string) (*ServicePrincipal, error) {
	s, err := findDeleted(ctx, c, "microsoft.graph.servicePrincipal", servicePrincipalProperties, appID,
		func(s servicePrincipalJSON) string { return s.AppID })
	if err != nil {
		return nil, fmt.Errorf("looking for the service principal of application %s among the deleted ones: %w", appID, err)
	}
	return s.value(), nil
}

// findDeleted lists the deleted items of a type. Graph is asked to filter, but the match is made here too: not every
// server filters deleted items, and one that refuses to is asked for all of them.
func findDeleted[T any](ctx context.Context, c *Client, kind, properties, appID string, id func(T) string) (T, error) {
	q := azure.Query{"$filter": "appId eq " + azure.Literal(appID), "$select": properties}
	list, err := azure.List[T](ctx, c.api, deletedItems+kind, q)
	if e, ok := errors.AsType[*Error](err); ok && e.Code == "Request_UnsupportedQuery" {
		delete(q, "$filter")
		list, err = azure.List[T](ctx, c.api, deletedItems+kind, q)
	}
	var none T
	if err != nil {
		return none, err
	}
	for _, item := range list {
		if strings.EqualFold(id(item), appID) {
			return item, nil
		}
	}
	return none, &Error{Status: http.StatusNotFound, Code: notFound, Message: "Resource '" + appID + "' is not among the deleted items."}
}

// Restore brings a soft-deleted application or service principal back, with its ids, credentials and role assignments.
func (c *Client) Restore(ctx context.Context, objectID string) error {
	if _, err := c.api.Write(ctx, http.MethodPost, deletedItems+url.PathEscape(objectID)+"/restore", nil, nil, nil); err != nil {
		return fmt.Errorf("restoring %s: %w", objectID, err)
	}
	return nil
}

// PurgeDeleted removes a soft-deleted object for good.
func (c *Client) PurgeDeleted(ctx context.Context, objectID string) error {
	if _, err := c.api.Write(ctx, http.MethodDelete, deletedItems+url.PathEscape(objectID), nil, nil, nil); err != nil {
		return fmt.Errorf("removing %s from the deleted items: %w", objectID, err)
	}
	return nil
}
