package graph

import (
	"encoding/json"
	"iter"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// Of the tenant's default policy (Microsoft Graph, get tenantAppManagementPolicy).
const (
	defaultPolicyID          = "00000000-0000-0000-0000-000000000000"
	defaultPolicyName        = "Default app management tenant policy"
	defaultPolicyDescription = "Default tenant policy that enforces app management restrictions on applications and service principals. To apply policy to targeted resources, create a new policy under appManagementPolicies collection."
	noRestrictions           = `{"passwordCredentials":[],"keyCredentials":[]}`
)

// routePolicies is for /policies.
func (c *call) routePolicies() (*answer, error) {
	if len(c.path) < 2 {
		return nil, odata.NoSegment(c.path[0].Original)
	}
	set, rest := c.path[1], c.path[2:]
	switch strings.ToLower(set.Name) {
	case "defaultappmanagementpolicy":
		if len(rest) == 0 && !set.HasKey {
			return c.methods(map[string]func() (*answer, error){
				http.MethodGet: c.getDefaultPolicy, http.MethodPatch: c.updateDefaultPolicy,
			})
		}
	case "authorizationpolicy":
		if len(rest) == 0 && !set.HasKey {
			return c.methods(map[string]func() (*answer, error){
				http.MethodGet: c.getAuthorizationPolicy, http.MethodPatch: c.updateAuthorizationPolicy,
			})
		}
	case "appmanagementpolicies":
		return c.routeAppPolicies(set, rest)
	}
	return nil, odata.NoSegment(c.path[len(c.path)-1].Original)
}

func (c *call) routeAppPolicies(set odata.Segment, rest []odata.Segment) (*answer, error) {
	if !set.HasKey && len(rest) == 0 {
		return c.methods(map[string]func() (*answer, error){
			http.MethodGet: func() (*answer, error) { return c.listReadable(c.policyListing, false) }, http.MethodPost: c.createPolicy,
		})
	}
	key := set.Key
	if !set.HasKey {
		key, rest = rest[0].Original, rest[1:]
	}
	id, err := odata.ObjectID(key)
	if err != nil {
		return nil, err
	}
	switch {
	case len(rest) == 0:
		return c.methods(map[string]func() (*answer, error){
			http.MethodGet: func() (*answer, error) {
				return c.read(func() (*answer, error) {
					p, err := c.readablePolicy(id)
					if err != nil {
						return nil, err
					}
					return c.single(c.viewPolicy(p))
				})
			},
			http.MethodPatch: func() (*answer, error) { return c.updatePolicy(id) },
			http.MethodDelete: func() (*answer, error) {
				return c.write(func() (*answer, error) {
					if _, err := c.writablePolicy(id); err != nil {
						return nil, err
					}
					c.Directory.AppPolicies.Delete(id)
					return noContent()
				})
			},
		})
	case rest[0].Is("appliesTo"):
		return c.only(http.MethodGet, func() (*answer, error) {
			return c.read(func() (*answer, error) {
				p, err := c.readablePolicy(id)
				if err != nil {
					return nil, err
				}
				return c.mixed(mixture{c.resources(p.AppliesTo), 1}, rest[1:])
			})
		})
	}
	return nil, odata.NoSegment(rest[0].Original)
}

func (c *call) viewPolicy(p *directory.AppManagementPolicy) resource {
	return view{c.kinds.appPolicy, p.ID, map[string]any{
		"id": p.ID, "displayName": p.DisplayName, "description": p.Description, "isEnabled": p.Enabled, "restrictions": p.Restrictions,
	}}
}

// policiesOf yields the policy of an application or service principal: there is at most one.
func (c *call) policiesOf(id string) iter.Seq[resource] {
	return shown(c.Directory.AppPolicies.EachSeen(directory.ByTarget(id)), c.viewPolicy)
}

func (c *call) policyListing() listing {
	k := c.kinds.appPolicy
	return listing{kind: k, context: k.Set, units: 1, objects: shown(c.Directory.AppPolicies.AllSeen(), c.viewPolicy)}
}

func (c *call) readablePolicy(id string) (*directory.AppManagementPolicy, error) {
	if !c.mayRead(c.kinds.appPolicy) {
		return nil, odata.Forbidden()
	}
	p, ok := c.Directory.AppPolicies.Seen(id)
	if !ok {
		return nil, odata.NotFound(id)
	}
	return p, nil
}

// writablePolicy returns a copy of a policy that the caller may change.
func (c *call) writablePolicy(id string) (*directory.AppManagementPolicy, error) {
	if !c.mayWritePolicies() {
		return nil, odata.Forbidden()
	}
	_, seen := c.Directory.AppPolicies.Seen(id)
	p, ok := c.Directory.AppPolicies.Get(id)
	if !seen || !ok {
		return nil, odata.NotFound(id)
	}
	clone := *p
	return &clone, nil
}

func (c *call) createPolicy() (*answer, error) {
	values, err := c.body()
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) {
		if !c.mayWritePolicies() {
			return nil, odata.Forbidden()
		}
		p := &directory.AppManagementPolicy{ID: uuid.NewString(), Restrictions: json.RawMessage(noRestrictions)}
		for _, name := range []string{"displayName", "description"} {
			if (&odata.Reader{Values: values}).Absent(name) {
				return nil, odata.Required(name, c.kinds.appPolicy.Name)
			}
		}
		if err := changePolicy(p, values); err != nil {
			return nil, err
		}
		c.Directory.AppPolicies.Put(p.ID, p)
		e := append(entity{c.context(c.kinds.appPolicy.Set + "/$entity")}, render(c.viewPolicy(p), nil)...)
		return &answer{status: http.StatusCreated, body: e, location: c.directoryObject(p.ID, "AppManagementPolicy")}, nil
	})
}

func (c *call) updatePolicy(id string) (*answer, error) {
	values, err := c.body()
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) {
		p, err := c.writablePolicy(id)
		if err != nil {
			return nil, err
		}
		if err := sameID(values, p.ID); err != nil {
			return nil, err
		}
		if err := changePolicy(p, values); err != nil {
			return nil, err
		}
		c.Directory.AppPolicies.Put(p.ID, p)
		return noContent()
	})
}

func changePolicy(p *directory.AppManagementPolicy, values map[string]json.RawMessage) error {
	r := &odata.Reader{Values: values, Resource: "AppManagementPolicy"}
	r.Only("microsoft.graph.appManagementPolicy", "displayName", "description", "isEnabled", "restrictions")
	if name := r.Text("displayName"); name != nil {
		p.DisplayName = *name
	}
	if text := r.Text("description"); text != nil {
		p.Description = *text
	}
	r.Flag("isEnabled", &p.Enabled)
	readRestrictions(r, "restrictions", &p.Restrictions)
	return r.Err
}
