package arm

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
)

type definitionBody struct {
	Properties *struct {
		RoleName         string                 `json:"roleName"`
		Type             string                 `json:"type"` // CustomRole, whatever is sent
		Description      string                 `json:"description"`
		Permissions      []directory.Permission `json:"permissions"`
		AssignableScopes []string               `json:"assignableScopes"`
	} `json:"properties"`
}

// putDefinition makes or changes a custom role. Both are 201, and createdBy is null in the answer only (recorded 2018 to
// 2025).
func (c *call) putDefinition(s scope, id string) (*answer, error) {
	if err := c.enter(s, writeDefinition, s.at("roleDefinitions", id)); err != nil {
		return nil, err
	}
	if !isGUID(id) {
		return nil, authorization(http.StatusBadRequest, "InvalidRoleDefinitionId", "The role definition ID '%s' is not valid. The role definition ID must be a GUID.", id)
	}
	var in definitionBody
	if json.Unmarshal(c.body, &in) != nil || in.Properties == nil {
		return nil, badFormat()
	}
	if err := c.checkDefinition(s, in); err != nil {
		return nil, err
	}
	key := strings.ToLower(id)
	have, update := c.Directory.RoleDefinitions.Get(key)
	if update && have.BuiltIn {
		return nil, badFormat() // Azure's own roles are not for us to change
	}
	if err := c.mayNameDefinition(key, in.Properties.RoleName, update); err != nil {
		return nil, err
	}
	now := c.Directory.Now()
	r := &directory.RoleDefinition{
		ID: key, Name: in.Properties.RoleName, Description: in.Properties.Description,
		Permissions: slices.Clone(in.Properties.Permissions), AssignableScopes: in.Properties.AssignableScopes,
		CreatedAt: now, UpdatedAt: now, CreatedBy: c.caller.ObjectID, UpdatedBy: c.caller.ObjectID,
	}
	if update {
		r.CreatedAt, r.CreatedBy = have.CreatedAt, have.CreatedBy
	}
	c.Directory.RoleDefinitions.Put(key, r)
	out := c.describeDefinition(s, r)
	out.Properties.CreatedOn, out.Properties.CreatedBy = stamp(c.at), nil
	return &answer{status: http.StatusCreated, body: out, roleSystem: true}, nil
}

// deleteDefinition is 204 for a role that is not there (recorded 2024-10).
func (c *call) deleteDefinition(s scope, id string) (*answer, error) {
	if err := c.enter(s, deleteDefinition, s.at("roleDefinitions", id)); err != nil {
		return nil, err
	}
	key := strings.ToLower(id)
	r, found := c.Directory.RoleDefinitions.Get(key)
	if !found || !assignable(r, s, c.above(s), false) {
		return &answer{status: http.StatusNoContent}, nil
	}
	if r.BuiltIn {
		return nil, badFormat()
	}
	for _, text := range r.AssignableScopes {
		if at, _ := parseScope(split(text)); !c.may(deleteDefinition, at) {
			return nil, c.linkedAuthorizationFailed(deleteDefinition, s.String(), at.String())
		}
	}
	for range c.Directory.RoleAssignments.Each(directory.ByRole(id)) {
		return nil, authorization(http.StatusBadRequest, "RoleDefinitionHasAssignments", "There are existing role assignments referencing role.")
	}
	c.Directory.RoleDefinitions.Delete(key)
	return &answer{status: http.StatusOK, body: c.describeDefinition(s, r), roleSystem: true}, nil
}
