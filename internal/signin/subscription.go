package signin

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/permission"
)

// Subscriptions lists the subscriptions that the person of a sign-in sees at a tenant, by name, and whether roles may be
// assigned there. search keeps those whose name or id contains it. Where the rights on one cannot be read, that is said there.
func (s *Service) Subscriptions(ctx context.Context, by account.Caller, id, tenant, search string) ([]Subscription, error) {
	v, kept, err := s.use(ctx, by, id, tenant)
	if err != nil {
		return nil, err
	}
	r, err := s.reach(ctx, v, kept, tenant)
	if err != nil {
		return nil, explain(err)
	}
	manager, err := r.arm()
	if err != nil {
		return nil, err
	}
	return subscriptionsOf(ctx, manager, search)
}

func subscriptionsOf(ctx context.Context, manager *arm.Client, search string) ([]Subscription, error) {
	list, err := manager.SubscriptionStates(ctx)
	if err != nil {
		return nil, explain(err)
	}
	search = strings.ToLower(strings.TrimSpace(search))
	list = slices.DeleteFunc(list, func(one arm.SubscriptionState) bool {
		return !strings.Contains(strings.ToLower(one.Name), search) && !strings.Contains(strings.ToLower(one.ID), search)
	})
	out := make([]Subscription, len(list))
	for i, one := range list {
		out[i] = Subscription{ID: one.ID, Name: one.Name, State: one.State}
	}
	slices.SortStableFunc(out, func(a, b Subscription) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
	})
	work := make([]*Subscription, len(out))
	for i := range out {
		work[i] = &out[i]
	}
	return out, each(ctx, work, subscriptionsAtOnce, func(ctx context.Context, one *Subscription) error {
		one.AssignRoles, one.Reason = mayAssign(ctx, manager, "/subscriptions/"+one.ID)
		return ctx.Err()
	})
}

// mayAssign asks whether the caller of the client may assign roles at a scope.
func mayAssign(ctx context.Context, manager *arm.Client, scope string) (Answer, string) {
	grants, err := manager.Permissions(ctx, scope)
	switch {
	case arm.IsForbidden(err), err == nil && !permission.Allows(grants, gateAction):
		return No, "Owner or User Access Administrator is needed to assign roles here. A role that is held through Privileged Identity Management must be activated first."
	case err != nil:
		return Unknown, sentence(explain(err))
	}
	return Yes, ""
}
