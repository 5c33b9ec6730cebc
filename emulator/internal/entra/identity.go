package entra

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/identityendpoint"
)

// identityLife is how long a managed identity's token lasts, in seconds (Microsoft, managed identities: up to 24 hours).
const identityLife = 86399

// ManagedIdentity makes a token for a managed identity of the tenant. A refusal is an *identityendpoint.Refusal with
// Entra's text.
func (s *Service) ManagedIdentity(ctx context.Context, clientID, resource string) (identityendpoint.Token, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	if err != nil {
		return identityendpoint.Token{}, err
	}
	x := s.view(ctx).newExchange(nil, r, s.tenantID)
	signed, fail := x.identityToken(clientID, resource)
	if fail != nil {
		return identityendpoint.Token{}, &identityendpoint.Refusal{Text: fail.body(x).Description}
	}
	return identityendpoint.Token{Access: signed, Expires: x.now.Add(identityLife * time.Second).Truncate(time.Second)}, nil
}

func (x *exchanged) identityToken(clientID, resource string) (string, *failure) {
	c := &client{id: strings.ToLower(clientID)}
	x.directory.Read(func() { c.sp = x.servicePrincipal(c.id) })
	switch {
	case c.sp == nil || !isManagedIdentity(c.sp):
		return "", appNotFound(clientID, x.tenant.DisplayName)
	case !c.sp.Enabled:
		return "", appDisabled(clientID, c.name())
	}
	t, roles, fail := x.target(ask{resource: resource}, c.sp.ID)
	if fail != nil {
		return "", fail
	}
	claims := x.appClaims(c, t, provedCertificate, roles, identityLife)
	if id := identityResource(c.sp); id != "" {
		claims["xms_mirid"] = id
	}
	return x.sign(claims)
}

// isManagedIdentity says whether a service principal stands for a managed identity (Microsoft Graph, servicePrincipal:
// servicePrincipalType).
func isManagedIdentity(sp *directory.ServicePrincipal) bool {
	var kind string
	return json.Unmarshal(sp.Properties["servicePrincipalType"], &kind) == nil && kind == "ManagedIdentity"
}

// identityResource is the identity's id in Resource Manager, which is among its alternative names.
func identityResource(sp *directory.ServicePrincipal) string {
	var names []string
	if json.Unmarshal(sp.Properties["alternativeNames"], &names) == nil {
		for _, name := range names {
			if strings.HasPrefix(name, "/subscriptions/") {
				return name
			}
		}
	}
	return ""
}

// appClaims are those of a token of an application itself.
func (x *exchanged) appClaims(c *client, t target, proof string, roles []string, life int) map[string]any {
	claims := x.claims(c, t, life)
	claims["idtyp"] = "app"
	claims["oid"], claims["sub"] = c.sp.ID, c.sp.ID
	if len(roles) > 0 {
		claims["roles"] = roles
	}
	if t.version2() {
		claims["aud"] = t.appID
		x.toVersion2(claims, c, proof)
		return claims
	}
	claims["appidacr"] = proof
	claims["idp"] = x.sts(x.tenant.ID)
	if t.graph {
		claims["wids"] = []string{"0997a1d0-0d1d-4acb-b408-d5ca73121e90"}
	}
	return claims
}

// toVersion2 turns the claims of version 1 into those of version 2 (Microsoft identity platform, access token claims
// reference).
func (x *exchanged) toVersion2(claims map[string]any, c *client, proof string) {
	delete(claims, "appid")
	delete(claims, "appidacr")
	claims["iss"], claims["ver"] = x.loginURL()+"/"+x.tenant.ID+"/v2.0", "2.0"
	claims["azp"], claims["azpacr"] = c.id, proof
}
