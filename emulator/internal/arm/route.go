package arm

import (
	"net/http"
	"strings"
)

type operation = func() (*answer, error)

// methods are the operations at one path.
type methods = map[string]operation

// route finds the operation for a path and a method. It is run with the directory held.
func (c *call) route() (operation, error) {
	if at := c.extension(); at >= 0 {
		return c.routeAuthorization(c.segments[:at], c.segments[at+2:])
	}
	switch {
	case c.is("tenants"):
		return c.manager(methods{http.MethodGet: c.tenants})
	case c.is("subscriptions"):
		return c.manager(methods{http.MethodGet: c.subscriptions})
	case c.is("providers"):
		return c.manager(methods{http.MethodGet: func() (*answer, error) { return c.providers(scope{}) }})
	case begins(c.segments, "providers", "Microsoft.Management"):
		return c.routeManagementGroups(c.segments[2:])
	case c.is("providers", "*"):
		return c.manager(methods{http.MethodGet: func() (*answer, error) { return c.provider(scope{}, c.segments[1]) }})
	case begins(c.segments, "subscriptions"):
		return c.routeSubscription(c.segments[2:])
	}
	return nil, c.unknownPath()
}

// manager chooses among the operations at one of Resource Manager's own paths, whose versions are known.
func (c *call) manager(at methods) (operation, error) {
	if err := c.version.known(); err != nil {
		return nil, err
	}
	return c.byMethod(at)
}

func (c *call) routeSubscription(rest []string) (operation, error) {
	s, _ := parseScope(c.segments[:2])
	get := func(f func(scope) (*answer, error)) (operation, error) {
		return c.manager(methods{http.MethodGet: func() (*answer, error) { return f(s) }})
	}
	switch {
	case len(rest) == 0:
		return get(c.subscription)
	case begins(rest, "locations") && len(rest) == 1:
		return get(c.locations)
	case begins(rest, "resources") && len(rest) == 1:
		return get(c.resources)
	case begins(rest, "resourceGroups") && len(rest) == 1:
		return get(c.resourceGroups)
	case begins(rest, "resourceGroups") && len(rest) == 2:
		group, _ := parseScope(c.segments)
		return c.manager(methods{
			http.MethodGet:    func() (*answer, error) { return c.resourceGroup(group) },
			http.MethodPut:    func() (*answer, error) { return c.putResourceGroup(group) },
			http.MethodPatch:  func() (*answer, error) { return c.patchResourceGroup(group) },
			http.MethodDelete: func() (*answer, error) { return c.deleteResourceGroup(group) },
		})
	case begins(rest, "resourceGroups") && len(rest) == 3 && strings.EqualFold(rest[2], "resources"):
		group, _ := parseScope(c.segments[:4])
		return c.manager(methods{http.MethodGet: func() (*answer, error) { return c.resources(group) }})
	case begins(rest, "operationresults") && len(rest) == 2:
		return get(c.operationResult)
	case begins(rest, "providers") && len(rest) == 1:
		return get(c.providers)
	case begins(rest, "providers") && len(rest) == 2:
		return get(func(s scope) (*answer, error) { return c.provider(s, rest[1]) })
	case begins(rest, "providers") && len(rest) == 3 && (strings.EqualFold(rest[2], "register") || strings.EqualFold(rest[2], "unregister")):
		return c.manager(methods{http.MethodPost: func() (*answer, error) { return c.register(s, rest[1], strings.ToLower(rest[2])) }})
	}
	return c.unknownResource, nil
}

// unknownResource answers for resources, of which the emulated cloud has none.
func (c *call) unknownResource() (*answer, error) {
	s, isScope := parseScope(c.segments)
	if !isScope || len(c.segments) < 6 {
		if head, fits := parseScope(c.segments[:min(2, len(c.segments))]); fits {
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

// byMethod chooses the operation of the request's method.
func (c *call) byMethod(operations methods) (operation, error) {
	if f, found := operations[c.method]; found {
		return f, nil
	}
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPatch, http.MethodPost, http.MethodDelete} {
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
