package entra

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
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
	switch grant := x.form.Get("grant_type"); grant {
	case "client_credentials":
		return x.clientCredentials(segment)
	case "urn:ietf:params:oauth:grant-type:device_code", "device_code":
		return x.redeemDeviceCode(segment)
	case "refresh_token":
		return x.refresh()
	default:
		return nil, unsupportedGrant(grant)
	}
}

// clientCredentials gives an application a token of its own.
func (x *exchanged) clientCredentials(segment string) (any, *failure) {
	if segment == common || segment == organizations {
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
	for _, g := range s.directory.AppRoleGrants.AllSeen() {
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

// redeemDeviceCode answers a poll.
func (x *exchanged) redeemDeviceCode(segment string) (any, *failure) {
	c, fail := x.client()
	if fail != nil {
		return nil, fail
	}
	proof, fail := x.authenticate(c)
	if fail != nil {
		return nil, fail
	}
	// Some clients send the code by its version 1 name, some by both.
	code := x.form.Get("device_code")
	if code == "" {
		code = x.form.Get("code")
	}
	if code == "" && x.v1 {
		return nil, missing("code")
	}
	if code == "" {
		return nil, missing("device_code")
	}
	key := directory.HashSecret(code)
	var (
		found *directory.DeviceCode
		user  *directory.User
	)
	look := func() *failure {
		found, _ = x.directory.DeviceCodes.Get(key)
		if f := x.judgeCode(found, c, segment); f != nil {
			return f
		}
		user, fail = x.person(found.UserID, true)
		return fail
	}
	// Most polls change nothing: they are answered without the writer's lock.
	x.directory.Read(func() { fail = look() })
	if fail != nil {
		return nil, fail
	}
	a, fail := parseScope(found.Scope)
	if fail != nil {
		return nil, fail
	}
	t, fail := x.userTarget(&a)
	if fail != nil {
		return nil, fail
	}
	refresh, hash := newSecret()
	err := x.directory.Write(func() error {
		if f := look(); f != nil {
			return f
		}
		redeemed := *found
		redeemed.Status = statusRedeemed
		x.directory.DeviceCodes.Put(key, &redeemed)
		if a.offline {
			x.putRefresh(hash, c.id, user.ID, true)
		}
		return nil
	})
	if err != nil {
		return nil, x.writeFailure(err)
	}
	exchange.SetCaller(x.r.Context(), user.UserPrincipalName)
	return x.userAnswer(c, t, a, user, proof, refresh)
}

// judgeCode says why a device code cannot be redeemed; nil if it can.
func (x *exchanged) judgeCode(d *directory.DeviceCode, c *client, segment string) *failure {
	switch {
	case d == nil || d.ClientID != c.id:
		return codeUnknown()
	case d.Tenant != segment:
		return codeOfOtherTenant()
	case d.Status == statusRedeemed:
		return codeRedeemed()
	case !x.now.Before(d.Expires):
		return codeExpired(x.v1)
	case d.Status == statusDenied:
		return declined()
	case d.Status == statusPending:
		return pending()
	}
	return nil
}

// person is the user whose grant is redeemed. Conditional Access keeps to a grant that came from the device code flow
// for its whole life (Microsoft Entra Conditional Access, authentication flows: protocol tracking).
func (x *exchanged) person(id string, device bool) (*directory.User, *failure) {
	u, ok := x.directory.Users.Get(id)
	switch {
	case !ok:
		return nil, userNotFound(x.tenant.DisplayName)
	case device && u.DeviceCodeBlocked:
		return nil, blocked()
	}
	return u, nil
}

// refresh redeems a refresh token: for any resource, and under any name of the tenant. The answer has a new one; the
// old one stays valid.
func (x *exchanged) refresh() (any, *failure) {
	c, fail := x.client()
	if fail != nil {
		return nil, fail
	}
	proof, fail := x.authenticate(c)
	if fail != nil {
		return nil, fail
	}
	if fail := x.required("refresh_token"); fail != nil {
		return nil, fail
	}
	a := ask{}
	if x.v1 || x.form.Get("scope") != "" {
		if a, fail = x.asked(); fail != nil {
			return nil, fail
		}
	}
	a.offline = true
	key := directory.HashSecret(x.form.Get("refresh_token"))
	var (
		old  *directory.RefreshToken
		user *directory.User
	)
	look := func() *failure {
		old, _ = x.directory.RefreshTokens.Get(key)
		if f := x.judgeRefresh(old, c); f != nil {
			return f
		}
		user, fail = x.person(old.UserID, old.Device)
		return fail
	}
	x.directory.Read(func() { fail = look() })
	if fail != nil {
		return nil, fail
	}
	t, fail := x.userTarget(&a)
	if fail != nil {
		return nil, fail
	}
	next, hash := newSecret()
	err := x.directory.Write(func() error {
		if f := look(); f != nil {
			return f
		}
		x.putRefresh(hash, c.id, user.ID, old.Device)
		return nil
	})
	if err != nil {
		return nil, x.writeFailure(err)
	}
	exchange.SetCaller(x.r.Context(), user.UserPrincipalName)
	return x.userAnswer(c, t, a, user, proof, next)
}

func (x *exchanged) judgeRefresh(t *directory.RefreshToken, c *client) *failure {
	switch {
	case t == nil:
		return refreshUnknown()
	case t.ClientID != c.id && (c.microsoft == nil || microsoftClientOf(t.ClientID) == nil):
		return refreshOfOtherClient()
	case t.Revoked:
		return refreshRevoked(t.Issued, x.now)
	case !x.now.Before(t.Expires):
		return refreshExpired(t.Issued)
	}
	return nil
}

// refreshLife is how long a refresh token lasts (Microsoft identity platform, refresh tokens).
const refreshLife = 90 * 24 * time.Hour

func (x *exchanged) putRefresh(hash, clientID, userID string, device bool) {
	x.directory.RefreshTokens.Put(hash, &directory.RefreshToken{
		ClientID: clientID, UserID: userID, Device: device, Issued: x.now, Expires: x.now.Add(refreshLife),
	})
}

// userTarget is the resource of a person's token. Somebody who asks for OIDC scopes alone gets a token of Microsoft
// Graph, which is where the profile is read.
func (x *exchanged) userTarget(a *ask) (target, *failure) {
	if a.resource == "" {
		a.resource = "https://graph.microsoft.com"
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
