package entra

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// failure is an answer of Entra that is an error. Texts and codes: Microsoft Entra, authentication and authorization
// error codes; recorded answers of 2020 to 2025.
type failure struct {
	OAuth string // the error member
	Code  int    // AADSTS code
	Text  string
	Sub   string // the suberror member; mostly absent
	HTTP  int    // 0: what OAuth stands for

	Claims string // what to ask for in the next sign-in; mostly absent
}

type failureBody struct {
	Error         string `json:"error"`
	Description   string `json:"error_description"`
	Codes         []int  `json:"error_codes"`
	Timestamp     string `json:"timestamp"`
	TraceID       string `json:"trace_id"`
	CorrelationID string `json:"correlation_id"`
	URI           string `json:"error_uri,omitempty"`
	SubError      string `json:"suberror,omitempty"`
	Claims        string `json:"claims,omitempty"`
}

const (
	invalidClient      = "invalid_client"
	invalidGrant       = "invalid_grant"
	invalidRequest     = "invalid_request"
	invalidScope       = "invalid_scope"
	unauthorizedClient = "unauthorized_client"

	certificateDocs = " Review the documentation at https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials ."
)

// status is 401 for a client that failed to authenticate and 400 for all else (recorded answers of 2020 to 2025).
func (f *failure) status() int {
	switch {
	case f.HTTP != 0:
		return f.HTTP
	case f.OAuth == invalidClient:
		return http.StatusUnauthorized
	}
	return http.StatusBadRequest
}

func (f *failure) body(x *exchanged) failureBody {
	at := x.now.Format("2006-01-02 15:04:05Z")
	b := failureBody{
		Error: f.OAuth, Codes: []int{f.Code}, Timestamp: at, TraceID: x.trace, CorrelationID: x.correlation, SubError: f.Sub,
		Claims: f.Claims,
		// By 2025 blanks part the pieces; before, line ends did.
		Description: fmt.Sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s", f.Code, f.Text, x.trace, x.correlation, at),
	}
	if hasPage(f.Code) {
		b.URI = fmt.Sprintf("https://login.microsoftonline.com/error?code=%d", f.Code)
	}
	return b
}

// hasPage says whether Entra has a page on the code and names it. These codes have none (recorded 2022-01; answers seen
// in 2022 and 2024).
func hasPage(code int) bool {
	switch code {
	case 54005, 50166, 501661, 700211, 700212, 700213, 7002137, 7002138:
		return false
	}
	return true
}

func fail(oauth string, code int, format string, args ...any) *failure {
	for i, a := range args {
		if text, ok := a.(string); ok {
			args[i] = shorten(text)
		}
	}
	return &failure{OAuth: oauth, Code: code, Text: fmt.Sprintf(format, args...)}
}

// shorten keeps what a client sent from filling the answer.
func shorten(text string) string {
	const most = 300
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "..."
}

func missing(name string) *failure {
	return fail(invalidRequest, 900144, "The request body must contain the following parameter: '%s'.", name)
}

func malformed() *failure {
	return fail(invalidRequest, 9002313, "Invalid request. Request is malformed or invalid.")
}

func tooLarge() *failure {
	f := malformed()
	f.HTTP = http.StatusRequestEntityTooLarge
	return f
}

func duplicated(name string) *failure {
	return fail(invalidRequest, 9000411, "The request is not properly formatted. The parameter '%s' is duplicated.", name)
}

func onlyPost(method string) *failure {
	return fail(invalidRequest, 900561, "The endpoint only accepts POST requests. Received a %s request.", method)
}

func tenantNotFound(tenant string) *failure {
	return fail("invalid_tenant", 90002, "Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.", tenant)
}

func unknownInstance() *failure {
	return fail("invalid_instance", 50049, "Unknown or invalid instance.")
}

// Clients and their credentials.

func appNotFound(clientID, directoryName string) *failure {
	return fail(unauthorizedClient, 700016, "Application with identifier '%s' was not found in the directory '%s'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.", clientID, directoryName)
}

func noServicePrincipal(clientID, tenantID string) *failure {
	return fail(unauthorizedClient, 7000229, "The client application %s is missing service principal in the tenant %s. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119", clientID, tenantID)
}

func appDisabled(clientID, name string) *failure {
	return fail(unauthorizedClient, 7000112, "Application '%s'(%s) is disabled.", clientID, name)
}

func notMultitenant(clientID, name string) *failure {
	return fail(invalidRequest, 50194, "Application '%s'(%s) is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such applications created after '10/15/2018'. Use a tenant-specific endpoint or configure the application to be multi-tenant.", clientID, name)
}

func onlyForOrganizations(clientID, name string) *failure {
	return fail(invalidRequest, 9002332, "Application '%s'(%s) is configured for use by Azure Active Directory users only. Please do not use the /consumers endpoint to serve this request.", clientID, name)
}

