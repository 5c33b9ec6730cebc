package main

import (
	"context"
	"fmt"

	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/fault"
)

type accountRemoveCmd struct {
	Name              string `arg:"" help:"Name or id of the account."`
	DeleteApplication bool   `help:"Also delete the application that Evercred made for it. Asks for a sign-in."`
	DeleteRoles       bool   `help:"Also take back the role assignments and custom roles that Evercred made for it in Azure. Asks for a sign-in."`
	Yes               bool   `help:"Do not ask for confirmation."`
	signing
}

// Run removes an account.
func (cmd *accountRemoveCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	if err := cmd.confirm(ctx, p); err != nil {
		return err
	}
	id, done, err := cmd.useFor(ctx, p, c, cmd.Name)
	if err != nil {
		return err
	}
	defer done()
	o, err := c.Remove(ctx, cmd.Name, client.Removal{SignIn: id, DeleteApplication: cmd.DeleteApplication, DeleteRoles: cmd.DeleteRoles})
	if err != nil {
		return err
	}
	if o, err = p.follow(ctx, c, o, account.OpRemove); err != nil {
		return err
	}
	if p.json() {
		return p.writeJSON(o)
	}
	return nil
}

func (cmd *accountRemoveCmd) confirm(ctx context.Context, p *program) error {
	if cmd.Yes {
		return nil
	}
	if !p.term.Asks {
		return fault.BadField("yes", "The removal is not confirmed, and there is no terminal to ask on.", "Add --yes.")
	}
	what := fmt.Sprintf("Forget account %s and its credentials?", terminal.Clean(cmd.Name))
	if cmd.DeleteApplication {
		what = fmt.Sprintf("Forget account %s and delete its application in Microsoft Entra?", terminal.Clean(cmd.Name))
	}
	yes, err := p.term.Confirm(ctx, what)
	if err != nil {
		return err
	}
	if !yes {
		return fault.New(fault.Refused, "The removal was not confirmed.").WithMeaning("Nothing was changed.").
			WithRemedy("Run it again and answer y, or add --yes.")
	}
	return nil
}
