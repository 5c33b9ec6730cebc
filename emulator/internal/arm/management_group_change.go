package arm

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// groupID is what the id of a management group may be (Azure, management groups: up to 90 letters, digits, -, _, (, )
// and ., not a dot at the end).
var groupID = regexp.MustCompile(`^[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]$`)

const roleOwner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"

type managementGroupBody struct {
	DisplayName *string `json:"displayName"` // of PATCH
	ParentID    *string `json:"parentId"`    // of PATCH, and of PUT before 2018-03-01
	Properties  *struct {
		DisplayName *string `json:"displayName"`
		Details     *struct {
			Parent *struct {
				ID string `json:"id"`
			} `json:"parent"`
		} `json:"details"`
	} `json:"properties"`
}

func (b managementGroupBody) read() (displayName, parent *string) {
	displayName, parent = b.DisplayName, b.ParentID
	if p := b.Properties; p != nil {
		if p.DisplayName != nil {
			displayName = p.DisplayName
		}
		if p.Details != nil && p.Details.Parent != nil && p.Details.Parent.ID != "" {
			parent = &p.Details.Parent.ID
		}
	}
	return displayName, parent
}

// accepted is the answer to a change that goes on; where it is asked about says how it ended.
func (c *call) accepted(verb, id string) *answer {
	return &answer{
		status: http.StatusAccepted,
		body: map[string]string{
			"id": managementGroups + id, "type": c.groupType(), "name": id, "status": "NotStarted",
		},
		location: c.BaseURL(c.request) + "/providers/Microsoft.Management/operationResults/" + verb + "/managementGroups/" + id + "?api-version=" + string(c.version),
	}
}

// putManagementGroup makes a group or changes it. Everybody may make one below the root, and becomes its Owner (Azure,
// management groups, protect your resource hierarchy: the default setting).
func (c *call) putManagementGroup(s scope) (*answer, error) {
	if !groupID.MatchString(s.managementGroup) {
		return nil, authorization(http.StatusBadRequest, "BadRequest", "The management group id '%s' is not valid. It can have up to 90 letters, digits, '-', '_', '(', ')' and '.', and cannot end in a '.'.", s.managementGroup)
	}
	var in managementGroupBody
	if len(c.body) > 0 {
		if err := json.Unmarshal(c.body, &in); err != nil {
			return nil, invalidContent(err)
		}
	}
	for _, g := range c.Directory.ManagementGroups.All() {
		if strings.EqualFold(g.ID, s.managementGroup) {
			return c.changeGroup(s, g, in)
		}
	}
	name, above := in.read()
	parent, err := c.parentFor(s.managementGroup, above)
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(parent.ID, c.TenantID) && !c.may(writeManagementGroup, groupScope(parent.ID)) {
		return nil, c.authorizationFailed(writeManagementGroup, managementGroups+parent.ID)
	}
	now := c.Directory.Now()
	g := &directory.ManagementGroup{ID: s.managementGroup, DisplayName: s.managementGroup, Parent: parent.ID, Version: 1, UpdatedAt: &now, UpdatedBy: c.caller.ObjectID}
	if name != nil && *name != "" {
		g.DisplayName = *name
	}
	c.Directory.ManagementGroups.Put(g.ID, g)
	c.grantOwner(g.ID)
	return c.accepted("create", g.ID), nil
}

// parentFor finds the group that is to be above another; none given: the root.
func (c *call) parentFor(id string, given *string) (*directory.ManagementGroup, error) {
	name := c.TenantID
	if given != nil {
		name = (*given)[strings.LastIndexByte(*given, '/')+1:]
	}
	parent, found := c.managementGroup(name)
	if !found {
		return nil, authorization(http.StatusNotFound, "NotFound", "The parent management group '%s' cannot be found.", name)
	}
	if strings.EqualFold(parent.ID, id) {
		return nil, authorization(http.StatusBadRequest, "BadRequest", "The management group '%s' cannot be its own parent.", id)
	}
	// Azure has six levels below the root.
	if above := c.ancestors(parent); len(above) >= 6 {
		return nil, authorization(http.StatusBadRequest, "BadRequest", "The management group '%s' would be too deep in the hierarchy: it can have six levels below the root.", id)
	}
	return parent, nil
}

func (c *call) grantOwner(id string) {
	now, name := c.Directory.Now(), uuid.NewString()
	kind := "ServicePrincipal"
	if c.caller.User {
		kind = "User"
	}
	s := groupScope(id)
	c.Directory.RoleAssignments.Put(strings.ToLower(s.at("roleAssignments", name)), &directory.RoleAssignment{
		Name: name, Scope: s.String(), RoleID: roleOwner, PrincipalID: strings.ToLower(c.caller.ObjectID), PrincipalType: kind,
		CreatedAt: now, UpdatedAt: now, CreatedBy: c.caller.ObjectID, UpdatedBy: c.caller.ObjectID,
	})
}

