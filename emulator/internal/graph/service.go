// Package graph is the Microsoft Graph part of the emulated cloud, under /v1.0 and /beta alike: applications and service
// principals with their secrets, keys, federated credentials and owners; permissions and roles granted to them; the
// policies on their credentials; people, groups and directory roles as far as the assignment of roles needs them; deleted
// items; the organization.
//
// Every request carries an access token that package token checks; what its caller may do is decided in rights.go and
// rights_directory.go from the token's scopes or roles, the person's directory roles and the owners of the object. Reads
// see the replica that serves the request, which may lag behind; writes meet the primary, but only find what the replica
// already knows. Shapes, headers and texts are those of recorded answers of 2020 to 2025; where a document of Microsoft
// is the only source, the code says so.
//
// The way of a request: service.go (token, path, query) → route.go and route_directory.go → one file for each sort of
// object, with a second one for its writes → answer.go. What is the protocol's own, and not the directory's, is in package
// odata.
package graph

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/exchange"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
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
	kinds     kinds
	gzip      *compressor
}

// New returns the handler of /v1.0/… and /beta/….
func New(c Config) http.Handler {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &service{Config: c, audiences: token.GraphAudiences(), kinds: newKinds(), gzip: newCompressor()}
}

// call is one request on its way. Its Directory is a view: reads answer as the replica that serves the request.
type call struct {
	*service
	Directory *directory.Store

	request *http.Request
	caller  *exchange.Caller
	other   *directory.OtherTenant // that the caller is a guest of; nil in the one directory
	version string                 // v1.0 or beta
	path    []odata.Segment
	query   odata.Options
	id      string // request-id
	at      time.Time
}

// ServeHTTP answers one request.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{service: s, Directory: s.Directory.View(r.Context()), request: r, id: uuid.NewString()}
	c.Directory.Read(func() { c.at = c.Directory.Now() })
	a, err := c.serve()
	if err != nil {
		var p *odata.Problem
		if !errors.As(err, &p) {
			s.Logger.ErrorContext(r.Context(), "graph request failed", "method", r.Method, "path", r.URL.Path, "error", err)
			p = &odata.Problem{Status: http.StatusServiceUnavailable, Code: "UnknownError", Message: "The state of the emulated directory cannot be written."}
		}
		c.writeProblem(w, p)
		return
	}
	c.writeAnswer(w, a)
}

func (c *call) serve() (*answer, error) {
	if err := c.authenticate(); err != nil {
		return nil, err
	}
	var err error
	if c.version, c.path, err = odata.ParsePath(c.request.URL.EscapedPath()); err != nil {
		return nil, err
	}
	c.path = c.withoutTenant(c.path)
	if c.query, err = odata.ParseOptions(c.request); err != nil {
		return nil, err
	}
	if c.other != nil {
		return c.routeGuest()
	}
	return c.route()
}

// authenticate checks the access token. Texts: recorded answers of 2022 and 2024, and Microsoft Graph, resolve
// authorization errors.
func (c *call) authenticate() error {
	scheme, raw, _ := strings.Cut(c.request.Header.Get("Authorization"), " ")
	raw = strings.TrimSpace(raw)
	if !strings.EqualFold(scheme, "Bearer") || raw == "" {
		return odata.Unauthenticated("Access token is empty.")
	}
	caller, err := c.Signer.Verify(raw, c.at, c.TenantID, c.audiences)
	if errors.Is(err, token.ErrTenant) {
		if guest := c.guest(raw); guest != nil {
			c.caller = guest
			return nil
		}
	}
	switch {
	case err == nil:
	case !strings.Contains(raw, "."):
		return odata.Unauthenticated("IDX14100: JWT is not well formed, there are no dots (.).\nThe token needs to be in JWS or JWE Compact Serialization Format. (JWS): 'EncodedHeader.EncodedPayload.EncodedSignature'. (JWE): 'EncodedProtectedHeader.EncodedEncryptedKey.EncodedInitializationVector.EncodedCiphertext.EncodedAuthenticationTag'.")
	case errors.Is(err, token.ErrExpired):
		return odata.Unauthenticated("Lifetime validation failed, the token is expired.")
	case errors.Is(err, token.ErrAudience):
		return odata.Unauthenticated("Access token validation failure. Invalid audience.")
	case errors.Is(err, token.ErrTenant):
		return odata.Unauthenticated("Access token validation failure. Invalid tenant.")
	case errors.Is(err, token.ErrSignature):
		return odata.Unauthenticated("Access token validation failure. Invalid signature.")
	default:
		return odata.Unauthenticated("CompactToken parsing failed with error code: 80049217")
	}
	exchange.SetCaller(c.request.Context(), caller.Name)
	c.caller = caller
	return c.established()
}

// established refuses a token whose service principal is gone or disabled since it was issued.
func (c *call) established() error {
	if c.caller.User {
		return nil
	}
	known := false
	c.Directory.Read(func() {
		p, ok := c.Directory.ServicePrincipals.Get(c.caller.ObjectID)
		known = ok && p.DeletedAt == nil && p.Enabled
	})
	if !known {
		return &odata.Problem{
			Status: http.StatusUnauthorized, Code: "Authorization_IdentityNotFound",
			Message: "The identity of the calling application could not be established.",
		}
	}
	return nil
}

// read runs f with the state held still; what f returns may be encoded after it, since values never change once put.
func (c *call) read(f func() (*answer, error)) (a *answer, err error) {
	c.Directory.Read(func() { a, err = f() })
	return a, err
}

// write runs f alone; an error undoes what it put.
func (c *call) write(f func() (*answer, error)) (a *answer, err error) {
	err = c.Directory.Write(func() error {
		a, err = f()
		return err
	})
	return a, err
}
