package arm

import (
	"net/http"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// Limits of custom roles (Azure role-based access control, custom roles; limits).
const (
	mostRoleName    = 128
	mostDescription = 2048
	mostScopes      = 2000
	mostCustomRoles = 5000
)

func (c *call) checkDefinition(s scope, in definitionBody) error {
	p := in.Properties
	if p.RoleName == "" || len([]rune(p.RoleName)) > mostRoleName || len([]rune(p.Description)) > mostDescription ||
		len(p.Permissions) == 0 || len(p.AssignableScopes) == 0 || len(p.AssignableScopes) > mostScopes {
		return badFormat()
	}
	for _, permission := range p.Permissions {
		for _, list := range [][]string{permission.Actions, permission.NotActions, permission.DataActions, permission.NotDataActions} {
			for _, action := range list {
				if err := c.checkAction(action); err != nil {
					return err
				}
			}
		}
		data := len(permission.DataActions)+len(permission.NotDataActions) > 0
		if data && !c.version.since("2018-01-01") {
			return authorization(http.StatusBadRequest, "UnsupportedApiVersionForRoleDefinitionHasDataActions",
				"Role definitions with DataActions and NotDataActions are not supported on API version '%s'. The minimum required API version for this operations is '2018-01-01-preview'.", c.version)
		}
	}
	return c.mayAssignAt(s, p.AssignableScopes)
}

// checkAction refuses what no provider can have: operations end in read, write, delete or action, or have a star. Which
// operations a known provider has is not known here (texts: answers of 2019 and 2026 in public issues).
func (c *call) checkAction(action string) error {
	if action == "*" || action == "*/read" || strings.HasPrefix(action, "*/") {
		return nil
	}
	namespace, rest, found := strings.Cut(action, "/")
	if !found || strings.ContainsAny(action, " \t") || !strings.ContainsRune(namespace, '.') && namespace != "*" {
		return authorization(http.StatusBadRequest, "InvalidActionOrNotAction",
			"The resource provider referenced in the action is not returned in the list of providers from Azure Resource Manager.")
	}
	last := strings.ToLower(rest[strings.LastIndexByte(rest, '/')+1:])
	switch {
	case strings.Contains(rest, "*"), last == "read", last == "write", last == "delete", last == "action":
		return nil
	}
	return authorization(http.StatusBadRequest, "InvalidActionOrNotAction", "'%s' does not match any of the actions supported by the providers.", action)
}

// mayNameDefinition holds to one name once in the directory, and to the number of custom roles.
func (c *call) mayNameDefinition(key, name string, update bool) error {
	for other := range c.Directory.RoleDefinitions.Each(directory.ByName(name)) {
		if other != key {
			return authorization(http.StatusConflict, "RoleDefinitionWithSameNameExists",
				"A custom role with the same name already exists in this directory. Use a different name.")
		}
	}
	if update {
		return nil
	}
	custom := 0
	for _, r := range c.Directory.RoleDefinitions.All() {
		if !r.BuiltIn {
			custom++
		}
	}
	if custom >= mostCustomRoles {
		return authorization(http.StatusBadRequest, "RoleDefinitionLimitExceeded", "Role definition limit exceeded. No more role definitions can be created.")
	}
	return nil
}

// mayAssignAt asks for the right on each scope that the role is to be assignable at. Of management groups there can be
// one (Azure role-based access control, custom roles).
func (c *call) mayAssignAt(s scope, scopes []string) error {
	groups := 0
	for _, text := range scopes {
		at, isScope := parseScope(split(text))
		if !isScope || !strings.HasPrefix(text, "/") {
			return badFormat()
		}
		if err := c.known(at); err != nil {
			return err
		}
		if !c.may(writeDefinition, at) {
			return c.linkedAuthorizationFailed(writeDefinition, s.String(), at.String())
		}
		if at.managementGroup != "" {
			groups++
		}
	}
	if groups > 1 {
		return badFormat()
	}
	return nil
}
