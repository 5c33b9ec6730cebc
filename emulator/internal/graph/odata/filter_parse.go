package odata

import (
	"strconv"
	"strings"
	"time"
)

const (
	maxFilterDepth = 50
	maxFilterNodes = 300 // comparisons in one filter
)

// parser is a recursive-descent parser of the part of OData's filter language that the directory takes:
// or, and, not, eq, ne, gt, ge, lt, le, in, startswith(), endswith() and x/any(v:…).
type parser struct {
	kind     *Kind
	source   string
	tokens   []filterToken
	next     int
	depth    int
	nodes    int
	variable string // of the lambda at hand
	advanced string
}

// ParseFilter parses a $filter on objects of kind k.
func ParseFilter(k *Kind, source string) (*Filter, error) {
	p := &parser{kind: k, source: source}
	if err := p.scan(); err != nil {
		return nil, err
	}
	root, err := p.or()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != endToken {
		return nil, p.syntax(t)
	}
	return &Filter{root: root, advanced: p.advanced, Bounds: boundsOf(root, k.Indexed)}, nil
}

func (p *parser) syntax(t filterToken) error {
	return Malformed("Invalid filter clause: Syntax error at position %d in '%s'.", t.at, p.source)
}

func (p *parser) peek() filterToken { return p.tokens[p.next] }

func (p *parser) take() filterToken {
	t := p.tokens[p.next]
	if t.kind != endToken {
		p.next++
	}
	return t
}

func (p *parser) word(word string) bool {
	if t := p.peek(); t.kind == wordToken && strings.EqualFold(t.text, word) {
		p.next++
		return true
	}
	return false
}

func (p *parser) sign(sign string) bool {
	if t := p.peek(); t.kind == signToken && t.text == sign {
		p.next++
		return true
	}
	return false
}

func (p *parser) expect(sign string) error {
	if !p.sign(sign) {
		return p.syntax(p.peek())
	}
	return nil
}

func (p *parser) or() (node, error) {
	left, err := p.and()
	for err == nil && p.word("or") {
		var right node
		right, err = p.and()
		left = either{left, right}
	}
	return left, err
}

func (p *parser) and() (node, error) {
	left, err := p.unary()
	for err == nil && p.word("and") {
		var right node
		right, err = p.unary()
		left = both{left, right}
	}
	return left, err
}

func (p *parser) unary() (node, error) {
	if p.depth++; p.depth > maxFilterDepth {
		return nil, Malformed("Invalid filter clause: The filter expression is nested too deeply.")
	}
	defer func() { p.depth-- }()
	switch {
	case p.word("not"):
		p.advanced = "not"
		inner, err := p.unary()
		return negate{inner}, err
	case p.sign("("):
		inner, err := p.or()
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	}
	return p.predicate()
}

func (p *parser) predicate() (node, error) {
	if p.nodes++; p.nodes > maxFilterNodes {
		return nil, Unsupported("Too many child clauses specified in search filter expression.")
	}
	t := p.take()
	if t.kind != wordToken {
		return nil, p.syntax(t)
	}
	if p.sign("(") {
		name := strings.ToLower(t.text)
		switch {
		case name == "startswith" || name == "endswith":
			return p.function(name)
		case strings.HasSuffix(name, "/any"):
			return p.any(t)
		case name == "contains" || strings.HasSuffix(name, "/all"):
			return nil, Unsupported("Unsupported Query.")
		}
		return nil, Malformed("Invalid filter clause: An unknown function with name '%s' was found.", t.text)
	}
	path, prop, err := p.path(t)
	if err != nil {
		return nil, err
	}
	op := strings.ToLower(p.peek().text)
	switch op {
	case "eq", "ne", "gt", "ge", "lt", "le":
		p.take()
		if op == "ne" {
			p.advanced = "ne"
		}
		literal, err := p.literal(path, prop)
		return comparison{path, op, literal}, err
	case "in":
		p.take()
		return p.in(path, prop)
	}
	if prop != nil && prop.Form == Flag && len(path) == 1 {
		return comparison{path, "eq", true}, nil // a bare boolean property stands for its being true
	}
	return nil, p.syntax(p.peek())
}

