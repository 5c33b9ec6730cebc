package main

import (
	"context"

	"github.com/evercred/evercred/cmd/evercred/internal/view"
)

type accountListCmd struct{}

// Run prints all accounts.
func (accountListCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	all, err := c.Accounts(ctx)
	if err != nil {
		return err
	}
	if p.json() {
		return p.writeJSON(all)
	}
	if len(all) == 0 {
		p.term.Say("There are no accounts yet. Add one with `evercred account add NAME`.")
		return nil
	}
	return view.Accounts(p.term.Out, all, p.term.Colour)
}
