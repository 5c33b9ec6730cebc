package graph

import (
	"iter"
	"net/url"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// maxOwners is the limit of an application (Microsoft Entra service limits).
const maxOwners = 100

// ownersOf are the owners of an application or service principal. The last one may go: nothing keeps an application from
// having none (recorded 2022-05 for applications and groups).
func (c *call) ownersOf(k *odata.Kind, key objectKey) referenceSet {
	return referenceSet{
		name: "owners", max: maxOwners, units: 1,
		allowed: []*odata.Kind{c.kinds.user, c.kinds.servicePrincipal},
		read: func() ([]string, error) {
			_, owners, err := c.seenHolder(k, key)
			return owners, err
		},
		write: func(change func([]string) ([]string, error)) error {
			h, err := c.writableHolder(k, key)
			if err != nil {
				return err
			}
			if *h.owners, err = change(*h.owners); err != nil {
				return err
			}
			h.put()
			return nil
		},
	}
}

// referenceSent reads the body of POST …/$ref: {"@odata.id": "https://…/directoryObjects/{id}"}, or …/users/{id}.
func (c *call) referenceSent() (string, error) {
	values, err := odata.ReadObject(c.request)
	if err != nil {
		return "", err
	}
	r := &odata.Reader{Values: values, Resource: "owners"}
	link := r.Text("@odata.id")
	if r.Err != nil || link == nil {
		return "", odata.Malformed("Entity Reference Link could not be read: the '@odata.id' annotation is missing or is not a string.")
	}
	return linkedID(*link)
}

// linkedID is the id in the address of an object: https://…/directoryObjects/{id}, …/users/{id}, …/users('{id}').
func linkedID(link string) (string, error) {
	u, err := url.Parse(link)
	if err != nil {
		return "", odata.Malformed("The URI '%s' of the entity reference link is not valid.", link)
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	last := parts[len(parts)-1]
	if s, ok := odata.ParseSegment(last); ok && s.HasKey && s.KeyName == "" {
		last = s.Key
	}
	return odata.ObjectID(last)
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

// ownedBy yields the applications, service principals and groups that somebody owns.
func (c *call) ownedBy(owner string) iter.Seq[resource] {
	key := directory.ByOwner(owner)
	return func(yield func(resource) bool) {
		for _, of := range []iter.Seq[resource]{
			shown(c.Directory.Applications.EachSeen(key), c.showApplication),
			shown(c.Directory.ServicePrincipals.EachSeen(key), c.showServicePrincipal),
			shown(c.Directory.Groups.EachSeen(key), c.showGroup),
		} {
			for o := range of {
				if !yield(o) {
					return
				}
			}
		}
	}
}
