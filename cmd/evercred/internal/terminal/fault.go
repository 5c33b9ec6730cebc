package terminal

import (
	"errors"

	"github.com/evercred/evercred/internal/fault"
)

// Exit codes of every command. docs/cli.md and `evercred --help` list them.
const (
	ExitDone        = 0
	ExitInternal    = 1   // something failed inside Evercred, or Microsoft answered with an error it could not place
	ExitUsage       = 2   // wrong flags or a wrong input
	ExitNotFound    = 3   // the account or operation does not exist
	ExitRefused     = 4   // refused, a conflict, missing permissions, or a wrong API token
	ExitNeedsPerson = 5   // a choice or a sign-in is needed
	ExitSignIn      = 6   // the sign-in expired, was declined or was blocked
	ExitUnreachable = 7   // the Evercred server or Microsoft does not answer
	ExitCredential  = 8   // the credential was not accepted
	ExitInterrupted = 130 // stopped by Ctrl-C
)

// ErrDetached ends a command that was stopped by Ctrl-C and has already said what that means.
var ErrDetached = errors.New("detached")

// ExitCode maps an error to the program's exit code. This is the only such map.
func ExitCode(err error) int {
	if err == nil {
		return ExitDone
	}
	if errors.Is(err, ErrDetached) {
		return ExitInterrupted
	}
	switch fault.From(err).Code {
	case fault.Invalid:
		return ExitUsage
	case fault.NotFound:
		return ExitNotFound
	case fault.Refused, fault.Conflict, fault.Permission, fault.Unauthorized:
		return ExitRefused
	case fault.NeedsChoice, fault.NeedsSignIn:
		return ExitNeedsPerson
	case fault.SignIn:
		return ExitSignIn
	case fault.Unreachable:
		return ExitUnreachable
	case fault.Credential:
		return ExitCredential
	}
	return ExitInternal
}

// SayFault writes an error in up to three lines: what happened, what it means, what to do. flagOf names the flag behind
// a field of the REST API, or returns "".
func (t *Terminal) SayFault(err error, flagOf func(field string) string) {
	f := fault.From(err)
	first := Clean(f.Message)
	if f.Field != "" {
		where := Clean(f.Field)
		if flag := flagOf(f.Field); flag != "" {
			where += " (" + flag + ")"
		}
		first = where + ": " + first
	}
	if f.Source != "" {
		first += " [" + Clean(f.Source) + "]"
	}
	t.Say("evercred: %s", first)
	if f.Meaning != "" {
		t.Say("  What it means: %s", Clean(f.Meaning))
	}
	if f.Remedy != "" {
		t.Say("  What to do: %s", Clean(f.Remedy))
	}
}
