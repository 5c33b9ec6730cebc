package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/evercred/evercred/cmd/evercred/internal/input"
	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/internal/fault"
)

// root is the tree of sub-commands.
type root struct {
	Serve      serveCmd      `cmd:"" help:"Run the server."`
	Demo       demoCmd       `cmd:"" help:"Run a server beside an emulated cloud, with accounts to try things on."`
	Web        webCmd        `cmd:"" help:"Print an address that opens the page and signs you in, once."`
	Emulator   emulatorCmd   `cmd:"" help:"Run the emulated Microsoft cloud alone."`
	Account    accountCmd    `cmd:"" help:"Look at service accounts, renew, re-create, connect and hand them over."`
	Permission permissionCmd `cmd:"" help:"See what accounts lack in Azure, export it, grant it."`
	Operation  operationCmd  `cmd:"" help:"Look at what is being done to accounts, resume it, cancel it."`
	SignIn     signInCmd     `cmd:"" name:"sign-in" help:"Sign in to Microsoft Azure once, for several commands; see what the person can reach."`
	Completion completionCmd `cmd:"" help:"Print a script that lets the shell complete commands, flags and names."`
	Complete   completeCmd   `cmd:"" name:"__complete" hidden:""`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

const exitCodes = `
Exit codes:
    0  done
    1  something failed inside Evercred, or Microsoft answered with an error
    2  wrong flags or a wrong input
    3  the account or operation does not exist
    4  refused, a conflict, missing permissions, or a wrong API token
    5  a choice or a sign-in is needed
    6  the sign-in expired, was declined or was blocked
    7  the Evercred server or Microsoft does not answer
    8  the credential was not accepted
  130  stopped by Ctrl-C
`

// exited is how kong's request to exit, after --help, leaves its parser.
type exited int

// run is the whole program: it returns the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errw io.Writer, getenv func(string) string) (code int) {
	p := &program{term: terminal.New(in, out, errw, getenv), files: &input.Reader{In: in}, getenv: getenv}
	defer func() {
		if v := recover(); v != nil {
			status, ok := v.(exited)
			if !ok {
				panic(v)
			}
			code = int(status)
		}
	}()
	parser, err := kong.New(&root{},
		kong.Name("evercred"),
		kong.Description("Keeps the service accounts of backup and automation software connected to Microsoft Azure."),
		kong.Writers(out, errw),
		kong.Exit(func(status int) { panic(exited(status)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: terminal.Width}),
		kong.Help(help),
		kong.Bind(p),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		p.term.SayFault(fmt.Errorf("building the command line: %w", err), flagOf)
		return terminal.ExitInternal
	}
	command, err := parser.Parse(args)
	if err != nil {
		p.term.SayFault(usage(args, err), flagOf)
		return terminal.ExitUsage
	}
	err = command.Run()
	switch {
	case err == nil:
		return terminal.ExitDone
	case errors.Is(err, terminal.ErrDetached):
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		p.term.Say("Stopped.")
		err = terminal.ErrDetached
	default:
		p.term.SayFault(err, func(field string) string { return flagIn(command, field) })
	}
	return terminal.ExitCode(err)
}

// help adds the exit codes to the program's own page.
func help(options kong.HelpOptions, command *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, command); err != nil {
		return err
	}
	if command.Selected() == nil {
		_, _ = io.WriteString(command.Stdout, exitCodes)
	}
	return nil
}

// usage is the fault of a command line that cannot be understood.
func usage(args []string, err error) *fault.Error {
	var command strings.Builder
	command.WriteString("evercred")
	if parse, ok := errors.AsType[*kong.ParseError](err); ok && parse.Context != nil {
		for _, step := range parse.Context.Path {
			if step.Command != nil {
				command.WriteString(" " + step.Command.Name)
			}
		}
	}
	if len(args) == 0 {
		return fault.New(fault.Invalid, "No command is given.").WithRemedy("Run `evercred --help`.")
	}
	// The parser ends a long list of what could be with ", ...", and has an empty text among the values of a flag that may be left out.
	text := strings.ReplaceAll(strings.TrimSuffix(strings.TrimSuffix(err.Error(), ", ..."), ",  ..."), `,"" but`, " but")
	text = strings.TrimRight(text, ".?")
	return fault.New(fault.Invalid, "%s.", strings.ToUpper(text[:1])+text[1:]).
		WithRemedy("Run `%s --help`.", command.String())
}

// flagIn names the flag of a command behind a field of the REST API. What is an argument of most commands is a flag of some.
func flagIn(command *kong.Context, field string) string {
	named := flagOf(field)
	if selected := command.Selected(); selected != nil && named != "" && !strings.HasPrefix(named, "--") {
		for _, flag := range selected.Flags {
			if flag.Name == field {
				return "--" + field
			}
		}
	}
	return named
}

// flagOf names the flag or argument behind a field of the REST API.
func flagOf(field string) string {
	switch field {
	case "name":
		return "NAME"
	case "secret":
		return "--secret-file"
	case "certificate":
		return "--certificate"
	case "password":
		return "--password-file"
	case "secret_expires_at":
		return "--secret-expires"
	case "sign_in":
		return "--sign-in-id"
	case "subscriptions":
		return "--subscription"
	case "role_set":
		return "--role"
	case "application_id", "tenant_id", "allow_missing", "token_file", "env_file", "delete_application", "public_url":
		return "--" + strings.ReplaceAll(field, "_", "-")
	case "scopes":
		return "--scope"
	case "purposes":
		return "--purpose"
	case "if_match":
		return "--if-version"
	case "management_group", "used_by", "renew_before":
		return "--" + strings.ReplaceAll(field, "_", "-")
	case "profile", "what", "cloud", "description", "soak", "lifetime", "out", "url", "token", "auto", "yes", "output",
		"state", "search", "sort", "limit", "offset", "origin", "method", "tenant", "automatic", "all":
		return "--" + field
	}
	return ""
}
