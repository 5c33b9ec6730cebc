package main

import (
	"context"

	"github.com/evercred/evercred/cmd/evercred/internal/view"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

type accountCheckCmd struct {
	Name        string `arg:"" help:"Name or id of the account."`
	Permissions bool   `help:"Print what was found of its purposes, subscription by subscription."`
	SignIn      bool   `help:"Sign in, so that the ends of credentials that Evercred did not make can be read."`
	signing
}

// Run checks an account and prints it with what was found. A check that was carried out succeeds, whatever it found.
func (cmd *accountCheckCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	id, done, err := cmd.useFor(ctx, p, c, cmd.Name)
	if err != nil {
		return err
	}
	defer done()
	o, err := c.Check(ctx, cmd.Name, resource.CheckRequest{SignIn: resource.SignInRef{ID: id, Wish: cmd.SignIn}})
	if err != nil {
		return err
	}
	if !cmd.Permissions {
		return p.finish(ctx, c, o, account.OpCheck)
	}
	if o, err = p.follow(ctx, c, o, account.OpCheck); err != nil {
		return err
	}
	found, err := c.Permissions(ctx, o.Account.ID, "")
	if err != nil {
		return err
	}
	if p.json() {
		return p.writeJSON(found)
	}
	return view.Permissions(p.term.Out, o.Account.Name, found, p.term.Colour)
}
