package renewal

import (
	"slices"
	"strings"

	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/permission"
)

// audience is a service of Azure, beside Resource Manager, for which the software behind an account needs tokens of its own.
type audience string

// The audiences, as they are named for people.
const (
	keyVault audience = "Key Vault"
	storage  audience = "Storage"
)

func (a audience) scope(c cloud.Cloud) string {
	if a == keyVault {
		return c.VaultScope
	}
	return c.StorageScope
}

// audiences are the services whose data the account's roles and purposes reach: those are asked with tokens of their own.
func (r *run) audiences() []audience {
	p := &r.op.Params
	if len(p.RoleSet) == 0 && p.Profile == "" && r.a != nil {
		return audiencesOf(r.a.RoleSet, r.a.Profile, r.a.Purposes)
	}
	return audiencesOf(p.RoleSet, p.Profile, p.Purposes)
}

// audiencesOf reads them off the data actions of a profile's purposes, and off the names of built-in roles where the profile is
// the default one: those begin with the service (Azure built-in roles).
func audiencesOf(roles []string, profile string, purposes []string) []audience {
	names := roles
	if p, err := permission.Lookup(profile); err == nil && !p.IsDefault() {
		if of, err := p.Select(purposes); err == nil {
			names = permission.Union(of).DataActions
		}
	}
	var out []audience
	for _, one := range []struct {
		audience
		begins []string
	}{
		{keyVault, []string{"key vault", "microsoft.keyvault/"}},
		{storage, []string{"storage blob data", "storage queue data", "storage table data", "storage file data", "microsoft.storage/"}},
	} {
		if slices.ContainsFunc(names, func(name string) bool {
			return slices.ContainsFunc(one.begins, func(begin string) bool { return strings.HasPrefix(strings.ToLower(name), begin) })
		}) {
			out = append(out, one.audience)
		}
	}
	return out
}
