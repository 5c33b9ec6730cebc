package renewal

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/permission"
	"github.com/evercred/evercred/internal/store"
)

func (r *run) customRole() *account.CustomRole {
	for i := range r.op.Facts.CustomRoles {
		if itoa(i) == r.act.Target {
			return &r.op.Facts.CustomRoles[i]
		}
	}
	return &account.CustomRole{}
}

// writeKey is what the writes of the operation are serialised by. The object id of an application is not always known.
func (r *run) writeKey() string {
	if id := r.op.Facts.AppObjectID; id != "" {
		return id
	}
	return r.op.Facts.AppID
}

// putRole makes the account's custom role, or gives it new contents. Its id is in the journal before the call, so asking
// again after a lost answer writes the same role.
func putRole(ctx context.Context, r *run) (string, error) {
	c := r.customRole()
	if !c.Intended {
		c.Intended = true
		if err := r.intend(ctx); err != nil {
			return "", err
		}
	}
	err := r.writeRole(ctx, c, account.RoleContent{Actions: c.Actions, DataActions: c.DataActions, Scopes: c.Scopes})
	if err != nil {
		if refused(err) && ctx.Err() == nil {
			c.Intended = false // it was not done
		}
		return "", err
	}
	c.Stored = true
	r.event, r.detail["role"] = "role.written", c.Name
	if !rolesOpen(&r.op.Facts) {
		r.recordMade()
	}
	return contentText(c.Actions, c.DataActions), nil
}

// contentText counts what a custom role allows.
func contentText(actions, dataActions []string) string {
	text := count(len(actions), "action", "actions")
	if len(dataActions) > 0 {
		text += " and " + count(len(dataActions), "data action", "data actions")
	}
	return text
}

// refused reports whether Resource Manager has answered that a write was not done.
func refused(err error) bool {
	e, ok := errors.AsType[*arm.Error](err)
	return ok && e.Status < 500 && e.Status != http.StatusRequestTimeout
}

func (r *run) writeRole(ctx context.Context, c *account.CustomRole, content account.RoleContent) error {
	client, err := r.personARM()
	if err != nil {
		return err
	}
	release, err := r.e.writing(ctx, r.tenant(), r.writeKey())
	if err != nil {
		return err
	}
	defer release()
	_, err = client.PutRoleDefinition(ctx, content.Scopes[0], c.ID, arm.CustomRole{
		Name: c.Name, Description: roleDescription(r.wanted()), AssignableScopes: content.Scopes,
		Grant: permission.Grant{Actions: content.Actions, DataActions: content.DataActions},
	})
	return err
}

// restoreRole gives a custom role back what it contained before the operation.
func restoreRole(ctx context.Context, r *run) (string, error) {
	c := r.customRole()
	if err := r.writeRole(ctx, c, *c.Before); err != nil {
		return "", err
	}
	c.Undone = true
	r.event, r.detail["role"] = "role.written", c.Name
	return "", nil
}

// unassignedFor is how long a custom role is waited for that is said to be assigned, though its assignments were taken back
// a moment ago.
const unassignedFor = 90 * time.Second

// deleteRole deletes a custom role that Evercred made for the account.
func deleteRole(ctx context.Context, r *run) (string, error) {
	c := r.customRole()
	client, err := r.personARM()
	if err != nil {
		return "", err
	}
	release, err := r.e.writing(ctx, r.tenant(), r.writeKey())
	if err != nil {
		return "", err
	}
	defer release()
	err = client.DeleteRoleDefinition(ctx, c.Scopes[0], c.ID)
	s := r.openStep()
	switch {
	case arm.IsRoleInUse(err) && s != nil && r.e.clock.Now().Sub(s.StartedAt) < unassignedFor:
		return "", retryIn(min(backoff(s.Tries, 0), soon), "Not all of Microsoft's servers know that its assignments are gone; waiting")
	case arm.IsNotFound(err):
	case err != nil:
		return "", err
	}
	c.Undone = true
	r.event, r.detail["role"] = "role.deleted", c.Name
	r.forgetMade(c.ID, "")
	return "", nil
}

