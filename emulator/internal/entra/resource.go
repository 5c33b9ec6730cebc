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

// parseScope takes a scope parameter apart. OIDC scopes name no resource. A scope without a resource is one of
// Microsoft Graph (Microsoft identity platform, scopes and permissions). The slash that precedes the permission is the
// last one: of https://management.core.windows.net//.default the resource keeps its own.
func parseScope(scope string) (ask, *failure) {
	var a ask
	for s := range strings.FieldsSeq(scope) {
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
}

// find says which resource an address means: one of Microsoft's, or an application of the tenant by its client id or
// one of its identifier URIs. Only inside Directory.Read.
func (s *Service) find(resource string) (target, bool) {
	same := func(known string) bool { return strings.EqualFold(known, resource) }
	switch {
	case slices.ContainsFunc(token.GraphAudiences(), same):
		return target{resource, token.GraphAppID, true}, true
	case slices.ContainsFunc(token.ManagementAudiences(), same):
		return target{resource, token.ManagementAppID, false}, true
	}
	for _, m := range microsoftResources() {
		if strings.EqualFold(m.appID, resource) || strings.EqualFold(m.address, strings.TrimSuffix(resource, "/")) {
			return target{resource, m.appID, false}, true
		}
	}
	app := s.applicationNamed(strings.TrimPrefix(resource, "api://"), resource)
	if app == nil || s.servicePrincipal(app.AppID) == nil {
		return target{}, false
	}
	return target{resource, app.AppID, false}, true
}

type microsoftResource struct{ address, appID string }

// microsoftResources are other APIs of Microsoft's that service accounts meet (Microsoft, first-party application ids).
func microsoftResources() []microsoftResource {
	return []microsoftResource{
		{"https://vault.azure.net", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"},
		{"https://managedhsm.azure.net", "589d5083-6f11-4d30-a62a-a4b316a14abf"},
		{"https://storage.azure.com", "e406a681-f3d4-42a8-90b6-c2b029497af1"},
		{"https://graph.windows.net", "00000002-0000-0000-c000-000000000000"},
	}
}

func (s *Service) applicationNamed(appID, uri string) *directory.Application {
	if app, ok := s.directory.Applications.FindSeen(strings.ToLower(appID)); ok && app.DeletedAt == nil {
		return app
	}
	for _, app := range s.directory.Applications.AllSeen() {
		if app.DeletedAt == nil && slices.ContainsFunc(app.IdentifierURIs, func(u string) bool { return strings.EqualFold(u, uri) }) {
			return app
		}
	}
	return nil
}

// delegated are the permissions that a person's token for the resource has, by client. The person consents to what an
// application of the tenant asks for by using it.
func delegated(c *client, t target, a ask) []string {
	if !t.graph {
		return []string{"user_impersonation"}
	}
	var granted []string
	if c.microsoft != nil {
		granted = cliScopes()
	} else {
		granted = append(consented(c.app), "email", "openid", "profile")
	}
	if c.microsoft == nil || c.microsoft.dynamic {
		for _, s := range a.scopes {
			name := s[strings.LastIndexByte(s, '/')+1:]
			if name != ".default" && !slices.ContainsFunc(granted, func(g string) bool { return strings.EqualFold(g, name) }) {
				granted = append(granted, name)
			}
		}
	}
	slices.Sort(granted)
	return granted
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
