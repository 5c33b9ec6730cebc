package graph

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// groupsOf returns the groups that someone is in: directly, or also through other groups.
func (c *call) groupsOf(member string, transitive bool) []*directory.Group {
	var found []*directory.Group
	known := map[string]bool{member: true}
	for next := []string{member}; len(next) > 0; next = next[1:] {
		for id, g := range c.Directory.Groups.EachSeen(directory.ByMember(next[0])) {
			if known[id] {
				continue
			}
			known[id] = true
			found = append(found, g)
			if transitive {
				next = append(next, id)
			}
		}
	}
	return found
}

// membersOf returns the ids of what is in a group: directly, or also through other groups.
func (c *call) membersOf(g *directory.Group, transitive bool) []string {
	found := slices.Clone(g.Members)
	known := map[string]bool{g.ID: true}
	for i := 0; transitive && i < len(found); i++ {
		inner, ok := c.Directory.Groups.Seen(found[i])
		if !ok || known[found[i]] {
			continue
		}
		known[found[i]] = true
		for _, id := range inner.Members {
			if !slices.Contains(found, id) {
				found = append(found, id)
			}
		}
	}
	return found
}

// memberships are the groups and directory roles of a principal.
func (c *call) memberships(member string, transitive bool) []resource {
	var found []resource
	for _, g := range c.groupsOf(member, transitive) {
		found = append(found, c.viewGroup(g))
	}
	if u, ok := c.Directory.Users.Seen(member); ok {
		for _, role := range u.Roles {
			found = append(found, c.viewRole(role))
		}
	}
	return found
}

// routeMemberOf is for …/memberOf and …/transitiveMemberOf, perhaps narrowed to a type or counted.
func (c *call) routeMemberOf(id func() (string, error), transitive bool, rest []odata.Segment) (*answer, error) {
	return c.only(http.MethodGet, func() (*answer, error) {
		return c.read(func() (*answer, error) {
			member, err := id()
			if err != nil {
				return nil, err
			}
			return c.mixed(mixture{objects: slices.Values(c.memberships(member, transitive)), units: 2}, rest)
		})
	})
}

// membershipActions are the POST actions that tell of memberships, on people, groups and service principals alike.
func (c *call) membershipActions(id func() (string, error)) map[string]func() (*answer, error) {
	return map[string]func() (*answer, error){
		"getmembergroups":    func() (*answer, error) { return c.getMembers("getMemberGroups", id) },
		"getmemberobjects":   func() (*answer, error) { return c.getMembers("getMemberObjects", id) },
		"checkmembergroups":  func() (*answer, error) { return c.checkMembers("checkMemberGroups", "groupIds", id) },
		"checkmemberobjects": func() (*answer, error) { return c.checkMembers("checkMemberObjects", "ids", id) },
	}
}

// membershipAction finds the action that a path ends in.
func (c *call) membershipAction(rest []odata.Segment, id func() (string, error)) (func() (*answer, error), bool) {
	if len(rest) != 1 {
		return nil, false
	}
	action, ok := c.membershipActions(id)[strings.TrimPrefix(strings.ToLower(rest[0].Original), "microsoft.graph.")]
	return action, ok
}

// memberIDs are the ids of the groups, with objects also of the directory roles, that a principal is in.
func (c *call) memberIDs(member string, securityOnly, objects bool) []string {
	ids := []string{}
	for _, o := range c.memberships(member, true) {
		role := o.kind() == c.kinds.directoryRole
		if role && !objects || !role && securityOnly && string(raw(o.value("securityEnabled"))) != "true" {
			continue
		}
		ids = append(ids, o.identity())
	}
	return ids
}

// getMembers costs two units (recorded 2022 to 2023).
func (c *call) getMembers(action string, id func() (string, error)) (*answer, error) {
	in, err := c.parameters(action, "securityEnabledOnly")
	if err != nil {
		return nil, err
	}
	securityOnly := false
	if !in.Absent("securityEnabledOnly") && json.Unmarshal(in.Values["securityEnabledOnly"], &securityOnly) != nil {
		return nil, odata.InvalidValue("securityEnabledOnly", "DirectoryObject")
	}
	return c.read(func() (*answer, error) {
		member, err := id()
		if err != nil {
			return nil, err
		}
		return c.texts(c.memberIDs(member, securityOnly, action == "getMemberObjects"), 2)
	})
}

// maxChecked is how many groups a check takes (Microsoft Graph, directoryObject: checkMemberGroups).
const maxChecked = 20

// checkMembers costs four units (recorded 2022-05).
func (c *call) checkMembers(action, parameter string, id func() (string, error)) (*answer, error) {
	in, err := c.parameters(action, parameter)
	if err != nil {
		return nil, err
	}
	var asked []string
	if in.Absent(parameter) || json.Unmarshal(in.Values[parameter], &asked) != nil || len(asked) == 0 || len(asked) > maxChecked {
		return nil, odata.InvalidValue(parameter, "DirectoryObject")
	}
	return c.read(func() (*answer, error) {
		member, err := id()
		if err != nil {
			return nil, err
		}
		have := c.memberIDs(member, false, true)
		in := []string{}
		for _, a := range asked {
			if slices.Contains(have, strings.ToLower(a)) {
				in = append(in, strings.ToLower(a))
			}
		}
		return c.texts(in, 4)
	})
}

// texts answers an action whose result is a list of texts.
func (c *call) texts(list []string, units int) (*answer, error) {
	a, err := done(entity{c.context("Collection(Edm.String)"), {"value", list}})
	a.units = units
	return a, err
}
