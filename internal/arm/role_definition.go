package arm

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/permission"
)

// CustomRole is what a custom role is made of. It can be assigned at AssignableScopes and below; one management group at
// most may be among them (Azure role-based access control, custom roles, limits).
type CustomRole struct {
	Name, Description string
	Grant             permission.Grant
	AssignableScopes  []string
}

type definitionJSON struct {
	ID         string               `json:"id,omitempty"`
	Properties definitionProperties `json:"properties"`
}

type definitionProperties struct {
	RoleName         string        `json:"roleName"`
	Type             string        `json:"type"`
	Description      string        `json:"description"`
	AssignableScopes []string      `json:"assignableScopes"`
	Permissions      []permissions `json:"permissions"`
}

func (d definitionJSON) value() RoleDefinition {
	return RoleDefinition{
		ID: d.ID, Name: d.Properties.RoleName, BuiltIn: d.Properties.Type == builtInRole,
		Grants: grants(d.Properties.Permissions), AssignableScopes: d.Properties.AssignableScopes,
	}
}

const builtInRole = "BuiltInRole"

// DefinitionID is the resource id of a role by its GUID, as seen from a scope.
func DefinitionID(scope, id string) string { return scope + authorization + "roleDefinitions/" + id }

// RoleDefinitionByID reads a role by its GUID. IsNotFound(err) where it is not there, or cannot be assigned at the scope.
func (c *Client) RoleDefinitionByID(ctx context.Context, scope, id string) (*RoleDefinition, error) {
	var out definitionJSON
	if err := c.api.Read(ctx, path(DefinitionID(scope, id)), azure.Query{"api-version": authorizationVersion}, &out); err != nil {
		return nil, fmt.Errorf("reading role %s at %s: %w", id, scope, err)
	}
	d := out.value()
	return &d, nil
}

// PutRoleDefinition makes the custom role with the GUID, or gives it new contents: the same request twice is one role
// (role definitions, create or update). The caller needs roleDefinitions/write on every assignable scope.
// IsRoleNameTaken(err) where another role of the tenant has the name.
func (c *Client) PutRoleDefinition(ctx context.Context, scope, id string, r CustomRole) (*RoleDefinition, error) {
	g := permission.NewCustomRole(r.Name, r.Description, r.Grant, r.AssignableScopes)
	in := definitionJSON{Properties: definitionProperties{
		RoleName: g.Name, Type: "CustomRole", Description: g.Description, AssignableScopes: g.AssignableScopes,
		Permissions: []permissions{{g.Actions, g.NotActions, g.DataActions, g.NotDataActions}},
	}}
	var out definitionJSON
	if _, err := c.api.Write(ctx, http.MethodPut, path(DefinitionID(scope, id)), azure.Query{"api-version": authorizationVersion}, in, &out); err != nil {
		return nil, fmt.Errorf("writing role %s at %s: %w", r.Name, scope, err)
	}
	d := out.value()
	return &d, nil
}

// DeleteRoleDefinition deletes a custom role by its GUID. One that is not there is no error (204). IsRoleInUse(err) while
// assignments of it are left, or Resource Manager's servers do not all know that they are gone.
func (c *Client) DeleteRoleDefinition(ctx context.Context, scope, id string) error {
	if _, err := c.api.Write(ctx, http.MethodDelete, path(DefinitionID(scope, id)), azure.Query{"api-version": authorizationVersion}, nil, nil); err != nil {
		return fmt.Errorf("deleting role %s at %s: %w", id, scope, err)
	}
	return nil
}

// IsRoleInUse reports whether a role could not be deleted because it is assigned somewhere.
func IsRoleInUse(err error) bool { return hasCode(err, roleInUse) }

// IsRoleNameTaken reports whether another role of the tenant has the name.
func IsRoleNameTaken(err error) bool { return hasCode(err, roleNameTaken) }

const (
	roleInUse     = "RoleDefinitionHasAssignments"
	roleNameTaken = "RoleDefinitionWithSameNameExists"
)

func hasCode(err error, code string) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == code
}
