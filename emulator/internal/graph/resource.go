package graph

import (
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// resource is an object as answers and filters see it.
type resource interface {
	kind() *odata.Kind
	identity() string
	value(name string) any // nil for what is not set; name as the kind declares it, or an open property's
	extras() []string      // names of the open properties that are set, sorted
}

// render returns the properties of o: the selected ones, or those that are there without being asked for.
func render(o resource, selected []string) entity {
	k := o.kind()
	extras := o.extras()
	e := make(entity, 0, len(k.Properties)+len(extras)+2)
	for i := range k.Properties {
		p := &k.Properties[i]
		if selected == nil && p.Hidden || selected != nil && !slices.ContainsFunc(selected, func(s string) bool { return strings.EqualFold(s, p.Name) }) {
			continue
		}
		e = append(e, field{p.Name, o.value(p.Name)})
	}
	for _, name := range extras {
		if selected == nil || slices.Contains(selected, name) {
			e = append(e, field{name, o.value(name)})
		}
	}
	return e
}
