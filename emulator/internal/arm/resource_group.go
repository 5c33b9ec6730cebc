package arm

import (
	"net/http"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
)

const (
	readGroup   = "Microsoft.Resources/subscriptions/resourceGroups/read"
	writeGroup  = "Microsoft.Resources/subscriptions/resourceGroups/write"
	deleteGroup = "Microsoft.Resources/subscriptions/resourceGroups/delete"
)

func groupKey(subscription, name string) string { return strings.ToLower(subscription + "/" + name) }

type resourceGroup struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Type       string            `json:"type"`
	Location   string            `json:"location"`
	ManagedBy  string            `json:"managedBy,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
	Properties map[string]string `json:"properties"`
}

// describeGroup writes resourceGroups with a capital G and the stored name, whatever the request wrote (recorded
// 2025-02, 2026-04).
func describeGroup(subscription string, g *directory.ResourceGroup) resourceGroup {
	return resourceGroup{
		ID: "/subscriptions/" + subscription + "/resourceGroups/" + g.Name, Name: g.Name, Type: "Microsoft.Resources/resourceGroups",
		Location: g.Location, ManagedBy: g.ManagedBy, Tags: g.Tags, Properties: map[string]string{"provisioningState": "Succeeded"},
	}
}

// resourceGroups lists those that the caller may read, and to have none is no error.
func (c *call) resourceGroups(s scope) (*answer, error) {
	if err := c.known(s); err != nil {
		return nil, err
	}
	if !c.sees(s) {
		return nil, c.authorizationFailed(readGroup, s.String())
	}
	f, err := parseGroupFilter(c.filter())
	if err != nil {
		return nil, err
	}
	var found []resourceGroup
	for _, g := range c.Directory.ResourceGroups.AllSeen() {
		if !strings.EqualFold(g.Subscription, s.subscription) {
			continue
		}
		of := scope{path: s.path + "/resourceGroups/" + g.Name, subscription: s.subscription, group: g.Name}
		if f.fits(g) && c.may(readGroup, of) {
			found = append(found, describeGroup(s.subscription, g))
		}
	}
	return list(found)
}

// resourceGroup is 204 without a body for HEAD (recorded 2023 to 2026).
func (c *call) resourceGroup(s scope) (*answer, error) {
	if err := c.enter(s, readGroup, s.String()); err != nil {
		return nil, err
	}
	if c.request.Method == http.MethodHead {
		return &answer{status: http.StatusNoContent}, nil
	}
	g, _ := c.Directory.ResourceGroups.Seen(groupKey(s.subscription, s.group))
	return ok(describeGroup(s.subscription, g))
}

// groupFilter is a $filter of resource groups: tagName eq, and tagValue eq with it (Azure Resource Manager, resource
// groups list).
type groupFilter struct {
	name, value string
	byValue     bool
}

func parseGroupFilter(text string) (groupFilter, error) {
	var f groupFilter
	terms, fits := parseFilter(text)
	for _, t := range terms {
		switch {
		case t.name == "tagname" && !t.call && f.name == "":
			f.name = t.value
		case t.name == "tagvalue" && !t.call && !f.byValue:
			f.value, f.byValue = t.value, true
		default:
			fits = false
		}
	}
	if !fits || f.byValue && f.name == "" {
		return f, gateway(http.StatusBadRequest, "InvalidFilterInQueryString",
			"Invalid $filter '%s' specified in the query string. It takes \"tagName eq '{name}'\" with or without \"and tagValue eq '{value}'\".", text)
	}
	return f, nil
}

// fits compares names without regard to case, values with it.
func (f groupFilter) fits(g *directory.ResourceGroup) bool {
	if f.name == "" {
		return true
	}
	for name, value := range g.Tags {
		if strings.EqualFold(name, f.name) && (!f.byValue || value == f.value) {
			return true
		}
	}
	return false
}

// resources are those of a subscription or a resource group: the emulated cloud has none.
func (c *call) resources(s scope) (*answer, error) {
	if s.group == "" {
		if err := c.known(s); err != nil {
			return nil, err
		}
		if !c.sees(s) {
			return nil, c.authorizationFailed("Microsoft.Resources/subscriptions/resources/read", s.String())
		}
	} else if err := c.enter(s, "Microsoft.Resources/subscriptions/resourceGroups/resources/read", s.String()); err != nil {
		return nil, err
	}
	return list[struct{}](nil)
}
