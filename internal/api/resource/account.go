// Package resource has the shapes of the REST API: what the server writes, the Go client reads, and the OpenAPI document
// describes. Names are snake_case; times are RFC 3339 in UTC to the second; lists are never null.
package resource

import (
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/permission"
)

// Account is a service account with its state as of AsOf.
type Account struct {
	ID                  string                 `json:"id"`
	Name                string                 `json:"name"`
	Description         string                 `json:"description"`
	State               account.State          `json:"state" enum:"valid,expiring,expired,secret_invalid,certificate_mismatch,app_not_found,service_principal_missing,app_disabled,blocked,needs_sign_in,permissions_missing,no_subscriptions,unreachable,unknown" doc:"docs/states.md explains them"`
	Meaning             string                 `json:"meaning" doc:"What the state means"`
	Remedy              string                 `json:"remedy" doc:"What to do next; empty when nothing is to be done"`
	Cloud               string                 `json:"cloud"`
	ApplicationID       string                 `json:"application_id" doc:"The client id of the Microsoft Entra application"`
	ApplicationObjectID string                 `json:"application_object_id"`
	TenantID            string                 `json:"tenant_id"`
	Origin              account.Origin         `json:"origin" enum:"created,existing"`
	Operation           *AccountOperation      `json:"operation" doc:"What is being done to it, or waits for a person; null if nothing"`
	Actions             []Action               `json:"actions" nullable:"false" doc:"What can be done with it now, one entry for each action"`
	Credential          *Credential            `json:"credential" doc:"The credential in use; null if there is none"`
	Credentials         []Credential           `json:"credentials" nullable:"false" doc:"All slots, newest first"`
	Subscriptions       []account.Subscription `json:"subscriptions" nullable:"false"`
	RoleSet             []string               `json:"role_set" nullable:"false" doc:"The Azure roles the account must hold on each subscription"`
	Profile             string                 `json:"profile" doc:"Permission profile: what the account is for; default is the one of role_set"`
	ProfileVersion      string                 `json:"profile_version"`
	Purposes            []string               `json:"purposes" nullable:"false" doc:"Of the profile; empty: all of them"`
	ManagementGroup     string                 `json:"management_group" doc:"The scope in place of subscriptions, which then are those found below it; empty without one"`
	UsedBy              []string               `json:"used_by" nullable:"false" doc:"What stops when the account stops working, as its users have noted it"`
	Steward             bool                   `json:"steward" doc:"The other accounts of its tenant are renewed by its rights"`
	MadeRoles           []MadeRole             `json:"made_roles" nullable:"false" doc:"Custom roles that Evercred made for it in Azure"`
	GrantedAt           *time.Time             `json:"granted_at" doc:"When Evercred last granted it something in Azure; null if never"`
	Policy              Policy                 `json:"policy"`
	Check               *Check                 `json:"check" doc:"The last check; null before the first"`
	CreatedAt           time.Time              `json:"created_at"`
	UpdatedAt           time.Time              `json:"updated_at"`
	AsOf                time.Time              `json:"as_of" doc:"The moment, on the clock of the account's cloud, at which the account was read"`
	Version             int64                  `json:"version" doc:"Grows with each change"`
}

// Credential is one client secret or certificate, without its secret part.
type Credential struct {
	ID             string       `json:"id"`
	Kind           account.Kind `json:"kind" enum:"secret,certificate,federated"`
	Slot           account.Slot `json:"slot" enum:"next,current,retiring,removed,lost"`
	ApplicationID  string       `json:"application_id" doc:"The application it belongs to: re-creation leaves credentials of the old one behind"`
	KeyID          string       `json:"key_id" doc:"Microsoft Entra's id of it; empty if not known"`
	StartsAt       *time.Time   `json:"starts_at"`
	ExpiresAt      *time.Time   `json:"expires_at"`
	ExpiresReason  string       `json:"expires_reason" doc:"Why the end is not known"`
	Thumbprint     string       `json:"thumbprint" doc:"SHA-1 of a certificate, upper-case hexadecimal, as the Azure portal shows it"`
	Subject        string       `json:"subject"`
	ProvenAt       *time.Time   `json:"proven_at" doc:"When Microsoft Entra last gave a token for it"`
	MadeBy         string       `json:"made_by" enum:"evercred,other" doc:"Evercred removes only what it made"`
	AddedAt        time.Time    `json:"added_at"`
	DisclosedAt    *time.Time   `json:"disclosed_at" doc:"When it was last handed over"`
	AcknowledgedAt *time.Time   `json:"acknowledged_at" doc:"When it was said that the software that uses the account has it"`
	RetiredAt      *time.Time   `json:"retired_at"`
	RemovedAt      *time.Time   `json:"removed_at"`
	Note           string       `json:"note"`
	Fate           *Fate        `json:"fate" doc:"What will happen to it; null where nothing will"`
}

// Fate is what will happen to a credential.
type Fate struct {
	Text string     `json:"text" doc:"One or two sentences"`
	At   *time.Time `json:"at" doc:"When, on the clock of the account's cloud; null where no time is known"`
}

