package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/evercred/evercred/cmd/evercred/internal/complete"
	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints the script of a shell.
func (cmd *completionCmd) Run(p *program) error {
	script, err := complete.Script(cmd.Shell)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(p.term.Out, script); err != nil {
		return fmt.Errorf("writing the script: %w", err)
	}
	if p.term.OutIsTTY {
		p.term.Say("Put it where your shell reads it, e.g.: source <(evercred completion %s)", cmd.Shell)
	}
	return nil
}

// completeCmd is what the scripts call with the words of the command line, after --.
type completeCmd struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// completeFor bounds the question to the server: somebody has pressed Tab and waits.
const completeFor = 2 * time.Second

// Run prints what could come next, one a line, with an explanation behind a tab. It never fails: a shell has no place to say so.
func (cmd *completeCmd) Run(ctx context.Context, p *program, k *kong.Context) error {
	words := cmd.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	line := complete.Parse(k.Model.Node, words)
	bounded, cancel := context.WithTimeout(ctx, completeFor)
	defer cancel()
	found, files := line.Candidates(bounded, &names{p: p})
	if files {
		_, _ = fmt.Fprintln(p.term.Out, complete.Files)
		return nil
	}
	var out strings.Builder
	for _, c := range found {
		out.WriteString(terminal.Clean(c.Value))
		if c.Text != "" {
			out.WriteString("\t" + terminal.Clean(c.Text))
		}
		out.WriteString("\n")
	}
	_, _ = io.WriteString(p.term.Out, out.String())
	return nil
}

// names asks the server for what has a name there. Where it does not answer, or nobody may ask, there are none.
type names struct{ p *program }

// mostNames is how many names are offered at most: nobody reads more.
const mostNames = 200

// Values implements complete.Source.
func (n *names) Values(ctx context.Context, l *complete.Line, kind string) (values []complete.Candidate, known bool) {
	switch kind {
	case "--state":
		return states(), true
	case "--sort":
		return sortKeys(strings.HasSuffix(l.Prefix, "=")), true
	case "--origin":
		return texts(string(account.Created), string(account.Existing)), true
	case "--method":
		return texts(string(account.Secret), string(account.Certificate)), true
	case "--log-level":
		return texts("debug", "info", "warn", "error"), true
	case "--secret-file", "--certificate", "--password-file", "--token-file", "--env-file", "--out", "--data", "--tls-cert", "--tls-key", "--ca-file":
		return nil, false
	}
	ask := map[string]func(context.Context, *client.Client, string) ([]complete.Candidate, error){
		"--cloud": clouds, "--profile": profiles, "--purpose": purposes, "--account": accounts, "--sign-in-id": signIns,
	}[kind]
	command, argument, _ := strings.Cut(kind, " ")
	switch {
	case ask != nil:
	case strings.HasPrefix(kind, "--"):
		return nil, strings.HasPrefix(kind, "--") && !namesFile(l)
	case kind == "account add name":
		return nil, true
	case (command == "account" || command == "permission") && strings.HasSuffix(argument, " name"):
		ask = accounts
	case command == "operation" && strings.HasSuffix(argument, " id"):
		ask = operations
	case command == "sign-in" && strings.HasSuffix(argument, " id"):
		ask = signIns
	default:
		return nil, true
	}
	n.p.flags = &connection{server: server{URL: l.Flags["url"], Token: l.Flags["token"], TokenFile: l.Flags["token-file"], EnvFile: l.Flags["env-file"]}}
	if n.p.flags.TokenFile == "-" {
		return nil, true // standard input is not for this
	}
	c, err := n.p.client()
	if err != nil {
		return nil, true
	}
	values, err = ask(ctx, c, l.Current)
	if err != nil {
		return nil, true
	}
	return values, true
}

// namesFile reports whether a flag takes the name of a file, by how its help writes the value.
func namesFile(l *complete.Line) bool {
	return l.Flag.PlaceHolder == "FILE" || l.Flag.PlaceHolder == "DIR"
}

func texts(values ...string) []complete.Candidate {
	var out []complete.Candidate
	for _, v := range values {
		out = append(out, complete.Candidate{Value: v})
	}
	return out
}

func states() []complete.Candidate {
	var out []complete.Candidate
	for _, s := range account.States() {
		out = append(out, complete.Candidate{Value: string(s)})
	}
	return out
}

// sortKeys are what lists are sorted by. One with a dash before it can only be written behind --sort=.
func sortKeys(dashes bool) []complete.Candidate {
	var out []complete.Candidate
	for _, key := range []string{"name", "description", "expires", "state", "permissions", "subscriptions", "last_check", "created", "updated", "method", "tenant", "cloud", "origin"} {
		out = append(out, complete.Candidate{Value: key})
		if dashes {
			out = append(out, complete.Candidate{Value: "-" + key, Text: "the other way round"})
		}
	}
	return out
}

func accounts(ctx context.Context, c *client.Client, typed string) ([]complete.Candidate, error) {
	list, err := c.Accounts(ctx, client.Filter{Search: typed}, client.Page{Limit: mostNames})
	if err != nil {
		return nil, err
	}
	var out []complete.Candidate
	for i := range list.Accounts {
		out = append(out, complete.Candidate{Value: list.Accounts[i].Name, Text: strings.ReplaceAll(string(list.Accounts[i].State), "_", " ")})
	}
	return out, nil
}

func operations(ctx context.Context, c *client.Client, _ string) ([]complete.Candidate, error) {
	all, err := c.Operations(ctx, "")
	if err != nil {
		return nil, err
	}
	var out []complete.Candidate
	for i := range all {
		o := &all[i]
		out = append(out, complete.Candidate{Value: o.ID, Text: o.Kind.Noun() + " of " + o.Account.Name + ", " + strings.ReplaceAll(string(o.State), "_", " ")})
	}
	return out, nil
}

func signIns(ctx context.Context, c *client.Client, _ string) ([]complete.Candidate, error) {
	all, err := c.SignIns(ctx)
	if err != nil {
		return nil, err
	}
	var out []complete.Candidate
	for i := range all {
		out = append(out, complete.Candidate{Value: all[i].ID, Text: strings.TrimSpace(all[i].Person + " " + all[i].State)})
	}
	return out, nil
}

func clouds(ctx context.Context, c *client.Client, _ string) ([]complete.Candidate, error) {
	s, err := c.Server(ctx)
	if err != nil {
		return nil, err
	}
	return texts(s.Clouds...), nil
}

// purposes are those of all profiles: which profile an account has may be known to the server only.
func purposes(ctx context.Context, c *client.Client, _ string) ([]complete.Candidate, error) {
	all, err := c.PermissionProfiles(ctx)
	if err != nil {
		return nil, err
	}
	var out []complete.Candidate
	for i := range all {
		for _, p := range all[i].Purposes {
			out = append(out, complete.Candidate{Value: p.Name, Text: p.Title})
		}
	}
	return out, nil
}

func profiles(ctx context.Context, c *client.Client, _ string) ([]complete.Candidate, error) {
	all, err := c.PermissionProfiles(ctx)
	if err != nil {
		return nil, err
	}
	var out []complete.Candidate
	for i := range all {
		out = append(out, complete.Candidate{Value: all[i].Name, Text: all[i].Title})
	}
	return out, nil
}
