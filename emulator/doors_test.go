package emulator_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armsubscriptions"

	"github.com/evercred/evercred/emulator/emulatortest"
)

// proxied is a client that knows the emulator as its HTTPS proxy and CA only, as HTTPS_PROXY and SSL_CERT_FILE make it.
func proxied(t *testing.T, e *emulatortest.Emulator) *http.Client {
	t.Helper()
	proxy, err := url.Parse(e.Env()["PROXY_URL"])
	if err != nil {
		t.Fatal(err)
	}
	own, ok := e.HTTPClient().Transport.(*http.Transport)
	if !ok {
		t.Fatal("the test client has another transport")
	}
	transport := &http.Transport{
		Proxy:           http.ProxyURL(proxy),
		TLSClientConfig: &tls.Config{RootCAs: own.TLSClientConfig.RootCAs}, ForceAttemptHTTP2: true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// azidentity and armsubscriptions, unmodified and with the clouds that they come with.
func TestProxyWithAzureSDK(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	env := e.Env()
	for name, c := range map[string]cloud.Configuration{
		"public": cloud.AzurePublic, "government": cloud.AzureGovernment, "china": cloud.AzureChina,
	} {
		client := policy.ClientOptions{Cloud: c, Transport: proxied(t, e), Retry: policy.RetryOptions{MaxRetries: -1}}
		credential, err := azidentity.NewClientSecretCredential(env["TENANT_ID"], env["APP_ID"], env["APP_SECRET"], &azidentity.ClientSecretCredentialOptions{ClientOptions: client})
		if err != nil {
			t.Fatal(err)
		}
		subscriptions, err := armsubscriptions.NewClient(credential, &arm.ClientOptions{ClientOptions: client})
		if err != nil {
			t.Fatal(err)
		}
		page, err := subscriptions.NewListPager(nil).NextPage(t.Context())
		if err != nil || len(page.Value) != 2 {
			t.Errorf("%s: %d, %v", name, len(page.Value), err)
		}
	}
}

func TestProxyHosts(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	client := proxied(t, e)
	tenant := e.Env()["TENANT_ID"]
	for host, want := range map[string]struct{ issuer, endpoint, graph, instance string }{
		"login.microsoftonline.com":        {"https://login.microsoftonline.com/", "https://login.microsoftonline.com/", "graph.microsoft.com", "microsoftonline.com"},
		"login.windows.net":                {"https://login.microsoftonline.com/", "https://login.windows.net/", "graph.microsoft.com", "microsoftonline.com"},
		"sts.windows.net":                  {"https://login.microsoftonline.com/", "https://login.microsoftonline.com/", "graph.microsoft.com", "microsoftonline.com"},
		"login.microsoftonline.us":         {"https://login.microsoftonline.us/", "https://login.microsoftonline.us/", "graph.microsoft.us", "microsoftonline.us"},
		"login.partner.microsoftonline.cn": {"https://login.partner.microsoftonline.cn/", "https://login.partner.microsoftonline.cn/", "microsoftgraph.chinacloudapi.cn", "partner.microsoftonline.cn"},
		"login.chinacloudapi.cn":           {"https://login.partner.microsoftonline.cn/", "https://login.chinacloudapi.cn/", "microsoftgraph.chinacloudapi.cn", "partner.microsoftonline.cn"},
	} {
		var doc struct {
			Issuer   string
			Token    string `json:"token_endpoint"`
			Graph    string `json:"msgraph_host"`
			Instance string `json:"cloud_instance_name"`
		}
		ask(t, client, "GET", "https://"+host+"/"+tenant+"/v2.0/.well-known/openid-configuration", "", "", 200, &doc)
		if doc.Issuer != want.issuer+tenant+"/v2.0" || doc.Token != want.endpoint+tenant+"/oauth2/v2.0/token" || doc.Graph != want.graph || doc.Instance != want.instance {
			t.Errorf("%s: %+v", host, doc)
		}
	}
	bearer := token(t, e, e.HTTPClient(), graphScope, 200)
	for _, host := range []string{"graph.microsoft.com", "graph.microsoft.us", "dod-graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"} {
		var list struct {
			Context string `json:"@odata.context"`
			Next    string `json:"@odata.nextLink"`
		}
		ask(t, client, "GET", "https://"+host+"/v1.0/users?$top=1", bearer, "", 200, &list)
		if !strings.HasPrefix(list.Context, "https://"+host+"/v1.0/$metadata#users") || !strings.HasPrefix(list.Next, "https://"+host+"/v1.0/users?") {
			t.Errorf("%s: %+v", host, list)
		}
	}
	for _, address := range []string{
		"https://login.microsoftonline.com/_emulator/clock", "https://login.microsoftonline.com/subscriptions?api-version=2020-01-01",
	} {
		resp, err := client.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 404 && resp.StatusCode != 400 {
			t.Errorf("%s: %s: a host has its own service only", address, resp.Status)
		}
	}
	if _, err := client.Get("https://example.com/"); err == nil || !strings.Contains(err.Error(), "Forbidden") {
		t.Errorf("another host: %v", err)
	}
	var clock struct{ Now time.Time }
	ask(t, client, "GET", e.BaseURL()+"/_emulator/clock", "", "", 200, &clock) // by its own name, through the proxy
	resp, err := client.Get(e.Env()["PROXY_URL"] + "/devicelogin")             // and the page, though it is the proxy itself
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Errorf("the page by the emulator's name: %s", resp.Status)
	}
	resp, err = client.Get("http://microsoft.com/devicelogin")
	if err != nil {
		t.Fatal(err)
	}
	page, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != 200 || !strings.Contains(string(page), "Enter code") {
		t.Errorf("%s %s", resp.Status, page)
	}
}

// A tunnel does not outlive the emulator, nor holds up its end.
func TestProxyCloses(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	client := proxied(t, e)
	ask(t, client, "GET", "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration", "", "", 200, nil)
	start := time.Now()
	e.Restart()
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("a restart took %v", took)
	}
	ask(t, client, "GET", "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration", "", "", 200, nil)
}

