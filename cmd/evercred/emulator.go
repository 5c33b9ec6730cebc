package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator"
	"github.com/evercred/evercred/internal/app"
)

type emulatorCmd struct {
	Listen        string    `default:"127.0.0.1:8443" placeholder:"ADDR" help:"Address and port (${default}); port 0 takes a free one."`
	Data          string    `placeholder:"DIR" help:"Folder for its state; a temporary one, removed at the end, if left out."`
	Scenario      string    `placeholder:"NAME" help:"How the cloud behaves, e.g. bad-day; see --list-scenarios."`
	Seed          uint64    `placeholder:"N" help:"Of all chance in the scenario: the same seed, the same misfortunes."`
	Now           time.Time `placeholder:"TIME" help:"Where its clock starts, e.g. 2030-01-02T03:04:05Z; the wall clock if left out."`
	ListScenarios bool      `help:"Print the scenarios and end."`
	logging
}

// Run serves the emulated cloud until ctx ends.
func (c *emulatorCmd) Run(ctx context.Context, p *program) error {
	if c.ListScenarios {
		return listScenarios(p)
	}
	s, err := emulator.Start(ctx, emulator.Config{
		Listen: c.Listen, Data: c.Data, Logger: c.logger(p), Scenario: c.Scenario, Seed: c.Seed, Now: c.Now,
	})
	if err != nil {
		return app.EmulatorFault(err, c.Listen)
	}
	if _, err := fmt.Fprintf(p.term.Out, "The emulated cloud is ready at %s; its folder is %s, and %s says how to reach it.\n",
		s.BaseURL(), s.DataDir(), s.EnvFile()); err != nil {
		_ = s.Close()
		return fmt.Errorf("writing the ready line: %w", err)
	}
	return s.Wait()
}

func listScenarios(p *program) error {
	var text strings.Builder
	for _, s := range emulator.Scenarios() {
		fmt.Fprintf(&text, "%s\n    %s\n", s.Name, s.Description)
	}
	if _, err := fmt.Fprint(p.term.Out, text.String()); err != nil {
		return fmt.Errorf("writing the scenarios: %w", err)
	}
	return nil
}
