package account

import (
	"fmt"
	"strings"
	"time"
)

// State is what a person should know first about an account.
type State string

// The states, as docs/states.md explains them.
const (
	Valid                   State = "valid"
	Expiring                State = "expiring"
	Expired                 State = "expired"
	SecretInvalid           State = "secret_invalid"
	CertificateMismatch     State = "certificate_mismatch"
	AppNotFound             State = "app_not_found"
	ServicePrincipalMissing State = "service_principal_missing"
	AppDisabled             State = "app_disabled"
	Blocked                 State = "blocked"
	NeedsSignIn             State = "needs_sign_in"
	PermissionsMissing      State = "permissions_missing"
	NoSubscriptions         State = "no_subscriptions"
	Unreachable             State = "unreachable"
	Unknown                 State = "unknown"
)

// ExpiringWithin is how long before its end a credential counts as expiring, if it lives long enough; see ExpiringFrom.
const ExpiringWithin = 30 * 24 * time.Hour

// Check is the result of looking at an account with its own credential alone.
type Check struct {
	At            time.Time           `json:"at"`
	State         State               `json:"state"`            // valid, or what the check found wrong
	Detail        string              `json:"detail,omitempty"` // Microsoft's words or ours, for people
	CredentialID  string              `json:"credential_id"`
	Subscriptions []SubscriptionCheck `json:"subscriptions,omitempty"`
	Permissions   *PermissionCheck    `json:"permissions,omitempty"`  // of the purposes of a profile; nil for the default one
	GroupReason   string              `json:"group_reason,omitempty"` // why the subscriptions below the management group could not be read
	Others        []OtherCredential   `json:"others,omitempty"`       // on the application, not made by Evercred: left alone
	OthersAt      *time.Time          `json:"others_at,omitempty"`    // when Others was read; nil: never
}

// OtherCredential is a credential of the application that Evercred neither made nor holds. It is listed, never touched.
type OtherCredential struct {
	Kind       Kind      `json:"kind"`
	KeyID      string    `json:"key_id"`
	Name       string    `json:"name,omitempty"`
	Hint       string    `json:"hint,omitempty"`
	Thumbprint string    `json:"thumbprint,omitempty"`
	StartsAt   time.Time `json:"starts_at"`
	ExpiresAt  time.Time `json:"expires_at"`
}

// SubscriptionCheck is what was found on one subscription of the scope.
type SubscriptionCheck struct {
	ID     string      `json:"id"`
	Name   string      `json:"name,omitempty"`
	Result string      `json:"result"` // ok, missing, not_checked
	Reason string      `json:"reason,omitempty"`
	Roles  []RoleCheck `json:"roles,omitempty"`
	// Finding is the number of the finding in Check.Permissions, from 1; 0 where the purposes were not looked at.
	Finding int `json:"finding,omitempty"`
	// Recent is set where what is lacking was granted a moment before, and may only be on its way.
	Recent bool `json:"recent,omitempty"`
	// Unseen is set where the application does not see the subscription: it holds nothing there.
	Unseen bool `json:"unseen,omitempty"`
}

// RoleCheck is whether the effective permissions cover one role of the role set.
type RoleCheck struct {
	Role               string   `json:"role"`
	Result             string   `json:"result"` // ok, missing, not_checked
	Reason             string   `json:"reason,omitempty"`
	MissingActions     []string `json:"missing_actions,omitempty"`
	MissingDataActions []string `json:"missing_data_actions,omitempty"`
}

// Results of a check of a subscription or role.
const (
	ResultOK         = "ok"
	ResultMissing    = "missing"
	ResultNotChecked = "not_checked"
)

// Status is an account's state with what it means and what to do next.
type Status struct {
	State   State  `json:"state"`
	Meaning string `json:"meaning"`
	Remedy  string `json:"remedy,omitempty"`
}

// severity orders the states: the worse of what the last check found and what the clock says is shown.
var severity = map[State]int{ //nolint:gochecknoglobals // a constant table
	Valid: 0, Unknown: 1, Expiring: 2, PermissionsMissing: 3, NoSubscriptions: 4, Unreachable: 5, NeedsSignIn: 6,
	Blocked: 7, AppDisabled: 8, ServicePrincipalMissing: 9, CertificateMismatch: 10, SecretInvalid: 11,
	Expired: 12, AppNotFound: 13,
}

// StatusOf derives the state of an account at now. waiting is the open operation that waits for a sign-in, or nil.
func StatusOf(a *Account, now time.Time, waiting *Operation) Status {
	worst := Unknown
	if a.Check != nil && a.Check.CredentialID == currentID(a) {
		worst = a.Check.State
	}
	for _, s := range []State{clockState(a, now), waitingState(waiting)} {
		if s != "" && severity[s] > severity[worst] {
			worst = s
		}
	}
	return explain(worst, a, now, waiting)
}

func currentID(a *Account) string {
	if c := a.Current(); c != nil {
		return c.ID
	}
	return ""
}

// clockState is what the ends say, whatever the last check found.
func clockState(a *Account, now time.Time) State {
	c := a.Current()
	switch {
	case c == nil:
		return Unknown
	case c.Expired(now):
		return Expired
	case c.ExpiresAt != nil && now.After(*c.ExpiringFrom()):
		return Expiring
	}
	return ""
}

func waitingState(op *Operation) State {
	if op != nil && op.State == OpNeedsSignIn {
		return NeedsSignIn
	}
	return ""
}

