package arm

import (
	"net/http"
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
)

const (
	readManagementGroup   = "Microsoft.Management/managementGroups/read"
	writeManagementGroup  = "Microsoft.Management/managementGroups/write"
	deleteManagementGroup = "Microsoft.Management/managementGroups/delete"

	managementGroups = "/providers/Microsoft.Management/managementGroups/"
)

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
	Children    *[]*groupChild          `json:"children,omitempty"`
}

type managementGroupDetails struct {
	Version     int         `json:"version"`
	UpdatedTime string      `json:"updatedTime"`
	UpdatedBy   string      `json:"updatedBy"`
	Parent      *groupShort `json:"parent"`
	Path        []pathStep  `json:"path,omitempty"`
	Ancestors   []string    `json:"managementGroupAncestors,omitempty"`
	Chain       []pathStep  `json:"managementGroupAncestorsChain,omitempty"`
}

type groupShort struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
}

type pathStep struct {
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
}

type groupChild struct {
	Type        string         `json:"type"`
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	DisplayName string         `json:"displayName"`
	Children    *[]*groupChild `json:"children,omitempty"`
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

// groupType has a slash before it in older versions (Azure, management groups, 2018-03-01-preview to 2019-11-01).
func (c *call) groupType() string {
	if !c.version.since("2020-02-01") {
		return "/providers/Microsoft.Management/managementGroups"
	}
	return "Microsoft.Management/managementGroups"
}

func (c *call) describeManagementGroup(g *directory.ManagementGroup) managementGroup {
	return managementGroup{
		ID: managementGroups + g.ID, Type: c.groupType(), Name: g.ID,
		Properties: managementGroupProperties{TenantID: c.TenantID, DisplayName: g.DisplayName},
	}
}

func groupScope(id string) scope { return scope{path: managementGroups + id, managementGroup: id} }

// listManagementGroups lists those that the caller may read; to have none is no error.
func (c *call) listManagementGroups() (*answer, error) {
	var found []managementGroup
	for _, g := range c.Directory.ManagementGroups.AllSeen() {
		if c.may(readManagementGroup, groupScope(g.ID)) {
			found = append(found, c.describeManagementGroup(g))
		}
	}
	return list(found)
}

func (c *call) getManagementGroup(s scope) (*answer, error) {
	g, err := c.enterGroup(s, readManagementGroup)
	if err != nil {
		return nil, err
	}
	return ok(c.detailed(g))
}

// enterGroup checks the right before whether the group is there, as Azure does: who may not read it hears no more.
func (c *call) enterGroup(s scope, action string) (*directory.ManagementGroup, error) {
	if !c.may(action, s) {
		return nil, c.authorizationFailed(action, s.String())
	}
	g, found := c.managementGroup(s.managementGroup)
	if !found {
		return nil, authorization(http.StatusNotFound, "NotFound", "The management group '%s' cannot be found.", s.managementGroup)
	}
	return g, nil
}

// detailed is a group as a GET shows it: with $expand=children its children, with $recurse=true theirs too, with
// $expand=path or ancestors the way from the root (Azure, management groups, get).
func (c *call) detailed(g *directory.ManagementGroup) managementGroup {
	out := c.describeManagementGroup(g)
	d := &managementGroupDetails{Version: max(1, g.Version), UpdatedTime: stamp(c.at), UpdatedBy: c.caller.ObjectID}
	if t, found := c.Directory.Tenants.Seen(c.TenantID); found {
		d.UpdatedTime = stamp(t.CreatedAt)
	}
	if g.UpdatedAt != nil {
		d.UpdatedTime, d.UpdatedBy = stamp(*g.UpdatedAt), g.UpdatedBy
	}
	above := c.ancestors(g)
	if len(above) > 0 {
		p := above[0]
		d.Parent = &groupShort{managementGroups + p.ID, p.ID, p.DisplayName}
	}
	out.Properties.Details = d
	for expand := range strings.SplitSeq(strings.ToLower(c.query.Get("$expand")), ",") {
		switch strings.TrimSpace(expand) {
		case "children":
			children := c.children(g, strings.EqualFold(c.query.Get("$recurse"), "true"))
			out.Properties.Children = &children
		case "path":
			for _, a := range slices.Backward(above) { // from the root to the group itself
				d.Path = append(d.Path, pathStep{a.ID, a.DisplayName})
			}
			d.Path = append(d.Path, pathStep{g.ID, g.DisplayName})
		case "ancestors":
			for _, a := range above { // from the parent to the root
				d.Ancestors = append(d.Ancestors, a.ID)
				d.Chain = append(d.Chain, pathStep{a.ID, a.DisplayName})
			}
		}
	}
	return out
}

// ancestors are those above a group, the parent first.
func (c *call) ancestors(g *directory.ManagementGroup) []*directory.ManagementGroup {
	var above []*directory.ManagementGroup
	for next := g.Parent; next != "" && len(above) < 10; { // Azure has six levels; ten end a ring
		p, found := c.managementGroup(next)
		if !found {
			break
		}
		above, next = append(above, p), p.Parent
	}
	return above
}

// children are the groups and then the subscriptions right below a group; an empty list, not null, at the leaves.
func (c *call) children(of *directory.ManagementGroup, recurse bool) []*groupChild {
	found := []*groupChild{}
	for _, g := range c.Directory.ManagementGroups.AllSeen() {
		if !strings.EqualFold(g.Parent, of.ID) || strings.EqualFold(g.ID, of.ID) {
			continue
		}
		child := &groupChild{Type: c.groupType(), ID: managementGroups + g.ID, Name: g.ID, DisplayName: g.DisplayName}
		if recurse {
			below := c.children(g, true)
			child.Children = &below
		}
		found = append(found, child)
	}
	for _, s := range c.Directory.Subscriptions.AllSeen() {
		if strings.EqualFold(s.Parent, of.ID) {
			found = append(found, &groupChild{Type: "/subscriptions", ID: "/subscriptions/" + s.ID, Name: s.ID, DisplayName: s.DisplayName})
		}
	}
	return found
}
