package renewal

import (
	"context"
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/permission"
)

// What an export of permissions contains.
const (
	ExportMissing = "missing"
	ExportAll     = "all"
)

// ExportPermissions makes an Azure custom role of what the last check found missing, or of all that an account's purposes
// need. A custom role names one management group at most, and cannot be assigned there if it has data actions; the
// description of the role then says where to assign it.
func (e *Engine) ExportPermissions(ctx context.Context, by account.Caller, ref, what string) (*permission.CustomRole, error) {
	a, err := e.store.Account(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	w := wantedBy(a)
	if w.isDefault() {
		return nil, fault.New(fault.Conflict, "%s asks for Azure roles, which need no custom role.", a.Name).
			WithMeaning("Its roles are %s; they are there in every tenant.", strings.Join(a.RoleSet, ", ")).
			WithRemedy("Assign them in Azure, or run `evercred permission grant %s`; or choose a permission profile for the account first.", a.Name)
	}
	if what == "" {
		what = ExportMissing
	}
	g, scopes := w.grant(), []string{}
	switch what {
	case ExportAll:
		for _, id := range w.subscriptions {
			scopes = append(scopes, account.SubscriptionScope(id))
		}
	case ExportMissing:
		r := reportOf(a, e.clock.Now())
		switch {
		case r.AsOf == nil || !r.Current:
			return nil, fault.New(fault.Conflict, "What %s lacks is not known. %s", a.Name, r.StaleNote).
				WithRemedy("Run `evercred account check %s`, then export again.", a.Name)
		case len(r.MissingScopes) == 0:
			return nil, fault.New(fault.Conflict, "%s lacks nothing: there is no role to export.", a.Name).WithMeaning("%s", r.Text).
				WithRemedy("For all that its purposes need, ask for all of it: `--what all`.")
		}
		g, scopes = r.Missing, r.MissingScopes
		g.Actions = permission.Reduce(append(g.Actions, ownActions()...))
	default:
		return nil, fault.BadField("what", "There is nothing called "+quote(what)+" to export.", "Use missing or all.")
	}
	description := exportText(w, what)
	if w.group != "" {
		scopes = []string{w.groupScope()}
		if len(g.DataActions) > 0 {
			description += " It has data actions, so assign it to the subscriptions below the management group: Azure does not allow it at the group itself."
		}
	}
	name := "Evercred export " + w.name[:min(len(w.name), 70)] + " " + what
	role := permission.NewCustomRole(name, description, g, scopes)
	return &role, nil
}

func exportText(w wanted, what string) string {
	p, err := permission.Lookup(w.profile)
	if err != nil {
		return "For the service account " + w.name + "."
	}
	purposes := "all purposes"
	if len(w.purposes) > 0 {
		purposes = strings.Join(w.purposes, ", ")
	}
	text := "What " + p.Name + " " + p.Version + " needs for " + purposes
	if what == ExportMissing {
		text = "What the service account " + w.name + " lacks of " + p.Name + " " + p.Version + " for " + purposes
	}
	const most = 1500 // Azure allows 2048 characters
	return text[:min(len(text), most)] + "; and " + ownActions()[0] + ", with which the account is checked."
}
