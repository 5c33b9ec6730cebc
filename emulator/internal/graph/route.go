package graph

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// objectKey is how a path names an object: by its id or by an alternate key.
type objectKey struct {
	property string // id, appId or uniqueName
	value    string
}

// route finds the operation of a request.
func (c *call) route() (*answer, error) {
	if len(c.path) == 0 {
		return nil, odata.NoSegment("")
	}
	switch strings.ToLower(c.path[0].Name) {
	case "applications":
		return c.routeHolders(c.kinds.application)
	case "serviceprincipals":
		return c.routeHolders(c.kinds.servicePrincipal)
	case "directory":
		return c.routeDeleted()
	case "me":
		return c.routeMe()
	case "users":
		return c.routeUsers()
	case "groups":
		return c.routeGroups()
	case "organization":
		return c.routeTenant(c.kinds.organization)
	case "domains":
		return c.routeTenant(c.kinds.domain)
	case "directoryobjects":
		return c.routeDirectoryObjects()
	case "directoryroles":
		return c.routeRoles()
	case "oauth2permissiongrants":
		return c.routeGrants()
	case "policies":
		return c.routePolicies()
	}
	return nil, odata.NoSegment(c.path[min(len(c.path), 2)-1].Original)
}

// only runs f if the request has the one method that there is.
func (c *call) only(method string, f func() (*answer, error)) (*answer, error) {
	if c.request.Method != method {
		return nil, odata.WrongMethod()
	}
	return f()
}

// methods runs the operation of the request's method.
func (c *call) methods(m map[string]func() (*answer, error)) (*answer, error) {
	f, ok := m[c.request.Method]
	if !ok {
		return nil, odata.WrongMethod()
	}
	return f()
}

// keyed splits a path into the key of its object and what follows: set/{id}/… and set(appId='…')/….
// ok is false for the set itself.
func (c *call) keyed() (key odata.Segment, rest []odata.Segment, ok bool) {
	if c.path[0].HasKey {
		return c.path[0], c.path[1:], true
	}
	if len(c.path) == 1 {
		return odata.Segment{}, nil, false
	}
	return odata.Segment{Key: c.path[1].Original}, c.path[2:], true
}

func (c *call) objectKey(k *odata.Kind, s odata.Segment) (objectKey, error) {
	switch strings.ToLower(s.KeyName) {
	case "", "id":
		id, err := odata.ObjectID(s.Key)
		return objectKey{"id", id}, err
	case "appid":
		id, err := uuid.Parse(s.Key)
		if err != nil || len(s.Key) != 36 {
			return objectKey{}, odata.InvalidValue("appId", k.Name)
		}
		return objectKey{"appId", id.String()}, nil
	case "uniquename":
		if k == c.kinds.application {
			return objectKey{"uniqueName", s.Key}, nil
		}
	}
	return objectKey{}, odata.NoKey(s.KeyName, k)
}

// holderListing is the live applications or service principals. A list of applications costs two units, of service
// principals one (recorded 2021 to 2025).
func (c *call) holderListing(k *odata.Kind) listing {
	if k == c.kinds.application {
		return listing{
			kind: k, context: k.Set, units: 2, lookup: c.indexedApplications,
			objects: shown(c.Directory.Applications.AllSeen(), c.showApplication),
		}
	}
	return listing{
		kind: k, context: k.Set, units: 1, lookup: c.indexedServicePrincipals,
		objects: shown(c.Directory.ServicePrincipals.AllSeen(), c.showServicePrincipal),
	}
}

// routeHolders is for /applications and /servicePrincipals.
func (c *call) routeHolders(k *odata.Kind) (*answer, error) {
	create, get, update, remove := c.createApplication, c.getApplication, c.updateApplication, c.deleteApplication
	if k == c.kinds.servicePrincipal {
		create, get, update, remove = c.createServicePrincipal, c.getServicePrincipal, c.updateServicePrincipal, c.deleteServicePrincipal
	}
	list := func(counting bool) (*answer, error) {
		return c.listReadable(func() listing { return c.holderListing(k) }, counting)
	}
	s, rest, ok := c.keyed()
	if !ok {
		return c.methods(map[string]func() (*answer, error){
			http.MethodGet:  func() (*answer, error) { return list(false) },
			http.MethodPost: create,
		})
	}
	if c.isCount(s, rest) {
		return c.only(http.MethodGet, func() (*answer, error) { return list(true) })
	}
	key, err := c.objectKey(k, s)
	if err != nil {
		return nil, err
	}
	if len(rest) == 0 {
		return c.methods(map[string]func() (*answer, error){
			http.MethodGet:    func() (*answer, error) { return get(key) },
			http.MethodPatch:  func() (*answer, error) { return update(key) },
			http.MethodDelete: func() (*answer, error) { return remove(key) },
		})
	}
	return c.routeHolder(k, key, rest)
}

// routeHolder is for what lies below one application or service principal. Actions also go by their qualified names.
func (c *call) routeHolder(k *odata.Kind, key objectKey, rest []odata.Segment) (*answer, error) {
	name := strings.TrimPrefix(strings.ToLower(rest[0].Name), "microsoft.graph.")
	if len(rest) == 1 && !rest[0].HasKey {
		actions := map[string]func(*odata.Kind, objectKey) (*answer, error){
			"addpassword": c.addPassword, "removepassword": c.removePassword, "addkey": c.addKey, "removekey": c.removeKey,
		}
		if action, ok := actions[name]; ok {
			return c.only(http.MethodPost, func() (*answer, error) { return action(k, key) })
		}
	}
	switch name {
	case "owners":
		return c.routeReferences(c.ownersOf(k, key), rest[1:])
	case "appmanagementpolicies":
		return c.policyReferences(k, key, rest[1:])
	}
	if k == c.kinds.application {
		switch name {
		case "federatedidentitycredentials":
			return c.routeFederated(key, rest)
		case "logo":
			if len(rest) == 1 {
				return c.only(http.MethodPut, func() (*answer, error) { return c.setLogo(key) })
			}
		}
		return nil, odata.NoSegment(rest[0].Original)
	}
	return c.routeServicePrincipal(key, name, rest)
}

// routeServicePrincipal is for what only service principals have.
func (c *call) routeServicePrincipal(key objectKey, name string, rest []odata.Segment) (*answer, error) {
	id := func() (string, error) {
		id, _, err := c.seenHolder(c.kinds.servicePrincipal, key)
		return id, err
	}
	if action, ok := c.membershipAction(rest, id); ok {
		return c.only(http.MethodPost, action)
	}
	switch name {
	case "memberof", "transitivememberof":
		return c.routeMemberOf(id, name != "memberof", rest[1:])
	case "ownedobjects":
		return c.routeOwned(id, rest[1:])
	case "approleassignments", "approleassignedto":
		return c.routeAppRoles(c.kinds.servicePrincipal, id, name == "approleassignedto", rest[1:])
	case "oauth2permissiongrants":
		if len(rest) == 1 {
			return c.only(http.MethodGet, func() (*answer, error) {
				return c.read(func() (*answer, error) {
					p, err := id()
					if err != nil {
						return nil, err
					}
					l := c.grantListing()
					l.lookup, l.objects = nil, c.grantsOf(p)
					return c.list(l)
				})
			})
		}
	}
	return nil, odata.NoSegment(rest[0].Original)
}
