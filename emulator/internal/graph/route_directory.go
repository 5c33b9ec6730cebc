package graph

import (
	"iter"
	"net/http"
	"strings"
)

// routeDeleted is for /directory/deletedItems.
func (c *call) routeDeleted() (*answer, error) {
	if len(c.path) < 2 || !strings.EqualFold(c.path[1].name, "deletedItems") {
		return nil, noSegment(c.path[min(len(c.path), 2)-1].original)
	}
	rest := c.path[2:]
	if c.path[1].hasKey {
		rest = append([]segment{{original: c.path[1].key}}, rest...)
	}
	if len(rest) == 0 {
		return nil, unsupported("The collection must be narrowed to a type, for example directory/deletedItems/microsoft.graph.application.")
	}
	types := map[string]*kind{
		"microsoft.graph.application": c.kinds.application, "microsoft.graph.serviceprincipal": c.kinds.servicePrincipal,
		"microsoft.graph.user": c.kinds.user, "microsoft.graph.group": c.kinds.group,
	}
	if k, ok := types[strings.ToLower(rest[0].original)]; ok {
		switch {
		case len(rest) == 1:
			return c.only(http.MethodGet, func() (*answer, error) { return c.listDeleted(k) })
		case len(rest) == 2 && rest[1].is("$count"):
			return c.only(http.MethodGet, func() (*answer, error) { return c.countDeleted(k) })
		}
		return nil, noSegment(rest[1].original)
	}
	id, err := objectID(rest[0].original)
	if err != nil {
		return nil, err
	}
	switch {
	case len(rest) == 1:
		return c.methods(map[string]func() (*answer, error){
			http.MethodGet:    func() (*answer, error) { return c.getDeleted(id) },
			http.MethodDelete: func() (*answer, error) { return c.purgeDeleted(id) },
		})
	case len(rest) == 2 && (rest[1].is("restore") || rest[1].is("microsoft.graph.restore")):
		return c.only(http.MethodPost, func() (*answer, error) { return c.restoreDeleted(id) })
	}
	return nil, noSegment(rest[1].original)
}

func (c *call) routeMe() (*answer, error) {
	rest := c.path[1:]
	switch {
	case len(rest) == 0 && !c.path[0].hasKey:
		return c.only(http.MethodGet, c.getMe)
	case len(rest) >= 1 && len(rest) <= 2 && (rest[0].is("memberOf") || rest[0].is("transitiveMemberOf")):
		return c.only(http.MethodGet, func() (*answer, error) {
			return c.memberOf(func() (string, error) {
				u, err := c.self()
				if err != nil {
					return "", err
				}
				return u.ID, nil
			}, cast(rest))
		})
	}
	return nil, noSegment(c.path[len(c.path)-1].original)
}

func (c *call) routeUsers() (*answer, error) {
	k := c.kinds.user
	key, rest, ok := c.keyed()
	if !ok {
		return c.listPrincipals(k, func(yield func(resource) bool) {
			for _, u := range c.Directory.Users.AllSeen() {
				if !yield(c.viewUser(u)) {
					return
				}
			}
		})
	}
	switch {
	case len(rest) == 0:
		return c.only(http.MethodGet, func() (*answer, error) { return c.getUser(key.key) })
	case len(rest) <= 2 && (rest[0].is("memberOf") || rest[0].is("transitiveMemberOf")):
		return c.only(http.MethodGet, func() (*answer, error) {
			return c.memberOf(func() (string, error) {
				if !c.mayRead(k) {
					return "", forbidden()
				}
				u, err := c.seenUser(key.key)
				if err != nil {
					return "", err
				}
				return u.ID, nil
			}, cast(rest))
		})
	}
	return nil, noSegment(rest[0].original)
}

func (c *call) routeGroups() (*answer, error) {
	key, rest, ok := c.keyed()
	if !ok {
		return c.listPrincipals(c.kinds.group, func(yield func(resource) bool) {
			for _, g := range c.Directory.Groups.AllSeen() {
				if !yield(c.viewGroup(g)) {
					return
				}
			}
		})
	}
	id, err := objectID(key.key)
	if err != nil {
		return nil, err
	}
	switch {
	case len(rest) == 0:
		return c.only(http.MethodGet, func() (*answer, error) { return c.getGroup(id) })
	case len(rest) == 1 && rest[0].is("members"):
		return c.only(http.MethodGet, func() (*answer, error) { return c.listMembers(id) })
	}
	return nil, noSegment(rest[0].original)
}

func (c *call) listPrincipals(k *kind, objects iter.Seq[resource]) (*answer, error) {
	return c.only(http.MethodGet, func() (*answer, error) {
		return c.read(func() (*answer, error) {
			if !c.mayRead(k) {
				return nil, forbidden()
			}
			l := listing{kind: k, context: k.set, objects: objects, units: 1}
			if k == c.kinds.user {
				l.units = 2 // recorded 2023-08
			}
			return c.list(l)
		})
	})
}

func (c *call) routeTenant(k *kind) (*answer, error) {
	key, rest, _ := c.keyed()
	if len(rest) > 0 {
		return nil, noSegment(rest[0].original)
	}
	show := c.viewOrganization
	if k == c.kinds.domain {
		show = c.viewDomain
	}
	return c.only(http.MethodGet, func() (*answer, error) { return c.tenantObjects(k, key.key, show) })
}

func (c *call) routeDirectoryObjects() (*answer, error) {
	key, rest, ok := c.keyed()
	if !ok {
		return nil, unsupported("Resource type must be specified for querying directoryObjects.")
	}
	if len(rest) > 0 {
		return nil, noSegment(rest[0].original)
	}
	if strings.EqualFold(strings.TrimPrefix(key.key, "microsoft.graph."), "getByIds") {
		return c.only(http.MethodPost, c.getByIDs)
	}
	id, err := objectID(key.key)
	if err != nil {
		return nil, err
	}
	return c.only(http.MethodGet, func() (*answer, error) { return c.getDirectoryObject(id) })
}
