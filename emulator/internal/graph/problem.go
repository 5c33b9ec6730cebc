package graph

import (
	"fmt"
	"net/http"
)

// problem is an answer that says why a request failed (Microsoft Graph, error responses and resource types).
type problem struct {
	status        int
	code, message string
	target        string // of the one entry of details; empty: no details
	challenge     bool   // with www-authenticate
}

func (p *problem) Error() string { return p.code + ": " + p.message }

func unauthenticated(message string) error {
	return &problem{status: http.StatusUnauthorized, code: "InvalidAuthenticationToken", message: message, challenge: true}
}

func forbidden() error {
	return &problem{status: http.StatusForbidden, code: "Authorization_RequestDenied", message: "Insufficient privileges to complete the operation."}
}

func notFound(id string) error {
	return &problem{
		status: http.StatusNotFound, code: "Request_ResourceNotFound",
		message: fmt.Sprintf("Resource '%s' does not exist or one of its queried reference-property objects are not present.", id),
	}
}

// refused is a 400 that the directory itself decided.
func refused(format string, args ...any) error {
	return &problem{status: http.StatusBadRequest, code: "Request_BadRequest", message: fmt.Sprintf(format, args...)}
}

// malformed is a 400 of the protocol layer before the directory.
func malformed(format string, args ...any) error {
	return &problem{status: http.StatusBadRequest, code: "BadRequest", message: fmt.Sprintf(format, args...)}
}

func unsupported(format string, args ...any) error {
	return &problem{status: http.StatusBadRequest, code: "Request_UnsupportedQuery", message: fmt.Sprintf(format, args...)}
}

func conflict(format string, args ...any) error {
	return &problem{status: http.StatusConflict, code: "Request_MultipleObjectsWithSameKeyValue", message: fmt.Sprintf(format, args...)}
}

func invalidValue(property, resource string) error {
	return &problem{
		status: http.StatusBadRequest, code: "Request_BadRequest", target: property,
		message: fmt.Sprintf("Invalid value specified for property '%s' of resource '%s'.", property, resource),
	}
}

func required(property, resource string) error {
	return &problem{
		status: http.StatusBadRequest, code: "Request_BadRequest", target: property,
		message: fmt.Sprintf("A value is required for property '%s' of resource '%s'.", property, resource),
	}
}

func noSegment(name string) error { return malformed("Resource not found for the segment '%s'.", name) }

func wrongMethod() error {
	return &problem{status: http.StatusMethodNotAllowed, code: "Request_BadRequest", message: "Specified HTTP method is not allowed for the request target."}
}

func noProperty(name, odataType string) error {
	return malformed("The property '%s' does not exist on type '%s'. Make sure to only use property names that are defined by the type.", name, odataType)
}

// tooLarge is the limit of all values of one directory object (Microsoft Entra service limits: about 1,200 items).
func tooLarge() error {
	return &problem{
		status: http.StatusForbidden, code: "Directory_QuotaExceeded",
		message: "The size of the object has exceeded its limit. Please reduce the number of values and retry your request.",
	}
}
