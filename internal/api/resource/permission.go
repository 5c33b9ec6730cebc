package resource

import "time"

// PermissionProfiles are all permission profiles, the default one first.
type PermissionProfiles struct {
	Profiles []PermissionProfile `json:"profiles" nullable:"false"`
}

// PermissionProfile says what some software needs in Azure, by purpose.
type PermissionProfile struct {
	Name     string    `json:"name"`
	Version  string    `json:"version" doc:"Of the software that it was written for"`
	Title    string    `json:"title"`
	Source   string    `json:"source" doc:"Where its permissions are documented"`
	Purposes []Purpose `json:"purposes" nullable:"false" doc:"None of the default profile, which has roles"`
	Roles    []string  `json:"roles" nullable:"false" doc:"Of the default profile: the Azure roles of new accounts that name none"`
}

// Purpose is one thing that the software does.
type Purpose struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Group       string   `json:"group" enum:"management,operation" doc:"management: of the software's own parts; operation: of what it protects"`
	Actions     []string `json:"actions" nullable:"false"`
	DataActions []string `json:"data_actions" nullable:"false"`
}

// Permissions are what the last check found of an account's purposes.
type Permissions struct {
	AsOf           *time.Time        `json:"as_of" doc:"When the account was checked; null before the first check"`
	Profile        string            `json:"profile"`
	ProfileVersion string            `json:"profile_version"`
	Current        bool              `json:"current" doc:"Nothing has changed since that the check should have seen"`
	StaleNote      string            `json:"stale_note" doc:"What has to be known before the rows are believed; empty if nothing"`
	Rows           []PermissionRow   `json:"rows" nullable:"false" doc:"One for each scope and purpose, by scope"`
	Total          int               `json:"total" doc:"How many rows there are"`
	Matched        int               `json:"matched" doc:"How many of them the query asks for; rows holds at most limit of these"`
	Summary        PermissionSummary `json:"summary" doc:"Of all rows, whatever the query asks for"`
}

// PermissionRow is what was found of one purpose at one scope.
type PermissionRow struct {
	Purpose            string   `json:"purpose" doc:"Name of a purpose; of the default profile, of an Azure role"`
	Title              string   `json:"title"`
	Scope              string   `json:"scope" doc:"As Azure writes it, e.g. /subscriptions/{id}"`
	ScopeName          string   `json:"scope_name"`
	Result             string   `json:"result" enum:"success,missing,unknown"`
	MissingActions     []string `json:"missing_actions" nullable:"false"`
	MissingDataActions []string `json:"missing_data_actions" nullable:"false"`
	Reason             string   `json:"reason" doc:"Why it is not known, or what is wrong with all of the scope"`
}

// PermissionSummary adds the rows up.
type PermissionSummary struct {
	Success            int            `json:"success"`
	Missing            int            `json:"missing"`
	Unknown            int            `json:"unknown"`
	Scopes             int            `json:"scopes"`
	Purposes           []PurposeCount `json:"purposes" nullable:"false"`
	MissingActions     []string       `json:"missing_actions" nullable:"false" doc:"All that is missing anywhere"`
	MissingDataActions []string       `json:"missing_data_actions" nullable:"false"`
	Text               string         `json:"text" doc:"All of it in a sentence"`
}

// PurposeCount is how many scopes a purpose has each result at.
type PurposeCount struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Success int    `json:"success"`
	Missing int    `json:"missing"`
	Unknown int    `json:"unknown"`
}

// PermissionPreviewRequest asks what an application may do before anything about it is stored.
type PermissionPreviewRequest struct {
	Account         string   `json:"account,omitempty" doc:"Id or name: what is left out is the account's own, and so is the credential"`
	Cloud           string   `json:"cloud,omitempty"`
	TenantID        string   `json:"tenant_id,omitempty"`
	ApplicationID   string   `json:"application_id,omitempty"`
	Profile         string   `json:"profile,omitempty"`
	Purposes        []string `json:"purposes,omitempty" nullable:"false"`
	RoleSet         []string `json:"role_set,omitempty" nullable:"false" doc:"Of the default profile"`
	Subscriptions   []string `json:"subscriptions,omitempty" nullable:"false" doc:"All that the application sees if left out"`
	ManagementGroup string   `json:"management_group,omitempty"`
	Material
}

// PermissionPreview is what an application may do. Nothing of it was stored.
type PermissionPreview struct {
	AsOf           time.Time         `json:"as_of"`
	Profile        string            `json:"profile"`
	ProfileVersion string            `json:"profile_version"`
	Subscriptions  []NamedID         `json:"subscriptions" nullable:"false" doc:"Those that the application sees"`
	Rows           []PermissionRow   `json:"rows" nullable:"false"`
	Summary        PermissionSummary `json:"summary"`
}

// NamedID is an id with its display name.
type NamedID struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// GrantRequest asks that an application be given what it lacks.
type GrantRequest struct {
	SignIn string   `json:"sign_in,omitempty" doc:"Id of a sign-in that was made before; if left out, the operation asks for one"`
	Scopes []string `json:"scopes,omitempty" nullable:"false" doc:"Scopes of the account, or ids of subscriptions; all if left out"`
}

// MadeRole is a custom role that Evercred made for an account.
type MadeRole struct {
	ID     string   `json:"id" doc:"The GUID of the role definition"`
	Name   string   `json:"name"`
	Scopes []string `json:"scopes" nullable:"false" doc:"Where it can be assigned"`
}
