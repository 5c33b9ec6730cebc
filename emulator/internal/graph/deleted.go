package graph

import (
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// retention is how long a deleted object can be restored (Microsoft Graph, deleted items).
const retention = 30 * 24 * time.Hour

// recoverable says whether something deleted then can still be restored; after that it is gone.
func (c *call) recoverable(deletedAt *time.Time) bool {
	return deletedAt != nil && c.at.Before(deletedAt.Add(retention))
}

// routeDeleted is for /directory/deletedItems.
func (c *call) routeDeleted() (*answer, error) {
	if len(c.path) < 2 || !strings.EqualFold(c.path[1].Name, "deletedItems") {
		return nil, odata.NoSegment(c.path[min(len(c.path), 2)-1].Original)
	}
	rest := c.path[2:]
	if c.path[1].HasKey {
		rest = append([]odata.Segment{{Original: c.path[1].Key}}, rest...)
	}
	if len(rest) == 0 {
		return nil, odata.Unsupported("The collection must be narrowed to a type, for example directory/deletedItems/microsoft.graph.application.")
	}
	if k, ok := c.castTo(rest[0]); ok && k != c.kinds.directoryRole {
		counting := len(rest) == 2 && rest[1].Is("$count")
		if len(rest) > 1 && !counting {
			return nil, odata.NoSegment(rest[1].Original)
		}
		return c.only(http.MethodGet, func() (*answer, error) {
			return c.listReadable(func() listing { return listing{kind: k, context: k.Set, objects: c.deletedOf(k), units: 1} }, counting)
		})
	}
	id, err := odata.ObjectID(rest[0].Original)
	if err != nil {
		return nil, err
	}
	switch {
	case len(rest) == 1:
		return c.methods(map[string]func() (*answer, error){
			http.MethodGet:    func() (*answer, error) { return c.getDeleted(id) },
			http.MethodDelete: func() (*answer, error) { return c.purgeDeleted(id) },
		})
	case len(rest) == 2 && (rest[1].Is("restore") || rest[1].Is("microsoft.graph.restore")):
		return c.only(http.MethodPost, func() (*answer, error) { return c.restoreDeleted(id) })
	}
	return nil, odata.NoSegment(rest[1].Original)
}

func (c *call) deletedOf(k *odata.Kind) iter.Seq[resource] {
	switch k {
	case c.kinds.application:
		return shown(c.Directory.Applications.AllSeen(), c.showDeletedApplication)
	case c.kinds.servicePrincipal:
		return shown(c.Directory.ServicePrincipals.AllSeen(), c.showDeletedServicePrincipal)
	case c.kinds.user:
		return shown(c.Directory.DeletedUsers.AllSeen(), c.showDeletedUser)
	}
	return shown(c.Directory.DeletedGroups.AllSeen(), c.showDeletedGroup)
}

func (c *call) showDeletedApplication(a *directory.Application) resource {
	if !c.recoverable(a.DeletedAt) {
		return nil
	}
	return c.viewApplication(a)
}

func (c *call) showDeletedServicePrincipal(p *directory.ServicePrincipal) resource {
	if !c.recoverable(p.DeletedAt) {
		return nil
	}
	return c.viewServicePrincipal(p)
}

func (c *call) showDeletedUser(u *directory.DeletedUser) resource {
	if !c.recoverable(&u.DeletedAt) {
		return nil
	}
	return userView{c, &u.User, whole(u.DeletedAt)}
}

func (c *call) showDeletedGroup(g *directory.DeletedGroup) resource {
	if !c.recoverable(&g.DeletedAt) {
		return nil
	}
	return groupView{c, &g.Group, whole(g.DeletedAt)}
}

// seenDeleted finds a deleted object as the replica sees it.
func (c *call) seenDeleted(id string) (resource, bool) {
	for _, found := range []iter.Seq[resource]{
		shown(one(c.Directory.Applications, id), c.showDeletedApplication),
		shown(one(c.Directory.ServicePrincipals, id), c.showDeletedServicePrincipal),
		shown(one(c.Directory.DeletedUsers, id), c.showDeletedUser),
		shown(one(c.Directory.DeletedGroups, id), c.showDeletedGroup),
	} {
		for o := range found {
			return o, true
		}
	}
	return nil, false
}

func (c *call) getDeleted(id string) (*answer, error) {
	return c.read(func() (*answer, error) {
		o, ok := c.seenDeleted(id)
		k := c.kinds.application
		if ok {
			k = o.kind()
		}
		if !c.mayRead(k) {
			return nil, odata.Forbidden()
		}
		if !ok {
			return nil, odata.NotFound(id)
		}
		return c.directoryEntity(o)
	})
}

// directoryEntity answers with one object of a mixed set.
func (c *call) directoryEntity(o resource) (*answer, error) {
	return &answer{status: http.StatusOK, body: append(entity{
		c.context("directoryObjects/$entity"), {"@odata.type", "#" + o.kind().Type},
	}, render(o, c.query.Selected)...)}, nil
}
