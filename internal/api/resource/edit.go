package resource

import (
	"time"

	"github.com/evercred/evercred/internal/fault"
)

// Edit is a merge patch of an account (RFC 7396): what is left out stays as it is. null empties a text, and puts a duration
// back to what new accounts have.
type Edit struct {
	Name            *string     `json:"name,omitempty"`
	Description     *string     `json:"description,omitempty" nullable:"true"`
	UsedBy          []string    `json:"used_by,omitempty" nullable:"false" doc:"What stops when the account stops working; the list as it is to be"`
	Policy          *EditPolicy `json:"policy,omitempty"`
	Subscriptions   []string    `json:"subscriptions,omitempty" nullable:"false" doc:"Ids: the whole scope as it is to be, in place of a management group"`
	ManagementGroup *string     `json:"management_group,omitempty" nullable:"true" doc:"Id of the management group that is to be the scope, in place of subscriptions"`
	Profile         *string     `json:"profile,omitempty" nullable:"true" doc:"Name of a permission profile; another one comes with all its purposes, unless some are named"`
	Purposes        []string    `json:"purposes,omitempty" nullable:"false" doc:"Of the profile; none for all"`
}

// EditPolicy is the part of an edit that concerns how credentials are made.
type EditPolicy struct {
	Soak        *string `json:"soak,omitempty" nullable:"true" doc:"e.g. 24h"`
	Lifetime    *string `json:"lifetime,omitempty" nullable:"true" doc:"e.g. 180d"`
	RenewBefore *string `json:"renew_before,omitempty" nullable:"true" doc:"e.g. 30d"`
	Automatic   *bool   `json:"automatic,omitempty"`
}

// EditPreview is what an edit would do. Nothing of it was stored.
type EditPreview struct {
	Changes []EditChange `json:"changes" nullable:"false" doc:"None: the account is as it is to be"`
	Issues  []EditIssue  `json:"issues" nullable:"false" doc:"What speaks against it. With an error, the edit is not stored"`
}

// EditChange is one thing that would be otherwise, or would have to be.
type EditChange struct {
	Where  string `json:"where" enum:"evercred,azure"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Needs  string `json:"needs" enum:"nothing,grant,sign_in" doc:"What has to be done besides saving"`
}

// EditIssue is something that speaks against an edit.
type EditIssue struct {
	Severity string     `json:"severity" enum:"error,warning"`
	Code     fault.Code `json:"code" doc:"Of the problem that saving would be answered with; empty for a warning"`
	Field    string     `json:"field"`
	Message  string     `json:"message"`
	Meaning  string     `json:"meaning"`
	Remedy   string     `json:"remedy"`
}

// ProblemField is one of several inputs at fault, or a field that somebody else changed.
type ProblemField struct {
	Field     string     `json:"field"`
	Message   string     `json:"message"`
	Remedy    string     `json:"remedy,omitempty"`
	ChangedBy string     `json:"changed_by,omitempty" doc:"Of an edit of a version that is not the stored one: who changed it since"`
	ChangedAt *time.Time `json:"changed_at,omitempty"`
}
