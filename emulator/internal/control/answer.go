package control

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// defaultBody words an injected error as the service does: Entra's OAuth errors ("AADSTS" reference), and the OData
// error of Microsoft Graph and Resource Manager. Success has no body.
func defaultBody(service string, status int) []byte {
	if status < 400 {
		return nil
	}
	var body any
	switch service {
	case "entra":
		body = entraError(status)
	case "graph":
		code, message := graphError(status)
		requestID := uuid.NewString()
		body = map[string]any{"error": map[string]any{"code": code, "message": message, "innerError": map[string]string{
			"date": time.Now().UTC().Format("2006-01-02T15:04:05"), "request-id": requestID, "client-request-id": requestID,
		}}}
	default:
		code, message := managementError(status)
		body = map[string]any{"error": map[string]string{"code": code, "message": message}}
	}
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // plain maps and texts always marshal
	}
	return raw
}

func entraError(status int) any {
	name, code, message := "temporarily_unavailable", 90033, "A transient error has occurred. Please try again."
	switch {
	case status == http.StatusUnauthorized:
		name, code, message = "invalid_client", 7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID."
	case status == http.StatusTooManyRequests:
		name, code, message = "temporarily_unavailable", 90055, "Tenant throttled: too many requests."
	case status < 500:
		name, code, message = "invalid_request", 90014, "The request is not valid."
	}
	trace, correlation := uuid.NewString(), uuid.NewString()
	stamp := time.Now().UTC().Format("2006-01-02 15:04:05Z")
	return map[string]any{
		"error": name, "error_codes": []int{code}, "timestamp": stamp, "trace_id": trace, "correlation_id": correlation,
		"error_description": fmt.Sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s", code, message, trace, correlation, stamp),
	}
}

func graphError(status int) (code, message string) {
	switch status {
	case http.StatusUnauthorized:
		return "InvalidAuthenticationToken", "Access token validation failure."
	case http.StatusForbidden:
		return "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
	case http.StatusNotFound:
		return "Request_ResourceNotFound", "The resource does not exist or one of its queried reference-property objects are not present."
	case http.StatusTooManyRequests:
		return "TooManyRequests", "Too many requests. Please try again later."
	case http.StatusServiceUnavailable:
		return "serviceNotAvailable", "The service is temporarily unavailable."
	}
	return plainError(status)
}

func managementError(status int) (code, message string) {
	switch status {
	case http.StatusUnauthorized:
		return "InvalidAuthenticationToken", "The access token is invalid."
	case http.StatusForbidden:
		return "AuthorizationFailed", "The client does not have authorization to perform this action or the scope is invalid."
	case http.StatusTooManyRequests:
		return "TooManyRequests", "The request is being throttled. Please try again later."
	}
	return plainError(status)
}

func plainError(status int) (code, message string) {
	text := http.StatusText(status)
	if text == "" {
		text = "Error"
	}
	return strings.ReplaceAll(text, " ", ""), text + "."
}
