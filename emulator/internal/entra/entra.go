// Package entra is the Microsoft Entra ID part of the emulated cloud: discovery documents, signing keys, the device
// code flow with its page for people, and the token endpoint, in their version 1 and version 2 forms.
//
// It decides who gets a token and for what. Bodies, texts and headers follow recorded answers of 2021 to 2025 and
// Microsoft's references; where those disagree, the newest recording wins. Signatures and hashes are made outside the
// directory's lock.
package entra

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/token"
)

// Config is what the service needs. All but Logger and DeviceLoginURL is required.
type Config struct {
	Directory *directory.Store
	Signer    *token.Signer
	TenantID  string
	BaseURL   func(r *http.Request) string // origin for links, follows the Host asked; no slash at the end
	Logger    *slog.Logger                 // nil: silent

	// DeviceLoginURL is the address of the page for people that answers to r name. Default: BaseURL + "/devicelogin".
	DeviceLoginURL func(r *http.Request) string
}

// Service answers the requests. It is safe for concurrent use.
type Service struct {
	directory      *directory.Store
	signer         *token.Signer
	tenantID       string
	baseURL        func(*http.Request) string
	deviceLoginURL func(*http.Request) string
	logger         *slog.Logger
	pages          pages

	swept time.Time // when codes and refresh tokens that ended long ago were last removed; only inside Directory.Write
}

// New makes the service.
func New(c Config) *Service {
	s := &Service{
		directory: c.Directory, signer: c.Signer, tenantID: c.TenantID, baseURL: c.BaseURL,
		deviceLoginURL: c.DeviceLoginURL, logger: c.Logger, pages: newPages(),
	}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	if s.deviceLoginURL == nil {
		s.deviceLoginURL = func(r *http.Request) string { return s.baseURL(r) + devicePath }
	}
	return s
}

const devicePath = "/devicelogin"

// ServeHTTP finds the endpoint. The tenant is the first part of the path; letter case does not matter in the rest
// (MSAL Go lower-cases the whole address of an authority).
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimRight(r.URL.Path, "/")
	if strings.EqualFold(path, devicePath) {
		s.servePage(w, r)
		return
	}
	tenant, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	x := s.newExchange(w, r, tenant)
	switch strings.ToLower(rest) {
	case "discovery/instance":
		x.read((*exchanged).instanceDiscovery)
	case "v2.0/.well-known/openid-configuration":
		x.read((*exchanged).configurationV2)
	case ".well-known/openid-configuration":
		if strings.EqualFold(tenant, adfs) {
			x.read((*exchanged).configurationV2)
			return
		}
		x.read((*exchanged).configurationV1)
	case "discovery/v2.0/keys":
		x.read((*exchanged).keysV2)
	case "discovery/keys":
		x.read((*exchanged).keysV1)
	case "oauth2/v2.0/devicecode":
		x.post((*exchanged).deviceCode)
	case "oauth2/devicecode":
		x.v1 = true
		if r.Method == http.MethodGet {
			x.form = r.URL.Query()
			x.answer(x.deviceCode())
			return
		}
		x.post((*exchanged).deviceCode)
	case "oauth2/v2.0/token":
		x.post((*exchanged).token)
	case "oauth2/token":
		x.v1 = true
		x.post((*exchanged).token)
	default:
		w.WriteHeader(http.StatusNotFound) // Entra answers unknown paths with an empty 404
	}
}
