package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/evercred/evercred/cmd/evercred/internal/input"
)

type accountExportCmd struct {
	filter
	order
	Format string `enum:"csv,json" default:"csv" help:"csv, a table, or json."`
	Out    string `default:"-" placeholder:"FILE" help:"File to write (mode 0600); standard output if left out."`
}

// Run writes the accounts that the flags select as one file.
func (cmd *accountExportCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	f := cmd.filter.filter()
	f.Sort = cmd.Sort
	if cmd.Out == "-" {
		return c.Export(ctx, f, cmd.Format, p.term.Out)
	}
	file, err := input.NewPending(cmd.Out)
	if err != nil {
		return err
	}
	defer file.Discard()
	var all bytes.Buffer
	if err := c.Export(ctx, f, cmd.Format, &all); err != nil {
		return err
	}
	if err := file.Commit(all.Bytes()); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	p.term.Say("Wrote %s.", cmd.Out)
	return nil
}
