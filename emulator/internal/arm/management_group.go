package arm

import (
	"net/http"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
)

const readManagementGroup = "Microsoft.Management/managementGroups/read"

type managementGroup struct {
	ID         string                    `json:"id"`
	Type       string                    `json:"type"`
	Name       string                    `json:"name"`
	Properties managementGroupProperties `json:"properties"`
}

type managementGroupProperties struct {
	TenantID    string                  `json:"tenantId"`
	DisplayName string                  `json:"displayName"`
	Details     *managementGroupDetails `json:"details,omitempty"`
	Children    []managementGroupChild  `json:"children,omitempty"`
}

type managementGroupDetails struct {
	Version     int                    `json:"version"`
	UpdatedTime string                 `json:"updatedTime"`
	UpdatedBy   string                 `json:"updatedBy"`
	Parent      *managementGroupParent `json:"parent"`
}

type managementGroupParent struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
}

type managementGroupChild struct {
	Type        string `json:"type"`
	ID          string `json:"id"`
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
}

const managementGroups = "/providers/Microsoft.Management/managementGroups/"

func (c *call) routeManagementGroups(rest []string) (operation, error) {
	switch {
	case len(rest) == 0:
		return c.readOnly(func() (*answer, error) { return c.provider(scope{}, "Microsoft.Management") })
	case begins(rest, "managementGroups") && len(rest) == 1:
		return c.readOnly(c.listManagementGroups)
	case begins(rest, "managementGroups") && len(rest) == 2:
		s, _ := parseScope(c.segments)
		return c.readOnly(func() (*answer, error) { return c.getManagementGroup(s) })
	}
	return nil, c.invalidResourceType("Microsoft.Management")
}

// managementGroup finds a group by its id, which is compared without regard to case.
func (c *call) managementGroup(id string) (*directory.ManagementGroup, bool) {
	for _, g := range c.Directory.ManagementGroups.AllSeen() {
		if strings.EqualFold(g.ID, id) {
			return g, true
		}
	}
	return nil, false
}

func (c *call) describeManagementGroup(g *directory.ManagementGroup) managementGroup {
	kind := "Microsoft.Management/managementGroups"
	if !c.version.since("2020-02-01") {
		kind = "/providers/" + kind // Azure, management groups, 2018-03-01-preview to 2019-11-01
	}
	return managementGroup{
		ID: managementGroups + g.ID, Type: kind, Name: g.ID,
		Properties: managementGroupProperties{TenantID: c.TenantID, DisplayName: g.DisplayName},
	}
}

// listManagementGroups lists those that the caller may read.
func (c *call) listManagementGroups() (*answer, error) {
	var found []managementGroup
	for _, g := range c.Directory.ManagementGroups.AllSeen() {
		if c.may(readManagementGroup, scope{path: managementGroups + g.ID, managementGroup: g.ID}) {
			found = append(found, c.describeManagementGroup(g))
		}
	}
	return list(found)
}

func (c *call) getManagementGroup(s scope) (*answer, error) {
	if !c.may(readManagementGroup, s) {
		return nil, c.authorizationFailed(readManagementGroup, s.String())
	}
	g, found := c.managementGroup(s.managementGroup)
	if !found {
		return nil, authorization(http.StatusNotFound, "NotFound", "The management group '%s' cannot be found.", s.managementGroup)
	}
	out := c.describeManagementGroup(g)
	out.Properties.Details = &managementGroupDetails{Version: 1, UpdatedTime: stamp(c.at), UpdatedBy: c.caller.ObjectID}
	if t, found := c.Directory.Tenants.Seen(c.TenantID); found {
		out.Properties.Details.UpdatedTime = stamp(t.CreatedAt)
	}
	if p, found := c.managementGroup(g.Parent); found {
		out.Properties.Details.Parent = &managementGroupParent{managementGroups + p.ID, p.ID, p.DisplayName}
	}
	if strings.EqualFold(c.query.Get("$expand"), "children") {
		out.Properties.Children = c.children(g)
	}
	return ok(out)
}

func (c *call) children(of *directory.ManagementGroup) []managementGroupChild {
	var found []managementGroupChild
	for _, g := range c.Directory.ManagementGroups.AllSeen() {
		if strings.EqualFold(g.Parent, of.ID) {
			found = append(found, managementGroupChild{c.describeManagementGroup(g).Type, managementGroups + g.ID, g.ID, g.DisplayName})
		}
	}
	for _, s := range c.Directory.Subscriptions.AllSeen() {
		if strings.EqualFold(s.Parent, of.ID) {
			found = append(found, managementGroupChild{"/subscriptions", "/subscriptions/" + s.ID, s.ID, s.DisplayName})
		}
	}
	return found
}
