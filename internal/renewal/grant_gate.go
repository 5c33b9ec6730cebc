package renewal

import (
	"context"
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/permission"
	"github.com/evercred/evercred/internal/signin"
	"github.com/evercred/evercred/internal/store"
)

// What a person must be allowed at a scope to grant something there.
const (
	assignRoles = "Microsoft.Authorization/roleAssignments/write"
	writeRoles  = "Microsoft.Authorization/roleDefinitions/write"
)

// gate asks before the first write whether the person may assign roles: everywhere for what makes an account, scope by scope
// for a grant. Of a management group, the subscriptions below it are read first.
func (r *run) gate(ctx context.Context) error {
	client, err := r.personARM()
	if err != nil {
		return err
	}
	if err := r.readGroup(ctx, client); err != nil {
		return err
	}
	if r.op.Kind == account.OpGrant {
		return r.grantGate(ctx, client)
	}
	if r.e.skipGate || !writesRoles(r.op.Kind) {
		return nil
	}
	if !r.wanted().isDefault() && (r.op.Kind == account.OpAdd || r.op.Kind == account.OpRecreate) {
		return r.roleGate(ctx, client)
	}
	if err := signin.MayAssignRoles(ctx, rights{client}, r.op.Facts.Person, r.subscriptions()); err != nil {
		return err
	}
	if r.op.Kind != account.OpAdd && r.op.Kind != account.OpRecreate {
		return nil
	}
	return r.rolesExist(ctx, client)
}

// rolesExist asks whether there are the Azure roles that a new application is to be assigned, before it is made.
func (r *run) rolesExist(ctx context.Context, client *arm.Client) error {
	known := r.conn.builtIn
	for _, id := range r.subscriptions() {
		scope := account.SubscriptionScope(id)
		for _, name := range r.wanted().roles {
			if _, err := known.definition(ctx, client, scope, name, r.e.clock.Now()); err != nil {
				return noSuchRole(name, scope, err)
			}
		}
	}
	return nil
}

// noSuchRole is the fault of a role that is not there; another error stays.
func noSuchRole(name, scope string, err error) error {
	if !arm.IsNotFound(err) {
		return err
	}
	return fault.BadField("role_set", "There is no Azure role "+quote(name)+" on "+scope+".", "Use the name of a role as the Azure portal shows it.").WithCause(err)
}

// roleGate asks whether the person may write and assign a custom role everywhere that a new application needs it.
func (r *run) roleGate(ctx context.Context, client *arm.Client) error {
	for _, id := range r.subscriptions() {
		why, err := r.mayGrant(ctx, client, account.SubscriptionScope(id))
		if err != nil {
			return err
		}
		if why != "" {
			return fault.New(fault.Refused, "%s", why).
				WithMeaning("The permission profile of the account takes a custom role, made and assigned there; nothing was changed.").
				WithRemedy("Sign in as somebody with the Owner or User Access Administrator role on the subscription. " +
					"If you are eligible for it in Privileged Identity Management, activate it first, then try again.")
		}
	}
	return nil
}

// readGroup reads the subscriptions below the management group of an account that roles are about to be assigned to.
func (r *run) readGroup(ctx context.Context, client *arm.Client) error {
	switch w := r.wanted(); {
	case w.group == "":
		return nil
	case r.op.Kind == account.OpAdd:
		below, err := client.SubscriptionsBelow(ctx, w.group)
		if err != nil {
			return groupUnread(w.group, err)
		}
		r.op.Params.Subscriptions = nil
		for _, s := range below {
			r.op.Params.Subscriptions = append(r.op.Params.Subscriptions, s.ID)
		}
	case r.op.Kind == account.OpGrant || r.op.Kind == account.OpRecreate:
		below, err := client.SubscriptionsBelow(ctx, w.group)
		if err != nil {
			return groupUnread(w.group, err)
		}
		r.a.Subscriptions = below
		a := r.a
		r.put(func(tx *store.Tx) error { return tx.PutAccount(a) })
	}
	return nil
}

