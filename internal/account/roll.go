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
