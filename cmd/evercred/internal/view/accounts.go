// Package view writes what the server knows for people: tables and sheets that fit 100 columns. Scripts use -o json.
package view

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/permission"
)

// Accounts writes a list of accounts.
func Accounts(w io.Writer, list *resource.AccountList, colour bool) error {
	t := terminal.Table{Head: []string{"NAME", "AUTHENTICATION", "EXPIRES", "STATE", "NEXT STEP"}, Colour: colour}
	for i := range list.Accounts {
		a := &list.Accounts[i]
		kind, expires := "none", "–"
		if a.Method != "" {
			kind, expires = string(a.Method), endsAt(a.ExpiresAt, list.AsOf)
		}
		t.Add(terminal.Cell{Text: a.Name}, terminal.Cell{Text: kind}, terminal.Cell{Text: expires},
			terminal.Cell{Text: string(a.State), Style: styleOf(a.State)}, terminal.Cell{Text: nextStep(a)})
	}
	return t.Write(w)
}

// nextStep is the remedy in a few words; show has the whole of it.
func nextStep(a *resource.AccountSummary) string {
	switch a.State {
	case account.Expiring, account.Expired, account.SecretInvalid, account.CertificateMismatch:
		if a.Origin == account.Existing || a.Method == account.Certificate {
			return "connect"
		}
		return "renew"
	case account.AppNotFound, account.ServicePrincipalMissing:
		if a.Origin == account.Existing {
			return "connect"
		}
		return "recreate"
	case account.PermissionsMissing, account.NoSubscriptions:
		return "assign roles"
	case account.AppDisabled:
		return "enable it"
	case account.Blocked:
		return "change the policy"
	case account.NeedsSignIn:
		return "resume"
	case account.Unreachable:
		return "check network"
	case account.Unknown:
		return "check"
	}
	if a.HandOverPending {
		return "hand-over"
	}
	return "–"
}

// ToHandOver reports whether Evercred made the credential in use and nobody has said that the software has it.
func ToHandOver(a *resource.Account) bool {
	c := a.Credential
	return c != nil && c.MadeBy == resource.MadeByEvercred && c.AcknowledgedAt == nil
}

func styleOf(s account.State) terminal.Style {
	switch s {
	case account.Valid:
		return terminal.Green
	case account.Expiring, account.Unknown, account.NeedsSignIn:
		return terminal.Yellow
	}
	return terminal.Red
}

// ends says when a credential ends, by the clock of the account's cloud.
func ends(c *resource.Credential, asOf time.Time) string { return endsAt(c.ExpiresAt, asOf) }

func endsAt(t *time.Time, asOf time.Time) string {
	if t == nil {
		return "unknown"
	}
	return t.Format(time.DateOnly) + ", " + account.Until(*t, asOf)
}

// Account writes all that is known of one account.
func Account(w io.Writer, a *resource.Account, colour bool) error {
	s := terminal.Sheet{Colour: colour}
	plain := func(label, text string) { s.Add(label, terminal.Cell{Text: text}) }
	plain("Account", a.Name)
	plain("Description", a.Description)
	s.Add("State", terminal.Cell{Text: string(a.State), Style: styleOf(a.State)})
	plain("Meaning", a.Meaning)
	plain("What to do", a.Remedy)
	if ToHandOver(a) {
		plain("Hand-over", "The software that uses the account still needs this credential: `evercred account hand-over "+a.Name+" --out FILE`.")
	}
	s.Break()
	plain("Cloud", a.Cloud)
	plain("Tenant", a.TenantID)
	if a.Steward {
		plain("Steward", "of its tenant: the other accounts there are renewed by its rights, without a person")
	}
	plain("Application", a.ApplicationID+", "+originText(a.Origin))
	if a.Credential == nil {
		plain("Authentication", "none")
	} else {
		credential(&s, a.Credential, a.AsOf)
	}
	policy := fmt.Sprintf("a new credential lives %s; an old one is kept %s after the hand-over", a.Policy.Lifetime, a.Policy.Soak)
	if a.Policy.Soak == "0s" {
		policy = fmt.Sprintf("a new credential lives %s; an old one is kept until the hand-over", a.Policy.Lifetime)
	}
	if a.Policy.Automatic {
		policy += "; where no person is needed it is renewed by itself, " + a.Policy.RenewBefore + " before its end"
	}
	plain("Policy", policy)
	purpose(plain, a)
	scope(&s, a)
	if err := s.Write(w); err != nil {
		return err
	}
	return otherCredentials(w, a, colour)
}

