package entra

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// tokenAnswer has the members of a recorded answer, in its order; those of a person's sign-in are absent for
// applications.
type tokenAnswer struct {
	Type         string `json:"token_type"`
	Scope        string `json:"scope,omitempty"`
	ExpiresIn    int    `json:"expires_in"`
	ExtExpiresIn int    `json:"ext_expires_in"`
	Access       string `json:"access_token"`
	Refresh      string `json:"refresh_token,omitempty"`
	Family       string `json:"foci,omitempty"`
	ID           string `json:"id_token,omitempty"`
	ClientInfo   string `json:"client_info,omitempty"`
}

// tokenAnswerV1 is the answer of the version 1 endpoint, with numbers as texts.
type tokenAnswerV1 struct {
	Type         string `json:"token_type"`
	Scope        string `json:"scope,omitempty"`
	ExpiresIn    string `json:"expires_in"`
	ExtExpiresIn string `json:"ext_expires_in"`
	ExpiresOn    string `json:"expires_on"`
	NotBefore    string `json:"not_before"`
	Resource     string `json:"resource"`
	Access       string `json:"access_token"`
	Refresh      string `json:"refresh_token,omitempty"`
	Family       string `json:"foci,omitempty"`
	ID           string `json:"id_token,omitempty"`
	ClientInfo   string `json:"client_info,omitempty"`
}

// Lifetimes in seconds. A person's token lasts 60 to 90 minutes, at random, or a day for a client that says it can
// handle claims challenges (Microsoft identity platform, access tokens: token lifetime; recorded 2021 to 2023).
const (
	appLife      = 3599
	userLifeFrom = 3600
	userLifeTo   = 5400
	longLife     = 86399
)

// backdate is how far before the answer a token begins, for resources whose clocks are behind.
const backdate = 5 * time.Minute

func (x *exchanged) appAnswer(c *client, t target, proof string, roles []string) (any, *failure) {
	claims := x.appClaims(c, t, proof, roles, appLife)
	access, fail := x.sign(claims)
	if fail != nil {
		return nil, fail
	}
	return x.inVersion(tokenAnswer{Type: "Bearer", ExpiresIn: appLife, ExtExpiresIn: appLife, Access: access}, t), nil
}

func (x *exchanged) userAnswer(c *client, t target, a ask, g grant, proof, refresh string) (any, *failure) {
	u := g.user
	life := x.userLife
	if life == 0 {
		life = userLifeFrom + random(userLifeTo-userLifeFrom)
	}
	if handlesChallenges(x.form.Get("claims")) {
		life = longLife
	}
	scopes := x.delegated(c, t, a, u)
	claims := x.claims(c, t, life)
	claims["idtyp"] = "user"
	claims["acct"] = 0
	claims["acr"] = "1"
	claims["amr"] = []string{"pwd", "mfa"}
	claims["appidacr"] = proof
	claims["scp"] = strings.Join(scopes, " ")
	claims["oid"] = u.ID
	claims["sub"] = pairwise(u.ID, t.appID)
	claims["name"] = u.DisplayName
	claims["unique_name"], claims["upn"] = u.UserPrincipalName, u.UserPrincipalName
	claims["wids"] = directoryRoles(u)
	if host, _, err := net.SplitHostPort(x.r.RemoteAddr); err == nil {
		claims["ipaddr"] = host
	}
	if u.GivenName != "" {
		claims["given_name"] = u.GivenName
	}
	if u.Surname != "" {
		claims["family_name"] = u.Surname
	}
	if t.version2() {
		claims["aud"] = t.appID
		x.toVersion2(claims, c, proof)
		claims["preferred_username"] = u.UserPrincipalName
		for _, name := range []string{"acct", "acr", "amr", "unique_name", "upn", "ipaddr", "given_name", "family_name", "wids"} {
			delete(claims, name)
		}
	}
	access, fail := x.sign(claims)
	if fail != nil {
		return nil, fail
	}
	out := tokenAnswer{
		Type: "Bearer", Scope: answerScope(t, a, scopes), ExpiresIn: life, ExtExpiresIn: life, Access: access,
	}
	if a.offline {
		out.Refresh = refresh
		if c.microsoft != nil {
			out.Family = "1"
		}
	}
	if a.openid {
		if out.ID, fail = x.idToken(c, u, g.nonce); fail != nil {
			return nil, fail
		}
	}
	if x.form.Get("client_info") == "1" {
		out.ClientInfo = x.clientInfo(u)
	}
	return x.inVersion(out, t), nil
}

