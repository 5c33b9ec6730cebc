package strangers_test

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/hashicorp/go-azure-sdk/sdk/auth"
	"github.com/hashicorp/go-azure-sdk/sdk/client"
	"github.com/hashicorp/go-azure-sdk/sdk/client/msgraph"
	"github.com/hashicorp/go-azure-sdk/sdk/client/resourcemanager"
	"github.com/hashicorp/go-azure-sdk/sdk/environments"
	"github.com/hashicorp/go-uuid"
)

// ways are the credentials that Terraform's providers take.
func ways(env map[string]string, cloud *environments.Environment) map[string]auth.Credentials {
	base := auth.Credentials{Environment: *cloud, TenantID: env["TENANT_ID"], ClientID: env["APP_ID"]}
	secret, certificate := base, base
	secret.EnableAuthenticatingUsingClientSecret, secret.ClientSecret = true, env["APP_SECRET"]
	certificate.EnableAuthenticatingUsingClientCertificate = true
	certificate.ClientCertificatePath, certificate.ClientCertificatePassword = env["APP_PFX"], env["APP_PFX_PASSWORD"]
	return map[string]auth.Credentials{"secret": secret, "certificate": certificate}
}

// clouds are the two ways to the emulator: its own metadata, and Microsoft's host names by the proxy.
func clouds(t *testing.T, env map[string]string) map[string]*environments.Environment {
	t.Helper()
	own, err := environments.FromEndpoint(t.Context(), env["BASE_URL"])
	if err != nil {
		t.Fatalf("the cloud by its metadata: %v", err)
	}
	all := map[string]*environments.Environment{"own metadata": own}
	if os.Getenv("HTTPS_PROXY") != "" {
		all["public"] = environments.AzurePublic()
	}
	return all
}

// The base clients of Terraform's providers: sign-in, an application's life in Graph, a role assignment in Resource
// Manager.
func TestTerraformSDK(t *testing.T) {
	env := settings(t)
	for place, cloud := range clouds(t, env) {
		for name, credentials := range ways(env, cloud) {
			t.Run(place+", "+name, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				graph, err := auth.NewAuthorizerFromCredentials(ctx, credentials, cloud.MicrosoftGraph)
				if err != nil {
					t.Fatal(err)
				}
				arm, err := auth.NewAuthorizerFromCredentials(ctx, credentials, cloud.ResourceManager)
				if err != nil {
					t.Fatal(err)
				}
				listSubscriptions(ctx, t, cloud, arm)
				principal := application(ctx, t, cloud, graph)
				assign(ctx, t, cloud, arm, env["SUBSCRIPTION_ID"], principal)
			})
		}
	}
}

func request(ctx context.Context, t *testing.T, c client.BaseClient, method, path string, body any, statuses ...int) map[string]any {
	t.Helper()
	req, err := c.NewRequest(ctx, client.RequestOptions{
		ContentType: "application/json; charset=utf-8", HttpMethod: method, Path: path, ExpectedStatusCodes: statuses,
	})
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		if err := req.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	resp, err := req.Execute(ctx)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	out := map[string]any{}
	if resp.StatusCode != http.StatusNoContent {
		if err := resp.Unmarshal(&out); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return out
}

func text(t *testing.T, from map[string]any, key string) string {
	t.Helper()
	value, ok := from[key].(string)
	if !ok || value == "" {
		t.Fatalf("no %s in %v", key, from)
	}
	return value
}

func listSubscriptions(ctx context.Context, t *testing.T, cloud *environments.Environment, authorizer auth.Authorizer) {
	t.Helper()
	c, err := resourcemanager.NewClient(cloud.ResourceManager, "subscriptions", "2022-12-01")
	if err != nil {
		t.Fatal(err)
	}
	c.SetAuthorizer(authorizer)
	if list, _ := request(ctx, t, c, http.MethodGet, "/subscriptions", nil, http.StatusOK)["value"].([]any); len(list) == 0 {
		t.Error("no subscriptions")
	}
}

// application makes an application with a service principal, reads it back, and returns the principal's object id.
func application(ctx context.Context, t *testing.T, cloud *environments.Environment, authorizer auth.Authorizer) string {
	t.Helper()
	c, err := msgraph.NewClient(cloud.MicrosoftGraph, "applications", msgraph.VersionOnePointZero)
	if err != nil {
		t.Fatal(err)
	}
	c.SetAuthorizer(authorizer)
	made := request(ctx, t, c, http.MethodPost, "/applications", map[string]any{"displayName": "terraform"}, http.StatusCreated)
	path := "/applications/" + text(t, made, "id")
	// A deletion stays for the end of the test, whose context is done by then.
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		request(ctx, t, c, http.MethodDelete, path, nil, http.StatusNoContent)
	})
	principal := request(ctx, t, c, http.MethodPost, "/servicePrincipals", map[string]any{"appId": text(t, made, "appId")}, http.StatusCreated)
	secret := request(ctx, t, c, http.MethodPost, path+"/addPassword", map[string]any{"passwordCredential": map[string]any{"displayName": "terraform"}}, http.StatusOK)
	request(ctx, t, c, http.MethodPost, path+"/removePassword", map[string]any{"keyId": text(t, secret, "keyId")}, http.StatusNoContent)
	request(ctx, t, c, http.MethodPatch, path, map[string]any{"notes": "by Terraform's SDK"}, http.StatusNoContent)
	if got := text(t, request(ctx, t, c, http.MethodGet, path, nil, http.StatusOK), "notes"); got != "by Terraform's SDK" {
		t.Errorf("notes %q", got)
	}
	beta, err := msgraph.NewClient(cloud.MicrosoftGraph, "applications", msgraph.VersionBeta)
	if err != nil {
		t.Fatal(err)
	}
	beta.SetAuthorizer(authorizer)
	request(ctx, t, beta, http.MethodGet, path, nil, http.StatusOK)
	return text(t, principal, "id")
}

func assign(ctx context.Context, t *testing.T, cloud *environments.Environment, authorizer auth.Authorizer, subscription, principal string) {
	t.Helper()
	c, err := resourcemanager.NewClient(cloud.ResourceManager, "roleassignments", "2022-04-01")
	if err != nil {
		t.Fatal(err)
	}
	c.SetAuthorizer(authorizer)
	name, err := uuid.GenerateUUID()
	if err != nil {
		t.Fatal(err)
	}
	scope := "/subscriptions/" + subscription
	path := scope + "/providers/Microsoft.Authorization/roleAssignments/" + name
	request(ctx, t, c, http.MethodPut, path, map[string]any{"properties": map[string]any{
		"principalId": principal, "roleDefinitionId": scope + "/providers/Microsoft.Authorization/roleDefinitions/" + reader,
	}}, http.StatusCreated)
	request(ctx, t, c, http.MethodGet, path, nil, http.StatusOK)
	request(ctx, t, c, http.MethodDelete, path, nil, http.StatusOK, http.StatusNoContent)
}
