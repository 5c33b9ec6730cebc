package entra

import (
	"errors"
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/exchange"
)

// token is the token endpoint.
func (x *exchanged) token() (any, *failure) {
	segment, fail := x.segment()
	if fail != nil {
		return nil, fail
	}
	if fail := x.basic(); fail != nil {
		return nil, fail
	}
	if fail := x.required("grant_type"); fail != nil {
		return nil, fail
	}
	if !x.v1 && x.form.Get("resource") != "" {
		return nil, resourceNotSupported()
	}
	switch grant := x.form.Get("grant_type"); grant {
	case "client_credentials":
		return x.clientCredentials(segment)
	case "urn:ietf:params:oauth:grant-type:device_code", "device_code":
		return x.redeemDeviceCode(segment)
	case "authorization_code":
		return x.redeemCode(segment)
	case "refresh_token":
		return x.refresh()
	case "password":
		return x.password(segment)
	default:
		return nil, unsupportedGrant(grant)
	}
}

// clientCredentials gives an application a token of its own.
func (x *exchanged) clientCredentials(segment string) (any, *failure) {
	if segment == common || segment == organizations || segment == consumers {
		return nil, grantNeedsTenant(segment)
	}
	c, fail := x.client()
	if fail != nil {
		return nil, fail
	}
	exchange.SetCaller(x.r.Context(), c.id)
	a, fail := x.askedByApp()
	if fail != nil {
		return nil, fail
	}
	if x.form.Get("client_secret") == "" && x.form.Get("client_assertion") == "" {
		return nil, noCredential(true)
	}
	proof, fail := x.authenticate(c)
	if fail != nil {
		return nil, fail
	}
	t, roles, fail := x.target(a, c.sp.ID)
	if fail != nil {
		return nil, fail
	}
	return x.appAnswer(c, t, proof, roles)
}

// target finds the resource, and what the service principal may do there. Without an id: nothing.
func (x *exchanged) target(a ask, servicePrincipalID string) (target, []string, *failure) {
	var (
		t     target
		ok    bool
		roles []string
	)
	x.directory.Read(func() {
		if t, ok = x.find(a.resource); ok && servicePrincipalID != "" {
			roles = x.roles(servicePrincipalID, t)
		}
	})
	if !ok {
		return t, nil, resourceNotFound(a.resource, x.tenant.DisplayName)
	}
	return t, roles, nil
}

// roles are the application permissions that a service principal was granted. Only inside Directory.Read.
func (s *Service) roles(servicePrincipalID string, t target) []string {
	var roles []string
	for _, g := range s.directory.AppRoleGrants.EachSeen(servicePrincipalID) {
		if g.PrincipalID != servicePrincipalID || g.RoleValue == "" || slices.Contains(roles, g.RoleValue) {
			continue
		}
		resource, ok := s.directory.ServicePrincipals.Get(g.ResourceID)
		if ok && resource.AppID == t.appID {
			roles = append(roles, g.RoleValue)
		}
	}
	return roles
}

// userTarget is the resource of a person's token. Somebody who asks for OIDC scopes alone gets a token of Microsoft
// Graph, which is where the profile is read.
func (x *exchanged) userTarget(a *ask) (target, *failure) {
	if a.resource == "" {
		a.resource = "https://" + x.graphHost()
	}
	t, _, fail := x.target(*a, "")
	return t, fail
}

// writeFailure tells a refusal found under the lock from a state that cannot be written.
func (x *exchanged) writeFailure(err error) *failure {
	if f := new(failure); errors.As(err, &f) {
		return f
	}
	x.logger.ErrorContext(x.r.Context(), "writing the directory", "error", err)
	return unavailable()
}

// Error makes a refusal a reason for Directory.Write to keep nothing.
func (f *failure) Error() string { return strings.TrimSpace(f.OAuth + ": " + f.Text) }
