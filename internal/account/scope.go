package account

import (
	"strings"
	"unicode/utf8"

	"github.com/evercred/evercred/internal/fault"
)

// CheckManagementGroup tells whether an id of a management group is one: 1 to 90 letters, digits, underscores, dashes,
// points and round brackets (Azure, naming rules, Microsoft.Management). The empty one is none, and allowed.
func CheckManagementGroup(id string) error {
	const rule = "Use the id of the management group, as the Azure portal shows it; its display name is something else."
	if len(id) > 90 {
		return fault.BadField("management_group", "The id of the management group is too long: it has "+itoa(len(id))+" characters.", rule)
	}
	for _, r := range id {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.()", r) {
			return fault.BadField("management_group", "The id of the management group has a character that is not allowed: "+quoteRune(r)+".", rule)
		}
	}
	return nil
}

// Limits of the notes on who depends on an account.
const (
	MaxUsedBy       = 100 // notes
	MaxUsedByLength = 255 // characters of one
)

// CheckUsedBy tells whether notes on who depends on an account are allowed.
func CheckUsedBy(notes []string) error {
	if len(notes) > MaxUsedBy {
		return fault.BadField("used_by", "There are too many notes on who uses the account: "+itoa(len(notes))+".", "Use at most "+itoa(MaxUsedBy)+".")
	}
	for _, n := range notes {
		if length := utf8.RuneCountInString(n); length > MaxUsedByLength || strings.TrimSpace(n) == "" {
			return fault.BadField("used_by", "A note on who uses the account is empty or too long.", "Use 1 to "+itoa(MaxUsedByLength)+" characters for each.")
		}
	}
	return nil
}

// ScopeWords is what people call a scope in Azure: the subscription's name where the account or its last check knows it, else
// what it is and its id. The account may be nil.
func (a *Account) ScopeWords(scope string) string {
	id := scope[strings.LastIndexByte(scope, '/')+1:]
	switch {
	case strings.EqualFold(scope, ManagementGroupScope(id)):
		return "management group " + id
	case !strings.EqualFold(scope, SubscriptionScope(id)):
		return scope
	case a == nil:
		return "subscription " + id
	}
	for _, s := range a.Subscriptions {
		if strings.EqualFold(s.ID, id) && s.Name != "" {
			return s.Name
		}
	}
	if a.Check != nil {
		for _, s := range a.Check.Subscriptions {
			if strings.EqualFold(s.ID, id) && s.Name != "" {
				return s.Name
			}
		}
	}
	return "subscription " + id
}
