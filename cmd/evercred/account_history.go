package main

import (
	"context"

	"github.com/evercred/evercred/cmd/evercred/internal/view"
	"github.com/evercred/evercred/internal/api/resource"
)

type accountHistoryCmd struct {
	Name  string `arg:"" help:"Name of the account, or its id, also of one that was removed."`
	Limit int    `default:"50" placeholder:"N" help:"At most so many events, the newest; 0 for all."`
}

// historyPage is how many events are asked for at a time.
const historyPage = 500

// Run prints what happened to an account, newest first.
func (cmd *accountHistoryCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	events, before, more := []resource.HistoryEvent{}, int64(0), true
	for more && (cmd.Limit <= 0 || len(events) < cmd.Limit) {
		n := historyPage
		if cmd.Limit > 0 {
			n = min(n, cmd.Limit-len(events))
		}
		page, err := c.History(ctx, cmd.Name, before, n)
		if err != nil {
			return err
		}
		events = append(events, page.Events...)
		before, more = page.NextBefore, page.NextBefore > 0
	}
	if p.json() {
		return p.writeJSON(events)
	}
	if err := view.History(p.term.Out, events, p.term.Colour); err != nil {
		return err
	}
	if more {
		p.term.Say("There is more: --limit 0 shows all.")
	}
	return nil
}
