package main

import (
	"context"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
)

type accountAddCmd struct {
	Name        string   `arg:"" help:"Name of the account: Latin letters, digits, underscores and dashes."`
	Description string   `placeholder:"TEXT" help:"What the account is for."`
	Auto        bool     `help:"Make a new application, with a secret and roles, for the account. Asks for a sign-in."`
	Method      string   `enum:"secret,certificate," default:"" placeholder:"KIND" help:"With --auto: secret (as if left out) or certificate."`
	Lifetime    duration `placeholder:"D" help:"With --auto: how long the credential lives, e.g. 180d."`
	purpose
	signing
	application
}

// Run adds an account and prints it.
func (cmd *accountAddCmd) Run(ctx context.Context, p *program) error {
	r := resource.Create{
		Kind: resource.CreateAuto, Name: cmd.Name, Description: cmd.Description, Cloud: cmd.Cloud, TenantID: cmd.TenantID,
		Subscriptions: cmd.Subscription, RoleSet: cmd.Role, Method: cmd.Method, Lifetime: string(cmd.Lifetime),
		ApplicationID: cmd.ApplicationID, AllowMissing: cmd.AllowMissing,
	}
	cmd.fill(&r)
	if !cmd.Auto {
		r.Kind = resource.CreateExisting
	}
	if err := cmd.check(); err != nil {
		return err
	}
	c, err := p.client()
	if err != nil {
		return err
	}
	if !cmd.Auto {
		if r.Material, err = cmd.material(ctx, p); err != nil {
			return err
		}
	}
	done := func() {}
	if cmd.Auto {
		if r.SignIn, done, err = cmd.use(ctx, p, c, cmd.Cloud, cmd.TenantID); err != nil {
			return err
		}
	}
	defer done()
	o, err := c.Create(ctx, r)
	if err != nil {
		return err
	}
	kind := account.OpConnect
	if cmd.Auto {
		kind = account.OpAdd
	}
	return p.finish(ctx, c, o, kind)
}

// check refuses what the flags alone show to be wrong, before anything is read or asked.
func (cmd *accountAddCmd) check() error {
	if err := account.CheckNewName(cmd.Name); err != nil {
		return err
	}
	switch given := cmd.ApplicationID != "" || cmd.SecretFile != "" || cmd.Certificate != "" || cmd.PasswordFile != ""; {
	case cmd.Auto && given:
		return fault.BadField("auto", "Both a new application and an existing one are asked for.",
			"Leave out --auto, or the flags of the existing application and its credential.")
	case cmd.Auto && len(cmd.Subscription) == 0 && cmd.ManagementGroup == "":
		return fault.BadField("subscriptions", "No subscription is named for the new application.",
			"Name each subscription the account is for: --subscription ID; or a management group: --management-group ID.")
	case cmd.Auto && (cmd.AllowMissing || cmd.SecretExpires.at != nil):
		return fault.BadField("auto", "--allow-missing and --secret-expires are for an existing application.", "Leave them out, or leave out --auto.")
	case cmd.Auto:
		return nil
	case cmd.signing.given():
		return fault.BadField("auto", "A sign-in is given for an existing application, which needs none.", "Leave it out, or let Evercred make an application with --auto.")
	case cmd.ApplicationID == "":
		return fault.BadField("application_id", "It is not said which application the account is for.",
			"Name an existing one with --application-id and --tenant-id, or let Evercred make one with --auto.")
	case cmd.TenantID == "":
		return fault.BadField("tenant_id", "The tenant of the application is not named.", "Add --tenant-id ID.")
	case cmd.Method != "":
		return fault.BadField("method", "A method is given for a credential that exists already.", "Leave --method out: --secret-file or --certificate says it.")
	case cmd.Lifetime != "":
		return fault.BadField("lifetime", "A lifetime is given for a credential that exists already.", "Leave --lifetime out.")
	}
	return nil
}
