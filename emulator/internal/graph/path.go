package graph

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// segment is one part of a path: a name, perhaps with a key: applications(appId='…'), users('name@domain').
type segment struct {
	name     string
	keyName  string // appId; empty for an unnamed key
	key      string
	hasKey   bool
	original string
}

func (s segment) is(name string) bool { return !s.hasKey && strings.EqualFold(s.name, name) }

// maxSegments bounds a path; the longest that Graph takes here has seven.
const maxSegments = 16

// parsePath splits an escaped path into its version and segments. A key that is given as the next segment
// (applications/{id}) stays a segment of its own; route decides which it is.
func parsePath(escaped string) (version string, path []segment, err error) {
	for part := range strings.SplitSeq(escaped, "/") {
		if part == "" {
			continue
		}
		text, err := url.PathUnescape(part)
		if err != nil || !utf8.ValidString(text) || len(path) == maxSegments {
			return "", nil, malformed("The request URI is not valid.")
		}
		s, ok := parseSegment(text)
		if !ok {
			return "", nil, noSegment(text)
		}
		path = append(path, s)
	}
	if len(path) == 0 || path[0].hasKey {
		return "", nil, malformed("Invalid version: .")
	}
	version = strings.ToLower(path[0].name)
	if version != "v1.0" && version != "beta" {
		return "", nil, malformed("Invalid version: %s.", path[0].original)
	}
	return version, path[1:], nil
}

func parseSegment(text string) (segment, bool) {
	s := segment{name: text, original: text}
	open := strings.IndexByte(text, '(')
	if open <= 0 || !strings.HasSuffix(text, ")") {
		return s, true
	}
	inside := text[open+1 : len(text)-1]
	if name, rest, ok := strings.Cut(inside, "="); ok && !strings.HasPrefix(inside, "'") {
		s.keyName, inside = strings.TrimSpace(name), strings.TrimSpace(rest)
		if s.keyName == "" {
			return s, false
		}
	}
	if len(inside) < 2 || inside[0] != '\'' || inside[len(inside)-1] != '\'' {
		return s, false
	}
	quoted := inside[1 : len(inside)-1]
	s.key = strings.ReplaceAll(quoted, "''", "'")
	if strings.Count(quoted, "'") != 2*strings.Count(quoted, "''") {
		return s, false
	}
	s.name, s.hasKey = text[:open], true
	return s, true
}

// objectID checks and normalises an object id in a path or body.
func objectID(text string) (string, error) {
	if len(text) == 36 {
		if id, err := uuid.Parse(text); err == nil {
			return id.String(), nil
		}
	}
	return "", refused("Invalid object identifier '%s'.", text)
}
