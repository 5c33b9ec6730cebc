package issuer

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/internal/token"
)

// OwnConfig is what an Own needs. All is required.
type OwnConfig struct {
	// Signer is asked for with the first request. Its key must not be the one that access tokens are signed with: the
	// issuer signs any claims.
	Signer func() (*token.Signer, error)
	Now    func() time.Time // the emulator's clock, which the exchange judges by
	// Address is the issuer's name: an address without a slash at the end, under which its documents are.
	Address func(r *http.Request) string
	Logger  *slog.Logger
}

// Own is an issuer for tests of workload identity federation that have none of their own: it signs whatever subject it
// is asked for, as a build service or a cluster would for its jobs.
type Own struct{ OwnConfig }

// NewOwn makes the issuer.
func NewOwn(c OwnConfig) *Own { return &Own{c} }

// maxAsk bounds the body of a request for a token; lifeDefault is in seconds.
const (
	maxAsk      = 64 << 10
	lifeDefault = 600
)

// ServeHTTP has the configuration, the keys, and POST token with {"subject", "audience", "expiresIn" (seconds), "claims"}.
func (o *Own) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	signer, err := o.Signer()
	if err != nil {
		o.Logger.ErrorContext(r.Context(), "making the issuer's key", "error", err)
		o.refuse(w, r, http.StatusInternalServerError, "InternalError", "The issuer's key could not be made. The emulator's log says why.")
		return
	}
	_, rest, _ := strings.Cut(strings.TrimLeft(r.URL.Path, "/"), "/issuer")
	address := o.Address(r)
	w.Header().Set("Cache-Control", "no-store")
	switch path := strings.Trim(rest, "/"); {
	case path == ".well-known/openid-configuration" && r.Method == http.MethodGet:
		o.answer(w, r, http.StatusOK, map[string]any{
			"issuer": address, "jwks_uri": address + "/keys", "response_types_supported": []string{"id_token"},
			"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
		})
	case path == "keys" && r.Method == http.MethodGet:
		o.answer(w, r, http.StatusOK, map[string]any{"keys": []token.JWK{signer.JWK()}})
	case path == "token" && r.Method == http.MethodPost:
		o.token(w, r, signer, address)
	default:
		o.refuse(w, r, http.StatusNotFound, "NotFound", "The emulator's issuer has GET /.well-known/openid-configuration, GET /keys and POST /token.")
	}
}

func (o *Own) token(w http.ResponseWriter, r *http.Request, signer *token.Signer, address string) {
	var in struct {
		Subject   string         `json:"subject"`
		Audience  string         `json:"audience"`
		ExpiresIn int            `json:"expiresIn"`
		Claims    map[string]any `json:"claims"`
	}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAsk))
	dec.DisallowUnknownFields()
	err := dec.Decode(&in)
	if err == nil && in.Subject == "" {
		err = errors.New("it has no subject")
	}
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("there is more after the JSON value")
		}
	}
	if err != nil {
		o.refuse(w, r, http.StatusBadRequest, "InvalidJSON", `The body is not {"subject":"…","audience":"…","expiresIn":600,"claims":{}}: `+err.Error()+".")
		return
	}
	if in.Audience == "" {
		in.Audience = "api://AzureADTokenExchange"
	}
	if in.ExpiresIn == 0 {
		in.ExpiresIn = lifeDefault
	}
	now := o.Now().Unix()
	claims := map[string]any{"iat": now, "nbf": now}
	maps.Copy(claims, in.Claims)
	claims["iss"], claims["sub"], claims["aud"], claims["exp"] = address, in.Subject, in.Audience, now+int64(in.ExpiresIn)
	signed, err := signer.Sign(claims)
	if err != nil {
		o.Logger.ErrorContext(r.Context(), "signing for a subject", "error", err)
		o.refuse(w, r, http.StatusInternalServerError, "InternalError", "The token could not be signed. The emulator's log says why.")
		return
	}
	o.answer(w, r, http.StatusOK, map[string]any{"token": signed, "issuer": address})
}

func (o *Own) refuse(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	o.answer(w, r, status, map[string]any{"error": map[string]string{"code": code, "message": message}})
}

func (o *Own) answer(w http.ResponseWriter, r *http.Request, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		o.Logger.DebugContext(r.Context(), "issuer's answer not delivered", "error", err)
	}
}
