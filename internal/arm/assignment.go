package arm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/azure"
)

// Assignment is a role assignment. ID is its resource id.
type Assignment struct{ ID, Scope, RoleDefinitionID, PrincipalID string }

type assignmentJSON struct {
	ID         string               `json:"id,omitempty"`
	Properties assignmentProperties `json:"properties"`
}

type assignmentProperties struct {
	Scope            string `json:"scope,omitempty"`
	RoleDefinitionID string `json:"roleDefinitionId"`
	PrincipalID      string `json:"principalId"`
	PrincipalType    string `json:"principalType"`
}

func (a assignmentJSON) value() Assignment {
	return Assignment{ID: a.ID, Scope: a.Properties.Scope, RoleDefinitionID: a.Properties.RoleDefinitionID, PrincipalID: a.Properties.PrincipalID}
}

// AssignRole gives a service principal a role at a scope. The assignment's name is computed from the three, so that
// asking again, after an answer was lost, makes no second one.
//
// made is false where the same assignment is there under another name (409 RoleAssignmentExists); then a.ID is that
// one's, or empty where it cannot be read. It is true where it is there under the computed name already: Resource
// Manager answers a repeated PUT like the first (recorded answers, 2024), and the name is one that only Evercred gives.
// IsPrincipalNotFound(err) while a new service principal has not reached Resource Manager.
func (c *Client) AssignRole(ctx context.Context, scope, roleDefinitionID, principalID string) (a Assignment, made bool, err error) {
	in := assignmentJSON{Properties: assignmentProperties{
		RoleDefinitionID: roleDefinitionID,
		PrincipalID:      principalID,
		PrincipalType:    "ServicePrincipal", // spares the look-up that fails for new ones ("Troubleshoot Azure RBAC")
	}}
	var out assignmentJSON
	_, err = c.api.Write(ctx, http.MethodPut, path(scope)+authorization+"roleAssignments/"+assignmentName(scope, roleDefinitionID, principalID),
		azure.Query{"api-version": authorizationVersion}, in, &out)
	if e, ok := errors.AsType[*Error](err); ok && e.Code == "RoleAssignmentExists" {
		return c.existing(ctx, scope, roleDefinitionID, principalID), false, nil
	}
	if err != nil {
		return Assignment{}, false, fmt.Errorf("assigning role %s on %s to %s: %w", last(roleDefinitionID), scope, principalID, err)
	}
	return out.value(), true, nil
}

// existing finds the assignment of a role at the very scope. That it exists is known; its id is a convenience.
func (c *Client) existing(ctx context.Context, scope, roleDefinitionID, principalID string) Assignment {
	list, err := c.RoleAssignments(ctx, scope, principalID)
	if err == nil {
		for _, a := range list {
			if path(strings.ToLower(a.Scope)) == path(strings.ToLower(scope)) && strings.EqualFold(last(a.RoleDefinitionID), last(roleDefinitionID)) {
				return a
			}
		}
	}
	return Assignment{Scope: scope, RoleDefinitionID: roleDefinitionID, PrincipalID: principalID}
}

// RoleAssignments lists the assignments of a principal itself, not of its groups, at a scope, above it and below it.
func (c *Client) RoleAssignments(ctx context.Context, scope, principalID string) ([]Assignment, error) {
	list, err := azure.List[assignmentJSON](ctx, c.api, path(scope)+authorization+"roleAssignments",
		azure.Query{"api-version": authorizationVersion, "$filter": "principalId eq " + azure.Literal(principalID)})
	if err != nil {
		return nil, fmt.Errorf("listing the role assignments of %s on %s: %w", principalID, scope, err)
	}
	var out []Assignment
	for _, a := range list {
		if strings.EqualFold(a.Properties.PrincipalID, principalID) {
			out = append(out, a.value())
		}
	}
	return out, nil
}

// DeleteRoleAssignment removes an assignment by its resource id. One that is not there is no error (204).
func (c *Client) DeleteRoleAssignment(ctx context.Context, id string) error {
	if !strings.Contains(strings.ToLower(id), strings.ToLower(authorization)+"roleassignments/") {
		return fmt.Errorf("removing role assignment %q: this is not the id of one", id)
	}
	if _, err := c.api.Write(ctx, http.MethodDelete, path(id), azure.Query{"api-version": authorizationVersion}, nil, nil); err != nil {
		return fmt.Errorf("removing role assignment %s: %w", id, err)
	}
	return nil
}

// AssignmentID is the resource id under which AssignRole makes an assignment.
func AssignmentID(scope, roleDefinitionID, principalID string) string {
	return "/" + strings.Trim(scope, "/") + authorization + "roleAssignments/" + assignmentName(scope, roleDefinitionID, principalID)
}

// assignmentName computes the name of an assignment (a version 5 UUID). It must never change: it is how Evercred
// recognizes what it made.
func assignmentName(scope, roleDefinitionID, principalID string) string {
	text := strings.ToLower("/" + strings.Trim(scope, "/") + "|" + last(roleDefinitionID) + "|" + principalID)
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/evercred/evercred/role-assignment|"+text)).String()
}

// last is the last segment of a resource id. A role's id has the subscription in it that was asked, so that only the
// last segment tells whether two are the same.
func last(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }
