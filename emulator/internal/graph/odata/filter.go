package odata

import (
	"strings"
	"time"
)

// Filter is a parsed $filter.
type Filter struct {
	root     node
	advanced string  // the operator that needs the advanced query header, if any
	Bounds   []Bound // what the index must be asked for; nil: nothing
}

// Matches says whether an object matches, whose properties value returns.
func (f *Filter) Matches(value func(name string) any) bool { return f.root.match(scope{value: value}) }

// scope is where the properties of an expression are looked up: the object, and in a lambda the element at hand.
type scope struct {
	value    func(name string) any // a property of the object
	variable string
	element  any
}

// node is one part of an expression.
type node interface{ match(s scope) bool }

type (
	both   struct{ left, right node }
	either struct{ left, right node }
	negate struct{ inner node }
	// comparison is path op literal, op one of eq ne gt ge lt le.
	comparison struct {
		path    []string
		op      string
		literal any
	}
	oneOf struct {
		path     []string
		literals []any
	}
	textual struct {
		path []string
		fn   string // startswith or endswith
		with string
	}
	some struct {
		path     []string
		variable string
		inner    node // nil: any element will do
	}
)

func (n both) match(s scope) bool   { return n.left.match(s) && n.right.match(s) }
func (n either) match(s scope) bool { return n.left.match(s) || n.right.match(s) }
func (n negate) match(s scope) bool { return !n.inner.match(s) }

func (n comparison) match(s scope) bool {
	have := s.lookup(n.path)
	switch n.op {
	case "eq":
		return equal(have, n.literal)
	case "ne":
		return !equal(have, n.literal)
	}
	order, ok := compare(have, n.literal)
	if !ok {
		return false
	}
	switch n.op {
	case "gt":
		return order > 0
	case "ge":
		return order >= 0
	case "lt":
		return order < 0
	default:
		return order <= 0
	}
}

func (n oneOf) match(s scope) bool {
	have := s.lookup(n.path)
	for _, l := range n.literals {
		if equal(have, l) {
			return true
		}
	}
	return false
}

func (n textual) match(s scope) bool {
	have, ok := s.lookup(n.path).(string)
	if !ok {
		return false
	}
	have, want := strings.ToLower(have), strings.ToLower(n.with)
	if n.fn == "startswith" {
		return strings.HasPrefix(have, want)
	}
	return strings.HasSuffix(have, want)
}

func (n some) match(s scope) bool {
	list, _ := s.lookup(n.path).([]any)
	for _, e := range list {
		if n.inner == nil || n.inner.match(scope{s.value, n.variable, e}) {
			return true
		}
	}
	return false
}

// lookup returns the value at a path as decoded JSON.
func (s scope) lookup(path []string) any {
	var v any
	rest := path[1:]
	if s.variable != "" && path[0] == s.variable {
		v = s.element
	} else {
		v = PlainValue(s.value(path[0]))
	}
	for _, name := range rest {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func equal(have, want any) bool {
	if have == nil || want == nil {
		return have == want
	}
	order, ok := compare(have, want)
	return ok && order == 0
}

// compare orders two values of the same type. Texts are compared without regard to case, as the directory does; a
// date against a text is compared as dates.
func compare(have, want any) (int, bool) {
	switch w := want.(type) {
	case string:
		h, ok := have.(string)
		if !ok {
			return 0, false
		}
		return strings.Compare(strings.ToLower(h), strings.ToLower(w)), true
	case time.Time:
		h, ok := have.(string)
		if !ok {
			return 0, false
		}
		t, err := time.Parse(time.RFC3339Nano, h)
		if err != nil {
			return 0, false
		}
		return t.Compare(w), true
	case float64:
		h, ok := have.(float64)
		switch {
		case !ok:
			return 0, false
		case h < w:
			return -1, true
		case h > w:
			return 1, true
		}
		return 0, true
	case bool:
		h, ok := have.(bool)
		if !ok || h != w {
			return 1, ok
		}
		return 0, true
	}
	return 0, false
}
