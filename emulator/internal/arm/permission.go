package arm

import "github.com/evercred/evercred/emulator/internal/directory"

// permission is one element of a role, or of the caller's effective permissions. The data actions came with 2018-01-01.
type permission struct {
	Actions        []string  `json:"actions"`
	NotActions     []string  `json:"notActions"`
	DataActions    *[]string `json:"dataActions,omitempty"`
	NotDataActions *[]string `json:"notDataActions,omitempty"`

	// Only where there is one, since 2022-05-01-preview (recorded 2025-01).
	Condition        *string `json:"condition,omitempty"`
	ConditionVersion *string `json:"conditionVersion,omitempty"`
}

func (c *call) describePermissions(ps []directory.Permission) []permission {
	out := make([]permission, 0, len(ps))
	for _, p := range ps {
		d := permission{Actions: orEmpty(p.Actions), NotActions: orEmpty(p.NotActions)}
		if c.version.since("2018-01-01") {
			data, not := orEmpty(p.DataActions), orEmpty(p.NotDataActions)
			d.DataActions, d.NotDataActions = &data, &not
		}
		if c.version.since("2022-05-01") {
			d.Condition, d.ConditionVersion = p.Condition, p.ConditionVer
		}
		out = append(out, d)
	}
	return out
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// permissions are what the caller may do at a scope: the elements of each role assignment that applies there, inherited
// ones too, as they are (recorded 2018-03, 2024-10).
func (c *call) permissions(s scope) (*answer, error) {
	if err := c.enter(s, "Microsoft.Authorization/permissions/read", s.String()); err != nil {
		return nil, err
	}
	above := c.above(s)
	var found []permission
	for _, r := range c.held {
		if above[r.scope] {
			found = append(found, c.describePermissions(r.role.Permissions)...)
		}
	}
	return list(found)
}
