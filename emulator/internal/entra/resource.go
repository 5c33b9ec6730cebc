package entra

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/token"
)

// ask is what a request wants a token for.
type ask struct {
	resource string   // as the request names it, and the audience of the token
	scopes   []string // the scopes of that resource, as the request has them
	openid   bool     // wants an id token
	offline  bool     // wants a refresh token
}

const dotDefault = "/.default"

// maxScopes is more than any client asks for at once.
const maxScopes = 200

// parseScope takes a scope parameter apart. OIDC scopes name no resource. A scope without a resource is one of
// Microsoft Graph (Microsoft identity platform, scopes and permissions). The slash that precedes the permission is the
// last one: of https://management.core.windows.net//.default the resource keeps its own.
func parseScope(scope string) (ask, *failure) {
	var a ask
	count := 0
	for s := range strings.FieldsSeq(scope) {
		if count++; count > maxScopes {
			return ask{}, malformed()
		}
		switch strings.ToLower(s) {
		case "openid":
			a.openid = true
			continue
		case "offline_access":
			a.offline = true
			continue
		case "profile", "email":
			continue
		}
		resource := "https://graph.microsoft.com"
		if i := strings.LastIndexByte(s, '/'); i >= 0 {
			resource = s[:i]
			if resource == "" || i == len(s)-1 || strings.HasSuffix(resource, ":/") {
				return ask{}, scopeNotValid(s)
			}
		}
		if a.resource != "" && !strings.EqualFold(a.resource, resource) {
			return ask{}, scopesOfSeveral(s)
		}
		a.resource = resource
		if !slices.Contains(a.scopes, s) {
			a.scopes = append(a.scopes, s)
		}
	}
	return a, nil
}

// asked reads what the request wants: scope, or resource at the version 1 endpoints.
func (x *exchanged) asked() (ask, *failure) {
	if x.v1 {
		if fail := x.required("resource"); fail != nil {
			return ask{}, fail
		}
		resource := x.form.Get("resource")
		return ask{resource: resource, scopes: []string{resource + dotDefault}, openid: true, offline: true}, nil
	}
	if fail := x.required("scope"); fail != nil {
		return ask{}, fail
	}
	return parseScope(x.form.Get("scope"))
}

// askedByApp is asked for the client credentials grant: one resource, all of it.
func (x *exchanged) askedByApp() (ask, *failure) {
	a, fail := x.asked()
	if fail != nil {
		return a, fail
	}
	if len(a.scopes) != 1 {
		return a, scopeNotDefault(x.form.Get("scope"))
	}
	if !strings.HasSuffix(strings.ToLower(a.scopes[0]), dotDefault) {
		return a, scopeNotDefault(a.scopes[0])
	}
	return a, nil
}

// target is a resource that exists in the tenant.
type target struct {
	audience string
	appID    string
	graph    bool
	app      *directory.Application // nil: one of Microsoft's
}

// version2 says whether the resource wants tokens of version 2. Microsoft's own get version 1 but for the one that
// federated credentials are exchanged at (Microsoft identity platform, access tokens: token formats).
func (t target) version2() bool {
	var api struct {
		Version *int `json:"requestedAccessTokenVersion"`
	}
	if t.app == nil {
		return t.appID == exchangeAppID
	}
	return json.Unmarshal(t.app.Properties["api"], &api) == nil && api.Version != nil && *api.Version == 2
}

// find says which resource an address means: one of Microsoft's, or an application of the tenant by its client id or
// one of its identifier URIs. Only inside Directory.Read.
func (s *Service) find(resource string) (target, bool) {
	same := func(known string) bool { return strings.EqualFold(known, resource) }
	switch {
	case slices.ContainsFunc(token.GraphAudiences(), same):
		return target{audience: resource, appID: token.GraphAppID, graph: true}, true
	case slices.ContainsFunc(token.ManagementAudiences(), same):
		return target{audience: resource, appID: token.ManagementAppID}, true
	case s.signer.IsOwnAudience(resource):
		// A cloud set up by path names the one origin as Graph and as Resource Manager; both take what Graph's tokens have.
		return target{audience: resource, appID: token.GraphAppID, graph: true}, true
	}
	for _, m := range microsoftResources() {
		if strings.EqualFold(m.appID, resource) || strings.EqualFold(m.address, strings.TrimSuffix(resource, "/")) {
			return target{audience: resource, appID: m.appID}, true
		}
	}
	app := s.applicationNamed(strings.TrimPrefix(resource, "api://"), resource)
	if app == nil || s.servicePrincipal(app.AppID) == nil {
		return target{}, false
	}
	return target{audience: resource, appID: app.AppID, app: app}, true
}

type microsoftResource struct{ address, appID string }