// recordMade notes on the account what Evercred has made for it in Azure, so that a removal can take it back.
func (r *run) recordMade() {
	if r.a == nil {
		return
	}
	f, m := &r.op.Facts, &r.a.Made
	if f.MadeSP {
		m.Assignments = nil // they were of the service principal before this one
	}
	now, anything := r.e.clock.Now(), false
	for _, c := range f.CustomRoles {
		if c.Stored && !c.Undone {
			m.PutRole(account.MadeRole{ID: c.ID, Name: c.Name, Profile: c.Profile, Data: c.Data, Scopes: c.Scopes})
			anything = true
		}
	}
	for _, g := range f.Grants {
		switch {
		case g.Revoke && g.Undone:
			m.DropAssignment(g.AssignmentID)
		case g.Done && g.Made && !g.Revoke && !g.Undone && g.AssignmentID != "":
			m.PutAssignment(account.MadeAssignment{ID: g.AssignmentID, Scope: g.Scope, Role: g.Role, RoleID: g.RoleID})
			anything = true
		}
	}
	if anything {
		m.GrantedAt = &now
	}
	a := r.a
	r.put(func(tx *store.Tx) error { return tx.PutAccount(a) })
}

// forgetMade drops what was taken back from what the account is known to have.
func (r *run) forgetMade(roleID, assignmentID string) {
	if r.a == nil || r.op.Kind == account.OpAdd || r.op.Kind == account.OpRemove {
		return // the account goes as a whole
	}
	m := &r.a.Made
	m.DropRole(roleID)
	m.DropAssignment(assignmentID)
	a := r.a
	r.put(func(tx *store.Tx) error { return tx.PutAccount(a) })
}

// madeBefore reports whether an earlier operation of Evercred's made the assignment.
func (r *run) madeBefore(id string) bool {
	if r.a == nil || r.op.Facts.MadeSP {
		return false
	}
	for _, m := range r.a.Made.Assignments {
		if strings.EqualFold(m.ID, id) {
			return true
		}
	}
	return false
}

// takeBack lists everything that Evercred made for the account in Azure, for its removal.
func takeBack(a *account.Account, f *account.Facts) {
	known := map[string]bool{}
	for _, g := range f.Grants {
		known[strings.ToLower(g.AssignmentID)] = true
	}
	for _, m := range a.Made.Assignments {
		if !known[strings.ToLower(m.ID)] {
			f.Grants = append(f.Grants, account.Grant{Scope: m.Scope, Role: m.Role, RoleID: m.RoleID, AssignmentID: m.ID, Done: true, Made: true})
		}
	}
	for _, role := range a.Made.Roles {
		f.CustomRoles = append(f.CustomRoles, account.CustomRole{
			ID: role.ID, Name: role.Name, Profile: role.Profile, Data: role.Data, Scopes: role.Scopes, Stored: true,
		})
	}
}

// grantOnWithout handles what one scope refuses: a grant says so and goes on with the others, unless nothing could be
// granted at all. A removal leaves a custom role that others use.
func (r *run) grantOnWithout(p *account.Problem) bool {
	f := &r.op.Facts
	why := p.Message
	if p.Source != "" {
		why += " (" + p.Source + ")"
	}
	switch {
	case r.op.Kind == account.OpRemove && r.act.Do == DoDeleteRole:
		r.customRole().Failed = why
		return true
	case r.op.Kind != account.OpGrant || f.RollingBack || r.act.Do == DoDeleteRole:
		return false
	}
	r.grant().Failed = why
	if rolesOpen(f) {
		return true
	}
	r.grantFailures()
	done := func(g account.Grant) bool { return g.Done && !g.Revoke }
	if r.act.Do == DoAssignRole && !slices.ContainsFunc(f.Grants, done) {
		return false // nothing of it came about: what was written for it is taken back
	}
	r.recordMade()
	return true
}
