package graph

import (
	"encoding/json"

	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// kinds are the resource types that are served, with their properties in the order of the recorded answers.
type kinds struct {
	application, servicePrincipal, user, group, directoryRole, organization, domain                    *odata.Kind
	directoryObject, federated, federatedBeta, appRole, grant, appPolicy, defaultPolicy, authorization *odata.Kind
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
	k := kinds{
		application:      odata.NewKind("applications", "Application", true, applicationProperties()),
		servicePrincipal: odata.NewKind("servicePrincipals", "ServicePrincipal", false, servicePrincipalProperties()),
		user:             odata.NewKind("users", "User", false, userProperties()),
		group:            odata.NewKind("groups", "Group", false, groupProperties()),
		directoryRole:    odata.NewKind("directoryRoles", "DirectoryRole", false, plain("id", "deletedDateTime", "description", "displayName", "roleTemplateId")),
		organization: odata.NewKind("organization", "Organization", false, plain("id", "deletedDateTime", "businessPhones", "city", "country",
			"countryLetterCode", "createdDateTime", "defaultUsageLocation", "displayName",
			"isMultipleDataLocationsForServicesEnabled", "marketingNotificationEmails", "onPremisesLastSyncDateTime",
			"onPremisesSyncEnabled", "partnerTenantType", "postalCode", "preferredLanguage",
			"securityComplianceNotificationMails", "securityComplianceNotificationPhones", "state", "street",
			"technicalNotificationMails", "tenantType", "directorySizeQuota", "privacyProfile", "assignedPlans",
			"onPremisesSyncStatus", "provisionedPlans", "verifiedDomains")),
		domain: odata.NewKind("domains", "Domain", false, plain("authenticationType", "availabilityStatus", "id", "isAdminManaged", "isDefault",
			"isInitial", "isRoot", "isVerified", "manufacturer", "model", "passwordNotificationWindowInDays",
			"passwordValidityPeriodInDays", "state", "supportedServices")),
		directoryObject: odata.NewKind("directoryObjects", "DirectoryObject", true, plain("id", "deletedDateTime", "displayName")),
		// Recorded 2022 to 2023: six properties and the context.
		federated: odata.NewKind("federatedIdentityCredentials", "FederatedIdentityCredential", false, plain("id", "name", "issuer",
			"subject", "description", "audiences")),
		federatedBeta: odata.NewKind("federatedIdentityCredentials", "FederatedIdentityCredential", false, plain("id", "name", "issuer",
			"subject", "description", "audiences", "claimsMatchingExpression")),
		appRole: odata.NewKind("appRoleAssignments", "AppRoleAssignment", false, plain("id", "deletedDateTime", "appRoleId",
			"createdDateTime", "principalDisplayName", "principalId", "principalType", "resourceDisplayName", "resourceId")),
		// Recorded 2022-05.
		grant: odata.NewKind("oauth2PermissionGrants", "OAuth2PermissionGrant", false, plain("clientId", "consentType", "id", "principalId",
			"resourceId", "scope")),
		appPolicy: odata.NewKind("policies/appManagementPolicies", "AppManagementPolicy", false, plain("id", "deletedDateTime",
			"displayName", "description", "isEnabled", "restrictions")),
		defaultPolicy: odata.NewKind("policies/defaultAppManagementPolicy", "TenantAppManagementPolicy", false, plain("id", "deletedDateTime",
			"displayName", "description", "isEnabled", "applicationRestrictions", "servicePrincipalRestrictions")),
		authorization: odata.NewKind("policies/authorizationPolicy", "AuthorizationPolicy", false, plain("id", "deletedDateTime",
			"displayName", "description", "allowInvitesFrom", "allowedToSignUpEmailBasedSubscriptions", "allowedToUseSSPR",
			"allowEmailVerifiedUsersToJoinOrganization", "allowUserConsentForRiskyApps", "blockMsolPowerShell", "guestUserRoleId",
			"defaultUserRolePermissions")),
	}
	k.grant.Type = "microsoft.graph.oAuth2PermissionGrant"
	k.application.Indexed = []string{"id", "appId", "displayName", "identifierUris", "uniqueName"}
	k.servicePrincipal.Indexed = []string{"id", "appId", "displayName", "servicePrincipalNames"}
	k.user.Indexed = []string{"id", "userPrincipalName", "displayName"}
	k.group.Indexed = []string{"id", "displayName"}
	k.grant.Indexed = []string{"id", "clientId", "resourceId"}
	k.appRole.Indexed = []string{"principalId", "resourceId"}
	return k
}

// plain declares properties that nobody can set here.
func plain(names ...string) []odata.Property {
	list := make([]odata.Property, 0, len(names))
	for _, n := range names {
		list = append(list, odata.Property{Name: n, Form: odata.Composite, ReadOnly: true})
	}
	return list
}

func hidden(names ...string) []odata.Property {
	list := plain(names...)
	for i := range list {
		list[i].Hidden = true
	}
	return list
}

func with(name string, f odata.Form, initial string) odata.Property {
	p := odata.Property{Name: name, Form: f}
	if initial != "" {
		p.Initial = json.RawMessage(initial)
	}
	return p
}

// selectable declares a property that is only shown when it is selected.
func selectable(name string, f odata.Form, initial string) odata.Property {
	p := with(name, f, initial)
	p.Hidden = true
	return p
}

func fixed(name, initial string) odata.Property {
	p := with(name, odata.Composite, initial)
	p.ReadOnly = true
	return p
}

// applicationProperties are those of 2025 (recorded 2025-04): 38, and @odata.context.
func applicationProperties() []odata.Property {
	return []odata.Property{
		fixed("id", ""), fixed("deletedDateTime", ""), fixed("appId", ""), fixed("applicationTemplateId", ""),
		fixed("disabledByMicrosoftStatus", ""), fixed("createdDateTime", ""), with("displayName", odata.Text, ""),
		with("description", odata.Text, ""), with("groupMembershipClaims", odata.Text, ""), with("identifierUris", odata.Texts, none),
		with("isDeviceOnlyAuthSupported", odata.Flag, ""), with("isFallbackPublicClient", odata.Flag, ""),
		with("nativeAuthenticationApisEnabled", odata.Text, ""), with("notes", odata.Text, ""), fixed("publisherDomain", ""),
		with("serviceManagementReference", odata.Text, ""), with("signInAudience", odata.Text, ""), with("tags", odata.Texts, none),
		with("tokenEncryptionKeyId", odata.GUID, ""), with("uniqueName", odata.Text, ""), with("samlMetadataUrl", odata.Text, ""),
		with("defaultRedirectUri", odata.Text, ""), fixed("certification", ""), of("optionalClaims", odata.Composite, "", optionalClaimsType()),
		of("servicePrincipalLockConfiguration", odata.Composite, "", lockType()), of("requestSignatureVerification", odata.Composite, "", signatureType()),
		of("addIns", odata.Objects, none, addInType()), of("api", odata.Composite, noAPI, apiType()), of("appRoles", odata.Objects, none, appRoleType()),
		of("info", odata.Composite, noInfo, infoType()), with("keyCredentials", odata.Keys, none),
		of("parentalControlSettings", odata.Composite, noParental, parentalType()), with("passwordCredentials", odata.Secrets, none),
		of("publicClient", odata.Composite, noRedirects, redirectsType("PublicClientApplication")), of("requiredResourceAccess", odata.Objects, none, resourceAccessType()),
		fixed("verifiedPublisher", noPublisher), of("web", odata.Composite, noWeb, webType()), of("spa", odata.Composite, noRedirects, redirectsType("SpaApplication")),
		selectable("authenticationBehaviors", odata.Composite, ""), selectable("oauth2RequirePostResponse", odata.Flag, "false"),
	}
}

// servicePrincipalProperties are those of 2025 (recorded 2025-04): 36, and @odata.context.
func servicePrincipalProperties() []odata.Property {
	return []odata.Property{
		fixed("id", ""), fixed("deletedDateTime", ""), with("accountEnabled", odata.Flag, "true"),
		with("alternativeNames", odata.Texts, none), fixed("appDisplayName", ""), fixed("appDescription", ""),
		fixed("appId", ""), fixed("applicationTemplateId", ""), fixed("appOwnerOrganizationId", ""),
		with("appRoleAssignmentRequired", odata.Flag, "false"), fixed("createdDateTime", ""), with("description", odata.Text, ""),
		fixed("disabledByMicrosoftStatus", ""), with("displayName", odata.Text, ""), with("homepage", odata.Text, ""),
		with("loginUrl", odata.Text, ""), with("logoutUrl", odata.Text, ""), with("notes", odata.Text, ""),
		with("notificationEmailAddresses", odata.Texts, none), with("preferredSingleSignOnMode", odata.Text, ""),
		with("preferredTokenSigningKeyThumbprint", odata.Text, ""), with("replyUrls", odata.Texts, none),
		with("servicePrincipalNames", odata.Texts, none), fixed("servicePrincipalType", ""), fixed("signInAudience", ""),
		with("tags", odata.Texts, none), with("tokenEncryptionKeyId", odata.GUID, ""), of("samlSingleSignOnSettings", odata.Composite, "", complexType("SamlSingleSignOnSettings", each(odata.Text, "relayState"))),
		of("addIns", odata.Objects, none, addInType()), of("appRoles", odata.Objects, none, appRoleType()), of("info", odata.Composite, noInfo, infoType()),
		with("keyCredentials", odata.Keys, none), of("oauth2PermissionScopes", odata.Objects, none, scopeType()),
		with("passwordCredentials", odata.Secrets, none), fixed("resourceSpecificApplicationPermissions", none),
		fixed("verifiedPublisher", noPublisher), selectable("samlMetadataUrl", odata.Text, ""), selectable("errorUrl", odata.Text, ""),
		selectable("publisherName", odata.Text, ""), selectable("customSecurityAttributes", odata.Composite, ""),
		selectable("isAuthorizationServiceEnabled", odata.Flag, "false"), selectable("isManagementRestricted", odata.Flag, ""), selectable("passwordSingleSignOnSettings", odata.Composite, ""),
	}
}

// userProperties: a read shows the first eleven (recorded 2022 to 2023), the others only with $select.
func userProperties() []odata.Property {
	list := []odata.Property{
		with("businessPhones", odata.Texts, none), with("displayName", odata.Text, ""), with("givenName", odata.Text, ""), with("jobTitle", odata.Text, ""),
		with("mail", odata.Text, ""), with("mobilePhone", odata.Text, ""), with("officeLocation", odata.Text, ""), with("preferredLanguage", odata.Text, ""),
		with("surname", odata.Text, ""), with("userPrincipalName", odata.Text, ""), fixed("id", ""),
		selectable("accountEnabled", odata.Flag, ""), selectable("mailNickname", odata.Text, ""), selectable("userType", odata.Text, ""),
		selectable("otherMails", odata.Texts, none), selectable("employeeOrgData", odata.Composite, ""),
		selectable("onPremisesExtensionAttributes", odata.Composite, ""), selectable("showInAddressList", odata.Flag, ""),
	}
	for _, name := range []string{
		"ageGroup", "city", "companyName", "consentProvidedForMinor", "country", "department", "employeeHireDate", "employeeId",
		"employeeType", "faxNumber", "onPremisesImmutableId", "passwordPolicies", "postalCode", "state", "streetAddress", "usageLocation",
	} {
		list = append(list, selectable(name, odata.Text, ""))
	}
	return append(list, hidden("createdDateTime", "deletedDateTime", "creationType", "externalUserState",
		"externalUserStateChangeDateTime", "identities", "imAddresses", "isResourceAccount", "lastPasswordChangeDateTime",
		"legalAgeGroupClassification", "onPremisesDistinguishedName", "onPremisesDomainName", "onPremisesLastSyncDateTime",
		"onPremisesSamAccountName", "onPremisesSecurityIdentifier", "onPremisesSyncEnabled", "onPremisesUserPrincipalName",
		"proxyAddresses", "securityIdentifier", "signInSessionsValidFromDateTime", "assignedLicenses", "assignedPlans",
		"provisionedPlans", "licenseAssignmentStates", "onPremisesProvisioningErrors", "serviceProvisioningErrors", "signInActivity",
		"preferredDataLocation", "isManagementRestricted", "customSecurityAttributes")...)
}

// groupProperties: recorded 2022-06, and what clients ask for with $select.
func groupProperties() []odata.Property {
	list := []odata.Property{
		fixed("id", ""), fixed("deletedDateTime", ""), with("classification", odata.Text, ""), fixed("createdDateTime", ""),
		with("creationOptions", odata.Texts, none), with("description", odata.Text, ""), with("displayName", odata.Text, ""),
		fixed("expirationDateTime", ""), with("groupTypes", odata.Texts, none), with("isAssignableToRole", odata.Flag, ""), fixed("mail", ""),
		with("mailEnabled", odata.Flag, "false"), with("mailNickname", odata.Text, ""), with("membershipRule", odata.Text, ""),
		with("membershipRuleProcessingState", odata.Text, ""),
	}
	list = append(list, plain("onPremisesDomainName", "onPremisesLastSyncDateTime", "onPremisesNetBiosName",
		"onPremisesSamAccountName", "onPremisesSecurityIdentifier", "onPremisesSyncEnabled")...)
	list = append(list, with("preferredDataLocation", odata.Text, ""), with("preferredLanguage", odata.Text, ""), fixed("proxyAddresses", none),
		fixed("renewedDateTime", ""), with("resourceBehaviorOptions", odata.Texts, none), with("resourceProvisioningOptions", odata.Texts, none),
		with("securityEnabled", odata.Flag, "true"), fixed("securityIdentifier", ""), with("theme", odata.Text, ""), with("visibility", odata.Text, ""),
		fixed("onPremisesProvisioningErrors", none), selectable("uniqueName", odata.Text, ""), selectable("writebackConfiguration", odata.Composite, ""))
	return append(list, hidden("allowExternalSenders", "autoSubscribeNewMembers", "hideFromAddressLists", "hideFromOutlookClients",
		"isSubscribedByMail", "unseenCount", "hasMembersWithLicenseErrors", "assignedLabels", "assignedLicenses", "isArchived",
		"isManagementRestricted", "licenseProcessingState", "serviceProvisioningErrors")...)
}
