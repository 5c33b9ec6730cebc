package arm

import (
	"net/http"
	"strings"
)

// term is one part of a $filter: name(), name('value') or name eq 'value'. Parts are joined with "and".
type term struct {
	name  string // lower case
	call  bool
	value string
}

// parseFilter reads a $filter; an empty one has no terms.
func parseFilter(text string) ([]term, bool) {
	var terms []term
	rest := strings.TrimSpace(text)
	for rest != "" {
		if len(terms) > 0 {
			next, joined := cutWord(strings.TrimSpace(rest), "and")
			if !joined || rest[0] != ' ' {
				return nil, false
			}
			rest = next
		}
		t, after, fits := parseTerm(rest)
		if !fits {
			return nil, false
		}
		if terms, rest = append(terms, t), after; strings.TrimSpace(rest) == "" {
			break
		}
	}
	return terms, true
}

func parseTerm(text string) (t term, rest string, fits bool) {
	end := strings.IndexFunc(text, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
	if end <= 0 {
		return term{}, "", false
	}
	t.name, rest = strings.ToLower(text[:end]), text[end:]
	if rest[0] != '(' {
		if rest, fits = cutWord(strings.TrimSpace(rest), "eq"); !fits {
			return term{}, "", false
		}
		t.value, rest, fits = parseString(rest)
		return t, rest, fits
	}
	t.call = true
	rest = strings.TrimSpace(rest[1:])
	if strings.HasPrefix(rest, "'") {
		if t.value, rest, fits = parseString(rest); !fits {
			return term{}, "", false
		}
	}
	rest, fits = strings.CutPrefix(strings.TrimSpace(rest), ")")
	return t, rest, fits
}

// cutWord takes a word and the blanks after it off the front.
func cutWord(text, word string) (rest string, found bool) {
	if len(text) <= len(word) || !strings.EqualFold(text[:len(word)], word) || text[len(word)] != ' ' {
		return "", false
	}
	return strings.TrimSpace(text[len(word):]), true
}

// parseString reads a quoted text; a quote in it is doubled (OData, string literals).
func parseString(text string) (value, rest string, fits bool) {
	text, fits = strings.CutPrefix(text, "'")
	if !fits {
		return "", "", false
	}
	var b strings.Builder
	for {
		before, after, closed := strings.Cut(text, "'")
		b.WriteString(before)
		if !closed {
			return "", "", false
		}
		if !strings.HasPrefix(after, "'") {
			return b.String(), after, true
		}
		b.WriteByte('\'')
		text = after[1:]
	}
}

// assignmentFilter is a $filter of role assignments: atScope(), principalId eq, assignedTo(), or atScope() with
// assignedTo() (Azure role-based access control, list role assignments using the REST API).
type assignmentFilter struct {
	atScope    bool
	principal  string
	assignedTo string
}

const assignmentFilters = "'atScope()' or 'principalId eq '{value}' or assignedTo('{value}')'"

func parseAssignmentFilter(text string) (assignmentFilter, error) {
	var f assignmentFilter
	terms, fits := parseFilter(text)
	for _, t := range terms {
		switch {
		case t.name == "atscope" && t.call && t.value == "" && !f.atScope:
			f.atScope = true
			continue
		case t.name == "principalid" && !t.call && f.principal == "":
			f.principal = t.value
		case t.name == "assignedto" && t.call && f.assignedTo == "":
			f.assignedTo = t.value
		default:
			return f, unsupportedFilter(text, assignmentFilters)
		}
		if !isGUID(t.value) {
			return f, authorization(http.StatusBadRequest, "InvalidPrincipalId", "The Principal ID '%s' is not valid. Principal ID must be a GUID.", t.value)
		}
	}
	if !fits || f.principal != "" && (f.atScope || f.assignedTo != "") {
		return f, unsupportedFilter(text, assignmentFilters)
	}
	return f, nil
}

// definitionFilter is a $filter of role definitions: roleName eq, type eq and atScopeAndBelow(), also together.
type definitionFilter struct {
	name, kind string
	below      bool
}

func parseDefinitionFilter(text string) (definitionFilter, error) {
	var f definitionFilter
	terms, fits := parseFilter(text)
	for _, t := range terms {
		switch {
		case t.name == "rolename" && !t.call && f.name == "":
			f.name = t.value
		case t.name == "type" && !t.call && f.kind == "":
			f.kind = t.value
		case t.name == "atscopeandbelow" && t.call && t.value == "":
			f.below = true
		default:
			fits = false
		}
	}
	if !fits {
		return f, unsupportedFilter(text, "'atScopeAndBelow()' or 'roleName eq '{value}' or 'type eq '{value}'")
	}
	return f, nil
}

func unsupportedFilter(text, supported string) error {
	return authorization(http.StatusBadRequest, "UnsupportedQuery", "The filter '%s' is not supported. Supported filters are either %s.", text, supported)
}
