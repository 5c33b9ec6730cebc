package api

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/authn"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/signin"
)

// request is what the layers of one request tell each other.
type request struct {
	id      string
	http    *http.Request
	writer  http.ResponseWriter
	caller  account.Caller
	session *authn.Session // nil where the request came with an API token
	pattern string         // of the mux, once matched: what the log shows instead of the path
}

type requestKey struct{}

func requestOf(ctx context.Context) *request {
	r, ok := ctx.Value(requestKey{}).(*request)
	if !ok {
		return &request{}
	}
	return r
}

func requestID(ctx context.Context) string { return requestOf(ctx).id }

// observe gives each request an id, logs it without its body, query or headers, and answers a panic with a problem.
func (s *server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now() // the log is on the wall clock
		rec := &recorder{ResponseWriter: w}
		info := &request{id: rand.Text(), http: r, writer: rec}
		rec.Header().Set("X-Request-Id", info.id)
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler { //nolint:errorlint // the sentinel is compared as net/http does
					panic(v)
				}
				s.log.Error("request panicked", "request", info.id, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
				if rec.status == 0 {
					writeProblem(rec, problemOf(fault.New(fault.Internal, "Something failed inside Evercred.").
						WithMeaning("What was asked for may not have completed. Nothing that was stored before is lost.").
						WithRemedy("Try again; if it stays, look for the request's id in the server's log."), 0, info.id))
				}
			}
			s.log.Log(r.Context(), levelOf(r, rec.status), "request", "request", info.id, "method", r.Method,
				"path", info.pattern, "status", rec.status, "duration", time.Since(start), "caller", info.caller.Name, "via", info.caller.Via)
		}()
		next.ServeHTTP(rec, r.WithContext(context.WithValue(r.Context(), requestKey{}, info)))
	})
}

// levelOf keeps what is only read out of the log of an ordinary day: a client that follows an operation asks all the time.
func levelOf(r *http.Request, status int) slog.Level {
	if status >= http.StatusInternalServerError {
		return slog.LevelWarn
	}
	if r.Method == http.MethodGet {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// harden sets the headers that keep an answer from being framed, sniffed, cached or linked to.
func harden(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		next.ServeHTTP(w, r)
	})
}

// authorise asks who is behind everything below /api/v1/, whether the path exists or not. To sign in, nobody has to be
// signed in; but a page elsewhere must not do it in a person's browser.
func (s *server) authorise(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The page that sign-ins come back to is open: it shows nothing and does nothing without a session.
		open := r.URL.Path == signin.CallbackPath && r.Method == http.MethodGet
		if open || r.URL.Path != base && !strings.HasPrefix(r.URL.Path, base+"/") {
			next.ServeHTTP(w, r)
			return
		}
		if r.URL.Path == base+sessionPath && r.Method == http.MethodPost {
			if err := s.authn.CheckOrigin(r); err != nil {
				s.authn.Refused(r.Context(), "the request comes from another page")
				s.fail(w, r, err, 0)
				return
			}
			next.ServeHTTP(w, r)
			return
		}
		who, err := s.authn.Authenticate(r)
		if err != nil {
			s.fail(w, r, err, 0)
			return
		}
		if who.Cookie != nil {
			http.SetCookie(w, who.Cookie)
		}
		info := requestOf(r.Context())
		info.caller, info.session = who.Caller, who.Session
		next.ServeHTTP(w, r)
	})
}

// fail writes err as a problem, and to the log where it is our own.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error, status int) {
	p := problemOf(err, status, requestID(r.Context()))
	s.logFault(r.Context(), p, err)
	writeProblem(w, p)
}

func (s *server) logFault(ctx context.Context, p *problem, err error) {
	if p.Status == http.StatusInternalServerError {
		s.log.Error("request failed", "request", requestID(ctx), "error", err)
	}
}

func writeProblem(w http.ResponseWriter, p *problem) {
	maps.Copy(w.Header(), p.GetHeaders())
	w.Header().Set("Content-Type", resource.ProblemMediaType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p.Problem) //nolint:errchkjson // the client is gone if this fails; there is nobody to tell
}

// recorder notes the status. Unwrap lets http.ResponseController through to the connection.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
