// Package account is the domain: service accounts, their credentials, what state they are in, and the journal of the
// operations on them. It has rules and no I/O.
package account

import (
	"strings"
	"time"

	"github.com/evercred/evercred/internal/fault"
)

// Origin says who made the application behind an account.
type Origin string

// The origins. They decide what is offered: a created application can be re-created, an existing one is replaced.
const (
	Created  Origin = "created"  // Evercred made the application
	Existing Origin = "existing" // the user specified it
)

// Account is a service account: a name, and the Microsoft Entra application behind it. Times are Azure-facing, in UTC.
type Account struct {
	ID          string
	Name        string
	Description string
	Cloud       string // name of a cloud.Cloud
	TenantID    string
	Origin      Origin

	ApplicationID       string // client id
	ApplicationObjectID string // empty until a person or the application itself could read it
	ServicePrincipalID  string // object id of the service principal; empty until known

	Subscriptions []Subscription // the scope
	RoleSet       []string       // names of the Azure roles the account must hold on each subscription
	Policy        Policy
	UsedBy        []string // what stops when the account stops working, as its users have noted it

	Profile         string   // permission profile; empty: the default one, which is RoleSet
	Purposes        []string // of the profile; empty: all of them
	ManagementGroup string   // the scope, in place of Subscriptions; then these are those found below it
	Made            Made     // in Azure, for this account

	Check *Check // the last check; nil before the first

	CreatedAt time.Time
	UpdatedAt time.Time
	Version   int64 // grows with each change

	Credentials []Credential // all slots, newest first
}

// Subscription is an Azure subscription in an account's scope.
type Subscription struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Policy says how an account's credentials are made.
type Policy struct {
	Soak        Duration `json:"soak"`                   // how long the retiring credential is kept after the hand-over is acknowledged
	Lifetime    Duration `json:"lifetime"`               // of a new credential
	RenewBefore Duration `json:"renew_before,omitempty"` // how long before its end a credential is renewed by itself; 0: DefaultRenewBefore
	Automatic   bool     `json:"automatic,omitempty"`    // renew by itself where no person is needed
}

// Default policy values.
const (
	DefaultSoak        = 24 * time.Hour
	DefaultLifetime    = 180 * 24 * time.Hour
	DefaultRenewBefore = 30 * 24 * time.Hour
)

// DefaultRoleSet is what a service account must hold where nothing else is set (the product page Evercred starts from
// asks for these two; its versions differ, so it is a setting).
func DefaultRoleSet() []string { return []string{"Contributor", "Key Vault Crypto Officer"} }

// Current returns the credential in use, or nil.
func (a *Account) Current() *Credential { return a.inSlot(Current) }

// Next returns the credential that was added and is not yet proven, or nil.
func (a *Account) Next() *Credential { return a.inSlot(Next) }

// Retiring returns the credentials kept for rollback, newest first.
func (a *Account) Retiring() []*Credential {
	var out []*Credential
	for i := range a.Credentials {
		if a.Credentials[i].Slot == Retiring {
			out = append(out, &a.Credentials[i])
		}
	}
	return out
}

// Credential returns the credential with the id, or nil.
func (a *Account) Credential(id string) *Credential {
	for i := range a.Credentials {
		if a.Credentials[i].ID == id {
			return &a.Credentials[i]
		}
	}
	return nil
}

func (a *Account) inSlot(s Slot) *Credential {
	for i := range a.Credentials {
		if a.Credentials[i].Slot == s {
			return &a.Credentials[i]
		}
	}
	return nil
}

// SubscriptionIDs returns the ids of the scope.
func (a *Account) SubscriptionIDs() []string {
	out := make([]string, 0, len(a.Subscriptions))
	for _, s := range a.Subscriptions {
		out = append(out, s.ID)
	}
	return out
}

// MaxNameLength is the longest account name, in characters.
const MaxNameLength = 255

// CheckName tells whether a name is allowed: 1 to 255 Latin letters, digits, underscores and dashes.
// The fault names the field "name" and the first character that is not allowed.
func CheckName(name string) error {
	const rule = "Use 1 to 255 Latin letters, digits, underscores and dashes."
	if name == "" {
		return fault.BadField("name", "The account has no name.", rule)
	}
	if n := len([]rune(name)); n > MaxNameLength {
		return fault.BadField("name", "The name is too long: it has "+itoa(n)+" characters.", rule)
	}
	for _, r := range name {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", r) {
			return fault.BadField("name", "The name has a character that is not allowed: "+quoteRune(r)+".", rule)
		}
	}
	return nil
}

// CheckNewName tells whether an account may be given a name: as CheckName, and not one that is something else in an address,
// in whatever letters: /accounts/new on the page, /api/v1/accounts/export. Accounts that have such a name keep it.
func CheckNewName(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if n := strings.ToLower(name); n == "new" || n == "export" {
		return fault.BadField("name", "An account cannot be named "+quote(name)+": in addresses of the page and of the REST API that is something else.",
			"Choose another name.")
	}
	return nil
}

// MaxDescriptionLength is the longest description, in characters.
const MaxDescriptionLength = 512

// CheckDescription tells whether a description is allowed.
func CheckDescription(text string) error {
	if n := len([]rune(text)); n > MaxDescriptionLength {
		return fault.BadField("description", "The description is too long: it has "+itoa(n)+" characters.",
			"Use at most "+itoa(MaxDescriptionLength)+" characters.")
	}
	return nil
}
