package entra

import "net/http"

// Failures of the authorization code flow and of federated credentials. Texts and codes: Microsoft Entra, authentication
// and authorization error codes; answers seen from 2020 to 2025.

// The authorization endpoint.

func redirectMismatch(uri, clientID string) *failure {
	return fail(invalidRequest, 50011, "The redirect URI '%s' specified in the request does not match the redirect URIs configured for the application '%s'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal. Navigate to https://aka.ms/redirectUriMismatchError to learn more about how to troubleshoot this issue.", uri, clientID)
}

func noRedirect() *failure {
	return fail(invalidRequest, 500113, "No reply address is registered for the application.")
}

func unsupportedMode(mode string) *failure {
	return fail(invalidRequest, 70007, "'%s' is not a supported value of 'response_mode' when requesting a code.", mode)
}

func unsupportedType(kind string) *failure {
	return fail("unsupported_response_type", 70005, "'%s' is not a supported value of 'response_type'.", kind)
}

func notEnabled(code int, kind string) *failure {
	return fail("unsupported_response_type", code, "response_type '%s' is not enabled for the application.", kind)
}

func unsupportedPrompt(prompt string) *failure {
	return fail(invalidRequest, 90023, "Unsupported 'prompt' value '%s'.", prompt)
}

func challengeMissing() *failure {
	return fail(invalidRequest, 50147, "Missing code_challenge parameter.")
}

func challengeMethod() *failure {
	return fail(invalidRequest, 50149, "Invalid code_challenge_method parameter.")
}

func challengeSize() *failure {
	return fail(invalidRequest, 501491, "Invalid size of Code_Challenge parameter.")
}

func challengeNeeded() *failure {
	return fail(invalidRequest, 9002325, "Proof Key for Code Exchange is required for cross-origin authorization code redemption.")
}

func noSession() *failure {
	return fail("login_required", 50058, "A silent sign-in request was sent but no user is signed in.")
}

func cancelled() *failure {
	f := fail("access_denied", 65004, "User declined to consent to access the app.")
	f.Sub = "cancel"
	return f
}

// deniedAccess is a refusal of Conditional Access as a browser brings it to the client.
func deniedAccess(f *failure) *failure {
	denied := *f
	denied.OAuth = "access_denied"
	if f.Claims != "" {
		denied.OAuth = "interaction_required"
	}
	return &denied
}

// The authorization code.

func authorizationUnknown() *failure {
	f := malformed()
	f.OAuth = invalidGrant
	return f
}

func authorizationExpired() *failure {
	return fail(invalidGrant, 70008, "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.")
}

func otherRedirect(given, asked string) *failure {
	return fail(invalidClient, 500112, "The reply address '%s' does not match the reply address '%s' provided when requesting Authorization code.", given, asked)
}

func verifierMissing() *failure {
	return fail(invalidGrant, 50148, "The code_verifier does not match the code_challenge supplied in the authorization request for PKCE.")
}

func verifierWrong() *failure {
	return fail(invalidGrant, 501481, "The Code_Verifier does not match the code_challenge supplied in the authorization request.")
}

func onlyCrossOrigin() *failure {
	return fail(invalidRequest, 9002327, "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.")
}

func noCrossOrigin() *failure {
	return fail(invalidRequest, 9002326, "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.")
}

// wrongPassword: recorded 2022-01.
func wrongPassword() *failure {
	return fail(invalidGrant, 50126, "Error validating credentials due to invalid username or password.")
}

// Federated credentials.

const (
	federationCheck = " Check your federated identity credential Subject, Audience and Issuer against the presented assertion."
	federationDocs  = " https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
)

func noFederated(clientID, name string) *failure {
	return fail(invalidClient, 70025, "The client '%s'(%s) has no configured federated identity credentials.", clientID, name)
}

// federatedMismatch: 700213 was seen 2025-04 and 700211 2024-03, both with invalid_client.
func federatedMismatch(code int, what, value string) *failure {
	return fail(invalidClient, code, "No matching federated identity record found for presented assertion %s '%s'."+federationCheck+federationDocs, what, value)
}

func federatedLetterCase(subject string) *failure {
	return fail(invalidClient, 7002138, "No matching federated identity record found for presented assertion subject '%s'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison. Please ensure the letter case of the federated identity credential Subject matches the presented assertion."+federationDocs, subject)
}

// federatedKeyUnknown: seen 2024-01.
func federatedKeyUnknown(keyID, issuer string) *failure {
	return fail(invalidClient, 7000272, "The certificate with identifier %s used to sign the federated credential could not be found in the metadata of identity provider %s. Please validate that your Identity Provider's metadata exposes the key used to sign the incoming token.", keyID, issuer)
}

// issuerFailed: seen 2022-11, 2023-12 and 2024-05.
func issuerFailed(code int) *failure {
	f := fail(invalidRequest, code, "Request to External OIDC endpoint failed.")
	f.HTTP = http.StatusBadRequest
	return f
}

func onlyAppTokens() *failure {
	return fail(invalidClient, 700229, "Only app-only tokens can be used as Federated Identity Credentials for Microsoft Entra issuer.")
}
