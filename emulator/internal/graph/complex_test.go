package graph_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestWrongTypes(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, p, _ := c.app("backup")
	app, sp := "/v1.0/applications/"+a.ID, "/v1.0/servicePrincipals/"+p.ID
	for body, message := range map[string]string{
		`{"api":{"requestedAccessTokenVersion":"two"}}`:                                                              "requestedAccessTokenVersion",
		`{"api":{"requestedAccessTokenVersion":1.5}}`:                                                                "requestedAccessTokenVersion",
		`{"api":{"color":"red"}}`:                                                                                    "color",
		`{"api":{"oauth2PermissionScopes":[{"id":"x"}]}}`:                                                            "Edm.Guid",
		`{"api":{"oauth2PermissionScopes":[{}]}}`:                                                                    "'id'",
		`{"api":{"oauth2PermissionScopes":["use"]}}`:                                                                 "oauth2PermissionScopes",
		`{"appRoles":[{"id":"1b19509b-32b1-4e9f-b71d-4992aa991967","isEnabled":"yes"}]}`:                             "isEnabled",
		`{"appRoles":[{"id":"1b19509b-32b1-4e9f-b71d-4992aa991967","color":"red"}]}`:                                 "The property 'color' does not exist on type 'microsoft.graph.appRole'.",
		`{"appRoles":[{"id":"1b19509b-32b1-4e9f-b71d-4992aa991967"},{"id":"1B19509B-32b1-4e9f-b71d-4992aa991967"}]}`: "duplicate values",
		`{"requiredResourceAccess":[{"resourceAppId":"x","resourceAccess":[{"id":"x","type":"Role"}]}]}`:             "Edm.Guid",
		`{"requiredResourceAccess":[{"resourceAppId":"x","resourceAccess":{}}]}`:                                     "resourceAccess",
		`{"requiredResourceAccess":[null]}`:                                                                          "requiredResourceAccess",
		`{"web":{"redirectUris":"https://a"}}`:                                                                       "redirectUris",
		`{"web":{"redirectUris":[1]}}`:                                                                               "redirectUris",
		`{"web":{"implicitGrantSettings":{"enableIdTokenIssuance":1}}}`:                                              "enableIdTokenIssuance",
		`{"web":[]}`:                        "web",
		`{"optionalClaims":{"idToken":{}}}`: "idToken",
		`{"isFallbackPublicClient":"yes"}`:  "isFallbackPublicClient",
		`{"tags":[null]}`:                   "tags",
		`{"notes":5}`:                       "notes",
		`{"displayName":{}}`:                "displayName",
		`{"tokenEncryptionKeyId":"x"}`:      "Edm.Guid",
		`{"servicePrincipalLockConfiguration":{"isEnabled":"yes"}}`: "isEnabled",
	} {
		if r := c.patch(app, body); r.status != http.StatusBadRequest || !strings.Contains(r.raw, message) {
			t.Errorf("%s: %d %s", body, r.status, r.raw)
		}
	}
	for body, message := range map[string]string{
		`{"accountEnabled":"yes"}`:                      "accountEnabled",
		`{"samlSingleSignOnSettings":{"relayState":1}}`: "relayState",
		`{"color":"red"}`:                               "Invalid property 'color'.", // not an open type
		`{"servicePrincipalNames":[]}`:                  "servicePrincipalNames",
	} {
		if r := c.patch(sp, body); r.status != http.StatusBadRequest || !strings.Contains(r.raw, message) {
			t.Errorf("%s: %d %s", body, r.status, r.raw)
		}
	}
	c.patch(app, `{"color":"red"}`).want(http.StatusNoContent) // an open type
	if got := c.get(app).text("color"); got != "red" {
		t.Errorf("color %q", got)
	}
}
