package graph

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// compact removes the white space between the tokens of valid JSON.
func compact(v json.RawMessage) json.RawMessage {
	var out bytes.Buffer
	if json.Compact(&out, v) != nil {
		return v
	}
	return out.Bytes()
}

// member is one property of a JSON object whose order matters.
type member struct {
	name  string
	value json.RawMessage
}

// members reads a JSON object in its order. Annotations are left out.
func members(v json.RawMessage) ([]member, error) {
	in := json.NewDecoder(bytes.NewReader(v))
	if _, err := in.Token(); err != nil {
		return nil, unreadable()
	}
	var out []member
	for in.More() {
		token, err := in.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, unreadable()
		}
		m := member{name: name}
		if err := in.Decode(&m.value); err != nil {
			return nil, unreadable()
		}
		if !strings.Contains(m.name, "@") {
			out = append(out, m)
		}
	}
	return out, nil
}

// merge puts the properties of patch into the object current, at every depth, as OData's PATCH does for complex
// properties. Where current declares properties, patch may name no others: complex types are closed.
func merge(current, patch json.RawMessage) (json.RawMessage, error) {
	sent, err := members(patch)
	if err != nil {
		return nil, err
	}
	var have []member
	if len(current) > 0 && current[0] == '{' {
		if have, err = members(current); err != nil {
			return nil, err
		}
	}
	declared := have != nil
	for _, m := range sent {
		i := slices.IndexFunc(have, func(h member) bool { return h.name == m.name })
		switch {
		case i < 0 && declared:
			return nil, refused("Invalid property '%s'.", m.name)
		case i < 0:
			have = append(have, member{m.name, compact(m.value)})
		case have[i].value[0] == '{' && m.value[0] == '{':
			if have[i].value, err = merge(have[i].value, m.value); err != nil {
				return nil, err
			}
		case (have[i].value[0] == '[') != (m.value[0] == '['), have[i].value[0] == '{':
			return nil, refused("Invalid value specified for property '%s'.", m.name)
		default:
			have[i].value = compact(m.value)
		}
	}
	e := make(entity, len(have))
	for i, m := range have {
		e[i] = field{m.name, m.value}
	}
	return appendJSON(nil, e), nil
}

// completed adds to each object of an array the properties that it lacks, all of them in alphabetical order.
func completed(list json.RawMessage, defaults map[string]json.RawMessage) json.RawMessage {
	var in []map[string]json.RawMessage
	if string(list) == none || json.Unmarshal(list, &in) != nil {
		return list
	}
	out := make([]entity, len(in))
	for i, o := range in {
		all := maps.Clone(defaults)
		maps.Copy(all, o)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			out[i] = append(out[i], field{name, all[name]})
		}
	}
	return appendJSON(nil, out)
}
