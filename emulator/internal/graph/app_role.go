package graph

import (
	"encoding/json"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// defaultRole is the id of the assignment to an application that has no roles of its own (Microsoft Graph,
// appRoleAssignment).
const defaultRole = "00000000-0000-0000-0000-000000000000"

func (c *call) viewAppRole(g *directory.AppRoleAssignment) resource {
	kind := g.Type
	if kind == "" {
		kind = "ServicePrincipal"
	}
	return view{c.kinds.appRole, g.ID, map[string]any{
		"id": g.ID, "appRoleId": g.RoleID, "createdDateTime": exact(g.CreatedAt), "principalDisplayName": c.nameOf(g.PrincipalID),
		"principalId": g.PrincipalID, "principalType": kind, "resourceDisplayName": c.nameOf(g.ResourceID), "resourceId": g.ResourceID,
	}}
}

func (c *call) nameOf(id string) any {
	o, ok := c.directoryResource(id)
	if !ok {
		return nil
	}
	return o.value("displayName")
}

func (c *call) appRolesOf(principal string) iter.Seq[resource] {
	return shown(c.Directory.AppRoleGrants.EachSeen(principal), c.viewAppRole)
}

func (c *call) appRolesTo(resourceID string) iter.Seq[resource] {
	return shown(c.Directory.AppRoleGrants.EachSeen(directory.ByResource(resourceID)), c.viewAppRole)
}

// routeAppRoles is for …/appRoleAssignments, the roles that an object of kind k has, and …/appRoleAssignedTo, who has a
// role of it. A list costs two units (recorded 2024-08).
func (c *call) routeAppRoles(k *odata.Kind, id func() (string, error), assignedTo bool, rest []odata.Segment) (*answer, error) {
	name, assignments := "appRoleAssignments", c.appRolesOf
	if assignedTo {
		name, assignments = "appRoleAssignedTo", c.appRolesTo
	}
	context := func(of string) string { return k.Set + "('" + of + "')/" + name }
	list := func(counting bool) (*answer, error) {
		return c.read(func() (*answer, error) {
			of, err := id()
			if err != nil {
				return nil, err
			}
			l := listing{kind: c.kinds.appRole, context: context(of), units: 2, objects: assignments(of)}
			if counting {
				return c.countOf(l)
			}
			return c.list(l)
		})
	}
	switch {
	case len(rest) == 0:
		return c.methods(map[string]func() (*answer, error){
			http.MethodGet:  func() (*answer, error) { return list(false) },
			http.MethodPost: func() (*answer, error) { return c.assignAppRole(id, assignedTo, context) },
		})
	case len(rest) > 1:
		return nil, odata.NoSegment(rest[1].Original)
	case rest[0].Is("$count"):
		return c.only(http.MethodGet, func() (*answer, error) { return list(true) })
	}
	return c.methods(map[string]func() (*answer, error){
		http.MethodGet: func() (*answer, error) {
			return c.read(func() (*answer, error) {
				of, err := id()
				if err != nil {
					return nil, err
				}
				for o := range assignments(of) {
					if o.identity() == rest[0].Original {
						return c.singleIn(context(of), o)
					}
				}
				return nil, odata.NotFound(rest[0].Original)
			})
		},
		http.MethodDelete: func() (*answer, error) { return c.unassignAppRole(id, assignedTo, rest[0].Original) },
	})
}

// hangsOn says whether an assignment hangs on the object that a path names.
func hangsOn(g *directory.AppRoleAssignment, of string, assignedTo bool) bool {
	return assignedTo && g.ResourceID == of || !assignedTo && g.PrincipalID == of
}

func (c *call) assignAppRole(id func() (string, error), assignedTo bool, context func(string) string) (*answer, error) {
	values, err := c.body()
	if err != nil {
		return nil, err
	}
	r := &odata.Reader{Values: values, Resource: "AppRoleAssignment"}
	r.Only("microsoft.graph.appRoleAssignment", "id", "appRoleId", "principalId", "principalType", "resourceId", "createdDateTime",
		"deletedDateTime", "principalDisplayName", "resourceDisplayName")
	g := &directory.AppRoleAssignment{PrincipalID: r.GUID("principalId"), ResourceID: r.GUID("resourceId"), RoleID: r.GUID("appRoleId"), CreatedAt: c.at.Truncate(odata.Tick)}
	switch {
	case r.Err != nil:
		return nil, r.Err
	case g.PrincipalID == "":
		return nil, odata.Required("principalId", r.Resource)
	case g.ResourceID == "":
		return nil, odata.Required("resourceId", r.Resource)
	case g.RoleID == "":
		return nil, odata.Required("appRoleId", r.Resource)
	}
	g.ID = compoundID(g.PrincipalID, uuid.NewString())
	return c.write(func() (*answer, error) {
		if !c.mayAssignSome() {
			return nil, odata.Forbidden()
		}
		of, err := id()
		if err != nil {
			return nil, err
		}
		if !hangsOn(g, of, assignedTo) {
			return nil, odata.Refused("Not a valid reference update.")
		}
		if err := c.checkAppRole(g); err != nil {
			return nil, err
		}
		c.Directory.AppRoleGrants.Put(g.ID, g)
		e := append(entity{c.context(context(of) + "/$entity")}, render(c.viewAppRole(g), nil)...)
		return &answer{status: http.StatusCreated, body: e, location: "/v2/" + c.TenantID + "/" + context(of) + "/" + g.ID}, nil
	})
}

// checkAppRole fills in the type of the principal and the value of the role, which tokens carry.
func (c *call) checkAppRole(g *directory.AppRoleAssignment) error {
	principal, ok := c.directoryResource(g.PrincipalID)
	if !ok {
		return odata.NotFound(g.PrincipalID)
	}
	api, ok := c.Directory.ServicePrincipals.Seen(g.ResourceID)
	if !ok || api.DeletedAt != nil {
		return odata.NotFound(g.ResourceID)
	}
	member := "User"
	switch principal.kind() {
	case c.kinds.servicePrincipal:
		member = "Application"
	case c.kinds.user, c.kinds.group:
		g.Type = principal.kind().Name
	default:
		return odata.Refused("Not a valid reference update.")
	}
	if !c.mayAssign(api, member == "Application") {
		return odata.Forbidden()
	}
	roles := appRolesDefined(c.viewServicePrincipal(api).value("appRoles"))
	i := slices.IndexFunc(roles, func(r definedRole) bool { return strings.EqualFold(r.ID, g.RoleID) })
	switch {
	case g.RoleID == defaultRole && len(roles) == 0:
	case i < 0 || !roles[i].Enabled || !slices.Contains(roles[i].Members, member):
		return appRoleRefused("Permission being assigned was not found on application")
	default:
		g.RoleValue = roles[i].Value
	}
	for _, other := range c.Directory.AppRoleGrants.Each(g.PrincipalID) {
		if other.ResourceID == g.ResourceID && other.RoleID == g.RoleID {
			return appRoleRefused("Permission being assigned already exists on the object")
		}
	}
	return nil
}

// appRoleRefused has the text and the detail that scripts look for.
func appRoleRefused(message string) error {
	return &odata.Problem{Status: http.StatusBadRequest, Code: "Request_BadRequest", Message: message, Target: "appRoleId", Detail: "InvalidUpdate"}
}

// definedRole is one element of appRoles.
type definedRole struct {
	ID      string   `json:"id"`
	Value   string   `json:"value"`
	Enabled bool     `json:"isEnabled"`
	Members []string `json:"allowedMemberTypes"`
}

func appRolesDefined(v any) []definedRole {
	var roles []definedRole
	if stored, ok := v.(json.RawMessage); !ok || json.Unmarshal(stored, &roles) != nil {
		return nil
	}
	return roles
}

func (c *call) unassignAppRole(id func() (string, error), assignedTo bool, assignment string) (*answer, error) {
	return c.write(func() (*answer, error) {
		if !c.mayAssignSome() {
			return nil, odata.Forbidden()
		}
		of, err := id()
		if err != nil {
			return nil, err
		}
		g, ok := c.Directory.AppRoleGrants.Get(assignment)
		if _, seen := c.Directory.AppRoleGrants.Seen(assignment); !seen || !ok || !hangsOn(g, of, assignedTo) {
			return nil, odata.NotFound(assignment)
		}
		if api, ok := c.Directory.ServicePrincipals.Get(g.ResourceID); ok && !c.mayAssign(api, g.Type == "") {
			return nil, odata.Forbidden()
		}
		c.Directory.AppRoleGrants.Delete(assignment)
		return noContent()
	})
}
