package odata

import "slices"

// Bound is a value that an object must have in a property to match a filter, so that an index can be asked for it.
type Bound struct{ Property, Value string }

// boundsOf returns bounds of which every object that matches n has at least one; nil when n has none in the indexed
// properties and all objects must be looked at.
func boundsOf(n node, indexed []string) []Bound {
	switch n := n.(type) {
	case both:
		if b := boundsOf(n.left, indexed); b != nil {
			return b
		}
		return boundsOf(n.right, indexed)
	case either:
		left, right := boundsOf(n.left, indexed), boundsOf(n.right, indexed)
		if left == nil || right == nil {
			return nil
		}
		return append(left, right...)
	case comparison:
		if text, ok := n.literal.(string); ok && n.op == "eq" && len(n.path) == 1 && slices.Contains(indexed, n.path[0]) {
			return []Bound{{n.path[0], text}}
		}
	case oneOf:
		if len(n.path) != 1 || !slices.Contains(indexed, n.path[0]) {
			return nil
		}
		var list []Bound
		for _, l := range n.literals {
			text, ok := l.(string)
			if !ok {
				return nil
			}
			list = append(list, Bound{n.path[0], text})
		}
		return list
	case some:
		if n.inner != nil && len(n.path) == 1 && slices.Contains(indexed, n.path[0]) {
			return renamed(boundsOf(n.inner, []string{n.variable}), n.path[0])
		}
	}
	return nil
}

func renamed(list []Bound, property string) []Bound {
	for i := range list {
		list[i].Property = property
	}
	return list
}
