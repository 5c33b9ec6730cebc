package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
)

// problem is a resource.Problem that huma can write: it carries its status, content type and headers.
type problem struct{ resource.Problem }

func (p *problem) Error() string             { return p.Detail }
func (p *problem) GetStatus() int            { return p.Status }
func (p *problem) ContentType(string) string { return resource.ProblemMediaType }

// GetHeaders names the authentication scheme, as RFC 9110 asks of every 401.
func (p *problem) GetHeaders() http.Header {
	if p.Status != http.StatusUnauthorized {
		return nil
	}
	return http.Header{"Www-Authenticate": {`Bearer realm="evercred"`}}
}

// statusOf maps a code to its HTTP status. This is the only such map.
func statusOf(code fault.Code) int {
	switch code {
	case fault.Invalid, fault.Credential:
		return http.StatusUnprocessableEntity
	case fault.Unauthorized:
		return http.StatusUnauthorized
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict, fault.NeedsChoice, fault.NeedsSignIn, fault.Interrupted:
		return http.StatusConflict
	case fault.Refused, fault.SignIn, fault.Permission:
		return http.StatusForbidden
	case fault.Azure:
		return http.StatusBadGateway
	case fault.Unreachable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

func titleOf(code fault.Code) string {
	switch code {
	case fault.Invalid:
		return "An input is wrong"
	case fault.Unauthorized:
		return "Not signed in"
	case fault.NotFound:
		return "Not found"
	case fault.Conflict:
		return "Does not fit the present state"
	case fault.Refused:
		return "Refused"
	case fault.NeedsChoice:
		return "Needs a choice"
	case fault.NeedsSignIn:
		return "Needs a sign-in"
	case fault.SignIn:
		return "The sign-in failed"
	case fault.Credential:
		return "The credential was not accepted"
	case fault.Permission:
		return "Roles or permissions are missing"
	case fault.Azure:
		return "Microsoft answered with an error"
	case fault.Unreachable:
		return "Microsoft does not answer"
	case fault.Interrupted:
		return "The operation was interrupted"
	}
	return "Internal error"
}

// problemOf maps an error to its problem. A status other than 0 overrides the one of the code, for the few answers of
// HTTP itself (400, 404, 405, 413, 415). instance is the request's id; it is shown where the log has more to tell.
func problemOf(err error, status int, instance string) *problem {
	f := fault.From(err)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		f = fault.New(fault.Interrupted, "The request ended before its answer was ready.").
			WithRemedy("Ask again; an operation that was started goes on.")
	}
	own, special := errors.AsType[*withStatus](err)
	if special && status == 0 {
		status = own.status
	}
	if status == 0 {
		status = statusOf(f.Code)
	}
	p := &problem{resource.Problem{
		Type: resource.ProblemType + string(f.Code), Title: titleOf(f.Code), Status: status, Detail: f.Message,
		Code: string(f.Code), Meaning: f.Meaning, Remedy: f.Remedy, Field: f.Field, Source: f.Source,
	}}
	if special {
		p.Fields = own.fields
	}
	if status >= http.StatusInternalServerError && instance != "" {
		p.Instance = "urn:evercred:request:" + instance
	}
	return p
}

// translate turns huma's own errors into problems. It never passes on the value that was at fault, which may be a secret,
// nor the decoder's message, which may quote it.
func translate(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	return &problemOf(humaFault(m), m.Status, requestID(ctx.Context())).Problem, nil
}

func humaFault(m *huma.ErrorModel) *fault.Error {
	const see = "GET /api/openapi.json describes each request."
	switch {
	case m.Status == http.StatusRequestEntityTooLarge:
		return fault.BadField("body", "The request body is too large.", "A certificate file may have at most 1 MiB; other requests are small.")
	case m.Status == http.StatusUnsupportedMediaType:
		return fault.BadField("body", "The request body is not JSON.", "Send it with Content-Type: application/json.")
	case m.Status == http.StatusBadRequest:
		return fault.BadField("body", "The request body is missing or is not valid JSON.", "Send one JSON object. "+see)
	case m.Status >= http.StatusInternalServerError:
		return fault.New(fault.Internal, "The answer could not be written.").WithRemedy("Try again; if it stays, look at the server's log.")
	case len(m.Errors) == 0:
		return fault.New(fault.Invalid, "The request was not understood: %s.", m.Detail).WithRemedy(see)
	}
	first := m.Errors[0]
	field, message := fieldOf(first)
	return fault.BadField(field, message, "Correct it and ask again. "+see)
}

// fieldOf names the input that a validation error is about, and says what is wrong with it. Messages of huma state the
// rule, not the value, except for those of the decoder, which come with the location "body" alone.
func fieldOf(d *huma.ErrorDetail) (field, message string) {
	field = d.Location
	for _, prefix := range []string{"body.", "query.", "path.", "header."} {
		if rest, ok := strings.CutPrefix(field, prefix); ok {
			field = rest
			break
		}
	}
	if rest, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
		name, _, _ := strings.Cut(rest, " ")
		return joinField(field, name), "The field is required and was left out."
	}
	switch {
	case d.Message == "unexpected property":
		return field, "The request has a field that Evercred does not know."
	case d.Message == "unknown query parameter":
		return field, "The address has a parameter that Evercred does not know."
	case strings.HasPrefix(d.Message, "expected "):
		return field, "The value is wrong: " + d.Message + "."
	}
	return field, "The value could not be read."
}

func joinField(parent, name string) string {
	if parent == "" || parent == "body" {
		return name
	}
	return parent + "." + name
}
