package main

import (
	"context"
	"fmt"
	"io"

	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/cmd/evercred/internal/view"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/fault"
)

type accountRemoveCmd struct {
	Name              string `arg:"" help:"Name or id of the account."`
	DeleteApplication bool   `help:"Also delete the application that Evercred made for it. Asks for a sign-in."`
	DeleteRoles       bool   `help:"Also take back the role assignments and custom roles that Evercred made for it in Azure. Asks for a sign-in."`
	Preview           bool   `help:"Only show what it would do, and what depends on the account."`
	Yes               bool   `help:"Do not ask for confirmation."`
	signing
}

// Run removes an account.
func (cmd *accountRemoveCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	if cmd.Preview {
		return cmd.show(ctx, p, c, p.term.Out, p.json())
	}
	if err := cmd.confirm(ctx, p, c); err != nil {
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

// confirm shows what a removal would do, and asks.
func (cmd *accountRemoveCmd) confirm(ctx context.Context, p *program, c *client.Client) error {
	if cmd.Yes {
		return nil
	}
	if !p.term.Asks {
		return fault.BadField("yes", "The removal is not confirmed, and there is no terminal to ask on.", "Add --yes; --preview shows what it would do.")
	}
	if err := cmd.show(ctx, p, c, p.term.Err, false); err != nil {
		return err
	}
	what := fmt.Sprintf("Forget account %s and its credentials?", terminal.Clean(cmd.Name))
	if cmd.DeleteApplication {
		what = fmt.Sprintf("Forget account %s and delete its application in Microsoft Entra?", terminal.Clean(cmd.Name))
	}
	return p.confirm(ctx, what, "The removal")
}

// show writes what the removal would do.
func (cmd *accountRemoveCmd) show(ctx context.Context, p *program, c *client.Client, w io.Writer, json bool) error {
	preview, err := c.PreviewRemoval(ctx, cmd.Name)
	if err != nil {
		return err
	}
	if json {
		return p.writeJSON(preview)
	}
	return view.RemovalPreview(w, preview, cmd.DeleteApplication, cmd.DeleteRoles, p.term.Colour)
}
