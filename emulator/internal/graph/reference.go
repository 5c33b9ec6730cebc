package graph

import (
	"net/http"
	"slices"

	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// referenceSet is a collection of references that can be changed: owners, members.
type referenceSet struct {
	name    string                                                   // owners
	allowed []*odata.Kind                                            // what may be referred to
	max     int                                                      // 0: no limit
	units   int                                                      // of a list
	read    func() ([]string, error)                                 // as a replica sees it
	write   func(change func(have []string) ([]string, error)) error // stores what change returns
}

// routeReferences serves GET …/owners, …/owners/{type}, …/owners/$count, …/owners/{id}, and $ref to add and remove.
func (c *call) routeReferences(s referenceSet, rest []odata.Segment) (*answer, error) {
	last := len(rest) - 1
	switch {
	case last == 0 && rest[0].Is("$ref"):
		return c.methods(map[string]func() (*answer, error){
			http.MethodGet:  func() (*answer, error) { return c.links(s) },
			http.MethodPost: func() (*answer, error) { return c.addReference(s) },
		})
	case last == 1 && rest[1].Is("$ref"):
		return c.only(http.MethodDelete, func() (*answer, error) { return c.removeReference(s, rest[0].Original) })
	}
	return c.only(http.MethodGet, func() (*answer, error) {
		return c.read(func() (*answer, error) {
			ids, err := s.read()
			if err != nil {
				return nil, err
			}
			if last == 0 {
				if id, err := odata.ObjectID(rest[0].Original); err == nil {
					return c.reference(id, ids)
				}
			}
			return c.mixed(mixture{c.resources(ids), s.units}, rest)
		})
	})
}

// reference answers with one of the objects that are referred to.
func (c *call) reference(id string, among []string) (*answer, error) {
	o, ok := c.directoryResource(id)
	if !ok || !slices.Contains(among, id) {
		return nil, odata.NotFound(id)
	}
	return &answer{status: http.StatusOK, body: append(entity{
		c.context("directoryObjects/$entity"), {"@odata.type", "#" + o.kind().Type},
	}, c.visible(o)...)}, nil
}

// links answers GET …/owners/$ref.
func (c *call) links(s referenceSet) (*answer, error) {
	return c.read(func() (*answer, error) {
		ids, err := s.read()
		if err != nil {
			return nil, err
		}
		links := make([]entity, len(ids))
		for i, id := range ids {
			links[i] = entity{{"@odata.id", c.origin() + "/v2/" + c.TenantID + "/directoryObjects/" + id}}
		}
		return &answer{status: http.StatusOK, body: entity{c.context("Collection($ref)"), {"value", links}}}, nil
	})
}

// addReference answers POST …/owners/$ref with {"@odata.id": "https://…/directoryObjects/{id}"}.
func (c *call) addReference(s referenceSet) (*answer, error) {
	id, err := c.referenceSent()
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) {
		err := s.write(func(have []string) ([]string, error) {
			if err := c.referable(s.name, id, s.allowed); err != nil {
				return nil, err
			}
			if slices.Contains(have, id) {
				return nil, alreadyReferenced(s.name)
			}
			if s.max > 0 && len(have) >= s.max {
				return nil, odata.TooLarge()
			}
			return append(slices.Clone(have), id), nil
		})
		if err != nil {
			return nil, err
		}
		return noContent()
	})
}

func (c *call) removeReference(s referenceSet, reference string) (*answer, error) {
	id, err := odata.ObjectID(reference)
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) {
		err := s.write(func(have []string) ([]string, error) {
			i := slices.Index(have, id)
			if i < 0 {
				return nil, odata.NotFound(id)
			}
			return slices.Delete(slices.Clone(have), i, i+1), nil
		})
		if err != nil {
			return nil, err
		}
		return noContent()
	})
}

// referable checks that a replica knows an object and that it may be referred to.
func (c *call) referable(name, id string, allowed []*odata.Kind) error {
	target, ok := c.directoryResource(id)
	if !ok {
		return odata.NotFound(id)
	}
	if t := target.kind(); !slices.Contains(allowed, t) {
		return odata.Refused("The reference target '%s_%s' of type '%s' is invalid for the '%s' reference.", t.Name, id, t.Name, name)
	}
	return nil
}

func alreadyReferenced(name string) error {
	return odata.Refused("One or more added object references already exist for the following modified properties: '%s'.", name)
}

// bind adds the objects that a request refers to by name@odata.bind, those it has already left out.
func (c *call) bind(name string, ids []string, into *[]string) error {
	allowed := []*odata.Kind{c.kinds.user, c.kinds.servicePrincipal}
	if name == "members" {
		allowed = append(allowed, c.kinds.group)
	}
	for _, id := range ids {
		if err := c.referable(name, id, allowed); err != nil {
			return err
		}
		if !slices.Contains(*into, id) {
			*into = append(*into, id)
		}
	}
	return nil
}
