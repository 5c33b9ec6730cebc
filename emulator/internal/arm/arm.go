// Package arm is the Azure Resource Manager part of the emulated cloud: the tenant, its subscriptions, resource groups
// and management groups, role definitions, role assignments, the caller's permissions, and the metadata of the cloud.
//
// Every request but those for metadata carries an access token that package token checks. What its caller may do is
// decided in rights.go from the role assignments of the caller and of the groups that the caller is in, at the scope
// asked about and all scopes above it. Reads, and the rights themselves, see a replica, which may lag behind; writes
// meet the primary. There are no resources below a resource group: every well-formed resource id is taken as a scope.
//
// Shapes, headers and texts are those of recorded answers of 2018 to 2026; where a document of Microsoft is the only
// source, the code says so.
package arm

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/exchange"
	"github.com/evercred/evercred/emulator/internal/token"
)

// Config is what the service works on.
type Config struct {
	Directory *directory.Store
	Signer    *token.Signer // whose tokens are accepted
	TenantID  string
	BaseURL   func(r *http.Request) string // origin for links in answers, without a slash at the end
	Logger    *slog.Logger                 // nil: silent
}

type service struct {
	Config
	audiences []string
	catalog   []providerEntry
	places    []region
}

// New returns the handler of /tenants, /subscriptions, /providers and /metadata.
func New(c Config) http.Handler {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &service{Config: c, audiences: token.ManagementAudiences(), catalog: readProviders(), places: readRegions()}
}

// call is one request on its way.
type call struct {
	*service

	Directory *directory.Store // as the replica that serves the request sees it
	request   *http.Request
	method    string // GET for HEAD
	segments  []string
	query     url.Values // by lower-case name
	version   version
	caller    *exchange.Caller
	held      []right // of the caller
	body      []byte
	id        string // x-ms-request-id
	at        time.Time
}

// ServeHTTP answers one request.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{
		service: s, Directory: s.Directory.View(r.Context()), request: r, method: r.Method,
		segments: split(r.URL.Path), query: parseQuery(r.URL), id: uuid.NewString(),
	}
	if c.method == http.MethodHead {
		c.method = http.MethodGet
	}
	c.Directory.Read(func() { c.at = c.Directory.Now() })
	a, err := c.serve(w)
	if err != nil {
		var p *problem
		if !errors.As(err, &p) {
			s.Logger.ErrorContext(r.Context(), "resource manager request failed", "method", r.Method, "path", r.URL.Path, "error", err)
			p = gateway(http.StatusServiceUnavailable, "ServiceUnavailable", "The state of the emulated cloud cannot be written.")
		}
		c.writeProblem(w, p)
		return
	}
	c.writeAnswer(w, a)
}

func (c *call) serve(w http.ResponseWriter) (*answer, error) {
	var err error
	// Told before anything else, even to those without a token.
	if c.version, err = parseVersion(c.query["api-version"]); err != nil {
		return nil, err
	}
	if c.is("metadata", "endpoints") {
		return c.metadata()
	}
	// A byte that is no text has no meaning in any id.
	if !utf8.ValidString(c.request.URL.Path) || !utf8.ValidString(c.filter()) {
		return nil, gateway(http.StatusBadRequest, "InvalidRequestUri", "The request URI is not valid: it has bytes that are no UTF-8.")
	}
	if err := c.authenticate(); err != nil {
		return nil, err
	}
	operation, err := c.route()
	if err != nil {
		return nil, err
	}
	if err := c.readBody(w); err != nil {
		return nil, err
	}
	var a *answer
	if c.method == http.MethodGet {
		c.Directory.Read(func() {
			c.held = c.rightsOf(c.caller.ObjectID)
			a, err = operation()
		})
		return a, err
	}
	err = c.Directory.Write(func() error {
		c.held = c.rightsOf(c.caller.ObjectID)
		a, err = operation()
		return err
	})
	return a, err
}

// filter is the $filter. One that is given twice is read as one text, as Azure's gateway does, and then makes no sense.
func (c *call) filter() string { return strings.Join(c.query["$filter"], ",") }

// split cuts a path into its segments. Empty ones are left out: clients join origin and path with one slash too many.
func split(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// parseQuery reads what can be read. Clients write $filter with raw spaces, with plus signs and with %20, and the names
// of parameters in any case.
func parseQuery(u *url.URL) url.Values {
	parsed, _ := url.ParseQuery(u.RawQuery) // on an error it still returns the pairs that are well-formed
	values := make(url.Values, len(parsed))
	for name, v := range parsed {
		name = strings.ToLower(name)
		values[name] = append(values[name], v...)
	}
	return values
}
