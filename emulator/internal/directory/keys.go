package directory

import (
	"encoding/json"
	"strings"
)

// Keys of the secondary indexes, beside the plain ones (the client id of applications and service principals, the user
// principal name, the principal of role and app role assignments, the user code). Those made here
// are compared without regard to case.

// ByName is the key of a display name (applications, service principals, groups), a role's name, or the name (the guid)
// of a role assignment.
func ByName(name string) string { return "name/" + strings.ToLower(name) }

// ByURI is the key of an identifier URI of an application.
func ByURI(uri string) string { return "uri/" + strings.ToLower(uri) }

// ByRole is the key of the role of a role assignment: the guid of its definition.
func ByRole(id string) string { return "role/" + strings.ToLower(id) }

func applicationKeys(a *Application) []string {
	keys := make([]string, 0, 2+len(a.IdentifierURIs))
	keys = append(keys, a.AppID, ByName(a.DisplayName))
	for _, uri := range a.IdentifierURIs {
		keys = append(keys, ByURI(uri))
	}
	if name := text(a.Properties, "uniqueName"); name != "" {
		keys = append(keys, ByUniqueName(name))
	}
	return ownerKeys(keys, a.Owners)
}

func servicePrincipalKeys(p *ServicePrincipal) []string {
	keys := make([]string, 0, 4)
	keys = append(keys, p.AppID, ByName(p.DisplayName))
	var names []string
	if raw, ok := p.Properties["servicePrincipalNames"]; ok && json.Unmarshal(raw, &names) == nil {
		for _, name := range names {
			keys = append(keys, ByURI(name))
		}
	}
	return ownerKeys(keys, p.Owners)
}

func assignmentKeys(a *RoleAssignment) []string {
	return []string{a.PrincipalID, ByName(a.Name), ByRole(a.RoleID)}
}
