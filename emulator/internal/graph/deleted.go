package graph

import (
	"iter"
	"net/http"
	"slices"
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

// deletedItem is something in the recycle bin of the directory: applications and service principals are separate
// there, and keep their ids, credentials and owners (Microsoft Graph, deleted items).
type deletedItem struct {
	allowed bool
	restore func() (resource, error)
	purge   func()
}

// writableDeleted finds a deleted object to restore or to delete for good, which takes the same right as writing it.
func (c *call) writableDeleted(id string) (deletedItem, error) {
	item, ok := c.deletedItem(id)
	if _, seen := c.seenDeleted(id); !seen || !ok {
		if !c.mayWriteSome() && !c.mayWriteUsers() && !c.mayWriteSomeGroups(false) {
			return item, odata.Forbidden()
		}
		return item, odata.NotFound(id)
	}
	if !item.allowed {
		return item, odata.Forbidden()
	}
	return item, nil
}

func (c *call) deletedItem(id string) (deletedItem, bool) {
	if a, ok := c.Directory.Applications.Get(id); ok && c.recoverable(a.DeletedAt) {
		return c.deletedApplication(a), true
	}
	if p, ok := c.Directory.ServicePrincipals.Get(id); ok && c.recoverable(p.DeletedAt) {
		return c.deletedServicePrincipal(p), true
	}
	if u, ok := c.Directory.DeletedUsers.Get(id); ok && c.recoverable(&u.DeletedAt) {
		return c.deletedUser(u), true
	}
	if g, ok := c.Directory.DeletedGroups.Get(id); ok && c.recoverable(&g.DeletedAt) {
		return c.deletedGroup(g), true
	}
	return deletedItem{}, false
}

func (c *call) deletedApplication(a *directory.Application) deletedItem {
	return deletedItem{
		allowed: c.mayWrite(a.Owners),
		restore: func() (resource, error) {
			if slices.ContainsFunc(a.IdentifierURIs, func(uri string) bool { return c.uriTaken(uri, a.ID, false) }) {
				return nil, valueTaken("identifierUris")
			}
			clone := *a
			clone.DeletedAt = nil
			c.Directory.Applications.Put(a.ID, &clone)
			return c.viewApplication(&clone), nil
		},
		purge: func() { c.Directory.Applications.Delete(a.ID) },
	}
}

// deletedServicePrincipal can be restored before its application, which restores nothing but itself; not beside a new
// service principal of the same name.
func (c *call) deletedServicePrincipal(p *directory.ServicePrincipal) deletedItem {
	return deletedItem{
		allowed: c.mayWrite(p.Owners),
		restore: func() (resource, error) {
			if _, taken := c.liveServicePrincipal(p.AppID); taken {
				return nil, nameInUse(p.AppID)
			}
			clone := *p
			clone.DeletedAt = nil
			c.Directory.ServicePrincipals.Put(p.ID, &clone)
			return c.viewServicePrincipal(&clone), nil
		},
		purge: func() {
			c.Directory.ServicePrincipals.Delete(p.ID)
			c.dropGrants(p.ID)
		},
	}
}

func (c *call) deletedUser(u *directory.DeletedUser) deletedItem {
	return deletedItem{
		allowed: c.mayWriteUsers(),
		restore: func() (resource, error) {
			if err := c.checkPrincipalName(u.ID, u.UserPrincipalName); err != nil {
				return nil, err
			}
			c.Directory.DeletedUsers.Delete(u.ID)
			c.Directory.Users.Put(u.ID, &u.User)
			return c.viewUser(&u.User), nil
		},
		purge: func() {
			c.Directory.DeletedUsers.Delete(u.ID)
			c.dropGrants(u.ID)
		},
	}
}

func (c *call) deletedGroup(g *directory.DeletedGroup) deletedItem {
	return deletedItem{
		allowed: c.mayWriteGroup(&g.Group, false),
		restore: func() (resource, error) {
			c.Directory.DeletedGroups.Delete(g.ID)
			c.Directory.Groups.Put(g.ID, &g.Group)
			return c.viewGroup(&g.Group), nil
		},
		purge: func() {
			c.Directory.DeletedGroups.Delete(g.ID)
			c.dropGrants(g.ID)
		},
	}
}

func (c *call) restoreDeleted(id string) (*answer, error) {
	return c.write(func() (*answer, error) {
		item, err := c.writableDeleted(id)
		if err != nil {
			return nil, err
		}
		o, err := item.restore()
		if err != nil {
			return nil, err
		}
		a, err := c.directoryEntity(o)
		if err != nil {
			return nil, err
		}
		a.location = "/"
		return a, nil
	})
}

func (c *call) purgeDeleted(id string) (*answer, error) {
	return c.write(func() (*answer, error) {
		item, err := c.writableDeleted(id)
		if err != nil {
			return nil, err
		}
		item.purge()
		return noContent()
	})
}
