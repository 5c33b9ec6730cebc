package renewal

import (
	"context"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/store"
)

// AddExisting starts the creation of an account from an existing application. No sign-in.
func (e *Engine) AddExisting(ctx context.Context, by account.Caller, q ConnectRequest) (*account.Operation, error) {
	if err := e.checkNew(ctx, by, q.Name, q.Description); err != nil {
		return nil, err
	}
	q.RoleSet = e.rolesOr(q.RoleSet)
	o, err := e.offer(q)
	if err != nil {
		return nil, err
	}
	op := e.newOperation(by, account.OpConnect, q.Name, o.params)
	op.Params.Description = q.Description
	return e.launchWith(ctx, by, op, o.keep(op))
}

// Connect points an account at an existing application, or gives it a new value for its own. No sign-in. What is left out
// stays as it is.
func (e *Engine) Connect(ctx context.Context, by account.Caller, ref string, q ConnectRequest) (*account.Operation, error) {
	a, err := e.store.Account(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	for _, part := range []struct{ given, own *string }{
		{&q.ApplicationID, &a.ApplicationID}, {&q.TenantID, &a.TenantID}, {&q.Cloud, &a.Cloud},
	} {
		if *part.given == "" {
			*part.given = *part.own
		}
	}
	if len(q.RoleSet) == 0 {
		q.RoleSet = a.RoleSet
	}
	if len(q.Subscriptions) == 0 && q.ManagementGroup == "" {
		if q.ManagementGroup = a.ManagementGroup; q.ManagementGroup == "" {
			q.Subscriptions = a.SubscriptionIDs()
		}
	}
	if q.Profile == "" && len(q.Purposes) == 0 {
		q.Profile, q.Purposes = a.Profile, a.Purposes
	}
	q.Name = a.Name
	o, err := e.offer(q)
	if err != nil {
		return nil, err
	}
	return e.startWith(ctx, by, a, account.OpConnect, o.params, o.keep)
}

// planConnect proves what was offered, examines what it may do, and only then makes it the account's.
func planConnect(op *account.Operation) Action {
	f := &op.Facts
	switch {
	case f.Switched:
		return Action{Do: DoClose, State: account.OpDone}
	case !f.Proven:
		return Action{Do: DoProve, Rights: byOwn}
	case f.Found == nil:
		return Action{Do: DoExamine, Rights: byOwn}
	}
	return Action{Do: DoTakeOver, Rights: byNone}
}

// params are what a connection does, as its journal keeps it.
func (q *ConnectRequest) params(cloud, appID, tenant string, subscriptions []string) (account.Params, error) {
	w, err := q.check(subscriptions)
	if err != nil {
		return account.Params{}, err
	}
	return account.Params{
		Cloud: cloud, ApplicationID: appID, TenantID: tenant, Subscriptions: subscriptions, ManagementGroup: w.ManagementGroup,
		RoleSet: q.RoleSet, Profile: w.Profile, Purposes: w.Purposes, UsedBy: w.UsedBy, AllowMissing: q.AllowMissing,
	}, nil
}

// keep is what seals the secret part of an offer beside the journal, in the transaction that stores it first.
func (o *offered) keep(op *account.Operation) func(*store.Tx) error {
	op.Facts.Offered = &o.credential
	return func(tx *store.Tx) error { return tx.PutOffered(op.ID, o.material) }
}
