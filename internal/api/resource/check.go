package resource

import (
	"time"

	"github.com/evercred/evercred/internal/account"
)

// Check is the result of the last look at the account with its own credential alone.
type Check struct {
	At            time.Time           `json:"at"`
	State         account.State       `json:"state" enum:"valid,expiring,expired,secret_invalid,certificate_mismatch,app_not_found,service_principal_missing,app_disabled,blocked,needs_sign_in,permissions_missing,no_subscriptions,unreachable,unknown"`
	Detail        string              `json:"detail"`
	StaleNote     string              `json:"stale_note" doc:"What has changed since, so that it does not tell how the account stands; else empty"`
	CredentialID  string              `json:"credential_id" doc:"Of the credential that was checked, which may not be the current one any more"`
	Subscriptions []SubscriptionCheck `json:"subscriptions" nullable:"false"`
	Others        []OtherCredential   `json:"others" nullable:"false" doc:"Credentials of the application that Evercred neither made nor holds; never touched"`
	OthersAt      *time.Time          `json:"others_at" doc:"When the others were read from Microsoft Graph; null if never"`
}

// SubscriptionCheck is what was found on one subscription of the scope.
type SubscriptionCheck struct {
	ID     string      `json:"id"`
	Name   string      `json:"name"`
	Result string      `json:"result" enum:"ok,missing,not_checked"`
	Reason string      `json:"reason" doc:"Why it could not be checked, or what is wrong with all of it; else empty"`
	Roles  []RoleCheck `json:"roles" nullable:"false"`
}

// RoleCheck is whether the effective permissions cover one role of the role set.
type RoleCheck struct {
	Role               string   `json:"role"`
	Result             string   `json:"result" enum:"ok,missing,not_checked"`
	Reason             string   `json:"reason"`
	MissingActions     []string `json:"missing_actions" nullable:"false"`
	MissingDataActions []string `json:"missing_data_actions" nullable:"false"`
}

// OtherCredential is a credential of the application that Evercred neither made nor holds.
type OtherCredential struct {
	Kind       account.Kind `json:"kind" enum:"secret,certificate,federated"`
	KeyID      string       `json:"key_id"`
	Name       string       `json:"name"`
	Hint       string       `json:"hint" doc:"The first characters of a secret, as Microsoft Entra shows them"`
	Thumbprint string       `json:"thumbprint"`
	StartsAt   time.Time    `json:"starts_at"`
	ExpiresAt  time.Time    `json:"expires_at"`
}

// ofCheck makes the resource of the last check of an account; nil before the first.
func ofCheck(a *account.Account) *Check {
	c := a.Check
	if c == nil {
		return nil
	}
	out := &Check{
		At: second(c.At), State: c.State, Detail: c.Detail, StaleNote: a.CheckStale(), CredentialID: c.CredentialID, OthersAt: seconds(c.OthersAt),
		Subscriptions: []SubscriptionCheck{}, Others: []OtherCredential{},
	}
	for _, s := range c.Subscriptions {
		sub := SubscriptionCheck{ID: s.ID, Name: s.Name, Result: s.Result, Reason: s.Reason, Roles: []RoleCheck{}}
		for _, r := range s.Roles {
			sub.Roles = append(sub.Roles, RoleCheck{
				Role: r.Role, Result: r.Result, Reason: r.Reason, MissingActions: list(r.MissingActions), MissingDataActions: list(r.MissingDataActions),
			})
		}
		out.Subscriptions = append(out.Subscriptions, sub)
	}
	for _, o := range c.Others {
		out.Others = append(out.Others, OtherCredential{
			Kind: o.Kind, KeyID: o.KeyID, Name: o.Name, Hint: o.Hint, Thumbprint: o.Thumbprint, StartsAt: second(o.StartsAt), ExpiresAt: second(o.ExpiresAt),
		})
	}
	return out
}
