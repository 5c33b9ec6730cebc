package control

import (
	"encoding/json"
	"errors"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/evercred/evercred/emulator/internal/exchange"
)

// Intercept puts the request log and the faults before a service. A panic of the service is answered as 500.
func (c *Control) Intercept(service string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var now time.Time
		c.directory.Read(func() { now = c.directory.Now() })
		x := &exchange.Exchange{}
		n := c.log.begin(Request{Time: now, Method: r.Method, Service: service, Path: bounded(r.URL.EscapedPath()), Query: bounded(redact(r.URL.RawQuery))})
		out := &response{ResponseWriter: w}
		out.started = func(status int) {
			units, _ := strconv.Atoi(out.Header().Get("x-ms-resource-unit"))
			c.log.end(n, status, units, x.Caller)
		}
		r = r.WithContext(exchange.With(r.Context(), x))
		if rule := c.faults.meet(service, r); rule != nil {
			c.befall(rule, service, out, r, next)
		} else {
			c.serve(out, r, next)
		}
		if out.status == 0 { // a handler that writes nothing means 200
			out.started(http.StatusOK)
		}
	})
}

// befall does what the rule says. A dropped request keeps status 0 in the log.
func (c *Control) befall(rule *Rule, service string, out *response, r *http.Request, next http.Handler) {
	if rule.delay > 0 {
		wait := time.NewTimer(rule.delay)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
	switch {
	case rule.Drop == "before":
		panic(http.ErrAbortHandler)
	case rule.Drop == "after":
		c.serve(&response{ResponseWriter: discard{out.Header()}, started: func(int) {}}, r, next)
		out.started(0) // with the caller and the units, now that the service has set them
		panic(http.ErrAbortHandler)
	case rule.Answer != nil:
		rule.Answer.write(out, service)
	default:
		c.serve(out, r, next)
	}
}

// serve runs the service. http.ErrAbortHandler is passed on: it is how net/http is told to cut the connection.
func (c *Control) serve(out *response, r *http.Request, next http.Handler) {
	defer func() {
		problem := recover()
		if problem == nil {
			return
		}
		if err, ok := problem.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(problem)
		}
		c.logger.ErrorContext(r.Context(), "service panicked", "method", r.Method, "path", r.URL.Path, "problem", problem, "stack", string(debug.Stack()))
		if out.status != 0 {
			panic(http.ErrAbortHandler) // half an answer must not look whole
		}
		out.Header().Set("Content-Type", "application/json")
		out.WriteHeader(http.StatusInternalServerError)
		_, _ = out.Write([]byte(`{"error":{"code":"InternalServerError","message":"The emulator failed on this request; its log says where."}}`))
	}()
	next.ServeHTTP(out, r)
}

// response notes the status when it is sent, before the client can have the answer.
type response struct {
	http.ResponseWriter
	status  int
	started func(status int)
}

func (w *response) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
		w.started(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap gives http.ResponseController what is underneath.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// discard takes the answer of a request whose connection is cut after the work.
type discard struct{ header http.Header }

func (d discard) Header() http.Header       { return d.header }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

func (a *Answer) write(w http.ResponseWriter, service string) {
	body, contentType := []byte(a.Body), "application/json"
	var text string
	switch {
	case len(body) == 0 || string(body) == "null":
		body = defaultBody(service, a.Status)
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
