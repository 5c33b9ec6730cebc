package odata

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Segment is one part of a path: a name, perhaps with a key: applications(appId='…'), users('name@domain').
type Segment struct {
	Name     string
	KeyName  string // appId; empty for an unnamed key
	Key      string
	HasKey   bool
	Original string
}

// Is says whether a segment is a name, without a key, in any letter case.
func (s Segment) Is(name string) bool { return !s.HasKey && strings.EqualFold(s.Name, name) }

// maxSegments bounds a path; the longest that Graph takes here has seven.
const maxSegments = 16

// ParsePath splits an escaped path into its version and segments. A key that is given as the next segment
// (applications/{id}) stays a segment of its own; route decides which it is.
func ParsePath(escaped string) (version string, path []Segment, err error) {
	for part := range strings.SplitSeq(escaped, "/") {
		if part == "" {
			continue
		}
		text, err := url.PathUnescape(part)
		if err != nil || !utf8.ValidString(text) || len(path) == maxSegments {
			return "", nil, Malformed("The request URI is not valid.")
		}
		s, ok := ParseSegment(text)
		if !ok {
			return "", nil, NoSegment(text)
		}
		path = append(path, s)
	}
	if len(path) == 0 || path[0].HasKey {
		return "", nil, Malformed("Invalid version: .")
	}
	version = strings.ToLower(path[0].Name)
	if version != "v1.0" && version != "beta" {
		return "", nil, Malformed("Invalid version: %s.", path[0].Original)
	}
	return version, path[1:], nil
}

// ParseSegment reads one unescaped part of a path; false if what is in its parentheses is no key.
func ParseSegment(text string) (Segment, bool) {
	s := Segment{Name: text, Original: text}
	open := strings.IndexByte(text, '(')
	if open <= 0 || !strings.HasSuffix(text, ")") {
		return s, true
	}
	inside := text[open+1 : len(text)-1]
	if name, rest, ok := strings.Cut(inside, "="); ok && !strings.HasPrefix(inside, "'") {
		s.KeyName, inside = strings.TrimSpace(name), strings.TrimSpace(rest)
		if s.KeyName == "" {
			return s, false
		}
	}
	if len(inside) < 2 || inside[0] != '\'' || inside[len(inside)-1] != '\'' {
		return s, false
	}
	quoted := inside[1 : len(inside)-1]
	s.Key = strings.ReplaceAll(quoted, "''", "'")
	if strings.Count(quoted, "'") != 2*strings.Count(quoted, "''") {
		return s, false
	}
	s.Name, s.HasKey = text[:open], true
	return s, true
}

// ObjectID checks and normalises an object id in a path or body.
func ObjectID(text string) (string, error) {
	if len(text) == 36 {
		if id, err := uuid.Parse(text); err == nil {
			return id.String(), nil
		}
	}
	return "", Refused("Invalid object identifier '%s'.", text)
}
