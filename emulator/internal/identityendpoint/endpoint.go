// Package identityendpoint is a managed identity as a program on App Service meets it: an address on this machine and a
// header, for which it gets tokens without a credential (Microsoft App Service, managed identities: REST endpoint
// reference). Every Azure SDK finds it by IDENTITY_ENDPOINT and IDENTITY_HEADER; older ones by MSI_ENDPOINT and
// MSI_SECRET.
//
// It is plain HTTP. The header's value and the loopback address are all that guards it, as on App Service.
package identityendpoint

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/exchange"
)

// Identity is the managed identity that the endpoint speaks for.
type Identity struct {
	ClientID   string
	ObjectID   string // of its service principal
	ResourceID string // of the identity in Resource Manager
}

// Token is a token of the identity.
type Token struct {
	Access  string
	Expires time.Time
}

// Tokens makes tokens for an identity, without a proof. An error that is a Refusal is told to the client.
type Tokens interface {
	ManagedIdentity(ctx context.Context, clientID, resource string) (Token, error)
}

// Refusal is what Entra ID says when it gives the identity no token.
type Refusal struct{ Text string }

func (e *Refusal) Error() string { return e.Text }

// Config is what the endpoint needs. All is required.
type Config struct {
	Identity Identity
	Header   string // the value of X-IDENTITY-HEADER
	Tokens   Tokens
	Now      func() time.Time // the emulator's clock
	Logger   *slog.Logger
}

// Endpoint answers GET with api-version 2019-08-01 and 2017-09-01, and with 2018-02-01 as Instance does. It is safe for
// concurrent use.
type Endpoint struct{ Config }

// New makes the endpoint.
func New(c Config) *Endpoint { return &Endpoint{c} }

// dialect is how the two api-versions differ.
type dialect struct {
	header    string
	clientID  string // name of the parameter
	expiresOn func(time.Time) string
}

func dialects() map[string]dialect {
	return map[string]dialect{
		"2019-08-01": {"X-Identity-Header", "client_id", func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }},
		"2017-09-01": {"Secret", "clientid", func(t time.Time) string { return t.UTC().Format("01/02/2006 15:04:05 -07:00") }},
	}
}

type answer struct {
	AccessToken string `json:"access_token"`
	ExpiresOn   string `json:"expires_on"`
	Resource    string `json:"resource"`
	TokenType   string `json:"token_type"`
	ClientID    string `json:"client_id"`
}

// problem is the body of every error.
type problem struct {
	StatusCode    int    `json:"statusCode"`
	Message       string `json:"message"`
	CorrelationID string `json:"correlationId"`
}

// ServeHTTP answers one request.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !fromHere(r) {
		e.refuse(w, r, http.StatusForbidden, "The managed identity endpoint answers to programs on its own machine only.")
		return
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		e.refuse(w, r, http.StatusBadRequest, "The query of the request is not well-formed.")
		return
	}
	version := query.Get("api-version")
	if version == imdsVersion {
		e.Instance().ServeHTTP(w, r)
		return
	}
	d, known := dialects()[version]
	switch {
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		e.refuse(w, r, http.StatusMethodNotAllowed, "The endpoint takes GET.")
	case version == "":
		e.refuse(w, r, http.StatusBadRequest, "The api-version is missing from the request.")
	case !known:
		e.refuse(w, r, http.StatusBadRequest, "The api-version '"+shorten(version)+"' is not supported. Supported are 2019-08-01 and 2017-09-01.")
	case subtle.ConstantTimeCompare([]byte(r.Header.Get(d.header)), []byte(e.Header)) != 1:
		// Microsoft's SDKs have met 401 here.
		e.refuse(w, r, http.StatusUnauthorized, "The header "+d.header+" is missing or has not the value of this endpoint.")
	case query.Get("resource") == "":
		e.refuse(w, r, http.StatusBadRequest, "The parameter 'resource' is missing from the request.")
	case !e.names(query, d):
		e.refuse(w, r, http.StatusBadRequest, "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.")
	default:
		e.token(w, r, query.Get("resource"), d)
	}
}

// names says whether the request means this identity: it names none, or this one.
func (e *Endpoint) names(query url.Values, d dialect) bool {
	for parameter, own := range map[string]string{
		d.clientID: e.Identity.ClientID, "object_id": e.Identity.ObjectID, "principal_id": e.Identity.ObjectID,
		"mi_res_id": e.Identity.ResourceID, "msi_res_id": e.Identity.ResourceID,
	} {
		if asked := query.Get(parameter); asked != "" && !strings.EqualFold(asked, own) {
			return false
		}
	}
	return true
}

func (e *Endpoint) token(w http.ResponseWriter, r *http.Request, resource string, d dialect) {
	exchange.SetCaller(r.Context(), e.Identity.ClientID)
	t, err := e.Tokens.ManagedIdentity(r.Context(), e.Identity.ClientID, resource)
	if err != nil {
		// App Service hands on what Entra ID said, as a fault of its own (an AADSTS500011 seen 2026-06).
		e.refuse(w, r, http.StatusInternalServerError, err.Error())
		return
	}
	e.write(w, r, http.StatusOK, answer{t.Access, d.expiresOn(t.Expires), resource, "Bearer", e.Identity.ClientID})
}

func (e *Endpoint) refuse(w http.ResponseWriter, r *http.Request, status int, text string) {
	e.write(w, r, status, problem{status, text, uuid.NewString()})
}

func (e *Endpoint) write(w http.ResponseWriter, r *http.Request, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		e.Logger.DebugContext(r.Context(), "identity endpoint's answer not delivered", "error", err)
	}
}

// fromHere says whether the client is on this machine.
func fromHere(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

func shorten(text string) string {
	const most = 100
	if len(text) > most {
		text = text[:most]
	}
	return strings.ToValidUTF8(text, "")
}
