package graph

import (
	"iter"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// candidates yields the objects that the index has for the bounds, each once.
func candidates(bounds []odata.Bound, lookup func(odata.Bound) iter.Seq[resource]) iter.Seq[resource] {
	return func(yield func(resource) bool) {
		seen := map[string]bool{}
		for _, b := range bounds {
			for o := range lookup(b) {
				if seen[o.identity()] {
					continue
				}
				seen[o.identity()] = true
				if !yield(o) {
					return
				}
			}
		}
	}
}

// shown yields the objects of a table as answers show them; nil from show leaves one out.
func shown[T any](objects iter.Seq2[string, *T], show func(*T) resource) iter.Seq[resource] {
	return func(yield func(resource) bool) {
		for _, v := range objects {
			if o := show(v); o != nil && !yield(o) {
				return
			}
		}
	}
}

// one is a table's object of that id, as a sequence.
func one[T any](t *directory.Table[T], id string) iter.Seq2[string, *T] {
	return func(yield func(string, *T) bool) {
		if v, ok := t.Seen(strings.ToLower(id)); ok {
			yield(id, v)
		}
	}
}

func (c *call) showApplication(a *directory.Application) resource {
	if a.DeletedAt != nil {
		return nil
	}
	return c.viewApplication(a)
}

func (c *call) showServicePrincipal(p *directory.ServicePrincipal) resource {
	if p.DeletedAt != nil {
		return nil
	}
	return c.viewServicePrincipal(p)
}

// indexedApplications asks the index for live applications.
func (c *call) indexedApplications(b odata.Bound) iter.Seq[resource] {
	t := c.Directory.Applications
	switch b.Property {
	case "id":
		return shown(one(t, b.Value), c.showApplication)
	case "displayName":
		return shown(t.EachSeen(directory.ByName(b.Value)), c.showApplication)
	case "identifierUris":
		return shown(t.EachSeen(directory.ByURI(b.Value)), c.showApplication)
	case "uniqueName":
		return shown(t.EachSeen(directory.ByUniqueName(b.Value)), c.showApplication)
	}
	return shown(t.EachSeen(strings.ToLower(b.Value)), c.showApplication)
}

// indexedServicePrincipals asks the index for live service principals. One answers to its client id, to names of its
// own and to the identifier URIs of its application.
func (c *call) indexedServicePrincipals(b odata.Bound) iter.Seq[resource] {
	t := c.Directory.ServicePrincipals
	switch b.Property {
	case "id":
		return shown(one(t, b.Value), c.showServicePrincipal)
	case "displayName":
		return shown(t.EachSeen(directory.ByName(b.Value)), c.showServicePrincipal)
	case "servicePrincipalNames":
		return func(yield func(resource) bool) {
			keys := []string{strings.ToLower(b.Value), directory.ByURI(b.Value)}
			for _, a := range c.Directory.Applications.EachSeen(directory.ByURI(b.Value)) {
				keys = append(keys, a.AppID)
			}
			for _, key := range keys {
				for o := range shown(t.EachSeen(key), c.showServicePrincipal) {
					if !yield(o) {
						return
					}
				}
			}
		}
	}
	return shown(t.EachSeen(strings.ToLower(b.Value)), c.showServicePrincipal)
}