func wrongSecret(clientID string) *failure {
	return fail(invalidClient, 7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.", clientID)
}

func expiredSecret(clientID string) *failure {
	return fail(invalidClient, 7000222, "The provided client secret keys for app '%s' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.", clientID)
}

func noCredential(clientCredentials bool) *failure {
	if clientCredentials {
		return fail(invalidClient, 7000216, "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.")
	}
	return fail(invalidClient, 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
}

func publicClient() *failure {
	return fail(invalidClient, 700025, "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.")
}

func keyFailure(first, reason, thumbprint, found, clientID string) *failure {
	parts := []string{"Reason - " + reason, "Thumbprint of key used by client: '" + thumbprint + "'"}
	if thumbprint == "" {
		parts = parts[:1]
	}
	if found != "" {
		parts = append(parts, "Found key '"+found+"'")
	}
	parts = append(parts, "Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '"+clientID+"'")
	return &failure{OAuth: invalidClient, Code: 700027, Text: first + " [" + strings.Join(parts, ", ") + ".]."}
}

func assertionTime(now, from, to time.Time) *failure {
	const layout = "2006-01-02T15:04:05.0000000Z"
	return fail(invalidClient, 700024, "Client assertion is not within its valid time range. Current time: %s, assertion valid from %s, expiry time of assertion %s."+certificateDocs,
		now.UTC().Format(layout), from.UTC().Format(layout), to.UTC().Format(layout))
}

func assertionClient() *failure {
	return fail(invalidClient, 700021, "Client assertion application identifier doesn't match 'client_id' parameter."+certificateDocs)
}

// assertionAudience: recorded 2021-06; older answers had AADSTS50012 with the same text.
func assertionAudience() *failure {
	return fail(invalidClient, 700023, "Client assertion audience claim does not match Realm issuer."+certificateDocs)
}

func assertionMalformed() *failure {
	return fail(invalidClient, 50027, "JWT token is invalid or malformed.")
}

func assertionAlgorithm(alg string) *failure {
	return fail(invalidClient, 5002738, "Invalid JWT token. '%s' is not a supported signature algorithm. Supported signing algorithms are: 'RS256, PS256'.", alg)
}

// Scopes and resources.

func scopeNotDefault(scope string) *failure {
	return fail(invalidScope, 1002012, "The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).", scope)
}

func scopeNotValid(scope string) *failure {
	return fail(invalidScope, 70011, "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope %s is not valid.", scope)
}

func scopesOfSeveral(scope string) *failure {
	return fail(invalidScope, 28000, "Provided value for the input parameter scope is not valid because it contains more than one resource. Scope %s is not valid.", scope)
}

func resourceNotFound(resource, directoryName string) *failure {
	return fail("invalid_resource", 500011, "The resource principal named %s was not found in the tenant named %s. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.", resource, directoryName)
}

// Device codes and refresh tokens.

func pending() *failure {
	return fail("authorization_pending", 70016, "OAuth 2.0 device flow error. Authorization is pending. Continue polling.")
}

func declined() *failure {
	return fail("authorization_declined", 70017, "OAuth 2.0 device flow error. The user declined the request.")
}

// codeExpired: the text was recorded 2022-05; the version 1 endpoint has a name of its own for it.
func codeExpired(v1 bool) *failure {
	name := "expired_token"
	if v1 {
		name = "code_expired"
	}
	return fail(name, 70020, "The provided value for the input parameter 'device_code' is not valid. This device code has expired.")
}

func codeUnknown() *failure {
	return fail("bad_verification_code", 70000, "The provided value for the input parameter 'device_code' is not valid.")
}

func codeRedeemed() *failure {
	return fail(invalidGrant, 54005, "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.")
}

func codeOfOtherTenant() *failure {
	return fail(invalidGrant, 700005, "Provided Authorization Code is intended to use against other tenant, thus rejected. OAuth2 Authorization Code must be redeemed against same tenant it was acquired for.")
}

// blocked has the text and the error of an answer of 2025-03.
func blocked() *failure {
	return fail(invalidGrant, 53003, "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.")
}

func userNotFound(directoryName string) *failure {
	return fail(invalidGrant, 50034, "The user account does not exist in the %s directory. To sign into this application, the account must be added to the directory.", directoryName)
}

func userDisabled() *failure { return fail(invalidGrant, 50057, "The user account is disabled.") }

func resourceNotSupported() *failure {
	return fail(invalidRequest, 901002, "The 'resource' request parameter is not supported.")
}

func badToken(f *failure) *failure {
	f.Sub = "bad_token"
	return f
}

func refreshUnknown() *failure {
	f := malformed()
	f.OAuth = invalidGrant
	return badToken(f)
}

func refreshRevoked(issued, validFrom time.Time) *failure {
	return badToken(fail(invalidGrant, 50173, "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password. The grant was issued on '%s' and the TokensValidFrom date (before which tokens are not valid) for this user is '%s'.",
		issued.UTC().Format("2006-01-02T15:04:05.0000000Z"), validFrom.UTC().Truncate(time.Second).Format("2006-01-02T15:04:05.0000000Z")))
}

func refreshExpired(issued time.Time) *failure {
	return badToken(fail(invalidGrant, 700082, "The refresh token has expired due to inactivity. The token was issued on %s and was inactive for 90.00:00:00.",
		issued.UTC().Format("2006-01-02T15:04:05.0000000Z")))
}

// refreshOfOtherClient: the code and the text were seen 2023-11.
func refreshOfOtherClient() *failure {
	return fail(invalidGrant, 700007, "The grant was issued for a different client id.")
}

// Tenants and grants that do not go together.

func unsupportedGrant(name string) *failure {
	return fail("unsupported_grant_type", 70003, "The app requested an unsupported grant type '%s'.", name)
}

func grantNeedsTenant(segment string) *failure {
	if segment != organizations {
		return fail(invalidRequest, 9001023, "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.")
	}
	return fail(invalidRequest, 50059, "No tenant-identifying information found in either the request or implied by any provided credentials.")
}

// unavailable is what Entra says of its own transient faults.
func unavailable() *failure {
	f := fail("temporarily_unavailable", 90033, "A transient error has occurred. Please try again.")
	f.HTTP = http.StatusServiceUnavailable
	return f
}
