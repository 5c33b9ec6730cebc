package main

import (
	"context"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

type accountCheckCmd struct {
	Name   string `arg:"" help:"Name or id of the account."`
	SignIn bool   `help:"Sign in, so that the ends of credentials that Evercred did not make can be read."`
}

// Run checks an account and prints it with what was found. A check that was carried out succeeds, whatever it found.
func (cmd *accountCheckCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	o, err := c.Check(ctx, cmd.Name, resource.CheckRequest{SignIn: resource.SignInRef{Wish: cmd.SignIn}})
	if err != nil {
		return err
	}
	return p.finish(ctx, c, o, account.OpCheck)
}
