package renewal

import (
	"context"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/store"
)

// PermissionPreviewRequest asks what an application may do before anything about it is stored. With an account, what is
// left out is the account's own, and so is the credential where none is given.
type PermissionPreviewRequest struct {
	Account string // id or name; empty: no account yet
	ConnectRequest
}

// PermissionPreview is what was found. Subscriptions are those that the application sees.
type PermissionPreview struct {
	PermissionReport
	Subscriptions []account.Subscription
}

// PreviewPermissions examines an application as a check does, and stores nothing. The faults are those of wrong input, and
// of a credential that does not authenticate.
func (e *Engine) PreviewPermissions(ctx context.Context, by account.Caller, q PermissionPreviewRequest) (*PermissionPreview, error) {
	a := &account.Account{Name: "the application"}
	if q.Account != "" {
		have, err := e.store.Account(ctx, by, q.Account)
		if err != nil {
			return nil, err
		}
		a = have
		fillIn(&q.ConnectRequest, a)
	}
	e.refreshClock(ctx)
	w, err := Purpose{q.Profile, q.Purposes, q.ManagementGroup, nil}.check(q.Subscriptions)
	if err != nil {
		return nil, err
	}
	conn, err := e.cloudOf(q.Cloud)
	if err != nil {
		return nil, err
	}
	cred, id, err := e.previewCredential(ctx, by, a, q.ConnectRequest)
	if err != nil {
		return nil, err
	}
	tenant, err := tenantID(q.TenantID)
	if err != nil {
		return nil, err
	}
	appID, err := guid("application_id", q.ApplicationID)
	if err != nil {
		return nil, err
	}
	subscriptions, err := guids(q.Subscriptions)
	if err != nil {
		return nil, err
	}
	roles := e.rolesOr(q.RoleSet)
	found, err := e.examine(ctx, conn, subject{
		tenant: tenant, appID: appID, credential: cred, scope: named(subscriptions), roles: roles,
		profile: w.Profile, purposes: w.Purposes, group: w.ManagementGroup, made: a.Made,
	})
	switch {
	case err != nil:
		return nil, err
	case !found.token:
		return nil, explain(found.err)
	}
	seen := *a
	seen.Profile, seen.Purposes, seen.ManagementGroup, seen.RoleSet, seen.Check = w.Profile, w.Purposes, w.ManagementGroup, roles, &found.check
	seen.Subscriptions = nil
	for _, s := range found.check.Subscriptions {
		seen.Subscriptions = append(seen.Subscriptions, account.Subscription{ID: s.ID, Name: s.Name})
	}
	seen.Credentials = []account.Credential{{ID: id, Slot: account.Current}}
	found.check.CredentialID = id
	out := &PermissionPreview{PermissionReport: *reportOf(&seen, e.clock.Now()), Subscriptions: found.seen}
	return out, nil
}

// fillIn takes from the account what was left out.
func fillIn(q *ConnectRequest, a *account.Account) {
	for _, part := range []struct{ given, own *string }{
		{&q.ApplicationID, &a.ApplicationID}, {&q.TenantID, &a.TenantID}, {&q.Cloud, &a.Cloud},
	} {
		if *part.given == "" {
			*part.given = *part.own
		}
	}
	if q.Profile == "" && len(q.Purposes) == 0 {
		q.Profile, q.Purposes = a.Profile, a.Purposes
	}
	if len(q.Subscriptions) == 0 && q.ManagementGroup == "" {
		q.ManagementGroup = a.ManagementGroup
		if a.ManagementGroup == "" {
			q.Subscriptions = a.SubscriptionIDs()
		}
	}
	if len(q.RoleSet) == 0 {
		q.RoleSet = a.RoleSet
	}
}

// previewCredential is the credential that was given, or the current one of the account.
func (e *Engine) previewCredential(ctx context.Context, by account.Caller, a *account.Account, q ConnectRequest) (entra.Credential, string, error) {
	if q.Secret.Empty() && len(q.Certificate) == 0 && a.ID != "" {
		c := a.Current()
		if c == nil {
			return entra.Credential{}, "", fault.New(fault.Conflict, "%s has no current credential.", a.Name).
				WithMeaning("What it may do can only be read with a credential.").WithRemedy("Give a secret or a certificate.")
		}
		what := store.Event{Action: "permissions.previewed", AccountID: a.ID, AccountName: a.Name}
		if err := e.store.Change(ctx, by, what, func(*store.Tx) error { return nil }); err != nil {
			return entra.Credential{}, "", err
		}
		cred, err := e.material(ctx, *c)
		return cred, c.ID, err
	}
	o := &offered{}
	if err := o.take(q, e.clock.Now()); err != nil {
		return entra.Credential{}, "", err
	}
	cred, err := e.credentialOf(o.credential.Kind, o.material)
	return cred, "preview", err
}
