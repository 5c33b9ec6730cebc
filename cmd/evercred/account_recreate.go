package main

import (
	"context"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

// choice is the answer to what a re-creation may ask.
type choice struct {
	Restore bool `xor:"choice" help:"Restore the application if it is only soft-deleted: same ids, same role assignments."`
	New     bool `xor:"choice" help:"Make a new application, with a new secret and the roles."`
}

func (c choice) option() string {
	switch {
	case c.Restore:
		return "restore"
	case c.New:
		return "new"
	}
	return ""
}

type accountRecreateCmd struct {
	Name string `arg:"" help:"Name or id of the account."`
	choice
	Method   string   `enum:"secret,certificate," default:"" placeholder:"KIND" help:"The kind of the new credential, where one is needed: secret or certificate. As the account has if left out."`
	Lifetime duration `placeholder:"D" help:"How long the new credential lives, e.g. 180d."`
	signing
}

// Run re-creates an account's application and prints the account.
func (cmd *accountRecreateCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	id, done, err := cmd.useFor(ctx, p, c, cmd.Name)
	if err != nil {
		return err
	}
	defer done()
	o, err := c.Recreate(ctx, cmd.Name, resource.Recreate{Method: cmd.Method, Choice: cmd.option(), Lifetime: string(cmd.Lifetime), SignIn: id})
	if err != nil {
		return err
	}
	return p.finish(ctx, c, o, account.OpRecreate)
}
