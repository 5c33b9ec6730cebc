package identityendpoint

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// imdsAnswer is a token as a virtual machine's metadata service gives it: all texts (Microsoft, how to use managed
// identities on an Azure VM to acquire an access token).
type imdsAnswer struct {
	AccessToken  string `json:"access_token"`
	ClientID     string `json:"client_id"`
	ExpiresIn    string `json:"expires_in"`
	ExpiresOn    string `json:"expires_on"`
	ExtExpiresIn string `json:"ext_expires_in"`
	NotBefore    string `json:"not_before"`
	Resource     string `json:"resource"`
	TokenType    string `json:"token_type"`
}

type imdsProblem struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// imdsVersion is how clients of the metadata service give themselves away at App Service's address.
const imdsVersion = "2018-02-01"

// Instance answers as the metadata service of a virtual machine does, for clients whose address of that service can be
// set (AZURE_POD_IDENTITY_AUTHORITY_HOST, MSAL_MANAGED_IDENTITY_ENDPOINT, Terraform's msi_endpoint).
func (e *Endpoint) Instance() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, err := url.ParseQuery(r.URL.RawQuery)
		refuse := func(status int, text string) {
			e.write(w, r, status, imdsProblem{"invalid_request", text})
		}
		vm := dialect{clientID: "client_id"}
		switch {
		case !fromHere(r):
			refuse(http.StatusForbidden, "The managed identity endpoint answers to programs on its own machine only.")
		case r.Method != http.MethodGet:
			w.Header().Set("Allow", http.MethodGet)
			refuse(http.StatusMethodNotAllowed, "The requested resource does not support http method '"+r.Method+"'.")
		case !strings.EqualFold(r.Header.Get("Metadata"), "true"):
			refuse(http.StatusBadRequest, "Required metadata header not specified")
		case err != nil || query.Get("api-version") == "":
			refuse(http.StatusBadRequest, "Required query variable 'api-version' is missing")
		case query.Get("resource") == "":
			refuse(http.StatusBadRequest, "Required query variable 'resource' is missing")
		case !e.names(query, vm):
			refuse(http.StatusBadRequest, "Identity not found")
		default:
			t, err := e.Tokens.ManagedIdentity(r.Context(), e.Identity.ClientID, query.Get("resource"))
			if err != nil {
				e.write(w, r, http.StatusBadRequest, imdsProblem{"invalid_resource", err.Error()})
				return
			}
			at := e.Now()
			left := strconv.Itoa(int(t.Expires.Sub(at).Seconds()))
			e.write(w, r, http.StatusOK, imdsAnswer{
				AccessToken: t.Access, ClientID: e.Identity.ClientID, ExpiresIn: left, ExtExpiresIn: left,
				ExpiresOn: strconv.FormatInt(t.Expires.Unix(), 10), NotBefore: strconv.FormatInt(at.Add(-5*time.Minute).Unix(), 10),
				Resource: query.Get("resource"), TokenType: "Bearer",
			})
		}
	})
}
