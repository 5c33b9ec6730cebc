package main

import "context"

type accountShowCmd struct {
	Name string `arg:"" help:"Name or id of the account."`
}

// Run prints one account.
func (cmd *accountShowCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	return p.account(ctx, c, cmd.Name)
}
