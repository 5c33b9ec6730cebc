package graph

import (
	"slices"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

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
