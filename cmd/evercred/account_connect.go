package main

import (
	"context"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

type accountConnectCmd struct {
	Name string `arg:"" help:"Name or id of the account."`
	application
}

// Run connects an account and prints it. Without --application-id it is a new value for the account's own application.
func (cmd *accountConnectCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	r := resource.Connect{
		ApplicationID: cmd.ApplicationID, TenantID: cmd.TenantID, Cloud: cmd.Cloud,
		Subscriptions: cmd.Subscription, RoleSet: cmd.Role, AllowMissing: cmd.AllowMissing,
	}
	if r.Material, err = cmd.material(ctx, p); err != nil {
		return err
	}
	o, err := c.Connect(ctx, cmd.Name, r)
	if err != nil {
		return err
	}
	return p.finish(ctx, c, o, account.OpConnect)
}
