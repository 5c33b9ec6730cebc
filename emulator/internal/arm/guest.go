package arm

import (
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/exchange"
)

// guest takes a token of another tenant for the two lists that every tenant has: which tenants there are, and the
// subscriptions, of which the emulator knows none there. Everything else is of the one tenant.
func (c *call) guest(raw string) bool {
	if !c.is("tenants") && !c.is("subscriptions") {
		return false
	}
	of := readClaims(raw).TenantID
	other := c.other(of)
	if other == nil {
		return false
	}
	caller, err := c.Signer.Verify(raw, c.at, other.ID, c.audiences)
	if err != nil || !caller.User || other.Home(caller.ObjectID) == "" {
		return false
	}
	c.caller = caller
	exchange.SetCaller(c.request.Context(), caller.Name)
	return true
}

// other finds another tenant. Run without the directory held.
func (c *call) other(name string) (found *directory.OtherTenant) {
	c.Directory.Read(func() {
		if t, ok := c.Directory.Tenants.Get(c.TenantID); ok {
			found = t.Other(name)
		}
	})
	return found
}

// otherTenants are those that the caller is a guest of, also the ones that refuse the guest. Run with the directory held.
// Resource Manager calls all tenants that one has an account in "Home".
func (c *call) otherTenants() []tenant {
	home, ok := c.Directory.Tenants.Get(c.TenantID)
	if !ok || !c.caller.User {
		return nil
	}
	person := c.caller.ObjectID
	if at := home.Other(c.caller.TenantID); at != nil {
		person = at.Home(person)
	}
	var out []tenant
	for i := range home.Others {
		o := &home.Others[i]
		if _, guest := o.Guests[person]; !guest {
			continue
		}
		t := tenant{ID: "/tenants/" + o.ID, TenantID: strings.ToLower(o.ID)}
		if c.version.since("2019-06-01") {
			t.TenantCategory = "Home"
		}
		if c.version.since("2020-01-01") {
			t.CountryCode, t.DisplayName, t.TenantType = o.CountryCode, o.DisplayName, "AAD"
			t.Domains, t.DefaultDomain = []string{o.Domain}, o.Domain
		}
		out = append(out, t)
	}
	return out
}
