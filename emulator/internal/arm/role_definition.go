package arm

import (
	"net/http"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
)

const (
	readDefinition   = "Microsoft.Authorization/roleDefinitions/read"
	writeDefinition  = "Microsoft.Authorization/roleDefinitions/write"
	deleteDefinition = "Microsoft.Authorization/roleDefinitions/delete"

	builtIn = "BuiltInRole"
	custom  = "CustomRole"
)

type roleDefinition struct {
	Properties roleProperties `json:"properties"`
	ID         string         `json:"id"`
	Type       string         `json:"type"`
	Name       string         `json:"name"`
}

type roleProperties struct {
	RoleName         string       `json:"roleName"`
	Type             string       `json:"type"`
	Description      *string      `json:"description"`
	AssignableScopes []string     `json:"assignableScopes"`
	Permissions      []permission `json:"permissions"`
	CreatedOn        string       `json:"createdOn"`
	UpdatedOn        string       `json:"updatedOn"`
	CreatedBy        *string      `json:"createdBy"`
	UpdatedBy        *string      `json:"updatedBy"`
}

func (c *call) describeDefinition(s scope, r *directory.RoleDefinition) roleDefinition {
	kind := custom
	if r.BuiltIn {
		kind = builtIn
	}
	return roleDefinition{
		Properties: roleProperties{
			RoleName: r.Name, Type: kind, Description: orNull(r.Description), AssignableScopes: orEmpty(r.AssignableScopes),
			Permissions: c.describePermissions(r.Permissions), CreatedOn: stamp(r.CreatedAt), UpdatedOn: stamp(r.UpdatedAt),
			CreatedBy: orNull(r.CreatedBy), UpdatedBy: orNull(r.UpdatedBy),
		},
		ID: s.definitionID(r.ID), Type: "Microsoft.Authorization/roleDefinitions", Name: r.ID,
	}
}

// mayReadDefinitions lets everybody who is signed in read the roles of the tenant itself, which are the built-in ones.
func (c *call) mayReadDefinitions(s scope, over string) error {
	if s.path == "" {
		return nil
	}
	return c.enter(s, readDefinition, over)
}

// definitions lists the roles that can be assigned at the scope, and with atScopeAndBelow() also those that can be only
// somewhere below it. Names are compared without regard to case (recorded 2024-04).
func (c *call) definitions(s scope) (*answer, error) {
	if err := c.mayReadDefinitions(s, s.String()); err != nil {
		return nil, err
	}
	f, err := parseDefinitionFilter(c.filter())
	if err != nil {
		return nil, err
	}
	above := c.above(s)
	found := []roleDefinition{}
	for _, r := range c.Directory.RoleDefinitions.AllSeen() {
		d := c.describeDefinition(s, r)
		if (f.name == "" || strings.EqualFold(f.name, r.Name)) && (f.kind == "" || strings.EqualFold(f.kind, d.Properties.Type)) &&
			assignable(r, s, above, f.below) {
			found = append(found, d)
		}
	}
	a, err := list(found)
	if err != nil {
		return nil, err
	}
	a.roleSystem = true
	return a, nil
}

// assignable says whether a role can be assigned at a scope, of which above are the keys of all that is above it.
func assignable(r *directory.RoleDefinition, s scope, above map[string]bool, below bool) bool {
	for _, at := range r.AssignableScopes {
		if key := keyOf(at); above[key] || below && s.below(key) {
			return true
		}
	}
	return false
}

func (c *call) definition(s scope, id string) (*answer, error) {
	if err := c.mayReadDefinitions(s, s.at("roleDefinitions", id)); err != nil {
		return nil, err
	}
	r, found := c.Directory.RoleDefinitions.Seen(strings.ToLower(id))
	if !found || !assignable(r, s, c.above(s), false) {
		return nil, noDefinition(id)
	}
	return &answer{status: http.StatusOK, body: c.describeDefinition(s, r), roleSystem: true}, nil
}
