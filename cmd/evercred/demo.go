package main

import (
	"context"
	"log/slog"

	"github.com/evercred/evercred/internal/app"
)

type demoCmd struct {
	Listen         string     `default:"127.0.0.1:8080" placeholder:"ADDR" help:"Address and port of the server (${default})."`
	EmulatorListen string     `default:"127.0.0.1:8443" placeholder:"ADDR" help:"Address and port of the emulated cloud (${default})."`
	Data           string     `placeholder:"DIR" help:"Folder for both; a temporary one if left out."`
	Scenario       string     `placeholder:"NAME" help:"How the emulated cloud behaves, e.g. bad-day; evercred emulator --list-scenarios lists them."`
	LogLevel       slog.Level `placeholder:"LEVEL" default:"warn" help:"What to log: debug, info, warn or error."`
}

// Run serves the demonstration until ctx ends. What to do next is printed to standard output.
func (c *demoCmd) Run(ctx context.Context, p *program) error {
	return withoutEnd(ctx, app.Demo(ctx, app.DemoConfig{
		Listen: c.Listen, EmulatorListen: c.EmulatorListen, DataDir: c.Data, Scenario: c.Scenario, Out: p.term.Out,
		Logger: logging{LogLevel: c.LogLevel}.logger(p),
	}))
}