func explain(s State, a *Account, now time.Time, waiting *Operation) Status {
	noun, end := credentialNoun(a), ""
	if c := a.Current(); c != nil && c.ExpiresAt != nil {
		end = Until(*c.ExpiresAt, now)
	}
	renew := "Run `evercred account renew " + a.Name + "`."
	if c := a.Current(); a.Origin == Existing && (c == nil || c.Kind == Secret) {
		renew = "Make a new secret in Microsoft Entra and give its value: `evercred account connect " + a.Name + " --secret-file FILE`."
	}
	recreate := "Run `evercred account recreate " + a.Name + "`."
	if a.Origin == Existing {
		recreate = "Point the account at another application: `evercred account connect " + a.Name + " --application-id ID`."
	}
	switch s {
	case Valid:
		return Status{s, "The " + noun + " authenticates and the roles are held.", ""}
	case Expiring:
		return Status{s, fmt.Sprintf("The %s still works and ends %s.", noun, end), renew}
	case Expired:
		return Status{s, fmt.Sprintf("The %s ended %s; nothing can sign in with it.", noun, end), renew}
	case SecretInvalid:
		if a.Origin != Existing {
			renew += " Or give it a known value: `evercred account connect " + a.Name + " --secret-file FILE`."
		}
		return Status{s, "Microsoft Entra does not accept the secret: it was removed there, or it was never this application's.", renew}
	case CertificateMismatch:
		return Status{
			s, "The certificate is not registered on the application.",
			"Upload it to the application, or let Evercred register a new one: `evercred account renew " + a.Name + "`.",
		}
	case AppNotFound:
		return Status{s, "The application is not in the tenant: it was deleted, or the tenant is another one.", recreate}
	case ServicePrincipalMissing:
		return Status{s, "The application is there, but its service principal in the tenant is not.", recreate}
	case AppDisabled:
		return Status{
			s, "The application is disabled; it gets no tokens.",
			"Let an administrator enable sign-in for the enterprise application in Microsoft Entra, then check again.",
		}
	case Blocked:
		return Status{
			s, "A Conditional Access policy blocks the application.",
			"Ask who owns the policy to exclude the application, then check again.",
		}
	case NeedsSignIn:
		return Status{
			s, "An interrupted " + waiting.Kind.Noun() + " waits for somebody with rights: " + waiting.Left() + ".",
			"Run `evercred operation resume " + waiting.ID + "` and sign in.",
		}
	case PermissionsMissing:
		return Status{
			s, "The " + noun + " authenticates, but " + missingWhere(a) + ".",
			"Run `evercred permission grant " + a.Name + "` and sign in, or assign them in Azure yourself; then run `evercred account check " + a.Name + "`.",
		}
	case NoSubscriptions:
		return Status{
			s, "The application authenticates but sees none of the account's subscriptions.",
			"Run `evercred permission grant " + a.Name + "` and sign in, or assign it the roles in Azure yourself; then run `evercred account check " + a.Name + "`.",
		}
	case Unreachable:
		return Status{
			s, "Microsoft did not answer at the last check.",
			"Check the network and proxy of the server, then run `evercred account check " + a.Name + "`.",
		}
	}
	return Status{Unknown, "The account has not been checked with its current credential.", "Run `evercred account check " + a.Name + "`."}
}

func credentialNoun(a *Account) string {
	if c := a.Current(); c != nil && c.Kind == Certificate {
		return "certificate"
	}
	return "secret"
}

// missingWhere says which roles are missing where, or how much of the purposes.
func missingWhere(a *Account) string {
	if a.Check == nil {
		return "roles are missing"
	}
	if a.Check.Permissions != nil {
		n := 0
		for _, s := range a.Check.Subscriptions {
			if s.Result == ResultMissing {
				n++
			}
		}
		return "permissions are missing on " + itoa(n) + " of " + plural(len(a.Check.Subscriptions), "subscription") + ": `evercred permission diff " + a.Name + "` lists them"
	}
	const most = 10
	var parts []string
	for _, s := range a.Check.Subscriptions {
		for _, r := range s.Roles {
			if r.Result == ResultMissing {
				parts = append(parts, r.Role+" on "+a.ScopeWords(SubscriptionScope(s.ID)))
			}
		}
	}
	if len(parts) == 0 {
		return "roles are missing"
	}
	if more := len(parts) - most; more > 0 {
		parts = append(parts[:most], itoa(more)+" more")
	}
	return "roles are missing: " + strings.Join(parts, ", ")
}

// Until says a moment relative to now in words: "in 9 days", "yesterday", "3 hours ago".
func Until(t, now time.Time) string {
	d := t.Sub(now)
	past := d < time.Second // clocks and rounding: what is a moment away has been
	if d < 0 {
		d = -d
	}
	days := int((d + 12*time.Hour) / (24 * time.Hour))
	var text string
	switch {
	case d < time.Minute:
		text = "less than a minute"
	case d < 2*time.Hour:
		text = plural(int(d/time.Minute), "minute")
	case d < 36*time.Hour && past && days == 1:
		return "yesterday"
	case d < 36*time.Hour:
		text = plural(int((d+30*time.Minute)/time.Hour), "hour")
	default:
		text = plural(days, "day")
	}
	if past {
		return text + " ago"
	}
	return "in " + text
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return itoa(n) + " " + word + "s"
}
