package main

import (
	"context"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

type accountReconcileCmd struct {
	Name string `arg:"" help:"Name or id of the account."`
}

// Run holds an account against its application and prints it.
func (cmd *accountReconcileCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	o, err := c.Reconcile(ctx, cmd.Name, resource.UseSignIn{})
	if err != nil {
		return err
	}
	return p.finish(ctx, c, o, account.OpReconcile)
}
