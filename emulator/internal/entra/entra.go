// Package entra is the Microsoft Entra ID part of the emulated cloud: discovery documents, signing keys, the sign-in
// pages for people (device code and authorization code), and the token endpoint, in their version 1 and version 2 forms.
//
// It decides who gets a token and for what. Bodies, texts and headers follow recorded answers of 2021 to 2025 and
// Microsoft's references; where those disagree, the newest recording wins. Signatures and hashes are made outside the
// directory's lock, and the keys of outside issuers are fetched outside it.
package entra

import (
	"context"
	"crypto"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/evercred/evercred/emulator/internal/cloud"
	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/issuer"
	"github.com/evercred/evercred/emulator/internal/token"
)

// Config is what the service needs. Directory, Signer, TenantID and BaseURL are required.
type Config struct {
	Directory *directory.Store
	Signer    *token.Signer
	TenantID  string
	BaseURL   func(r *http.Request) string // origin for links, follows the Host asked; no slash at the end
	Logger    *slog.Logger                 // nil: silent

	// DeviceLoginURL is the address of the page for people that answers to r name. Default: BaseURL + "/devicelogin".
	DeviceLoginURL func(r *http.Request) string
	// Issuers finds the keys of federated credentials' issuers. Default: over the network, with the system's CAs.
	Issuers Issuers
	// UserLife is how many seconds a person's token lasts, for simulations that must run the same each time. 0: 60 to 90
	// minutes, at random.
	UserLife int

	// PollInterval is how long a client is to wait between two questions for a device code, in whole seconds; 0: 5 s, as recorded.
	PollInterval time.Duration
}

// Issuers finds the key of an outside issuer. Errors: those of package issuer.
type Issuers interface {
	Find(ctx context.Context, issuer, keyID string) (crypto.PublicKey, error)
}

// Service answers the requests. It is safe for concurrent use.
type Service struct {
	directory      *directory.Store
	signer         *token.Signer
	tenantID       string
	baseURL        func(*http.Request) string
	deviceLoginURL func(*http.Request) string
	issuers        Issuers
	logger         *slog.Logger
	pages          *pages
	userLife       int
	pollInterval   int           // seconds
	begun          *atomic.Int64 // codes
	swept          *atomic.Int64 // when what had ended long before was last removed: Unix seconds on the emulator's clock
}

// New makes the service.
func New(c Config) *Service {
	s := &Service{
		directory: c.Directory, signer: c.Signer, tenantID: c.TenantID, baseURL: c.BaseURL,
		deviceLoginURL: c.DeviceLoginURL, issuers: c.Issuers, logger: c.Logger, pages: newPages(), userLife: c.UserLife, pollInterval: int(c.PollInterval / time.Second), begun: new(atomic.Int64), swept: new(atomic.Int64),
	}
	if s.pollInterval == 0 {
		s.pollInterval = pollInterval
	}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	if s.deviceLoginURL == nil {
		s.deviceLoginURL = func(r *http.Request) string { return s.baseURL(r) + devicePath }
	}
	if s.issuers == nil {
		s.issuers = issuer.New(nil)
	}
	return s
}

// view is the service as it shows itself to one request: its directory is that of the replica that serves it.
func (s *Service) view(ctx context.Context) *Service {
	v := *s
	v.directory = s.directory.View(ctx)
	return &v
}

const (
	devicePath   = "/devicelogin"
	userInfoPath = "oidc/userinfo" // at Microsoft Graph's hosts
)

// ServeHTTP finds the endpoint. The tenant is the first part of the path; letter case does not matter in the rest
// (MSAL Go lower-cases the whole address of an authority).
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s = s.view(r.Context())
	path := strings.Trim(r.URL.Path, "/")
	switch strings.ToLower(path) {
	case "devicelogin", "device", "common/oauth2/deviceauth": // the last two are where Microsoft's own page moved
		s.servePage(w, r)
		return
	}
	tenant, rest, _ := strings.Cut(path, "/")
	// An authority that ends in /adfs makes clients skip instance discovery; some put the tenant after it.
	if next, more, ok := strings.Cut(rest, "/"); ok && strings.EqualFold(tenant, adfs) && s.named(next) {
		tenant, rest = next, more
	}
	x := s.newExchange(w, r, tenant)
	if strings.EqualFold(path, userInfoPath) || strings.EqualFold(rest, "openid/userinfo") {
		x.userInfo()
		return
	}
	if user, ok := strings.CutPrefix(strings.ToLower(rest), "userrealm/"); ok {
		x.read(func(x *exchanged) (any, *failure) { return x.userRealm(user) })
		return
	}
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
			var fail *failure
			if x.form, fail = parseForm(r.URL.RawQuery); fail != nil {
				x.answer(nil, fail)
				return
			}
			x.answer(x.deviceCode())
			return
		}
		x.post((*exchanged).deviceCode)
	case "oauth2/v2.0/token":
		x.post((*exchanged).token)
	case "oauth2/token":
		x.v1 = true
		x.post((*exchanged).token)
	case "oauth2/v2.0/authorize":
		x.authorize()
	case "oauth2/authorize":
		x.v1 = true
		x.authorize()
	case "oauth2/v2.0/logout", "oauth2/logout":
		x.signOut()
	default:
		w.WriteHeader(http.StatusNotFound) // Entra answers unknown paths with an empty 404
	}
}

// named says whether the text stands where a tenant does: its id, its domain, or one of the names for any tenant.
func (s *Service) named(text string) bool {
	var domain string
	s.directory.Read(func() {
		if t, ok := s.directory.Tenants.Get(s.tenantID); ok {
			domain = t.Domain
		}
	})
	for _, name := range []string{common, organizations, s.tenantID, domain} {
		if name != "" && strings.EqualFold(name, text) {
			return true
		}
	}
	return false
}

// cloud is the cloud whose host the client asked; the global one under the emulator's own names.
func (x *exchanged) cloud() (cloud.Cloud, cloud.Service) {
	host := x.r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return cloud.Find(host)
}

// loginURL is the origin that an issuer names: in Microsoft's clouds the one name of that cloud, whichever was asked.
func (x *exchanged) loginURL() string {
	if c, service := x.cloud(); service == cloud.Login {
		return "https://" + c.Login[0]
	}
	return x.baseURL(x.r)
}

// sts is the issuer of version 1 tokens of the tenant.
func (x *exchanged) sts(tenant string) string {
	c, _ := x.cloud()
	return c.STS + tenant + "/"
}

// sweepAfter is how many codes are begun until it is worth looking through all of them.
const sweepAfter = 100

// sweep removes what ended so long ago that nobody asks for it. Only inside Directory.Write.
func (s *Service) sweep(now time.Time) {
	if s.begun.Add(1)%sweepAfter != 0 || now.Sub(time.Unix(s.swept.Load(), 0)).Abs() < time.Hour {
		return
	}
	s.swept.Store(now.Unix())
	for key, d := range s.directory.DeviceCodes.All() {
		if now.Sub(d.Expires) > 24*time.Hour {
			s.directory.DeviceCodes.Delete(key)
		}
	}
	for key, c := range s.directory.Codes.All() {
		if now.Sub(c.Expires) > 24*time.Hour {
			s.directory.Codes.Delete(key)
		}
	}
	for key, t := range s.directory.RefreshTokens.All() {
		if now.Sub(t.Expires) > 30*24*time.Hour {
			s.directory.RefreshTokens.Delete(key)
		}
	}
}
