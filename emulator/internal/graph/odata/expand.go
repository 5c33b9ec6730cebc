package odata

import "strings"

// Expansion is a parsed $expand: one relationship, perhaps with the properties of its objects that are wanted.
type Expansion struct {
	Name     string
	Selected []string
}

// ParseExpand reads owners or owners($select=id,displayName). Directory objects expand one relationship at a time.
func ParseExpand(text string) (Expansion, error) {
	name, inside, nested := strings.Cut(text, "(")
	e := Expansion{Name: strings.TrimSpace(name)}
	if !nested {
		return e, nil
	}
	inside, closed := strings.CutSuffix(strings.TrimSpace(inside), ")")
	list, ok := cutPrefixFold(strings.TrimSpace(inside), "$select=")
	if !closed || !ok || strings.ContainsAny(list, "();") {
		return e, Malformed("Parsing OData Select and Expand failed: Term '%s' is not valid in a $select or $expand expression.", text)
	}
	for n := range strings.SplitSeq(list, ",") {
		e.Selected = append(e.Selected, strings.TrimSpace(n))
	}
	return e, nil
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
