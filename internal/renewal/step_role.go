package renewal

import (
	"context"
	"slices"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
)

// listGrants lists the role assignments of the application on the account's subscriptions, to be taken back with it.
func (r *run) listGrants(ctx context.Context) error {
	client, err := r.personARM()
	if err != nil {
		return err
	}
	f := &r.op.Facts
	f.Grants, f.CustomRoles = nil, nil
	for _, id := range r.a.SubscriptionIDs() {
		scope := "/subscriptions/" + id
		list, err := client.RoleAssignments(ctx, scope, f.SPObjectID)
		if err != nil {
			return err
		}
		for _, g := range list {
			if slices.ContainsFunc(f.Grants, func(have account.Grant) bool { return have.AssignmentID == g.ID }) {
				continue
			}
			f.Grants = append(f.Grants, account.Grant{Scope: g.Scope, AssignmentID: g.ID, Done: true, Made: true})
		}
	}
	takeBack(r.a, f)
	return nil
}

func assignRole(ctx context.Context, r *run) (string, error) {
	g := r.grant()
	client, err := r.personARM()
	if err != nil {
		return "", err
	}
	definition, err := r.definitionOf(ctx, client, g)
	if err != nil {
		return "", err
	}
	if !g.Intended {
		g.Intended, g.AssignmentID = true, arm.AssignmentID(g.Scope, definition, r.op.Facts.SPObjectID)
		g.Kept = r.madeBefore(g.AssignmentID)
		if err := r.intend(ctx); err != nil {
			return "", err
		}
	}
	release, err := r.e.writing(ctx, r.tenant(), r.writeKey())
	if err != nil {
		return "", err
	}
	made, isNew, err := client.AssignRole(ctx, g.Scope, definition, r.op.Facts.SPObjectID)
	release()
	if err != nil {
		if refused(err) && ctx.Err() == nil {
			g.Intended, g.AssignmentID = false, "" // it was not done
		}
		if arm.IsPrincipalNotFound(err) || g.RoleID != "" && arm.IsNotFound(err) {
			return "", r.notYet(err) // of a custom role too: it is as new as the service principal
		}
		return "", err
	}
	g.Done, g.Made, g.AssignmentID = true, isNew || r.op.Facts.MadeSP, made.ID
	g.Kept = r.madeBefore(made.ID)
	r.event, r.detail["role"], r.detail["scope"] = "role.assigned", g.Role, g.Scope
	if !rolesOpen(&r.op.Facts) {
		r.recordMade()
		r.grantFailures()
	}
	return "", nil
}

// definitionOf is the resource id of the role that a grant is of: a custom role by its id, an Azure role by its name.
func (r *run) definitionOf(ctx context.Context, client *arm.Client, g *account.Grant) (string, error) {
	if g.RoleID != "" {
		at := g.Scope
		if r.wanted().groupScope() == g.Scope {
			at = "" // above subscriptions a role has the tenant's own id
		}
		return arm.DefinitionID(at, g.RoleID), nil
	}
	def, err := client.RoleDefinition(ctx, g.Scope, g.Role)
	if err != nil {
		return "", noSuchRole(g.Role, g.Scope, err)
	}
	return def.ID, nil
}

func (r *run) grant() *account.Grant {
	for i := range r.op.Facts.Grants {
		if itoa(i) == r.act.Target {
			return &r.op.Facts.Grants[i]
		}
	}
	return &account.Grant{}
}

func unassignRole(ctx context.Context, r *run) (string, error) {
	g := r.grant()
	client, err := r.personARM()
	if err != nil {
		return "", err
	}
	release, err := r.e.writing(ctx, r.tenant(), r.writeKey())
	if err != nil {
		return "", err
	}
	defer release()
	if g.AssignmentID != "" {
		if err := client.DeleteRoleAssignment(ctx, g.AssignmentID); err != nil && !arm.IsNotFound(err) {
			return "", err
		}
	}
	g.Undone = true
	r.event, r.detail["scope"] = "role.removed", g.Scope
	r.forgetMade("", g.AssignmentID)
	return "", nil
}
