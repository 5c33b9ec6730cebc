package arm

import (
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// right is one role that a principal holds, itself or through a group.
type right struct {
	scope string // key
	role  *directory.RoleDefinition
}

// rightsOf are the rights of a principal as a replica sees them, oldest assignment first for each principal.
func (c *call) rightsOf(objectID string) []right {
	var rights []right
	for _, principal := range c.principals(objectID) {
		for _, a := range c.Directory.RoleAssignments.EachSeen(principal) {
			if role, found := c.Directory.RoleDefinitions.Seen(strings.ToLower(a.RoleID)); found {
				rights = append(rights, right{keyOf(a.Scope), role})
			}
		}
	}
	return rights
}

// principals are the object itself and the groups that it is in, also through other groups.
func (c *call) principals(objectID string) []string {
	ids := []string{strings.ToLower(objectID)}
	for i := 0; i < len(ids); i++ {
		for id := range c.Directory.Groups.EachSeen(directory.ByMember(ids[i])) {
			if id = strings.ToLower(id); !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// may says whether the caller's roles at the scope and above it allow the action.
func (c *call) may(action string, s scope) bool {
	above := c.above(s)
	return slices.ContainsFunc(c.held, func(r right) bool { return above[r.scope] && r.allows(action) })
}

// allows judges each element by itself: its notActions take away from its own actions only (Azure role-based access
// control, role definitions).
func (r right) allows(action string) bool {
	action = strings.ToLower(action)
	return slices.ContainsFunc(r.role.Permissions, func(p directory.Permission) bool {
		return anyMatch(p.Actions, action) && !anyMatch(p.NotActions, action)
	})
}

func anyMatch(patterns []string, action string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(strings.ToLower(p), action) })
}

// matches compares with a pattern in which * stands for any run of characters. When the text after a star does not fit,
// only the last star has to take more: what the earlier ones took is as short as can be.
func matches(pattern, text string) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// sees says whether the caller has some role at the subscription, above it or within it.
func (c *call) sees(s scope) bool {
	above := c.above(s)
	return slices.ContainsFunc(c.held, func(r right) bool { return above[r.scope] || s.below(r.scope) })
}
