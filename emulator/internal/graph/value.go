package graph

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

func optionalTime(t *time.Time) any {
	if t == nil {
		return nil
	}
	return whole(*t)
}

// orEmpty makes an absent list an empty array.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// passwordEntity shows a client secret: its text is null on every read.
func passwordEntity(p directory.Password, text any) entity {
	return entity{
		{"customKeyIdentifier", nil},
		{"displayName", p.DisplayName},
		{"endDateTime", exact(p.End)},
		{"hint", p.Hint},
		{"keyId", p.KeyID},
		{"secretText", text},
		{"startDateTime", exact(p.Start)},
	}
}

func passwordEntities(list []directory.Password) []entity {
	out := make([]entity, len(list))
	for i, p := range list {
		out[i] = passwordEntity(p, nil)
	}
	return out
}

// keyEntity shows a certificate. The certificate itself is only returned when a single object is asked for it with
// $select (Microsoft Graph, keyCredential).
func keyEntity(k directory.Key, der bool) entity {
	var key any
	if der && len(k.DER) > 0 {
		key = standard64(k.DER)
	}
	return entity{
		{"customKeyIdentifier", k.CustomID},
		{"displayName", k.DisplayName},
		{"endDateTime", exact(k.End)},
		{"key", key},
		{"keyId", k.KeyID},
		{"startDateTime", exact(k.Start)},
		{"type", k.Type},
		{"usage", k.Usage},
	}
}

func keyEntities(list []directory.Key, der bool) []entity {
	out := make([]entity, len(list))
	for i, k := range list {
		out[i] = keyEntity(k, der)
	}
	return out
}

// undeclared returns the open properties among those that are stored.
func undeclared(k *odata.Kind, properties map[string]json.RawMessage) []string {
	if !k.Open || len(properties) == 0 {
		return nil
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if p, ok := k.Find(name); !ok || p.Name != name {
			names = append(names, name)
		}
	}
	return names
}

// stored returns a property that is kept as it was sent, or its initial value; null for one that is neither.
func stored(k *odata.Kind, properties map[string]json.RawMessage, name string) json.RawMessage {
	if v, ok := properties[name]; ok {
		return v
	}
	if p, ok := k.Find(name); ok {
		return p.Initial
	}
	return json.RawMessage("null")
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