func (p *parser) function(name string) (node, error) {
	t := p.take()
	if t.kind != wordToken {
		return nil, p.syntax(t)
	}
	path, _, err := p.path(t)
	if err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	with := p.take()
	if with.kind != textToken {
		return nil, p.syntax(with)
	}
	if name == "endswith" {
		p.advanced = "endsWith"
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	if p.word("eq") && !p.word("true") {
		return nil, p.syntax(p.peek())
	}
	return textual{path, name, with.text}, nil
}

func (p *parser) any(t filterToken) (node, error) {
	if p.variable != "" {
		return nil, Unsupported("Unsupported Query.")
	}
	collection := t
	collection.text = t.text[:len(t.text)-len("/any")]
	path, prop, err := p.path(collection)
	if err != nil {
		return nil, err
	}
	if prop != nil && len(path) == 1 && (prop.Form == Text || prop.Form == Flag || prop.Form == GUID) {
		return nil, Malformed("Invalid filter clause: Any/All may only be used following a collection.")
	}
	if p.sign(")") {
		return some{path: path}, nil
	}
	variable := p.take()
	if variable.kind != wordToken || strings.Contains(variable.text, "/") {
		return nil, p.syntax(variable)
	}
	if err := p.expect(":"); err != nil {
		return nil, err
	}
	p.variable = variable.text
	inner, err := p.or()
	p.variable = ""
	if err != nil {
		return nil, err
	}
	return some{path, variable.text, inner}, p.expect(")")
}

func (p *parser) in(path []string, prop *Property) (node, error) {
	n := oneOf{path: path}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	for {
		literal, err := p.literal(path, prop)
		if err != nil {
			return nil, err
		}
		if p.nodes++; p.nodes > maxFilterNodes {
			return nil, Unsupported("Too many child clauses specified in search filter expression.")
		}
		n.literals = append(n.literals, literal)
		if !p.sign(",") {
			return n, p.expect(")")
		}
	}
}

// path resolves a property path. prop is nil for the element of a lambda and for undeclared properties of open types.
func (p *parser) path(t filterToken) (path []string, prop *Property, err error) {
	path = strings.Split(t.text, "/")
	for _, name := range path {
		if name == "" || strings.HasPrefix(name, "$") {
			return nil, nil, p.syntax(t)
		}
	}
	if p.variable != "" && path[0] == p.variable {
		return path, nil, nil
	}
	prop, ok := p.kind.Find(path[0])
	switch {
	case ok:
		path[0] = prop.Name
	case !p.kind.Open:
		return nil, nil, Malformed("Invalid filter clause: Could not find a property named '%s' on type '%s'.", path[0], p.kind.Type)
	}
	return path, prop, nil
}

func (p *parser) literal(path []string, prop *Property) (any, error) {
	t := p.take()
	if t.kind == textToken {
		if prop != nil && prop.Form == Flag && len(path) == 1 {
			return nil, p.incompatible("Edm.Boolean", "Edm.String")
		}
		return t.text, nil
	}
	if t.kind != wordToken {
		return nil, p.syntax(t)
	}
	v, edm, ok := word(t.text)
	if !ok {
		return nil, p.syntax(t)
	}
	if prop != nil && len(path) == 1 && v != nil {
		_, date := v.(time.Time)
		if date != strings.HasSuffix(prop.Name, "DateTime") || prop.Form == Text {
			return nil, p.incompatible("Edm.String", edm)
		}
	}
	return v, nil
}

func (p *parser) incompatible(left, right string) error {
	return Malformed("Invalid filter clause: A binary operator with incompatible types was detected. Found operand types '%s' and '%s' for operator kind 'Equal'.", left, right)
}

// word reads a literal without quotes: null, true, false, a number, a date or a guid.
func word(s string) (v any, edm string, ok bool) {
	switch strings.ToLower(s) {
	case "null":
		return nil, "", true
	case "true", "false":
		return strings.EqualFold(s, "true"), "Edm.Boolean", true
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, "Edm.DateTimeOffset", true
	}
	if id, err := ObjectID(s); err == nil {
		return id, "Edm.Guid", true
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && (s[0] == '-' || s[0] >= '0' && s[0] <= '9') {
		return f, "Edm.Int32", true
	}
	return nil, "", false
}
