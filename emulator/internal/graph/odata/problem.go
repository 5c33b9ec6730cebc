// Package odata is the protocol that Microsoft Graph speaks, without anything of what it is spoken about: paths with
// keys, query options and filters, resource types and their properties, JSON bodies and the checks on them, and errors.
//
// What is refused here is refused with the code and the text of the real service, as far as they are known; where one
// is made up, the test that a client does on it (the status and the code) is still the real one's.
package odata

import (
	"fmt"
	"net/http"
)

// Problem is an answer that says why a request failed (Microsoft Graph, error responses and resource types).
type Problem struct {
	Status        int
	Code, Message string
	Target        string // of the one entry of details; empty: no details
	Detail        string // code of that entry; empty: InvalidValue
	Challenge     bool   // with www-authenticate
}

func (p *Problem) Error() string { return p.Code + ": " + p.Message }

// Unauthenticated is a 401 for a token that is not accepted, with the challenge to get another.
func Unauthenticated(message string) error {
	return &Problem{Status: http.StatusUnauthorized, Code: "InvalidAuthenticationToken", Message: message, Challenge: true}
}

// Forbidden is the 403 for a right that is missing (recorded 2020 to 2023).
func Forbidden() error {
	return &Problem{Status: http.StatusForbidden, Code: "Authorization_RequestDenied", Message: "Insufficient privileges to complete the operation."}
}

// NotFound is the 404 for an object, whatever its type (recorded 2020 to 2022).
func NotFound(id string) error {
	return &Problem{
		Status: http.StatusNotFound, Code: "Request_ResourceNotFound",
		Message: fmt.Sprintf("Resource '%s' does not exist or one of its queried reference-property objects are not present.", id),
	}
}

// Refused is a 400 that the directory itself decided.
func Refused(format string, args ...any) error {
	return &Problem{Status: http.StatusBadRequest, Code: "Request_BadRequest", Message: fmt.Sprintf(format, args...)}
}

// Malformed is a 400 of the protocol layer before the directory.
func Malformed(format string, args ...any) error {
	return &Problem{Status: http.StatusBadRequest, Code: "BadRequest", Message: fmt.Sprintf(format, args...)}
}

// Unsupported is a 400 for a query that the directory does not answer.
func Unsupported(format string, args ...any) error {
	return &Problem{Status: http.StatusBadRequest, Code: "Request_UnsupportedQuery", Message: fmt.Sprintf(format, args...)}
}

// Conflict is a 409 for an object that is there already (recorded 2023).
func Conflict(format string, args ...any) error {
	return &Problem{Status: http.StatusConflict, Code: "Request_MultipleObjectsWithSameKeyValue", Message: fmt.Sprintf(format, args...)}
}

// InvalidValue is a 400 for a property of a resource (User, Application) whose value is not one of its.
func InvalidValue(property, resource string) error {
	return &Problem{
		Status: http.StatusBadRequest, Code: "Request_BadRequest", Target: property,
		Message: fmt.Sprintf("Invalid value specified for property '%s' of resource '%s'.", property, resource),
	}
}

// Required is a 400 for a property that a create lacks.
func Required(property, resource string) error {
	return &Problem{
		Status: http.StatusBadRequest, Code: "Request_BadRequest", Target: property,
		Message: fmt.Sprintf("A value is required for property '%s' of resource '%s'.", property, resource),
	}
}

// NoSegment is a 400 for a path that leads nowhere.
func NoSegment(name string) error { return Malformed("Resource not found for the segment '%s'.", name) }

// NoKey is a 400 for an alternate key that the type does not have.
func NoKey(name string, k *Kind) error {
	return Malformed("The key '%s' in the request URI is not a key of the type '%s'.", name, k.Type)
}

// WrongMethod is a 405.
func WrongMethod() error {
	return &Problem{Status: http.StatusMethodNotAllowed, Code: "Request_BadRequest", Message: "Specified HTTP method is not allowed for the request target."}
}

// noProperty is a 400 for a property that a complex type does not have.
func noProperty(name, odataType string) error {
	return Malformed("The property '%s' does not exist on type '%s'. Make sure to only use property names that are defined by the type.", name, odataType)
}

// TooLarge is a 403: the limit of all values of one directory object (Microsoft Entra service limits: about 1,200 items).
func TooLarge() error {
	return &Problem{
		Status: http.StatusForbidden, Code: "Directory_QuotaExceeded",
		Message: "The size of the object has exceeded its limit. Please reduce the number of values and retry your request.",
	}
}
