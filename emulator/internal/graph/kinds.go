package graph

import "encoding/json"

// kinds are the resource types that are served, with their properties in the order of the recorded answers.
type kinds struct {
	application, servicePrincipal, user, group, directoryRole, organization, domain *kind
}

const (
	noInfo      = `{"logoUrl":null,"marketingUrl":null,"privacyStatementUrl":null,"supportUrl":null,"termsOfServiceUrl":null}`
	noPublisher = `{"displayName":null,"verifiedPublisherId":null,"addedDateTime":null}`
	noAPI       = `{"acceptMappedClaims":null,"knownClientApplications":[],"requestedAccessTokenVersion":null,"oauth2PermissionScopes":[],"preAuthorizedApplications":[]}`
	noParental  = `{"countriesBlockedForMinors":[],"legalAgeGroupRule":"Allow"}`
	noWeb       = `{"homePageUrl":null,"logoutUrl":null,"redirectUris":[],"implicitGrantSettings":{"enableAccessTokenIssuance":false,"enableIdTokenIssuance":false},"redirectUriSettings":[]}`
	noRedirects = `{"redirectUris":[]}`
	none        = `[]`
)

func newKinds() kinds {
	return kinds{
		application:      newKind("applications", "Application", true, applicationProperties()),
		servicePrincipal: newKind("servicePrincipals", "ServicePrincipal", false, servicePrincipalProperties()),
		user: newKind("users", "User", false, append(plain("businessPhones", "displayName", "givenName", "jobTitle", "mail",
			"mobilePhone", "officeLocation", "preferredLanguage", "surname", "userPrincipalName", "id"),
			hidden("accountEnabled", "createdDateTime", "deletedDateTime", "mailNickname", "userType")...)),
		group: newKind("groups", "Group", false, plain("id", "deletedDateTime", "classification", "createdDateTime", "creationOptions",
			"description", "displayName", "expirationDateTime", "groupTypes", "isAssignableToRole", "mail", "mailEnabled",
			"mailNickname", "membershipRule", "membershipRuleProcessingState", "onPremisesDomainName",
			"onPremisesLastSyncDateTime", "onPremisesNetBiosName", "onPremisesSamAccountName",
			"onPremisesSecurityIdentifier", "onPremisesSyncEnabled", "preferredDataLocation", "preferredLanguage",
			"proxyAddresses", "renewedDateTime", "resourceBehaviorOptions", "resourceProvisioningOptions",
			"securityEnabled", "securityIdentifier", "theme", "visibility", "onPremisesProvisioningErrors")),
		directoryRole: newKind("directoryRoles", "DirectoryRole", false, plain("id", "deletedDateTime", "description", "displayName", "roleTemplateId")),
		organization: newKind("organization", "Organization", false, plain("id", "deletedDateTime", "businessPhones", "city", "country",
			"countryLetterCode", "createdDateTime", "defaultUsageLocation", "displayName",
			"isMultipleDataLocationsForServicesEnabled", "marketingNotificationEmails", "onPremisesLastSyncDateTime",
			"onPremisesSyncEnabled", "partnerTenantType", "postalCode", "preferredLanguage",
			"securityComplianceNotificationMails", "securityComplianceNotificationPhones", "state", "street",
			"technicalNotificationMails", "tenantType", "directorySizeQuota", "privacyProfile", "assignedPlans",
			"onPremisesSyncStatus", "provisionedPlans", "verifiedDomains")),
		domain: newKind("domains", "Domain", false, plain("authenticationType", "availabilityStatus", "id", "isAdminManaged", "isDefault",
			"isInitial", "isRoot", "isVerified", "manufacturer", "model", "passwordNotificationWindowInDays",
			"passwordValidityPeriodInDays", "state", "supportedServices")),
	}
}

// plain declares properties that nobody can set here.
func plain(names ...string) []property {
	list := make([]property, 0, len(names))
	for _, n := range names {
		list = append(list, property{name: n, form: composite, readOnly: true})
	}
	return list
}

func hidden(names ...string) []property {
	list := plain(names...)
	for i := range list {
		list[i].hidden = true
	}
	return list
}

func with(name string, f form, initial string) property {
	p := property{name: name, form: f}
	if initial != "" {
		p.initial = json.RawMessage(initial)
	}
	return p
}

func fixed(name, initial string) property {
	p := with(name, composite, initial)
	p.readOnly = true
	return p
}

// applicationProperties are those of 2025 (recorded 2025-04): 38, and @odata.context.
func applicationProperties() []property {
	return []property{
		fixed("id", ""), fixed("deletedDateTime", ""), fixed("appId", ""), fixed("applicationTemplateId", ""),
		fixed("disabledByMicrosoftStatus", ""), fixed("createdDateTime", ""), with("displayName", text, ""),
		with("description", text, ""), with("groupMembershipClaims", text, ""), with("identifierUris", texts, none),
		with("isDeviceOnlyAuthSupported", flag, ""), with("isFallbackPublicClient", flag, ""),
		with("nativeAuthenticationApisEnabled", text, ""), with("notes", text, ""), fixed("publisherDomain", ""),
		with("serviceManagementReference", text, ""), with("signInAudience", text, ""), with("tags", texts, none),
		with("tokenEncryptionKeyId", guid, ""), with("uniqueName", text, ""), with("samlMetadataUrl", text, ""),
		with("defaultRedirectUri", text, ""), fixed("certification", ""), with("optionalClaims", composite, ""),
		with("servicePrincipalLockConfiguration", composite, ""), with("requestSignatureVerification", composite, ""),
		with("addIns", objects, none), with("api", composite, noAPI), with("appRoles", objects, none),
		with("info", composite, noInfo), with("keyCredentials", keys, none),
		with("parentalControlSettings", composite, noParental), with("passwordCredentials", secrets, none),
		with("publicClient", composite, noRedirects), with("requiredResourceAccess", objects, none),
		fixed("verifiedPublisher", noPublisher), with("web", composite, noWeb), with("spa", composite, noRedirects),
	}
}

// servicePrincipalProperties are those of 2025 (recorded 2025-04): 36, and @odata.context.
func servicePrincipalProperties() []property {
	return []property{
		fixed("id", ""), fixed("deletedDateTime", ""), with("accountEnabled", flag, "true"),
		with("alternativeNames", texts, none), fixed("appDisplayName", ""), fixed("appDescription", ""),
		fixed("appId", ""), fixed("applicationTemplateId", ""), fixed("appOwnerOrganizationId", ""),
		with("appRoleAssignmentRequired", flag, "false"), fixed("createdDateTime", ""), with("description", text, ""),
		fixed("disabledByMicrosoftStatus", ""), with("displayName", text, ""), with("homepage", text, ""),
		with("loginUrl", text, ""), with("logoutUrl", text, ""), with("notes", text, ""),
		with("notificationEmailAddresses", texts, none), with("preferredSingleSignOnMode", text, ""),
		with("preferredTokenSigningKeyThumbprint", text, ""), with("replyUrls", texts, none),
		with("servicePrincipalNames", texts, none), fixed("servicePrincipalType", ""), fixed("signInAudience", ""),
		with("tags", texts, none), with("tokenEncryptionKeyId", guid, ""), with("samlSingleSignOnSettings", composite, ""),
		with("addIns", objects, none), with("appRoles", objects, none), with("info", composite, noInfo),
		with("keyCredentials", keys, none), with("oauth2PermissionScopes", objects, none),
		with("passwordCredentials", secrets, none), fixed("resourceSpecificApplicationPermissions", none),
		fixed("verifiedPublisher", noPublisher),
	}
}
