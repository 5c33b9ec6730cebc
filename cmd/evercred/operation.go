package main

import (
	"context"

	"github.com/evercred/evercred/cmd/evercred/internal/follow"
	"github.com/evercred/evercred/cmd/evercred/internal/view"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
)

type operationCmd struct {
	connection
	List   operationListCmd   `cmd:"" help:"List operations, newest first."`
	Show   operationShowCmd   `cmd:"" help:"Show an operation and its steps."`
	Resume operationResumeCmd `cmd:"" help:"Follow an operation; sign in again, or answer its question, where it waits for that."`
	Cancel operationCancelCmd `cmd:"" help:"Cancel an operation; what it has made is taken back."`
}

type operationListCmd struct {
	Account string `placeholder:"NAME" help:"Only those of this account."`
}

// Run prints operations.
func (cmd *operationListCmd) Run(ctx context.Context, p *program) error {
	return answered(p, func(c *client.Client) ([]resource.Operation, error) { return c.Operations(ctx, cmd.Account) }, view.Operations)
}

type operationShowCmd struct {
	ID string `arg:"" help:"Id of the operation."`
}

// Run prints one operation.
func (cmd *operationShowCmd) Run(ctx context.Context, p *program) error {
	return answered(p, func(c *client.Client) (*resource.Operation, error) { return c.Operation(ctx, cmd.ID) }, view.Operation)
}

type operationResumeCmd struct {
	ID string `arg:"" help:"Id of the operation."`
	choice
	Certificate bool `xor:"choice" help:"Use a certificate, where the tenant forbids secrets."`
	signing
}

func (cmd *operationResumeCmd) option() string {
	if cmd.Certificate {
		return "certificate"
	}
	return cmd.choice.option()
}

// Run brings a waiting operation on and follows it to its end.
func (cmd *operationResumeCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	o, err := c.Operation(ctx, cmd.ID)
	if err != nil {
		return err
	}
	switch option := cmd.option(); {
	case o.State == account.OpNeedsSignIn, o.State == account.OpWaitingSignIn && (signInEnded(o) || cmd.signing.given()):
		id, done, err := cmd.useOf(ctx, p, c, o)
		if err != nil {
			return err
		}
		defer done()
		if o, err = c.SignIn(ctx, cmd.ID, resource.UseSignIn{SignIn: id}); err != nil {
			return err
		}
	case o.State == account.OpWaitingChoice && option != "":
		o, err = c.Choose(ctx, cmd.ID, option)
	case o.State == account.OpWaitingChoice && !p.term.Asks:
		return follow.NeedsChoice(o)
	}
	if err != nil {
		return err
	}
	if o, err = p.follower(c).Resumed(ctx, o); err != nil {
		return err
	}
	return p.operation(o)
}

func signInEnded(o *resource.Operation) bool {
	return o.SignIn == nil || o.SignIn.State == account.SignInEnded
}

type operationCancelCmd struct {
	ID string `arg:"" help:"Id of the operation."`
}

// Run cancels an operation and follows its rollback. The end that was asked for is no error.
func (cmd *operationCancelCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	o, err := c.Cancel(ctx, cmd.ID)
	if err != nil {
		return err
	}
	o, err = p.follower(c).Resumed(ctx, o)
	if err != nil && !(o.Closed() && o.State != account.OpDone) {
		return err
	}
	return p.operation(o)
}
