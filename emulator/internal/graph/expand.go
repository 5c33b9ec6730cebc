package graph

import (
	"iter"
	"slices"

	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// maxExpanded is how many related objects $expand shows (Microsoft Graph, $expand on directory objects).
const maxExpanded = 20

// expand adds the related objects that $expand asks for to the properties of o.
func (c *call) expand(e entity, o resource) (entity, error) {
	if c.query.Expand == "" {
		return e, nil
	}
	x, err := odata.ParseExpand(c.query.Expand)
	if err != nil {
		return nil, err
	}
	objects, typed, ok := c.related(o, x.Name)
	if !ok {
		return nil, odata.Malformed("Parsing OData Select and Expand failed: Could not find a property named '%s' on type '%s'.", x.Name, o.kind().Type)
	}
	items := []entity{}
	for related := range objects {
		if len(items) == maxExpanded {
			break
		}
		var item entity
		if typed {
			item = entity{{"@odata.type", "#" + related.kind().Type}}
		}
		items = append(items, append(item, render(related, x.Selected)...))
	}
	return append(e, field{x.Name, items}), nil
}

// related yields what a relationship of o leads to; typed if that can be of several kinds.
func (c *call) related(o resource, name string) (objects iter.Seq[resource], typed, ok bool) {
	switch v := o.(type) {
	case applicationView:
		switch name {
		case "owners":
			return c.resources(v.a.Owners), true, true
		case "federatedIdentityCredentials":
			return c.viewFederated(v.a), false, true
		case "appManagementPolicies":
			return c.policiesOf(v.a.ID), false, true
		}
	case servicePrincipalView:
		switch name {
		case "owners":
			return c.resources(v.p.Owners), true, true
		case "appRoleAssignments":
			return c.appRolesOf(v.p.ID), false, true
		case "appRoleAssignedTo":
			return c.appRolesTo(v.p.ID), false, true
		case "oauth2PermissionGrants":
			return c.grantsOf(v.p.ID), false, true
		case "appManagementPolicies":
			return c.policiesOf(v.p.ID), false, true
		case "memberOf", "transitiveMemberOf":
			return slices.Values(c.memberships(v.p.ID, name != "memberOf")), true, true
		}
	case groupView:
		switch name {
		case "owners":
			return c.resources(v.g.Owners), true, true
		case "members":
			return c.resources(v.g.Members), true, true
		case "memberOf", "transitiveMemberOf":
			return slices.Values(c.memberships(v.g.ID, name != "memberOf")), true, true
		}
	case userView:
		switch name {
		case "memberOf", "transitiveMemberOf":
			return slices.Values(c.memberships(v.u.ID, name != "memberOf")), true, true
		case "ownedObjects":
			return c.ownedBy(v.u.ID), true, true
		}
	}
	return nil, false, false
}
