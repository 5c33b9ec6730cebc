package main

import (
	"context"
	"io"
	"slices"

	"github.com/evercred/evercred/cmd/evercred/internal/input"
	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/cmd/evercred/internal/view"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
)

type permissionCmd struct {
	Diff     permissionDiffCmd     `cmd:"" help:"Show what an account lacks of what it is for, as of its last check."`
	Export   permissionExportCmd   `cmd:"" help:"Write what an account lacks, or all that it needs, as an Azure custom role."`
	Grant    permissionGrantCmd    `cmd:"" help:"Give an account exactly what it lacks. Asks for a sign-in."`
	Profiles permissionProfilesCmd `cmd:"" help:"List what accounts can be for: permission profiles and their purposes."`
}

type permissionDiffCmd struct {
	connection
	Name     string `arg:"" help:"Name or id of the account."`
	ExitCode bool   `help:"End with code 4 if something is missing or not known."`
}

// Run prints what is missing, and what is not known.
func (cmd *permissionDiffCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	found, err := c.Permissions(ctx, cmd.Name, "")
	if err != nil {
		return err
	}
	found.Rows = slices.DeleteFunc(found.Rows, func(r resource.PermissionRow) bool { return r.Result == "success" })
	err = show(p, found, func(w io.Writer, found *resource.Permissions, colour bool) error {
		return view.Permissions(w, cmd.Name, found, colour)
	})
	if err != nil || !cmd.ExitCode || found.AsOf != nil && len(found.Rows) == 0 {
		return err
	}
	return fault.New(fault.Permission, "%s", found.Summary.Text).WithRemedy("Run `evercred permission grant %s`.", terminal.Clean(cmd.Name))
}

type permissionExportCmd struct {
	server
	Output string `short:"o" enum:"azure-json,azure-portal-json" default:"azure-json" help:"azure-json, for az role definition create and New-AzRoleDefinition; or azure-portal-json, for the portal's Start from JSON."`
	Name   string `arg:"" help:"Name or id of the account."`
	What   string `enum:"missing,all" default:"missing" help:"missing: what the account lacks. all: everything its purposes need."`
	Out    string `default:"-" placeholder:"FILE" help:"File to write; - for standard output."`
}

// AfterApply is called by kong once the flags are known.
func (cmd *permissionExportCmd) AfterApply(p *program) error { //nolint:unparam // kong wants the error
	p.flags = &connection{server: cmd.server, Output: "json"}
	return nil
}

// Run writes the custom role.
func (cmd *permissionExportCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	var file *input.Pending
	if cmd.Out != "-" {
		if file, err = input.NewPending(cmd.Out); err != nil {
			return err
		}
		defer file.Discard()
	}
	role, err := c.ExportPermissions(ctx, cmd.Name, cmd.What, cmd.Output)
	if err != nil {
		return err
	}
	if file == nil {
		return p.writeJSON(role)
	}
	if err := file.Commit(append(role, '\n')); err != nil {
		return err
	}
	p.term.Say("Wrote the custom role to %s.", cmd.Out)
	return nil
}

type permissionGrantCmd struct {
	connection
	Name  string   `arg:"" help:"Name or id of the account."`
	Scope []string `placeholder:"SCOPE" help:"Only there: a scope as Azure writes it, or the id of a subscription; repeat it for several."`
	Yes   bool     `help:"Do not ask for confirmation."`
	signing
}

// Run grants what is missing, and prints what the account lacks after that.
func (cmd *permissionGrantCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	if err := cmd.confirm(ctx, p); err != nil {
		return err
	}
	id, done, err := cmd.useFor(ctx, p, c, cmd.Name)
	if err != nil {
		return err
	}
	defer done()
	o, err := c.Grant(ctx, cmd.Name, resource.GrantRequest{SignIn: id, Scopes: cmd.Scope})
	if err != nil {
		return err
	}
	if o, err = p.follow(ctx, c, o, account.OpGrant); err != nil {
		return err
	}
	found, err := c.Permissions(ctx, o.Account.ID, "")
	if err != nil {
		return err
	}
	if p.json() {
		return p.writeJSON(found)
	}
	found.Rows = slices.DeleteFunc(found.Rows, func(r resource.PermissionRow) bool { return r.Result == "success" })
	return view.Permissions(p.term.Out, o.Account.Name, found, p.term.Colour)
}

func (cmd *permissionGrantCmd) confirm(ctx context.Context, p *program) error {
	if cmd.Yes {
		return nil
	}
	if !p.term.Asks {
		return fault.BadField("yes", "The grant is not confirmed, and there is no terminal to ask on.", "Add --yes.")
	}
	yes, err := p.term.Confirm(ctx, "Give "+terminal.Clean(cmd.Name)+" in Azure what it lacks, and take back what Evercred gave it and it no longer needs?")
	if err != nil {
		return err
	}
	if !yes {
		return fault.New(fault.Refused, "The grant was not confirmed.").WithMeaning("Nothing was changed.").
			WithRemedy("Run it again and answer y, or add --yes. `evercred permission diff %s` shows what is missing.", terminal.Clean(cmd.Name))
	}
	return nil
}

type permissionProfilesCmd struct{ connection }

// Run prints the permission profiles.
func (cmd *permissionProfilesCmd) Run(ctx context.Context, p *program) error {
	return answered(p, func(c *client.Client) ([]resource.PermissionProfile, error) { return c.PermissionProfiles(ctx) }, view.PermissionProfiles)
}
