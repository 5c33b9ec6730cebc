package arm

import (
	"net/http"
	"strings"
)

type operation = func() (*answer, error)

// route finds the operation for a path and a method. It is run with the directory held.
func (c *call) route() (operation, error) {
	if at := c.extension(); at >= 0 {
		return c.routeAuthorization(c.segments[:at], c.segments[at+2:])
	}
	switch {
	case c.is("tenants"):
		return c.readOnly(c.tenants)
	case c.is("subscriptions"):
		return c.readOnly(c.subscriptions)
	case c.is("providers"):
		return c.readOnly(func() (*answer, error) { return c.providers(scope{}) })
	case begins(c.segments, "providers", "Microsoft.Management"):
		return c.routeManagementGroups(c.segments[2:])
	case c.is("providers", "*"):
		return c.readOnly(func() (*answer, error) { return c.provider(scope{}, c.segments[1]) })
	case begins(c.segments, "subscriptions"):
		return c.routeSubscription(c.segments[2:])
	}
	return nil, c.unknownPath()
}

func (c *call) routeSubscription(rest []string) (operation, error) {
	s, _ := parseScope(c.segments[:2])
	switch {
	case len(rest) == 0:
		return c.readOnly(func() (*answer, error) { return c.subscription(s) })
	case begins(rest, "resourceGroups") && len(rest) == 1:
		return c.readOnly(func() (*answer, error) { return c.resourceGroups(s) })
	case begins(rest, "resourceGroups") && len(rest) == 2:
		group, _ := parseScope(c.segments)
		return c.byMethod(map[string]operation{
			http.MethodGet:    func() (*answer, error) { return c.resourceGroup(group) },
			http.MethodPut:    func() (*answer, error) { return c.putResourceGroup(group) },
			http.MethodDelete: func() (*answer, error) { return c.deleteResourceGroup(group) },
		})
	case begins(rest, "operationresults") && len(rest) == 2:
		return c.readOnly(func() (*answer, error) { return c.operationResult(s) })
	case begins(rest, "providers") && len(rest) == 1:
		return c.readOnly(func() (*answer, error) { return c.providers(s) })
	case begins(rest, "providers") && len(rest) == 2:
		return c.readOnly(func() (*answer, error) { return c.provider(s, rest[1]) })
	}
	return c.unknownResource, nil
}

// unknownResource answers for resources, of which the emulated cloud has none.
func (c *call) unknownResource() (*answer, error) {
	s, isScope := parseScope(c.segments)
	if !isScope || len(c.segments) < 6 {
		if head, fits := parseScope(c.segments[:2]); fits {
			if err := c.known(head); err != nil {
				return nil, err
			}
		}
		return nil, c.unknownPath()
	}
	last := len(c.segments) - 1
	for !strings.EqualFold(c.segments[last], "providers") {
		last--
	}
	typed := c.segments[last+1:] // namespace, type, name, …
	var kind strings.Builder
	kind.WriteString(typed[0])
	for i := 1; i < len(typed); i += 2 {
		kind.WriteString("/" + typed[i])
	}
	verb := map[string]string{http.MethodGet: "/read", http.MethodDelete: "/delete", http.MethodPost: "/action"}[c.method]
	if verb == "" {
		verb = "/write"
	}
	if err := c.enter(s, kind.String()+verb, s.String()); err != nil {
		return nil, err
	}
	group := s.group
	if group == "" {
		group = "<null>" // as Azure writes it
	}
	return nil, gateway(http.StatusNotFound, "ResourceNotFound",
		"The Resource '%s/%s' under resource group '%s' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
		kind.String(), typed[len(typed)-1], group)
}

func (c *call) unknownPath() *problem {
	for i, segment := range c.segments {
		if strings.EqualFold(segment, "providers") && i+1 < len(c.segments) {
			return c.invalidResourceType(c.segments[i+1])
		}
	}
	return gateway(http.StatusNotFound, "NotFound", "The requested path is not served: '%s'.", join(c.segments))
}

// extension is where the last providers/Microsoft.Authorization begins; -1: nowhere.
func (c *call) extension() int {
	for i := len(c.segments) - 3; i >= 0; i-- {
		if begins(c.segments[i:], "providers", "Microsoft.Authorization") {
			return i
		}
	}
	return -1
}

func (c *call) routeAuthorization(scoped, rest []string) (operation, error) {
	s, isScope := parseScope(scoped)
	if !isScope {
		return nil, c.unknownPath()
	}
	switch kind := strings.ToLower(rest[0]); {
	case kind == "permissions" && len(rest) == 1:
		return c.readOnly(func() (*answer, error) { return c.permissions(s) })
	case kind == "roledefinitions" && len(rest) == 1:
		return c.readOnly(func() (*answer, error) { return c.definitions(s) })
	case kind == "roledefinitions" && len(rest) == 2:
		return c.byMethod(map[string]operation{
			http.MethodGet:    func() (*answer, error) { return c.definition(s, rest[1]) },
			http.MethodPut:    func() (*answer, error) { return c.putDefinition(s, rest[1]) },
			http.MethodDelete: func() (*answer, error) { return c.deleteDefinition(s, rest[1]) },
		})
	case kind == "roleassignments" && len(rest) == 1:
		return c.readOnly(func() (*answer, error) { return c.assignments(s) })
	case kind == "roleassignments" && len(rest) == 2:
		return c.byMethod(map[string]operation{
			http.MethodGet:    func() (*answer, error) { return c.assignment(s, rest[1]) },
			http.MethodPut:    func() (*answer, error) { return c.putAssignment(s, rest[1]) },
			http.MethodDelete: func() (*answer, error) { return c.deleteAssignment(s, rest[1]) },
		})
	}
	return nil, c.invalidResourceType("Microsoft.Authorization")
}

func (c *call) readOnly(f operation) (operation, error) {
	return c.byMethod(map[string]operation{http.MethodGet: f})
}

func (c *call) byMethod(operations map[string]operation) (operation, error) {
	if f, found := operations[c.method]; found {
		return f, nil
	}
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		if operations[method] != nil {
			allowed = append(allowed, method)
		}
	}
	return nil, c.noMethod(allowed...)
}

// is compares the whole path; * stands for any one segment.
func (c *call) is(words ...string) bool {
	if len(c.segments) != len(words) {
		return false
	}
	for i, word := range words {
		if word != "*" && !strings.EqualFold(c.segments[i], word) {
			return false
		}
	}
	return true
}
