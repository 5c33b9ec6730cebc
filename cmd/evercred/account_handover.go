package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/evercred/evercred/cmd/evercred/internal/input"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
)

type accountHandOverCmd struct {
	Name          string `arg:"" help:"Name or id of the account."`
	Out           string `required:"" placeholder:"FILE" help:"File to write (mode 0600); - for standard output."`
	PasswordFile  string `placeholder:"FILE" help:"Give a certificate as a PFX file under the password in FILE, instead of PEM."`
	NoAcknowledge bool   `help:"Only disclose: do not record that the software has the credential."`
}

// Run discloses the credential, writes it, and only then acknowledges: one that was lost on the way to the file does not
// start the soak of its predecessor.
func (cmd *accountHandOverCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	var r resource.HandOverRequest
	if cmd.PasswordFile != "" {
		password, err := p.files.Secret("password", cmd.PasswordFile)
		if err != nil {
			return err
		}
		r.Password = &resource.Secret{Value: password}
	}
	var file *input.Pending
	if cmd.Out != "-" {
		if file, err = input.NewPending(cmd.Out); err != nil {
			return err
		}
		defer file.Discard()
	}
	h, err := c.HandOver(ctx, cmd.Name, r)
	if err != nil {
		return err
	}
	if err := cmd.write(p, file, h); err != nil {
		return err
	}
	if !cmd.NoAcknowledge {
		return acknowledge(ctx, c, p, h)
	}
	return nil
}

// write puts the credential where it was asked for. Standard output gets the credential alone, or with -o json all of the
// hand-over; beside a file, -o json prints what the file is, without the secret.
func (cmd *accountHandOverCmd) write(p *program, file *input.Pending, h *resource.HandOver) error {
	data := h.CertificatePFX
	what := "certificate and private key (PFX)"
	switch {
	case h.Secret != nil:
		data, what = []byte(h.Secret.Take().Reveal()), "secret"
		if cmd.PasswordFile != "" {
			p.term.Say("The password was not used: the credential is a secret, not a certificate.")
		}
	case h.CertificatePEM != nil:
		data, what = []byte(h.CertificatePEM.Take().Reveal()), "certificate and private key (PEM)"
	}
	if file == nil {
		if p.json() {
			return p.writeJSON(h)
		}
		if p.term.OutIsTTY && h.CertificatePFX != nil {
			return fault.BadField("out", "A PFX file is not for a terminal.", "Name a file with --out FILE.")
		}
		if p.term.OutIsTTY {
			data = append(data, '\n')
		}
		if _, err := p.term.Out.Write(data); err != nil {
			return fmt.Errorf("writing the credential: %w", err)
		}
		return nil
	}
	if err := file.Commit(data); err != nil {
		return err
	}
	p.term.Say("Wrote the %s of %s to %s. Application %s, tenant %s.", what, h.Account.Name, cmd.Out, h.ApplicationID, h.TenantID)
	if p.json() {
		public := *h
		public.Secret, public.CertificatePEM, public.CertificatePFX = nil, nil, nil
		return p.writeJSON(public)
	}
	return nil
}

func acknowledge(ctx context.Context, c *client.Client, p *program, h *resource.HandOver) error {
	a, err := c.Acknowledge(ctx, h.Account.Name)
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.WithMeaning("The credential was written, but the hand-over is not acknowledged: an old credential is kept until it is.").
			WithRemedy("Run the hand-over again.")
	}
	if err != nil {
		return err
	}
	if a.Credential == nil || a.Credential.ID != h.Credential.ID {
		return fault.New(fault.Conflict, "The credential of %s was replaced while it was handed over.", h.Account.Name).
			WithMeaning("What was written is the one before.").WithRemedy("Run the hand-over again, before the old one is removed.")
	}
	p.term.Say("Acknowledged.")
	return nil
}
