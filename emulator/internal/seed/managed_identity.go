package seed

import (
	"encoding/json"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// Identity is a managed identity: a service principal without an application.
type Identity struct {
	Name, ClientID, ObjectID, ResourceID string
}

// ManagedIdentity returns the one that the emulator's managed identity endpoint speaks for. It is Reader of both
// subscriptions.
func ManagedIdentity() Identity {
	const name = "evercred-emulator-identity"
	return Identity{
		Name: name, ClientID: "5b0c9d27-e841-4f6a-a3d5-90b7c12e68f4", ObjectID: id("service principal", name),
		ResourceID: "/subscriptions/" + ProductionID + "/resourcegroups/" + ResourceGroup +
			"/providers/Microsoft.ManagedIdentity/userAssignedIdentities/" + name,
	}
}

func (s seeder) managedIdentity() {
	m := ManagedIdentity()
	properties := map[string]json.RawMessage{}
	for key, v := range map[string]any{
		"servicePrincipalType": "ManagedIdentity", "servicePrincipalNames": []string{m.ClientID},
		"alternativeNames": []string{"isExplicit=True", m.ResourceID},
	} {
		raw, err := json.Marshal(v)
		if err != nil {
			panic(err) // plain texts always marshal
		}
		properties[key] = raw
	}
	s.ServicePrincipals.Put(m.ObjectID, &directory.ServicePrincipal{
		ID: m.ObjectID, AppID: m.ClientID, DisplayName: m.Name, Enabled: true, CreatedAt: s.now, Properties: properties,
	})
	for _, sub := range Subscriptions() {
		s.assign(sub, roleReader, m.ObjectID, "ServicePrincipal")
	}
}
