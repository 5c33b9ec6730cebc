package graph

import (
	"iter"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// objectKey is how a path names an object: by its id or by an alternate key.
type objectKey struct {
	property string // id, appId or uniqueName
	value    string
}

// route finds the operation of a request.
func (c *call) route() (*answer, error) {
	if len(c.path) == 0 {
		return nil, noSegment("")
	}
	first := c.path[0]
	switch strings.ToLower(first.name) {
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
		if len(c.path) == 1 && !first.hasKey {
			return c.only(http.MethodGet, c.listRoles)
		}
	}
	return nil, noSegment(c.path[min(len(c.path), 2)-1].original)
}

// only runs f if the request has the one method that there is.
func (c *call) only(method string, f func() (*answer, error)) (*answer, error) {
	if c.request.Method != method {
		return nil, wrongMethod()
	}
	return f()
}

// methods runs the operation of the request's method.
func (c *call) methods(m map[string]func() (*answer, error)) (*answer, error) {
	f, ok := m[c.request.Method]
	if !ok {
		return nil, wrongMethod()
	}
	return f()
}

// keyed splits a path into the key of its object and what follows: set/{id}/… and set(appId='…')/….
// ok is false for the set itself.
func (c *call) keyed() (key segment, rest []segment, ok bool) {
	if c.path[0].hasKey {
		return c.path[0], c.path[1:], true
	}
	if len(c.path) == 1 {
		return segment{}, nil, false
	}
	return segment{key: c.path[1].original}, c.path[2:], true
}

func (c *call) objectKey(k *kind, s segment) (objectKey, error) {
	switch strings.ToLower(s.keyName) {
	case "", "id":
		id, err := objectID(s.key)
		return objectKey{"id", id}, err
	case "appid":
		id, err := uuid.Parse(s.key)
		if err != nil || len(s.key) != 36 {
			return objectKey{}, invalidValue("appId", k.name)
		}
		return objectKey{"appId", id.String()}, nil
	case "uniquename":
		if k == c.kinds.application {
			return objectKey{"uniqueName", s.key}, nil
		}
	}
	return objectKey{}, malformed("The key '%s' in the request URI is not a key of the type '%s'.", s.keyName, k.odata)
}

// holders yields the live objects of an application-like set as the replica sees them.
func (c *call) holders(k *kind) iter.Seq[resource] {
	return func(yield func(resource) bool) {
		if k == c.kinds.application {
			for _, a := range c.Directory.Applications.AllSeen() {
				if a.DeletedAt == nil && !yield(c.viewApplication(a)) {
					return
				}
			}
			return
		}
		for _, p := range c.Directory.ServicePrincipals.AllSeen() {
			if p.DeletedAt == nil && !yield(c.viewServicePrincipal(p)) {
				return
			}
		}
	}
}

func (c *call) holderByAppID(k *kind) func(string) (resource, bool) {
	return func(appID string) (resource, bool) {
		if k == c.kinds.application {
			a, err := c.seenApplication(objectKey{"appId", appID})
			return c.viewIf(err == nil, func() resource { return c.viewApplication(a) })
		}
		p, ok := c.seenLiveServicePrincipal(appID)
		return c.viewIf(ok, func() resource { return c.viewServicePrincipal(p) })
	}
}

func (c *call) viewIf(ok bool, show func() resource) (resource, bool) {
	if !ok {
		return nil, false
	}
	return show(), true
}

func (c *call) listHolders(k *kind, count bool) (*answer, error) {
	return c.read(func() (*answer, error) {
		if !c.mayRead(k) {
			return nil, forbidden()
		}
		l := listing{kind: k, context: k.set, units: 1, objects: c.holders(k), byAppID: c.holderByAppID(k)}
		if k == c.kinds.application {
			l.units = 2 // recorded 2021 to 2025
		}
		if count {
			return c.countOf(l)
		}
		return c.list(l)
	})
}

// routeHolders is for /applications and /servicePrincipals.
func (c *call) routeHolders(k *kind) (*answer, error) {
	create, get, update, remove := c.createApplication, c.getApplication, c.updateApplication, c.deleteApplication
	if k == c.kinds.servicePrincipal {
		create, get, update, remove = c.createServicePrincipal, c.getServicePrincipal, c.updateServicePrincipal, c.deleteServicePrincipal
	}
	s, rest, ok := c.keyed()
	if !ok {
		return c.methods(map[string]func() (*answer, error){
			http.MethodGet:  func() (*answer, error) { return c.listHolders(k, false) },
			http.MethodPost: create,
		})
	}
	if s.key == "$count" && !c.path[0].hasKey && len(rest) == 0 {
		return c.only(http.MethodGet, func() (*answer, error) { return c.listHolders(k, true) })
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
func (c *call) routeHolder(k *kind, key objectKey, rest []segment) (*answer, error) {
	name := strings.ToLower(rest[0].original)
	if len(rest) == 1 {
		actions := map[string]func(*kind, objectKey) (*answer, error){
			"addpassword": c.addPassword, "removepassword": c.removePassword, "addkey": c.addKey, "removekey": c.removeKey,
		}
		if action, ok := actions[strings.TrimPrefix(name, "microsoft.graph.")]; ok {
			return c.only(http.MethodPost, func() (*answer, error) { return action(k, key) })
		}
	}
	switch {
	case name == "owners":
		return c.routeOwners(k, key, rest[1:])
	case (name == "memberof" || name == "transitivememberof") && k == c.kinds.servicePrincipal && len(rest) <= 2:
		return c.only(http.MethodGet, func() (*answer, error) {
			return c.memberOf(func() (string, error) {
				if !c.mayRead(k) {
					return "", forbidden()
				}
				p, err := c.seenServicePrincipal(key)
				if err != nil {
					return "", err
				}
				return p.ID, nil
			}, cast(rest))
		})
	}
	return nil, noSegment(rest[0].original)
}

// cast is the type that the second segment narrows a collection to, if any.
func cast(rest []segment) string {
	if len(rest) < 2 {
		return ""
	}
	return rest[1].original
}

func (c *call) routeOwners(k *kind, key objectKey, rest []segment) (*answer, error) {
	switch {
	case len(rest) == 0:
		return c.only(http.MethodGet, func() (*answer, error) { return c.listOwners(k, key) })
	case len(rest) == 1 && rest[0].is("$ref"):
		return c.methods(map[string]func() (*answer, error){
			http.MethodGet:  func() (*answer, error) { return c.listOwnerLinks(k, key) },
			http.MethodPost: func() (*answer, error) { return c.addOwner(k, key) },
		})
	case len(rest) == 2 && rest[1].is("$ref"):
		return c.only(http.MethodDelete, func() (*answer, error) { return c.removeOwner(k, key, rest[0].original) })
	}
	return nil, noSegment(rest[0].original)
}
