package graph

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// createGroup makes a group. A member of the directory who is no administrator becomes its owner, an administrator does
// not (recorded 2022-05), nor does an application that may write all groups.
func (c *call) createGroup() (*answer, error) {
	values, bound, err := c.bodyWithBindings()
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) {
		if !c.mayCreateGroup() {
			return nil, odata.Forbidden()
		}
		for _, name := range []string{"displayName", "mailEnabled", "mailNickname", "securityEnabled"} {
			if v, ok := values[name]; !ok || string(v) == "null" || string(v) == `""` {
				return nil, odata.Required(name, "Group")
			}
		}
		now := c.at.Truncate(time.Second)
		g := &directory.Group{ID: uuid.NewString(), CreatedAt: &now}
		if string(values["isAssignableToRole"]) == "true" && !c.mayManageRoles() {
			return nil, odata.Forbidden()
		}
		if err := c.changeGroup(g, values); err != nil {
			return nil, err
		}
		for property, ids := range bound {
			into := map[string]*[]string{"owners": &g.Owners, "members": &g.Members}[property]
			if into == nil {
				return nil, odata.Refused("Invalid property '%s'.", property)
			}
			if err := c.bind(property, ids, into); err != nil {
				return nil, err
			}
		}
		if !c.ownsByRight() && !slices.Contains(g.Owners, c.caller.ObjectID) {
			g.Owners = append(g.Owners, c.caller.ObjectID)
		}
		c.Directory.Groups.Put(g.ID, g)
		e := append(entity{c.context("groups/$entity")}, render(c.viewGroup(g), nil)...)
		return &answer{status: http.StatusCreated, body: e, location: c.directoryObject(g.ID, "Group")}, nil
	})
}

// updateGroup also adds members: a PATCH may bind up to twenty (Microsoft Graph, add members).
func (c *call) updateGroup(id string) (*answer, error) {
	values, bound, err := c.bodyWithBindings()
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) {
		g, err := c.writableGroup(id, len(values) == 0 && len(bound) > 0)
		if err != nil {
			return nil, err
		}
		if err := sameID(values, g.ID); err != nil {
			return nil, err
		}
		if v, ok := values["isAssignableToRole"]; ok && string(v) != string(stored(c.kinds.group, g.Properties, "isAssignableToRole")) {
			return nil, odata.Refused("Property 'isAssignableToRole' is read-only and cannot be set.")
		}
		if err := c.changeGroup(g, values); err != nil {
			return nil, err
		}
		for property, ids := range bound {
			if property != "members" {
				return nil, odata.Refused("Invalid property '%s'.", property)
			}
			g.Members = slices.Clone(g.Members)
			for _, id := range ids {
				if slices.Contains(g.Members, id) {
					return nil, alreadyReferenced(property)
				}
			}
			if err := c.bind(property, ids, &g.Members); err != nil {
				return nil, err
			}
		}
		c.Directory.Groups.Put(g.ID, g)
		return noContent()
	})
}

// changeGroup puts what a request sends into g, which the caller then stores.
func (c *call) changeGroup(g *directory.Group, values map[string]json.RawMessage) error {
	rest := maps.Clone(values)
	if sent, ok := values["displayName"]; ok {
		r := &odata.Reader{Values: values, Resource: "Group"}
		name := r.Text("displayName")
		if r.Err != nil || string(sent) == "null" || *name == "" || len([]rune(*name)) > 256 {
			return odata.InvalidValue("displayName", "Group")
		}
		g.DisplayName = *name
		delete(rest, "displayName")
	}
	properties, err := c.kinds.group.Apply(g.Properties, rest)
	if err != nil {
		return err
	}
	g.Properties = properties
	return nil
}

// writableGroup returns a copy of a group that the caller may change. membersOnly is for changes of the members alone.
func (c *call) writableGroup(id string, membersOnly bool) (*directory.Group, error) {
	_, seen := c.Directory.Groups.Seen(id)
	g, ok := c.Directory.Groups.Get(id)
	if !c.mayWriteSomeGroups(membersOnly) {
		return nil, odata.Forbidden()
	}
	if !seen || !ok {
		return nil, odata.NotFound(id)
	}
	if !c.mayWriteGroup(g, membersOnly) {
		return nil, odata.Forbidden()
	}
	clone := *g
	return &clone, nil
}

// deleteGroup deletes a security group for good and a Microsoft 365 group softly (Microsoft Graph, delete group).
func (c *call) deleteGroup(id string) (*answer, error) {
	return c.write(func() (*answer, error) {
		g, err := c.writableGroup(id, false)
		if err != nil {
			return nil, err
		}
		c.Directory.Groups.Delete(g.ID)
		if unified(g) {
			c.Directory.DeletedGroups.Put(g.ID, &directory.DeletedGroup{Group: *g, DeletedAt: c.at.Truncate(time.Second)})
			return noContent()
		}
		c.dropGrants(g.ID)
		return noContent()
	})
}
