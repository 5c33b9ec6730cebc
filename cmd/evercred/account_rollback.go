package main

import (
	"context"

	"github.com/evercred/evercred/internal/account"
)

type accountRollbackCmd struct {
	Name string `arg:"" help:"Name or id of the account."`
}

// Run puts an account back on its former credential and prints it.
func (cmd *accountRollbackCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	o, err := c.Rollback(ctx, cmd.Name)
	if err != nil {
		return err
	}
	return p.finish(ctx, c, o, account.OpRollback)
}
