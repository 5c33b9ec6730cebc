package renewal

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/permission"
)

// need is what is lacking at one subscription.
type need struct {
	scope                string
	actions, dataActions []string
	roles                []string
}

// everything is the need of a subscription where nothing is held, or nothing of what is held is to be built on.
func (w wanted) everything(subscription string) need {
	g := w.grant()
	n := need{scope: account.SubscriptionScope(subscription), actions: g.Actions, dataActions: g.DataActions}
	if w.isDefault() {
		n.roles = w.roles
	}
	return n
}

// planGrants lists the custom roles and role assignments that the account asks for, of an application that has none yet.
func (r *run) planGrants(needed bool) {
	f := &r.op.Facts
	f.Grants, f.CustomRoles = nil, nil
	if !needed {
		return
	}
	w := r.wanted()
	var needs []need
	for _, id := range w.subscriptions {
		needs = append(needs, w.everything(id))
	}
	if w.group != "" && len(needs) == 0 { // an empty group: what will join it inherits
		needs = append(needs, need{actions: w.grant().Actions, roles: w.everything("").roles})
	}
	r.listNeeded(w, needs, nil, true)
}

// listNeeded turns needs into custom roles and assignments. before are the account's custom roles as they are in Azure.
// atGroup says that the application must also be able to read its management group.
//
// A custom role with data actions cannot be assigned at a management group, though it may name one as assignable scope
// (Azure custom roles, management groups). Then there are two: the actions are granted at the group, where subscriptions
// that join inherit them, and the data actions subscription by subscription.
func (r *run) listNeeded(w wanted, needs []need, before []account.CustomRole, atGroup bool) {
	if w.isDefault() {
		r.listRoles(w, needs)
		return
	}
	full := w.grant()
	var lack permission.Grant
	for _, n := range needs {
		lack.Actions = append(lack.Actions, n.actions...)
		lack.DataActions = append(lack.DataActions, n.dataActions...)
	}
	if w.group == "" {
		scopes := make([]string, 0, len(needs))
		for _, n := range needs {
			if len(n.actions)+len(n.dataActions) > 0 {
				scopes = append(scopes, n.scope)
			}
		}
		if role := r.addRole(w, false, full, lack, scopes, before); role != nil {
			r.assignAt(role, scopes)
		}
		return
	}
	group := []string{w.groupScope()}
	full.Actions = slices.Concat(full.Actions, groupActions())
	if atGroup {
		lack.Actions = append(lack.Actions, groupActions()...)
	}
	if role := r.addRole(w, false, permission.Grant{Actions: full.Actions}, permission.Grant{Actions: lack.Actions}, group, before); role != nil && len(lack.Actions) > 0 {
		r.assignAt(role, group)
	}
	role := r.addRole(w, true, permission.Grant{DataActions: full.DataActions}, permission.Grant{DataActions: lack.DataActions}, group, before)
	for _, n := range needs {
		if role != nil && len(n.dataActions) > 0 && n.scope != "" {
			r.assignAt(role, []string{n.scope})
		}
	}
}

// listRoles lists the Azure roles of the default profile: at the management group where there is one, else where they lack.
func (r *run) listRoles(w wanted, needs []need) {
	f := &r.op.Facts
	for _, n := range needs {
		for _, role := range n.roles {
			g := account.Grant{Scope: n.scope, Role: role}
			if w.group != "" {
				g.Scope = w.groupScope()
			}
			if !slices.Contains(f.Grants, g) {
				f.Grants = append(f.Grants, g)
			}
		}
	}
}

// addRole adds the custom role that holds what is lacking beside what it holds already and is still asked for; nil where
// nothing is lacking and there is no such role. A role that holds more than is asked for is cut down.
func (r *run) addRole(w wanted, data bool, full, lack permission.Grant, scopes []string, before []account.CustomRole) *account.CustomRole {
	role := account.CustomRole{ID: uuid.NewString(), Profile: w.profile, Data: data, Scopes: scopes}
	if made := w.made.Role(w.profile, data); made != nil {
		role.ID, role.Name, role.Known = made.ID, made.Name, true
	}
	for i := range before {
		if before[i].ID == role.ID {
			role.Before = before[i].Before
		}
	}
	if role.Name == "" {
		role.Name = roleName(w, role.ID, data)
	}
	all := []permission.Grant{full}
	if b := role.Before; b != nil {
		for _, a := range b.Actions {
			if permission.Allows(all, a) {
				lack.Actions = append(lack.Actions, a)
			}
		}
		for _, a := range b.DataActions {
			if permission.AllowsData(all, a) {
				lack.DataActions = append(lack.DataActions, a)
			}
		}
		role.Scopes = assignable(b.Scopes, scopes)
	}
	role.Actions, role.DataActions = permission.Reduce(lack.Actions), permission.Reduce(lack.DataActions)
	if len(role.Actions)+len(role.DataActions) == 0 || len(role.Scopes) == 0 {
		return nil
	}
	role.Needed = role.Before == nil || !same(role.Before.Actions, role.Actions) || !same(role.Before.DataActions, role.DataActions) || !same(role.Before.Scopes, role.Scopes)
	f := &r.op.Facts
	f.CustomRoles = append(f.CustomRoles, role)
	return &f.CustomRoles[len(f.CustomRoles)-1]
}

// assignable adds scopes to those a role has. Of management groups it may have one: the new one.
func assignable(have, add []string) []string {
	isGroup := func(s string) bool {
		return strings.HasPrefix(strings.ToLower(s), strings.ToLower(account.ManagementGroupScope("")))
	}
	var out []string
	for _, s := range have {
		if !isGroup(s) || !slices.ContainsFunc(add, isGroup) {
			out = append(out, s)
		}
	}
	for _, s := range add {
		if !slices.ContainsFunc(out, func(h string) bool { return strings.EqualFold(h, s) }) {
			out = append(out, s)
		}
	}
	return out
}

// same compares lists without regard to order and case.
func same(a, b []string) bool {
	return slices.Equal(folded(a), folded(b))
}

func folded(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, strings.ToLower(s))
	}
	slices.Sort(out)
	return out
}

func (r *run) assignAt(role *account.CustomRole, scopes []string) {
	f := &r.op.Facts
	for _, s := range scopes {
		f.Grants = append(f.Grants, account.Grant{Scope: s, Role: role.Name, RoleID: role.ID})
	}
}

// roleName is the name of a new custom role, as people meet it in the portal: "Evercred - backup-prod: Veeam Backup for
// Microsoft Azure (1f3a56ab)". It has at most 128 characters, though Azure allows 512 since 2022 (article "Azure custom roles":
// letters, numbers, spaces and special characters; unique in the directory). Two installations may have accounts of one name: so
// the id's beginning is in it. A role keeps the name that it was made with, whatever becomes of the account's.
func roleName(w wanted, id string, data bool) string {
	name := w.name[:min(len(w.name), 40)] // names of accounts are ASCII
	what := w.profile
	if p, err := permission.Lookup(w.profile); err == nil {
		what = strings.TrimSuffix(p.Title, " "+p.Version)
	}
	what = what[:min(len(what), 50)]
	if data {
		what += ", data"
	}
	return "Evercred - " + name + ": " + what + " (" + id[:8] + ")"
}

// roleDescription is what the portal shows of a custom role.
func roleDescription(w wanted) string {
	return "Made by Evercred for the service account " + w.name + ": what permission profile " + w.profile +
		" asks for and other roles do not give it. Evercred changes it and takes it back."
}
