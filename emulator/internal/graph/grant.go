package graph

import (
	"encoding/base64"
	"iter"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// compoundID is how the directory names a relation: the guids in it, in .NET's byte order, in base64url. Of a permission
// grant they are the client, the resource and, unless it is for all, the person (recomputed from a recorded answer of
// 2022-05).
func compoundID(guids ...string) string {
	var out []byte
	for _, g := range guids {
		u, err := uuid.Parse(g)
		if err != nil {
			continue
		}
		out = append(out, u[3], u[2], u[1], u[0], u[5], u[4], u[7], u[6])
		out = append(out, u[8:]...)
	}
	return base64.RawURLEncoding.EncodeToString(out)
}

const (
	forAll = "AllPrincipals"
	forOne = "Principal"
)

func (c *call) viewGrant(g *directory.PermissionGrant) resource {
	return view{c.kinds.grant, g.ID, map[string]any{
		"clientId": g.ClientID, "consentType": g.ConsentType, "id": g.ID, "principalId": optional(g.PrincipalID),
		"resourceId": g.ResourceID, "scope": g.Scope,
	}}
}

func (c *call) indexedGrants(b odata.Bound) iter.Seq[resource] {
	t := c.Directory.PermissionGrants
	switch b.Property {
	case "id":
		return func(yield func(resource) bool) {
			if g, ok := t.Seen(b.Value); ok {
				yield(c.viewGrant(g))
			}
		}
	case "resourceId":
		return shown(t.EachSeen(directory.ByResource(strings.ToLower(b.Value))), c.viewGrant)
	}
	return c.grantsOf(strings.ToLower(b.Value))
}

// grantsOf yields the delegated permissions of a client.
func (c *call) grantsOf(client string) iter.Seq[resource] {
	return shown(c.Directory.PermissionGrants.EachSeen(client), c.viewGrant)
}

func (c *call) grantListing() listing {
	k := c.kinds.grant
	return listing{kind: k, context: k.Set, units: 2, lookup: c.indexedGrants, objects: shown(c.Directory.PermissionGrants.AllSeen(), c.viewGrant)}
}

// listGrantsOfUser is for /users/{id}/oauth2PermissionGrants.
func (c *call) listGrantsOfUser(id func() (string, error)) (*answer, error) {
	return c.read(func() (*answer, error) {
		user, err := id()
		if err != nil {
			return nil, err
		}
		l := c.grantListing()
		l.lookup = nil
		l.objects = shown(c.Directory.PermissionGrants.AllSeen(), func(g *directory.PermissionGrant) resource {
			if g.PrincipalID != user {
				return nil
			}
			return c.viewGrant(g)
		})
		return c.list(l)
	})
}

// routeGrants is for /oauth2PermissionGrants.
func (c *call) routeGrants() (*answer, error) {
	key, rest, ok := c.keyed()
	switch {
	case !ok:
		return c.methods(map[string]func() (*answer, error){
			http.MethodGet:  func() (*answer, error) { return c.listReadable(c.grantListing, false) },
			http.MethodPost: c.createGrant,
		})
	case len(rest) > 0:
		return nil, odata.NoSegment(rest[0].Original)
	case key.KeyName != "" && !strings.EqualFold(key.KeyName, "id"):
		return nil, odata.NoKey(key.KeyName, c.kinds.grant)
	}
	return c.methods(map[string]func() (*answer, error){
		http.MethodGet: func() (*answer, error) {
			return c.read(func() (*answer, error) {
				g, ok := c.Directory.PermissionGrants.Seen(key.Key)
				if !c.mayRead(c.kinds.grant) {
					return nil, odata.Forbidden()
				}
				if !ok {
					return nil, odata.NotFound(key.Key)
				}
				return c.single(c.viewGrant(g))
			})
		},
		http.MethodPatch: func() (*answer, error) { return c.updateGrant(key.Key) },
		http.MethodDelete: func() (*answer, error) {
			return c.write(func() (*answer, error) {
				if _, err := c.writableGrant(key.Key); err != nil {
					return nil, err
				}
				c.Directory.PermissionGrants.Delete(key.Key)
				return noContent()
			})
		},
	})
}

func (c *call) writableGrant(id string) (*directory.PermissionGrant, error) {
	if !c.mayWriteGrants() {
		return nil, odata.Forbidden()
	}
	if _, ok := c.Directory.PermissionGrants.Seen(id); !ok {
		return nil, odata.NotFound(id)
	}
	g, ok := c.Directory.PermissionGrants.Get(id)
	if !ok {
		return nil, odata.NotFound(id)
	}
	return g, nil
}

// createGrant answers 201 with a location that has the grant's id (recorded 2022-05).
func (c *call) createGrant() (*answer, error) {
	values, err := c.body()
	if err != nil {
		return nil, err
	}
	r := &odata.Reader{Values: values, Resource: "OAuth2PermissionGrant"}
	r.Only("microsoft.graph.oAuth2PermissionGrant", "clientId", "consentType", "id", "principalId", "resourceId", "scope", "startTime", "expiryTime")
	g := &directory.PermissionGrant{ClientID: r.GUID("clientId"), PrincipalID: r.GUID("principalId"), ResourceID: r.GUID("resourceId"), ConsentType: forAll}
	if t := r.Text("consentType"); t != nil {
		g.ConsentType = *t
	}
	if scope := r.Text("scope"); scope != nil {
		g.Scope = *scope
	}
	switch {
	case r.Err != nil:
		return nil, r.Err
	case g.ClientID == "":
		return nil, odata.Required("clientId", r.Resource)
	case g.ResourceID == "":
		return nil, odata.Required("resourceId", r.Resource)
	case g.ConsentType != forAll && g.ConsentType != forOne:
		return nil, odata.InvalidValue("consentType", r.Resource)
	case (g.ConsentType == forOne) != (g.PrincipalID != ""):
		return nil, odata.InvalidValue("principalId", r.Resource)
	}
	g.ID = compoundID(g.ClientID, g.ResourceID, g.PrincipalID)
	return c.write(func() (*answer, error) {
		if !c.mayWriteGrants() {
			return nil, odata.Forbidden()
		}
		for _, id := range []string{g.ClientID, g.ResourceID} {
			if p, ok := c.Directory.ServicePrincipals.Seen(id); !ok || p.DeletedAt != nil {
				return nil, odata.NotFound(id)
			}
		}
		if g.PrincipalID != "" {
			if _, err := c.seenUser(g.PrincipalID); err != nil {
				return nil, err
			}
		}
		if _, exists := c.Directory.PermissionGrants.Get(g.ID); exists {
			return nil, odata.Conflict("Permission entry already exists.")
		}
		c.Directory.PermissionGrants.Put(g.ID, g)
		e := append(entity{c.context(c.kinds.grant.Set + "/$entity")}, render(c.viewGrant(g), nil)...)
		return &answer{status: http.StatusCreated, body: e, location: "/v2/" + c.TenantID + "/oauth2PermissionGrants/" + g.ID}, nil
	})
}

// updateGrant changes the scope; nothing else of a grant ever changes (Microsoft Graph, update oAuth2PermissionGrant).
func (c *call) updateGrant(id string) (*answer, error) {
	values, err := c.body()
	if err != nil {
		return nil, err
	}
	r := &odata.Reader{Values: values, Resource: "OAuth2PermissionGrant"}
	r.Only("microsoft.graph.oAuth2PermissionGrant", "scope")
	scope := r.Text("scope")
	if r.Err != nil {
		return nil, r.Err
	}
	return c.write(func() (*answer, error) {
		g, err := c.writableGrant(id)
		if err != nil {
			return nil, err
		}
		clone := *g
		if scope != nil {
			clone.Scope = *scope
		}
		c.Directory.PermissionGrants.Put(id, &clone)
		return noContent()
	})
}

// dropGrants deletes what an object was granted and what of it was granted to others, when it is gone for good.
func (c *call) dropGrants(id string) {
	for _, key := range []string{id, directory.ByResource(id)} {
		var gone []string
		for grant := range c.Directory.AppRoleGrants.Each(key) {
			gone = append(gone, grant)
		}
		for _, grant := range gone {
			c.Directory.AppRoleGrants.Delete(grant)
		}
		gone = gone[:0]
		for grant := range c.Directory.PermissionGrants.Each(key) {
			gone = append(gone, grant)
		}
		for _, grant := range gone {
			c.Directory.PermissionGrants.Delete(grant)
		}
	}
}
