package main

import (
	"context"
	"fmt"

	"github.com/evercred/evercred/emulator"
	"github.com/evercred/evercred/internal/app"
)

type emulatorCmd struct {
	Listen string `default:"127.0.0.1:8443" placeholder:"ADDR" help:"Address and port (${default}); port 0 takes a free one."`
	Data   string `placeholder:"DIR" help:"Folder for its state; a temporary one, removed at the end, if left out."`
	logging
}

// Run serves the emulated cloud until ctx ends.
func (c *emulatorCmd) Run(ctx context.Context, p *program) error {
	s, err := emulator.Start(ctx, emulator.Config{Listen: c.Listen, Data: c.Data, Logger: c.logger(p)})
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
