package view

import (
	"io"
	"strconv"
	"strings"

	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/signin"
)

// SignIns writes a list of sign-ins.
func SignIns(w io.Writer, all []resource.SignInSession, colour bool) error {
	t := terminal.Table{Head: []string{"ID", "STATE", "METHOD", "PERSON", "ENDS"}, Colour: colour}
	for i := range all {
		s := &all[i]
		ends := ""
		if s.EndsAt != nil {
			ends = moment(*s.EndsAt)
		}
		style := terminal.Yellow
		switch s.State {
		case account.SignInDone:
			style = terminal.Green
		case account.SignInFailed:
			style = terminal.Red
		case account.SignInEnded:
			style = terminal.Plain
		}
		t.Add(terminal.Cell{Text: s.ID}, terminal.Cell{Text: s.State, Style: style}, terminal.Cell{Text: string(s.Method)},
			terminal.Cell{Text: s.Person}, terminal.Cell{Text: ends})
	}
	return t.Write(w)
}

// Tenants writes the tenants that a person is in.
func Tenants(w io.Writer, all []resource.SignInTenant, colour bool) error {
	t := terminal.Table{Head: []string{"TENANT", "NAME", "ACCESS", "MAY REGISTER APPLICATIONS"}, Colour: colour}
	for i := range all {
		v := &all[i]
		style := terminal.Red
		switch v.Access {
		case signin.Available:
			style = terminal.Green
		case signin.UnknownAccess:
			style = terminal.Yellow
		case signin.MFARequired, signin.GuestDisabled, signin.TokenError:
		}
		t.Add(terminal.Cell{Text: v.ID}, terminal.Cell{Text: v.Name}, terminal.Cell{Text: words(string(v.Access)), Style: style},
			terminal.Cell{Text: words(v.Registration)})
	}
	return t.Write(w)
}

// Subscriptions writes the subscriptions that a person sees.
func Subscriptions(w io.Writer, all []resource.SignInSubscription, colour bool) error {
	t := terminal.Table{Head: []string{"SUBSCRIPTION", "NAME", "STATE", "MAY ASSIGN ROLES"}, Colour: colour}
	for i := range all {
		s := &all[i]
		t.Add(terminal.Cell{Text: s.ID}, terminal.Cell{Text: s.Name}, terminal.Cell{Text: s.State}, terminal.Cell{Text: string(s.MayAssignRoles), Style: mayStyle(s.MayAssignRoles)})
	}
	return t.Write(w)
}

// ManagementGroups writes the management groups that a person sees.
func ManagementGroups(w io.Writer, all []resource.SignInManagementGroup, colour bool) error {
	t := terminal.Table{Head: []string{"MANAGEMENT GROUP", "NAME", "BELOW", "SUBSCRIPTIONS", "MAY ASSIGN ROLES"}, Colour: colour}
	for i := range all {
		g := &all[i]
		t.Add(terminal.Cell{Text: g.ID}, terminal.Cell{Text: g.Name}, terminal.Cell{Text: g.Parent}, terminal.Cell{Text: strconv.Itoa(len(g.Subscriptions))},
			terminal.Cell{Text: string(g.MayAssignRoles), Style: mayStyle(g.MayAssignRoles)})
	}
	return t.Write(w)
}

func mayStyle(a signin.Answer) terminal.Style {
	switch a {
	case signin.Yes:
		return terminal.Green
	case signin.No:
		return terminal.Red
	case signin.Unknown:
	}
	return terminal.Yellow
}

func words(name string) string { return strings.ReplaceAll(name, "_", " ") }
