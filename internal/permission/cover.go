package permission

import (
	"slices"
	"strconv"
	"strings"
)

// budget bounds the steps of one question. Real roles take a handful; what takes more is reported as not covered.
const budget = 5000

// set is one side of a list of elements, ready for questions.
type set struct{ elements []element }

type element struct{ allow, except []pattern }

func newSet(grants []Grant, of side) set {
	var s set
	seen := map[string]bool{}
	for _, g := range grants {
		allow, except := of(g)
		if len(allow) == 0 {
			continue
		}
		e := element{newPatterns(allow), newPatterns(except)}
		// The same role assigned at several scopes comes several times, and once says it all.
		if len(grants) > 1 {
			key := e.key()
			if seen[key] {
				continue
			}
			seen[key] = true
		}
		s.elements = append(s.elements, e)
	}
	return s
}

// key is the same for the same element alone.
func (e element) key() string {
	var b strings.Builder
	for _, side := range [][]pattern{e.allow, e.except} {
		b.WriteString(strconv.Itoa(len(side)))
		for _, p := range side {
			b.WriteByte(' ')
			b.WriteString(strconv.Itoa(len(p.text)))
			b.WriteByte(':')
			b.WriteString(p.text)
		}
	}
	return b.String()
}

// covers says whether the elements grant all that p matches and none of without does.
func (s set) covers(p pattern, without []pattern) bool {
	q := question{set: s, without: without, left: budget, used: make([]bool, len(s.elements))}
	return q.covered(p)
}

type question struct {
	set
	without []pattern
	used    []bool // elements that the part in question is outside of
	left    int
}

// covered finds an element with an action that contains p, and then has the rest answer for each of its notActions
// that meets p. An element is left out below its own notAction, so the depth is bounded by their number.
func (q *question) covered(p pattern) bool {
	if q.left--; q.left < 0 {
		return false
	}
	if anyContains(q.without, p) {
		return true
	}
	if q.refuted(p) {
		return false
	}
	for i, e := range q.elements {
		if !q.used[i] && anyContains(e.allow, p) && q.restCovered(p, i) {
			return true
		}
	}
	return false
}

// restCovered says whether what element i takes away from p is not asked for, or is granted by the other elements.
func (q *question) restCovered(p pattern, i int) bool {
	q.used[i] = true
	defer func() { q.used[i] = false }()
	return !slices.ContainsFunc(q.elements[i].except, func(not pattern) bool {
		if !p.meets(not) {
			return false
		}
		// What both match is within each of the two, so it is enough that either is covered.
		if not.contains(p) {
			return !q.covered(p)
		}
		return !q.covered(not) && (p.contains(not) || !q.covered(p))
	})
}

// refuted looks for a plain counter-example: most of what is missing is seen at once by it.
func (q *question) refuted(p pattern) bool {
	text := p.sample()
	if anyMatches(q.without, text) {
		return false
	}
	for i, e := range q.elements {
		if !q.used[i] && anyMatches(e.allow, text) && !anyMatches(e.except, text) {
			return false
		}
	}
	return true
}
