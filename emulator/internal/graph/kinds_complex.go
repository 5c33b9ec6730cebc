package graph

import "github.com/evercred/evercred/emulator/internal/graph/odata"

// of declares a property with an object, or a list of objects, of a complex type.
func of(name string, f odata.Form, initial string, c *odata.Complex) odata.Property {
	p := with(name, f, initial)
	p.Of = c
	return p
}

// complexType declares a complex type by its members (Microsoft Graph, the resource type of that name).
func complexType(name string, members ...[]odata.Property) *odata.Complex {
	c := &odata.Complex{Name: name}
	for _, m := range members {
		c.Members = append(c.Members, m...)
	}
	return c
}

// requiring says what the elements of a list cannot do without.
func requiring(c *odata.Complex, names ...string) *odata.Complex {
	c.Required = names
	return c
}

func each(f odata.Form, names ...string) []odata.Property {
	list := make([]odata.Property, len(names))
	for i, n := range names {
		list[i] = odata.Property{Name: n, Form: f}
	}
	return list
}

func nested(name string, f odata.Form, c *odata.Complex) []odata.Property {
	return []odata.Property{{Name: name, Form: f, Of: c}}
}

func appRoleType() *odata.Complex {
	return requiring(complexType("AppRole", each(odata.Texts, "allowedMemberTypes"), each(odata.GUID, "id"), each(odata.Flag, "isEnabled"),
		each(odata.Text, "description", "displayName", "origin", "value")), "id")
}

func scopeType() *odata.Complex {
	return requiring(complexType("PermissionScope", each(odata.GUID, "id"), each(odata.Flag, "isEnabled"),
		each(odata.Text, "adminConsentDescription", "adminConsentDisplayName", "origin", "type", "userConsentDescription",
			"userConsentDisplayName", "value")), "id")
}

func apiType() *odata.Complex {
	return complexType("ApiApplication", each(odata.Flag, "acceptMappedClaims"), each(odata.Texts, "knownClientApplications"),
		each(odata.Integer, "requestedAccessTokenVersion"), nested("oauth2PermissionScopes", odata.Objects, scopeType()),
		nested("preAuthorizedApplications", odata.Objects, complexType("PreAuthorizedApplication", each(odata.Text, "appId"),
			each(odata.Texts, "delegatedPermissionIds", "permissionIds"))))
}

func webType() *odata.Complex {
	return complexType("WebApplication", each(odata.Text, "homePageUrl", "logoutUrl"), each(odata.Texts, "redirectUris"),
		nested("implicitGrantSettings", odata.Composite, complexType("ImplicitGrantSettings",
			each(odata.Flag, "enableAccessTokenIssuance", "enableIdTokenIssuance"))),
		nested("redirectUriSettings", odata.Objects, complexType("RedirectUriSettings", each(odata.Text, "uri"), each(odata.Integer, "index"))))
}

func redirectsType(name string) *odata.Complex {
	return complexType(name, each(odata.Texts, "redirectUris"))
}

func resourceAccessType() *odata.Complex {
	return requiring(complexType("RequiredResourceAccess", each(odata.Text, "resourceAppId"), nested("resourceAccess", odata.Objects,
		requiring(complexType("ResourceAccess", each(odata.GUID, "id"), each(odata.Text, "type")), "id", "type"))), "resourceAppId")
}

func optionalClaimsType() *odata.Complex {
	claim := complexType("OptionalClaim", each(odata.Text, "name", "source"), each(odata.Flag, "essential"), each(odata.Texts, "additionalProperties"))
	return complexType("OptionalClaims", nested("idToken", odata.Objects, claim), nested("accessToken", odata.Objects, claim),
		nested("saml2Token", odata.Objects, claim))
}

func infoType() *odata.Complex {
	return complexType("InformationalUrl", each(odata.Text, "logoUrl", "marketingUrl", "privacyStatementUrl", "supportUrl", "termsOfServiceUrl"))
}

func parentalType() *odata.Complex {
	return complexType("ParentalControlSettings", each(odata.Texts, "countriesBlockedForMinors"), each(odata.Text, "legalAgeGroupRule"))
}

func lockType() *odata.Complex {
	return complexType("ServicePrincipalLockConfiguration", each(odata.Flag, "isEnabled", "allProperties", "credentialsWithUsageVerify",
		"credentialsWithUsageSign", "identifierUris", "tokenEncryptionKeyId"))
}

func signatureType() *odata.Complex {
	return complexType("RequestSignatureVerification", each(odata.Flag, "isSignedRequestRequired"), each(odata.Text, "allowedWeakAlgorithms"))
}

func addInType() *odata.Complex {
	return complexType("AddIn", each(odata.GUID, "id"), each(odata.Text, "type"),
		nested("properties", odata.Objects, complexType("KeyValue", each(odata.Text, "key", "value"))))
}
