package arm

import (
	"context"
	"fmt"
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/azure"
)

const managementVersion = "2020-05-01" // of Microsoft.Management

// SubscriptionsBelow lists the subscriptions below a management group, direct children and deeper (management groups, get
// descendants). It needs managementGroups/read there, which roles assigned below do not give.
func (c *Client) SubscriptionsBelow(ctx context.Context, group string) ([]account.Subscription, error) {
	type descendant struct {
		Name       string `json:"name"`
		Type       string `json:"type"`
		Properties struct {
			DisplayName string `json:"displayName"`
		} `json:"properties"`
	}
	list, err := azure.List[descendant](ctx, c.api,
		path(account.ManagementGroupScope(group))+"/descendants", azure.Query{"api-version": managementVersion})
	if err != nil {
		return nil, fmt.Errorf("listing what is below management group %s: %w", group, err)
	}
	out := []account.Subscription{}
	for _, d := range list {
		if strings.HasSuffix(strings.ToLower(d.Type), "/subscriptions") { // with a provider before it in some answers
			out = append(out, account.Subscription{ID: d.Name, Name: d.Properties.DisplayName})
		}
	}
	return out, nil
}
