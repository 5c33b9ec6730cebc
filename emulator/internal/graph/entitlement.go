package graph

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// checkEntitlements keeps roles and scopes that are enabled: they must be disabled before they can be removed
// (Microsoft Graph, application: appRoles and oauth2PermissionScopes; the code and text are those that clients look for).
func (c *call) checkEntitlements(before, after map[string]json.RawMessage) error {
	k := c.kinds.application
	for _, of := range []func(map[string]json.RawMessage) any{
		func(p map[string]json.RawMessage) any { return stored(k, p, "appRoles") },
		func(p map[string]json.RawMessage) any {
			return inside(stored(k, p, "api"), "oauth2PermissionScopes", json.RawMessage(none))
		},
	} {
		left := appRolesDefined(of(after))
		ids := map[string]bool{}
		for _, r := range left {
			if ids[strings.ToLower(r.ID)] {
				return odata.Refused("Request contains a property with duplicate values.")
			}
			ids[strings.ToLower(r.ID)] = true
		}
		for _, r := range appRolesDefined(of(before)) {
			if r.Enabled && !slices.ContainsFunc(left, func(l definedRole) bool { return strings.EqualFold(l.ID, r.ID) }) {
				return &odata.Problem{
					Status: http.StatusBadRequest, Code: "CannotDeleteOrUpdateEnabledEntitlement",
					Message: "Permission (scope or role) cannot be deleted or updated unless disabled first.",
				}
			}
		}
	}
	return nil
}

// withRedirectSettings adds to web the settings of its redirect URIs, one for each (recorded 2024-09).
func withRedirectSettings(web json.RawMessage) json.RawMessage {
	if string(web) == noWeb {
		return web
	}
	var uris []string
	list, ok := inside(web, "redirectUris", nil).(json.RawMessage)
	if !ok || json.Unmarshal(list, &uris) != nil || len(uris) == 0 {
		return web
	}
	settings := make([]entity, len(uris))
	for i, uri := range uris {
		settings[i] = entity{{"uri", uri}, {"index", nil}}
	}
	return bytes.Replace(web, []byte(`"redirectUriSettings":[]`), append([]byte(`"redirectUriSettings":`), appendJSON(nil, settings)...), 1)
}
