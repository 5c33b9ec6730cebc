package arm

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// Ids, names, descriptions and permissions are those of "Azure built-in roles" (Microsoft, Azure role-based access
// control), as of 2026-08. They are what a service account's checks compare with: change them only with the document.
//
//go:embed roles.json
var roleData []byte

// BuiltInRoles are Azure's own roles, as far as the emulator has them, each with its guid as ID. The callers own them.
func BuiltInRoles() []*directory.RoleDefinition {
	var roles []*directory.RoleDefinition
	if err := json.Unmarshal(roleData, &roles); err != nil {
		panic(fmt.Errorf("reading the built-in roles: %w", err)) // the file is part of the program
	}
	// The date of Owner, Contributor and Reader in recorded answers; those of the others differ, and nobody asks for them.
	made := time.Date(2015, 2, 2, 21, 55, 9, 880642300, time.UTC)
	for _, r := range roles {
		r.BuiltIn, r.AssignableScopes, r.CreatedAt, r.UpdatedAt = true, []string{"/"}, made, made
	}
	return roles
}
