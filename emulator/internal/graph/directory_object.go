package graph

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// directoryResource finds an object of any kind as the replica sees it, deleted ones not.
func (c *call) directoryResource(id string) (resource, bool) {
	if u, ok := c.Directory.Users.Seen(id); ok {
		return c.viewUser(u), true
	}
	if p, ok := c.Directory.ServicePrincipals.Seen(id); ok && p.DeletedAt == nil {
		return c.viewServicePrincipal(p), true
	}
	if a, ok := c.Directory.Applications.Seen(id); ok && a.DeletedAt == nil {
		return c.viewApplication(a), true
	}
	if g, ok := c.Directory.Groups.Seen(id); ok {
		return c.viewGroup(g), true
	}
	return nil, false
}

// mayReadSome says whether the caller may ask for objects without saying of which kind.
func (c *call) mayReadSome() bool {
	return slices.ContainsFunc([]*odata.Kind{c.kinds.user, c.kinds.group, c.kinds.application}, c.mayRead)
}

func (c *call) getDirectoryObject(id string) (*answer, error) {
	return c.read(func() (*answer, error) {
		if !c.mayReadSome() {
			return nil, odata.Forbidden()
		}
		o, ok := c.directoryResource(id)
		if !ok {
			return nil, odata.NotFound(id)
		}
		return &answer{status: http.StatusOK, body: append(entity{
			c.context("directoryObjects/$entity"), {"@odata.type", "#" + o.kind().Type},
		}, c.visible(o)...)}, nil
	})
}

// maxIDs is how many objects getByIds takes (Microsoft Graph, directoryObject: getByIds).
const maxIDs = 1000

// getByIDs answers with those of the objects that exist; the others are left out.
func (c *call) getByIDs() (*answer, error) {
	in, err := c.parameters("getByIds", "ids", "types")
	if err != nil {
		return nil, err
	}
	var ids, types []string
	if in.Absent("ids") || json.Unmarshal(in.Values["ids"], &ids) != nil || len(ids) == 0 || len(ids) > maxIDs {
		return nil, odata.InvalidValue("ids", "DirectoryObject")
	}
	if !in.Absent("types") && json.Unmarshal(in.Values["types"], &types) != nil {
		return nil, odata.InvalidValue("types", "DirectoryObject")
	}
	for i := range ids {
		if ids[i], err = odata.ObjectID(ids[i]); err != nil {
			return nil, err
		}
	}
	return c.read(func() (*answer, error) {
		if !c.mayReadSome() {
			return nil, odata.Forbidden()
		}
		items := []entity{}
		for o := range c.resources(ids) {
			name := strings.TrimPrefix(o.kind().Type, "microsoft.graph.")
			if len(types) == 0 || slices.ContainsFunc(types, func(t string) bool { return strings.EqualFold(t, name) || strings.EqualFold(t, "directoryObject") }) {
				items = append(items, append(entity{{"@odata.type", "#" + o.kind().Type}}, c.visible(o)...))
			}
		}
		return &answer{
			status: http.StatusOK, location: "/", units: 3,
			body: entity{c.context("directoryObjects"), {"value", items}},
		}, nil
	})
}
