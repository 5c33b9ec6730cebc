package arm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// maxBody is Resource Manager's limit of a request body (Azure Resource Manager, request size limits: 4 MB).
const maxBody = 4 << 20

// readBody takes the body of a PUT, PATCH or POST. The gateway looks at its media type and whether it is JSON at all;
// what is in it is for the operation (texts: Azure Resource Manager, common deployment errors).
func (c *call) readBody(w http.ResponseWriter) error {
	switch c.method {
	case http.MethodPut, http.MethodPatch, http.MethodPost:
	default:
		return nil
	}
	var err error
	if c.body, err = io.ReadAll(http.MaxBytesReader(w, c.request.Body, maxBody)); err != nil {
		return gateway(http.StatusRequestEntityTooLarge, "RequestContentTooLarge", "The request content size exceeds the maximum size of 4 MB, or it ended early.")
	}
	if len(c.body) == 0 {
		return nil
	}
	given := c.request.Header.Get("Content-Type")
	kind, _, err := mime.ParseMediaType(given)
	if err != nil || kind != "application/json" && kind != "text/json" {
		if kind = strings.TrimSpace(given); kind == "" {
			kind = "<null>"
		}
		return gateway(http.StatusUnsupportedMediaType, "UnsupportedMediaType", "The content media type '%s' is not supported. Only 'application/json' is supported.", printable(kind))
	}
	if !json.Valid(c.body) {
		var into json.RawMessage
		return invalidContent(json.Unmarshal(c.body, &into))
	}
	return nil
}

// invalidContent says where a body stops making sense.
func invalidContent(err error) error {
	reason := "the content is no JSON"
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		reason = fmt.Sprintf("%s at position %d", strings.TrimPrefix(syntax.Error(), "json: "), syntax.Offset)
	case errors.As(err, &wrong):
		reason = fmt.Sprintf("Error converting value of type %s to type '%s'. Path '%s', position %d.", wrong.Value, wrong.Type, wrong.Field, wrong.Offset)
	}
	return gateway(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid and could not be deserialized: '%s'.", reason)
}
