package main

import (
	"context"

	"github.com/evercred/evercred/cmd/evercred/internal/view"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
)

type accountCheckCmd struct {
	Name string `arg:"" optional:"" help:"Name or id of the account."`
	several
	Permissions bool `help:"Print what was found of its purposes, subscription by subscription."`
	SignIn      bool `help:"Sign in, so that the ends of credentials that Evercred did not make can be read."`
	signing
}

// Run checks an account and prints it with what was found. A check that was carried out succeeds, whatever it found.
func (cmd *accountCheckCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	many, err := cmd.asked(cmd.Name)
	if err != nil {
		return err
	}
	if many && (cmd.SignIn || cmd.Permissions || cmd.given()) {
		return fault.BadField("all", "A check of several accounts uses the credential of each alone.", "Leave out --permissions and the flags of sign-ins, or name one account.")
	}
	if many {
		return p.bulk(ctx, c, cmd.request(account.ActCheck), signing{})
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
