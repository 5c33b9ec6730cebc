package graph

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// plainValue turns a property's value into decoded JSON, for filters.
func plainValue(v any) any {
	switch v := v.(type) {
	case nil, string, bool:
		return v
	case *string:
		if v == nil {
			return nil
		}
		return *v
	case []string:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = s
		}
		return out
	}
	var out any
	if json.Unmarshal(appendJSON(nil, v), &out) != nil {
		return nil
	}
	return out
}

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
func undeclared(k *kind, properties map[string]json.RawMessage) []string {
	if !k.open || len(properties) == 0 {
		return nil
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if p, ok := k.find(name); !ok || p.name != name {
			names = append(names, name)
		}
	}
	return names
}

// stored returns a property that is kept as it was sent, or its initial value; null for one that is neither.
func stored(k *kind, properties map[string]json.RawMessage, name string) json.RawMessage {
	if v, ok := properties[name]; ok {
		return v
	}
	if p, ok := k.find(name); ok {
		return p.initial
	}
	return json.RawMessage("null")
}
