package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

// History writes what happened to an account.
func History(w io.Writer, events []resource.HistoryEvent, colour bool) error {
	t := terminal.Table{Head: []string{"WHEN", "WHAT", "WHO", "MORE"}, Colour: colour}
	for i := range events {
		e := &events[i]
		who := e.Who
		if e.Person != "" {
			who += ", as " + e.Person
		}
		t.Add(terminal.Cell{Text: moment(e.At)}, terminal.Cell{Text: e.Title, Style: outcomeStyle(e)}, terminal.Cell{Text: who}, terminal.Cell{Text: e.Detail})
	}
	return t.Write(w)
}

func outcomeStyle(e *resource.HistoryEvent) terminal.Style {
	switch {
	case e.Kind == "check" && e.Outcome != "":
		return styleOf(account.State(e.Outcome))
	case e.Outcome == "":
		return terminal.Plain
	}
	return operationStyle(account.OperationState(e.Outcome))
}

// EditPreview writes what an edit would change, and what speaks against it.
func EditPreview(w io.Writer, p *resource.EditPreview, colour bool) error {
	s := terminal.Sheet{Colour: colour}
	for _, c := range p.Changes {
		label, style := "Here", terminal.Plain
		if c.Where == "azure" {
			label = "In Azure"
			if c.Needs != "nothing" {
				style = terminal.Yellow
			}
		}
		s.Add(label, terminal.Cell{Text: c.Title + ".", Style: style})
		s.Add("", terminal.Cell{Text: c.Detail})
	}
	for _, i := range p.Issues {
		label, style := "Warning", terminal.Yellow
		if i.Severity == "error" {
			label, style = "Not possible", terminal.Red
		}
		s.Add(label, terminal.Cell{Text: i.Message, Style: style})
		s.Add("", terminal.Cell{Text: i.Remedy})
	}
	if len(p.Changes)+len(p.Issues) == 0 {
		s.Add("Nothing", terminal.Cell{Text: "The account is as it is to be."})
	}
	return s.Write(w)
}

// RemovalPreview writes what a removal would do, and what depends on the account.
func RemovalPreview(w io.Writer, p *resource.RemovalPreview, deleteApplication, deleteRoles, colour bool) error {
	s := terminal.Sheet{Colour: colour}
	for _, text := range p.Sentences {
		s.Add("", terminal.Cell{Text: text})
	}
	for i := range p.Credentials {
		c := &p.Credentials[i]
		fate := c.WhenKept
		if deleteApplication && c.WhenDeleted != "" {
			fate = c.WhenDeleted
		}
		s.Add(string(c.Slot)+" "+string(c.Kind), terminal.Cell{Text: fate})
	}
	label := "Roles that stay"
	if deleteRoles || deleteApplication {
		label = "Taken back"
	}
	for _, r := range p.Roles {
		where := r.ScopeName
		if where == "" {
			where = r.Scope
		}
		s.Add(label, terminal.Cell{Text: fmt.Sprintf("%s on %s", r.Role, where)})
		label = ""
	}
	return s.Write(w)
}

// Bulks writes what came of requests for many accounts.
func Bulks(w io.Writer, all []resource.Bulk, colour bool) error {
	t := terminal.Table{Head: []string{"ACCOUNT", "RESULT", "MORE"}, Colour: colour}
	for i := range all {
		for j := range all[i].Started {
			it := &all[i].Started[j]
			result, more := terminal.Cell{Text: string(it.Operation.State), Style: operationStyle(it.Operation.State)}, it.Operation.Summary
			// That a check was carried out says nothing: what counts is how it found the account.
			if f := it.Operation.Found; f != nil {
				result, more = terminal.Cell{Text: string(f.State), Style: styleOf(f.State)}, f.Meaning
			}
			if p := it.Operation.Problem; p != nil {
				more = p.Message
			}
			t.Add(terminal.Cell{Text: it.Account.Name}, result, terminal.Cell{Text: more})
		}
		for _, r := range all[i].Refused {
			t.Add(terminal.Cell{Text: r.Account.Name}, terminal.Cell{Text: "refused", Style: terminal.Red}, terminal.Cell{Text: r.Problem.Message})
		}
	}
	return t.Write(w)
}

// Found says how many accounts the checks of requests for many found in each state, the worst first: "1 expired, 4 valid".
// It is empty where nothing was checked.
func Found(all []resource.Bulk) string {
	counts := map[account.State]int{}
	for i := range all {
		for _, c := range all[i].Found {
			counts[c.State] += c.Count
		}
	}
	var parts []string
	for _, s := range slices.Backward(account.States()) {
		if n := counts[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	return strings.Join(parts, ", ")
}
