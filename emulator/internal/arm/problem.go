package arm

import (
	"fmt"
	"net/http"
	"strings"
)

// problem is an answer that says why a request failed (Azure Resource Manager, error response).
type problem struct {
	status    int
	Code      string `json:"code"`
	Message   string `json:"message"`
	provider  bool   // it comes from a resource provider rather than from the gateway, which adds x-ms-failure-cause
	challenge string // www-authenticate
	allow     string
}

func (p *problem) Error() string { return p.Code + ": " + p.Message }

// gateway is a problem that Resource Manager itself sees.
func gateway(status int, code, format string, args ...any) *problem {
	return &problem{status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// authorization is a problem that the Microsoft.Authorization provider sees.
func authorization(status int, code, format string, args ...any) *problem {
	p := gateway(status, code, format, args...)
	p.provider = true
	return p
}

func (c *call) authorizationFailed(action, over string) *problem {
	return gateway(http.StatusForbidden, "AuthorizationFailed",
		"The client '%s' with object id '%s' does not have authorization to perform action '%s' over scope '%s' or the scope is invalid. If access was recently granted, please refresh your credentials.",
		c.caller.Name, c.caller.ObjectID, action, over)
}

// linkedAuthorizationFailed is for a right that is missing on a scope that the body names (Azure Resource Manager, error
// codes).
func (c *call) linkedAuthorizationFailed(action, over, linked string) *problem {
	return gateway(http.StatusForbidden, "LinkedAuthorizationFailed",
		"The client '%s' with object id '%s' has permission to perform action '%s' on scope '%s'; however, it does not have permission to perform action '%s' on the linked scope(s) '%s' or the linked scope(s) are invalid.",
		c.caller.Name, c.caller.ObjectID, action, over, action, linked)
}

func invalidSubscription(id string) *problem {
	return gateway(http.StatusBadRequest, "InvalidSubscriptionId", "The provided subscription identifier '%s' is malformed or invalid.", id)
}

func subscriptionNotFound(id string) *problem {
	return gateway(http.StatusNotFound, "SubscriptionNotFound", "The subscription '%s' could not be found.", id)
}

func resourceGroupNotFound(name string) *problem {
	return gateway(http.StatusNotFound, "ResourceGroupNotFound", "Resource group '%s' could not be found.", name)
}

func (c *call) invalidResourceType(namespace string) *problem {
	return gateway(http.StatusNotFound, "InvalidResourceType",
		"The resource type could not be found in the namespace '%s' for api version '%s'.", namespace, c.version)
}

func invalidNamespace(namespace string) *problem {
	return gateway(http.StatusNotFound, "InvalidResourceNamespace", "The resource namespace '%s' is invalid.", namespace)
}

// noMethod names the methods that there are.
func (c *call) noMethod(allowed ...string) *problem {
	p := gateway(http.StatusMethodNotAllowed, "MethodNotAllowed", "The requested resource does not support http method '%s'.", c.request.Method)
	p.allow = strings.Join(allowed, ", ")
	return p
}

// badFormat is all that the provider says of a body that it cannot make sense of.
func badFormat() *problem {
	return authorization(http.StatusBadRequest, "BadRequestFormat", "The request was incorrectly formatted.")
}

func noAssignment(name string) *problem {
	return authorization(http.StatusNotFound, "RoleAssignmentNotFound", "The role assignment '%s' is not found.", name)
}

func noDefinition(id string) *problem {
	return authorization(http.StatusNotFound, "RoleDefinitionDoesNotExist", "The specified role definition with ID '%s' does not exist.", id)
}
