package graph

import (
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// roleTemplate is the id of a directory role's template (Microsoft Entra built-in roles); empty for one not listed.
func roleTemplate(name string) string {
	return map[string]string{
		"Application Administrator":       "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
		"Application Developer":           "cf1c38e5-3621-4004-a7cb-879624dced7c",
		"Cloud Application Administrator": "158c047a-c907-4556-b7ef-446551a6b5f7",
		"Directory Readers":               "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
		"Directory Writers":               "9360feb5-f418-4baa-8175-e2a00bac4301",
		"Global Administrator":            "62e90394-69f5-4237-9190-012177145e10",
		"Global Reader":                   "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
		"Groups Administrator":            "fdd7a751-b60b-444a-984c-02652fe8fa1c",
		"Privileged Role Administrator":   "e8611ab8-c189-46e8-94e1-60213ab1f814",
		"Security Administrator":          "194ae4cb-b126-40b2-bd5b-6091b380977d",
		"Security Reader":                 "5d6b6bb7-de71-4623-b4af-96380a352509",
		"User Administrator":              "fe930be7-5e62-47db-91af-98c3a49a38b1",
	}[name]
}

// viewRole shows a directory role by its display name.
func (c *call) viewRole(name string) view {
	id := uuid.NewSHA1(uuid.NameSpaceOID, []byte(c.TenantID+"/role/"+name)).String()
	template := roleTemplate(name)
	if template == "" {
		template = id
	}
	return view{c.kinds.directoryRole, id, map[string]any{
		"id": id, "description": "Members of the role " + name + ".", "displayName": name, "roleTemplateId": template,
	}}
}

// roleNames are the directory roles that somebody has: the others are not activated.
func (c *call) roleNames() []string {
	var names []string
	for _, u := range c.Directory.Users.AllSeen() {
		names = append(names, u.Roles...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (c *call) roleListing() listing {
	k := c.kinds.directoryRole
	return listing{kind: k, context: k.Set, units: 1, objects: func(yield func(resource) bool) {
		for _, n := range c.roleNames() {
			if !yield(c.viewRole(n)) {
				return
			}
		}
	}}
}

// routeRoles is for /directoryRoles, whose objects also go by (roleTemplateId='…').
func (c *call) routeRoles() (*answer, error) {
	key, rest, ok := c.keyed()
	if !ok {
		return c.only(http.MethodGet, func() (*answer, error) { return c.listReadable(c.roleListing, false) })
	}
	if len(rest) > 0 && !rest[0].Is("members") {
		return nil, odata.NoSegment(rest[0].Original)
	}
	byTemplate := strings.EqualFold(key.KeyName, "roleTemplateId")
	if key.KeyName != "" && !byTemplate {
		return nil, odata.NoKey(key.KeyName, c.kinds.directoryRole)
	}
	return c.only(http.MethodGet, func() (*answer, error) {
		return c.read(func() (*answer, error) {
			if !c.mayRead(c.kinds.directoryRole) {
				return nil, odata.Forbidden()
			}
			for _, name := range c.roleNames() {
				role := c.viewRole(name)
				if !strings.EqualFold(role.id, key.Key) && !(byTemplate && strings.EqualFold(roleTemplate(name), key.Key)) {
					continue
				}
				if len(rest) == 0 {
					return c.single(role)
				}
				return c.mixed(mixture{objects: c.holdersOfRole(name), units: 1}, rest[1:])
			}
			return nil, odata.NotFound(key.Key)
		})
	})
}

func (c *call) holdersOfRole(name string) func(func(resource) bool) {
	return shown(c.Directory.Users.AllSeen(), func(u *directory.User) resource {
		if !slices.Contains(u.Roles, name) {
			return nil
		}
		return c.viewUser(u)
	})
}
