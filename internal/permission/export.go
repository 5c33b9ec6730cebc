package permission

// CustomRole is a custom role as `az role definition create --role-definition` and New-AzRoleDefinition read it (Azure
// role-based access control, custom roles, role properties). Lists are never null in JSON: both tools ask for them.
type CustomRole struct {
	Name             string   `json:"Name"`
	IsCustom         bool     `json:"IsCustom"`
	Description      string   `json:"Description"`
	Actions          []string `json:"Actions"`
	NotActions       []string `json:"NotActions"`
	DataActions      []string `json:"DataActions"`
	NotDataActions   []string `json:"NotDataActions"`
	AssignableScopes []string `json:"AssignableScopes"`
}

// NewCustomRole makes a custom role that allows exactly what g does.
func NewCustomRole(name, description string, g Grant, scopes []string) CustomRole {
	return CustomRole{
		Name: name, IsCustom: true, Description: description,
		Actions: orEmpty(g.Actions), NotActions: orEmpty(g.NotActions),
		DataActions: orEmpty(g.DataActions), NotDataActions: orEmpty(g.NotDataActions), AssignableScopes: orEmpty(scopes),
	}
}

// PortalRole is a custom role as the Azure portal reads it under "Start from JSON", and as Resource Manager itself writes
// it (Azure custom roles using the Azure portal).
type PortalRole struct {
	Properties PortalProperties `json:"properties"`
}

// PortalProperties are what a role is.
type PortalProperties struct {
	RoleName         string             `json:"roleName"`
	Description      string             `json:"description"`
	AssignableScopes []string           `json:"assignableScopes"`
	Permissions      []PortalPermission `json:"permissions"`
}

// PortalPermission is one element of a role.
type PortalPermission struct {
	Actions        []string `json:"actions"`
	NotActions     []string `json:"notActions"`
	DataActions    []string `json:"dataActions"`
	NotDataActions []string `json:"notDataActions"`
}

// Portal is the role in the portal's form.
func (r CustomRole) Portal() PortalRole {
	return PortalRole{PortalProperties{
		RoleName: r.Name, Description: r.Description, AssignableScopes: r.AssignableScopes,
		Permissions: []PortalPermission{{Actions: r.Actions, NotActions: r.NotActions, DataActions: r.DataActions, NotDataActions: r.NotDataActions}},
	}}
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
