package control

import (
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/script"
)

func (w *change) perform() {
	switch w.action.Action {
	case script.RemoveRoleAssignments:
		w.removeRoleAssignments()
	case script.RemoveDirectoryRoles:
		w.users(func(u *directory.User) bool {
			before := len(u.Roles)
			u.Roles = slices.DeleteFunc(slices.Clone(u.Roles), func(r string) bool { return w.action.Role == "" || strings.EqualFold(r, w.action.Role) })
			return len(u.Roles) < before
		})
	case script.RemoveAppRoles:
		for id, g := range w.AppRoleGrants.All() {
			if w.mine(g.PrincipalID) && (w.action.Role == "" || strings.EqualFold(w.action.Role, g.RoleValue) || strings.EqualFold(w.action.Role, g.RoleID)) {
				w.AppRoleGrants.Delete(id)
				w.done++
			}
		}
	case script.RemoveOwner:
		w.removeOwner()
	case script.RevokeSessions:
		w.revokeSessions()
	case script.BlockDeviceCode:
		w.users(func(u *directory.User) bool {
			u.DeviceCodeBlocked = true
			return true
		})
	case script.SetAppPolicy:
		for tenant := range w.Tenants.All() {
			w.DefaultPolicies.Put(tenant, &directory.DefaultAppManagementPolicy{
				Enabled: len(w.action.Policy) > 0, Applications: w.action.Policy, ServicePrincipals: w.action.Policy,
			})
			w.done++
		}
	case script.RefuseSignIn:
		w.users(func(u *directory.User) bool {
			u.AccessRules = append(slices.Clone(u.AccessRules), directory.AccessRule{Code: w.action.Code, Flow: w.action.Flow})
			return true
		})
	case script.AllowSignIn:
		w.users(func(u *directory.User) bool {
			held := u.DeviceCodeBlocked || len(u.AccessRules) > 0
			u.DeviceCodeBlocked, u.AccessRules = false, nil
			return held
		})
	case script.DisableApplication, script.EnableApplication:
		for _, p := range w.services() {
			next := *p
			next.Enabled = w.action.Action == script.EnableApplication
			w.ServicePrincipals.Put(p.ID, &next)
			w.done++
		}
	case script.DeleteApplication:
		w.deleteApplication()
	case script.PurgeApplication:
		for _, p := range w.services() {
			w.ServicePrincipals.Delete(p.ID)
			w.done++
		}
		for _, a := range w.applications() {
			w.Applications.Delete(a.ID)
			w.done++
		}
	case script.RemoveCredentials:
		for _, a := range w.applications() {
			next := *a
			next.Passwords, next.Keys = nil, nil
			w.Applications.Put(a.ID, &next)
			w.done++
		}
	}
}

func (w *change) removeRoleAssignments() {
	for id, a := range w.RoleAssignments.All() {
		role := a.RoleID
		if d, found := w.RoleDefinitions.Get(strings.ToLower(a.RoleID)); found && strings.EqualFold(d.Name, w.action.Role) {
			role = w.action.Role
		}
		if w.mine(a.PrincipalID) && (w.action.Role == "" || strings.EqualFold(role, w.action.Role)) &&
			(w.action.Scope == "" || strings.EqualFold(strings.TrimRight(a.Scope, "/"), strings.TrimRight(w.action.Scope, "/"))) {
			w.RoleAssignments.Delete(id)
			w.done++
		}
	}
}

// users changes the persons that the action is about; f works on a copy and says whether it changed it.
func (w *change) users(f func(*directory.User) bool) {
	for _, u := range w.Users.All() {
		if next := *u; w.mine(u.ID) && f(&next) {
			w.Users.Put(u.ID, &next)
			w.done++
		}
	}
}

func (w *change) removeOwner() {
	without := func(owners []string) ([]string, bool) {
		rest := slices.DeleteFunc(slices.Clone(owners), w.mine)
		return rest, len(rest) < len(owners)
	}
	for _, a := range w.applications() {
		if rest, changed := without(a.Owners); changed {
			next := *a
			next.Owners = rest
			w.Applications.Put(a.ID, &next)
			w.done++
		}
	}
	for _, p := range w.services() {
		if rest, changed := without(p.Owners); changed {
			next := *p
			next.Owners = rest
			w.ServicePrincipals.Put(p.ID, &next)
			w.done++
		}
	}
}

func (w *change) revokeSessions() {
	now := w.Now()
	w.users(func(u *directory.User) bool {
		u.ValidFrom = &now
		return true
	})
	for id, t := range w.RefreshTokens.All() {
		if next := *t; w.mine(t.UserID) && !t.Revoked {
			next.Revoked = true
			w.RefreshTokens.Put(id, &next)
			w.done++
		}
	}
}

func (w *change) deleteApplication() {
	now := w.Now()
	for _, p := range w.services() {
		if next := *p; p.DeletedAt == nil {
			next.DeletedAt = &now
			w.ServicePrincipals.Put(p.ID, &next)
			w.done++
		}
	}
	for _, a := range w.applications() {
		if next := *a; a.DeletedAt == nil {
			next.DeletedAt = &now
			w.Applications.Put(a.ID, &next)
			w.done++
		}
	}
}
