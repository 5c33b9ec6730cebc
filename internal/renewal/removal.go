package renewal

import (
	"context"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/store"
)

// RemovalPreview is what the removal of an account would do, and what depends on the account.
type RemovalPreview struct {
	Account         *account.Account
	HandOverPending bool
	AcknowledgedAt  *time.Time // of the credential in use
	Deletable       bool       // the application, on request
	Why             string     // the application is or is not
	Operations      []*account.Operation
	Steward         bool     // other accounts of its tenant are renewed by its permissions
	RenewedByIt     []string // their names
	Sentences       []string // all of it, in words
}

// PreviewRemoval says what the removal of an account would do. Nothing is changed.
func (e *Engine) PreviewRemoval(ctx context.Context, by account.Caller, ref string) (*RemovalPreview, error) {
	a, err := e.store.Account(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	open, err := e.store.Operations(ctx, by, store.OperationQuery{AccountID: a.ID, OpenOnly: true})
	if err != nil {
		return nil, err
	}
	p := &RemovalPreview{Account: a, HandOverPending: a.HandOverPending(), Operations: open}
	if c := a.Current(); c != nil {
		p.AcknowledgedAt = c.AcknowledgedAt
	}
	if p.Deletable = a.Origin == account.Created; p.Deletable {
		p.Why = "Evercred made the application, so it can delete it too. That asks for a sign-in."
	} else {
		p.Why = "Evercred did not make the application, so it does not delete it."
	}
	if err := e.dependants(ctx, by, p); err != nil {
		return nil, err
	}
	p.tell()
	return p, nil
}

// dependants finds the accounts that are renewed by the permissions of this one.
func (e *Engine) dependants(ctx context.Context, by account.Caller, p *RemovalPreview) error {
	a := p.Account
	steward, err := e.stewardOf(ctx, a)
	if err != nil || steward != a.ID {
		return err
	}
	p.Steward = true
	page, err := e.store.List(ctx, by, store.AccountQuery{Cloud: a.Cloud, TenantID: a.TenantID, Except: []string{a.ID}}, e.clock.Now())
	if err != nil {
		return err
	}
	for _, other := range page.Accounts {
		p.RenewedByIt = append(p.RenewedByIt, other.Name)
	}
	return nil
}

// tell puts the preview in sentences, what weighs most first.
func (p *RemovalPreview) tell() {
	a := p.Account
	say := func(text string) { p.Sentences = append(p.Sentences, text) }
	for _, op := range p.Operations {
		if op.Holds() {
			say("A " + op.Kind.Noun() + " is not finished; it has to end, or to be cancelled, before the account can be removed.")
		}
	}
	if len(a.UsedBy) > 0 {
		say("Used by " + strings.Join(a.UsedBy, ", ") + ". What uses the account goes on working as long as the credential on the application does, but nobody renews it any more.")
	} else {
		say("Nobody has noted what uses the account. Evercred cannot see that by itself.")
	}
	switch {
	case p.HandOverPending:
		say("The hand-over of the credential in use is pending: its secret part is only here, and is destroyed.")
	case p.AcknowledgedAt != nil:
		say("The software that uses the account was given its present credential; that was acknowledged on " + account.Moment(*p.AcknowledgedAt) + ".")
	}
	if p.Steward {
		say("It is the steward of its tenant: " + count(len(p.RenewedByIt), "other account is", "other accounts are") + " renewed by its permissions, and would need a sign-in from then on.")
	}
	say("Evercred forgets the account and destroys the secret parts of its credentials. Its history stays.")
	if p.Deletable {
		say("The application " + a.ApplicationID + " stays in Microsoft Entra unless its deletion is asked for. Deleted, everything that uses it stops at once; Microsoft keeps it for 30 days.")
	} else {
		say("The application " + a.ApplicationID + " stays in Microsoft Entra: Evercred did not make it.")
	}
	if n := len(a.Made.Assignments); n > 0 {
		say("Evercred assigned " + count(n, "role", "roles") + " to it. They stay unless it is asked that they are taken back; roles of others are left alone.")
	}
	if n := len(a.Made.Roles); n > 0 {
		say("Evercred made " + count(n, "custom role", "custom roles") + " for it, which can be deleted along with that.")
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return itoa(n) + " " + many
}

// FateOnRemoval says what becomes of a credential when its account is removed: with the application left where it is, and
// with the application deleted. Both are empty for one that is not on the application any more.
func FateOnRemoval(a *account.Account, c *account.Credential, now time.Time) (kept, deleted string) {
	if c.Slot == account.Removed || c.Slot == account.Lost {
		return "", ""
	}
	kept = "It stays on the application"
	switch {
	case c.ExpiresAt == nil:
		kept += " until somebody removes it there"
	case c.Expired(now):
		kept += ", where it has ended"
	default:
		kept += " and works until " + account.Moment(*c.ExpiresAt)
	}
	kept += "; Evercred destroys its copy."
	if c.ApplicationID == a.ApplicationID && a.Origin == account.Created {
		deleted = "It goes with the application and stops working at once."
	}
	return kept, deleted
}
