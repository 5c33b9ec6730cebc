package main

import (
	"context"
	"strings"

	"github.com/evercred/evercred/cmd/evercred/internal/view"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
)

// filter has the flags that select accounts.
type filter struct {
	Search string   `placeholder:"WORDS" help:"Only accounts with these words in name, description, ids, subscriptions or what uses them."`
	State  []string `placeholder:"STATE" help:"Only accounts in these states, e.g. expired,expiring."`
	Cloud  string   `placeholder:"CLOUD" help:"Only accounts in this cloud."`
	Tenant string   `placeholder:"ID" help:"Only accounts of this tenant."`
	Origin string   `placeholder:"ORIGIN" help:"Only accounts whose application Evercred made (created) or found (existing)."`
	Method string   `placeholder:"METHOD" help:"Only accounts that authenticate with a secret or a certificate."`
}

func (f *filter) filter() client.Filter {
	out := client.Filter{Search: f.Search, Cloud: f.Cloud, Tenant: f.Tenant, Origin: account.Origin(f.Origin), Method: account.Kind(f.Method)}
	for _, s := range f.State {
		out.States = append(out.States, account.State(strings.TrimSpace(s)))
	}
	return out
}

func (f *filter) empty() bool {
	return f.Search == "" && len(f.State) == 0 && f.Cloud == "" && f.Tenant == "" && f.Origin == "" && f.Method == ""
}

// order is the flag that sorts accounts.
type order struct {
	Sort string `placeholder:"KEY" help:"name, description, expires, state, permissions, subscriptions, last_check, created or updated; -KEY (as --sort=-state) for the other direction."`
}

type accountListCmd struct {
	filter
	order
	Limit  int `placeholder:"N" help:"At most so many accounts; all if left out."`
	Offset int `placeholder:"N" help:"Leave out so many at the beginning."`
}

// Run prints the accounts that the flags select.
func (cmd *accountListCmd) Run(ctx context.Context, p *program) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	f := cmd.filter.filter()
	f.Sort = cmd.Sort
	var list *resource.AccountList
	if cmd.Limit == 0 && cmd.Offset == 0 {
		list, err = c.AllAccounts(ctx, f)
	} else {
		list, err = c.Accounts(ctx, f, client.Page{Limit: cmd.Limit, Offset: cmd.Offset})
	}
	if err != nil {
		return err
	}
	if p.json() {
		return p.writeJSON(list.Accounts)
	}
	switch {
	case list.Total == 0:
		p.term.Say("There are no accounts yet. Add one with `evercred account add NAME`.")
		return nil
	case list.Matched == 0:
		p.term.Say("None of the %d accounts is selected.", list.Total)
		return nil
	}
	if err := view.Accounts(p.term.Out, list, p.term.Colour); err != nil {
		return err
	}
	if n := len(list.Accounts); n < list.Matched {
		p.term.Say("%d of %d accounts. See others with --offset.", n, list.Matched)
	}
	return nil
}
