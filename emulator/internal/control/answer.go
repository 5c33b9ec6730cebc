package control

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/script"
)

// Well-known errors: "AADSTS error codes" (Microsoft Entra), "Microsoft Graph error responses" and "Resolve errors"
// (Azure Resource Manager), with recorded texts where there are some.
//
//go:embed errors.json
var errorData []byte

type known struct {
	Service string `json:"service"`
	Name    string `json:"name"`
	Status  int    `json:"status"`
	Message string `json:"message"`
	OAuth   string `json:"oauth,omitempty"`
	Sub     string `json:"suberror,omitempty"`
	Detail  string `json:"detail,omitempty"`
	Target  string `json:"target,omitempty"`
	Gateway bool   `json:"gateway,omitempty"` // Resource Manager itself says it, not a provider
}

// knownErrors are all that an answer may name. They are read once, by whoever first needs one.
var knownErrors = sync.OnceValue(func() []known { //nolint:gochecknoglobals // a constant list
	var list []known
	if err := json.Unmarshal(errorData, &list); err != nil {
		panic(fmt.Errorf("reading the well-known errors: %w", err)) // the file is part of the program
	}
	return list
})

// knownError finds an error of the service, or of any for a rule about all of them.
func knownError(service, name string) (known, bool) {
	for _, k := range knownErrors() {
		if (service == "" || k.Service == service) &&
			(strings.EqualFold(k.Name, name) || k.Service == "entra" && k.Name == "AADSTS"+name) {
			return k, true
		}
	}
	return known{}, false
}

// usual is the error that a service has for a status: Entra's OAuth errors ("AADSTS" reference), and the OData error of
// Microsoft Graph and Resource Manager.
func usual(service string, status int) known {
	names := map[string]map[int]string{
		"entra": {400: "AADSTS90014", 401: "AADSTS7000215", 429: "AADSTS90055"},
		"graph": {
			401: "InvalidAuthenticationToken", 403: "Authorization_RequestDenied", 404: "Request_ResourceNotFound",
			429: "TooManyRequests", 503: "serviceNotAvailable",
		},
		"arm": {401: "InvalidAuthenticationToken", 403: "AuthorizationFailed", 429: "TooManyRequests"},
	}
	if k, found := knownError(service, names[service][status]); found {
		return k
	}
	if service == "entra" {
		name := "AADSTS90014"
		if status >= 500 {
			name = "AADSTS90033"
		}
		k, _ := knownError(service, name)
		return k
	}
	text := http.StatusText(status)
	if text == "" {
		text = "Error"
	}
	return known{Service: service, Name: strings.ReplaceAll(text, " ", ""), Message: text + "."}
}

// body words an error as its service does. at is on the services' clock.
func (k known) body(at time.Time) []byte {
	var body any
	id := uuid.NewString()
	switch k.Service {
	case "entra":
		code, _ := strconv.Atoi(strings.TrimPrefix(k.Name, "AADSTS"))
		stamp, correlation := at.Format("2006-01-02 15:04:05Z"), uuid.NewString()
		fields := map[string]any{
			"error": k.OAuth, "error_codes": []int{code}, "timestamp": stamp, "trace_id": id, "correlation_id": correlation,
			"error_description": fmt.Sprintf("%s: %s Trace ID: %s Correlation ID: %s Timestamp: %s", k.Name, k.Message, id, correlation, stamp),
			"error_uri":         fmt.Sprintf("https://login.microsoftonline.com/error?code=%d", code),
		}
		if k.Sub != "" {
			fields["suberror"] = k.Sub
		}
		body = fields
	case "graph":
		fields := map[string]any{"code": k.Name, "message": k.Message, "innerError": map[string]string{
			"date": at.Format("2006-01-02T15:04:05"), "request-id": id, "client-request-id": id,
		}}
		if k.Detail != "" {
			fields["details"] = []map[string]string{{"code": k.Detail, "message": k.Message, "target": k.Target}}
		}
		body = map[string]any{"error": fields}
	default:
		body = map[string]any{"error": map[string]string{"code": k.Name, "message": k.Message}}
	}
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // plain maps and texts always marshal
	}
	return raw
}

func writeAnswer(a *script.Answer, w http.ResponseWriter, service string, at time.Time) {
	body, contentType := []byte(a.Body), "application/json"
	k := usual(service, a.Status)
	if a.Error != "" {
		k, _ = knownError(service, a.Error)
	}
	if service == "arm" {
		contentType += "; charset=utf-8"
		if k.Gateway {
			w.Header().Set("x-ms-failure-cause", "gateway")
		}
	}
	var text string
	switch {
	case len(body) == 0 || string(body) == "null":
		if body = nil; a.Status >= 400 {
			body = k.body(at)
		}
	case json.Unmarshal(body, &text) == nil:
		body = []byte(text)
		if !json.Valid(body) {
			contentType = "text/plain; charset=utf-8"
		}
	}
	if len(body) > 0 {
		w.Header().Set("Content-Type", contentType)
	}
	if a.RetryAfter != "" {
		w.Header().Set("Retry-After", string(a.RetryAfter))
	}
	for name, value := range a.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.Status)
	if a.Status != http.StatusNoContent && a.Status != http.StatusNotModified {
		_, _ = w.Write(body) // a client that left does not matter
	}
}

// listErrors shows the well-known errors.
func (c *Control) listErrors(*http.Request, []string) (any, error) { return knownErrors(), nil }
