package renewal

import (
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/permission"
)

// Purpose is what a new account is for.
type Purpose struct {
	Profile         string   // permission profile; empty: the default one
	Purposes        []string // of the profile; empty: all of them
	ManagementGroup string   // the scope, in place of subscriptions
	UsedBy          []string // what depends on the account, in the words of its users
}

// check tells whether a purpose makes sense, and returns it as it is stored.
func (p Purpose) check(subscriptions []string) (Purpose, error) {
	out := Purpose{ManagementGroup: strings.TrimSpace(p.ManagementGroup), UsedBy: p.UsedBy}
	var err error
	if out.Profile, out.Purposes, err = permission.Choose(p.Profile, p.Purposes); err != nil {
		return out, err
	}
	if err := account.CheckManagementGroup(out.ManagementGroup); err != nil {
		return out, err
	}
	if out.ManagementGroup != "" && len(subscriptions) > 0 {
		return out, fault.BadField("management_group", "Both a management group and subscriptions are given.", "Give one of them: the subscriptions of a group are those below it.")
	}
	return out, account.CheckUsedBy(p.UsedBy)
}
