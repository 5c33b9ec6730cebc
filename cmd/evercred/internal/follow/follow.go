// Package follow shows a person an operation while it runs on the server: the sign-in, each step as it ends, what it
// waits for, and how it ended. The operation itself never depends on anybody following it.
package follow

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
)

const (
	pollFor   = 2 * time.Second // one long poll: a server that hangs is noticed soon after
	leaveTime = 3 * time.Second // for the last words with the server after Ctrl-C
)

// Follower follows operations of one server.
type Follower struct {
	Client   *client.Client
	Terminal *terminal.Terminal
}

// Started follows an operation that this command has just started. Ctrl-C before anybody has signed in cancels it.
func (f *Follower) Started(ctx context.Context, o *resource.Operation) (*resource.Operation, error) {
	return f.follow(ctx, o, true)
}

// Resumed follows an operation that was there before. Ctrl-C leaves it alone.
func (f *Follower) Resumed(ctx context.Context, o *resource.Operation) (*resource.Operation, error) {
	return f.follow(ctx, o, false)
}

// follow returns the closed operation, or why it did not get that far: the operation's own problem, a choice or a sign-in
// that is needed, a server that has gone, or terminal.ErrDetached.
func (f *Follower) follow(ctx context.Context, o *resource.Operation, fresh bool) (*resource.Operation, error) {
	p := printer{terminal: f.Terminal, ended: map[int]bool{}, waits: map[int]string{}}
	for {
		p.show(o)
		var next *resource.Operation
		var err error
		switch {
		case o.Closed():
			return o, Outcome(o)
		case o.State == account.OpNeedsSignIn:
			return o, needsSignIn(o)
		case o.State == account.OpWaitingChoice && o.Choice != nil:
			next, err = f.choose(ctx, o)
		default:
			next, err = f.Client.Wait(ctx, o.ID, o.Version, pollFor)
		}
		switch {
		case err != nil && ctx.Err() != nil:
			return o, f.detach(ctx, o, fresh)
		case fault.Is(err, fault.Unreachable):
			return o, lost(o, err)
		case err != nil:
			return o, err
		}
		o = next
	}
}

// choose asks the operation's question. Where nobody can answer it is cancelled: an operation that waits for ever blocks
// its account.
func (f *Follower) choose(ctx context.Context, o *resource.Operation) (*resource.Operation, error) {
	if !f.Terminal.Asks {
		if _, err := f.Client.Cancel(ctx, o.ID); err != nil {
			return nil, err
		}
		return nil, unanswered(o)
	}
	f.Terminal.Say("%s", terminal.Clean(o.Choice.Question))
	if o.Choice.Hint != "" {
		f.Terminal.Say("%s", terminal.Clean(o.Choice.Hint))
	}
	for {
		answer, err := f.Terminal.Ask(ctx, strings.Join(o.Choice.Options, " or ")+"?")
		if err != nil {
			return nil, err
		}
		if slices.Contains(o.Choice.Options, answer) {
			return f.Client.Choose(ctx, o.ID, answer)
		}
		f.Terminal.Say("Answer with one of: %s. Ctrl-C leaves.", strings.Join(o.Choice.Options, ", "))
	}
}

// detach ends the following after Ctrl-C.
func (f *Follower) detach(ctx context.Context, o *resource.Operation, fresh bool) error {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTime)
	defer cancel()
	if now, err := f.Client.Operation(last, o.ID); err == nil {
		o = now
	}
	if o.Closed() {
		f.Terminal.Say("Stopped. The %s had ended already: `evercred operation show %s`.", o.Kind.Noun(), o.ID)
		return terminal.ErrDetached
	}
	if fresh && o.State == account.OpWaitingSignIn && untouched(o) {
		if _, err := f.Client.Cancel(last, o.ID); err == nil {
			f.Terminal.Say("Cancelled: nobody had signed in, and nothing was changed.")
			return terminal.ErrDetached
		}
	}
	f.Terminal.Say("Stopped following. The %s goes on at the server: `evercred operation show %s` shows it, `evercred operation resume %s` follows it.",
		o.Kind.Noun(), o.ID, o.ID)
	return terminal.ErrDetached
}

