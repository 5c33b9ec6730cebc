package arm

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
)

type assignmentBody struct {
	Properties *struct {
		RoleDefinitionID string  `json:"roleDefinitionId"`
		PrincipalID      string  `json:"principalId"`
		PrincipalType    string  `json:"principalType"`
		Condition        *string `json:"condition"`
		ConditionVersion *string `json:"conditionVersion"`
		DelegatedID      *string `json:"delegatedManagedIdentityResourceId"`
		Description      *string `json:"description"`
	} `json:"properties"`
}

func (c *call) putAssignment(s scope, name string) (*answer, error) {
	id := s.at("roleAssignments", name)
	if err := c.enter(s, writeAssignment, id); err != nil {
		return nil, err
	}
	if !isGUID(name) {
		return nil, authorization(http.StatusBadRequest, "InvalidRoleAssignmentId", "The role assignment ID '%s' is not valid. The role assignment ID must be a GUID.", name)
	}
	var in assignmentBody
	if json.Unmarshal(c.body, &in) != nil || in.Properties == nil {
		return nil, badFormat()
	}
	role, err := c.roleToAssign(s, in.Properties.RoleDefinitionID)
	if err != nil {
		return nil, err
	}
	now := c.Directory.Now()
	a := &directory.RoleAssignment{
		Name: name, Scope: s.String(), RoleID: role, PrincipalID: strings.ToLower(in.Properties.PrincipalID), PrincipalType: in.Properties.PrincipalType,
		Description: in.Properties.Description, Condition: in.Properties.Condition, ConditionVer: in.Properties.ConditionVersion,
		DelegatedMIRes: in.Properties.DelegatedID, CreatedAt: now, UpdatedAt: now, CreatedBy: c.caller.ObjectID, UpdatedBy: c.caller.ObjectID,
	}
	have, err := c.replaced(strings.ToLower(id), a)
	if err != nil {
		return nil, err
	}
	if have != nil {
		a.Scope, a.Name, a.PrincipalType, a.CreatedAt, a.CreatedBy = have.Scope, have.Name, have.PrincipalType, have.CreatedAt, have.CreatedBy
	} else if a.PrincipalType, err = c.principalType(in.Properties.PrincipalID, in.Properties.PrincipalType); err != nil {
		return nil, err
	}
	c.Directory.RoleAssignments.Put(strings.ToLower(id), a)
	return c.written(s, a, c.at), nil
}

// roleToAssign is the guid at the end of a roleDefinitionId: whatever subscription stands before it, or none.
func (c *call) roleToAssign(s scope, id string) (string, error) {
	segments := split(id)
	if n := len(segments); n < 4 || !begins(segments[n-4:], "providers", "Microsoft.Authorization", "roleDefinitions") || !isGUID(segments[n-1]) {
		return "", authorization(http.StatusBadRequest, "InvalidRoleDefinitionId", "The role definition ID '%s' is not valid. The role definition ID must be a GUID.", id)
	}
	role := segments[len(segments)-1]
	// As the replica has it: a role that has just been made may not be known yet.
	have, found := c.Directory.RoleDefinitions.Seen(strings.ToLower(role))
	if !found || !assignable(have, s, c.above(s), false) {
		return "", noDefinition(role)
	}
	for _, p := range have.Permissions {
		// Such a role may name the group as assignable scope, and be assigned at the subscriptions below it (Azure custom
		// roles, management groups). The answer to the attempt has not been recorded.
		if s.managementGroup != "" && !have.BuiltIn && len(p.DataActions)+len(p.NotDataActions) > 0 {
			return "", badFormat()
		}
		if len(p.DataActions)+len(p.NotDataActions) > 0 && !c.version.since("2018-01-01") { // an answer of 2019-02 in a public issue
			return "", authorization(http.StatusBadRequest, "UnsupportedApiVersionForRoleDefinitionHasDataActions",
				"Assignments to roles with DataActions and NotDataActions are not supported on API version '%s'. The minimum required API version for this operations is '2018-01-01-preview'.", c.version)
		}
	}
	return have.ID, nil
}

