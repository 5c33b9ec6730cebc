package account

import (
	"slices"
	"time"
)

// Fate is what will happen to a credential, as the engine has it planned.
type Fate struct {
	Text string     // for people, one or two sentences
	At   *time.Time // when, where a time is known
}

// FateOf says what will happen to a credential of an account; nil where nothing will. open are the account's operations
// that have not ended.
func FateOf(a *Account, c *Credential, now time.Time, open []*Operation) *Fate {
	switch c.Slot {
	case Next:
		return fateOfNext(c, open)
	case Current:
		return fateOfCurrent(a, c, now)
	case Retiring:
		return fateOfRetiring(a, c, now, open)
	}
	return nil
}

func fateOfNext(c *Credential, open []*Operation) *Fate {
	for _, op := range open {
		if op.Facts.CredentialID != c.ID && !op.Holds() {
			continue
		}
		if op.Facts.RollingBack {
			return &Fate{Text: "It is being taken back: the " + op.Kind.Noun() + " did not succeed. The credential in use stays."}
		}
		return &Fate{Text: "It was added and is being proven. The one in use stays in use until Microsoft Entra accepts the new one everywhere."}
	}
	return &Fate{Text: "It was added and is not in use."}
}

func fateOfCurrent(a *Account, c *Credential, now time.Time) *Fate {
	if c.AcknowledgedAt != nil || !c.Made() && len(a.Retiring()) == 0 {
		if from := a.RenewalFrom(); from != nil && a.RollsItself(now) {
			return &Fate{Text: "It signs for its successor, which is made by itself from " + Moment(*from) + " on.", At: from}
		}
		return nil
	}
	text := "It has not been handed over: the software that uses the account does not have it yet."
	switch {
	case c.DisclosedAt != nil:
		text = "It was handed over on " + Moment(*c.DisclosedAt) + ", and nobody has said that the software that uses the account has it."
	case !c.Made():
		text = "Nobody has said that the software that uses the account has it."
	}
	if len(a.Retiring()) > 0 {
		text += " Until that is acknowledged, the one before is kept."
	}
	return &Fate{Text: text}
}

// fateOfRetiring tells the way that planRetire and the acknowledgement of package renewal go.
func fateOfRetiring(a *Account, c *Credential, now time.Time, open []*Operation) *Fate {
	end := "ends by itself on "
	switch {
	case c.ExpiresAt == nil:
		end = "stays on the application until somebody removes it there"
	default:
		end += Moment(*c.ExpiresAt)
	}
	var at *time.Time
	if !c.Expired(now) {
		at = c.ExpiresAt
	}
	removal := removalOf(c, open)
	switch {
	case !c.Made() && c.Expired(now):
		return &Fate{Text: "It has ended. Evercred did not make it and leaves it on the application."}
	case !c.Made():
		return &Fate{Text: "Evercred did not make it and leaves it alone: it " + end + ".", At: at}
	case sameKey(a.Current(), c):
		return &Fate{Text: "It is the credential in use under another record, so it is kept."}
	case c.Expired(now) && (removal == nil || removal.Kind == OpRetire && !removal.Facts.NoRights):
		return &Fate{Text: "It ended by itself on " + Moment(*c.ExpiresAt) + ". It is taken from the application when rights are at hand."}
	case removal == nil:
		return keptFor(a, c, end, at)
	case removal.Kind != OpRetire:
		return &Fate{Text: "It is removed in the " + removal.Kind.Noun() + " that is under way, once the new one is in use."}
	case removal.Facts.DueAt != nil && now.Before(*removal.Facts.DueAt):
		return &Fate{
			Text: "It keeps working until " + Moment(*removal.Facts.DueAt) + ". Then it is removed if the account may do that itself, else by the next sign-in for the account; else it " + end + ".",
			At:   removal.Facts.DueAt,
		}
	case removal.Facts.NoRights && c.Expired(now):
		return &Fate{Text: "It has ended by itself and is being taken from the list.", At: c.ExpiresAt}
	case removal.Facts.NoRights:
		return &Fate{Text: "Its time is over, but nobody at hand may remove it. The next sign-in for the account removes it; else it " + end + ".", At: at}
	}
	return &Fate{Text: "Its time is over; it is being removed.", At: removal.Facts.DueAt}
}

// keptFor is the fate of a credential whose removal waits for the acknowledgement of its successor.
func keptFor(a *Account, c *Credential, end string, at *time.Time) *Fate {
	text := "It is kept until the hand-over of the new one is acknowledged"
	if cur := a.Current(); cur != nil && cur.AcknowledgedAt != nil {
		text += " once more"
	}
	if soak := time.Duration(c.Soak); soak > 0 {
		text += ", and " + Span(soak) + " after that"
	}
	return &Fate{Text: text + ". Then it is removed when rights are at hand, at the latest by the next sign-in for the account; else it " + end + ".", At: at}
}

func sameKey(cur, c *Credential) bool {
	return cur != nil && c.KeyID != "" && cur.KeyID == c.KeyID && cur.ApplicationID == c.ApplicationID
}

// removalOf returns the open operation that removes a credential, or nil.
func removalOf(c *Credential, open []*Operation) *Operation {
	for _, op := range open {
		if slices.Contains(op.Facts.Retire, c.ID) {
			return op
		}
	}
	return nil
}