// purpose says what the account is for.
func purpose(plain func(label, text string), a *resource.Account) {
	if a.Profile == permission.DefaultProfile || a.Profile == "" {
		plain("Roles asked for", strings.Join(a.RoleSet, ", "))
	} else {
		plain("Profile", a.Profile+" "+a.ProfileVersion)
		purposes := strings.Join(a.Purposes, ", ")
		if purposes == "" {
			purposes = "all"
		}
		plain("Purposes", purposes)
	}
	plain("Used by", strings.Join(a.UsedBy, "; "))
	for _, r := range a.MadeRoles {
		plain("Custom role", r.Name+" ("+r.ID+"), made by Evercred")
	}
	plain("Management group", a.ManagementGroup)
}

func originText(o account.Origin) string {
	if o == account.Created {
		return "made by Evercred"
	}
	return "specified by you"
}

func credential(s *terminal.Sheet, c *resource.Credential, asOf time.Time) {
	plain := func(label, text string) { s.Add(label, terminal.Cell{Text: text}) }
	kind := string(c.Kind)
	if c.KeyID != "" {
		kind += ", key id " + c.KeyID
	}
	plain("Authentication", kind)
	plain("Subject", c.Subject)
	plain("Thumbprint", c.Thumbprint)
	if c.StartsAt != nil {
		plain("Valid from", moment(*c.StartsAt))
	}
	if c.ExpiresAt != nil {
		plain("Expires", moment(*c.ExpiresAt)+", "+account.Until(*c.ExpiresAt, asOf))
	} else {
		plain("Expires", strings.TrimSuffix("unknown: "+c.ExpiresReason, ": "))
	}
	if c.ProvenAt != nil {
		plain("Last proven", moment(*c.ProvenAt)+", "+account.Until(*c.ProvenAt, asOf))
	}
	if c.AcknowledgedAt != nil {
		plain("Handed over", moment(*c.AcknowledgedAt))
	}
	plain("Note", c.Note)
}

// scope lists the subscriptions, with what the last check found on each.
func scope(s *terminal.Sheet, a *resource.Account) {
	found := map[string]resource.SubscriptionCheck{}
	if a.Check != nil {
		s.Add("Last check", terminal.Cell{Text: moment(a.Check.At) + ", " + string(a.Check.State), Style: terminal.Plain})
		s.Add("", terminal.Cell{Text: a.Check.Detail})
		if a.Check.StaleNote != "" {
			s.Add("", terminal.Cell{Text: a.Check.StaleNote + " It says nothing of what is asked for now: `evercred account check " + a.Name + "`.", Style: terminal.Yellow})
		}
		for _, c := range a.Check.Subscriptions {
			found[c.ID] = c
		}
	}
	label := "Subscriptions"
	for _, sub := range a.Subscriptions {
		text := sub.ID
		if sub.Name != "" {
			text = sub.Name + " (" + sub.ID + ")"
		}
		c, checked := found[sub.ID]
		style := terminal.Plain
		if checked {
			text += ": " + findings(&c)
			if c.Result == account.ResultMissing {
				style = terminal.Red
			}
		}
		s.Add(label, terminal.Cell{Text: text, Style: style})
		label = ""
	}
}

func findings(c *resource.SubscriptionCheck) string {
	parts := []string{}
	for _, r := range c.Roles {
		text := r.Role + " " + resultText(r.Result)
		if r.Reason != "" {
			text += " (" + r.Reason + ")"
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		parts = append(parts, resultText(c.Result))
	}
	text := strings.Join(parts, "; ")
	if c.Reason != "" {
		text += " – " + c.Reason
	}
	return text
}

func resultText(r string) string {
	if r == account.ResultNotChecked {
		return "not checked"
	}
	return r
}

func otherCredentials(w io.Writer, a *resource.Account, colour bool) error {
	t := terminal.Table{Head: []string{"OTHER CREDENTIALS", "KIND", "EXPIRES", "MADE BY", "NOTE"}, Colour: colour}
	for i := range a.Credentials {
		c := &a.Credentials[i]
		if c.Slot == account.Current {
			continue
		}
		t.Add(terminal.Cell{Text: string(c.Slot) + " " + short(c.KeyID)}, terminal.Cell{Text: string(c.Kind)},
			terminal.Cell{Text: ends(c, a.AsOf)}, terminal.Cell{Text: c.MadeBy}, terminal.Cell{Text: c.Note})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return t.Write(w)
}

func short(id string) string { return id[:min(len(id), 8)] }

func moment(t time.Time) string { return account.Moment(t) }
