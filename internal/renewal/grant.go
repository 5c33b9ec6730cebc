package renewal

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/permission"
)

// GrantRequest asks that the application be given what it lacks. Scopes are those of the account as Azure writes them, or
// ids of subscriptions; none means all. SignIn names a sign-in made before; empty: the operation asks for one.
type GrantRequest struct {
	Scopes []string
	SignIn string
}

// Grant starts an operation that gives an account's application exactly what its purposes lack, or the Azure roles of the
// default profile. It asks for a person who may assign roles.
func (e *Engine) Grant(ctx context.Context, by account.Caller, ref string, q GrantRequest) (*account.Operation, error) {
	a, err := e.store.Account(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	if f := account.Refusal(a, account.ActGrant, e.clock.Now()); f != nil {
		return nil, f
	}
	if _, err := permission.Lookup(a.Profile); err != nil {
		return nil, err
	}
	scopes, err := grantScopes(a, q.Scopes)
	if err != nil {
		return nil, err
	}
	return e.startOn(ctx, by, a, account.OpGrant, account.Params{Scopes: scopes, SignInID: q.SignIn})
}

// grantScopes are the scopes of the account that somebody named, as Azure writes them.
func grantScopes(a *account.Account, named []string) ([]string, error) {
	var out []string
	for _, text := range named {
		scope := strings.TrimRight(strings.TrimSpace(text), "/")
		if !strings.HasPrefix(scope, "/") {
			scope = account.SubscriptionScope(scope)
		}
		switch known := wantedBy(a).has(scope); {
		case a.ManagementGroup != "" && strings.EqualFold(scope, account.ManagementGroupScope(a.ManagementGroup)):
			return nil, nil // that is all of it
		case a.ManagementGroup != "":
			return nil, fault.BadField("scopes", "The scope of "+a.Name+" is a management group, and "+quote(text)+" is not it.",
				"Leave the scopes out: what is granted at the group counts on all that is below it.")
		case !known:
			return nil, fault.BadField("scopes", quote(text)+" is not in the scope of "+a.Name+".",
				"Use ids of the account's subscriptions: `evercred account show "+a.Name+"`.")
		default:
			out = append(out, strings.ToLower(scope))
		}
	}
	return out, nil
}

// wanted is what an account is to be allowed, and where.
type wanted struct {
	name          string // of the account
	profile       string
	purposes      []string
	roles         []string // of the default profile
	group         string
	subscriptions []string
	made          account.Made
}

func wantedBy(a *account.Account) wanted {
	return wanted{
		name: a.Name, profile: a.Profile, purposes: a.Purposes, roles: a.RoleSet, group: a.ManagementGroup,
		subscriptions: a.SubscriptionIDs(), made: a.Made,
	}
}

// wanted is what the operation's account is to be allowed, also before the account exists.
func (r *run) wanted() wanted {
	if r.a != nil {
		return wantedBy(r.a)
	}
	p := r.op.Params
	return wanted{
		name: r.op.AccountName, profile: p.Profile, purposes: p.Purposes, roles: p.RoleSet, group: p.ManagementGroup, subscriptions: p.Subscriptions,
	}
}

func (w wanted) isDefault() bool { return w.profile == "" || w.profile == permission.DefaultProfile }

// groupScope is the scope of the management group; empty without one.
func (w wanted) groupScope() string {
	if w.group == "" {
		return ""
	}
	return account.ManagementGroupScope(w.group)
}

// has reports whether something may be assigned at the scope for the account.
func (w wanted) has(scope string) bool {
	return w.group != "" && strings.EqualFold(scope, w.groupScope()) ||
		slices.ContainsFunc(w.subscriptions, func(id string) bool { return strings.EqualFold(scope, account.SubscriptionScope(id)) })
}

// grant is all that the purposes need together, and what Evercred needs to check it; none of the default profile.
func (w wanted) grant() permission.Grant {
	p, err := permission.Lookup(w.profile)
	if err != nil || p.IsDefault() {
		return permission.Grant{}
	}
	g := permission.Union(knownPurposes(p, w.purposes))
	g.Actions = permission.Reduce(append(g.Actions, ownActions()...))
	return g
}

// ownActions are what Evercred itself needs on each subscription beside the purposes: reading what the application may do
// there (permissions, list). Azure roles have it, a custom role has it only if it is named.
func ownActions() []string { return []string{"Microsoft.Authorization/permissions/read"} }

// groupActions are what the application must be allowed at a management group so that it finds the subscriptions below it
// (management groups, get descendants).
func groupActions() []string {
	return []string{"Microsoft.Management/managementGroups/descendants/read", "Microsoft.Management/managementGroups/read"}
}

// granted is the end of a grant in a sentence.
func (r *run) granted() string {
	made, kept := 0, 0
	for _, g := range r.op.Facts.Grants {
		switch {
		case g.Revoke:
		case g.Done && g.Made:
			made++
		case g.Done:
			kept++
		}
	}
	changed := slices.ContainsFunc(r.op.Facts.CustomRoles, func(c account.CustomRole) bool { return c.Stored })
	name := r.op.AccountName
	switch {
	case made > 0:
		return fmt.Sprintf("%s was granted what it lacked, at %s. Azure may need up to %s until everything counts.", name, places(made), account.Span(account.GrantWindow))
	case changed:
		return fmt.Sprintf("The custom role of %s has new contents. Azure may need up to %s until they count.", name, account.Span(account.GrantWindow))
	case kept > 0:
		return name + " had been assigned what it lacks already; nothing was changed. If that was a moment ago, check again in a few minutes."
	}
	return name + " lacks nothing; nothing was changed."
}

func places(n int) string {
	if n == 1 {
		return "one place"
	}
	return itoa(n) + " places"
}

// grantFailures says in the journal where nothing could be granted, if there is such a place.
func (r *run) grantFailures() {
	f := &r.op.Facts
	var lines []string
	good := 0
	for _, g := range slices.Concat(f.Ungrantable, f.Grants) {
		switch {
		case g.Failed != "":
			why := strings.TrimSuffix(g.Failed, ".")
			if g.Revoke {
				why = "what was granted there before could not be taken back. " + why
			}
			lines = append(lines, r.a.ScopeWords(g.Scope)+": "+why)
		case g.Done && !g.Revoke:
			good++
		}
	}
	if len(lines) == 0 {
		return
	}
	message := "Nothing could be granted."
	if good > 0 {
		message = fmt.Sprintf("It was granted at %s, and could not be at %s.", places(good), places(len(lines)))
	}
	const most = 20
	if more := len(lines) - most; more > 0 {
		lines = append(lines[:most:most], fmt.Sprintf("and %d more; the steps say which", more))
	}
	f.Failure = &account.Problem{
		Code: string(fault.Permission), Message: message, Meaning: strings.Join(lines, ". ") + ".",
		Remedy: "Let somebody sign in who may assign roles there (Owner or User Access Administrator; for a role held through Privileged Identity Management, activate it first), " +
			"and grant again: `evercred permission grant " + r.op.AccountName + "`. What was granted stays.",
	}
}

// rolesLeft says which custom roles a removal could not delete; empty where it left none.
func (r *run) rolesLeft() string {
	var text strings.Builder
	for _, c := range r.op.Facts.CustomRoles {
		if c.Failed != "" {
			text.WriteString(" Custom role " + quote(c.Name) + " was left: " + c.Failed)
		}
	}
	return text.String()
}
