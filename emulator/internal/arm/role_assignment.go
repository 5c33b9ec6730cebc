package arm

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
)

const (
	readAssignment   = "Microsoft.Authorization/roleAssignments/read"
	writeAssignment  = "Microsoft.Authorization/roleAssignments/write"
	deleteAssignment = "Microsoft.Authorization/roleAssignments/delete"
)

type roleAssignment struct {
	Properties assignmentProperties `json:"properties"`
	ID         string               `json:"id"`
	Type       string               `json:"type"`
	Name       string               `json:"name"`
}

type assignmentProperties struct {
	RoleDefinitionID string   `json:"roleDefinitionId"`
	PrincipalID      string   `json:"principalId"`
	PrincipalType    optional `json:"principalType,omitzero"`
	Scope            string   `json:"scope"`
	Condition        optional `json:"condition,omitzero"`
	ConditionVersion optional `json:"conditionVersion,omitzero"`
	CreatedOn        string   `json:"createdOn"`
	UpdatedOn        string   `json:"updatedOn"`
	CreatedBy        *string  `json:"createdBy"`
	UpdatedBy        *string  `json:"updatedBy"`
	CanDelegate      *bool    `json:"canDelegate,omitempty"` // of 2020-08-01-preview and no other (recorded 2024-10)
	DelegatedID      optional `json:"delegatedManagedIdentityResourceId,omitzero"`
	Description      optional `json:"description,omitzero"`
}

// describeAssignment writes an assignment as the version has it: principalType came with 2018-01-01-preview, condition,
// delegatedManagedIdentityResourceId and description with 2020-04-01-preview (recorded 2018 to 2025). asked is the scope
// of the request, which is where the role is looked at from.
func (c *call) describeAssignment(asked scope, a *directory.RoleAssignment) roleAssignment {
	at, _ := parseScope(split(a.Scope))
	var canDelegate *bool
	if c.version == "2020-08-01-preview" {
		canDelegate = new(bool)
	}
	typed, described := c.version.since("2018-01-01"), c.version.since("2020-04-01")
	return roleAssignment{
		Properties: assignmentProperties{
			RoleDefinitionID: asked.definitionID(strings.ToLower(a.RoleID)), PrincipalID: a.PrincipalID, Scope: at.String(),
			PrincipalType: optional{typed, orNull(a.PrincipalType)},
			Condition:     optional{described, a.Condition}, ConditionVersion: optional{described, a.ConditionVer},
			DelegatedID: optional{described, a.DelegatedMIRes}, Description: optional{described, a.Description},
			CreatedOn: stamp(a.CreatedAt), UpdatedOn: stamp(a.UpdatedAt), CreatedBy: orNull(a.CreatedBy), UpdatedBy: orNull(a.UpdatedBy), CanDelegate: canDelegate,
		},
		ID: at.at("roleAssignments", a.Name), Type: "Microsoft.Authorization/roleAssignments", Name: a.Name,
	}
}

// assignments lists those at the scope, above it and below it; with atScope() not those below.
func (c *call) assignments(s scope) (*answer, error) {
	if err := c.enter(s, readAssignment, s.String()); err != nil {
		return nil, err
	}
	f, err := parseAssignmentFilter(c.filter())
	if err != nil {
		return nil, err
	}
	above := c.above(s)
	found := []roleAssignment{}
	for _, a := range c.assignmentsOf(f) {
		if key := keyOf(a.Scope); above[key] || !f.atScope && s.below(key) {
			found = append(found, c.describeAssignment(s, a))
		}
	}
	a, err := list(found)
	if err != nil {
		return nil, err
	}
	a.roleSystem = true
	return a, nil
}

// assignmentsOf are those of the filter's principal, or all. assignedTo means the principal's groups too.
func (c *call) assignmentsOf(f assignmentFilter) []*directory.RoleAssignment {
	var found []*directory.RoleAssignment
	var principals []string
	switch {
	case f.principal != "":
		principals = []string{strings.ToLower(f.principal)}
	case f.assignedTo != "":
		principals = c.principals(f.assignedTo)
	default:
		for _, a := range c.Directory.RoleAssignments.AllSeen() {
			found = append(found, a)
		}
	}
	for _, p := range principals {
		for _, a := range c.Directory.RoleAssignments.EachSeen(p) {
			found = append(found, a)
		}
	}
	slices.SortStableFunc(found, func(a, b *directory.RoleAssignment) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return found
}

func (c *call) assignment(s scope, name string) (*answer, error) {
	id := s.at("roleAssignments", name)
	if err := c.enter(s, readAssignment, id); err != nil {
		return nil, err
	}
	a, found := c.Directory.RoleAssignments.Seen(strings.ToLower(id))
	if !found {
		return nil, noAssignment(name)
	}
	return &answer{status: http.StatusOK, body: c.describeAssignment(s, a), roleSystem: true}, nil
}

// deleteAssignment is 204 for one that is not there (recorded 2020 to 2024).
func (c *call) deleteAssignment(s scope, name string) (*answer, error) {
	id := s.at("roleAssignments", name)
	if err := c.enter(s, deleteAssignment, id); err != nil {
		return nil, err
	}
	a, found := c.Directory.RoleAssignments.Get(strings.ToLower(id))
	if !found {
		return &answer{status: http.StatusNoContent}, nil
	}
	c.Directory.RoleAssignments.Delete(strings.ToLower(id))
	return &answer{status: http.StatusOK, body: c.describeAssignment(s, a), roleSystem: true}, nil
}

// written is the answer to a PUT: 201 for an update too, createdBy null and createdOn of this request, whatever is
// stored (recorded 2018 to 2025).
func (c *call) written(s scope, a *directory.RoleAssignment, at time.Time) *answer {
	out := c.describeAssignment(s, a)
	out.Properties.CreatedOn, out.Properties.CreatedBy = stamp(at), nil
	return &answer{status: http.StatusCreated, body: out, roleSystem: true}
}
