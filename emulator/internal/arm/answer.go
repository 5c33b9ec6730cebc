package arm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// answer is what a request gets. A nil body answers without one.
type answer struct {
	status     int
	body       any
	location   string // of an operation that goes on; with Retry-After
	roleSystem bool   // the authorization provider answered, which names its operation
}

func ok(body any) (*answer, error) { return &answer{status: http.StatusOK, body: body}, nil }

// list is the form of every list: no nextLink, not even null (recorded 2018 to 2026).
func list[T any](values []T) (*answer, error) {
	if values == nil {
		values = []T{}
	}
	return ok(map[string][]T{"value": values})
}

// servedFrom is the region whose gateway answers.
const servedFrom = "WESTEUROPE"

// common sets the headers of every answer, good or bad (recorded 2025-01 to 2026-04).
func (c *call) common(h http.Header) {
	correlation := c.request.Header.Get("x-ms-correlation-request-id")
	if correlation == "" || len(correlation) > 128 {
		correlation = c.id
	}
	h.Set("Cache-Control", "no-cache")
	h.Set("Pragma", "no-cache")
	h.Set("Expires", "-1")
	h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("x-ms-request-id", c.id)
	h.Set("x-ms-correlation-request-id", correlation)
	h.Set("x-ms-routing-request-id", fmt.Sprintf("%s:%s:%s", servedFrom, c.at.UTC().Format("20060102T150405Z"), c.id))
	if client := c.request.Header.Get("x-ms-client-request-id"); client != "" && len(client) <= 128 &&
		strings.EqualFold(c.request.Header.Get("x-ms-return-client-request-id"), "true") {
		h.Set("x-ms-client-request-id", client)
	}
	if c.caller != nil {
		c.limits(h)
	}
}

// limits says what is left of the caller's allowance, after its first request (recorded 2026-04). Whoever counts puts
// the true number in its place.
func (c *call) limits(h http.Header) {
	kind, left, global := "writes", "199", "2999"
	switch c.method {
	case http.MethodGet:
		kind, left, global = "reads", "249", "3749"
	case http.MethodDelete:
		kind = "deletes"
	}
	if len(c.segments) < 2 || !strings.EqualFold(c.segments[0], "subscriptions") {
		h.Set("x-ms-ratelimit-remaining-tenant-"+kind, left)
		return
	}
	h.Set("x-ms-ratelimit-remaining-subscription-"+kind, left)
	h.Set("x-ms-ratelimit-remaining-subscription-global-"+kind, global)
}

func (c *call) writeAnswer(w http.ResponseWriter, a *answer) {
	h := w.Header()
	c.common(h)
	if a.roleSystem {
		h.Set("x-ms-operation-identifier", fmt.Sprintf("tenantId=%s,objectId=%s/%s/%s", c.TenantID, c.caller.ObjectID, strings.ToLower(servedFrom), uuid.NewString()))
	}
	if a.location != "" {
		h.Set("Location", a.location)
		h.Set("Retry-After", "1") // Azure says 15: here the work is done by then
	}
	c.write(w, a.status, a.body)
}

func (c *call) writeProblem(w http.ResponseWriter, p *problem) {
	h := w.Header()
	c.common(h)
	if !p.provider {
		h.Set("x-ms-failure-cause", "gateway")
	}
	if p.challenge != "" {
		h.Set("WWW-Authenticate", p.challenge)
	}
	if p.allow != "" {
		h.Set("Allow", p.allow)
	}
	c.write(w, p.status, map[string]any{"error": p})
}

func (c *call) write(w http.ResponseWriter, status int, body any) {
	if body == nil {
		w.WriteHeader(status)
		return
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		panic(err) // a body is made of strings, booleans and lists of them: it always marshals
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if c.request.Method != http.MethodHead {
		_, _ = w.Write(bytes.TrimRight(out.Bytes(), "\n")) // a client that has gone away is no fault of ours
	}
}

// stamp writes a time as Resource Manager does: always seven fractional digits, zeros kept (recorded 2018 to 2026).
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }

// optional is a property that is null, or absent altogether in older versions of the API.
type optional struct {
	shown bool
	text  *string
}

// IsZero leaves the property out.
func (o optional) IsZero() bool { return !o.shown }

func (o optional) MarshalJSON() ([]byte, error) { return json.Marshal(o.text) }

// orNull is text, or nil for none.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
