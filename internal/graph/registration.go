package graph

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/evercred/evercred/internal/azure"
)

// registrars are the directory roles whose holders may register applications also where members may not (Microsoft Entra
// built-in roles, by template id).
func registrars() []string {
	return []string{
		"62e90394-69f5-4237-9190-012177145e10", // Global Administrator
		"9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", // Application Administrator
		"158c047a-c907-4556-b7ef-446551a6b5f7", // Cloud Application Administrator
		"cf1c38e5-3621-4004-a7cb-879624dced7c", // Application Developer
	}
}

// Registration is whether a signed-in person may register applications, and by what.
type Registration struct {
	Allowed bool
	Role    string // the directory role that allows it; empty where every member may
	Guest   bool   // members may, or not: guests may not without a role (Microsoft Entra, default user permissions)
}

// MayRegister tells whether the person whose token it is may register applications in the tenant. It fails where the tenant
// does not let the person read its policy or the person's roles: then nothing is known.
func (c *Client) MayRegister(ctx context.Context) (Registration, error) {
	type role struct {
		Name     string `json:"displayName"`
		Template string `json:"roleTemplateId"`
	}
	roles, err := azure.List[role](ctx, c.api, "/v1.0/me/transitiveMemberOf/microsoft.graph.directoryRole", azure.Query{"$select": "displayName,roleTemplateId"})
	if err != nil {
		return Registration{}, fmt.Errorf("reading the person's directory roles: %w", err)
	}
	for _, r := range roles {
		if slices.ContainsFunc(registrars(), func(id string) bool { return strings.EqualFold(id, r.Template) }) {
			return Registration{Allowed: true, Role: r.Name}, nil
		}
	}
	var me struct {
		UserType string `json:"userType"`
	}
	if err := c.api.Read(ctx, "/v1.0/me", azure.Query{"$select": "userType"}, &me); err != nil {
		return Registration{}, fmt.Errorf("reading the signed-in person: %w", err)
	}
	if strings.EqualFold(me.UserType, "Guest") {
		return Registration{Guest: true}, nil
	}
	var policy struct {
		Members struct {
			Create *bool `json:"allowedToCreateApps"`
		} `json:"defaultUserRolePermissions"`
	}
	if err := c.api.Read(ctx, "/v1.0/policies/authorizationPolicy", nil, &policy); err != nil {
		return Registration{}, fmt.Errorf("reading the tenant's authorization policy: %w", err)
	}
	if policy.Members.Create == nil {
		return Registration{}, fmt.Errorf("reading the tenant's authorization policy: %w: it does not say who may register applications", azure.ErrUnreadable)
	}
	return Registration{Allowed: *policy.Members.Create}, nil
}
