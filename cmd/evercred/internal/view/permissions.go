package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/permission"
)

// Permissions writes what was found of an account's purposes: a table of the purposes, and then each list of what is
// missing once, with the purposes and scopes that lack it.
func Permissions(w io.Writer, name string, p *resource.Permissions, colour bool) error {
	s := terminal.Sheet{Colour: colour}
	plain := func(label, text string) { s.Add(label, terminal.Cell{Text: text}) }
	plain("Account", name)
	if p.Profile == permission.DefaultProfile {
		plain("Profile", p.Profile+": the Azure roles of the account")
	} else {
		plain("Profile", p.Profile+" "+p.ProfileVersion)
	}
	if p.AsOf != nil {
		plain("Checked", moment(*p.AsOf))
	}
	plain("Result", p.Summary.Text)
	plain("Note", p.StaleNote)
	if err := s.Write(w); err != nil {
		return err
	}
	if len(p.Summary.Purposes) == 0 {
		return nil
	}
	t := terminal.Table{Head: []string{"PURPOSE", "HELD", "MISSING", "NOT KNOWN"}, Colour: colour}
	for _, c := range p.Summary.Purposes {
		t.Add(terminal.Cell{Text: c.Title}, number(c.Success, terminal.Green), number(c.Missing, terminal.Red), number(c.Unknown, terminal.Yellow))
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	if err := t.Write(w); err != nil {
		return err
	}
	return writeLacks(w, p.Rows)
}

// number is a count; one that is zero is a dash.
func number(n int, style terminal.Style) terminal.Cell {
	if n == 0 {
		return terminal.Cell{Text: "–"}
	}
	return terminal.Cell{Text: fmt.Sprint(n), Style: style}
}

// lackOf is what several rows lack alike.
type lackOf struct {
	row      *resource.PermissionRow
	scopes   []string
	purposes []string
}

func writeLacks(w io.Writer, rows []resource.PermissionRow) error {
	known := map[string]*lackOf{}
	var all []*lackOf
	for i := range rows {
		r := &rows[i]
		if r.Result == "success" {
			continue
		}
		key := fmt.Sprintf("%s %q %q %q", r.Result, r.Reason, r.MissingActions, r.MissingDataActions)
		l := known[key]
		if l == nil {
			l = &lackOf{row: r}
			known[key] = l
			all = append(all, l)
		}
		if scope := scopeText(r); !slices.Contains(l.scopes, scope) {
			l.scopes = append(l.scopes, scope)
		}
		if !slices.Contains(l.purposes, r.Title) {
			l.purposes = append(l.purposes, r.Title)
		}
	}
	var b strings.Builder
	for _, l := range all {
		verb := "Missing for "
		if l.row.Result == "unknown" {
			verb = "Not known for "
		}
		b.WriteString("\n" + terminal.Clean(verb+few(l.purposes)+" on "+few(l.scopes)) + ":\n")
		if l.row.Reason != "" {
			b.WriteString("  " + terminal.Clean(l.row.Reason) + "\n")
		}
		for _, a := range l.row.MissingActions {
			b.WriteString("  " + terminal.Clean(a) + "\n")
		}
		for _, a := range l.row.MissingDataActions {
			b.WriteString("  " + terminal.Clean(a) + " (data action)\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func scopeText(r *resource.PermissionRow) string {
	if r.ScopeName == "" {
		return r.Scope
	}
	return r.ScopeName + " (" + r.Scope + ")"
}

// few names some of many.
func few(names []string) string {
	const most = 5
	if more := len(names) - most; more > 0 {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ")
}

// PermissionProfiles writes the permission profiles and their purposes.
func PermissionProfiles(w io.Writer, all []resource.PermissionProfile, colour bool) error {
	t := terminal.Table{Head: []string{"PROFILE", "PURPOSE", "ACTIONS", "DATA ACTIONS", "WHAT FOR"}, Colour: colour}
	for i := range all {
		p := &all[i]
		if len(p.Purposes) == 0 {
			t.Add(terminal.Cell{Text: p.Name}, terminal.Cell{Text: "–"}, terminal.Cell{Text: "–"}, terminal.Cell{Text: "–"},
				terminal.Cell{Text: "Azure roles: " + strings.Join(p.Roles, ", ")})
		}
		for _, q := range p.Purposes {
			t.Add(terminal.Cell{Text: p.Name + " " + p.Version}, terminal.Cell{Text: q.Name}, terminal.Cell{Text: fmt.Sprint(len(q.Actions))},
				number(len(q.DataActions), terminal.Plain), terminal.Cell{Text: q.Title})
		}
	}
	return t.Write(w)
}
