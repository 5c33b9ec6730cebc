package contract_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// shapes says whether values have the shape that testdata/README.md describes.
type shapes struct {
	named map[string]any
	vars  vars
}

// patterns are the types of texts.
var patterns = map[string]*regexp.Regexp{
	"guid":   regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`),
	"time":   regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`),                  // whole seconds
	"time7":  regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$`),           // seven digits, zeros kept
	"timeUp": regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?Z$`), // up to seven, zeros trimmed
	"string": regexp.MustCompile(`(?s)^.*$`),
	"text":   regexp.MustCompile(`(?s)^.+$`),
}

// differ returns where a value has not the wanted shape, one line each.
func (s shapes) differ(place string, want, got any) []string {
	switch want := want.(type) {
	case string:
		return s.differText(place, want, got)
	case map[string]any:
		return s.differObject(place, want, got)
	case []any:
		return s.differList(place, want, got)
	}
	if want != got {
		return []string{fmt.Sprintf("%s is %s, want %s", place, show(got), show(want))}
	}
	return nil
}

func (s shapes) differText(place, want string, got any) []string {
	name, special := strings.CutPrefix(want, "$")
	if !special {
		if text, ok := got.(string); !ok || text != s.vars.fill(want) {
			return []string{fmt.Sprintf("%s is %s, want %q", place, show(got), s.vars.fill(want))}
		}
		return nil
	}
	if inner, nullable := strings.CutPrefix(name, "?"); nullable {
		if got == nil {
			return nil
		}
		name = inner
	}
	if shape, ok := s.named[name]; ok {
		return s.differ(place, shape, got)
	}
	if !s.isA(name, got) {
		return []string{fmt.Sprintf("%s is %s, want %s", place, show(got), want)}
	}
	return nil
}

// isA says whether a value is of a type: of patterns, int, bool, any, strings, or ~ and a regular expression.
func (s shapes) isA(name string, got any) bool {
	text, isText := got.(string)
	switch name {
	case "any":
		return true
	case "bool":
		_, ok := got.(bool)
		return ok
	case "int":
		n, ok := got.(json.Number)
		return ok && regexp.MustCompile(`^\d+$`).MatchString(n.String())
	case "strings":
		list, ok := got.([]any)
		return ok && !slices.ContainsFunc(list, func(v any) bool { _, text := v.(string); return !text })
	}
	if expression, ok := strings.CutPrefix(name, "~"); ok {
		quoted := variable.ReplaceAllStringFunc(expression, func(m string) string { return regexp.QuoteMeta(s.vars.fill(m)) })
		return isText && regexp.MustCompile(`^(?s:`+quoted+`)$`).MatchString(text)
	}
	pattern, ok := patterns[name]
	return ok && isText && pattern.MatchString(text)
}

// differObject compares the set of keys and then each value. "$is" takes over a named shape; "$more" lets keys be that
// the shape does not name; a wanted value of "$absent" takes a key of the named shape away.
func (s shapes) differObject(place string, want map[string]any, got any) []string {
	object, ok := got.(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("%s is %s, want an object", place, show(got))}
	}
	full := map[string]any{}
	if base, ok := want["$is"].(string); ok {
		maps.Copy(full, s.object(base))
	}
	maps.Copy(full, want)
	more := full["$more"] == true
	delete(full, "$is")
	delete(full, "$more")
	var out []string
	for _, key := range slices.Sorted(maps.Keys(full)) {
		value, there := object[key]
		switch {
		case full[key] == "$absent" && there:
			out = append(out, fmt.Sprintf("%s|%s is there: %s", place, key, show(value)))
		case full[key] == "$absent":
		case !there:
			out = append(out, fmt.Sprintf("%s|%s is missing", place, key))
		default:
			out = append(out, s.differ(place+"|"+key, full[key], value)...)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if _, known := full[key]; !known && !more {
			out = append(out, fmt.Sprintf("%s|%s is one too many: %s", place, key, show(object[key])))
		}
	}
	return out
}

func (s shapes) object(name string) map[string]any {
	shape, _ := s.named[name].(map[string]any)
	if base, ok := shape["$is"].(string); ok {
		full := maps.Clone(s.object(base))
		maps.Copy(full, shape)
		delete(full, "$is")
		return full
	}
	return shape
}

