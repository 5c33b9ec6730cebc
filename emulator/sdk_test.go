package emulator_test

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/authorization/armauthorization/v2"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armsubscriptions"
	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator"
	"github.com/evercred/evercred/emulator/emulatortest"
)

// options point an unmodified Azure SDK at the emulator.
func options(e *emulatortest.Emulator) policy.ClientOptions {
	return policy.ClientOptions{
		Cloud: cloud.Configuration{
			ActiveDirectoryAuthorityHost: e.BaseURL() + "/",
			Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
				cloud.ResourceManager: {Endpoint: e.BaseURL(), Audience: "https://management.core.windows.net/"},
			},
		},
		Transport: e.HTTPClient(),
		Retry:     policy.RetryOptions{MaxRetries: -1},
	}
}

// Azure's SDKs, unmodified: every way to sign in, then the subscriptions and role assignments of who signed in.
func TestAzureSDK(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	env := e.Env()
	client := options(e)
	pem, err := os.ReadFile(env["APP_PEM"])
	if err != nil {
		t.Fatal(err)
	}
	certs, key, err := azidentity.ParseCertificates(pem, nil)
	if err != nil {
		t.Fatal(err)
	}
	ways := map[string]func() (azcore.TokenCredential, error){
		"secret": func() (azcore.TokenCredential, error) {
			return azidentity.NewClientSecretCredential(env["TENANT_ID"], env["APP_ID"], env["APP_SECRET"],
				&azidentity.ClientSecretCredentialOptions{ClientOptions: client, DisableInstanceDiscovery: true})
		},
		"certificate": func() (azcore.TokenCredential, error) {
			return azidentity.NewClientCertificateCredential(env["TENANT_ID"], env["APP_ID"], certs, key,
				&azidentity.ClientCertificateCredentialOptions{ClientOptions: client, DisableInstanceDiscovery: true})
		},
		"device code": func() (azcore.TokenCredential, error) {
			return azidentity.NewDeviceCodeCredential(&azidentity.DeviceCodeCredentialOptions{
				ClientOptions: client, DisableInstanceDiscovery: true, TenantID: env["TENANT_ID"], ClientID: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
				UserPrompt: func(_ context.Context, m azidentity.DeviceCodeMessage) error {
					e.Approve(m.UserCode, "owner@contoso.example")
					return nil
				},
			})
		},
	}
	var one sync.Mutex // at a time: they give the same role to the same application
	for name, connect := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			credential, err := connect()
			if err != nil {
				t.Fatal(err)
			}
			one.Lock()
			defer one.Unlock()
			manage(t, credential, client, env)
			token, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{graphScope}})
			if err != nil {
				t.Fatal(err)
			}
			var app struct{ AppID, DisplayName string }
			ask(t, e.HTTPClient(), "GET", e.BaseURL()+"/v1.0/applications(appId='"+env["APP_ID"]+"')", token.Token, "", 200, &app)
			if app.AppID != env["APP_ID"] {
				t.Errorf("application %+v", app)
			}
		})
	}
}

// manage lists the subscriptions, and gives and takes a role.
func manage(t *testing.T, credential azcore.TokenCredential, client policy.ClientOptions, env map[string]string) {
	t.Helper()
	o := &arm.ClientOptions{ClientOptions: client}
	subscriptions, err := armsubscriptions.NewClient(credential, o)
	if err != nil {
		t.Fatal(err)
	}
	page, err := subscriptions.NewListPager(nil).NextPage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, s := range page.Value {
		ids = append(ids, *s.SubscriptionID)
	}
	if got := strings.Join(ids, ","); got != env["SUBSCRIPTION_IDS"] {
		t.Errorf("subscriptions %s, want %s", got, env["SUBSCRIPTION_IDS"])
	}
	assignments, err := armauthorization.NewRoleAssignmentsClient(env["SUBSCRIPTION_ID"], credential, o)
	if err != nil {
		t.Fatal(err)
	}
	list, err := assignments.NewListForScopePager("/subscriptions/"+env["SUBSCRIPTION_ID"], nil).NextPage(t.Context())
	if err != nil || len(list.Value) == 0 {
		t.Fatalf("role assignments: %d, %v", len(list.Value), err)
	}
	const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	scope, name := "/subscriptions/"+env["SUBSCRIPTION_ID"]+"/resourceGroups/rg1", uuid.NewString()
	definition := "/subscriptions/" + env["SUBSCRIPTION_ID"] + "/providers/Microsoft.Authorization/roleDefinitions/" + reader
	principal, kind := *list.Value[0].Properties.PrincipalID, *list.Value[0].Properties.PrincipalType
	if _, err := assignments.Create(t.Context(), scope, name, armauthorization.RoleAssignmentCreateParameters{
		Properties: &armauthorization.RoleAssignmentProperties{PrincipalID: &principal, PrincipalType: &kind, RoleDefinitionID: &definition},
	}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := assignments.Delete(t.Context(), scope, name, nil); err != nil {
		t.Error(err)
	}
}

func TestSeededApplications(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	client := e.HTTPClient()
	bearer := token(t, e, client, graphScope, 200)
	deleted := 0
	for _, a := range e.Applications() {
		keyID, text, err := e.IssueSecret(a.AppID, "issued", e.Now().Add(-time.Hour), e.Now().Add(9*24*time.Hour))
		if err != nil || keyID == "" || len(text) != 40 {
			t.Fatalf("%s: %q, %v", a.Name, keyID, err)
		}
		address := e.BaseURL() + "/v1.0/applications/" + a.ObjectID
		if a.Name == "backup-archive" {
			deleted++
			ask(t, client, "GET", address, bearer, "", 404, nil)
			address = e.BaseURL() + "/v1.0/directory/deletedItems/" + a.ObjectID
		}
		var got struct {
			AppID, DisplayName  string
			PasswordCredentials []struct{ KeyID, Hint string }
		}
		ask(t, client, "GET", address, bearer, "", 200, &got)
		if got.AppID != a.AppID || got.DisplayName != a.Name || len(got.PasswordCredentials) == 0 || got.PasswordCredentials[0].KeyID != keyID || got.PasswordCredentials[0].Hint != text[:3] {
			t.Errorf("%s: %+v", a.Name, got)
		}
		if a.Name == "backup-sql" && len(got.PasswordCredentials) != 3 {
			t.Errorf("backup-sql has %d secrets, want the new one and two of others", len(got.PasswordCredentials))
		}
	}
	if len(e.Applications()) != 5 || deleted != 1 {
		t.Errorf("applications %v", e.Applications())
	}
	ask(t, client, "GET", e.BaseURL()+"/v1.0/applications(appId='"+emulator.DRApplicationID+"')", bearer, "", 404, nil)
	if _, _, err := e.IssueSecret(emulator.DRApplicationID, "", e.Now(), e.Now()); err == nil {
		t.Error("a secret for an application that does not exist")
	}
}
