package graph

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// maxBody bounds a request body, compressed and not.
const maxBody = 2 << 20

// body reads the JSON object that a request carries, without its annotations.
func (c *call) body() (map[string]json.RawMessage, error) {
	values, err := c.annotated()
	if err == nil {
		maps.DeleteFunc(values, func(name string, _ json.RawMessage) bool { return strings.Contains(name, "@") })
	}
	return values, err
}

// annotated reads the JSON object that a request carries.
func (c *call) annotated() (map[string]json.RawMessage, error) {
	r := c.request
	kind := r.Header.Get("Content-Type")
	if kind == "" {
		return nil, malformed("Write requests (excluding DELETE) must contain the Content-Type header declaration.")
	}
	if media, _, err := mime.ParseMediaType(kind); err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
		return nil, malformed("Entity only allows writes with a JSON Content-Type header.")
	}
	data, err := readBounded(r.Body)
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
		if data, err = readBounded(unzip); err != nil {
			return nil, err
		}
	default:
		return nil, &problem{status: http.StatusUnsupportedMediaType, code: "BadRequest", message: "The content encoding '" + encoding + "' is not supported."}
	}
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if len(data) == 0 {
		return nil, malformed("Empty Payload. JSON content expected.")
	}
	if data[0] != '{' || !utf8.Valid(data) || !json.Valid(data) {
		return nil, unreadable()
	}
	if name, twice := duplicate(json.NewDecoder(bytes.NewReader(data))); twice {
		return nil, malformed("Multiple properties with the name '%s' were detected in a resource or complex value. In OData, duplicate property names are not allowed.", name)
	}
	values := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &values); err != nil {
		return nil, unreadable()
	}
	return values, nil
}

func readBounded(in io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxBody+1))
	if err != nil {
		return nil, unreadable()
	}
	if len(data) > maxBody {
		return nil, &problem{status: http.StatusRequestEntityTooLarge, code: "RequestEntityTooLarge", message: "The request body is too large."}
	}
	return data, nil
}

func unreadable() error {
	return malformed("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
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

// object decodes a JSON object, without its annotations (names with an @).
func object(data json.RawMessage) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, unreadable()
	}
	maps.DeleteFunc(out, func(name string, _ json.RawMessage) bool { return strings.Contains(name, "@") })
	return out, nil
}

// reader takes properties out of an object of a request and keeps the first thing that was wrong.
type reader struct {
	values   map[string]json.RawMessage
	resource string // for texts: KeyCredential
	err      error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) absent(name string) bool {
	v, ok := r.values[name]
	return !ok || string(v) == "null"
}

// text returns a string property, nil when absent or null.
func (r *reader) text(name string) *string {
	if r.absent(name) {
		return nil
	}
	var s string
	if json.Unmarshal(r.values[name], &s) != nil {
		r.fail(invalidValue(name, r.resource))
		return nil
	}
	return &s
}

// guid returns a guid in lower case, empty when absent or null.
func (r *reader) guid(name string) string {
	s := r.text(name)
	if s == nil {
		return ""
	}
	id, err := uuid.Parse(*s)
	if err != nil || len(*s) != 36 {
		r.fail(malformed("Cannot convert the literal '%s' to the expected type 'Edm.Guid'.", *s))
		return ""
	}
	return id.String()
}

// time returns a date, nil when absent or null. It must have a zone and lie in the years 1 to 9999.
func (r *reader) time(name string) *time.Time {
	s := r.text(name)
	if s == nil {
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, *s)
	if err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		r.fail(malformed("Cannot convert the literal '%s' to the expected type 'Edm.DateTimeOffset'.", *s))
		return nil
	}
	t = t.UTC().Truncate(tick)
	return &t
}

// only refuses properties that are not named.
func (r *reader) only(odataType string, names ...string) {
next:
	for name := range r.values {
		for _, n := range names {
			if n == name {
				continue next
			}
		}
		r.fail(noProperty(name, odataType))
	}
}

// parameters reads the body of an action, which takes the named parameters only.
func (c *call) parameters(action string, names ...string) (*reader, error) {
	values, err := c.body()
	if err != nil {
		return nil, err
	}
next:
	for name := range values {
		for _, n := range names {
			if n == name {
				continue next
			}
		}
		return nil, malformed("The parameter '%s' in the request payload is not a valid parameter for the operation '%s'.", name, action)
	}
	return &reader{values: values, resource: action}, nil
}
