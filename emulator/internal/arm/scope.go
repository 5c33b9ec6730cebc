package arm

import (
	"strings"

	"github.com/google/uuid"
)

// scope is a place in Azure's tree: the root, a management group, a subscription, a resource group or a resource.
type scope struct {
	path            string // as the request wrote it, without a slash at the end; "" is the root
	subscription    string // id as written; empty above subscriptions
	group           string // resource group's name as written
	managementGroup string
}

// parseScope reads the segments of a path up to an extension like Microsoft.Authorization.
func parseScope(segments []string) (scope, bool) {
	s := scope{path: join(segments)}
	rest := segments
	switch {
	case len(rest) == 0:
		return s, true
	case begins(rest, "providers", "Microsoft.Management", "managementGroups") && len(rest) == 4:
		s.managementGroup = rest[3]
		return s, true
	case !begins(rest, "subscriptions") || len(rest) < 2:
		return scope{}, false
	}
	s.subscription, rest = rest[1], rest[2:]
	if begins(rest, "resourceGroups") && len(rest) >= 2 {
		s.group, rest = rest[1], rest[2:]
	}
	// providers/{namespace}/{type}/{name}, with further types and names, and perhaps extensions of the same form.
	for len(rest) > 0 {
		if !begins(rest, "providers") || len(rest) < 4 {
			return scope{}, false
		}
		rest = rest[2:]
		for len(rest) > 0 && !begins(rest, "providers") {
			if len(rest) < 2 {
				return scope{}, false
			}
			rest = rest[2:]
		}
	}
	return s, true
}

// begins says whether the segments begin with those words, whatever their case.
func begins(segments []string, words ...string) bool {
	if len(segments) < len(words) {
		return false
	}
	for i, word := range words {
		if !strings.EqualFold(segments[i], word) {
			return false
		}
	}
	return true
}

func join(segments []string) string {
	if len(segments) == 0 {
		return ""
	}
	return "/" + strings.Join(segments, "/")
}

// String is the scope as answers write it.
func (s scope) String() string {
	if s.path == "" {
		return "/"
	}
	return s.path
}

// at is the id of an object of Microsoft.Authorization that hangs on the scope.
func (s scope) at(kind, name string) string {
	return s.path + "/providers/Microsoft.Authorization/" + kind + "/" + name
}

// definitionID is how an answer for the scope writes a role: with the subscription asked about, also for what hangs
// deeper, and without one above subscriptions (recorded 2020 to 2025).
func (s scope) definitionID(role string) string {
	prefix := ""
	if s.subscription != "" {
		prefix = "/subscriptions/" + s.subscription
	}
	return prefix + "/providers/Microsoft.Authorization/roleDefinitions/" + role
}

// isGUID takes the form with dashes only.
func isGUID(text string) bool { return len(text) == 36 && uuid.Validate(text) == nil }

func (s scope) key() string { return strings.ToLower(s.path) }

// above are the keys of the scope and of all that it inherits from: the scopes in its path, the management groups of
// its subscription, the root. Prefixes of the path that are no scope do no harm: nothing is assigned there.
func (c *call) above(s scope) map[string]bool {
	keys := map[string]bool{"": true}
	path := s.key()
	for path != "" {
		keys[path] = true
		path = path[:strings.LastIndexByte(path, '/')]
	}
	group := strings.ToLower(s.managementGroup)
	if s.subscription != "" {
		if sub, found := c.Directory.Subscriptions.Seen(strings.ToLower(s.subscription)); found {
			group = strings.ToLower(sub.Parent)
		}
	}
	for group != "" {
		key := "/providers/microsoft.management/managementgroups/" + group
		if keys[key] && group != strings.ToLower(s.managementGroup) {
			break // a ring of parents
		}
		keys[key] = true
		g, found := c.managementGroup(group)
		if !found {
			break
		}
		group = strings.ToLower(g.Parent)
	}
	return keys
}

// below says whether a key is of a scope under this one. Management groups do not list what is in their subscriptions.
func (s scope) below(key string) bool {
	return s.subscription != "" && strings.HasPrefix(key, s.key()+"/")
}

// keyOf is the key of a scope as it is stored.
func keyOf(path string) string { return strings.ToLower(strings.TrimRight(path, "/")) }

// known checks the subscription of a scope, which comes before all rights.
func (c *call) known(s scope) error {
	if s.subscription == "" {
		return nil
	}
	if !isGUID(s.subscription) {
		return invalidSubscription(s.subscription)
	}
	if _, found := c.Directory.Subscriptions.Seen(strings.ToLower(s.subscription)); !found {
		return subscriptionNotFound(s.subscription)
	}
	return nil
}

// enter checks that the subscription is there, that the caller may do the action, and that the resource group is there,
// in this order. over is what the text names when the caller may not.
func (c *call) enter(s scope, action, over string) error {
	if err := c.known(s); err != nil {
		return err
	}
	if !c.may(action, s) {
		return c.authorizationFailed(action, over)
	}
	if s.group == "" {
		return nil
	}
	if _, found := c.Directory.ResourceGroups.Seen(groupKey(s.subscription, s.group)); !found {
		return resourceGroupNotFound(s.group)
	}
	return nil
}