// Limits of role assignments (Azure subscription limits, role-based access control): in a subscription with all that is
// in it, and at a management group.
const (
	mostInSubscription = 4000
	mostAtGroup        = 500
)

// replaced is the assignment that the PUT of a under id would change; nil for none. A name is unique in the tenant, and
// so are role, principal and scope together.
func (c *call) replaced(id string, a *directory.RoleAssignment) (*directory.RoleAssignment, error) {
	for other, b := range c.Directory.RoleAssignments.Each(directory.ByName(a.Name)) {
		if other == id && strings.EqualFold(b.RoleID, a.RoleID) && strings.EqualFold(b.PrincipalID, a.PrincipalID) && keyOf(b.Scope) == keyOf(a.Scope) {
			return b, nil
		}
		return nil, authorization(http.StatusBadRequest, "RoleAssignmentUpdateNotPermitted",
			"Tenant ID, application ID, principal ID, and scope are not allowed to be updated.")
	}
	for _, b := range c.Directory.RoleAssignments.Each(a.PrincipalID) {
		if strings.EqualFold(b.RoleID, a.RoleID) && keyOf(b.Scope) == keyOf(a.Scope) {
			return nil, authorization(http.StatusConflict, "RoleAssignmentExists", "The role assignment already exists.")
		}
	}
	return nil, c.roomFor(a)
}

// roomFor holds to the limits.
func (c *call) roomFor(a *directory.RoleAssignment) error {
	s, _ := parseScope(split(a.Scope))
	prefix, most := "", mostAtGroup
	switch {
	case s.subscription != "":
		prefix, most = keyOf("/subscriptions/"+s.subscription), mostInSubscription
	case s.managementGroup != "":
		prefix = s.key()
	default:
		return nil
	}
	count := 0
	for id := range c.Directory.RoleAssignments.All() {
		if strings.HasPrefix(id, prefix+"/") {
			count++
		}
	}
	if count < most {
		return nil
	}
	return authorization(http.StatusBadRequest, "RoleAssignmentLimitExceeded", "The role assignment limit for the %s is exceeded. No more role assignments can be created.",
		map[bool]string{true: "subscription", false: "management group"}[s.subscription != ""])
}

// principalType finds the principal as the replica has it: a new one is not there yet. A request that gives the type
// spares Resource Manager that look-up, for service principals since 2018-09-01-preview and for others since
// 2020-03-01-preview (Azure role-based access control, troubleshooting); here it must at least exist on the primary.
func (c *call) principalType(id, given string) (string, error) {
	if !isGUID(id) {
		return "", authorization(http.StatusBadRequest, "InvalidPrincipalId", "The Principal ID '%s' is not valid. Principal ID must be a GUID.", id)
	}
	bare := strings.ToLower(strings.ReplaceAll(id, "-", ""))
	spared := given != "" && c.version.since("2020-03-01") || strings.EqualFold(given, "ServicePrincipal") && c.version.since("2018-09-01")
	found := c.typeOf(strings.ToLower(id), spared)
	switch {
	case found == "":
		return "", authorization(http.StatusBadRequest, "PrincipalNotFound",
			"Principal %s does not exist in the directory %s. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, "+
				"this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  "+
				"See https://aka.ms/docs-principaltype", bare, c.TenantID)
	case given != "" && c.version.since("2018-01-01") && !strings.EqualFold(given, found):
		// The misspelling is Azure's.
		return "", authorization(http.StatusBadRequest, "UnmatchedPrincipalType",
			"The PrincipalId '%s' has type '%s' , which is different from specified PrinciaplType '%s'.", bare, found, given)
	}
	return found, nil
}

// typeOf is the type of a living principal; empty: there is none.
func (c *call) typeOf(id string, primary bool) string {
	d := c.Directory
	if p, found := pick(d.ServicePrincipals, primary)(id); found && p.DeletedAt == nil {
		return "ServicePrincipal"
	}
	if _, found := pick(d.Users, primary)(id); found {
		return "User"
	}
	if _, found := pick(d.Groups, primary)(id); found {
		return "Group"
	}
	return ""
}

func pick[T any](t *directory.Table[T], primary bool) func(string) (*T, bool) {
	if primary {
		return t.Get
	}
	return t.Seen
}
