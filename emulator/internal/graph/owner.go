package graph

import (
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxOwners is the limit of an application (Microsoft Entra service limits).
const maxOwners = 100

// owners returns the owners of an object as a replica sees both.
func (c *call) owners(k *kind, key objectKey) ([]string, error) {
	if !c.mayRead(k) {
		return nil, forbidden()
	}
	if k == c.kinds.application {
		a, err := c.seenApplication(key)
		if err != nil {
			return nil, err
		}
		return a.Owners, nil
	}
	p, err := c.seenServicePrincipal(key)
	if err != nil {
		return nil, err
	}
	return p.Owners, nil
}

func (c *call) listOwners(k *kind, key objectKey) (*answer, error) {
	return c.read(func() (*answer, error) {
		owners, err := c.owners(k, key)
		if err != nil {
			return nil, err
		}
		return c.listMixed(c.resources(owners), 1)
	})
}

// listOwnerLinks answers GET …/owners/$ref.
func (c *call) listOwnerLinks(k *kind, key objectKey) (*answer, error) {
	return c.read(func() (*answer, error) {
		owners, err := c.owners(k, key)
		if err != nil {
			return nil, err
		}
		links := make([]entity, len(owners))
		for i, id := range owners {
			links[i] = entity{{"@odata.id", c.origin() + "/v2/" + c.TenantID + "/directoryObjects/" + id}}
		}
		return &answer{status: http.StatusOK, body: entity{c.context("Collection($ref)"), {"value", links}}}, nil
	})
}

func (c *call) addOwner(k *kind, key objectKey) (*answer, error) {
	id, err := c.reference()
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) {
		h, err := c.writableHolder(k, key)
		if err != nil {
			return nil, err
		}
		target, ok := c.directoryResource(id)
		if !ok {
			return nil, notFound(id)
		}
		if t := target.kind(); t != c.kinds.user && t != c.kinds.servicePrincipal {
			return nil, refused("The reference target '%s_%s' of type '%s' is invalid for the 'owners' reference.", t.name, id, t.name)
		}
		if slices.Contains(*h.owners, id) {
			return nil, refused("One or more added object references already exist for the following modified properties: 'owners'.")
		}
		if len(*h.owners) >= maxOwners {
			return nil, tooLarge()
		}
		*h.owners = append(slices.Clone(*h.owners), id)
		h.put()
		return noContent()
	})
}

func (c *call) removeOwner(k *kind, key objectKey, owner string) (*answer, error) {
	id, err := objectID(owner)
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) {
		h, err := c.writableHolder(k, key)
		if err != nil {
			return nil, err
		}
		i := slices.Index(*h.owners, id)
		if i < 0 {
			return nil, notFound(id)
		}
		*h.owners = slices.Delete(slices.Clone(*h.owners), i, i+1)
		h.put()
		return noContent()
	})
}

// reference reads the body of POST …/$ref: {"@odata.id": "https://…/directoryObjects/{id}"}, or …/users/{id}.
func (c *call) reference() (string, error) {
	values, err := c.annotated()
	if err != nil {
		return "", err
	}
	r := &reader{values: values, resource: "owners"}
	link := r.text("@odata.id")
	if r.err != nil || link == nil {
		return "", malformed("Entity Reference Link could not be read: the '@odata.id' annotation is missing or is not a string.")
	}
	u, err := url.Parse(*link)
	if err != nil {
		return "", malformed("The URI '%s' of the entity reference link is not valid.", *link)
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	last := parts[len(parts)-1]
	if s, ok := parseSegment(last); ok && s.hasKey && s.keyName == "" {
		last = s.key
	}
	return objectID(last)
}

// resources yields the objects with these ids that the replica knows.
func (c *call) resources(ids []string) iter.Seq[resource] {
	return func(yield func(resource) bool) {
		for _, id := range ids {
			if o, ok := c.directoryResource(id); ok && !yield(o) {
				return
			}
		}
	}
}