// clientInfo names the person's account, as MSAL wants it.
func (x *exchanged) clientInfo(u *directory.User) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"uid":%q,"utid":%q}`, u.ID, x.tenant.ID))
}

// answerScope names what was granted, each with its resource, and what was asked for: MSAL caches a token under the
// scopes of the answer, and looks for it by those that it asked for (recorded 2021 and 2022).
func answerScope(t target, a ask, granted []string) string {
	var all []string
	for _, g := range granted {
		if g == "openid" || g == "email" || g == "profile" {
			all = append(all, g)
			continue
		}
		all = append(all, t.audience+"/"+g)
	}
	for _, s := range a.scopes {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return strings.Join(all, " ")
}

// inVersion puts the answer into the form of the endpoint that was asked.
func (x *exchanged) inVersion(a tokenAnswer, t target) any {
	if !x.v1 {
		return a
	}
	life := strconv.Itoa(a.ExpiresIn)
	out := tokenAnswerV1{
		Type: a.Type, ExpiresIn: life, ExtExpiresIn: life, Resource: t.audience, Access: a.Access,
		ExpiresOn: strconv.FormatInt(x.now.Unix()+int64(a.ExpiresIn), 10),
		NotBefore: strconv.FormatInt(x.now.Add(-backdate).Unix(), 10),
		Refresh:   a.Refresh, Family: a.Family, ID: a.ID, ClientInfo: a.ClientInfo,
	}
	if a.Scope != "" {
		out.Scope = "user_impersonation"
	}
	return out
}

// claims are those that every access token has (Microsoft identity platform, access token claims reference).
func (x *exchanged) claims(c *client, t target, life int) map[string]any {
	from := x.now.Add(-backdate).Unix()
	home, _ := x.cloud()
	claims := map[string]any{
		"aud": t.audience, "iss": x.sts(x.tenant.ID), "iat": from, "nbf": from, "exp": x.now.Unix() + int64(life),
		"aio": opaque(30), "appid": c.id, "rh": "1." + opaque(30) + ".", "tid": x.tenant.ID, "uti": opaque(16), "ver": "1.0",
	}
	if t.graph {
		claims["app_displayname"] = c.name()
		claims["tenant_region_scope"] = home.Region
	}
	return claims
}

// idToken tells the client who signed in (Microsoft identity platform, ID token claims reference).
func (x *exchanged) idToken(c *client, u *directory.User, nonce string) (string, *failure) {
	from := x.now.Add(-backdate).Unix()
	claims := map[string]any{
		"aud": c.id, "iat": from, "nbf": from, "exp": x.now.Add(time.Hour).Unix(), "aio": opaque(30), "name": u.DisplayName,
		"oid": u.ID, "rh": "1." + opaque(30) + ".", "sub": pairwise(u.ID, c.id), "tid": x.tenant.ID, "uti": opaque(16),
	}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	if x.v1 {
		claims["ver"], claims["iss"] = "1.0", x.sts(x.tenant.ID)
		claims["amr"] = []string{"pwd", "mfa"}
		claims["unique_name"], claims["upn"] = u.UserPrincipalName, u.UserPrincipalName
	} else {
		claims["ver"], claims["iss"] = "2.0", x.loginURL()+"/"+x.tenant.ID+"/v2.0"
		claims["preferred_username"] = u.UserPrincipalName
	}
	return x.sign(claims)
}

func (x *exchanged) sign(claims map[string]any) (string, *failure) {
	signed, err := x.signer.Sign(claims)
	if err != nil {
		return "", x.writeFailure(err)
	}
	return signed, nil
}

// handlesChallenges says whether the claims parameter names the client capability CP1.
func handlesChallenges(claims string) bool {
	var asked struct {
		AccessToken struct {
			Capabilities struct {
				Values []string `json:"values"`
			} `json:"xms_cc"`
		} `json:"access_token"`
	}
	return json.Unmarshal([]byte(claims), &asked) == nil &&
		slices.ContainsFunc(asked.AccessToken.Capabilities.Values, func(v string) bool { return strings.EqualFold(v, "CP1") })
}

// directoryRoles are the template ids of a person's roles; the last is what every member of the directory has
// (Microsoft Entra built-in roles).
func directoryRoles(u *directory.User) []string {
	templates := map[string]string{
		"Global Administrator":            "62e90394-69f5-4237-9190-012177145e10",
		"Application Administrator":       "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
		"Cloud Application Administrator": "158c047a-c907-4556-b7ef-446551a6b5f7",
	}
	var out []string
	for _, r := range u.Roles {
		if id := templates[r]; id != "" {
			out = append(out, id)
		}
	}
	return append(out, "b79fbf4d-3ef9-4689-8143-76b194e85509")
}

// pairwise is a subject that differs from one application to the next.
func pairwise(userID, appID string) string {
	sum := sha256.Sum256([]byte(userID + "|" + appID))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func opaque(n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// random is a number of 0 to 65535, reduced: even enough for a lifetime.
func random(below int) int {
	var raw [2]byte
	_, _ = rand.Read(raw[:]) // never fails (crypto/rand)
	return int(binary.BigEndian.Uint16(raw[:])) % below
}
