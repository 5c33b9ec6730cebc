package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/cmd/evercred/internal/view"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
)

type signInCmd struct {
	connection
	Begin         signInBeginCmd         `cmd:"" default:"withargs" help:"Sign in, and print the id of the sign-in."`
	List          signInListCmd          `cmd:"" help:"List your sign-ins, newest first."`
	End           signInEndCmd           `cmd:"" help:"End a sign-in. What has begun with it goes on."`
	Tenants       signInTenantsCmd       `cmd:"" help:"List the tenants that the person is in."`
	Subscriptions signInSubscriptionsCmd `cmd:"" help:"List the subscriptions that the person sees at a tenant."`
	Groups        signInGroupsCmd        `cmd:"" name:"management-groups" help:"List the management groups that the person sees at a tenant."`
}

type signInBeginCmd struct {
	alternatives
	Tenant string `aliases:"tenant-id" placeholder:"ID" help:"Tenant (directory) id or domain name; the person's own if left out."`
	Cloud  string `placeholder:"CLOUD" help:"global, usgov, china or custom."`
}

// Run signs a person in. The id is data, so it goes to standard output, alone.
func (cmd *signInBeginCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	s, err := cmd.begin(ctx, p, c, resource.SignInRequest{Cloud: cmd.Cloud, TenantID: cmd.Tenant})
	if err != nil {
		return err
	}
	if p.json() {
		return p.writeJSON(s)
	}
	if _, err := fmt.Fprintln(p.term.Out, s.ID); err != nil {
		return fmt.Errorf("writing the id: %w", err)
	}
	until := ""
	if s.EndsAt != nil {
		until = " until " + account.Moment(*s.EndsAt)
	}
	p.term.Say("Other commands use it by --sign-in-id %s%s; `evercred sign-in end %s` ends it.", s.ID, until, s.ID)
	return nil
}

type signInListCmd struct{}

// Run prints the caller's sign-ins.
func (signInListCmd) Run(ctx context.Context, p *program) error {
	return answered(p, func(c *client.Client) ([]resource.SignInSession, error) { return c.SignIns(ctx) }, view.SignIns)
}

type signInEndCmd struct {
	ID string `arg:"" help:"Id of the sign-in."`
}

// Run ends a sign-in.
func (cmd *signInEndCmd) Run(ctx context.Context, p *program) error {
	return answered(p, func(c *client.Client) (*resource.SignInSession, error) { return c.EndSignIn(ctx, cmd.ID) },
		func(_ io.Writer, s *resource.SignInSession, _ bool) error {
			p.term.Say("The sign-in %s is over.", terminal.Clean(strings.TrimSpace(s.ID+" "+s.Person)))
			return nil
		})
}

type signInTenantsCmd struct {
	ID string `arg:"" help:"Id of the sign-in."`
}

// Run prints the tenants that a person is in.
func (cmd *signInTenantsCmd) Run(ctx context.Context, p *program) error {
	return answered(p, func(c *client.Client) ([]resource.SignInTenant, error) { return c.SignInTenants(ctx, cmd.ID) }, view.Tenants)
}

// atTenant asks something of a sign-in at the tenant that is named, or at its own, and shows the list that is answered.
func atTenant[T any](ctx context.Context, p *program, id, tenant, what string, question func(c *client.Client, tenant string) ([]T, error), write func(io.Writer, []T, bool) error) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	if tenant == "" {
		s, err := c.WaitForSignIn(ctx, id, 0, 0)
		if err != nil {
			return err
		}
		tenant = s.TenantID
	}
	all, err := question(c, tenant)
	if err != nil {
		return err
	}
	return show(p, all, orSay(p, write, "The person sees no %s at tenant %s.", what, tenant))
}

type signInSubscriptionsCmd struct {
	ID     string `arg:"" help:"Id of the sign-in."`
	Tenant string `aliases:"tenant-id" placeholder:"ID" help:"Tenant (directory) id; that of the sign-in if left out."`
	Search string `placeholder:"TEXT" help:"Only those whose name or id contains it."`
}

// Run prints the subscriptions that a person sees.
func (cmd *signInSubscriptionsCmd) Run(ctx context.Context, p *program) error {
	return atTenant(ctx, p, cmd.ID, cmd.Tenant, "such subscription", func(c *client.Client, tenant string) ([]resource.SignInSubscription, error) {
		return c.SignInSubscriptions(ctx, cmd.ID, tenant, cmd.Search)
	}, view.Subscriptions)
}

type signInGroupsCmd struct {
	ID     string `arg:"" help:"Id of the sign-in."`
	Tenant string `aliases:"tenant-id" placeholder:"ID" help:"Tenant (directory) id; that of the sign-in if left out."`
}

// Run prints the management groups that a person sees.
func (cmd *signInGroupsCmd) Run(ctx context.Context, p *program) error {
	return atTenant(ctx, p, cmd.ID, cmd.Tenant, "management group", func(c *client.Client, tenant string) ([]resource.SignInManagementGroup, error) {
		return c.SignInManagementGroups(ctx, cmd.ID, tenant)
	}, view.ManagementGroups)
}
