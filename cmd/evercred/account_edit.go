package main

import (
	"context"

	"github.com/evercred/evercred/cmd/evercred/internal/view"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
)

type accountEditCmd struct {
	Account         string   `arg:"" name:"name" help:"Name or id of the account."`
	Name            *string  `placeholder:"NAME" help:"New name."`
	Description     *string  `placeholder:"TEXT" help:"What the account is for; an empty text for none."`
	UsedBy          []string `sep:"none" placeholder:"TEXT" help:"What stops when the account stops working; repeat it for several; an empty text for none."`
	Soak            duration `placeholder:"D" help:"How long an old credential is kept after a hand-over, e.g. 24h or 7d."`
	Lifetime        duration `placeholder:"D" help:"How long a new credential lives, e.g. 180d."`
	RenewBefore     duration `placeholder:"D" help:"How long before its end a credential is due for renewal, e.g. 30d."`
	Automatic       *bool    `negatable:"" help:"Let Evercred renew by itself where no person is needed, or not."`
	Subscription    []string `placeholder:"ID" help:"Subscription of the scope; repeat it for several: the whole scope as it is to be."`
	ManagementGroup *string  `placeholder:"ID" help:"Management group that is to be the scope, in place of subscriptions."`
	Profile         *string  `placeholder:"NAME" help:"Permission profile: what the account is for; see evercred permission profiles."`
	Purpose         []string `placeholder:"NAME" help:"Purpose of the profile; repeat it for several; an empty text for all."`
	IfVersion       int64    `placeholder:"N" help:"Edit this version of the account only; the one that is read before if left out."`
	Preview         bool     `help:"Only show what would change."`
	Yes             bool     `help:"Do not ask for confirmation."`
}

// Run shows what an edit would change, asks, and stores it.
func (cmd *accountEditCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	a, err := c.Account(ctx, cmd.Account)
	if err != nil {
		return err
	}
	edit := cmd.edit()
	preview, err := c.PreviewEdit(ctx, a.ID, edit)
	if err != nil {
		return err
	}
	if cmd.Preview && p.json() {
		return p.writeJSON(preview)
	}
	if cmd.Preview {
		return view.EditPreview(p.term.Out, preview, p.term.Colour)
	}
	if err := firstError(preview); err != nil {
		return err
	}
	if len(preview.Changes) == 0 {
		p.term.Say("Nothing is to be changed.")
		return p.account(ctx, c, a.ID)
	}
	if !cmd.Yes {
		if !p.term.Asks {
			return fault.BadField("yes", "The edit is not confirmed, and there is no terminal to ask on.", "Add --yes; --preview shows what would change.")
		}
		if err := view.EditPreview(p.term.Err, preview, p.term.Colour); err != nil {
			return err
		}
		if err := p.confirm(ctx, "Save this?", "The edit"); err != nil {
			return err
		}
	}
	version := a.Version
	if cmd.IfVersion > 0 {
		version = cmd.IfVersion
	}
	if a, err = c.Edit(ctx, a.ID, version, edit); err != nil {
		return err
	}
	for _, change := range preview.Changes {
		if change.Needs == "grant" {
			p.term.Say("A check follows; `evercred permission diff %s` shows then what is missing, and `evercred permission grant %s` gives it.", a.Name, a.Name)
			break
		}
	}
	return p.account(ctx, c, a.ID)
}

// edit is what the flags say. A list whose only element is empty stands for an empty list.
func (cmd *accountEditCmd) edit() resource.Edit {
	e := resource.Edit{
		Name: cmd.Name, Description: cmd.Description, ManagementGroup: cmd.ManagementGroup, Profile: cmd.Profile,
		UsedBy: emptied(cmd.UsedBy), Subscriptions: emptied(cmd.Subscription), Purposes: emptied(cmd.Purpose),
	}
	policy := resource.EditPolicy{Soak: cmd.Soak.pointer(), Lifetime: cmd.Lifetime.pointer(), RenewBefore: cmd.RenewBefore.pointer(), Automatic: cmd.Automatic}
	if policy != (resource.EditPolicy{}) {
		e.Policy = &policy
	}
	return e
}

func emptied(list []string) []string {
	if len(list) == 1 && list[0] == "" {
		return []string{}
	}
	return list
}

// pointer is the flag as an edit has it; nil where it was not given.
func (d duration) pointer() *string {
	if d == "" {
		return nil
	}
	text := string(d)
	return &text
}

// firstError is what keeps an edit from being stored; nil where nothing does.
func firstError(p *resource.EditPreview) error {
	for _, i := range p.Issues {
		if i.Severity == "error" {
			return &fault.Error{Code: i.Code, Field: i.Field, Message: i.Message, Meaning: i.Meaning, Remedy: i.Remedy}
		}
	}
	return nil
}
