package odata

import "encoding/json"

// PlainValue turns a property's value into decoded JSON, for filters.
func PlainValue(v any) any {
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
	data, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var out any
	if json.Unmarshal(data, &out) != nil {
		return nil
	}
	return out
}
