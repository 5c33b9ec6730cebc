package graph

import (
	"net/http"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/exchange"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// guest takes a token of another tenant, which the caller is a guest of; nil if there is none.
func (c *call) guest(raw string) *exchange.Caller {
	var others []directory.OtherTenant
	c.Directory.Read(func() {
		if t, ok := c.Directory.Tenants.Get(c.TenantID); ok {
			others = t.Others
		}
	})
	for i := range others {
		caller, err := c.Signer.Verify(raw, c.at, others[i].ID, c.audiences)
		if err == nil && caller.User && others[i].Home(caller.ObjectID) != "" {
			c.other = &others[i]
			exchange.SetCaller(c.request.Context(), caller.Name)
			return caller
		}
	}
	return nil
}

// routeGuest is all that a guest may read of another tenant: oneself and one's directory roles (Microsoft Entra, default
// user permissions: guests).
func (c *call) routeGuest() (*answer, error) {
	if c.request.Method != http.MethodGet || len(c.path) == 0 || !c.path[0].Is("me") || !c.maySeeSelf() {
		return nil, odata.Forbidden()
	}
	rest := c.path[1:]
	switch {
	case len(rest) == 0:
		return c.read(func() (*answer, error) {
			home, ok := c.Directory.Users.Get(c.other.Home(c.caller.ObjectID))
			if !ok {
				return nil, odata.NotFound(c.caller.ObjectID)
			}
			return c.single(view{c.kinds.user, c.caller.ObjectID, map[string]any{
				"id": c.caller.ObjectID, "displayName": home.DisplayName, "givenName": optional(home.GivenName), "surname": optional(home.Surname),
				"userPrincipalName": strings.ReplaceAll(home.UserPrincipalName, "@", "_") + "#EXT#@" + c.other.Domain,
				"mail":              home.UserPrincipalName, "userType": "Guest", "accountEnabled": true, "businessPhones": []string{},
			}})
		})
	case rest[0].Is("memberOf"), rest[0].Is("transitiveMemberOf"):
		if len(rest) == 2 && !rest[1].Is("microsoft.graph.directoryRole") || len(rest) > 2 {
			return nil, odata.NoSegment(rest[len(rest)-1].Original)
		}
		return c.read(func() (*answer, error) {
			roles := c.other.Guests[c.other.Home(c.caller.ObjectID)].Roles
			return c.list(listing{kind: c.kinds.directoryRole, context: "directoryObjects", units: 1, objects: func(yield func(resource) bool) {
				for _, name := range roles {
					if !yield(c.viewRole(name)) {
						return
					}
				}
			}})
		})
	}
	return nil, odata.Forbidden()
}
