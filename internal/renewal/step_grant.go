package renewal

import (
	"context"
	"slices"
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/store"
)

// findMissing examines the account as a check does, and lists what has to be granted.
func findMissing(ctx context.Context, r *run) (string, error) {
	c := r.a.Current()
	if c == nil {
		return "", fault.New(fault.Conflict, "%s has no current credential.", r.a.Name).
			WithMeaning("What it may do can only be read with its own credential. Nothing was changed.").WithRemedy("Run `evercred account renew %s`.", r.a.Name)
	}
	cred, err := r.e.material(ctx, *c)
	if fault.Is(err, fault.NotFound) {
		return "", err
	}
	if err != nil {
		return "", &storeError{err}
	}
	found, err := r.e.examine(ctx, r.conn, r.subject(c, cred))
	switch {
	case err != nil:
		return "", err
	case found.err != nil && azure.Transient(found.err):
		return "", found.err
	case found.err != nil:
		why := explain(found.err)
		return "", fault.New(fault.Credential, "%s does not authenticate, so what it may do cannot be read.", r.a.Name).
			WithMeaning("%s Nothing was changed.", why.Message).WithRemedy("See `evercred account show %s`.", r.a.Name).WithCause(found.err)
	case found.principal == "" && r.a.ServicePrincipalID == "":
		return "", fault.New(fault.Azure, "Microsoft's token does not say which service principal the application has.").WithMeaning("Nothing was changed.").
			WithRemedy("Assign the roles in Azure: `evercred permission diff %s` says which.", r.a.Name)
	}
	below := r.a.Subscriptions // read with the person's rights, which see more
	r.keepFindings(c, found)
	if r.a.ManagementGroup != "" {
		r.a.Subscriptions = below
	}
	f := &r.op.Facts
	f.SPObjectID, f.AppID, f.AppObjectID = r.a.ServicePrincipalID, r.a.ApplicationID, r.a.ApplicationObjectID
	f.MissingRead = true
	before := f.CustomRoles
	f.CustomRoles, f.Grants = nil, nil
	r.listRevokes()
	r.listNeeded(r.wanted(), r.needs(&found.check), before, found.check.GroupReason != "")
	r.grantFailures()
	a, kept := r.a, *c
	r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
	r.put(func(tx *store.Tx) error { return tx.PutAccount(a) })
	f.Checked = !rolesOpen(f) && openRevoke(f) < 0
	return r.lackText(), nil
}

// needs is what the check found lacking at the scopes that can be granted at. Where something is to be taken back, nothing
// that is held is built on, because it may go with that.
func (r *run) needs(check *account.Check) []need {
	w, f := r.wanted(), &r.op.Facts
	afresh := openRevoke(f) >= 0
	targets := folded(r.targets())
	var out []need
	checked := map[string]*account.SubscriptionCheck{}
	for i := range check.Subscriptions {
		checked[strings.ToLower(check.Subscriptions[i].ID)] = &check.Subscriptions[i]
	}
	for _, id := range w.subscriptions {
		scope := account.SubscriptionScope(id)
		if w.group == "" && !slices.Contains(targets, strings.ToLower(scope)) || r.ungrantable(scope) {
			continue
		}
		s := checked[strings.ToLower(id)]
		if s == nil || afresh || s.Unseen {
			out = append(out, w.everything(id))
			continue
		}
		n, unknown := w.needOf(check, s)
		if unknown != "" {
			f.Ungrantable = append(f.Ungrantable, account.Grant{Scope: scope, Failed: unknown})
			continue
		}
		out = append(out, n)
	}
	return out
}

// needOf is what the check found lacking on a subscription that the application sees, or why that is not known. Where it may
// not read what it holds, nothing of that can be built on.
func (w wanted) needOf(check *account.Check, s *account.SubscriptionCheck) (n need, unknown string) {
	n.scope = account.SubscriptionScope(s.ID)
	if w.isDefault() {
		if len(s.Roles) == 0 && s.Result != account.ResultOK {
			return w.everything(s.ID), ""
		}
		for _, role := range s.Roles {
			if role.Result != account.ResultOK {
				n.roles = append(n.roles, role.Role)
			}
		}
		return n, ""
	}
	finding := check.Finding(s)
	switch {
	case finding == nil:
		return n, s.Reason
	case finding.Closed:
		return w.everything(s.ID), ""
	case finding.Unknown != "":
		return n, finding.Unknown
	}
	for _, lack := range finding.Lacks {
		actions, data := check.Permissions.Missing(lack)
		n.actions, n.dataActions = append(n.actions, actions...), append(n.dataActions, data...)
	}
	return n, ""
}

func (r *run) ungrantable(scope string) bool {
	return slices.ContainsFunc(r.op.Facts.Ungrantable, func(g account.Grant) bool { return strings.EqualFold(g.Scope, scope) })
}

// listRevokes lists what earlier grants assigned and what is no longer the account's: a scope it has left, or a role that
// its profile does not ask for.
func (r *run) listRevokes() {
	f, w := &r.op.Facts, r.wanted()
	if len(r.op.Params.Scopes) > 0 || len(f.Ungrantable) > 0 {
		return // only a grant of everything takes something back
	}
	for _, m := range w.made.Assignments {
		ours := slices.ContainsFunc(w.made.Roles, func(role account.MadeRole) bool {
			return m.RoleID != "" && strings.EqualFold(role.ID, m.RoleID) && role.Profile == w.profile
		})
		if w.isDefault() {
			ours = m.RoleID == "" && slices.ContainsFunc(w.roles, func(name string) bool { return strings.EqualFold(name, m.Role) })
		}
		if !ours || !w.has(m.Scope) {
			f.Grants = append(f.Grants, account.Grant{
				Scope: m.Scope, Role: m.Role, RoleID: m.RoleID, AssignmentID: m.ID, Done: true, Made: true, Revoke: true,
			})
		}
	}
}

// lackText is what a grant is about to do, for its journal.
func (r *run) lackText() string {
	f := &r.op.Facts
	open, actions := 0, 0
	for _, g := range f.Grants {
		if !g.Done {
			open++
		}
	}
	for _, c := range f.CustomRoles {
		actions += len(c.Actions) + len(c.DataActions)
	}
	switch {
	case open == 0 && !rolesOpen(f):
		return "Nothing is missing"
	case actions > 0:
		return "A custom role with " + itoa(actions) + " permissions, assigned at " + places(open)
	}
	return count(open, "role assignment", "role assignments")
}
