package main

import (
	"context"
	"fmt"
	"time"

	"github.com/evercred/evercred/cmd/evercred/internal/browser"
	"github.com/evercred/evercred/internal/account"
)

type webCmd struct {
	connection
	Open bool `help:"Also open the address in this machine's browser."`
}

// Run prints an address with a login code. It is data, so it goes to standard output, alone.
func (cmd *webCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	link, err := c.Link(ctx)
	if err != nil {
		return err
	}
	if p.json() {
		err = p.writeJSON(link)
	} else {
		_, err = fmt.Fprintln(p.term.Out, link.URL.Take().Reveal())
	}
	if err != nil {
		return fmt.Errorf("writing the address: %w", err)
	}
	if !p.json() {
		p.term.Say("Open it in a browser within %s. It signs you in once; whoever has it can use it.",
			account.Span(time.Until(link.ExpiresAt).Round(time.Minute)))
	}
	if cmd.Open {
		if err := browser.Open(ctx, link.URL.Take()); err != nil {
			p.term.Say("No browser was opened here: %s. Copy the address.", err)
		}
	}
	return nil
}
