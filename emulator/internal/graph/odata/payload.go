package odata

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"
)

// maxBody bounds a request body, compressed and not.
const maxBody = 2 << 20

// ReadObject reads the JSON object that a request carries, annotations included.
func ReadObject(r *http.Request) (map[string]json.RawMessage, error) {
	kind := r.Header.Get("Content-Type")
	if kind == "" {
		return nil, Malformed("Write requests (excluding DELETE) must contain the Content-Type header declaration.")
	}
	if media, _, err := mime.ParseMediaType(kind); err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
		return nil, Malformed("Entity only allows writes with a JSON Content-Type header.")
	}
	data, err := ReadBounded(r.Body)
	if err != nil {
		return nil, err
	}
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
	case "gzip":
		unzip, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, unreadable()
		}
		if data, err = ReadBounded(unzip); err != nil {
			return nil, err
		}
	default:
		return nil, &Problem{Status: http.StatusUnsupportedMediaType, Code: "BadRequest", Message: "The content encoding '" + encoding + "' is not supported."}
	}
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if len(data) == 0 {
		return nil, Malformed("Empty Payload. JSON content expected.")
	}
	if data[0] != '{' || !utf8.Valid(data) || !json.Valid(data) {
		return nil, unreadable()
	}
	if name, twice := duplicate(json.NewDecoder(bytes.NewReader(data))); twice {
		return nil, Malformed("Multiple properties with the name '%s' were detected in a resource or complex value. In OData, duplicate property names are not allowed.", name)
	}
	values := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &values); err != nil {
		return nil, unreadable()
	}
	return values, nil
}

// ReadBounded reads a body up to the size that is taken; a longer one is a 413.
func ReadBounded(in io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxBody+1))
	if err != nil {
		return nil, unreadable()
	}
	if len(data) > maxBody {
		return nil, &Problem{Status: http.StatusRequestEntityTooLarge, Code: "RequestEntityTooLarge", Message: "The request body is too large."}
	}
	return data, nil
}

func unreadable() error {
	return Malformed("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
}

// duplicate finds a property that stands twice in one object of valid JSON.
func duplicate(in *json.Decoder) (name string, twice bool) {
	var open []map[string]bool // one for each object, nil for each array
	key := false               // the next text is a property's name
	for {
		t, err := in.Token()
		if err != nil {
			return "", false
		}
		switch t {
		case json.Delim('{'):
			open, key = append(open, map[string]bool{}), true
			continue
		case json.Delim('['):
			open, key = append(open, nil), false
			continue
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		default:
			if text, ok := t.(string); ok && key {
				names := open[len(open)-1]
				if names[text] {
					return text, true
				}
				names[text], key = true, false
				continue
			}
		}
		key = len(open) > 0 && open[len(open)-1] != nil
	}
}

// Object decodes a JSON object, without its annotations (names with an @).
func Object(data json.RawMessage) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, unreadable()
	}
	maps.DeleteFunc(out, func(name string, _ json.RawMessage) bool { return strings.Contains(name, "@") })
	return out, nil
}

// Bare is a value without the annotations inside it.
func Bare(v json.RawMessage) json.RawMessage {
	if !bytes.ContainsRune(v, '@') {
		return v
	}
	switch v[0] {
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(v, &list) != nil {
			return v
		}
		for i := range list {
			list[i] = Bare(list[i])
		}
		out, err := json.Marshal(list)
		if err != nil {
			return v
		}
		return out
	case '{':
		have, err := Members(v)
		if err != nil {
			return v
		}
		for i := range have {
			have[i].Value = Bare(have[i].Value)
		}
		return Joined(have)
	}
	return v
}
