package graph

import (
	"iter"
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
	byTemplate := strings.EqualFold(key.KeyName, "roleTemplateId")
	switch {
	case key.KeyName != "" && !byTemplate:
		return nil, odata.NoKey(key.KeyName, c.kinds.directoryRole)
	case len(rest) > 0 && rest[0].Is("members"):
		return c.routeReferences(c.roleMembers(key.Key, byTemplate), rest[1:])
	case len(rest) > 0:
		return nil, odata.NoSegment(rest[0].Original)
	}
	return c.only(http.MethodGet, func() (*answer, error) {
		return c.read(func() (*answer, error) {
			name, err := c.readableRole(key.Key, byTemplate)
			if err != nil {
				return nil, err
			}
			return c.single(c.viewRole(name))
		})
	})
}

// readableRole finds an activated role by its id or by that of its template.
func (c *call) readableRole(id string, byTemplate bool) (string, error) {
	if !c.mayRead(c.kinds.directoryRole) {
		return "", odata.Forbidden()
	}
	for _, name := range c.roleNames() {
		if strings.EqualFold(c.viewRole(name).id, id) || byTemplate && strings.EqualFold(roleTemplate(name), id) {
			return name, nil
		}
	}
	return "", odata.NotFound(id)
}

// roleMembers are the people who have a role. Who gets or loses one has its rights from the next request on.
func (c *call) roleMembers(id string, byTemplate bool) referenceSet {
	return referenceSet{
		name: "members", units: 1, allowed: []*odata.Kind{c.kinds.user},
		read: func() ([]string, error) {
			name, err := c.readableRole(id, byTemplate)
			if err != nil {
				return nil, err
			}
			return holdersOfRole(name, c.Directory.Users.AllSeen()), nil
		},
		write: func(change func([]string) ([]string, error)) error {
			name, err := c.readableRole(id, byTemplate)
			if err != nil {
				return err
			}
			if !c.mayManageRoles() {
				return odata.Forbidden()
			}
			have := holdersOfRole(name, c.Directory.Users.All())
			want, err := change(have)
			if err != nil {
				return err
			}
			for _, user := range append(slices.Clone(have), want...) {
				c.setRole(user, name, slices.Contains(want, user))
			}
			return nil
		},
	}
}

func holdersOfRole(name string, users iter.Seq2[string, *directory.User]) []string {
	ids := []string{}
	for id, u := range users {
		if slices.Contains(u.Roles, name) {
			ids = append(ids, id)
		}
	}
	return ids
}

// setRole gives a person a directory role or takes it away.
func (c *call) setRole(id, name string, has bool) {
	u, ok := c.Directory.Users.Get(id)
	if !ok || slices.Contains(u.Roles, name) == has {
		return
	}
	clone := *u
	clone.Roles = slices.DeleteFunc(slices.Clone(u.Roles), func(r string) bool { return r == name })
	if has {
		clone.Roles = append(clone.Roles, name)
	}
	c.Directory.Users.Put(id, &clone)
}