// AccountOperation names an operation that has not ended.
type AccountOperation struct {
	ID    string                 `json:"id"`
	Kind  account.OperationKind  `json:"kind" enum:"renew,recreate,add,connect,check,remove,retire,rollback,reconcile,grant,tidy"`
	State account.OperationState `json:"state" enum:"running,waiting_sign_in,waiting_choice,needs_sign_in"`
}

// Action says whether something can be done with an account now.
type Action struct {
	Name    account.Action `json:"name" enum:"renew,recreate,connect_secret,connect_certificate,check,check_sign_in,reconcile,grant,rollback,hand_over,acknowledge,remove"`
	Offered bool           `json:"offered" doc:"What is offered is accepted. What is not may be accepted all the same where the reason rests on the last check"`
	Reason  string         `json:"reason" doc:"Why it is not offered; empty if it is"`
}

// Who made a credential.
const (
	MadeByEvercred = "evercred"
	MadeByOther    = "other"
)

// Policy says how credentials are made; durations as FormatDuration writes them.
type Policy struct {
	Soak     string `json:"soak" doc:"How long an old credential is kept after the hand-over of its successor is acknowledged"`
	Lifetime string `json:"lifetime" doc:"Of a new credential"`

	RenewBefore string `json:"renew_before" doc:"How long before its end a credential is due for renewal"`
	Automatic   bool   `json:"automatic" doc:"Evercred renews by itself where no person is needed"`
}

// OfAccount makes the resource of an account as it stands at now.
func OfAccount(a *account.Account, st account.Standing, now time.Time) Account {
	out := Account{
		ID: a.ID, Name: a.Name, Description: a.Description,
		State: st.State, Meaning: st.Meaning, Remedy: st.Remedy,
		Cloud: a.Cloud, ApplicationID: a.ApplicationID, ApplicationObjectID: a.ApplicationObjectID, TenantID: a.TenantID,
		Origin: a.Origin, Credentials: []Credential{}, Actions: []Action{}, Subscriptions: list(a.Subscriptions), RoleSet: list(a.RoleSet),
		Policy: OfPolicy(a.Policy), Steward: st.Steward,
		CreatedAt: second(a.CreatedAt), UpdatedAt: second(a.UpdatedAt), AsOf: second(now), Version: a.Version,
	}
	out.purpose(a)
	for i := range a.Credentials {
		c := &a.Credentials[i]
		out.Credentials = append(out.Credentials, OfCredential(c, st.Fates[c.ID]))
	}
	if c := a.Current(); c != nil {
		current := OfCredential(c, st.Fates[c.ID])
		out.Credential = &current
	}
	if o := st.Operation; o != nil {
		out.Operation = &AccountOperation{ID: o.ID, Kind: o.Kind, State: o.State}
	}
	for _, o := range st.Offers {
		out.Actions = append(out.Actions, Action{Name: o.Action, Offered: o.Offered, Reason: o.Reason})
	}
	out.Check = ofCheck(a)
	return out
}

// purpose fills in what the account is for.
func (out *Account) purpose(a *account.Account) {
	out.Profile, out.Purposes, out.ManagementGroup, out.UsedBy = a.Profile, list(a.Purposes), a.ManagementGroup, list(a.UsedBy)
	if p, err := permission.Lookup(a.Profile); err == nil {
		out.Profile, out.ProfileVersion = p.Name, p.Version
	}
	out.MadeRoles, out.GrantedAt = []MadeRole{}, seconds(a.Made.GrantedAt)
	for _, r := range a.Made.Roles {
		out.MadeRoles = append(out.MadeRoles, MadeRole{ID: r.ID, Name: r.Name, Scopes: list(r.Scopes)})
	}
}

// OfPolicy makes the resource of a policy.
func OfPolicy(p account.Policy) Policy {
	before := time.Duration(p.RenewBefore)
	if before == 0 {
		before = account.DefaultRenewBefore
	}
	return Policy{
		Soak: FormatDuration(time.Duration(p.Soak)), Lifetime: FormatDuration(time.Duration(p.Lifetime)),
		RenewBefore: FormatDuration(before), Automatic: p.Automatic,
	}
}

// OfCredential makes the resource of a credential with its fate, which is nil where nothing will happen to it.
func OfCredential(c *account.Credential, fate *account.Fate) Credential {
	by := MadeByOther
	if c.Made() {
		by = MadeByEvercred
	}
	out := Credential{
		ID: c.ID, Kind: c.Kind, Slot: c.Slot, ApplicationID: c.ApplicationID, KeyID: c.KeyID,
		StartsAt: seconds(c.StartsAt), ExpiresAt: seconds(c.ExpiresAt), ExpiresReason: c.EndReason,
		Thumbprint: c.Thumbprint, Subject: c.Subject, ProvenAt: seconds(c.ProvenAt), MadeBy: by,
		AddedAt: second(c.AddedAt), DisclosedAt: seconds(c.DisclosedAt), AcknowledgedAt: seconds(c.AcknowledgedAt),
		RetiredAt: seconds(c.RetiredAt), RemovedAt: seconds(c.RemovedAt), Note: c.Note,
	}
	if fate != nil {
		out.Fate = &Fate{Text: fate.Text, At: seconds(fate.At)}
	}
	return out
}

// second cuts a time to the second: encoding/json then writes it as RFC 3339 with Z and no fraction.
func second(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func seconds(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	cut := second(*t)
	return &cut
}

func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}