// differList compares lists: ["$each", shape] wants at least one element and all of the shape, ["$all", shape] may be
// empty, ["$has", shape…] wants an element of each shape; any other list wants exactly its elements in their order.
func (s shapes) differList(place string, want []any, got any) []string {
	list, ok := got.([]any)
	if !ok {
		return []string{fmt.Sprintf("%s is %s, want a list", place, show(got))}
	}
	kind := ""
	if len(want) > 0 {
		kind, _ = want[0].(string)
	}
	var out []string
	switch kind {
	case "$each", "$all":
		if kind == "$each" && len(list) == 0 {
			return []string{place + " is empty"}
		}
		for i := range list {
			out = append(out, s.differ(fmt.Sprintf("%s|%d", place, i), want[1], list[i])...)
		}
	case "$has":
		for _, shape := range want[1:] {
			if !slices.ContainsFunc(list, func(v any) bool { return len(s.differ("", shape, v)) == 0 }) {
				out = append(out, fmt.Sprintf("%s has no element like %s among %s", place, show(shape), show(list)))
			}
		}
	default:
		if len(list) != len(want) {
			return []string{fmt.Sprintf("%s has %d elements, want %d: %s", place, len(list), len(want), show(list))}
		}
		for i := range list {
			out = append(out, s.differ(fmt.Sprintf("%s|%d", place, i), want[i], list[i])...)
		}
	}
	return out
}

func show(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	if len(raw) > 400 {
		return string(raw[:400]) + "…"
	}
	return string(raw)
}

// The language itself: a comparison that cannot fail would prove nothing.
func TestShapes(t *testing.T) {
	t.Parallel()
	s := shapes{vars: vars{"id": "7"}, named: map[string]any{"thing": map[string]any{"id": "{id}", "name": "$text"}, "named": map[string]any{"$is": "thing", "more": true}}}
	tests := map[string]struct {
		want, got string
		faults    int
	}{
		"equal":               {`{"a": 1, "b": null, "c": [true, "x"]}`, `{"a": 1, "b": null, "c": [true, "x"]}`, 0},
		"another constant":    {`{"a": "x"}`, `{"a": "y"}`, 1},
		"null for a text":     {`{"a": "$string"}`, `{"a": null}`, 1},
		"text for null":       {`{"a": null}`, `{"a": ""}`, 1},
		"a number as text":    {`{"a": "$int"}`, `{"a": "1"}`, 1},
		"a fraction":          {`"$int"`, `1.5`, 1},
		"a key too many":      {`{"a": 1}`, `{"a": 1, "b": 1}`, 1},
		"more keys allowed":   {`{"a": 1, "$more": true}`, `{"a": 1, "b": 1}`, 0},
		"a key missing":       {`{"a": 1, "b": 1}`, `{"a": 1}`, 1},
		"absent":              {`{"a": "$absent"}`, `{"a": 1}`, 1},
		"named":               {`"$thing"`, `{"id": "7", "name": "x"}`, 0},
		"named, by another":   {`"$named"`, `{"id": "7", "name": "x", "more": true}`, 0},
		"named, changed":      {`{"$is": "named", "name": "y"}`, `{"id": "8", "name": "x", "more": true}`, 2},
		"nullable":            {`["$?guid", "$?guid"]`, `[null, "x"]`, 1},
		"each of none":        {`["$each", "$int"]`, `[]`, 1},
		"each":                {`["$each", "$int"]`, `[1, "2", 3]`, 1},
		"all of none":         {`["$all", "$int"]`, `[]`, 0},
		"has":                 {`["$has", {"id": 2}]`, `[{"id": 1}, {"id": 2}]`, 0},
		"has not":             {`["$has", {"id": 2}]`, `[{"id": 1}]`, 1},
		"length":              {`[1]`, `[1, 1]`, 1},
		"no list":             {`[]`, `{}`, 1},
		"no object":           {`{}`, `[]`, 1},
		"whole seconds":       {`"$time"`, `"2025-01-01T00:00:00.1Z"`, 1},
		"seven digits":        {`"$time7"`, `"2025-01-01T00:00:00.100000Z"`, 1},
		"trimmed zeros":       {`"$timeUp"`, `"2025-01-01T00:00:00.10Z"`, 1},
		"expression":          {`"$~a\\d+ {id}"`, `"a12 7"`, 0},
		"expression, not all": {`"$~a"`, `"ab"`, 1},
		"unknown type":        {`"$nothing"`, `"x"`, 1},
		"strings":             {`"$strings"`, `["a", 1]`, 1},
		"bool":                {`"$bool"`, `"true"`, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := s.differ("", decode(t, test.want), decode(t, test.got)); len(got) != test.faults {
				t.Errorf("%d faults, want %d: %s", len(got), test.faults, strings.Join(got, "; "))
			}
		})
	}
}

func decode(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