// groupUnread is the fault of a person who may not read the management group.
func groupUnread(group string, err error) error {
	if arm.IsForbidden(err) {
		return fault.New(fault.Refused, "Who signed in may not read management group %s.", group).
			WithMeaning("Without it Evercred does not know which subscriptions are below it. Nothing was changed.").
			WithRemedy("Sign in as somebody with Owner or User Access Administrator on the management group.").WithCause(err)
	}
	return err
}

// grantGate asks scope by scope whether the person may grant something there, and reads the custom roles that Evercred made
// for the account as they are now. It fails where nothing can be granted anywhere.
func (r *run) grantGate(ctx context.Context, client *arm.Client) error {
	f := &r.op.Facts
	if f.MissingRead {
		return nil // a new sign-in goes on with what an earlier one has begun
	}
	f.Ungrantable, f.CustomRoles = nil, nil
	targets := r.targets()
	if !r.e.skipGate {
		for _, scope := range targets {
			why, err := r.mayGrant(ctx, client, scope)
			if err != nil {
				return err
			}
			if why != "" {
				f.Ungrantable = append(f.Ungrantable, account.Grant{Scope: scope, Failed: why})
			}
		}
		if n := len(f.Ungrantable); n > 0 && n == len(targets) {
			return fault.New(fault.Refused, "%s may not grant anything to %s.", f.Person, r.op.AccountName).
				WithMeaning("%s Nothing was changed.", f.Ungrantable[0].Failed).
				WithRemedy("Sign in as somebody with the Owner or User Access Administrator role there. " +
					"If you are eligible for it in Privileged Identity Management, activate it first, then try again.")
		}
	}
	return r.readOwnRoles(ctx, client)
}

// targets are the scopes at which the grant assigns roles: those named, or all.
func (r *run) targets() []string {
	if len(r.op.Params.Scopes) > 0 {
		return r.op.Params.Scopes
	}
	w := r.wanted()
	if w.group != "" {
		return []string{w.groupScope()}
	}
	var out []string
	for _, id := range w.subscriptions {
		out = append(out, strings.ToLower(account.SubscriptionScope(id)))
	}
	return out
}

// mayGrant returns why the person may not grant anything at a scope, or "". Microsoft documents the question for resource
// groups and resources; where another scope does not answer it, the write itself is the check.
func (r *run) mayGrant(ctx context.Context, client *arm.Client, scope string) (string, error) {
	held, err := client.Permissions(ctx, scope)
	where := r.a.ScopeWords(scope)
	switch {
	case arm.IsForbidden(err):
		return r.op.Facts.Person + " sees nothing at " + where + ".", nil
	case arm.IsNotFound(err):
		return where + " is not there, or " + r.op.Facts.Person + " does not see it.", nil
	case azure.Transient(err):
		return "", err
	case err != nil:
		return "", nil //nolint:nilerr // the write itself is the check
	case !permission.Allows(held, assignRoles):
		return r.op.Facts.Person + " may not assign roles at " + where + ".", nil
	case !r.wanted().isDefault() && !permission.Allows(held, writeRoles):
		return r.op.Facts.Person + " may assign roles at " + where + ", but not write custom ones.", nil
	}
	return "", nil
}

// readOwnRoles reads the custom roles that Evercred made for the account: somebody may have changed or deleted them.
func (r *run) readOwnRoles(ctx context.Context, client *arm.Client) error {
	f := &r.op.Facts
	for _, made := range r.a.Made.Roles {
		if made.Profile != r.a.Profile || len(made.Scopes) == 0 {
			continue
		}
		role := account.CustomRole{ID: made.ID, Name: made.Name, Profile: made.Profile, Data: made.Data, Scopes: made.Scopes, Known: true}
		def, err := client.RoleDefinitionByID(ctx, made.Scopes[0], made.ID)
		switch {
		case err == nil:
			role.Before = &account.RoleContent{Scopes: def.AssignableScopes}
			for _, g := range def.Grants {
				role.Before.Actions = append(role.Before.Actions, g.Actions...)
				role.Before.DataActions = append(role.Before.DataActions, g.DataActions...)
			}
		case !arm.IsNotFound(err) && !arm.IsForbidden(err):
			return err
		}
		f.CustomRoles = append(f.CustomRoles, role)
	}
	return nil
}
