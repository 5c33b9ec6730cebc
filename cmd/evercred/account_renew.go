package main

import (
	"context"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
)

// wanted is the kind of credential that a renewal makes.
type wanted struct {
	Certificate bool `xor:"kind" help:"Make a certificate, also for an account that has a secret."`
	Secret      bool `xor:"kind" help:"Make a secret, also for an account that has a certificate."`
}

func (w wanted) kind() string {
	switch {
	case w.Certificate:
		return string(account.Certificate)
	case w.Secret:
		return string(account.Secret)
	}
	return ""
}

type accountRenewCmd struct {
	Name string `arg:"" optional:"" help:"Name or id of the account."`
	several
	Yes bool `help:"Several accounts: do not ask for confirmation."`
	wanted
	SignIn   bool     `help:"Sign in also where the account's certificate could sign for its successor."`
	Soak     duration `placeholder:"D" help:"How long the old one is kept after the hand-over, e.g. 24h or 7d; 0s removes it in the same run."`
	Lifetime duration `placeholder:"D" help:"How long the new credential lives, e.g. 180d."`
	signing
}

// Run renews an account and prints it.
func (cmd *accountRenewCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	many, err := cmd.asked(cmd.Name)
	if err != nil {
		return err
	}
	if many {
		return cmd.renewMany(ctx, p, c)
	}
	id, done, err := cmd.useFor(ctx, p, c, cmd.Name)
	if err != nil {
		return err
	}
	defer done()
	o, err := c.Renew(ctx, cmd.Name, resource.Renew{
		Soak: string(cmd.Soak), Lifetime: string(cmd.Lifetime), Kind: cmd.kind(), SignIn: resource.SignInRef{ID: id, Wish: cmd.SignIn},
	})
	if err != nil {
		return err
	}
	return p.finish(ctx, c, o, account.OpRenew)
}

// renewMany renews several accounts, with one sign-in for all of one tenant.
func (cmd *accountRenewCmd) renewMany(ctx context.Context, p *program, c *client.Client) error {
	if cmd.SignIn {
		return fault.BadField("all", "A renewal of several accounts signs in where it is needed.", "Leave out --sign-in, or name one account.")
	}
	if err := p.confirmMany(ctx, c, cmd.filter.filter(), "Renew", cmd.Yes); err != nil {
		return err
	}
	r := cmd.request(account.ActRenew)
	r.Kind, r.Soak, r.Lifetime = cmd.kind(), string(cmd.Soak), string(cmd.Lifetime)
	return p.bulk(ctx, c, r, cmd.signing)
}
