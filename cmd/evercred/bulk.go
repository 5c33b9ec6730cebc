package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/cmd/evercred/internal/view"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
)

// several has the flags with which a command is for many accounts instead of one.
type several struct {
	All bool `help:"All accounts that the other flags select; all that there are if none does."`
	filter
}

// asked reports whether the command is for many accounts. The fault is that of a command that says neither, or both.
func (s *several) asked(name string) (bool, error) {
	many := s.All || !s.filter.empty()
	switch {
	case name != "" && many:
		return false, fault.BadField("name", "Both an account and a selection of accounts are given.", "Give one of them.")
	case name == "" && !many:
		return false, fault.BadField("name", "No account is named.", "Name one, or select several with --all, --state, --search and the like.")
	}
	return many, nil
}

func (s *several) request(action account.Action) resource.BulkRequest {
	f := s.filter.filter()
	return resource.BulkRequest{Action: action, Filter: &resource.BulkFilter{
		Search: f.Search, State: f.States, Cloud: f.Cloud, Tenant: f.Tenant, Origin: f.Origin, Method: f.Method,
	}}
}

// bulkPoll is how often it is looked how far a bulk is.
const bulkPoll = 500 * time.Millisecond

// followBulk waits for the end of a bulk, telling how far it is, and returns it with all of its accounts.
func (p *program) followBulk(ctx context.Context, c *client.Client, b *resource.Bulk) (*resource.Bulk, error) {
	refused, told := b.Refused, -1
	for b.State != "done" {
		if ended := b.Done + b.Failed + b.NeedsSignIn; ended != told {
			told = ended
			p.term.Say("%d of %d accounts done, %d under way.", ended, b.Total-len(refused), b.Running)
		}
		timer := time.NewTimer(bulkPoll)
		select {
		case <-ctx.Done():
			timer.Stop()
			p.term.Say("Stopped following. The accounts that were begun go on at the server; the others wait there for their turn.")
			return nil, terminal.ErrDetached
		case <-timer.C:
		}
		var err error
		if b, err = c.Bulk(ctx, b.ID, client.Page{Limit: 1}); err != nil {
			return nil, err
		}
	}
	if b.ID == "" {
		return b, nil
	}
	const page = 1000
	all, err := c.Bulk(ctx, b.ID, client.Page{Limit: page})
	if err != nil {
		return nil, err
	}
	for offset := page; offset < all.Total; offset += page {
		next, err := c.Bulk(ctx, b.ID, client.Page{Limit: page, Offset: offset})
		if err != nil {
			return nil, err
		}
		all.Started = append(all.Started, next.Started...)
	}
	all.Refused = refused
	return all, nil
}

// bulk carries out a request for many accounts, with one sign-in for each tenant that needs one, and prints what came of it.
func (p *program) bulk(ctx context.Context, c *client.Client, r resource.BulkRequest, s signing) error {
	first, err := c.StartBulk(ctx, r)
	if err != nil {
		return err
	}
	needed := first.SignInsNeeded
	done, err := p.followBulk(ctx, c, first)
	if err != nil {
		return err
	}
	all := []resource.Bulk{*done}
	for _, n := range needed {
		b, err := p.bulkOfTenant(ctx, c, r, n, s)
		if err != nil {
			return err
		}
		all = append(all, *b)
	}
	switch {
	case p.json():
		err = p.writeJSON(all)
	case !slices.ContainsFunc(all, func(b resource.Bulk) bool { return len(b.Started)+len(b.Refused) > 0 }):
		p.term.Say("No account is selected.")
	default:
		err = view.Bulks(p.term.Out, all, p.term.Colour)
		if found := view.Found(all); found != "" {
			p.term.Say("Found: %s.", found)
		}
	}
	if err != nil {
		return err
	}
	return outcomeOfBulks(all)
}

func (p *program) bulkOfTenant(ctx context.Context, c *client.Client, r resource.BulkRequest, n resource.BulkSignIn, s signing) (*resource.Bulk, error) {
	p.term.Say("%d accounts of tenant %s need a sign-in.", len(n.Accounts), terminal.Clean(n.TenantID))
	id := s.SignInID
	if id == "" {
		made, err := s.begin(ctx, p, c, resource.SignInRequest{Cloud: n.Cloud, TenantID: n.TenantID})
		if err != nil {
			return nil, err
		}
		id = made.ID
		defer end(ctx, c, id)
	}
	r.Filter, r.Accounts, r.SignIn = nil, nil, id
	for _, a := range n.Accounts {
		r.Accounts = append(r.Accounts, a.ID)
	}
	b, err := c.StartBulk(ctx, r)
	if err != nil {
		return nil, err
	}
	if len(b.SignInsNeeded) > 0 {
		return nil, fault.New(fault.SignIn, "The sign-in is not one for tenant %s.", n.TenantID).WithMeaning("Nothing was renewed there.").
			WithRemedy("Sign in to that tenant: `evercred sign-in --tenant %s`.", n.TenantID)
	}
	return p.followBulk(ctx, c, b)
}

// outcomeOfBulks is an error where something did not succeed.
func outcomeOfBulks(all []resource.Bulk) error {
	total, wrong := 0, 0
	for i := range all {
		total += len(all[i].Started) + len(all[i].Refused)
		wrong += all[i].Failed + all[i].NeedsSignIn + len(all[i].Refused)
	}
	if wrong == 0 {
		return nil
	}
	return fault.New(fault.Azure, "%d of %d accounts did not succeed.", wrong, total).WithMeaning("The table says which, and why. The others are done.").
		WithRemedy("%s", "See one of them: `evercred account show NAME`.")
}

// confirmMany asks before something is changed for many accounts.
func (p *program) confirmMany(ctx context.Context, c *client.Client, f client.Filter, what string, yes bool) error {
	if yes {
		return nil
	}
	if !p.term.Asks {
		return fault.BadField("yes", "It is not confirmed, and there is no terminal to ask on.", "Add --yes.")
	}
	list, err := c.Accounts(ctx, f, client.Page{Limit: 1})
	if err != nil {
		return err
	}
	return p.confirm(ctx, fmt.Sprintf("%s %d accounts?", what, list.Matched), "It")
}