// changeGroup renames a group or moves it, which takes the right on both parents.
func (c *call) changeGroup(s scope, g *directory.ManagementGroup, in managementGroupBody) (*answer, error) {
	if !c.may(writeManagementGroup, s) {
		return nil, c.authorizationFailed(writeManagementGroup, s.String())
	}
	name, above := in.read()
	now, next := c.Directory.Now(), *g
	if name != nil && *name != "" {
		next.DisplayName = *name
	}
	if above != nil {
		if g.Parent == "" {
			return nil, authorization(http.StatusBadRequest, "BadRequest", "The root management group '%s' cannot be moved.", g.ID)
		}
		parent, err := c.parentFor(g.ID, above)
		if err != nil {
			return nil, err
		}
		for _, a := range c.ancestors(parent) {
			if strings.EqualFold(a.ID, g.ID) {
				return nil, authorization(http.StatusBadRequest, "BadRequest", "The management group '%s' cannot be moved below itself.", g.ID)
			}
		}
		if !strings.EqualFold(parent.ID, g.Parent) && !c.may(writeManagementGroup, groupScope(parent.ID)) {
			return nil, c.authorizationFailed(writeManagementGroup, managementGroups+parent.ID)
		}
		next.Parent = parent.ID
	}
	next.Version, next.UpdatedAt, next.UpdatedBy = max(1, g.Version)+1, &now, c.caller.ObjectID
	c.Directory.ManagementGroups.Put(g.ID, &next)
	return ok(c.detailed(&next))
}

func (c *call) patchManagementGroup(s scope) (*answer, error) {
	var in managementGroupBody
	if err := json.Unmarshal(c.body, &in); err != nil {
		return nil, invalidContent(err)
	}
	g, err := c.enterGroup(s, writeManagementGroup)
	if err != nil {
		return nil, err
	}
	return c.changeGroup(s, g, in)
}

// deleteManagementGroup takes an empty group and the role assignments on it away.
func (c *call) deleteManagementGroup(s scope) (*answer, error) {
	if !c.may(deleteManagementGroup, s) {
		return nil, c.authorizationFailed(deleteManagementGroup, s.String())
	}
	g, found := c.managementGroup(s.managementGroup)
	if !found {
		return &answer{status: http.StatusNoContent}, nil
	}
	if g.Parent == "" {
		return nil, authorization(http.StatusBadRequest, "BadRequest", "The root management group '%s' cannot be deleted.", g.ID)
	}
	if len(c.children(g, false)) > 0 {
		return nil, authorization(http.StatusBadRequest, "BadRequest", "The management group '%s' has groups or subscriptions below it. Move or delete them first.", g.ID)
	}
	c.Directory.ManagementGroups.Delete(g.ID)
	for id, a := range c.Directory.RoleAssignments.All() {
		if keyOf(a.Scope) == groupScope(g.ID).key() {
			c.Directory.RoleAssignments.Delete(id)
		}
	}
	return c.accepted("delete", g.ID), nil
}

// groupOperation answers how a change ended: at once, since it is done when it is asked about.
func (c *call) groupOperation(verb string, s scope) (*answer, error) {
	if strings.EqualFold(verb, "delete") {
		return &answer{status: http.StatusNoContent}, nil
	}
	return c.getManagementGroup(s)
}

// moveSubscription puts a subscription below a group. It takes the right to write on both groups, and to write role
// assignments on the subscription, as its Owner has (Azure, management groups, moving subscriptions).
func (c *call) moveSubscription(s scope, id string) (*answer, error) {
	g, err := c.enterGroup(s, "Microsoft.Management/managementGroups/subscriptions/write")
	if err != nil {
		return nil, err
	}
	return c.place(g, id)
}

func (c *call) place(g *directory.ManagementGroup, id string) (*answer, error) {
	at := scope{path: "/subscriptions/" + id, subscription: id}
	if err := c.known(at); err != nil {
		return nil, err
	}
	if !c.may(writeAssignment, at) {
		return nil, c.authorizationFailed(writeAssignment, at.String())
	}
	sub, _ := c.Directory.Subscriptions.Get(strings.ToLower(id))
	if sub == nil {
		return nil, subscriptionNotFound(id)
	}
	if old := sub.Parent; old != "" && !strings.EqualFold(old, c.TenantID) && !c.may(writeManagementGroup, groupScope(old)) {
		return nil, c.authorizationFailed(writeManagementGroup, managementGroups+old)
	}
	next := *sub
	next.Parent = g.ID
	c.Directory.Subscriptions.Put(strings.ToLower(id), &next)
	if !c.version.since("2020-05-01") {
		return &answer{status: http.StatusNoContent}, nil
	}
	return ok(c.describeGroupSubscription(&next))
}

// releaseSubscription moves a subscription back to the root.
func (c *call) releaseSubscription(s scope, id string) (*answer, error) {
	g, err := c.enterGroup(s, "Microsoft.Management/managementGroups/subscriptions/delete")
	if err != nil {
		return nil, err
	}
	sub, found := c.Directory.Subscriptions.Seen(strings.ToLower(id))
	if !found || !strings.EqualFold(sub.Parent, g.ID) {
		return &answer{status: http.StatusNoContent}, nil
	}
	root, err := c.parentFor("", nil)
	if err != nil {
		return nil, err
	}
	if _, err := c.place(root, id); err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK}, nil
}
