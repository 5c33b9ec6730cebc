package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"github.com/evercred/evercred/cmd/evercred/internal/follow"
	"github.com/evercred/evercred/cmd/evercred/internal/input"
	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/cmd/evercred/internal/view"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// defaultURL is where `evercred serve` and `evercred demo` listen unless told otherwise.
const defaultURL = "http://127.0.0.1:8080"

// program is what the sub-commands of one run share.
type program struct {
	term   *terminal.Terminal
	files  *input.Reader
	getenv func(string) string
	flags  *connection
}

// server has the flags that say where the server is.
type server struct {
	URL       string `name:"url" placeholder:"URL" help:"Address of the server (EVERCRED_URL)."`
	Token     string `placeholder:"TOKEN" xor:"token" help:"API token (EVERCRED_TOKEN). Others on the machine can see it: prefer --token-file."`
	TokenFile string `placeholder:"FILE" xor:"token" help:"File with the API token; - for standard input (EVERCRED_TOKEN_FILE)."`
	EnvFile   string `placeholder:"FILE" help:"File with EVERCRED_URL and EVERCRED_TOKEN, as the server and the demo write it."`
}

// connection has the flags of all commands that talk to a server.
type connection struct {
	server
	Output string `short:"o" enum:"table,json" default:"table" help:"table, for people, or json."`
}

// AfterApply is called by kong once the flags are known.
func (c *connection) AfterApply(p *program) error { //nolint:unparam // kong wants the error
	p.flags = c
	return nil
}

// client connects by the flags, else the file they name, else the environment.
func (p *program) client() (*client.Client, error) {
	vars := map[string]string{}
	if p.flags.EnvFile != "" {
		var err error
		if vars, err = p.files.Env("env_file", p.flags.EnvFile); err != nil {
			return nil, err
		}
	}
	url := first(p.flags.URL, vars["EVERCRED_URL"], p.getenv("EVERCRED_URL"), defaultURL)
	token, err := p.token(vars)
	if err != nil {
		return nil, err
	}
	return client.New(client.Config{URL: url, Token: token})
}

func (p *program) token(vars map[string]string) (secret.Value, error) {
	file := p.flags.TokenFile
	if file == "" {
		text := first(p.flags.Token, vars["EVERCRED_TOKEN"], p.getenv("EVERCRED_TOKEN"))
		if text != "" {
			return secret.New(text), nil
		}
		file = p.getenv("EVERCRED_TOKEN_FILE")
	}
	if file == "" {
		return secret.Value{}, fault.BadField("token", "No API token is given.",
			"Set EVERCRED_TOKEN, or name the file that the server wrote: --env-file evercred-data/evercred.env.")
	}
	token, err := p.files.Secret("token_file", file)
	if err == nil && token.Empty() {
		err = fault.BadField("token_file", "The file with the API token is empty.", "Name the file that holds the token.")
	}
	return token, err
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func (p *program) follower(c *client.Client) *follow.Follower {
	return &follow.Follower{Client: c, Terminal: p.term}
}

func (p *program) json() bool { return p.flags.Output == "json" }

// follow follows an operation to its end. Where the server finishes an interrupted one of another kind first, the command
// says that what it was asked for is still to be done.
func (p *program) follow(ctx context.Context, c *client.Client, o *resource.Operation, kind account.OperationKind) (*resource.Operation, error) {
	o, err := p.follower(c).Started(ctx, o)
	if err != nil {
		return nil, err
	}
	if o.Kind != kind {
		return nil, fault.New(fault.Conflict, "An interrupted %s of %s was finished first.", o.Kind.Noun(), o.Account.Name).
			WithMeaning("The %s was not started.", kind.Noun()).WithRemedy("Run the command again if it is still wanted.")
	}
	return o, nil
}

// finish follows an operation to its end and prints the account it leaves.
func (p *program) finish(ctx context.Context, c *client.Client, o *resource.Operation, kind account.OperationKind) error {
	o, err := p.follow(ctx, c, o, kind)
	if err != nil {
		return err
	}
	return p.account(ctx, c, first(o.Account.ID, o.Account.Name))
}

func (p *program) account(ctx context.Context, c *client.Client, ref string) error {
	a, err := c.Account(ctx, ref)
	if err != nil {
		return err
	}
	return show(p, a, view.Account)
}

func (p *program) operation(o *resource.Operation) error { return show(p, o, view.Operation) }

// show prints what the server has answered: JSON for scripts, or as it is written for people.
func show[T any](p *program, answer T, write func(w io.Writer, answer T, colour bool) error) error {
	if p.json() {
		return p.writeJSON(answer)
	}
	return write(p.term.Out, answer, p.term.Colour)
}

// answered asks the server something, and shows what it answers.
func answered[T any](p *program, question func(*client.Client) (T, error), write func(w io.Writer, answer T, colour bool) error) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	answer, err := question(c)
	if err != nil {
		return err
	}
	return show(p, answer, write)
}

// orSay writes a list, or says for people that there is nothing in it.
func orSay[T any](p *program, write func(io.Writer, []T, bool) error, format string, args ...any) func(io.Writer, []T, bool) error {
	return func(w io.Writer, list []T, colour bool) error {
		if len(list) == 0 {
			p.term.Say(format, args...)
			return nil
		}
		return write(w, list, colour)
	}
}

func (p *program) writeJSON(v any) error {
	enc := json.NewEncoder(p.term.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return nil
}

// logging is the flag of commands that keep running.
type logging struct {
	LogLevel slog.Level `placeholder:"LEVEL" default:"info" help:"What to log: debug, info, warn or error."`
}

func (l logging) logger(p *program) *slog.Logger {
	return slog.New(slog.NewTextHandler(p.term.Err, &slog.HandlerOptions{Level: l.LogLevel}))
}
