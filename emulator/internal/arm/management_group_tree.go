package arm

import (
	"net/http"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
)

func (c *call) routeManagementGroups(rest []string) (operation, error) {
	switch {
	case len(rest) == 0:
		return c.byMethod(methods{http.MethodGet: func() (*answer, error) { return c.provider(scope{}, "Microsoft.Management") }})
	case begins(rest, "getEntities") && len(rest) == 1:
		return c.byMethod(methods{http.MethodPost: c.entities})
	case begins(rest, "operationResults") && len(rest) == 4 && strings.EqualFold(rest[2], "managementGroups"):
		return c.byMethod(methods{http.MethodGet: func() (*answer, error) { return c.groupOperation(rest[1], groupScope(rest[3])) }})
	case !begins(rest, "managementGroups") || len(rest) > 4:
		return nil, c.invalidResourceType("Microsoft.Management")
	}
	if err := c.version.of("Microsoft.Management", "managementGroups", groupVersions()); err != nil {
		return nil, err
	}
	if len(rest) == 1 {
		return c.byMethod(methods{http.MethodGet: c.listManagementGroups})
	}
	s := groupScope(rest[1])
	s.path = join(c.segments[:4]) // as the request wrote it
	switch {
	case len(rest) == 2:
		return c.byMethod(methods{
			http.MethodGet:    func() (*answer, error) { return c.getManagementGroup(s) },
			http.MethodPut:    func() (*answer, error) { return c.putManagementGroup(s) },
			http.MethodPatch:  func() (*answer, error) { return c.patchManagementGroup(s) },
			http.MethodDelete: func() (*answer, error) { return c.deleteManagementGroup(s) },
		})
	case strings.EqualFold(rest[2], "descendants") && len(rest) == 3:
		return c.byMethod(methods{http.MethodGet: func() (*answer, error) { return c.descendants(s) }})
	case strings.EqualFold(rest[2], "subscriptions") && len(rest) == 3:
		return c.byMethod(methods{http.MethodGet: func() (*answer, error) { return c.groupSubscriptions(s) }})
	case strings.EqualFold(rest[2], "subscriptions"):
		return c.byMethod(methods{
			http.MethodGet:    func() (*answer, error) { return c.groupSubscription(s, rest[3]) },
			http.MethodPut:    func() (*answer, error) { return c.moveSubscription(s, rest[3]) },
			http.MethodDelete: func() (*answer, error) { return c.releaseSubscription(s, rest[3]) },
		})
	}
	return nil, c.invalidResourceType("Microsoft.Management")
}

type descendant struct {
	ID         string               `json:"id"`
	Type       string               `json:"type"`
	Name       string               `json:"name"`
	Properties descendantProperties `json:"properties"`
}

type descendantProperties struct {
	DisplayName string   `json:"displayName"`
	Parent      parentID `json:"parent"`
}

type parentID struct {
	ID string `json:"id"`
}

// descendants are all groups and subscriptions below a group (Azure, management groups, get descendants).
func (c *call) descendants(s scope) (*answer, error) {
	g, err := c.enterGroup(s, readManagementGroup)
	if err != nil {
		return nil, err
	}
	return list(c.below(g, 0))
}

func (c *call) below(g *directory.ManagementGroup, depth int) []descendant {
	var found []descendant
	if depth > 10 {
		return nil
	}
	for _, child := range c.children(g, false) {
		found = append(found, descendant{child.ID, child.Type, child.Name, descendantProperties{child.DisplayName, parentID{managementGroups + g.ID}}})
		if next, isGroup := c.managementGroup(child.Name); isGroup && child.Type != "/subscriptions" {
			found = append(found, c.below(next, depth+1)...)
		}
	}
	return found
}

type groupSubscription struct {
	ID         string                      `json:"id"`
	Type       string                      `json:"type"`
	Name       string                      `json:"name"`
	Properties groupSubscriptionProperties `json:"properties"`
}

type groupSubscriptionProperties struct {
	Tenant      string   `json:"tenant"`
	DisplayName string   `json:"displayName"`
	Parent      parentID `json:"parent"`
	State       string   `json:"state"`
}

const readGroupSubscription = "Microsoft.Management/managementGroups/subscriptions/read"

