package graph

import (
	"iter"
	"net/http"
	"slices"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// deletedItem is something in the recycle bin of the directory: applications and service principals are separate
// there, and keep their ids, credentials and owners (Microsoft Graph, deleted items).
type deletedItem struct {
	owners  []string
	restore func() (resource, error)
	purge   func()
}

func (c *call) listDeleted(k *kind) (*answer, error) {
	return c.read(func() (*answer, error) {
		if !c.mayRead(k) {
			return nil, forbidden()
		}
		return c.list(listing{kind: k, context: k.set, objects: c.deletedOf(k), units: 1})
	})
}

func (c *call) countDeleted(k *kind) (*answer, error) {
	return c.read(func() (*answer, error) {
		if !c.mayRead(k) {
			return nil, forbidden()
		}
		return c.countOf(listing{kind: k, objects: c.deletedOf(k)})
	})
}

func (c *call) deletedOf(k *kind) iter.Seq[resource] {
	return func(yield func(resource) bool) {
		switch k {
		case c.kinds.application:
			for _, a := range c.Directory.Applications.AllSeen() {
				if c.recoverable(a.DeletedAt) && !yield(c.viewApplication(a)) {
					return
				}
			}
		case c.kinds.servicePrincipal:
			for _, p := range c.Directory.ServicePrincipals.AllSeen() {
				if c.recoverable(p.DeletedAt) && !yield(c.viewServicePrincipal(p)) {
					return
				}
			}
		}
	}
}

// seenDeleted finds a deleted object as the replica sees it.
func (c *call) seenDeleted(id string) (resource, bool) {
	if a, ok := c.Directory.Applications.Seen(id); ok && c.recoverable(a.DeletedAt) {
		return c.viewApplication(a), true
	}
	if p, ok := c.Directory.ServicePrincipals.Seen(id); ok && c.recoverable(p.DeletedAt) {
		return c.viewServicePrincipal(p), true
	}
	return nil, false
}

func (c *call) getDeleted(id string) (*answer, error) {
	return c.read(func() (*answer, error) {
		o, ok := c.seenDeleted(id)
		if !c.mayRead(c.kinds.application) {
			return nil, forbidden()
		}
		if !ok {
			return nil, notFound(id)
		}
		return c.directoryEntity(o)
	})
}

// directoryEntity answers with one object of a mixed set.
func (c *call) directoryEntity(o resource) (*answer, error) {
	return &answer{status: http.StatusOK, body: append(entity{
		c.context("directoryObjects/$entity"), {"@odata.type", "#" + o.kind().odata},
	}, render(o, c.query.selected)...)}, nil
}

// writableDeleted finds a deleted object to restore or to delete for good, which takes the same right as writing it.
func (c *call) writableDeleted(id string) (deletedItem, error) {
	var item deletedItem
	if !c.mayWriteSome() {
		return item, forbidden()
	}
	if _, ok := c.seenDeleted(id); !ok {
		return item, notFound(id)
	}
	if a, ok := c.Directory.Applications.Get(id); ok && c.recoverable(a.DeletedAt) {
		item = c.deletedApplication(a)
	} else if p, ok := c.Directory.ServicePrincipals.Get(id); ok && c.recoverable(p.DeletedAt) {
		item = c.deletedServicePrincipal(p)
	} else {
		return item, notFound(id)
	}
	if !c.mayWrite(item.owners) {
		return item, forbidden()
	}
	return item, nil
}

func (c *call) deletedApplication(a *directory.Application) deletedItem {
	return deletedItem{
		owners: a.Owners,
		restore: func() (resource, error) {
			for _, other := range c.Directory.Applications.All() {
				taken := slices.ContainsFunc(a.IdentifierURIs, func(u string) bool { return slices.Contains(other.IdentifierURIs, u) })
				if other.ID != a.ID && other.DeletedAt == nil && taken {
					return nil, &problem{
						status: http.StatusBadRequest, code: "Request_MultipleObjectsWithSameKeyValue", target: "identifierUris",
						message: "Another object with the same value for property identifierUris already exists.",
					}
				}
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
		owners: p.Owners,
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
			var grants []string
			for id, g := range c.Directory.AppRoleGrants.All() {
				if g.PrincipalID == p.ID {
					grants = append(grants, id)
				}
			}
			for _, id := range grants {
				c.Directory.AppRoleGrants.Delete(id)
			}
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

// retention is how long a deleted object can be restored (Microsoft Graph, deleted items).
const retention = 30 * 24 * time.Hour

// recoverable says whether something deleted then can still be restored; after that it is gone.
func (c *call) recoverable(deletedAt *time.Time) bool {
	return deletedAt != nil && c.at.Before(deletedAt.Add(retention))
}
