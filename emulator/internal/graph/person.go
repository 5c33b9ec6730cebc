package graph

import (
	"encoding/binary"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// view shows an object that is read only here, by its named values; what is not named is null.
type view struct {
	of     *kind
	id     string
	values map[string]any
}

func (v view) kind() *kind           { return v.of }
func (v view) identity() string      { return v.id }
func (v view) extras() []string      { return nil }
func (v view) value(name string) any { return v.values[name] }

func (c *call) viewUser(u *directory.User) view {
	name, _, _ := strings.Cut(u.UserPrincipalName, "@")
	return view{c.kinds.user, u.ID, map[string]any{
		"id": u.ID, "businessPhones": []string{}, "displayName": u.DisplayName, "givenName": optional(u.GivenName),
		"surname": optional(u.Surname), "userPrincipalName": u.UserPrincipalName, "accountEnabled": true, "mailNickname": name,
		"userType": "Member", "createdDateTime": c.tenantCreated(),
	}}
}

func (c *call) viewGroup(g *directory.Group) view {
	return view{c.kinds.group, g.ID, map[string]any{
		"id": g.ID, "createdDateTime": c.tenantCreated(), "creationOptions": []string{}, "displayName": g.DisplayName,
		"groupTypes": []string{}, "mailEnabled": false, "mailNickname": strings.ReplaceAll(strings.ToLower(g.DisplayName), " ", "-"),
		"proxyAddresses": []string{}, "renewedDateTime": c.tenantCreated(), "resourceBehaviorOptions": []string{},
		"resourceProvisioningOptions": []string{}, "securityEnabled": true, "securityIdentifier": securityIdentifier(g.ID),
		"onPremisesProvisioningErrors": []string{},
	}}
}

func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// securityIdentifier is the id as a Windows SID: its four words, in the byte order of .NET's guids.
func securityIdentifier(id string) any {
	u, err := uuid.Parse(id)
	if err != nil {
		return nil
	}
	swapped := [4]byte{u[5], u[4], u[7], u[6]}
	return fmt.Sprintf("S-1-12-1-%d-%d-%d-%d", binary.BigEndian.Uint32(u[:4]), binary.LittleEndian.Uint32(swapped[:]),
		binary.LittleEndian.Uint32(u[8:12]), binary.LittleEndian.Uint32(u[12:]))
}

// seenUser finds a person by object id or user principal name.
func (c *call) seenUser(key string) (*directory.User, error) {
	u, ok := c.Directory.Users.Seen(strings.ToLower(key))
	if !ok {
		u, ok = c.Directory.Users.FindSeen(strings.ToLower(key))
	}
	if !ok {
		return nil, notFound(key)
	}
	return u, nil
}

// self finds the signed-in person; there is none behind an application's token.
func (c *call) self() (*directory.User, error) {
	if !c.caller.User {
		return nil, malformed("/me request is only valid with delegated authentication flow.")
	}
	if !c.maySeeSelf() {
		return nil, forbidden()
	}
	return c.seenUser(c.caller.ObjectID)
}

func (c *call) getMe() (*answer, error) {
	return c.read(func() (*answer, error) {
		u, err := c.self()
		if err != nil {
			return nil, err
		}
		return c.single(c.viewUser(u))
	})
}

func (c *call) getUser(key string) (*answer, error) {
	return c.read(func() (*answer, error) {
		u, err := c.seenUser(key)
		self := err == nil && c.caller.User && u.ID == c.caller.ObjectID && c.maySeeSelf()
		if !self && !c.mayRead(c.kinds.user) {
			return nil, forbidden()
		}
		if err != nil {
			return nil, err
		}
		return c.single(c.viewUser(u))
	})
}

func (c *call) getGroup(id string) (*answer, error) {
	return c.read(func() (*answer, error) {
		if !c.mayRead(c.kinds.group) {
			return nil, forbidden()
		}
		g, ok := c.Directory.Groups.Seen(id)
		if !ok {
			return nil, notFound(id)
		}
		return c.single(c.viewGroup(g))
	})
}

func (c *call) listMembers(id string) (*answer, error) {
	return c.read(func() (*answer, error) {
		if !c.mayRead(c.kinds.group) {
			return nil, forbidden()
		}
		g, ok := c.Directory.Groups.Seen(id)
		if !ok {
			return nil, notFound(id)
		}
		return c.listMixed(c.resources(g.Members), 3)
	})
}

// memberOf lists the groups and directory roles of a principal. cast is microsoft.graph.group or
// microsoft.graph.directoryRole, or empty for both.
func (c *call) memberOf(id func() (string, error), cast string) (*answer, error) {
	return c.read(func() (*answer, error) {
		member, err := id()
		if err != nil {
			return nil, err
		}
		var found []resource
		for _, g := range c.groupsOf(member) {
			found = append(found, c.viewGroup(g))
		}
		if u, ok := c.Directory.Users.Seen(member); ok {
			for _, role := range u.Roles {
				found = append(found, c.viewRole(role))
			}
		}
		switch strings.ToLower(cast) {
		case "":
			return c.listMixed(slices.Values(found), 2)
		case "microsoft.graph.group":
			return c.listCast(c.kinds.group, found)
		case "microsoft.graph.directoryrole":
			return c.listCast(c.kinds.directoryRole, found)
		}
		return nil, noSegment(cast)
	})
}

func (c *call) listCast(k *kind, found []resource) (*answer, error) {
	found = slices.DeleteFunc(found, func(o resource) bool { return o.kind() != k })
	return c.list(listing{kind: k, context: k.set, objects: slices.Values(found), units: 2})
}

// groupsOf returns the groups that someone is in, directly or through another group.
func (c *call) groupsOf(member string) []*directory.Group {
	var found []*directory.Group
	inside := map[string]bool{member: true}
	for again := true; again; {
		again = false
		for id, g := range c.Directory.Groups.AllSeen() {
			if !inside[id] && slices.ContainsFunc(g.Members, func(m string) bool { return inside[m] }) {
				inside[id], again = true, true
				found = append(found, g)
			}
		}
	}
	return found
}

// viewRole shows a directory role by its display name. Template ids: Microsoft Entra built-in roles.
func (c *call) viewRole(name string) view {
	templates := map[string]string{
		"Global Administrator":            "62e90394-69f5-4237-9190-012177145e10",
		"Application Administrator":       "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
		"Cloud Application Administrator": "158c047a-c907-4556-b7ef-446551a6b5f7",
		"Application Developer":           "cf1c38e5-3621-4004-a7cb-879624dced7c",
		"Directory Readers":               "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
	}
	id := uuid.NewSHA1(uuid.NameSpaceOID, []byte(c.TenantID+"/role/"+name)).String()
	template, ok := templates[name]
	if !ok {
		template = id
	}
	return view{c.kinds.directoryRole, id, map[string]any{
		"id": id, "description": "Members of the role " + name + ".", "displayName": name, "roleTemplateId": template,
	}}
}

func (c *call) listRoles() (*answer, error) {
	return c.read(func() (*answer, error) {
		k := c.kinds.directoryRole
		if !c.mayRead(k) {
			return nil, forbidden()
		}
		var names []string
		for _, u := range c.Directory.Users.AllSeen() {
			names = append(names, u.Roles...)
		}
		slices.Sort(names)
		return c.list(listing{kind: k, context: k.set, units: 1, objects: func(yield func(resource) bool) {
			for _, n := range slices.Compact(names) {
				if !yield(c.viewRole(n)) {
					return
				}
			}
		}})
	})
}

// listMixed answers with objects of several kinds, which carry their types. Only the kind of each object knows its
// properties, so that such lists are neither filtered nor sorted.
func (c *call) listMixed(objects func(func(resource) bool), units int) (*answer, error) {
	if c.query.filtered || c.query.orderBy != "" || c.query.search != "" || c.query.expand != "" {
		return nil, unsupported("Unsupported Query.")
	}
	found := slices.Collect(objects)
	page, rest, err := c.page(found)
	if err != nil {
		return nil, err
	}
	items := []entity{}
	for _, o := range page {
		items = append(items, append(entity{{"@odata.type", "#" + o.kind().odata}}, c.visible(o)...))
	}
	body := entity{c.context("directoryObjects")}
	if c.query.count && c.query.eventual {
		body = append(body, field{"@odata.count", len(found)})
	}
	if rest {
		body = append(body, field{"@odata.nextLink", c.nextLink(page[len(page)-1].identity())})
	}
	return &answer{status: http.StatusOK, units: units, body: append(body, field{"value", items})}, nil
}

// visible is what the caller may see of an object among others: of a kind that it may not read, only the id
// (Microsoft Graph, limited information returned for inaccessible member objects).
func (c *call) visible(o resource) entity {
	k := o.kind()
	if c.mayRead(k) || c.caller.User && (k == c.kinds.directoryRole || k == c.kinds.group || o.identity() == c.caller.ObjectID) {
		return render(o, c.query.selected)
	}
	return entity{{"id", o.identity()}}
}
