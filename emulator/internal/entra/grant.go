package entra

import (
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/exchange"
)

// grant is what a person gave a client: by a device code, an authorization code, or earlier, for a refresh token.
type grant struct {
	flow     string // see the constants of access.go
	user     *directory.User
	scope    string // that the sign-in was for
	device   bool   // it goes back to a device code: Conditional Access keeps to that
	stronger bool   // the person met what Conditional Access asked for
	nonce    string
}

// redeem answers with tokens for a grant. take marks the grant as used and is run inside Directory.Write, where it may
// still refuse; nil: there is nothing to mark.
func (x *exchanged) redeem(c *client, proof string, g grant, a ask, take func() *failure) (any, *failure) {
	t, fail := x.userTarget(&a)
	if fail != nil {
		return nil, fail
	}
	home := g.user.ID
	if fail := x.asGuest(&g, c); fail != nil {
		return nil, fail
	}
	g.stronger = g.stronger || g.flow != flowRefresh && asksMore(g.user, t)
	if fail := x.access(g, t); fail != nil {
		return nil, fail
	}
	refresh, hash := "", ""
	if a.offline {
		refresh, hash = newSecret()
	}
	err := x.directory.Write(func() error {
		if take != nil {
			if f := take(); f != nil {
				return f
			}
		}
		if a.offline {
			x.directory.RefreshTokens.Put(hash, &directory.RefreshToken{
				ClientID: c.id, UserID: home, Device: g.device, Stronger: g.stronger, Scope: g.scope,
				Issued: x.now, Expires: x.now.Add(refreshLife),
			})
		}
		return nil
	})
	if err != nil {
		return nil, x.writeFailure(err)
	}
	exchange.SetCaller(x.r.Context(), g.user.UserPrincipalName)
	return x.userAnswer(c, t, a, g, proof, refresh)
}

// person is the user whose grant is redeemed. Only inside Directory.Read and Write.
func (x *exchanged) person(id string) (*directory.User, *failure) {
	u, ok := x.directory.Users.Get(id)
	switch {
	case !ok:
		return nil, userNotFound(x.tenant.DisplayName)
	case u.Disabled:
		return nil, userDisabled()
	}
	return u, nil
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
		if f := x.judgeDeviceCode(found, c, segment); f != nil {
			return f
		}
		user, fail = x.person(found.UserID)
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
	g := grant{flow: flowDevice, user: user, scope: found.Scope, device: true, stronger: found.Stronger}
	return x.redeem(c, proof, g, a, func() *failure {
		if f := look(); f != nil {
			return f
		}
		redeemed := *found
		redeemed.Status = statusRedeemed
		x.directory.DeviceCodes.Put(key, &redeemed)
		return nil
	})
}

// judgeDeviceCode says why a device code cannot be redeemed; nil if it can.
func (x *exchanged) judgeDeviceCode(d *directory.DeviceCode, c *client, segment string) *failure {
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

// refreshLife is how long a refresh token lasts (Microsoft identity platform, refresh tokens).
const refreshLife = 90 * 24 * time.Hour

// refresh redeems a refresh token: for any resource, and under any name of the tenant. The answer has a new one; the
// old one stays valid (Microsoft identity platform, refresh tokens). A request that names no scope means that of the
// sign-in.
func (x *exchanged) refresh() (any, *failure) {
	c, fail := x.client()
	if fail != nil {
		return nil, fail
	}
	if fail := x.required("refresh_token"); fail != nil {
		return nil, fail
	}
	key := directory.HashSecret(x.form.Get("refresh_token"))
	var (
		old  *directory.RefreshToken
		user *directory.User
	)
	look := func() *failure {
		old, _ = x.directory.RefreshTokens.Get(key)
		if old == nil {
			return refreshUnknown()
		}
		if user, fail = x.person(old.UserID); fail != nil {
			return fail
		}
		return x.judgeRefresh(old, user, c)
	}
	proof, fail := x.authenticate(c)
	if fail != nil {
		return nil, fail
	}
	x.directory.Read(func() { fail = look() })
	if fail != nil {
		return nil, fail
	}
	var a ask
	switch {
	case x.form.Get("scope") != "" && !x.v1, x.form.Get("resource") != "" && x.v1:
		a, fail = x.asked()
	default:
		a, fail = parseScope(old.Scope)
	}
	if fail != nil {
		return nil, fail
	}
	a.offline = true
	scope := old.Scope
	if scope == "" {
		scope = x.form.Get("scope")
	}
	g := grant{flow: flowRefresh, user: user, scope: scope, device: old.Device, stronger: old.Stronger}
	return x.redeem(c, proof, g, a, look)
}

func (x *exchanged) judgeRefresh(t *directory.RefreshToken, u *directory.User, c *client) *failure {
	switch {
	case t.ClientID != c.id && (c.microsoft == nil || microsoftClientOf(t.ClientID) == nil):
		return refreshOfOtherClient()
	case u.ValidFrom != nil && t.Issued.Before(*u.ValidFrom):
		return refreshRevoked(t.Issued, *u.ValidFrom)
	case t.Revoked:
		return refreshRevoked(t.Issued, x.now)
	case !x.now.Before(t.Expires):
		return refreshExpired(t.Issued)
	}
	return nil
}
