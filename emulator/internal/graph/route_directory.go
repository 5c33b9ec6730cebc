package graph

import (
	"net/http"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

func (c *call) routeMe() (*answer, error) {
	rest := c.path[1:]
	if c.path[0].HasKey {
		return nil, odata.NoSegment(c.path[0].Original)
	}
	self := func() (*directory.User, error) { return c.self() }
	if len(rest) == 0 {
		return c.only(http.MethodGet, c.getMe)
	}
	return c.routeUser(self, rest)
}

func (c *call) routeUsers() (*answer, error) {
	key, rest, ok := c.keyed()
	switch {
	case !ok:
		return c.methods(map[string]func() (*answer, error){
			http.MethodGet:  func() (*answer, error) { return c.listReadable(c.userListing, false) },
			http.MethodPost: c.createUser,
		})
	case c.isCount(key, rest):
		return c.only(http.MethodGet, func() (*answer, error) { return c.listReadable(c.userListing, true) })
	case key.KeyName != "" && !strings.EqualFold(key.KeyName, "id") && !strings.EqualFold(key.KeyName, "userPrincipalName"):
		return nil, odata.NoKey(key.KeyName, c.kinds.user)
	case len(rest) == 0:
		return c.methods(map[string]func() (*answer, error){
			http.MethodGet:    func() (*answer, error) { return c.getUser(key.Key) },
			http.MethodPatch:  func() (*answer, error) { return c.updateUser(key.Key) },
			http.MethodDelete: func() (*answer, error) { return c.deleteUser(key.Key) },
		})
	}
	return c.routeUser(func() (*directory.User, error) { return c.readableUser(key.Key) }, rest)
}

// routeUser is for what lies below one person.
func (c *call) routeUser(find func() (*directory.User, error), rest []odata.Segment) (*answer, error) {
	id := func() (string, error) {
		u, err := find()
		if err != nil {
			return "", err
		}
		return u.ID, nil
	}
	if action, ok := c.membershipAction(rest, id); ok {
		return c.only(http.MethodPost, action)
	}
	switch strings.ToLower(strings.TrimPrefix(rest[0].Original, "microsoft.graph.")) {
	case "memberof", "transitivememberof":
		return c.routeMemberOf(id, !rest[0].Is("memberOf"), rest[1:])
	case "ownedobjects":
		return c.routeOwned(id, rest[1:])
	case "approleassignments":
		return c.routeAppRoles(c.kinds.user, id, false, rest[1:])
	case "oauth2permissiongrants":
		return c.only(http.MethodGet, func() (*answer, error) { return c.listGrantsOfUser(id) })
	case "manager":
		return c.routeManager(find, rest[1:])
	case "revokesigninsessions":
		if len(rest) == 1 {
			return c.only(http.MethodPost, func() (*answer, error) { return c.revokeSessions(c.revocable(find)) })
		}
	}
	return nil, odata.NoSegment(rest[len(rest)-1].Original)
}

// revocable finds the person as the primary has it; people may end their own sessions.
func (c *call) revocable(find func() (*directory.User, error)) func() (*directory.User, error) {
	return func() (*directory.User, error) {
		u, err := find()
		if err != nil {
			return nil, err
		}
		if !c.mayWriteUsers() && !(c.caller.User && c.caller.ObjectID == u.ID) {
			return nil, odata.Forbidden()
		}
		if u, ok := c.Directory.Users.Get(u.ID); ok {
			return u, nil
		}
		return nil, odata.NotFound(u.ID)
	}
}

// routeOwned is for …/ownedObjects.
func (c *call) routeOwned(id func() (string, error), rest []odata.Segment) (*answer, error) {
	return c.only(http.MethodGet, func() (*answer, error) {
		return c.read(func() (*answer, error) {
			owner, err := id()
			if err != nil {
				return nil, err
			}
			return c.mixed(mixture{c.ownedBy(owner), 2}, rest)
		})
	})
}

func (c *call) routeGroups() (*answer, error) {
	key, rest, ok := c.keyed()
	switch {
	case !ok:
		return c.methods(map[string]func() (*answer, error){
			http.MethodGet:  func() (*answer, error) { return c.listReadable(c.groupListing, false) },
			http.MethodPost: c.createGroup,
		})
	case c.isCount(key, rest):
		return c.only(http.MethodGet, func() (*answer, error) { return c.listReadable(c.groupListing, true) })
	case key.KeyName != "" && !strings.EqualFold(key.KeyName, "id"):
		return nil, odata.NoKey(key.KeyName, c.kinds.group)
	}
	id, err := odata.ObjectID(key.Key)
	if err != nil {
		return nil, err
	}
	if len(rest) == 0 {
		return c.methods(map[string]func() (*answer, error){
			http.MethodGet:    func() (*answer, error) { return c.getGroup(id) },
			http.MethodPatch:  func() (*answer, error) { return c.updateGroup(id) },
			http.MethodDelete: func() (*answer, error) { return c.deleteGroup(id) },
		})
	}
	return c.routeGroup(id, rest)
}

// routeGroup is for what lies below one group.
func (c *call) routeGroup(id string, rest []odata.Segment) (*answer, error) {
	known := func() (string, error) {
		g, err := c.readableGroup(id)
		if err != nil {
			return "", err
		}
		return g.ID, nil
	}
	if action, ok := c.membershipAction(rest, known); ok {
		return c.only(http.MethodPost, action)
	}
	switch strings.ToLower(rest[0].Original) {
	case "members":
		return c.routeReferences(c.groupReferences(id, "members"), rest[1:])
	case "owners":
		return c.routeReferences(c.groupReferences(id, "owners"), rest[1:])
	case "transitivemembers":
		return c.only(http.MethodGet, func() (*answer, error) {
			return c.read(func() (*answer, error) {
				g, err := c.readableGroup(id)
				if err != nil {
					return nil, err
				}
				return c.mixed(mixture{c.resources(c.membersOf(g, true)), 5}, rest[1:])
			})
		})
	case "memberof", "transitivememberof":
		return c.routeMemberOf(known, !rest[0].Is("memberOf"), rest[1:])
	case "approleassignments":
		return c.routeAppRoles(c.kinds.group, known, false, rest[1:])
	}
	return nil, odata.NoSegment(rest[0].Original)
}

// groupReferences are the members (three units, recorded 2022-05) or the owners of a group.
func (c *call) groupReferences(id, name string) referenceSet {
	s := referenceSet{name: name, units: 1, max: maxOwners, allowed: []*odata.Kind{c.kinds.user, c.kinds.servicePrincipal}}
	list := func(g *directory.Group) *[]string { return &g.Owners }
	if name == "members" {
		list = func(g *directory.Group) *[]string { return &g.Members }
		s.units, s.max, s.allowed = 3, 0, append(s.allowed, c.kinds.group)
	}
	s.read = func() ([]string, error) {
		g, err := c.readableGroup(id)
		if err != nil {
			return nil, err
		}
		return *list(g), nil
	}
	s.write = func(change func([]string) ([]string, error)) error {
		g, err := c.writableGroup(id, name == "members")
		if err != nil {
			return err
		}
		into := list(g)
		if *into, err = change(*into); err != nil {
			return err
		}
		c.Directory.Groups.Put(g.ID, g)
		return nil
	}
	return s
}

func (c *call) routeTenant(k *odata.Kind) (*answer, error) {
	key, rest, _ := c.keyed()
	if len(rest) > 0 {
		return nil, odata.NoSegment(rest[0].Original)
	}
	show := c.viewOrganization
	if k == c.kinds.domain {
		show = c.viewDomain
	}
	return c.only(http.MethodGet, func() (*answer, error) { return c.tenantObjects(k, key.Key, show) })
}

func (c *call) routeDirectoryObjects() (*answer, error) {
	key, rest, ok := c.keyed()
	if !ok {
		return nil, odata.Unsupported("Resource type must be specified for querying directoryObjects.")
	}
	if len(rest) == 0 && strings.EqualFold(strings.TrimPrefix(key.Key, "microsoft.graph."), "getByIds") {
		return c.only(http.MethodPost, c.getByIDs)
	}
	id, err := odata.ObjectID(key.Key)
	if err != nil {
		return nil, err
	}
	if len(rest) == 0 {
		return c.only(http.MethodGet, func() (*answer, error) { return c.getDirectoryObject(id) })
	}
	known := func() (string, error) {
		if !c.mayReadSome() {
			return "", odata.Forbidden()
		}
		if _, ok := c.directoryResource(id); !ok {
			return "", odata.NotFound(id)
		}
		return id, nil
	}
	if action, ok := c.membershipAction(rest, known); ok {
		return c.only(http.MethodPost, action)
	}
	return nil, odata.NoSegment(rest[0].Original)
}

// isCount says whether a path is that of a set's count: users/$count.
func (c *call) isCount(key odata.Segment, rest []odata.Segment) bool {
	return key.Key == "$count" && !c.path[0].HasKey && len(rest) == 0
}
