package graph

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// form is the type of a property.
type form int

const (
	text      form = iota // string or null
	flag                  // bool or null
	texts                 // array of strings
	composite             // object or null; an object that is sent is merged into the one that is there
	objects               // array of objects
	guid                  // guid or null
	keys                  // keyCredentials
	secrets               // passwordCredentials
)

// property is one that a kind of object declares.
type property struct {
	name     string
	form     form
	initial  json.RawMessage // null where nil
	readOnly bool
	hidden   bool // only with $select
}

// kind is a resource type of Microsoft Graph.
type kind struct {
	set        string // applications
	name       string // Application, as texts of errors have it
	odata      string // microsoft.graph.application
	open       bool   // undeclared properties are kept
	properties []property
	index      map[string]int // by lower-case name
}

func newKind(set, name string, open bool, properties []property) *kind {
	k := &kind{set: set, name: name, odata: "microsoft.graph." + strings.ToLower(name[:1]) + name[1:], open: open, properties: properties, index: map[string]int{}}
	for i, p := range properties {
		if p.initial == nil {
			k.properties[i].initial = json.RawMessage("null")
		}
		k.index[strings.ToLower(p.name)] = i
	}
	return k
}

// find returns a declared property, whatever the case of its name.
func (k *kind) find(name string) (*property, bool) {
	i, ok := k.index[strings.ToLower(name)]
	if !ok {
		return nil, false
	}
	return &k.properties[i], true
}

// resource is an object as answers and filters see it.
type resource interface {
	kind() *kind
	identity() string
	value(name string) any // nil for what is not set; name as the kind declares it, or an open property's
	extras() []string      // names of the open properties that are set, sorted
}

// render returns the properties of o: the selected ones, or those that are there without being asked for.
func render(o resource, selected []string) entity {
	k := o.kind()
	extras := o.extras()
	e := make(entity, 0, len(k.properties)+len(extras)+2)
	for i := range k.properties {
		p := &k.properties[i]
		if selected == nil && p.hidden || selected != nil && !slices.ContainsFunc(selected, func(s string) bool { return strings.EqualFold(s, p.name) }) {
			continue
		}
		e = append(e, field{p.name, o.value(p.name)})
	}
	for _, name := range extras {
		if selected == nil || slices.Contains(selected, name) {
			e = append(e, field{name, o.value(name)})
		}
	}
	return e
}

// selection checks $select and returns it as contexts show it: (id,displayName), names in the case of the declaration.
func (k *kind) selection(selected []string) (string, error) {
	if selected == nil {
		return "", nil
	}
	names := make([]string, len(selected))
	for i, s := range selected {
		p, ok := k.find(s)
		switch {
		case ok:
			names[i] = p.name
		case k.open:
			names[i] = s
		default:
			return "", malformed("Parsing OData Select and Expand failed: Could not find a property named '%s' on type '%s'.", s, k.odata)
		}
	}
	return "(" + strings.Join(names, ",") + ")", nil
}

// apply checks values that a request sends and returns the properties with them put in. Properties that are more than
// a stored value (displayName, keyCredentials, …) are the caller's.
func (k *kind) apply(properties, values map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	out := maps.Clone(properties)
	if out == nil {
		out = map[string]json.RawMessage{}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := values[name]
		i, ok := k.index[strings.ToLower(name)]
		if !ok || k.properties[i].name != name {
			if !k.open {
				return nil, refused("Invalid property '%s'.", name)
			}
			if string(v) == "null" {
				delete(out, name)
			} else {
				out[name] = compact(v)
			}
			continue
		}
		p := &k.properties[i]
		if p.readOnly {
			return nil, refused("Property '%s' is read-only and cannot be set.", name)
		}
		current, ok := out[name]
		if !ok {
			current = p.initial
		}
		checked, err := k.check(p, current, v)
		if err != nil {
			return nil, err
		}
		out[name] = checked
	}
	return out, nil
}

// check returns v as it is stored in p, whose value is current.
func (k *kind) check(p *property, current, v json.RawMessage) (json.RawMessage, error) {
	null := string(v) == "null"
	ok := true
	switch p.form {
	case text:
		ok = null || v[0] == '"'
	case guid:
		r := reader{values: map[string]json.RawMessage{p.name: v}, resource: k.name}
		if r.guid(p.name); r.err != nil {
			return nil, r.err
		}
	case flag:
		ok = null || string(v) == "true" || string(v) == "false"
	case texts:
		var list []*string
		ok = !null && json.Unmarshal(v, &list) == nil && !slices.Contains(list, nil)
	case objects:
		var list []map[string]json.RawMessage
		ok = !null && json.Unmarshal(v, &list) == nil && !slices.ContainsFunc(list, func(m map[string]json.RawMessage) bool { return m == nil })
	case composite:
		if null {
			return p.initial, nil
		}
		if v[0] != '{' {
			return nil, invalidValue(p.name, k.name)
		}
		return merge(current, v)
	}
	if !ok {
		return nil, invalidValue(p.name, k.name)
	}
	return compact(v), nil
}
