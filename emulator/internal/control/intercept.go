package control

import (
	"errors"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/exchange"
	"github.com/evercred/evercred/emulator/script"
)

// Intercept puts the request log, the choice of a replica, the limits and the faults before a service. A panic of the
// service is answered as 500.
func (c *Control) Intercept(service string, next http.Handler) http.Handler {
	turns := new(atomic.Uint64)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var now time.Time
		var settings directory.Settings
		c.directory.Read(func() { now, settings = c.directory.Now(), c.directory.Settings() })
		x := &exchange.Exchange{Replica: replica(settings, turns)}
		entry := script.Request{
			Time: now, Method: r.Method, Service: service, Replica: x.Replica,
			Path: bounded(r.URL.EscapedPath()), Query: bounded(redact(r.URL.RawQuery)),
		}
		n := c.log.begin(entry)
		r = r.WithContext(exchange.With(r.Context(), x))
		// The services' clock, so that a client can see how far it is from its own.
		w.Header().Set("Date", now.Add(settings.Skew).Format(http.TimeFormat))
		out := &response{ResponseWriter: w}
		who := &claimed{service: service, request: r}
		meter := c.limits.begin(service, r, who, now)
		fault := false
		out.started = func(status int) {
			units, _ := strconv.Atoi(out.Header().Get("x-ms-resource-unit"))
			meter.answered(out.Header(), status, units)
			c.log.end(n, status, units, x.Caller, fault)
		}
		rule := c.faults.meet(service, r, who)
		fault = rule != nil || meter.refused()
		switch {
		case rule != nil:
			c.befall(rule, out, r, who, now, next)
		case meter.refused():
			meter.refuse(out)
		default:
			c.serve(out, r, next)
		}
		if out.status == 0 { // a handler that writes nothing means 200
			out.started(http.StatusOK)
		}
	})
}

// replica is the one that serves the next request.
func replica(s directory.Settings, turns *atomic.Uint64) int {
	if s.Replicas <= 1 {
		return 0
	}
	n := turns.Add(1) - 1
	if s.RandomReplica {
		n = chance(s.Seed, n)
	}
	return int(n % uint64(s.Replicas)) //nolint:gosec // below 16
}

// befall does what the rule says. A dropped request keeps status 0 in the log.
func (c *Control) befall(rule *rule, out *response, r *http.Request, who *claimed, now time.Time, next http.Handler) {
	wait(r, rule.delay)
	c.change(r.Context(), rule.Do, who)
	switch {
	case rule.Drop == "before":
		cut(rule, r)
	case rule.Answer != nil:
		c.change(r.Context(), rule.Then, who)
		writeAnswer(rule.Answer, out, who.service, now)
	case rule.Drop == "after":
		c.serve(&response{ResponseWriter: discard{out.Header()}, started: func(int) {}}, r, next)
		c.change(r.Context(), rule.Then, who)
		wait(r, rule.hold)
		out.started(0) // with the caller and the units, now that the service has set them
		cut(rule, r)
	case rule.hold > 0 || len(rule.Then) > 0:
		kept := &held{header: out.Header()}
		c.serve(&response{ResponseWriter: kept, started: func(int) {}}, r, next)
		c.change(r.Context(), rule.Then, who)
		wait(r, rule.hold)
		kept.deliver(out)
	default:
		c.serve(out, r, next)
	}
}

// wait ends early, without an answer, when the client goes away.
func wait(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

// cut ends the request without an answer, and the whole connection if the rule says so. net/http cuts an HTTP/1.1
// connection anyhow; of HTTP/2 it resets the stream.
func cut(rule *rule, r *http.Request) {
	if rule.CutConnection {
		exchange.Cut(r.Context())
	}
	panic(http.ErrAbortHandler)
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
