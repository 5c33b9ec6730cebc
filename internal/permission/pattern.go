package permission

import "strings"

// pattern is a permission with wildcards, folded to lower case.
type pattern struct {
	text  string
	parts []string // the text between the stars; a single part means there is none
}

func newPattern(text string) pattern {
	folded := fold(text)
	return pattern{folded, strings.Split(folded, "*")}
}

func newPatterns(texts []string) []pattern {
	ps := make([]pattern, len(texts))
	for i, t := range texts {
		ps[i] = newPattern(t)
	}
	return ps
}

// fold lowers the ASCII letters only, the ones permissions are made of. Folding more could make two different texts
// one, and so take for covered what is not.
func fold(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return 'A' <= r && r <= 'Z' }) {
		return s
	}
	out := []byte(s)
	for i, b := range out {
		if 'A' <= b && b <= 'Z' {
			out[i] = b + ('a' - 'A')
		}
	}
	return string(out)
}

func (p pattern) wild() bool     { return len(p.parts) > 1 }
func (p pattern) prefix() string { return p.parts[0] }
func (p pattern) suffix() string { return p.parts[len(p.parts)-1] }

// contains says whether everything that q matches, p matches too.
//
// A star of q can stand for a letter that p does not have, so only a star of p can answer for it: q's text is matched
// as it stands, stars included, and p's parts have none. This is exact, and for a q without stars it is plain matching.
func (p pattern) contains(q pattern) bool { return p.matches(q.text) }

func (p pattern) matches(text string) bool {
	if !p.wild() {
		return p.text == text
	}
	if len(text) < len(p.prefix())+len(p.suffix()) || !strings.HasPrefix(text, p.prefix()) || !strings.HasSuffix(text, p.suffix()) {
		return false
	}
	rest := text[len(p.prefix()) : len(text)-len(p.suffix())]
	for _, part := range p.parts[1 : len(p.parts)-1] {
		at := strings.Index(rest, part) // the leftmost place leaves most room for the parts that follow
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return true
}

// meets says whether some text is matched by both.
func (p pattern) meets(q pattern) bool {
	if !p.wild() {
		return q.matches(p.text)
	}
	if !q.wild() {
		return p.matches(q.text)
	}
	// Between the ends, two stars make room for whatever either asks for.
	return (strings.HasPrefix(p.prefix(), q.prefix()) || strings.HasPrefix(q.prefix(), p.prefix())) &&
		(strings.HasSuffix(p.suffix(), q.suffix()) || strings.HasSuffix(q.suffix(), p.suffix()))
}

// sample is a text that p matches, and that few other patterns do by accident.
func (p pattern) sample() string { return strings.Join(p.parts, "\x00") }

func anyContains(ps []pattern, q pattern) bool {
	for _, p := range ps {
		if p.contains(q) {
			return true
		}
	}
	return false
}

func anyMatches(ps []pattern, text string) bool {
	for _, p := range ps {
		if p.matches(text) {
			return true
		}
	}
	return false
}
