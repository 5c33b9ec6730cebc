package entra

import (
	"crypto/subtle"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// client is the application that sends a request: one of Microsoft's public clients, which exist in every tenant, or
// a registration of the tenant with its service principal.
type client struct {
	id        string // lower case
	microsoft *microsoftClient
	app       *directory.Application
	sp        *directory.ServicePrincipal
}

type microsoftClient struct {
	id, name string
	dynamic  bool // may ask for any permission by name
}

// microsoftClients share refresh tokens, as Entra's family of client ids does (Microsoft, first-party application ids).
func microsoftClients() []microsoftClient {
	return []microsoftClient{
		{"04b07795-8ddb-461a-bbee-02f9e1bf7b46", "Microsoft Azure CLI", false},
		{"1950a258-227b-4e31-a9cf-717495945fc2", "Microsoft Azure PowerShell", false},
		{"14d82eec-204b-4c2f-b7e8-296a70dab67e", "Microsoft Graph Command Line Tools", true},
	}
}

func microsoftClientOf(id string) *microsoftClient {
	for _, m := range microsoftClients() {
		if m.id == id {
			return &m
		}
	}
	return nil
}

func (c *client) name() string {
	switch {
	case c.microsoft != nil:
		return c.microsoft.name
	case c.app != nil:
		return c.app.DisplayName
	}
	return c.sp.DisplayName
}

// passwords and keys are the client's own, those of the registration and those that stand on the service principal.
func (c *client) passwords() []directory.Password {
	if c.app == nil {
		return c.sp.Passwords
	}
	return slices.Concat(c.app.Passwords, c.sp.Passwords)
}

func (c *client) keys() []directory.Key {
	if c.app == nil {
		return c.sp.Keys
	}
	return slices.Concat(c.app.Keys, c.sp.Keys)
}

// public says whether the client may ask for a person's token without proving itself.
func (c *client) public() bool {
	if c.microsoft != nil {
		return true
	}
	if c.app == nil {
		return false
	}
	var yes *bool
	return json.Unmarshal(c.app.Properties["isFallbackPublicClient"], &yes) == nil && yes != nil && *yes
}

// client finds the application of client_id as a replica sees it.
func (x *exchanged) client() (*client, *failure) {
	if fail := x.required("client_id"); fail != nil {
		return nil, fail
	}
	given := x.form.Get("client_id")
	c := &client{id: strings.ToLower(given)}
	if c.microsoft = microsoftClientOf(c.id); c.microsoft != nil {
		return c, x.served(c)
	}
	if x.other != nil { // which has no applications
		return nil, appNotFound(given, x.tenant.DisplayName)
	}
	gone := false
	x.directory.Read(func() {
		app, ok := x.directory.Applications.FindSeen(c.id)
		if ok && app.DeletedAt == nil {
			c.app = app
		}
		gone = ok && c.app == nil
		c.sp = x.servicePrincipal(c.id)
	})
	switch {
	// The service principal of somebody else's application can be a client, too: its registration is in another tenant.
	case gone, c.app == nil && (c.sp == nil || isManagedIdentity(c.sp)):
		return nil, appNotFound(given, x.tenant.DisplayName)
	case c.sp == nil:
		return nil, noServicePrincipal(given, x.tenant.ID)
	case !c.sp.Enabled:
		return nil, appDisabled(given, c.name())
	}
	return c, x.served(c)
}

// served says whether the client may be used under the name of the tenant in the path.
func (x *exchanged) served(c *client) *failure {
	switch name := strings.ToLower(x.path); {
	case name == consumers:
		return onlyForOrganizations(c.id, c.name())
	case (name == common || name == organizations) && c.app != nil && c.app.SignInAudience == "AzureADMyOrg" && x.form.Get("grant_type") != "client_credentials":
		return notMultitenant(c.id, c.name())
	}
	return nil
}

// servicePrincipal is the living one of a client id; a soft-deleted one may lie beside it. Only inside Directory.Read.
func (s *Service) servicePrincipal(appID string) *directory.ServicePrincipal {
	for _, sp := range s.directory.ServicePrincipals.EachSeen(appID) {
		if sp.AppID == appID && sp.DeletedAt == nil {
			return sp
		}
	}
	return nil
}

// How a client proved itself, as the appidacr claim says it.
const (
	provedNothing     = "0"
	provedSecret      = "1"
	provedCertificate = "2"
)

// authenticate checks the credential of the request.
func (x *exchanged) authenticate(c *client) (string, *failure) {
	secret, assertion := x.form.Get("client_secret"), x.form.Get("client_assertion")
	switch {
	case secret == "" && assertion == "":
		if c.public() {
			return provedNothing, nil
		}
		return "", noCredential(false)
	case c.microsoft != nil:
		return "", publicClient()
	case assertion != "":
		return provedCertificate, x.checkAssertion(c, assertion)
	}
	return provedSecret, x.checkSecret(c, secret)
}

// startGrace is how much earlier than its start a credential is taken: the clock that wrote it may be ahead.
const startGrace = 5 * time.Minute

// checkSecret compares the secret with those of the application and of its service principal. An expired secret is
// called so only to somebody who knows it.
func (x *exchanged) checkSecret(c *client, secret string) *failure {
	hash := []byte(directory.HashSecret(secret))
	found, expired := false, false
	for _, p := range c.passwords() {
		if subtle.ConstantTimeCompare(hash, []byte(p.Hash)) == 0 || x.now.Before(p.Start.Add(-startGrace)) {
			continue
		}
		if x.now.Before(p.End) {
			found = true
		} else {
			expired = true
		}
	}
	switch {
	case found:
		return nil
	case expired:
		return expiredSecret(c.id)
	}
	return wrongSecret(c.id)
}
