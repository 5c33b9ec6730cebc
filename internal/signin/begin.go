package signin

import (
	"context"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// BeginRequest asks for a sign-in.
type BeginRequest struct {
	Cloud    string // empty: the default
	TenantID string // an id or a domain name; empty: the configured one, else of all organizations
	Method   account.SignInMethod

	// RedirectURI is a loopback address that the caller listens at; empty: the server sees to it. Browser only.
	RedirectURI string
	// LocalPort is the server's own port where the caller has it on a loopback address, so that the caller's browser can be
	// sent back there; empty: it cannot. Browser only.
	LocalPort string

	// Management and Graph are access tokens that the Azure CLI gave. AzureCLI only.
	Management, Graph GivenToken
}

// GivenToken is an access token from elsewhere, with the end that was told with it.
type GivenToken struct {
	Access    secret.Value
	ExpiresAt time.Time
}

// CallbackPath is where Microsoft sends browsers back to, below the server's public address.
const CallbackPath = "/api/v1/sign-ins/callback"

// pasteURI is where a browser goes back to if it can reach nobody: the person copies the address. Nothing should listen
// there; whoever did would get a code that is worth nothing without the proof key.
const pasteURI = "http://localhost:8400"

// codeLifetime is how long somebody may take to come back with a browser. Microsoft's code itself is good for some minutes
// from the moment that it is given.
const codeLifetime = 15 * time.Minute

// Begin begins a sign-in of the caller. For a device code it asks Microsoft for one; tokens of the Azure CLI are tried, and
// the sign-in is then complete. The faults name the field at fault.
func (s *Service) Begin(ctx context.Context, by account.Caller, q BeginRequest) (*account.SignInSession, error) {
	conn, err := s.connection(q.Cloud)
	if err != nil {
		return nil, err
	}
	v := &account.SignInSession{
		ID: newID(), State: account.SignInWaiting, Method: q.Method, ClientID: s.clientID, Cloud: conn.Cloud.Name, TenantID: strings.TrimSpace(q.TenantID),
	}
	if v.TenantID == "" {
		v.TenantID = s.tenant
	}
	if err := checkTenant(v.TenantID); err != nil {
		return nil, err
	}
	if q.Method != account.ByBrowser && q.RedirectURI != "" {
		return nil, fault.BadField("redirect_uri", "An address to come back to is given for a sign-in without a browser.", "Leave it out.")
	}
	if given := !q.Management.Access.Empty() || !q.Graph.Access.Empty(); given != (q.Method == account.ByAzureCLI) {
		return nil, fault.BadField("tokens", "Tokens are given for a method that takes none, or are missing where they are needed.",
			"Give the access tokens of the Azure CLI for Resource Manager and Microsoft Graph with the method azure_cli, and only then.")
	}
	switch q.Method {
	case account.ByDevice:
		return v, s.beginDevice(ctx, by, conn, v)
	case account.ByBrowser:
		return v, s.beginBrowser(ctx, by, v, q)
	case account.ByAzureCLI:
		return v, s.takeTokens(ctx, by, conn, v, q)
	}
	return nil, fault.BadField("method", "There is no way to sign in that is called \""+string(q.Method)+"\".", "Use device, browser or azure_cli.")
}

// checkTenant keeps what is no tenant out of the addresses that people are sent to.
func checkTenant(tenant string) error {
	good := len(tenant) <= 253 && !strings.ContainsFunc(tenant, func(r rune) bool {
		return r != '-' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	switch {
	case !good:
		return fault.BadField("tenant_id", "This is not a tenant.", "Give the directory (tenant) id or a domain name of the tenant, or nothing.")
	case strings.EqualFold(tenant, "common"), strings.EqualFold(tenant, "consumers"):
		return fault.BadField("tenant_id", "Personal Microsoft accounts cannot manage Azure applications of an organization.",
			"Give the directory (tenant) id or a domain name of the tenant, or nothing.")
	}
	return nil
}

func (s *Service) beginDevice(ctx context.Context, by account.Caller, conn Connection, v *account.SignInSession) error {
	code, err := conn.Entra.StartDeviceCode(ctx, v.TenantID, conn.Cloud.ManagementScope)
	if err != nil {
		return explain(err)
	}
	v.UserCode, v.VerificationURI, v.Message = code.UserCode, code.VerificationURI, code.Message
	v.CodeExpiresAt, v.IntervalSeconds = code.ExpiresAt, max(int(code.Interval/time.Second), 1)
	s.later(v)
	return s.put(ctx, by, "sign_in.begun", v, func(tx *store.Tx) error {
		return tx.PutSignInSessionSecret(v.ID, store.SessionSecret{Device: code.Device}, "")
	})
}

func (s *Service) beginBrowser(ctx context.Context, by account.Caller, v *account.SignInSession, q BeginRequest) error {
	fragment := false
	switch {
	case q.RedirectURI != "":
		if err := checkLoopback(q.RedirectURI); err != nil {
			return err
		}
		v.RedirectURI = q.RedirectURI
	case s.ownRedirect():
		v.RedirectURI, v.Returns, fragment = s.publicURL+CallbackPath, true, true
	case q.LocalPort != "":
		v.RedirectURI, v.Returns = "http://localhost:"+q.LocalPort, true
	default:
		v.RedirectURI = pasteURI
	}
	a := entra.NewAuthorization(v.RedirectURI, fragment)
	packed, err := a.Pack()
	if err != nil {
		return err
	}
	v.CodeExpiresAt = s.clock.Now().Add(codeLifetime)
	return s.put(ctx, by, "sign_in.begun", v, func(tx *store.Tx) error {
		return tx.PutSignInSessionSecret(v.ID, store.SessionSecret{Browser: packed}, a.State.Reveal())
	})
}

// ownRedirect reports whether Microsoft may send browsers back to the server's public address: only an application of one's
// own can have that registered.
func (s *Service) ownRedirect() bool { return s.publicURL != "" && s.clientID != entra.AzureCLI }

// checkLoopback holds that a code is sent to the caller's own machine and nowhere else.
func checkLoopback(text string) error {
	u, err := url.Parse(text)
	if err == nil && u.Scheme == "http" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && !strings.Contains(text, "#") &&
		u.Port() != "" && strings.Trim(u.Path, "/") == "" {
		if ip := net.ParseIP(u.Hostname()); u.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
			return nil
		}
	}
	return fault.BadField("redirect_uri", "The address to come back to is not on the caller's own machine.", "Give one like http://localhost:50123, or none.")
}
