package seed

import (
	"encoding/json"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// permission is an application permission or a delegated one of a Microsoft API.
type permission struct {
	id, value, name string
	granted         bool // to the test application
}

// graphRoles are application permissions of Microsoft Graph (Microsoft Graph permissions reference).
func graphRoles() []permission {
	return []permission{
		{"1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", "Application.ReadWrite.All", "Read and write all applications", true},
		{"06b708a9-e830-4db3-a914-8e69da51d44f", "AppRoleAssignment.ReadWrite.All", "Manage app permission grants and app role assignments", true},
		{"19dbc75e-c2e2-444c-a770-ec69d8559fc7", "Directory.ReadWrite.All", "Read and write directory data", true},
		{"62a82d76-70ea-41e2-9197-370581804d09", "Group.ReadWrite.All", "Read and write all groups", true},
		{"df021288-bdef-4463-88db-98f22de89214", "User.Read.All", "Read all users' full profiles", true},
		{"be74164b-cff1-491c-8741-e671cb536e13", "Policy.ReadWrite.ApplicationConfiguration", "Read and write your organization's application configuration policies", true},
		{"246dd0d5-5bd0-4def-940b-0421030a5b68", "Policy.Read.All", "Read your organization's policies", true},
		{"498476ce-e0fe-48b0-b801-37ba7e2685c6", "Organization.Read.All", "Read organization information", true},
		{"18a4783c-866b-4cc7-a460-3d5e5662c884", "Application.ReadWrite.OwnedBy", "Manage apps that this app creates or owns", false},
		{"9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30", "Application.Read.All", "Read all applications", false},
		{"7ab1d382-f21e-4acd-a863-ba3e13f7da61", "Directory.Read.All", "Read directory data", false},
		{"5b567255-7703-4780-807c-7be8301ae99b", "Group.Read.All", "Read all groups", false},
		{"fc023787-fd04-4e44-9bc7-d454f00c0f0a", "Application.ReadUpdate.All", "Read and update all applications", false},
		{"741f803b-c850-494e-b5df-cde7c675a1ca", "User.ReadWrite.All", "Read and write all users' full profiles", false},
		{"bf7b1a76-6e77-406b-b258-bf5c7720e98f", "Group.Create", "Create groups", false},
		{"dbaae8cf-10b5-4b86-a4a1-f871c94c6695", "GroupMember.ReadWrite.All", "Read and write all group memberships", false},
		{"8e8e4742-1d95-4f68-9d56-6ee75648c72a", "DelegatedPermissionGrant.ReadWrite.All", "Manage all delegated permission grants", false},
		{"fb221be6-99f2-473f-bd32-01c6a0e9ca3b", "Policy.ReadWrite.Authorization", "Read and write your organization's authorization policy", false},
		{"483bed4a-2ad3-4361-a73b-c83ccdbdc53c", "RoleManagement.Read.Directory", "Read all directory RBAC settings", false},
		{"9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "RoleManagement.ReadWrite.Directory", "Read and write all directory RBAC settings", false},
	}
}

// graphScopes are delegated permissions of Microsoft Graph (same reference).
func graphScopes() []permission {
	return []permission{
		{id: "e1fe6dd8-ba31-4d61-89e7-88639da4683d", value: "User.Read", name: "Sign in and read user profile"},
		{id: "bdfbf15f-ee85-4955-8675-146e8e5296b5", value: "Application.ReadWrite.All", name: "Read and write all applications"},
		{id: "0e263e50-5827-48a4-b97c-d940288653c7", value: "Directory.AccessAsUser.All", name: "Access directory as the signed in user"},
		{id: "06da0dbc-49e2-44d2-8312-53f166ab848a", value: "Directory.Read.All", name: "Read directory data"},
	}
}

// microsoft puts the service principals of the APIs, which grants and permission lists refer to.
func (s seeder) microsoft() {
	roles := []map[string]any{}
	for _, p := range graphRoles() {
		roles = append(roles, map[string]any{
			"allowedMemberTypes": []string{"Application"}, "description": p.name + ".", "displayName": p.name, "id": p.id,
			"isEnabled": true, "origin": "Application", "value": p.value,
		})
	}
	s.api("Microsoft Graph", graphAppID, []string{graphAppID, "https://graph.microsoft.com"}, roles, graphScopes())
	s.api("Windows Azure Service Management API", managementAppID,
		[]string{managementAppID, "https://management.azure.com/", "https://management.core.windows.net/"}, nil, []permission{
			{id: "41094075-9dad-400e-a0bd-54e686782033", value: "user_impersonation", name: "Access Azure Service Management as organization users"},
		})
}

func (s seeder) api(name, appID string, names []string, roles []map[string]any, scopes []permission) {
	delegated := []map[string]any{}
	for _, p := range scopes {
		delegated = append(delegated, map[string]any{
			"adminConsentDescription": p.name + ".", "adminConsentDisplayName": p.name, "id": p.id, "isEnabled": true,
			"type": "User", "userConsentDescription": p.name + ".", "userConsentDisplayName": p.name, "value": p.value,
		})
	}
	if roles == nil {
		roles = []map[string]any{}
	}
	properties := map[string]json.RawMessage{}
	for key, v := range map[string]any{
		"appRoles": roles, "oauth2PermissionScopes": delegated, "servicePrincipalNames": names,
		"appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a", "signInAudience": "AzureADMultipleOrgs",
	} {
		raw, err := json.Marshal(v)
		if err != nil {
			panic(err) // plain maps and texts always marshal
		}
		properties[key] = raw
	}
	p := &directory.ServicePrincipal{
		ID: id("service principal", appID), AppID: appID, DisplayName: name, Enabled: true,
		CreatedAt: s.now.Add(-900 * day), Properties: properties,
	}
	s.ServicePrincipals.Put(p.ID, p)
}
