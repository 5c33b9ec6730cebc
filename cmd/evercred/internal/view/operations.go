package view

import (
	"fmt"
	"io"

	"github.com/evercred/evercred/cmd/evercred/internal/follow"
	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

// Operations writes a list of operations.
func Operations(w io.Writer, all []resource.Operation, colour bool) error {
	t := terminal.Table{Head: []string{"ID", "ACCOUNT", "KIND", "STATE", "STARTED"}, Colour: colour}
	for i := range all {
		o := &all[i]
		t.Add(terminal.Cell{Text: o.ID}, terminal.Cell{Text: o.Account.Name}, terminal.Cell{Text: string(o.Kind)},
			terminal.Cell{Text: string(o.State), Style: operationStyle(o.State)}, terminal.Cell{Text: moment(o.CreatedAt)})
	}
	return t.Write(w)
}

func operationStyle(s account.OperationState) terminal.Style {
	switch s {
	case account.OpDone:
		return terminal.Green
	case account.OpFailed:
		return terminal.Red
	case account.OpCancelled:
		return terminal.Plain
	}
	return terminal.Yellow
}

// Operation writes one operation with its steps.
func Operation(w io.Writer, o *resource.Operation, colour bool) error {
	s := terminal.Sheet{Colour: colour}
	plain := func(label, text string) { s.Add(label, terminal.Cell{Text: text}) }
	plain("Operation", o.ID)
	plain("What", o.Kind.Noun()+" of "+o.Account.Name)
	s.Add("State", terminal.Cell{Text: string(o.State), Style: operationStyle(o.State)})
	plain("Started", moment(o.CreatedAt)+" by "+o.StartedBy)
	if o.ClosedAt != nil {
		plain("Ended", moment(*o.ClosedAt))
	}
	plain("Summary", o.Summary)
	if in := o.SignIn; in != nil {
		switch {
		case in.State == account.SignInWaiting:
			plain("Sign-in", in.Message)
		case in.Person != "":
			plain("Sign-in", in.Person)
		}
	}
	if c := o.Choice; c != nil && o.State == account.OpWaitingChoice {
		plain("Question", c.Question+" "+c.Hint)
	}
	if p := o.Problem; p != nil {
		s.Add("Problem", terminal.Cell{Text: p.Message, Style: terminal.Red})
		plain("", p.Source)
		plain("Meaning", p.Meaning)
		plain("What to do", p.Remedy)
	}
	if o.State == account.OpNeedsSignIn {
		if o.Problem == nil || o.Problem.Meaning != o.Left {
			plain("Left to do", o.Left)
		}
		plain("Next", "`evercred operation resume "+o.ID+"`")
	}
	if err := s.Write(w); err != nil {
		return err
	}
	if len(o.Steps) > 0 {
		if _, err := fmt.Fprintln(w, "Steps"); err != nil {
			return err
		}
	}
	for i := range o.Steps {
		if _, err := fmt.Fprintln(w, follow.StepLine(&o.Steps[i])); err != nil {
			return err
		}
	}
	return nil
}
