package graph

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// entity is a JSON object whose properties keep their order, as Graph's do.
type entity []field

// MarshalJSON writes the properties in their order.
func (e entity) MarshalJSON() ([]byte, error) { return appendJSON(nil, e), nil }

type field struct {
	name  string
	value any // nil, string, bool, int, []string, entity, []entity or json.RawMessage
}

func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case string:
		return appendText(b, v)
	case *string:
		if v == nil {
			return append(b, "null"...)
		}
		return appendText(b, *v)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case json.RawMessage:
		return append(b, v...)
	case []string:
		return appendList(b, v, appendText)
	case []entity:
		return appendList(b, v, func(b []byte, e entity) []byte { return appendJSON(b, e) })
	case entity:
		b = append(b, '{')
		for i, f := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(append(appendText(b, f.name), ':'), f.value)
		}
		return append(b, '}')
	}
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // entities hold only the types above
	}
	return append(b, raw...)
}

func appendList[T any](b []byte, list []T, one func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, v)
	}
	return append(b, ']')
}

func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			raw, err := json.Marshal(s)
			if err != nil {
				panic(err) // a text always marshals
			}
			return append(b, raw...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// raw is the stored form of a plain value.
func raw(v any) json.RawMessage { return appendJSON(nil, v) }
