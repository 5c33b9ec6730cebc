package account

import (
	"time"

	"github.com/evercred/evercred/internal/fault"
)

// Former returns the credential that a rollback goes back to: of those kept for that the one that was in use last, else one
// of an application that was replaced, which may have been restored since; nil if there is none.
func (a *Account) Former() *Credential {
	var kept, replaced *Credential
	for i := range a.Credentials {
		c := &a.Credentials[i]
		switch {
		case c.Slot == Retiring && !sameKey(a.Current(), c):
			kept = later(kept, c)
		case c.Slot == Lost && c.RetiredAt != nil && c.ApplicationID != a.ApplicationID:
			replaced = later(replaced, c)
		}
	}
	if kept != nil {
		return kept
	}
	return replaced
}

// later returns which of two credentials went out of use later; the first where that is not known.
func later(a, b *Credential) *Credential {
	if a == nil || b.RetiredAt != nil && (a.RetiredAt == nil || b.RetiredAt.After(*a.RetiredAt)) {
		return b
	}
	return a
}

// refuseRollback is the fault of a rollback that has nothing to go back to; else nil.
func refuseRollback(a *Account, now time.Time) *fault.Error {
	c := a.Former()
	switch {
	case c == nil:
		return fault.New(fault.Conflict, "%s has no former credential to go back to.", a.Name).
			WithMeaning("A credential can be gone back to from its replacement until it is removed. Nothing was changed.").
			WithRemedy("See `evercred account show %s`.", a.Name)
	case c.Expired(now):
		return fault.New(fault.Refused, "The former %s of %s ended on %s.", c.Kind.Noun(), a.Name, Moment(*c.ExpiresAt)).
			WithMeaning("Nothing can sign in with it any more. Nothing was changed.").
			WithRemedy("For a new one run `evercred account renew %s`.", a.Name)
	}
	return nil
}
