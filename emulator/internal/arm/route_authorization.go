package arm

import (
	"net/http"
	"strings"
)

// extension is where the last providers/Microsoft.Authorization begins; -1: nowhere.
func (c *call) extension() int {
	for i := len(c.segments) - 3; i >= 0; i-- {
		if begins(c.segments[i:], "providers", "Microsoft.Authorization") && !c.registers(i+2) {
			return i
		}
	}
	return -1
}

// registers says whether the segment is an action on the provider itself rather than one of its types.
func (c *call) registers(at int) bool {
	last := c.segments[at]
	return at == len(c.segments)-1 && (strings.EqualFold(last, "register") || strings.EqualFold(last, "unregister"))
}

func (c *call) routeAuthorization(scoped, rest []string) (operation, error) {
	s, isScope := parseScope(scoped)
	if !isScope {
		return nil, c.unknownPath()
	}
	kind := strings.ToLower(rest[0])
	switch {
	case (kind == "roledefinitions" || kind == "roleassignments") && len(rest) <= 2:
		return c.routeRoles(s, kind, rest)
	case kind == "permissions" && len(rest) == 1:
		return c.byMethod(methods{http.MethodGet: func() (*answer, error) { return c.permissions(s) }})
	case kind == "provideroperations" && len(rest) == 1 && s.path == "":
		return c.byMethod(methods{http.MethodGet: c.allOperations})
	case kind == "provideroperations" && len(rest) == 2 && s.path == "":
		return c.byMethod(methods{http.MethodGet: func() (*answer, error) { return c.operationsOf(rest[1]) }})
	case len(rest) == 1:
		for _, name := range neverAny() {
			if strings.EqualFold(name, kind) {
				return c.byMethod(methods{http.MethodGet: func() (*answer, error) { return c.none(s, name) }})
			}
		}
	}
	return nil, c.invalidResourceType("Microsoft.Authorization")
}

func (c *call) routeRoles(s scope, kind string, rest []string) (operation, error) {
	name := map[string]string{"roledefinitions": "roleDefinitions", "roleassignments": "roleAssignments"}[kind]
	if err := c.version.of("Microsoft.Authorization", name, roleVersions()); err != nil {
		return nil, err
	}
	switch {
	case name == "roleDefinitions" && len(rest) == 1:
		return c.byMethod(methods{http.MethodGet: func() (*answer, error) { return c.definitions(s) }})
	case name == "roleDefinitions":
		return c.byMethod(methods{
			http.MethodGet:    func() (*answer, error) { return c.definition(s, rest[1]) },
			http.MethodPut:    func() (*answer, error) { return c.putDefinition(s, rest[1]) },
			http.MethodDelete: func() (*answer, error) { return c.deleteDefinition(s, rest[1]) },
		})
	case len(rest) == 1:
		return c.byMethod(methods{http.MethodGet: func() (*answer, error) { return c.assignments(s) }})
	}
	return c.byMethod(methods{
		http.MethodGet:    func() (*answer, error) { return c.assignment(s, rest[1]) },
		http.MethodPut:    func() (*answer, error) { return c.putAssignment(s, rest[1]) },
		http.MethodDelete: func() (*answer, error) { return c.deleteAssignment(s, rest[1]) },
	})
}

// neverAny are types of Microsoft.Authorization that can be listed, and of which the emulated cloud has none.
func neverAny() []string {
	return []string{
		"denyAssignments", "classicAdministrators", "locks", "policyAssignments", "policyDefinitions", "policyExemptions",
		"roleEligibilitySchedules", "roleEligibilityScheduleInstances", "roleAssignmentSchedules",
		"roleAssignmentScheduleInstances",
	}
}

func (c *call) none(s scope, kind string) (*answer, error) {
	if err := c.enter(s, "Microsoft.Authorization/"+kind+"/read", s.String()); err != nil {
		return nil, err
	}
	return list[struct{}](nil)
}