func (c *call) describeGroupSubscription(s *directory.Subscription) groupSubscription {
	return groupSubscription{
		ID: managementGroups + s.Parent + "/subscriptions/" + s.ID, Type: "Microsoft.Management/managementGroups/subscriptions", Name: s.ID,
		Properties: groupSubscriptionProperties{c.TenantID, s.DisplayName, parentID{managementGroups + s.Parent}, "Active"},
	}
}

// groupSubscriptions are those right below a group (Azure, management group subscriptions, 2020-05-01).
func (c *call) groupSubscriptions(s scope) (*answer, error) {
	g, err := c.enterGroup(s, readGroupSubscription)
	if err != nil {
		return nil, err
	}
	var found []groupSubscription
	for _, sub := range c.Directory.Subscriptions.AllSeen() {
		if strings.EqualFold(sub.Parent, g.ID) {
			found = append(found, c.describeGroupSubscription(sub))
		}
	}
	return list(found)
}

func (c *call) groupSubscription(s scope, id string) (*answer, error) {
	g, err := c.enterGroup(s, readGroupSubscription)
	if err != nil {
		return nil, err
	}
	sub, found := c.Directory.Subscriptions.Seen(strings.ToLower(id))
	if !found || !strings.EqualFold(sub.Parent, g.ID) {
		return nil, authorization(http.StatusNotFound, "NotFound", "The subscription '%s' cannot be found under the management group '%s'.", id, g.ID)
	}
	return ok(c.describeGroupSubscription(sub))
}

type entity struct {
	ID         string           `json:"id"`
	Type       string           `json:"type"`
	Name       string           `json:"name"`
	Properties entityProperties `json:"properties"`
}

type entityProperties struct {
	TenantID        string    `json:"tenantId"`
	DisplayName     string    `json:"displayName"`
	Parent          *parentID `json:"parent"`
	Permissions     string    `json:"permissions"`
	Inherited       string    `json:"inheritedPermissions"`
	Descendants     int       `json:"numberOfDescendants"`
	Children        int       `json:"numberOfChildren"`
	ChildGroups     int       `json:"numberOfChildGroups"`
	ParentNames     []string  `json:"parentDisplayNameChain"`
	ParentNameChain []string  `json:"parentNameChain"`
}

// entities are the groups and subscriptions that the caller sees (Azure, entities list).
func (c *call) entities() (*answer, error) {
	found := []entity{}
	add := func(e entity, s scope, parent string) {
		for _, level := range []struct{ action, name string }{{"/delete", "delete"}, {"/write", "edit"}, {"/read", "view"}} {
			if c.may("Microsoft.Management/managementGroups"+level.action, s) {
				e.Properties.Permissions, e.Properties.Inherited = level.name, level.name
				break
			}
		}
		if e.Properties.Permissions == "" {
			e.Properties.Permissions, e.Properties.Inherited = "noaccess", "noaccess"
		}
		e.Properties.ParentNames, e.Properties.ParentNameChain = []string{}, []string{}
		if p, ok := c.managementGroup(parent); ok {
			e.Properties.Parent = &parentID{managementGroups + p.ID}
			for _, a := range append([]*directory.ManagementGroup{p}, c.ancestors(p)...) {
				e.Properties.ParentNames = append([]string{a.DisplayName}, e.Properties.ParentNames...)
				e.Properties.ParentNameChain = append([]string{a.ID}, e.Properties.ParentNameChain...)
			}
		}
		found = append(found, e)
	}
	for _, g := range c.Directory.ManagementGroups.AllSeen() {
		if s := groupScope(g.ID); c.may(readManagementGroup, s) {
			e := entity{ID: managementGroups + g.ID, Type: c.groupType(), Name: g.ID, Properties: entityProperties{TenantID: c.TenantID, DisplayName: g.DisplayName}}
			e.Properties.Descendants = len(c.below(g, 0))
			for _, child := range c.children(g, false) {
				e.Properties.Children++
				if child.Type != "/subscriptions" {
					e.Properties.ChildGroups++
				}
			}
			add(e, s, g.Parent)
		}
	}
	for id, sub := range c.Directory.Subscriptions.AllSeen() {
		if s := (scope{path: "/subscriptions/" + id, subscription: id}); c.sees(s) {
			add(entity{ID: "/subscriptions/" + sub.ID, Type: "/subscriptions", Name: sub.ID, Properties: entityProperties{TenantID: c.TenantID, DisplayName: sub.DisplayName}}, s, sub.Parent)
		}
	}
	return ok(map[string]any{"value": found, "count": len(found)})
}
