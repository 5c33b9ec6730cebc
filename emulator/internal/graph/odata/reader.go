package odata

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// Reader takes properties out of an object of a request and keeps the first thing that was wrong.
type Reader struct {
	Values   map[string]json.RawMessage
	Resource string // for texts: KeyCredential
	Err      error
}

// Fail notes that something was wrong, unless something was before.
func (r *Reader) Fail(err error) {
	if r.Err == nil {
		r.Err = err
	}
}

// Absent says whether a property was not sent, or null.
func (r *Reader) Absent(name string) bool {
	v, ok := r.Values[name]
	return !ok || string(v) == "null"
}

// Text returns a string property, nil when absent or null.
func (r *Reader) Text(name string) *string {
	if r.Absent(name) {
		return nil
	}
	var s string
	if json.Unmarshal(r.Values[name], &s) != nil {
		r.Fail(InvalidValue(name, r.Resource))
		return nil
	}
	return &s
}

// GUID returns a guid in lower case, empty when absent or null.
func (r *Reader) GUID(name string) string {
	s := r.Text(name)
	if s == nil {
		return ""
	}
	id, err := uuid.Parse(*s)
	if err != nil || len(*s) != 36 {
		r.Fail(Malformed("Cannot convert the literal '%s' to the expected type 'Edm.Guid'.", *s))
		return ""
	}
	return id.String()
}

// Time returns a date, nil when absent or null. It must have a zone and lie in the years 1 to 9999.
func (r *Reader) Time(name string) *time.Time {
	s := r.Text(name)
	if s == nil {
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, *s)
	if err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		r.Fail(Malformed("Cannot convert the literal '%s' to the expected type 'Edm.DateTimeOffset'.", *s))
		return nil
	}
	t = t.UTC().Truncate(Tick)
	return &t
}

// Only refuses properties that are not named.
func (r *Reader) Only(odataType string, names ...string) {
next:
	for name := range r.Values {
		for _, n := range names {
			if n == name {
				continue next
			}
		}
		r.Fail(noProperty(name, odataType))
	}
}

// Flag reads a bool into the variable; absent, it stays as it is.
func (r *Reader) Flag(name string, into *bool) {
	if v, ok := r.Values[name]; ok && (string(v) == "null" || json.Unmarshal(v, into) != nil) {
		r.Fail(InvalidValue(name, r.Resource))
	}
}

// Tick is the resolution of the real directory's times.
const Tick = 100 * time.Nanosecond
