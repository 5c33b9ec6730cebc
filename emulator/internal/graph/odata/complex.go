package odata

import (
	"encoding/json"
	"slices"
	"strconv"
)

// Complex is a complex type: what an object inside a property is made of. Complex types are closed.
type Complex struct {
	Name     string // AppRole, as texts of errors have it
	Members  []Property
	Required []string // of the elements of a list
}

// check checks an object that stands as a value or as an element of a list.
func (c *Complex) check(v json.RawMessage, element bool) error {
	sent, err := Members(v)
	if err != nil {
		return err
	}
	for _, m := range sent {
		i := slices.IndexFunc(c.Members, func(p Property) bool { return p.Name == m.Name })
		if i < 0 {
			return noProperty(m.Name, typeName(c.Name))
		}
		if err := c.Members[i].accepts(m.Value, c.Name); err != nil {
			return err
		}
	}
	for _, name := range c.Required {
		i := slices.IndexFunc(sent, func(m Member) bool { return m.Name == name })
		if element && (i < 0 || string(sent[i].Value) == "null") {
			return Required(name, c.Name)
		}
	}
	return nil
}

// accepts says whether a value is of the property's form; resource is what has the property.
func (p *Property) accepts(v json.RawMessage, resource string) error {
	null := string(v) == "null"
	ok := true
	switch p.Form {
	case Text:
		ok = null || v[0] == '"'
	case Flag:
		ok = null || string(v) == "true" || string(v) == "false"
	case Integer:
		_, err := strconv.ParseInt(string(v), 10, 32)
		ok = null || err == nil
	case GUID:
		r := Reader{Values: map[string]json.RawMessage{p.Name: v}, Resource: resource}
		r.GUID(p.Name)
		return r.Err
	case Texts:
		var list []*string
		ok = !null && json.Unmarshal(v, &list) == nil && !slices.Contains(list, nil)
	case Composite:
		ok = null || v[0] == '{'
		if ok && !null && p.Of != nil {
			return p.Of.check(v, false)
		}
	case Objects:
		var list []json.RawMessage
		ok = !null && json.Unmarshal(v, &list) == nil
		for _, e := range list {
			if e[0] != '{' {
				return InvalidValue(p.Name, resource)
			}
			if p.Of == nil {
				continue
			}
			if err := p.Of.check(e, true); err != nil {
				return err
			}
		}
	}
	if !ok {
		return InvalidValue(p.Name, resource)
	}
	return nil
}
