package signin

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
)

// ManagementGroup is a group of subscriptions that a person sees. Reason says why AssignRoles is not Yes.
type ManagementGroup struct {
	ID, Name, Parent string // Parent is empty for the topmost that is seen
	AssignRoles      Answer // whether the person may assign roles on it
	Reason           string
	Subscriptions    []account.Subscription // those directly in it that the person sees
}

// groupsAtOnce is how many groups are asked about at the same time.
const groupsAtOnce = 8

// ManagementGroups lists the management groups that the person of a sign-in sees at a tenant, by name.
func (s *Service) ManagementGroups(ctx context.Context, by account.Caller, id, tenant string) ([]ManagementGroup, error) {
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
	entities, err := manager.Entities(ctx)
	if arm.IsForbidden(err) || arm.IsNotFound(err) {
		return []ManagementGroup{}, nil // to see none is no fault: most people see only subscriptions
	}
	if err != nil {
		return nil, explain(err)
	}
	out := groupsOf(entities)
	work := make([]*ManagementGroup, len(out))
	for i := range out {
		work[i] = &out[i]
	}
	return out, each(ctx, work, groupsAtOnce, func(ctx context.Context, g *ManagementGroup) error {
		if g.AssignRoles == Unknown {
			g.AssignRoles, g.Reason = mayAssign(ctx, manager, "/providers/Microsoft.Management/managementGroups/"+url.PathEscape(g.ID))
		}
		return ctx.Err()
	})
}

// groupsOf makes the groups of what is seen of the tree.
func groupsOf(entities []arm.Entity) []ManagementGroup {
	out := []ManagementGroup{}
	for _, e := range entities {
		if e.Subscription {
			continue
		}
		g := ManagementGroup{ID: e.ID, Name: e.Name, Parent: e.Parent, AssignRoles: Unknown, Subscriptions: []account.Subscription{}}
		if !e.Access {
			g.AssignRoles, g.Reason = No, "It is shown for what is below it; there is no right on the group itself."
		}
		for _, below := range entities {
			if below.Subscription && strings.EqualFold(below.Parent, e.ID) {
				g.Subscriptions = append(g.Subscriptions, account.Subscription{ID: below.ID, Name: below.Name})
			}
		}
		slices.SortFunc(g.Subscriptions, func(a, b account.Subscription) int {
			return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
		})
		out = append(out, g)
	}
	for i := range out { // a parent that is not seen is no parent here
		if !slices.ContainsFunc(out, func(g ManagementGroup) bool { return strings.EqualFold(g.ID, out[i].Parent) }) {
			out[i].Parent = ""
		}
	}
	slices.SortStableFunc(out, func(a, b ManagementGroup) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
	})
	return out
}
