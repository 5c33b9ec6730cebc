package odata

import "strings"

// tokenKind is what a token of a filter is.
type tokenKind int

const (
	endToken tokenKind = iota
	wordToken
	textToken // 'quoted'
	signToken // ( ) , :
)

// filterToken is one word, literal or sign of a filter, and where it stands.
type filterToken struct {
	kind tokenKind
	text string
	at   int
}

// scan takes the text of the filter apart.
func (p *parser) scan() error {
	s := p.source
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '(' || c == ')' || c == ',' || c == ':':
			p.tokens = append(p.tokens, filterToken{signToken, string(c), i})
			i++
		case c == '\'':
			text, end, ok := quoted(s, i)
			if !ok {
				return Malformed("Invalid filter clause: There is an unterminated string literal at position %d in '%s'.", len(s), s)
			}
			p.tokens = append(p.tokens, filterToken{textToken, text, i})
			i = end
		default:
			// A word that starts with a digit or a sign is a number, date or guid: those may have colons.
			number := c >= '0' && c <= '9' || c == '-'
			end := i
			for end < len(s) && (letter(s[end]) || number && (s[end] == ':' || s[end] == '+')) {
				end++
			}
			if end == i {
				return p.syntax(filterToken{at: i})
			}
			p.tokens = append(p.tokens, filterToken{wordToken, s[i:end], i})
			i = end
		}
	}
	p.tokens = append(p.tokens, filterToken{endToken, "", len(s)})
	return nil
}

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_.$/-@", c) >= 0
}

// quoted reads a literal in single quotes, where a quote is written twice.
func quoted(s string, start int) (text string, end int, ok bool) {
	var out strings.Builder
	for i := start + 1; i < len(s); i++ {
		if s[i] != '\'' {
			out.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			out.WriteByte('\'')
			i++
			continue
		}
		return out.String(), i + 1, true
	}
	return "", 0, false
}
