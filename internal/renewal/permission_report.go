package renewal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/permission"
)

// The results of a row of a permission report.
const (
	RowSuccess = "success"
	RowMissing = "missing"
	RowUnknown = "unknown"
)

// PermissionRow is what a check found of one purpose at one scope. Of the default profile the purposes are Azure roles.
type PermissionRow struct {
	Purpose, Title     string
	Scope, ScopeName   string // as Azure writes it; display name
	Result             string
	MissingActions     []string
	MissingDataActions []string
	Reason             string // why it is unknown, or what is wrong with all of the scope
}

// PurposeCount is how many scopes a purpose has each result at.
type PurposeCount struct {
	Name, Title               string
	Success, Missing, Unknown int
}

// PermissionReport is what the last check found of an account's purposes, scope by scope.
type PermissionReport struct {
	AsOf             *time.Time // of the check; nil before the first
	Profile, Version string
	Current          bool   // nothing has changed since that the check should have seen
	StaleNote        string // what has to be known before the rows are believed; empty if nothing
	Rows             []PermissionRow
	Purposes         []PurposeCount
	Scopes           int
	Missing          permission.Grant // all that is missing anywhere
	MissingScopes    []string         // where
	Text             string           // all of it in a sentence
}

// Permissions returns what the last check found of an account's purposes.
func (e *Engine) Permissions(ctx context.Context, by account.Caller, ref string) (*PermissionReport, error) {
	a, err := e.store.Account(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	return reportOf(a, e.clock.Now()), nil
}

// reportOf unfolds the last check of an account.
func reportOf(a *account.Account, now time.Time) *PermissionReport {
	p, err := permission.Lookup(a.Profile)
	if err != nil {
		p = &permission.Profile{Name: a.Profile, Version: "unknown"}
	}
	r := &PermissionReport{Profile: p.Name, Version: p.Version}
	c := a.Check
	if c == nil {
		r.Text = a.Name + " has not been checked yet."
		r.StaleNote = r.Text
		return r
	}
	at := c.At
	r.AsOf = &at
	stale := a.CheckStale()
	if cur := a.Current(); stale == "" && (cur == nil || cur.ID != c.CredentialID) {
		stale = "The credential has changed since the last check."
	}
	r.Current = stale == ""
	if stale != "" {
		r.StaleNote = stale + " Check again."
	}
	if granted := a.GrantedSince(now); granted != nil {
		r.StaleNote = strings.TrimSpace(r.StaleNote + " " + grantedText(a.Made, now))
	}
	if c.GroupReason != "" {
		r.Rows = append(r.Rows, PermissionRow{
			Purpose: "ManagementGroup", Title: "Reading the management group", Scope: account.ManagementGroupScope(a.ManagementGroup),
			ScopeName: a.ManagementGroup, Result: RowUnknown, Reason: c.GroupReason,
		})
	}
	r.Scopes = len(c.Subscriptions)
	if c.Permissions != nil {
		r.purposeRows(c, titles(c.Permissions.Profile))
	} else {
		r.roleRows(c, a.RoleSet)
	}
	r.count()
	r.Text = r.sentence()
	return r
}

// titles are those of a profile's purposes, by name.
func titles(profile string) map[string]string {
	out := map[string]string{}
	if p, err := permission.Lookup(profile); err == nil {
		for i := range p.Purposes {
			out[p.Purposes[i].Name] = p.Purposes[i].Title
		}
	}
	return out
}

func (r *PermissionReport) purposeRows(c *account.Check, title map[string]string) {
	r.Profile, r.Version = c.Permissions.Profile, c.Permissions.Version
	for i := range c.Subscriptions {
		s := &c.Subscriptions[i]
		f := c.Finding(s)
		for n, name := range c.Permissions.Purposes {
			row := PermissionRow{Purpose: name, Title: title[name], Scope: account.SubscriptionScope(s.ID), ScopeName: s.Name, Result: RowSuccess}
			if row.Title == "" {
				row.Title = name
			}
			if f == nil || f.Unknown != "" {
				row.Result, row.Reason = RowUnknown, s.Reason
			} else if at := slices.IndexFunc(f.Lacks, func(l account.Lack) bool { return l.Purpose == n }); at >= 0 {
				row.Result, row.Reason = RowMissing, s.Reason
				if s.Recent {
					row.Result = RowUnknown
				}
				row.MissingActions, row.MissingDataActions = c.Permissions.Missing(f.Lacks[at])
			}
			r.Rows = append(r.Rows, row)
		}
	}
}

func (r *PermissionReport) roleRows(c *account.Check, roles []string) {
	results := map[string]string{account.ResultOK: RowSuccess, account.ResultMissing: RowMissing, account.ResultNotChecked: RowUnknown}
	for i := range c.Subscriptions {
		s := &c.Subscriptions[i]
		row := PermissionRow{Scope: account.SubscriptionScope(s.ID), ScopeName: s.Name}
		for _, role := range s.Roles {
			one := row
			one.Purpose, one.Title, one.Result, one.Reason = role.Role, role.Role, results[role.Result], role.Reason
			one.MissingActions, one.MissingDataActions = role.MissingActions, role.MissingDataActions
			r.Rows = append(r.Rows, one)
		}
		for _, role := range roles {
			if len(s.Roles) > 0 {
				break // what was looked at is above
			}
			one := row
			one.Purpose, one.Title, one.Result, one.Reason = role, role, results[s.Result], s.Reason
			r.Rows = append(r.Rows, one)
		}
	}
}

// count adds the rows up.
func (r *PermissionReport) count() {
	position := map[string]int{}
	var actions, data []string
	lists := map[string]bool{} // hundreds of scopes lack the same list
	for _, row := range r.Rows {
		i, ok := position[row.Purpose]
		if !ok {
			i = len(r.Purposes)
			position[row.Purpose] = i
			r.Purposes = append(r.Purposes, PurposeCount{Name: row.Purpose, Title: row.Title})
		}
		switch row.Result {
		case RowSuccess:
			r.Purposes[i].Success++
		case RowUnknown:
			r.Purposes[i].Unknown++
		case RowMissing:
			r.Purposes[i].Missing++
			if n := len(r.MissingScopes); n == 0 || r.MissingScopes[n-1] != row.Scope {
				r.MissingScopes = append(r.MissingScopes, row.Scope)
			}
			if key := fmt.Sprint(row.MissingActions, row.MissingDataActions); !lists[key] {
				lists[key] = true
				actions, data = append(actions, row.MissingActions...), append(data, row.MissingDataActions...)
			}
		}
	}
	r.Missing = permission.Grant{Actions: permission.Reduce(actions), DataActions: permission.Reduce(data)}
}

// sentence says all of it in a sentence.
func (r *PermissionReport) sentence() string {
	missing, unknown := len(r.MissingScopes), 0
	for _, p := range r.Purposes {
		unknown += p.Unknown
	}
	n := r.Scopes
	what := fmt.Sprintf("%d of %d subscriptions", missing, n)
	switch {
	case len(r.Rows) == 0:
		return "There is nothing to check: the account has no subscriptions."
	case missing > 0 && unknown > 0:
		return "Something is missing on " + what + ", and not everything could be checked."
	case missing > 0:
		return "Something is missing on " + what + "."
	case unknown > 0:
		return "Nothing is known to be missing, but not everything could be checked."
	case n == 1:
		return "Nothing is missing on the one subscription."
	}
	return fmt.Sprintf("Nothing is missing on any of %d subscriptions.", n)
}
