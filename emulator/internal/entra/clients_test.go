package entra_test

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"github.com/evercred/evercred/emulator/internal/token"
)

// Microsoft's own clients, unmodified, as strangers.

func (w *world) options() azcore.ClientOptions {
	return azcore.ClientOptions{
		Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: w.server.URL, Services: map[cloud.ServiceName]cloud.ServiceConfiguration{}},
		Transport: w.server.Client(),
	}
}

func TestAzidentity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bySecret, err := azidentity.NewClientSecretCredential(tenantID, appID, secret, &azidentity.ClientSecretCredentialOptions{
		ClientOptions: w.options(), DisableInstanceDiscovery: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	byCertificate, err := azidentity.NewClientCertificateCredential(tenantID, appID, []*x509.Certificate{w.cert.cert}, w.cert.key,
		&azidentity.ClientCertificateCredentialOptions{ClientOptions: w.options(), DisableInstanceDiscovery: true, SendCertificateChain: true})
	if err != nil {
		t.Fatal(err)
	}
	byDomain, err := azidentity.NewClientSecretCredential(domain, appID, secret, &azidentity.ClientSecretCredentialOptions{
		ClientOptions: w.options(), DisableInstanceDiscovery: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	prompt := func(_ context.Context, m azidentity.DeviceCodeMessage) error {
		return w.service.Approve(m.UserCode, owner)
	}
	byPerson, err := azidentity.NewDeviceCodeCredential(&azidentity.DeviceCodeCredentialOptions{
		ClientOptions: w.options(), ClientID: cli, TenantID: tenantID, DisableInstanceDiscovery: true, UserPrompt: prompt,
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]azcore.TokenCredential{"secret": bySecret, "certificate": byCertificate, "domain": byDomain, "device code": byPerson} {
		for scope, audiences := range map[string][]string{graph: token.GraphAudiences(), arm: token.ManagementAudiences()} {
			got, err := c.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{scope}})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			caller, err := w.signer.Verify(got.Token, got.ExpiresOn.Add(-1e9*60), tenantID, audiences)
			if err != nil || caller.User != (name == "device code") {
				t.Errorf("%s: %+v %v", name, caller, err)
			}
		}
	}
	wrong, err := azidentity.NewClientSecretCredential(tenantID, appID, "wrong", &azidentity.ClientSecretCredentialOptions{
		ClientOptions: w.options(), DisableInstanceDiscovery: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	var failed *azidentity.AuthenticationFailedError
	if _, err := wrong.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{graph}}); !errors.As(err, &failed) || failed.RawResponse.StatusCode != http.StatusUnauthorized {
		t.Errorf("wrong secret: %v", err)
	}
}

func TestMSAL(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bySecret, err := confidential.NewCredFromSecret(spSecret)
	if err != nil {
		t.Fatal(err)
	}
	byCertificate, err := confidential.NewCredFromCert([]*x509.Certificate{w.spCert.cert}, w.spCert.key)
	if err != nil {
		t.Fatal(err)
	}
	for name, cred := range map[string]confidential.Credential{"secret": bySecret, "certificate": byCertificate} {
		client, err := confidential.New(w.server.URL+"/"+tenantID, appID, cred,
			confidential.WithHTTPClient(w.server.Client()), confidential.WithInstanceDiscovery(false))
		if err != nil {
			t.Fatal(err)
		}
		got, err := client.AcquireTokenByCredential(t.Context(), []string{graph})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c := claimsOf(t, got.AccessToken); c["oid"] != spID || c["aud"] != "https://graph.microsoft.com" {
			t.Errorf("%s: %v", name, c)
		}
	}
}
