package account

import (
	"slices"
	"strings"
	"time"
)

// GrantWindow is how long a role assignment or a change of a custom role may take until Azure obeys it everywhere
// (Azure role-based access control, troubleshoot: "up to 10 minutes"; some products' guides say 15, which is taken here, so
// that nothing is called missing that is only on its way).
const GrantWindow = 15 * time.Minute

// Made is what Evercred has made for an account in Azure: the roles and assignments that a removal may take back.
type Made struct {
	Roles       []MadeRole       `json:"roles,omitempty"`
	Assignments []MadeAssignment `json:"assignments,omitempty"`
	GrantedAt   *time.Time       `json:"granted_at,omitempty"` // when something was last granted; see GrantWindow
}

// MadeRole is a custom role that Evercred made.
type MadeRole struct {
	ID      string   `json:"id"` // the GUID: the last segment of the role definition's resource id
	Name    string   `json:"name"`
	Profile string   `json:"profile"`
	Data    bool     `json:"data,omitempty"` // it has the data actions alone, which cannot be assigned at a management group
	Scopes  []string `json:"scopes"`         // where it can be assigned
}

// MadeAssignment is a role assignment that Evercred made.
type MadeAssignment struct {
	ID     string `json:"id"` // resource id
	Scope  string `json:"scope"`
	Role   string `json:"role"` // name
	RoleID string `json:"role_id,omitempty"`
}

// GrantedSince returns when something was last granted, if Azure may not obey it everywhere yet at now; else nil.
func (a *Account) GrantedSince(now time.Time) *time.Time {
	if g := a.Made.GrantedAt; g != nil && now.Before(g.Add(GrantWindow)) {
		return g
	}
	return nil
}

// Role returns the custom role that Evercred made for a profile, or nil.
func (m *Made) Role(profile string, data bool) *MadeRole {
	for i := range m.Roles {
		if r := &m.Roles[i]; r.Profile == profile && r.Data == data {
			return r
		}
	}
	return nil
}

// PutRole records a role, in place of what was recorded of it.
func (m *Made) PutRole(r MadeRole) {
	m.DropRole(r.ID)
	m.Roles = append(m.Roles, r)
}

// DropRole forgets a role that was deleted.
func (m *Made) DropRole(id string) {
	m.Roles = slices.DeleteFunc(m.Roles, func(have MadeRole) bool { return strings.EqualFold(have.ID, id) })
}

// PutAssignment records an assignment once.
func (m *Made) PutAssignment(a MadeAssignment) {
	m.DropAssignment(a.ID)
	m.Assignments = append(m.Assignments, a)
}

// DropAssignment forgets an assignment that was taken back.
func (m *Made) DropAssignment(id string) {
	m.Assignments = slices.DeleteFunc(m.Assignments, func(have MadeAssignment) bool { return strings.EqualFold(have.ID, id) })
}

// PermissionCheck is what a check found of the purposes of a profile. An account may have hundreds of subscriptions that
// all lack the same, so what they lack is kept once: a subscription points to its finding, a finding to its permissions.
type PermissionCheck struct {
	Profile  string    `json:"profile"`
	Version  string    `json:"version"` // of the profile
	Purposes []string  `json:"purposes"`
	All      bool      `json:"all,omitempty"`   // the account asked for all purposes of the profile
	Names    []string  `json:"names,omitempty"` // of permissions, as the profile writes them
	Findings []Finding `json:"findings"`
}

// Finding is what a scope lacks, by purpose. Purposes that are not in it lack nothing.
type Finding struct {
	Unknown string `json:"unknown,omitempty"` // why it is not known; then there are no lacks
	Closed  bool   `json:"closed,omitempty"`  // it is not known because the application may not read it
	Lacks   []Lack `json:"lacks,omitempty"`
}

// Lack is what one purpose lacks, by position: of the purpose in Purposes, of the permissions in Names.
type Lack struct {
	Purpose     int   `json:"p"`
	Actions     []int `json:"a,omitempty"`
	DataActions []int `json:"d,omitempty"`
}

// Missing returns the permissions of a lack by name.
func (c *PermissionCheck) Missing(l Lack) (actions, dataActions []string) {
	return c.named(l.Actions), c.named(l.DataActions)
}

func (c *PermissionCheck) named(positions []int) []string {
	var out []string
	for _, i := range positions {
		if i >= 0 && i < len(c.Names) {
			out = append(out, c.Names[i])
		}
	}
	return out
}

// Finding returns what was found at a subscription; nil where its purposes were not looked at.
func (c *Check) Finding(s *SubscriptionCheck) *Finding {
	if c.Permissions == nil || s.Finding < 1 || s.Finding > len(c.Permissions.Findings) {
		return nil
	}
	return &c.Permissions.Findings[s.Finding-1]
}

