package main

import (
	"context"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

type accountRenewCmd struct {
	Name     string   `arg:"" help:"Name or id of the account."`
	Soak     duration `placeholder:"D" help:"How long the old secret is kept after the hand-over, e.g. 24h or 7d; 0s removes it in the same run."`
	Lifetime duration `placeholder:"D" help:"How long the new secret lives, e.g. 180d."`
}

// Run renews an account and prints it.
func (cmd *accountRenewCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	o, err := c.Renew(ctx, cmd.Name, resource.Renew{Soak: string(cmd.Soak), Lifetime: string(cmd.Lifetime)})
	if err != nil {
		return err
	}
	return p.finish(ctx, c, o, account.OpRenew)
}
