package entra

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/exchange"
	"github.com/evercred/evercred/emulator/internal/token"
)

// userInfo tells a client who the person of its access token is (Microsoft identity platform, UserInfo endpoint). It is
// Microsoft Graph's, so it takes tokens of Graph with the scope openid, and refuses as Graph does.
func (x *exchanged) userInfo() {
	h := x.w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	scheme, raw, _ := strings.Cut(x.r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		raw = ""
	}
	caller, err := x.signer.Verify(strings.TrimSpace(raw), x.now, x.tenant.ID, token.GraphAudiences())
	var user *directory.User
	if err == nil && caller.User {
		exchange.SetCaller(x.r.Context(), caller.Name)
		x.directory.Read(func() { user, _ = x.directory.Users.Seen(caller.ObjectID) })
	}
	var body map[string]any
	status := http.StatusOK
	switch {
	case err != nil:
		status, body = http.StatusUnauthorized, graphError("InvalidAuthenticationToken", "Access token validation failure.")
		h.Set("WWW-Authenticate", `Bearer realm="", authorization_uri="`+x.loginURL()+`/common/oauth2/authorize", client_id="`+token.GraphAppID+`"`)
	case user == nil || !slices.Contains(caller.Scopes, "openid"):
		status, body = http.StatusForbidden, graphError("AccessDenied", "The token is not one of a person with the scope openid.")
	default:
		body = map[string]any{
			"sub": pairwise(user.ID, token.GraphAppID), "name": user.DisplayName, "given_name": user.GivenName, "family_name": user.Surname,
			"email": user.UserPrincipalName, "picture": "https://" + x.graphHost() + "/v1.0/me/photo/$value",
		}
	}
	x.w.WriteHeader(status)
	if err := json.NewEncoder(x.w).Encode(body); err != nil {
		x.logger.DebugContext(x.r.Context(), "userinfo not delivered", "error", err)
	}
}

func graphError(code, message string) map[string]any {
	return map[string]any{"error": map[string]string{"code": code, "message": message}}
}
