package graph

import (
	"iter"
	"strings"

	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// mixture is a collection of objects of several kinds: members, owners, what somebody owns.
type mixture struct {
	objects iter.Seq[resource]
	units   int
}

// mixed answers with a mixture, the whole of it or, after a further segment, one type of it or its count.
func (c *call) mixed(m mixture, rest []odata.Segment) (*answer, error) {
	counting := len(rest) > 0 && rest[len(rest)-1].Is("$count")
	if counting {
		rest = rest[:len(rest)-1]
	}
	l := listing{kind: c.kinds.directoryObject, context: "directoryObjects", units: m.units, objects: m.objects, mixed: true}
	switch len(rest) {
	case 0:
	case 1:
		k, ok := c.castTo(rest[0])
		if !ok {
			return nil, odata.NoSegment(rest[0].Original)
		}
		l.kind, l.context, l.mixed, l.limited = k, k.Set, false, true
		l.objects = func(yield func(resource) bool) {
			for o := range m.objects {
				if o.kind() == k && !yield(o) {
					return
				}
			}
		}
	default:
		return nil, odata.NoSegment(rest[1].Original)
	}
	if counting {
		return c.countOf(l)
	}
	return c.list(l)
}

// castTo is the kind that a path narrows a collection to: microsoft.graph.user, or graph.user for short.
func (c *call) castTo(s odata.Segment) (*odata.Kind, bool) {
	name := strings.ToLower(s.Original)
	if short, ok := strings.CutPrefix(name, "graph."); ok {
		name = "microsoft.graph." + short
	}
	for _, k := range []*odata.Kind{c.kinds.user, c.kinds.group, c.kinds.application, c.kinds.servicePrincipal, c.kinds.directoryRole} {
		if strings.ToLower(k.Type) == name {
			return k, true
		}
	}
	return nil, false
}

// listReadable answers with a listing of a kind that the caller may read, or with its count.
func (c *call) listReadable(l func() listing, counting bool) (*answer, error) {
	return c.read(func() (*answer, error) {
		l := l()
		if !c.mayRead(l.kind) {
			return nil, odata.Forbidden()
		}
		if counting {
			return c.countOf(l)
		}
		return c.list(l)
	})
}

// visible is what the caller may see of an object among others: of a kind that it may not read, only the id
// (Microsoft Graph, limited information returned for inaccessible member objects).
func (c *call) visible(o resource) entity {
	k := o.kind()
	if c.mayRead(k) || c.caller.User && (k == c.kinds.directoryRole || k == c.kinds.group || o.identity() == c.caller.ObjectID) {
		return render(o, c.query.Selected)
	}
	return entity{{"id", o.identity()}}
}
