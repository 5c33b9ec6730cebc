package account

import "time"

// Kind is how a credential authenticates.
type Kind string

// The kinds.
const (
	Secret      Kind = "secret"
	Certificate Kind = "certificate"
	Federated   Kind = "federated"
)

// Noun is the kind in a sentence.
func (k Kind) Noun() string {
	switch k {
	case Certificate:
		return "certificate"
	case Federated:
		return "federated credential"
	case Secret:
	}
	return "secret"
}

// Slot is where a credential stands in its life.
type Slot string

// The slots. A credential moves next → current → retiring → removed; lost is one that Azure no longer knows.
const (
	Next     Slot = "next"
	Current  Slot = "current"
	Retiring Slot = "retiring"
	Removed  Slot = "removed"
	Lost     Slot = "lost"
)

// Credential is one client secret or certificate of an application. Its secret part is not here: it is sealed in the
// store and only Store.Material and Store.Disclose return it.
type Credential struct {
	ID                  string
	AccountID           string
	ApplicationID       string // the client id it belongs to: re-creation leaves credentials of the old application behind
	ApplicationObjectID string
	Kind                Kind
	Slot                Slot
	KeyID               string // Entra's key id; empty where Evercred has not learnt it
	Tag                 string // "evercred/<attempt>", the displayName it was added with; empty if Evercred did not make it
	Hint                string // first three characters of a secret
	Thumbprint          string // SHA-1 of a certificate's DER, upper-case hex, as the portal shows it
	Subject             string // of a certificate

	StartsAt  *time.Time
	ExpiresAt *time.Time
	EndReason string // why ExpiresAt is unknown, for people; empty when it is known

	AddedAt        time.Time
	ProvenAt       *time.Time // last good token answer
	DisclosedAt    *time.Time // last time it was handed over
	AcknowledgedAt *time.Time // the software that uses it has it
	RetiredAt      *time.Time
	Soak           Duration // how long it is kept after the acknowledgement of its successor
	RemovedAt      *time.Time
	Origin         Origin // of its application, noted when it went out of use; empty while it is in use
	Note           string // what a person should know of it, e.g. why it is still there
}

// Made reports whether Evercred made the credential. It removes only what it made.
func (c *Credential) Made() bool { return c.Tag != "" }

// Expired reports whether the credential has ended at now. An unknown end has not.
func (c *Credential) Expired(now time.Time) bool {
	return c.ExpiresAt != nil && !now.Before(*c.ExpiresAt)
}

// TagPrefix starts the display name of every credential that Evercred adds.
const TagPrefix = "evercred/"

// ExpiringFrom is when the credential begins to count as expiring: ExpiringWithin before its end, and one that lives shorter than
// three times that in the last third of its life. nil while its end is unknown.
func (c *Credential) ExpiringFrom() *time.Time { return c.lastPart(ExpiringWithin) }

// lastPart is a time before the end, or a third of the credential's life before it where that is known, whichever is later. nil
// while the end is unknown.
func (c *Credential) lastPart(before time.Duration) *time.Time {
	if c.ExpiresAt == nil {
		return nil
	}
	if c.StartsAt != nil {
		before = min(before, max(c.ExpiresAt.Sub(*c.StartsAt)/3, 0))
	}
	from := c.ExpiresAt.Add(-before)
	return &from
}
