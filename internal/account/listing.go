package account

// Severity orders the states as StatusOf does: of several that hold, the one with the highest severity is shown. What is no
// state counts as Valid.
func Severity(s State) int { return severity[s] }

// States are all states, the least severe first.
func States() []State {
	out := make([]State, len(severity))
	for s, n := range severity {
		out[n] = s
	}
	return out
}

// CheckedState is what the last check says of the credential in use, whatever the clock says; Unknown where it looked at
// another one, or where there is none in use.
func (a *Account) CheckedState() State {
	worst := Unknown
	if a.Check != nil && a.Check.CredentialID == currentID(a) {
		worst = a.Check.State
	}
	if _, known := severity[worst]; !known || a.Current() == nil && severity[Unknown] > severity[worst] {
		worst = Unknown
	}
	return worst
}

// HandOverPending reports whether Evercred made the credential in use and nobody has said that the software has it.
func (a *Account) HandOverPending() bool {
	c := a.Current()
	return c != nil && c.Made() && c.AcknowledgedAt == nil
}

// Permissions is in a word what the last check found of an account's permissions.
type Permissions string

// The words.
const (
	PermissionsHeld       Permissions = "success"
	PermissionsLacking    Permissions = "missing"
	PermissionsUnknown    Permissions = "unknown"     // something of the scope could not be looked at
	PermissionsNotChecked Permissions = "not_checked" // or with a credential, a scope or purposes that are not those of today
)

// PermissionState sums up the last check, with how many roles or purposes lack something, counted for each subscription.
func (a *Account) PermissionState() (state Permissions, missing int) {
	if a.Check == nil || a.Check.CredentialID != currentID(a) || a.CheckStale() != "" {
		return PermissionsNotChecked, 0
	}
	state = PermissionsUnknown // a check that did not get as far as a subscription has seen nothing
	for i, s := range a.Check.Subscriptions {
		if i == 0 {
			state = PermissionsHeld
		}
		switch s.Result {
		case ResultMissing:
			state = PermissionsLacking
		case ResultOK:
		default:
			if state == PermissionsHeld {
				state = PermissionsUnknown
			}
		}
		for _, r := range s.Roles {
			if r.Result == ResultMissing {
				missing++
			}
		}
		if f := a.Check.Finding(&s); f != nil {
			missing += len(f.Lacks)
		}
	}
	return state, missing
}
