package odata

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Form is the type of a property.
type Form int

// The forms of properties.
const (
	Text      Form = iota // string or null
	Flag                  // bool or null
	Texts                 // array of strings
	Composite             // object or null; an object that is sent is merged into the one that is there
	Objects               // array of objects
	GUID                  // guid or null
	Integer               // Edm.Int32 or null
	Keys                  // keyCredentials
	Secrets               // passwordCredentials
)

// Property is one that a kind of object declares.
type Property struct {
	Name     string
	Form     Form
	Initial  json.RawMessage // null where nil
	ReadOnly bool
	Hidden   bool     // only with $select
	Of       *Complex // of a Composite, or of the elements of Objects; nil: anything
}

// Kind is a resource type of Microsoft Graph.
type Kind struct {
	Set        string // applications
	Name       string // Application, as texts of errors have it
	Type       string // microsoft.graph.application
	Open       bool   // undeclared properties are kept
	Properties []Property
	index      map[string]int // by lower-case name
	Indexed    []string       // the properties that a list can be looked up by
}

// NewKind returns the resource type whose objects are in the named set. open: it keeps properties that it does not
// declare.
func NewKind(set, name string, open bool, properties []Property) *Kind {
	k := &Kind{Set: set, Name: name, Type: typeName(name), Open: open, Properties: properties, index: map[string]int{}}
	for i, p := range properties {
		if p.Initial == nil {
			k.Properties[i].Initial = json.RawMessage("null")
		}
		k.index[strings.ToLower(p.Name)] = i
	}
	return k
}

// Find returns a declared property, whatever the case of its name.
func (k *Kind) Find(name string) (*Property, bool) {
	i, ok := k.index[strings.ToLower(name)]
	if !ok {
		return nil, false
	}
	return &k.Properties[i], true
}

// Selection checks $select and returns it as contexts show it: (id,displayName), names in the case of the declaration.
func (k *Kind) Selection(selected []string) (string, error) {
	if selected == nil {
		return "", nil
	}
	names := make([]string, len(selected))
	for i, s := range selected {
		p, ok := k.Find(s)
		switch {
		case ok:
			names[i] = p.Name
		case k.Open:
			names[i] = s
		default:
			return "", Malformed("Parsing OData Select and Expand failed: Could not find a property named '%s' on type '%s'.", s, k.Type)
		}
	}
	return "(" + strings.Join(names, ",") + ")", nil
}

// Apply checks values that a request sends and returns the properties with them put in. Properties that are more than
// a stored value (displayName, keyCredentials, …) are the caller's.
func (k *Kind) Apply(properties, values map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	out := maps.Clone(properties)
	if out == nil {
		out = map[string]json.RawMessage{}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := values[name]
		i, ok := k.index[strings.ToLower(name)]
		if !ok || k.Properties[i].Name != name {
			if !k.Open {
				return nil, Refused("Invalid property '%s'.", name)
			}
			if string(v) == "null" {
				delete(out, name)
			} else {
				out[name] = Compact(v)
			}
			continue
		}
		p := &k.Properties[i]
		if p.ReadOnly {
			return nil, Refused("Property '%s' is read-only and cannot be set.", name)
		}
		current, ok := out[name]
		if !ok {
			current = p.Initial
		}
		checked, err := k.Check(p, current, v)
		if err != nil {
			return nil, err
		}
		out[name] = checked
	}
	return out, nil
}

// Check returns v as it is stored in p, whose value is current.
func (k *Kind) Check(p *Property, current, v json.RawMessage) (json.RawMessage, error) {
	if p.Form == Composite {
		if string(v) == "null" {
			return p.Initial, nil
		}
		if v[0] != '{' {
			return nil, InvalidValue(p.Name, k.Name)
		}
		merged, err := Merge(current, v)
		if err != nil {
			return nil, err
		}
		v = merged
	}
	if err := p.accepts(v, k.Name); err != nil {
		return nil, err
	}
	return Compact(v), nil
}

// typeName is how a type is called in metadata: microsoft.graph.appRole.
func typeName(name string) string { return "microsoft.graph." + strings.ToLower(name[:1]) + name[1:] }
