package account

import "time"

// RollsItself reports whether the account's own certificate can sign for a change of its certificates at now (Microsoft
// Graph, addKey and removeKey): then no person and no permission is needed. That takes the application's object id, which a
// person's sign-in brings, and a certificate that is not known to be off the application.
func (a *Account) RollsItself(now time.Time) bool {
	c := a.Current()
	if c == nil || c.Kind != Certificate || c.Expired(now) || a.ApplicationObjectID == "" || c.ApplicationID != a.ApplicationID {
		return false
	}
	return a.Check == nil || a.Check.CredentialID != c.ID || a.Check.State != CertificateMismatch
}

// RenewalDue reports whether the policy wants the current credential to be renewed by itself at now: within its time before
// the end, and in the last third of a credential that lives shorter than three times that.
func (a *Account) RenewalDue(now time.Time) bool {
	from := a.RenewalFrom()
	return from != nil && !now.Before(*from)
}

// RenewalFrom is when the policy wants the current credential to be renewed by itself; nil where it does not.
func (a *Account) RenewalFrom() *time.Time {
	c := a.Current()
	if c == nil || !a.Policy.Automatic || c.ExpiresAt == nil {
		return nil
	}
	before := time.Duration(a.Policy.RenewBefore)
	if before == 0 {
		before = DefaultRenewBefore
	}
	return c.lastPart(before)
}