// AwaitsGrant reports whether the check found lacking what had been granted a moment before.
func (c *Check) AwaitsGrant() bool {
	return slices.ContainsFunc(c.Subscriptions, func(s SubscriptionCheck) bool { return s.Recent })
}

// SubscriptionScope is the scope of a subscription, as Azure writes it.
func SubscriptionScope(id string) string { return "/subscriptions/" + id }

// ManagementGroupScope is the scope of a management group, as Azure writes it.
func ManagementGroupScope(id string) string {
	return "/providers/Microsoft.Management/managementGroups/" + id
}

// CustomRole is a custom role that an operation makes, or gives new contents. Its id is in the journal before the first
// call, so a lost answer is asked for again under the same id.
type CustomRole struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Profile     string       `json:"profile"`
	Data        bool         `json:"data,omitempty"`
	Actions     []string     `json:"actions,omitempty"`
	DataActions []string     `json:"data_actions,omitempty"`
	Scopes      []string     `json:"scopes"`             // where it can be assigned
	Known       bool         `json:"known,omitempty"`    // Evercred made it for the account before this operation
	Before      *RoleContent `json:"before,omitempty"`   // what it contained; nil where it was not there
	Needed      bool         `json:"needed,omitempty"`   // it has to be written
	Intended    bool         `json:"intended,omitempty"` // the call was begun: it may have been done
	Stored      bool         `json:"stored,omitempty"`
	Undone      bool         `json:"undone,omitempty"` // taken back, or given its former contents again
	Failed      string       `json:"failed,omitempty"` // why it could not be taken back
}

// RoleContent is what a custom role contains.
type RoleContent struct {
	Actions     []string `json:"actions,omitempty"`
	DataActions []string `json:"data_actions,omitempty"`
	Scopes      []string `json:"scopes"`
}

// Undoable reports whether an operation that is taken back has something to do with the role.
func (c *CustomRole) Undoable() bool {
	return (c.Intended || c.Stored) && !c.Undone && c.Failed == "" && (!c.Known || c.Before != nil)
}

const scopeChanged = "The scope has changed since the last check."

// CheckStale says what has changed since the last check so that it does not tell how the account stands; empty where
// nothing has, or where there was no check.
func (a *Account) CheckStale() string {
	c := a.Check
	if c == nil {
		return ""
	}
	checked := map[string]*SubscriptionCheck{}
	for i := range c.Subscriptions {
		checked[strings.ToLower(c.Subscriptions[i].ID)] = &c.Subscriptions[i]
	}
	for _, s := range a.Subscriptions {
		if checked[strings.ToLower(s.ID)] == nil {
			return scopeChanged
		}
	}
	// Without a scope, all that the application sees is checked; of a group that could not be read, what was known of it.
	named := len(a.Subscriptions) > 0 || a.ManagementGroup != "" && c.GroupReason == ""
	if named && len(checked) > len(a.Subscriptions) {
		return scopeChanged
	}
	p := c.Permissions
	isDefault := a.Profile == "" || a.Profile == "default"
	if isDefault != (p == nil) || p != nil && (!strings.EqualFold(p.Profile, a.Profile) || p.All != (len(a.Purposes) == 0) || !p.All && !sameNames(p.Purposes, a.Purposes)) {
		return "The purposes have changed since the last check."
	}
	for _, s := range c.Subscriptions {
		if p != nil || len(s.Roles) == 0 {
			continue
		}
		names := make([]string, 0, len(s.Roles))
		for _, r := range s.Roles {
			names = append(names, r.Role)
		}
		if !sameNames(names, a.RoleSet) {
			return "The roles asked for have changed since the last check."
		}
	}
	return ""
}

// LeftOver reports whether Evercred has assigned the account something outside of its present scope.
func (a *Account) LeftOver() bool {
	return slices.ContainsFunc(a.Made.Assignments, func(m MadeAssignment) bool {
		if a.ManagementGroup != "" && strings.EqualFold(m.Scope, ManagementGroupScope(a.ManagementGroup)) {
			return false
		}
		return !slices.ContainsFunc(a.Subscriptions, func(s Subscription) bool { return strings.EqualFold(m.Scope, SubscriptionScope(s.ID)) })
	})
}

func sameNames(a, b []string) bool {
	folded := func(list []string) []string {
		out := make([]string, 0, len(list))
		for _, s := range list {
			out = append(out, strings.ToLower(s))
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return slices.Equal(folded(a), folded(b))
}
