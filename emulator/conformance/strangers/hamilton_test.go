package strangers_test

import (
	"testing"
	"time"

	"github.com/manicminer/hamilton/auth"
	"github.com/manicminer/hamilton/environments"
	"github.com/manicminer/hamilton/msgraph"
	"github.com/manicminer/hamilton/odata"
)

// Hamilton is the Graph client that Terraform's azuread provider had until its version 3. It retries what looks like
// replication.
func TestHamilton(t *testing.T) {
	env := settings(t)
	cloud := environments.Global
	cloud.AzureADEndpoint = environments.AzureADEndpoint(env["BASE_URL"])
	cloud.MsGraph.Endpoint = environments.ApiEndpoint(env["BASE_URL"])
	config := &auth.Config{
		Environment: cloud, TenantID: env["TENANT_ID"], ClientID: env["APP_ID"],
		EnableClientSecretAuth: true, ClientSecret: env["APP_SECRET"], // it cannot read PFX files of today
	}
	authorizer, err := config.NewAuthorizer(t.Context(), cloud.MsGraph)
	if err != nil {
		t.Fatal(err)
	}
	applications, principals := msgraph.NewApplicationsClient(env["TENANT_ID"]), msgraph.NewServicePrincipalsClient(env["TENANT_ID"])
	for _, c := range []*msgraph.Client{&applications.BaseClient, &principals.BaseClient} {
		c.Authorizer, c.Endpoint = authorizer, cloud.MsGraph.Endpoint
		c.RetryableClient.RetryWaitMax = 100 * time.Millisecond
	}

	name, owner := "hamilton", "AzureADMyOrg"
	app, _, err := applications.Create(t.Context(), msgraph.Application{DisplayName: &name, SignInAudience: &owner})
	if err != nil {
		t.Fatal(err)
	}
	id := *app.ID
	sp, _, err := principals.Create(t.Context(), msgraph.ServicePrincipal{AppId: app.AppId})
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := applications.AddPassword(t.Context(), id, msgraph.PasswordCredential{DisplayName: &name})
	if err != nil || secret.SecretText == nil {
		t.Fatalf("secret %v, %v", secret, err)
	}
	if _, err := applications.RemovePassword(t.Context(), id, *secret.KeyId); err != nil {
		t.Fatal(err)
	}
	issuer, subject := "https://issuer.example", "repo:one/two:environment:three"
	federated, _, err := applications.CreateFederatedIdentityCredential(t.Context(), id, msgraph.FederatedIdentityCredential{
		Audiences: &[]string{"api://AzureADTokenExchange"}, Issuer: &issuer, Name: &name, Subject: &subject,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := applications.DeleteFederatedIdentityCredential(t.Context(), id, *federated.ID); err != nil {
		t.Fatal(err)
	}
	list, _, err := applications.List(t.Context(), odata.Query{Filter: "displayName eq 'hamilton'"})
	if err != nil || len(*list) != 1 {
		t.Fatalf("applications %v, %v", list, err)
	}
	if _, _, err := applications.ListOwners(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := principals.Delete(t.Context(), *sp.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := applications.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, _, err := applications.RestoreDeleted(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := applications.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := applications.DeletePermanently(t.Context(), id); err != nil {
		t.Fatal(err)
	}
}
