package arm_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azarm "github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	azcloud "github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/authorization/armauthorization/v2"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armsubscriptions"
	"github.com/google/uuid"
)

// static is a credential with one token.
type static string

func (s static) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(s), ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// serve puts the cloud on TLS with HTTP/2, as the SDK needs it: it sends raw blanks in $filter.
func (c *cloud) serve() *azarm.ClientOptions {
	server := httptest.NewUnstartedServer(c.handler)
	server.EnableHTTP2 = true
	server.StartTLS()
	c.Cleanup(server.Close)
	return &azarm.ClientOptions{ClientOptions: policy.ClientOptions{
		Transport: server.Client(),
		Cloud: azcloud.Configuration{
			ActiveDirectoryAuthorityHost: server.URL,
			Services: map[azcloud.ServiceName]azcloud.ServiceConfiguration{
				azcloud.ResourceManager: {Endpoint: server.URL, Audience: "https://management.core.windows.net/"},
			},
		},
	}}
}

func drain[T any](t *testing.T, p *runtime.Pager[T]) (pages []T) {
	t.Helper()
	for p.More() {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	return pages
}

func TestSDKSubscriptions(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	o := c.serve()
	subscriptions, err := armsubscriptions.NewClient(static(c.admin), o)
	if err != nil {
		t.Fatal(err)
	}
	pages := drain(t, subscriptions.NewListPager(nil))
	if len(pages) != 1 || len(pages[0].Value) != 1 || *pages[0].Value[0].SubscriptionID != subA || *pages[0].Value[0].TenantID != tenantID {
		t.Errorf("subscriptions %+v", pages)
	}
	if one, err := subscriptions.Get(t.Context(), subA, nil); err != nil || *one.State != armsubscriptions.SubscriptionStateEnabled {
		t.Errorf("subscription %+v, %v", one, err)
	}
	var failed *azcore.ResponseError
	if _, err := subscriptions.Get(t.Context(), subB, nil); !errors.As(err, &failed) || failed.ErrorCode != "AuthorizationFailed" || failed.StatusCode != 403 {
		t.Errorf("another's subscription: %v", err)
	}
	tenants, err := armsubscriptions.NewTenantsClient(static(c.admin), o)
	if err != nil {
		t.Fatal(err)
	}
	if pages := drain(t, tenants.NewListPager(nil)); len(pages) != 1 || *pages[0].Value[0].TenantID != tenantID || *pages[0].Value[0].DefaultDomain != "contoso.example" {
		t.Errorf("tenants %+v", pages)
	}
}

func TestSDKRoles(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	o := c.serve()
	factory, err := armauthorization.NewClientFactory(subA, static(c.admin), o)
	if err != nil {
		t.Fatal(err)
	}
	definitions, assignments := factory.NewRoleDefinitionsClient(), factory.NewRoleAssignmentsClient()

	pages := drain(t, definitions.NewListPager(atA, &armauthorization.RoleDefinitionsClientListOptions{Filter: new("roleName eq 'Contributor'")}))
	if len(pages) != 1 || len(pages[0].Value) != 1 || *pages[0].Value[0].Name != contributor {
		t.Fatalf("definitions %+v", pages)
	}
	role := pages[0].Value[0].ID
	if byID, err := definitions.GetByID(t.Context(), *role, nil); err != nil || *byID.Properties.RoleName != "Contributor" {
		t.Errorf("definition by id %+v, %v", byID, err)
	}

	app, _ := c.app()
	name, kind := uuid.NewString(), armauthorization.PrincipalTypeServicePrincipal
	create := armauthorization.RoleAssignmentCreateParameters{Properties: &armauthorization.RoleAssignmentProperties{
		PrincipalID: &app, RoleDefinitionID: role, PrincipalType: &kind,
	}}
	made, err := assignments.Create(t.Context(), atA, name, create, nil)
	if err != nil || *made.Properties.PrincipalType != armauthorization.PrincipalTypeServicePrincipal || made.Properties.CreatedBy != nil || made.Properties.UpdatedOn == nil {
		t.Fatalf("made %+v, %v", made, err)
	}
	var failed *azcore.ResponseError
	if _, err := assignments.Create(t.Context(), atA, uuid.NewString(), create, nil); !errors.As(err, &failed) || failed.StatusCode != 409 || failed.ErrorCode != "RoleAssignmentExists" {
		t.Errorf("made twice: %v", err)
	}
	if _, err := assignments.Get(t.Context(), atA, name, nil); err != nil {
		t.Error(err)
	}
	if _, err := assignments.GetByID(t.Context(), *made.ID, nil); err != nil {
		t.Error(err)
	}
	filter := "principalId eq '" + app + "'"
	for kind, found := range map[string]int{
		"scope":        len(drain(t, assignments.NewListForScopePager(strings.TrimPrefix(atA, "/"), &armauthorization.RoleAssignmentsClientListForScopeOptions{Filter: &filter}))[0].Value),
		"subscription": len(drain(t, assignments.NewListForSubscriptionPager(&armauthorization.RoleAssignmentsClientListForSubscriptionOptions{Filter: &filter}))[0].Value),
		"group":        len(drain(t, assignments.NewListForResourceGroupPager("rg1", &armauthorization.RoleAssignmentsClientListForResourceGroupOptions{Filter: &filter}))[0].Value),
		"resource": len(drain(t, assignments.NewListForResourcePager("rg1", "Microsoft.KeyVault", "vaults", "kv1",
			&armauthorization.RoleAssignmentsClientListForResourceOptions{Filter: &filter}))[0].Value),
	} {
		if found != 1 {
			t.Errorf("%s: %d assignments", kind, found)
		}
	}
	permissions := factory.NewPermissionsClient()
	if pages := drain(t, permissions.NewListForResourceGroupPager("rg1", nil)); len(pages[0].Value) != 1 || *pages[0].Value[0].Actions[0] != "*" {
		t.Errorf("permissions %+v", pages[0])
	}
	if pages := drain(t, permissions.NewListForResourcePager("rg1", "Microsoft.KeyVault", "", "vaults", "kv1", nil)); len(pages[0].Value) != 1 {
		t.Errorf("permissions of a resource %+v", pages[0])
	}
	gone, err := assignments.Delete(t.Context(), atA, name, nil)
	if err != nil || *gone.Name != name {
		t.Errorf("deleted %+v, %v", gone, err)
	}
	if again, err := assignments.DeleteByID(t.Context(), *made.ID, nil); err != nil || again.Name != nil {
		t.Errorf("deleted twice: %+v, %v", again, err)
	}

	id := uuid.NewString()
	body := armauthorization.RoleDefinition{Properties: &armauthorization.RoleDefinitionProperties{
		RoleName: new("SDK role"), RoleType: new("CustomRole"), AssignableScopes: []*string{new(atA)},
		Permissions: []*armauthorization.Permission{{Actions: []*string{new("Microsoft.Storage/*")}}},
	}}
	if custom, err := definitions.CreateOrUpdate(t.Context(), atA, id, body, nil); err != nil || *custom.Properties.RoleType != "CustomRole" {
		t.Errorf("custom role %+v, %v", custom, err)
	}
	if _, err := definitions.Get(t.Context(), atA, id, nil); err != nil {
		t.Error(err)
	}
	if _, err := definitions.Delete(t.Context(), atA, id, nil); err != nil {
		t.Error(err)
	}
}
