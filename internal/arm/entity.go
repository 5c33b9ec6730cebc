package arm

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/evercred/evercred/internal/azure"
)

// Entity is a management group or a subscription that the caller sees in the tree of the tenant.
type Entity struct {
	ID           string // of a group its name, of a subscription its guid
	Name         string // display name
	Parent       string // id of the group above; empty where there is none, or it is not shown
	Subscription bool   // else it is a group
	Access       bool   // the caller has some right there; else it is shown for what is below it
}

// maxEntityPages bounds the list.
const maxEntityPages = 100

// Entities lists the management groups and subscriptions that the caller sees (management groups, entities list). It is a POST
// that only reads.
func (c *Client) Entities(ctx context.Context) ([]Entity, error) {
	var all []Entity
	query := azure.Query{"api-version": managementVersion}
	for range maxEntityPages {
		var page struct {
			Value []struct {
				Type       string `json:"type"`
				Name       string `json:"name"`
				Properties struct {
					DisplayName string `json:"displayName"`
					Permissions string `json:"permissions"`
					Parent      *struct {
						ID string `json:"id"`
					} `json:"parent"`
				} `json:"properties"`
			} `json:"value"`
			Next string `json:"nextLink"`
		}
		if _, err := c.api.Write(ctx, http.MethodPost, "/providers/Microsoft.Management/getEntities", query, nil, &page); err != nil {
			return nil, fmt.Errorf("listing management groups: %w", err)
		}
		for _, e := range page.Value {
			one := Entity{
				ID: e.Name, Name: e.Properties.DisplayName, Subscription: strings.HasSuffix(strings.ToLower(e.Type), "/subscriptions"),
				Access: !strings.EqualFold(e.Properties.Permissions, "noaccess"),
			}
			if e.Properties.Parent != nil {
				one.Parent = last(e.Properties.Parent.ID)
			}
			all = append(all, one)
		}
		token, err := skipToken(page.Next)
		if err != nil {
			return nil, err
		}
		if token == "" {
			return all, nil
		}
		query["$skiptoken"] = token
	}
	return nil, fmt.Errorf("listing management groups: %w: more than %d pages", azure.ErrUnreadable, maxEntityPages)
}

// skipToken is what the link to the next page asks for; the rest of the link is not followed.
func skipToken(link string) (string, error) {
	u, err := url.Parse(link)
	if err != nil {
		return "", fmt.Errorf("following a list of %s: %w", service, azure.ErrUnreadable)
	}
	for name, values := range u.Query() {
		if strings.EqualFold(name, "$skiptoken") && len(values) > 0 {
			return values[0], nil
		}
	}
	return "", nil
}
