package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/evercred/evercred/internal/app"
	"github.com/evercred/evercred/internal/fault"
)

type serveCmd struct {
	Data         string   `default:"evercred-data" placeholder:"DIR" help:"Folder for the database and the key (${default})."`
	Listen       string   `default:"127.0.0.1:8080" placeholder:"ADDR" help:"Address and port (${default}); port 0 takes a free one."`
	PublicURL    string   `name:"public-url" placeholder:"URL" help:"Where people open the page, if not at that address, e.g. https://evercred.example.com behind a proxy."`
	EmulatorEnv  string   `placeholder:"FILE" help:"The emulator's emulator.env: it becomes the custom cloud."`
	EnvFile      string   `placeholder:"OUT" help:"Gets EVERCRED_URL and EVERCRED_TOKEN, for development (DIR/evercred.env)."`
	ClientID     string   `placeholder:"ID" help:"Client id that people sign in with (the Azure CLI's)."`
	SignInTenant string   `placeholder:"ID" help:"Tenant that people sign in at where none is named. Needed with a client id of one tenant only (their own)."`
	Role         []string `placeholder:"NAME" sep:"none" help:"Azure role of new accounts that name none; once for each (Contributor and Key Vault Crypto Officer)."`
	AzureGate    bool     `default:"true" negatable:"" help:"Ask that a person who signs in may assign roles on the account's subscriptions (on)."`
	Proofs       int      `default:"3" placeholder:"N" help:"Good answers in a row, each from Microsoft and on a new connection, that prove a new credential (${default})."`
	ProofSpread  duration `default:"2s" placeholder:"D" help:"How long these answers are spread over (${default})."`
	Propagation  duration `default:"10m" placeholder:"D" help:"How long Microsoft's servers are given to all know a new credential, before it is given up (${default})."`
	logging
}

// Run serves until ctx ends.
func (c *serveCmd) Run(ctx context.Context, p *program) (err error) {
	if c.Proofs < 1 {
		return fault.BadField("proofs", "The number of good answers is out of range.", "Use 1 to 20.")
	}
	a, err := app.New(ctx, app.Config{
		DataDir: c.Data, Listen: c.Listen, PublicURL: c.PublicURL, EmulatorEnv: c.EmulatorEnv, EnvFile: c.EnvFile, ClientID: c.ClientID, SignInTenant: c.SignInTenant, RoleSet: c.Role, SkipAzureGate: !c.AzureGate, Logger: c.logger(p),
		Proofs: c.Proofs, ProofSpread: c.ProofSpread.orAtOnce(), Propagation: c.Propagation.value(),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if _, err := fmt.Fprintln(p.term.Out, a.Ready()); err != nil {
		return fmt.Errorf("writing the ready line: %w", err)
	}
	return withoutEnd(ctx, a.Run(ctx))
}

// withoutEnd drops the error of a server that ended because it was asked to.
func withoutEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
