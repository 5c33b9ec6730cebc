package strangers_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	azuresecrets "github.com/hashicorp/vault-plugin-secrets-azure"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/rotation"
)

// system is what Vault tells its engines. Like Vault's open edition, it has no rotation of its own.
type system struct{ logical.StaticSystemView }

func (system) DeregisterRotationJob(context.Context, *rotation.RotationJobDeregisterRequest) error {
	return nil
}

// engine is Vault's Azure secrets engine with a storage in memory, in the public cloud by its real host names.
type engine struct {
	t       *testing.T
	backend logical.Backend
	storage logical.Storage
	env     map[string]string
}

func newEngine(t *testing.T) engine {
	t.Helper()
	e := engine{t: t, storage: &logical.InmemStorage{}, env: settings(t)}
	backend, err := azuresecrets.Factory(t.Context(), &logical.BackendConfig{
		System:      &system{logical.StaticSystemView{DefaultLeaseTTLVal: time.Hour, MaxLeaseTTLVal: time.Hour}},
		StorageView: e.storage,
	})
	if err != nil {
		t.Fatal(err)
	}
	e.backend = backend
	e.ask(logical.CreateOperation, "config", map[string]any{
		"tenant_id": e.env["TENANT_ID"], "subscription_id": e.env["SUBSCRIPTION_ID"],
		"client_id": e.env["APP_ID"], "client_secret": e.env["APP_SECRET"], "environment": "AZUREPUBLICCLOUD",
	})
	return e
}

// ask makes a request of the engine that must succeed.
func (e engine) ask(op logical.Operation, path string, data map[string]any) *logical.Response {
	e.t.Helper()
	resp, err := e.backend.HandleRequest(e.t.Context(), &logical.Request{Operation: op, Path: path, Data: data, Storage: e.storage})
	if err != nil {
		e.t.Fatalf("%s %s: %v", op, path, err)
	}
	if resp.IsError() {
		e.t.Fatalf("%s %s: %v", op, path, resp.Error())
	}
	return resp
}

// revoke ends a lease, as Vault would have read it back from its storage.
func (e engine) revoke(lease *logical.Secret) {
	e.t.Helper()
	raw, err := json.Marshal(lease.InternalData)
	if err != nil {
		e.t.Fatal(err)
	}
	lease.InternalData = nil
	if err := json.Unmarshal(raw, &lease.InternalData); err != nil {
		e.t.Fatal(err)
	}
	if _, err := e.backend.HandleRequest(e.t.Context(), &logical.Request{Operation: logical.RevokeOperation, Secret: lease, Storage: e.storage}); err != nil {
		e.t.Fatalf("revoking: %v", err)
	}
}

// signIn is what a user of the engine does with what it issued.
func (e engine) signIn(data map[string]any) error {
	id, _ := data["client_id"].(string)
	secret, _ := data["client_secret"].(string)
	credential, err := azidentity.NewClientSecretCredential(e.env["TENANT_ID"], id, secret, nil)
	if err != nil {
		return err
	}
	_, err = credential.GetToken(e.t.Context(), policy.TokenRequestOptions{Scopes: []string{"https://management.azure.com/.default"}})
	return err
}

// Vault makes an application with a role for each lease and removes it at the end of the lease.
func TestVaultDynamicPrincipal(t *testing.T) {
	e := newEngine(t)
	roles, err := json.Marshal([]map[string]string{{"role_name": "Reader", "scope": "/subscriptions/" + e.env["SUBSCRIPTION_ID"] + "/resourceGroups/rg1"}})
	if err != nil {
		t.Fatal(err)
	}
	e.ask(logical.CreateOperation, "roles/dynamic", map[string]any{"azure_roles": string(roles), "ttl": "1h", "permanently_delete": true})
	lease := e.ask(logical.ReadOperation, "creds/dynamic", nil)
	if err := e.signIn(lease.Data); err != nil {
		t.Fatalf("signing in with what Vault issued: %v", err)
	}
	e.revoke(lease.Secret)
	if err := e.signIn(lease.Data); err == nil {
		t.Error("the revoked credentials still work")
	}
}

// Vault adds a secret to an application that is there and removes it at the end of the lease.
func TestVaultExistingApplication(t *testing.T) {
	e := newEngine(t)
	e.ask(logical.CreateOperation, "roles/existing", map[string]any{"application_object_id": e.env["APP_OBJECT_ID"], "ttl": "1h"})
	lease := e.ask(logical.ReadOperation, "creds/existing", nil)
	if err := e.signIn(lease.Data); err != nil {
		t.Fatalf("signing in with what Vault issued: %v", err)
	}
	e.revoke(lease.Secret)
	if err := e.signIn(lease.Data); err == nil {
		t.Error("the removed secret still works")
	}
}

// Vault renews its own secret.
func TestVaultRotateRoot(t *testing.T) {
	e := newEngine(t)
	e.ask(logical.UpdateOperation, "rotate-root", nil)
}
