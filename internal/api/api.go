// Package api is the REST API: resources under /api/v1, the OpenAPI 3.1 document that describes them, and errors as
// problem+json. It translates between HTTP and the engine and holds no rule of its own.
//
// Everything under /api/v1 asks for a bearer token or a session before it looks at the path; package authn knows whose they
// are. Secrets arrive in JSON bodies only, are turned into secret.Value as they are decoded, and leave by one resource, the
// hand-over; a login code leaves in the answer to who asked for it.
package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sort"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/authn"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/signin"
)

const base = "/api/v1"

// Limits of request bodies in bytes. A certificate of 1 MiB needs 1.4 MiB of base64; what is larger than allowed but
// fits is refused by the reader of certificates, which can name the field.
const (
	largeBody = 3 << 20
	smallBody = 64 << 10
)

// Config is what the API stands on.
type Config struct {
	Engine  *renewal.Engine
	Authn   *authn.Authenticator
	Answers Answers     // where answers under idempotency keys are kept: the store
	Clock   clock.Clock // the wall clock, of what is kept; nil: the system's
	Logger  *slog.Logger
	Version string // of Evercred
	Demo    bool   // the server is the demonstration
}

type server struct {
	engine *renewal.Engine
	authn  *authn.Authenticator
	log    *slog.Logger

	answers Answers
	clock   clock.Clock
	keyed   keyed

	version string
	demo    bool
}

// New makes the handler of /api/ and /healthz.
func New(c Config) (http.Handler, error) {
	if c.Engine == nil || c.Authn == nil || c.Logger == nil || c.Answers == nil {
		return nil, errors.New("making the API: engine, authentication, answers and logger are required")
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	s := &server{engine: c.Engine, authn: c.Authn, log: c.Logger, answers: c.Answers, clock: c.Clock, version: c.Version, demo: c.Demo}
	mux := http.NewServeMux()
	doc := humago.New(mux, documentConfig(c.Version))
	s.listRoutes(doc)
	s.exportRoutes(doc)
	s.bulkRoutes(doc)
	s.editRoutes(doc)
	s.historyRoutes(doc)
	s.accountRoutes(doc)
	s.accountActions(doc)
	s.operationRoutes(doc)
	s.signInRoutes(doc)
	s.sessionRoutes(doc)
	s.settingsRoutes(doc)
	s.stewardRoutes(doc)
	s.previewRoutes(doc)
	s.permissionRoutes(doc)
	finish(doc.OpenAPI())
	s.leftovers(mux, doc.OpenAPI())
	back, err := newCallback(c.Authn.BaseURL())
	if err != nil {
		return nil, fmt.Errorf("making the page that sign-ins come back to: %w", err)
	}
	mux.Handle("GET "+signin.CallbackPath, back)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":"ok"}` + "\n"))
	})
	matched := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { requestOf(r.Context()).pattern = r.Pattern }()
		mux.ServeHTTP(w, r)
	})
	return s.observe(harden(compress(s.authorise(s.idempotent(matched))))), nil
}

// leftovers answers what no operation does: a known path with another method, and unknown paths.
func (s *server) leftovers(mux *http.ServeMux, doc *huma.OpenAPI) {
	for path, item := range doc.Paths {
		if doc.Paths[path[:strings.LastIndexByte(path, '/')]+"/{account}"] != nil && !strings.HasSuffix(path, "}") {
			continue // with the other methods it names an account of this name
		}
		var allow []string
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodDelete: item.Delete, http.MethodPatch: item.Patch, http.MethodPut: item.Put,
		} {
			if op != nil {
				allow = append(allow, method)
			}
		}
		sort.Strings(allow)
		methods := strings.Join(allow, ", ")
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", methods)
			s.fail(w, r, fault.New(fault.Invalid, "The resource does not know this method.").
				WithRemedy("Use one of: %s.", methods), http.StatusMethodNotAllowed)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, fault.New(fault.NotFound, "There is nothing at this address.").
			WithRemedy("GET /api/openapi.json lists all addresses."), 0)
	})
}

// bodyTimeout is how long a client may take to send a body.
const bodyTimeout = 30 * time.Second

// readToTheEnd takes back the deadline by which the body had to be there. It would end the request of a client that waits for
// the answer, as though the client had left: what is asked of Microsoft may take longer.
func readToTheEnd(ctx context.Context) {
	if w := requestOf(ctx).writer; w != nil {
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // a connection without deadlines has none to take back
	}
}

// handle registers an operation. The handler gets the authenticated caller; its errors become problems.
func handle[I, O any](s *server, doc huma.API, op huma.Operation, h func(ctx context.Context, by account.Caller, in *I) (*O, error)) {
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = smallBody
	}
	op.Path = base + op.Path
	if op.Security == nil {
		op.Security = []map[string][]string{{"token": {}}, {"session": {}}}
	}
	op.BodyReadTimeout = bodyTimeout
	huma.Register(doc, op, func(ctx context.Context, in *I) (*O, error) {
		readToTheEnd(ctx)
		out, err := h(ctx, requestOf(ctx).caller, in)
		if err != nil {
			p := problemOf(err, 0, requestID(ctx))
			s.logFault(ctx, p, err)
			return nil, p
		}
		return out, nil
	})
}
