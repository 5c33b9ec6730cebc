package main

import (
	"context"
	"fmt"
)

type accountStewardCmd struct {
	Name string `arg:"" help:"Name or id of the account."`
	Off  bool   `help:"Leave the tenant without a steward, if the account is it."`
}

// Run makes an account the steward of its tenant, or ends that.
func (cmd *accountStewardCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	if cmd.Off {
		a, err := c.DropSteward(ctx, cmd.Name)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.term.Out, "%s is no steward. Accounts of tenant %s are renewed by a sign-in, or by their own rights.\n", a.Name, a.TenantID)
		return err
	}
	a, err := c.SetSteward(ctx, cmd.Name)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.term.Out, "%s is the steward of tenant %s: accounts there are renewed by its rights, without a person. It must own their applications, or hold Application.ReadWrite.All.\n", a.Name, a.TenantID)
	return err
}