// microsoftResources are other APIs of Microsoft's that service accounts meet (Microsoft, first-party application ids).
func microsoftResources() []microsoftResource {
	return []microsoftResource{
		{"https://vault.azure.net", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"},
		{"https://managedhsm.azure.net", "589d5083-6f11-4d30-a62a-a4b316a14abf"},
		{"https://storage.azure.com", "e406a681-f3d4-42a8-90b6-c2b029497af1"},
		{"https://graph.windows.net", "00000002-0000-0000-c000-000000000000"},
		{"https://vault.usgovcloudapi.net", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"},
		{"https://vault.azure.cn", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"},
		{exchangeAudience, exchangeAppID},
		{exchangeAudience + "USGov", exchangeAppID},
		{exchangeAudience + "China", exchangeAppID},
	}
}

func (s *Service) applicationNamed(appID, uri string) *directory.Application {
	if app, ok := s.directory.Applications.FindSeen(strings.ToLower(appID)); ok && app.DeletedAt == nil {
		return app
	}
	for _, app := range s.directory.Applications.EachSeen(directory.ByURI(uri)) {
		if app.DeletedAt == nil {
			return app
		}
	}
	return nil
}

// delegated are the permissions that a person's token for the resource has, by client: what was granted in the tenant, and
// what the client asks for. The person consents to what an application of the tenant asks for by using it.
func (x *exchanged) delegated(c *client, t target, a ask, user *directory.User) []string {
	if !t.graph && t.app == nil {
		return []string{"user_impersonation"}
	}
	var granted []string
	switch {
	case t.app != nil:
	case c.microsoft != nil:
		granted = cliScopes()
	default:
		granted = append(consented(c.app), "email", "openid", "profile")
	}
	more := x.grantedIn(c, t, user)
	if c.microsoft == nil || c.microsoft.dynamic || t.app != nil {
		for _, s := range a.scopes {
			if name := s[strings.LastIndexByte(s, '/')+1:]; name != ".default" {
				more = append(more, name)
			}
		}
	}
	for _, name := range more {
		if !slices.ContainsFunc(granted, func(g string) bool { return strings.EqualFold(g, name) }) {
			granted = append(granted, name)
		}
	}
	if len(granted) == 0 {
		granted = []string{"user_impersonation"}
	}
	slices.Sort(granted)
	return granted
}

// grantedIn are the delegated permissions that an administrator, or the person, granted the client for the resource.
func (x *exchanged) grantedIn(c *client, t target, user *directory.User) []string {
	if c.sp == nil {
		return nil
	}
	var names []string
	x.directory.Read(func() {
		resource := x.servicePrincipal(t.appID)
		if resource == nil {
			return
		}
		for _, g := range x.directory.PermissionGrants.EachSeen(c.sp.ID) {
			if g.ClientID == c.sp.ID && g.ResourceID == resource.ID && (g.PrincipalID == "" || g.PrincipalID == user.ID) {
				names = append(names, strings.Fields(g.Scope)...)
			}
		}
	})
	return names
}

// cliScopes is what Microsoft Graph's tokens for Azure CLI have.
func cliScopes() []string {
	return []string{
		"Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "AuditLog.Read.All", "DelegatedPermissionGrant.ReadWrite.All",
		"Directory.AccessAsUser.All", "Group.ReadWrite.All", "User.ReadWrite.All", "email", "openid", "profile",
	}
}

// consented are the delegated permissions of Microsoft Graph that an application names in requiredResourceAccess
// (ids: Microsoft Graph permissions reference).
func consented(app *directory.Application) []string {
	var required []struct {
		ResourceAppID  string `json:"resourceAppId"`
		ResourceAccess []struct {
			ID   string `json:"id"`
			Type string `json:"type"`
		} `json:"resourceAccess"`
	}
	names := map[string]string{
		"e1fe6dd8-ba31-4d61-89e7-88639da4683d": "User.Read",
		"204e0828-b5ca-4ad8-b9f3-f32a958e7cc4": "User.ReadWrite.All",
		"bdfbf15f-ee85-4955-8675-146e8e5296b5": "Application.ReadWrite.All",
		"84bccea3-f856-4a8a-967b-dbe0a3d53a64": "AppRoleAssignment.ReadWrite.All",
		"0e263e50-5827-48a4-b97c-d940288653c7": "Directory.AccessAsUser.All",
		"06da0dbc-49e2-44d2-8312-53f166ab848a": "Directory.Read.All",
		"4e46008b-f24c-477d-8fff-7bb4ec7aafe0": "Group.ReadWrite.All",
	}
	granted := []string{"User.Read"}
	if app == nil {
		return granted
	}
	if raw, ok := app.Properties["requiredResourceAccess"]; !ok || json.Unmarshal(raw, &required) != nil {
		return granted
	}
	for _, r := range required {
		if !strings.EqualFold(r.ResourceAppID, token.GraphAppID) {
			continue
		}
		for _, p := range r.ResourceAccess {
			if name := names[strings.ToLower(p.ID)]; name != "" && p.Type == "Scope" && !slices.Contains(granted, name) {
				granted = append(granted, name)
			}
		}
	}
	return granted
}
