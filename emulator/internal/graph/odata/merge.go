package odata

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// Compact removes the white space between the tokens of valid JSON.
func Compact(v json.RawMessage) json.RawMessage {
	var out bytes.Buffer
	if json.Compact(&out, v) != nil {
		return v
	}
	return out.Bytes()
}

// Member is one property of a JSON object whose order matters.
type Member struct {
	Name  string
	Value json.RawMessage
}

// Members reads a JSON object in its order. Annotations are left out.
func Members(v json.RawMessage) ([]Member, error) {
	in := json.NewDecoder(bytes.NewReader(v))
	if _, err := in.Token(); err != nil {
		return nil, unreadable()
	}
	var out []Member
	for in.More() {
		token, err := in.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, unreadable()
		}
		m := Member{Name: name}
		if err := in.Decode(&m.Value); err != nil {
			return nil, unreadable()
		}
		if !strings.Contains(m.Name, "@") {
			out = append(out, m)
		}
	}
	return out, nil
}

// Merge puts the properties of patch into the object current, at every depth, as OData's PATCH does for complex
// properties. Where current declares properties, patch may name no others: complex types are closed.
func Merge(current, patch json.RawMessage) (json.RawMessage, error) {
	sent, err := Members(patch)
	if err != nil {
		return nil, err
	}
	var have []Member
	if len(current) > 0 && current[0] == '{' {
		if have, err = Members(current); err != nil {
			return nil, err
		}
	}
	declared := have != nil
	for _, m := range sent {
		i := slices.IndexFunc(have, func(h Member) bool { return h.Name == m.Name })
		switch {
		case i < 0 && declared:
			return nil, Refused("Invalid property '%s'.", m.Name)
		case i < 0:
			have = append(have, Member{m.Name, Compact(m.Value)})
		case have[i].Value[0] == '{' && m.Value[0] == '{':
			if have[i].Value, err = Merge(have[i].Value, m.Value); err != nil {
				return nil, err
			}
		case (have[i].Value[0] == '[') != (m.Value[0] == '['), have[i].Value[0] == '{':
			return nil, Refused("Invalid value specified for property '%s'.", m.Name)
		default:
			have[i].Value = Compact(m.Value)
		}
	}
	return Joined(have), nil
}

// Joined is the object of these properties, in their order.
func Joined(list []Member) json.RawMessage {
	out := []byte{'{'}
	for i, m := range list {
		if i > 0 {
			out = append(out, ',')
		}
		name, err := json.Marshal(m.Name)
		if err != nil {
			panic(err) // a text always marshals
		}
		out = append(append(append(out, name...), ':'), m.Value...)
	}
	return append(out, '}')
}
