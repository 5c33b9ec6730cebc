package main

import (
	"context"

	"github.com/evercred/evercred/internal/fault"
)

// confirm asks a person. what is the subject of the sentence that says that it was not confirmed.
func (p *program) confirm(ctx context.Context, question, what string) error {
	yes, err := p.term.Confirm(ctx, question)
	if err != nil {
		return err
	}
	if !yes {
		return fault.New(fault.Refused, "%s was not confirmed.", what).WithMeaning("Nothing was changed.").
			WithRemedy("Run it again and answer y, or add --yes.")
	}
	return nil
}
