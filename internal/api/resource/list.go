package resource

import (
	"time"

	"github.com/evercred/evercred/internal/account"
)

// AccountSummary is an account as a list shows it; GET /accounts/{account} has the rest.
type AccountSummary struct {
	ID              string              `json:"id"`
	Name            string              `json:"name"`
	Description     string              `json:"description"`
	Cloud           string              `json:"cloud"`
	TenantID        string              `json:"tenant_id"`
	Origin          account.Origin      `json:"origin" enum:"created,existing"`
	ApplicationID   string              `json:"application_id"`
	Method          account.Kind        `json:"method" enum:",secret,certificate,federated" doc:"Kind of the credential in use; empty if there is none"`
	StartsAt        *time.Time          `json:"starts_at" doc:"Start of the credential in use; null where it is not known"`
	ExpiresAt       *time.Time          `json:"expires_at" doc:"End of the credential in use; null where it is not known"`
	ExpiresReason   string              `json:"expires_reason" doc:"Why the end is not known"`
	State           account.State       `json:"state" enum:"valid,expiring,expired,secret_invalid,certificate_mismatch,app_not_found,service_principal_missing,app_disabled,blocked,needs_sign_in,permissions_missing,no_subscriptions,unreachable,unknown"`
	Meaning         string              `json:"meaning"`
	Remedy          string              `json:"remedy"`
	PermissionState account.Permissions `json:"permission_state" enum:"success,missing,unknown,not_checked" doc:"What the last check found of its permissions"`
	Missing         int                 `json:"missing" doc:"How many roles are missing, counted for each subscription"`
	LastCheckAt     *time.Time          `json:"last_check_at"`
	Subscriptions   int                 `json:"subscriptions" doc:"How many are in its scope"`
	ManagementGroup string              `json:"management_group" doc:"The scope, in place of subscriptions that are named; else empty"`
	Operation       *AccountOperation   `json:"operation" doc:"What is being done to it, or waits for a person; null if nothing"`
	UsedBy          []string            `json:"used_by" nullable:"false" doc:"What stops when the account stops working, as its users have noted it"`
	Steward         bool                `json:"steward" doc:"The other accounts of its tenant are renewed by its rights"`
	HandOverPending bool                `json:"hand_over_pending" doc:"Nobody has said that the software has the credential in use"`
	Actions         []Action            `json:"actions" nullable:"false" doc:"What can be done with it now, one entry for each action"`
	CreatedAt       time.Time           `json:"created_at"`
	UpdatedAt       time.Time           `json:"updated_at"`
	Version         int64               `json:"version"`
}

// StateCount is how many accounts are in a state.
type StateCount struct {
	State account.State `json:"state" enum:"valid,expiring,expired,secret_invalid,certificate_mismatch,app_not_found,service_principal_missing,app_disabled,blocked,needs_sign_in,permissions_missing,no_subscriptions,unreachable,unknown"`
	Count int           `json:"count"`
}

// AccountList is a page of a list of accounts.
type AccountList struct {
	Accounts []AccountSummary `json:"accounts" nullable:"false"`
	Total    int              `json:"total" doc:"All accounts that there are"`
	Matched  int              `json:"matched" doc:"Those that the filters select, on all pages"`
	States   []StateCount     `json:"states" nullable:"false" doc:"How many the other filters select, by state; the least severe first"`
	AsOf     time.Time        `json:"as_of" doc:"The moment, on the clock of the accounts' cloud, at which they were read"`
}

// OfSummary makes the summary of an account.
func OfSummary(a *account.Account, st account.Standing) AccountSummary {
	permissions, missing := a.PermissionState()
	out := AccountSummary{
		ID: a.ID, Name: a.Name, Description: a.Description, Cloud: a.Cloud, TenantID: a.TenantID, Origin: a.Origin, ApplicationID: a.ApplicationID,
		State: st.State, Meaning: st.Meaning, Remedy: st.Remedy, PermissionState: permissions, Missing: missing,
		Subscriptions: len(a.Subscriptions), ManagementGroup: a.ManagementGroup, UsedBy: list(a.UsedBy), Steward: st.Steward, HandOverPending: a.HandOverPending(),
		Operation: ofAccountOperation(st.Operation), Actions: ofOffers(st.Offers),
		CreatedAt: second(a.CreatedAt), UpdatedAt: second(a.UpdatedAt), Version: a.Version,
	}
	if c := a.Current(); c != nil {
		out.Method, out.StartsAt, out.ExpiresAt, out.ExpiresReason = c.Kind, seconds(c.StartsAt), seconds(c.ExpiresAt), c.EndReason
	}
	if a.Check != nil {
		at := second(a.Check.At)
		out.LastCheckAt = &at
	}
	return out
}

func ofAccountOperation(o *account.Operation) *AccountOperation {
	if o == nil {
		return nil
	}
	return &AccountOperation{ID: o.ID, Kind: o.Kind, State: o.State}
}

func ofOffers(offers []account.Offer) []Action {
	out := make([]Action, 0, len(offers))
	for _, o := range offers {
		out = append(out, Action{Name: o.Action, Offered: o.Offered, Reason: o.Reason})
	}
	return out
}

// Tenant is a tenant that accounts are in.
type Tenant struct {
	Cloud    string `json:"cloud"`
	ID       string `json:"id"`
	Accounts int    `json:"accounts" doc:"How many are in it"`
}

// Tenants are the tenants that accounts are in, by cloud and id.
type Tenants struct {
	Tenants []Tenant `json:"tenants" nullable:"false"`
}