// azidentity's ManagedIdentityCredential, unmodified: the identity reads the subscriptions and may not write.
func TestManagedIdentity(t *testing.T) { //nolint:paralleltest // the SDK finds the endpoint in the environment
	e := emulatortest.Start(t)
	env := e.Env()
	t.Setenv("IDENTITY_ENDPOINT", env["MSI_ENDPOINT_URL"])
	t.Setenv("IDENTITY_HEADER", env["MSI_HEADER"])
	client := options(e)
	for name, o := range map[string]*azidentity.ManagedIdentityCredentialOptions{
		"any": {}, "by client id": {ID: azidentity.ClientID(env["MSI_CLIENT_ID"])},
	} {
		credential, err := azidentity.NewManagedIdentityCredential(o)
		if err != nil {
			t.Fatal(err)
		}
		subscriptions, err := armsubscriptions.NewClient(credential, &arm.ClientOptions{ClientOptions: client})
		if err != nil {
			t.Fatal(err)
		}
		page, err := subscriptions.NewListPager(nil).NextPage(t.Context())
		if err != nil || len(page.Value) != 2 {
			t.Errorf("%s: %v", name, err)
		}
		token, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{armScope}})
		if err != nil {
			t.Fatal(err)
		}
		ask(t, e.HTTPClient(), "PUT", e.BaseURL()+"/subscriptions/"+env["SUBSCRIPTION_ID"]+"/providers/Microsoft.Authorization/roleAssignments/0a8e8c3c-0ad2-4ad0-9a6f-1df7a2d3ae2b?api-version=2022-04-01",
			token.Token, `{"properties":{"roleDefinitionId":"/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7","principalId":"0a8e8c3c-0ad2-4ad0-9a6f-1df7a2d3ae2c"}}`, 403, nil)
	}
	for name, want := range map[string]string{"0a8e8c3c-0ad2-4ad0-9a6f-1df7a2d3ae2b": "No User Assigned or Delegated Managed Identity found"} {
		credential, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ID: azidentity.ClientID(name)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{armScope}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The metadata service of a virtual machine, for clients whose address of it can be set.
func TestInstanceIdentity(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	address := e.Env()["PROXY_URL"] + "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/"
	ask(t, e.HTTPClient(), "GET", address, "", "", 400, nil)
	r, err := http.NewRequestWithContext(t.Context(), "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Metadata", "true")
	var got struct {
		Access string `json:"access_token"`
	}
	call(t, e.HTTPClient(), r, 200, &got)
	ask(t, e.HTTPClient(), "GET", e.BaseURL()+"/subscriptions?api-version=2020-01-01", got.Access, "", 200, nil)
}

// The emulator is an issuer for its own exchange: a job's token, an application that trusts it, a token of Graph.
func TestOwnIssuer(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	env := e.Env()
	var minted struct{ Token, Issuer string }
	ask(t, e.HTTPClient(), "POST", e.BaseURL()+"/_emulator/issuer/token", "", `{"subject":"repo:contoso/backup"}`, 200, &minted)
	bearer := token(t, e, e.HTTPClient(), graphScope, 200)
	ask(t, e.HTTPClient(), "POST", e.BaseURL()+"/v1.0/applications/"+env["APP_OBJECT_ID"]+"/federatedIdentityCredentials", bearer,
		`{"name":"job","issuer":"`+minted.Issuer+`","subject":"repo:contoso/backup","audiences":["api://AzureADTokenExchange"]}`, 201, nil)
	file := t.TempDir() + "/token"
	if err := os.WriteFile(file, []byte(minted.Token), 0o600); err != nil {
		t.Fatal(err)
	}
	credential, err := azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
		ClientOptions: options(e), DisableInstanceDiscovery: true, ClientID: env["APP_ID"], TenantID: env["TENANT_ID"], TokenFilePath: file,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{graphScope}}); err != nil {
		t.Error(err)
	}
}

// Authorities that end in /adfs, and the emulator's own address as the resource of everything.
func TestOwnOriginAndADFS(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	env := e.Env()
	for _, name := range []string{env["TENANT_ID"], env["TENANT_DOMAIN"], "organizations"} {
		var doc struct {
			Token string `json:"token_endpoint"`
		}
		ask(t, e.HTTPClient(), "GET", e.BaseURL()+"/adfs/"+name+"/.well-known/openid-configuration", "", "", 200, &doc)
		if want := e.BaseURL() + "/" + strings.Replace(name, env["TENANT_DOMAIN"], env["TENANT_ID"], 1) + "/oauth2/token"; doc.Token != want {
			t.Errorf("%s: %s", name, doc.Token)
		}
	}
	bearer := token(t, e, e.HTTPClient(), e.BaseURL()+"//.default", 200)
	ask(t, e.HTTPClient(), "GET", e.BaseURL()+"/v1.0/applications", bearer, "", 200, nil)
	ask(t, e.HTTPClient(), "GET", e.BaseURL()+"/subscriptions?api-version=2020-01-01", bearer, "", 200, nil)
	token(t, e, e.HTTPClient(), "https://localhost:1/.default", 400)
	var credential azcore.TokenCredential
	credential, err := azidentity.NewClientSecretCredential("adfs", env["APP_ID"], env["APP_SECRET"], &azidentity.ClientSecretCredentialOptions{
		ClientOptions: options(e), DisableInstanceDiscovery: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{graphScope}}); err != nil {
		t.Errorf("tenant adfs: %v", err)
	}
}
