package main

import (
	"context"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

type accountReconcileCmd struct {
	Name string `arg:"" help:"Name or id of the account."`
	signing
}

// Run holds an account against its application and prints it.
func (cmd *accountReconcileCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	id, done, err := cmd.useFor(ctx, p, c, cmd.Name)
	if err != nil {
		return err
	}
	defer done()
	o, err := c.Reconcile(ctx, cmd.Name, resource.UseSignIn{SignIn: id})
	if err != nil {
		return err
	}
	return p.finish(ctx, c, o, account.OpReconcile)
}