// untouched reports whether nothing has been done yet. A command can be given an older operation that is to be finished
// first, and that one must not be taken back because somebody stopped looking.
func untouched(o *resource.Operation) bool {
	return !slices.ContainsFunc(o.Steps, func(s resource.Step) bool { return s.Outcome == account.StepDone })
}

// Outcome is the error a closed operation stands for; nil if it was done.
func Outcome(o *resource.Operation) error {
	switch {
	case o.State == account.OpDone:
		return nil
	case o.Problem != nil:
		f := o.Problem.Fault()
		if f.Meaning == "" {
			f.Meaning = o.Summary
		}
		return f
	case o.State == account.OpCancelled:
		return fault.New(fault.Conflict, "The %s was cancelled.", o.Kind.Noun()).WithMeaning("%s", o.Summary).
			WithRemedy("Start it again when it is wanted.")
	}
	return fault.New(fault.Internal, "The %s failed.", o.Kind.Noun()).WithMeaning("%s", o.Summary).
		WithRemedy("Look at `evercred operation show %s`.", o.ID)
}

// unanswered is the fault of a question that nobody is there to answer, of an operation that was cancelled for that. It names
// the flags of the command that began the operation.
func unanswered(o *resource.Operation) *fault.Error {
	flags, done := make([]string, 0, len(o.Choice.Options)), "Nothing was changed."
	for _, option := range o.Choice.Options {
		switch {
		case option == "cancel":
		case option == string(account.Certificate) && o.Kind != account.OpRenew:
			flags = append(flags, "--method certificate")
		default:
			flags = append(flags, "--"+option)
		}
	}
	if o.Kind == account.OpAdd {
		done = "What was made so far is taken back."
	}
	return fault.New(fault.NeedsChoice, "%s", o.Choice.Question).WithMeaning("%s", strings.TrimSpace(o.Choice.Hint+" "+done)).
		WithRemedy("Run the command again with %s.", strings.Join(flags, " or "))
}

// NeedsChoice is the fault of a question that nobody is there to answer, of an operation that goes on waiting for it. Its
// options are flags of `evercred operation resume`.
func NeedsChoice(o *resource.Operation) *fault.Error {
	flags, leave := make([]string, 0, len(o.Choice.Options)), ""
	for _, option := range o.Choice.Options {
		if option == "cancel" {
			leave = " Or leave everything as it is: evercred operation cancel " + o.ID + "."
			continue
		}
		flags = append(flags, "--"+option)
	}
	meaning := strings.TrimSpace(o.Choice.Hint + " Nothing was changed.")
	return fault.New(fault.NeedsChoice, "%s", o.Choice.Question).WithMeaning("%s", meaning).
		WithRemedy("Run the command again with %s.%s", strings.Join(flags, " or "), leave)
}

func needsSignIn(o *resource.Operation) *fault.Error {
	f := fault.New(fault.NeedsSignIn, "The %s of %s is not finished: it has no rights left.", o.Kind.Noun(), o.Account.Name)
	if o.Problem != nil {
		f.Message, f.Source = o.Problem.Message, o.Problem.Source
	}
	return f.WithMeaning("Left to do: %s.", strings.TrimSuffix(o.Left, ".")).
		WithRemedy("Run `evercred operation resume %s` and sign in.", o.ID)
}

// lost is the fault of a server that went away while an operation was followed.
func lost(o *resource.Operation, err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	if o.Kind == account.OpConnect {
		return fault.New(fault.Unreachable, "%s", f.Message).
			WithMeaning("The credential was only in the server's memory until it was proven. Unless operation %s had ended, nothing was stored.", o.ID).
			WithRemedy("Start the server, then run the command again.").WithCause(err)
	}
	return fault.New(fault.Unreachable, "%s", f.Message).
		WithMeaning("The %s (operation %s) goes on when the server starts again.", o.Kind.Noun(), o.ID).
		WithRemedy("Start the server, then follow it with `evercred operation resume %s`.", o.ID).WithCause(err)
}
