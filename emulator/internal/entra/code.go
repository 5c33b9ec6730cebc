package entra

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// authorizationLife is how long an authorization code lasts (Microsoft identity platform, authorization code flow: "about
// 10 minutes").
const authorizationLife = 10 * time.Minute

// putAuthorization stores what a person granted and returns the code for it.
func (x *exchanged) putAuthorization(a *authorization, userID string) (string, *failure) {
	text, key := newSecret()
	err := x.directory.Write(func() error {
		x.sweep(x.now)
		x.directory.Codes.Put(key, &directory.AuthorizationCode{
			ClientID: a.client.id, Tenant: a.segment, RedirectURI: a.redirectURI, Platform: a.platform, Scope: a.scope,
			Challenge: a.challenge, Plain: a.plain, Nonce: a.nonce, UserID: userID, Stronger: a.stronger,
			Expires: x.now.Add(authorizationLife),
		})
		return nil
	})
	if err != nil {
		return "", x.writeFailure(err)
	}
	return text, nil
}

// redeemCode answers with the tokens for an authorization code.
func (x *exchanged) redeemCode(segment string) (any, *failure) {
	c, fail := x.client()
	if fail != nil {
		return nil, fail
	}
	if fail := x.required("code"); fail != nil {
		return nil, fail
	}
	key := directory.HashSecret(x.form.Get("code"))
	var (
		found *directory.AuthorizationCode
		user  *directory.User
	)
	look := func() *failure {
		found, _ = x.directory.Codes.Get(key)
		if found == nil {
			return authorizationUnknown()
		}
		if f := x.judgeAuthorization(found, c, segment); f != nil {
			return f
		}
		user, fail = x.person(found.UserID)
		return fail
	}
	// The client proves itself first: who cannot learns nothing of the code. How it must depends on the code's platform.
	x.directory.Read(func() { found, _ = x.directory.Codes.Get(key) })
	proof, fail := x.authenticateFor(c, found)
	if fail != nil {
		return nil, fail
	}
	x.directory.Read(func() { fail = look() })
	if fail != nil {
		return nil, fail
	}
	a, fail := x.askedByCode(found)
	if fail != nil {
		return nil, fail
	}
	g := grant{flow: flowCode, user: user, scope: found.Scope, stronger: found.Stronger, nonce: found.Nonce}
	return x.redeem(c, proof, g, a, func() *failure {
		if f := look(); f != nil {
			return f
		}
		redeemed := *found
		redeemed.Redeemed = true
		x.directory.Codes.Put(key, &redeemed)
		return nil
	})
}

// authenticateFor checks the credential as the platform of the code's redirect URI asks for it.
func (x *exchanged) authenticateFor(c *client, code *directory.AuthorizationCode) (string, *failure) {
	if code == nil || code.ClientID != c.id {
		return x.authenticate(c)
	}
	credential := x.form.Get("client_secret") != "" || x.form.Get("client_assertion") != ""
	foreign := x.r.Header.Get("Origin") != ""
	switch {
	case code.Platform == platformSPA && !foreign:
		return "", onlyCrossOrigin()
	case code.Platform != platformSPA && foreign:
		return "", noCrossOrigin()
	case code.Platform == platformWeb && !credential:
		return "", noCredential(false)
	case code.Platform == platformWeb:
		return x.authenticate(c)
	case credential:
		return "", publicClient()
	}
	return provedNothing, nil
}

// judgeAuthorization says why a code cannot be redeemed by this request; nil if it can.
func (x *exchanged) judgeAuthorization(d *directory.AuthorizationCode, c *client, segment string) *failure {
	switch {
	case d.ClientID != c.id:
		return refreshOfOtherClient()
	case d.Tenant != segment:
		return codeOfOtherTenant()
	case d.Redeemed:
		return codeRedeemed()
	case !x.now.Before(d.Expires):
		return authorizationExpired()
	case x.form.Get("redirect_uri") != d.RedirectURI:
		return otherRedirect(x.form.Get("redirect_uri"), d.RedirectURI)
	}
	return x.judgeVerifier(d)
}

// judgeVerifier checks the proof key (RFC 7636, section 4.6).
func (x *exchanged) judgeVerifier(d *directory.AuthorizationCode) *failure {
	verifier := x.form.Get("code_verifier")
	switch {
	case d.Challenge == "" && verifier == "":
		return nil
	case verifier == "":
		return verifierMissing()
	}
	given := verifier
	if !d.Plain {
		sum := sha256.Sum256([]byte(verifier))
		given = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	if subtle.ConstantTimeCompare([]byte(given), []byte(d.Challenge)) != 1 {
		return verifierWrong()
	}
	return nil
}

// askedByCode is what the request wants: what it names, else what the sign-in was for. OIDC scopes of the sign-in hold.
func (x *exchanged) askedByCode(d *directory.AuthorizationCode) (ask, *failure) {
	scope := d.Scope
	if x.v1 && x.form.Get("resource") != "" {
		return x.asked()
	}
	if !x.v1 && x.form.Get("scope") != "" {
		scope = x.form.Get("scope")
	}
	a, fail := parseScope(scope)
	if fail != nil {
		return a, fail
	}
	for s := range strings.FieldsSeq(strings.ToLower(d.Scope)) {
		a.openid = a.openid || s == "openid"
		a.offline = a.offline || s == "offline_access"
	}
	return a, nil
}
