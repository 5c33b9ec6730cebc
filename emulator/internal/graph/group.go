package graph

import (
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// groupView shows a group.
type groupView struct {
	c       *call
	g       *directory.Group
	deleted any
}

func (c *call) viewGroup(g *directory.Group) groupView { return groupView{c: c, g: g} }

func (v groupView) kind() *odata.Kind { return v.c.kinds.group }
func (v groupView) identity() string  { return v.g.ID }
func (v groupView) extras() []string  { return nil }

func (v groupView) value(name string) any {
	g := v.g
	switch name {
	case "id":
		return g.ID
	case "displayName":
		return g.DisplayName
	case "deletedDateTime":
		return v.deleted
	case "createdDateTime", "renewedDateTime":
		if g.CreatedAt != nil {
			return whole(*g.CreatedAt)
		}
		return v.c.tenantCreated()
	case "securityIdentifier":
		return securityIdentifier(g.ID)
	case "assignedLabels", "assignedLicenses", "serviceProvisioningErrors":
		return []string{}
	}
	if own, ok := g.Properties[name]; ok {
		return own
	}
	if name == "mailNickname" {
		return strings.ReplaceAll(strings.ToLower(g.DisplayName), " ", "-")
	}
	return stored(v.kind(), nil, name)
}

// unified says whether a group is a Microsoft 365 group.
func unified(g *directory.Group) bool {
	types, _ := odata.PlainValue(g.Properties["groupTypes"]).([]any)
	return slices.Contains(types, any("Unified"))
}

// securityIdentifier is the id as a Windows SID: its four words, in the byte order of .NET's guids.
func securityIdentifier(id string) any {
	u, err := uuid.Parse(id)
	if err != nil {
		return nil
	}
	swapped := [4]byte{u[5], u[4], u[7], u[6]}
	return fmt.Sprintf("S-1-12-1-%d-%d-%d-%d", binary.BigEndian.Uint32(u[:4]), binary.LittleEndian.Uint32(swapped[:]),
		binary.LittleEndian.Uint32(u[8:12]), binary.LittleEndian.Uint32(u[12:]))
}

func (c *call) showGroup(g *directory.Group) resource { return c.viewGroup(g) }

// indexedGroups asks the index for groups.
func (c *call) indexedGroups(b odata.Bound) iter.Seq[resource] {
	if b.Property == "id" {
		return shown(one(c.Directory.Groups, b.Value), c.showGroup)
	}
	return shown(c.Directory.Groups.EachSeen(directory.ByName(b.Value)), c.showGroup)
}

func (c *call) groupListing() listing {
	return listing{
		kind: c.kinds.group, context: "groups", units: 1, lookup: c.indexedGroups,
		objects: shown(c.Directory.Groups.AllSeen(), c.showGroup),
	}
}

func (c *call) getGroup(id string) (*answer, error) {
	return c.read(func() (*answer, error) {
		g, err := c.readableGroup(id)
		if err != nil {
			return nil, err
		}
		return c.single(c.viewGroup(g))
	})
}

func (c *call) readableGroup(id string) (*directory.Group, error) {
	if !c.mayRead(c.kinds.group) {
		return nil, odata.Forbidden()
	}
	g, ok := c.Directory.Groups.Seen(id)
	if !ok {
		return nil, odata.NotFound(id)
	}
	return g, nil
}
