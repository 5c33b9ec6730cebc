package control

import (
	"regexp"
	"strings"
)

// pattern is a rule's path. It is matched against the path without its query, without regard to case.
//
// Usually it is a glob, in which * stands for any characters, slashes too:
//   - one that begins with / must match the path's end from the start of a segment, or all of it:
//     /v1.0/applications/*/addPassword, /oauth2/v2.0/token, /addPassword;
//   - another may be anywhere in the path: addPassword, roleAssignments.
//
// It is a regular expression (RE2), which may match anywhere, if it begins with ^ or ends with $, or has .* or .+ or one
// of [ \ | in it: ^/v1.0/(applications|servicePrincipals)/[^/]+$.
type pattern struct{ re *regexp.Regexp }

func newPattern(text string) (*pattern, error) {
	if text == "" || text == "*" {
		return &pattern{}, nil
	}
	expression := text
	if !isExpression(text) {
		expression = strings.ReplaceAll(regexp.QuoteMeta(text), `\*`, `.*`)
		if strings.HasPrefix(text, "/") {
			expression += "/?$"
		}
	}
	re, err := regexp.Compile("(?is:" + expression + ")")
	if err != nil {
		return nil, err
	}
	return &pattern{re}, nil
}

func isExpression(text string) bool {
	return strings.HasPrefix(text, "^") || strings.HasSuffix(text, "$") || strings.ContainsAny(text, `[\|`) ||
		strings.Contains(text, ".*") || strings.Contains(text, ".+")
}

func (p *pattern) match(path string) bool { return p.re == nil || p.re.MatchString(path) }
