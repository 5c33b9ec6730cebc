package directory

import (
	"encoding/json"
	"strings"
	"time"
)

// PermissionGrant is a delegated permission that a client service principal was granted (Microsoft Graph,
// oAuth2PermissionGrant). The table's key is its ID.
type PermissionGrant struct {
	ID          string `json:"id"`
	ClientID    string `json:"clientId"`    // object id of the client's service principal
	ConsentType string `json:"consentType"` // AllPrincipals or Principal
	PrincipalID string `json:"principalId"` // object id of the user; empty for AllPrincipals
	ResourceID  string `json:"resourceId"`  // object id of the API's service principal
	Scope       string `json:"scope"`       // claim values, separated by blanks
}

// AppManagementPolicy restricts the credentials of the applications and service principals that it applies to, in place
// of the tenant's default (Microsoft Graph, appManagementPolicy).
type AppManagementPolicy struct {
	ID           string          `json:"id"`
	DisplayName  string          `json:"displayName"`
	Description  string          `json:"description"`
	Enabled      bool            `json:"enabled"`
	Restrictions json.RawMessage `json:"restrictions"` // customAppManagementConfiguration
	AppliesTo    []string        `json:"appliesTo,omitempty"`
}

// DefaultAppManagementPolicy is the tenant's default, of which there is one (Microsoft Graph, tenantAppManagementPolicy).
// The table's key is the tenant's id; a tenant without one has it disabled.
type DefaultAppManagementPolicy struct {
	DisplayName       *string         `json:"displayName,omitempty"` // nil: as Microsoft names it
	Description       *string         `json:"description,omitempty"`
	Enabled           bool            `json:"enabled"`
	Applications      json.RawMessage `json:"applications,omitempty"`      // appManagementApplicationConfiguration
	ServicePrincipals json.RawMessage `json:"servicePrincipals,omitempty"` // appManagementServicePrincipalConfiguration
}

// DeletedUser is a soft-deleted person. It is kept apart, so that nobody signs in as one.
type DeletedUser struct {
	User
	DeletedAt time.Time `json:"deletedAt"`
}

// DeletedGroup is a soft-deleted Microsoft 365 group; security groups go at once (Microsoft Graph, delete group).
type DeletedGroup struct {
	Group
	DeletedAt time.Time `json:"deletedAt"`
}

// ByResource is the key of the resource of app role assignments and permission grants: its service principal.
func ByResource(id string) string { return "resource/" + id }

// ByMember is the key of the member of a group.
func ByMember(id string) string { return "member/" + strings.ToLower(id) }

// ByOwner is the key of an owner of applications, service principals and groups.
func ByOwner(id string) string { return "owner/" + strings.ToLower(id) }

// ByTarget is the key of an object that a policy applies to.
func ByTarget(id string) string { return "target/" + id }

// ByUniqueName is the key of an application's uniqueName.
func ByUniqueName(name string) string { return "unique/" + name }

// text is a stored property that is a text.
func text(properties map[string]json.RawMessage, name string) string {
	var s string
	if raw, ok := properties[name]; !ok || json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

func ownerKeys(keys, owners []string) []string {
	for _, id := range owners {
		keys = append(keys, ByOwner(id))
	}
	return keys
}

func userKeys(u *User) []string { return []string{u.UserPrincipalName, ByName(u.DisplayName)} }

func groupKeys(g *Group) []string {
	keys := []string{ByName(g.DisplayName)}
	for _, id := range g.Members {
		keys = append(keys, ByMember(id))
	}
	return ownerKeys(keys, g.Owners)
}

func appRoleKeys(g *AppRoleAssignment) []string {
	return []string{g.PrincipalID, ByResource(g.ResourceID)}
}

func grantKeys(g *PermissionGrant) []string { return []string{g.ClientID, ByResource(g.ResourceID)} }

func policyKeys(p *AppManagementPolicy) []string {
	keys := make([]string, len(p.AppliesTo))
	for i, id := range p.AppliesTo {
		keys[i] = ByTarget(id)
	}
	return keys
}
