package graph

import (
	"net/http"
	"strconv"
	"time"

	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// answer is what a request gets. A nil body answers without one.
type answer struct {
	status   int
	body     entity
	text     *string // text/plain in place of body, for $count
	location string  // path below the origin; "/" alone stands for the origin
	units    int     // resource units; 0 counts as 1
}

func noContent() (*answer, error) { return &answer{status: http.StatusNoContent}, nil }

// done is the answer to an action: 200 with the origin as its location (recorded 2021 to 2025).
func done(body entity) (*answer, error) {
	return &answer{status: http.StatusOK, body: body, location: "/"}, nil
}

// context is the @odata.context field for what follows $metadata#.
func (c *call) context(of string) field {
	return field{"@odata.context", c.origin() + "/" + c.version + "/$metadata#" + of}
}

func (c *call) origin() string { return c.BaseURL(c.request) }

// directoryObject is the location of a created object: below /v2/{tenant}, whatever the version asked (recorded 2025-04).
func (c *call) directoryObject(id, resource string) string {
	return "/v2/" + c.TenantID + "/directoryObjects/" + id + "/Microsoft.DirectoryServices." + resource
}

const jsonType = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

// common sets the headers of every answer, good or bad. Request ids: only a header named client-request-id is echoed.
func (c *call) common(h http.Header, units int) (clientID string) {
	clientID = c.request.Header.Get("client-request-id")
	if clientID == "" || len(clientID) > 256 {
		clientID = c.id
	}
	h.Set("Cache-Control", "no-cache")
	h.Set("Strict-Transport-Security", "max-age=31536000")
	h.Set("Vary", "Accept-Encoding")
	h.Set("request-id", c.id)
	h.Set("client-request-id", clientID)
	h.Set("x-ms-ags-diagnostic", `{"ServerInfo":{"DataCenter":"West Europe","Slice":"E","Ring":"5","ScaleUnit":"000","RoleInstance":"AM4PEPF00010001"}}`)
	h.Set("x-ms-resource-unit", strconv.Itoa(max(units, 1)))
	return clientID
}

func (c *call) writeAnswer(w http.ResponseWriter, a *answer) {
	h := w.Header()
	c.common(h, a.units)
	if a.location != "" {
		location := c.origin()
		if a.location != "/" {
			location += a.location
		}
		h.Set("Location", location)
	}
	var out []byte
	switch {
	case a.text != nil:
		h.Set("Content-Type", "text/plain")
		h.Set("OData-Version", "4.0")
		out = []byte(*a.text)
	case a.body != nil:
		h.Set("Content-Type", jsonType)
		h.Set("OData-Version", "4.0")
		out = appendJSON(make([]byte, 0, 4096), a.body)
	}
	if len(out) >= compressFrom && takesGzip(c.request.Header) {
		h.Set("Content-Encoding", "gzip")
		out = c.gzip.compress(out)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(out) // a client that has gone away is no fault of ours
}

// writeProblem writes an error: content-type bare, no odata-version (recorded 2020 to 2023).
func (c *call) writeProblem(w http.ResponseWriter, p *odata.Problem) {
	h := w.Header()
	clientID := c.common(h, 1)
	h.Set("Content-Type", "application/json")
	if p.Challenge {
		h.Set("WWW-Authenticate", `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`)
	}
	e := entity{{"code", p.Code}, {"message", p.Message}}
	if p.Target != "" {
		detail := p.Detail
		if detail == "" {
			detail = "InvalidValue"
		}
		e = append(e, field{"details", []entity{{{"code", detail}, {"message", p.Message}, {"target", p.Target}}}})
	}
	e = append(e, field{"innerError", entity{
		{"date", c.at.Format("2006-01-02T15:04:05")}, {"request-id", c.id}, {"client-request-id", clientID},
	}})
	out := appendJSON(nil, entity{{"error", e}})
	w.WriteHeader(p.Status)
	_, _ = w.Write(out)
}

// exact writes a time with up to seven fractional digits, zeros at the end trimmed; whole seconds stay whole.
func exact(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.9999999Z") }

// whole writes a time in whole seconds, as createdDateTime is on every read.
func whole(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
