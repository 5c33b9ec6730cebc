package seed

import "github.com/evercred/evercred/emulator/internal/directory"

// Further tenants, of which AccessAdmin is a guest: one that lets guests in and gives a directory role, one without, one that
// asks for a second factor in a sign-in of its own, and one that has disabled the guest. Nobody else is a guest anywhere.
const (
	FabrikamID  = "a41c9d27-6e0b-4f58-93d2-0c7be5f1a864" // Application Developer
	NorthwindID = "c07d5e13-b9a4-4826-8f61-5d2e90b7c3fa" // no role
	TailspinID  = "e59b02f8-1d7c-4a36-b048-92c6f3a5d71e" // multifactor authentication
	WideWorldID = "f86a3b40-27e5-4d91-ac0f-6b18d4e7259c" // disabled
)

func otherTenants() []directory.OtherTenant {
	person := UserID(AccessAdmin)
	with := func(id, domain, name string, g directory.Guest) directory.OtherTenant {
		return directory.OtherTenant{ID: id, Domain: domain, DisplayName: name, CountryCode: "US", Guests: map[string]directory.Guest{person: g}}
	}
	return []directory.OtherTenant{
		with(FabrikamID, "fabrikam.example", "Fabrikam", directory.Guest{Roles: []string{"Application Developer"}}),
		with(NorthwindID, "northwind.example", "Northwind Traders", directory.Guest{}),
		with(TailspinID, "tailspin.example", "Tailspin Toys", directory.Guest{AccessRules: []directory.AccessRule{{Code: 50076}}}),
		with(WideWorldID, "wideworld.example", "Wide World Importers", directory.Guest{Disabled: true}),
	}
}
