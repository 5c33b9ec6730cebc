package arm_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

func TestTenants(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	_, bearer := c.app()
	old := object{"id": "/tenants/" + tenantID, "tenantId": tenantID}
	middle := object{"id": "/tenants/" + tenantID, "tenantId": tenantID, "tenantCategory": "Home"}
	full := object{
		"id": "/tenants/" + tenantID, "tenantId": tenantID, "tenantCategory": "Home", "countryCode": "DE", "displayName": "Contoso",
		"domains": []any{"contoso.example"}, "defaultDomain": "contoso.example", "tenantType": "AAD",
	}
	for version, want := range map[string]object{"2016-06-01": old, "2019-11-01": middle, "2020-01-01": full, "2022-12-01": full} {
		if d := cmp.Diff([]object{want}, c.values("/tenants?api-version="+version, bearer)); d != "" {
			t.Errorf("%s (-want +got):\n%s", version, d)
		}
	}
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	b := object{
		"id": atB, "authorizationSource": "RoleBased", "managedByTenants": []any{}, "subscriptionId": subB, "tenantId": tenantID, "displayName": "B", "state": "Enabled",
		"subscriptionPolicies": object{"locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off"},
	}
	none, bearer := c.app()
	want := object{"value": []any{}, "count": object{"type": "Total", "value": 0.0}}
	if d := cmp.Diff(want, c.ask("GET", "/subscriptions", bearer, "", 200)); d != "" {
		t.Errorf("of nobody (-want +got):\n%s", d)
	}
	c.refused("GET", atB, bearer, "", 403, "AuthorizationFailed")
	c.assign(atB+"/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1", cryptoUser, none)
	want = object{"value": []any{b}, "count": object{"type": "Total", "value": 1.0}}
	if d := cmp.Diff(want, c.ask("GET", "/subscriptions", bearer, "", 200)); d != "" {
		t.Errorf("with a role on a vault (-want +got):\n%s", d)
	}
	if d := cmp.Diff(b, c.ask("GET", atB, bearer, "", 200)); d != "" {
		t.Errorf("one (-want +got):\n%s", d)
	}
	if _, managed := c.ask("GET", atB+"?api-version=2016-06-01", bearer, "", 200)["managedByTenants"]; managed {
		t.Error("managedByTenants before 2019-06-01")
	}
	all, bearer := c.app()
	c.assign(landed, reader, all)
	if got := c.values("/subscriptions", bearer); len(got) != 2 {
		t.Errorf("below the management group: %v", got)
	}
}

func TestResourceGroups(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	want := object{
		"id": group1, "name": "rg1", "type": "Microsoft.Resources/resourceGroups", "location": "westeurope", "properties": object{"provisioningState": "Succeeded"},
	}
	if d := cmp.Diff([]object{want}, c.values(atA+"/resourcegroups?api-version=2022-09-01", c.admin)); d != "" {
		t.Errorf("list (-want +got):\n%s", d)
	}
	if d := cmp.Diff(want, c.ask("GET", atA+"/resourcegroups/RG1", c.admin, "", 200)); d != "" {
		t.Errorf("one (-want +got):\n%s", d)
	}
	if w := c.do("HEAD", group1, c.admin, ""); w.Code != 204 {
		t.Errorf("HEAD: %d", w.Code)
	}
	if w := c.do("HEAD", atA+"/resourceGroups/rg2", c.admin, ""); w.Code != 404 || w.Body.Len() != 0 || w.Header().Get("x-ms-failure-cause") != "gateway" {
		t.Errorf("HEAD of none: %d %q", w.Code, w.Body)
	}
	rg2 := atA + "/resourceGroups/rg2"
	if got := c.ask("PUT", rg2, c.admin, `{"location":"West Europe","tags":{}}`, 201); got["location"] != "westeurope" {
		t.Errorf("PUT: %v", got)
	}
	c.ask("PUT", rg2, c.admin, `{"location":"westeurope"}`, 200)
	c.refused("PUT", rg2, c.admin, `{"location":"eastus"}`, 409, "InvalidResourceGroupLocation")
	c.refused("PUT", rg2, c.admin, `{"location":"BadLocation"}`, 400, "LocationNotAvailableForResourceGroup")
	c.refused("PUT", rg2, c.admin, `{}`, 400, "LocationRequired")
	c.refused("PUT", rg2, c.admin, `{`, 400, "InvalidRequestContent")
	c.refused("PUT", atA+"/resourceGroups/rg2.", c.admin, `{"location":"westeurope"}`, 400, "InvalidResourceGroup")

	// A caller with a role on one group sees that one only.
	id, bearer := c.app()
	c.putRole(rg2, uuid.NewString(), contributor, id, "", c.admin, 201)
	if got := names(c.values(atA+"/resourceGroups", bearer)); !slices.Equal(got, []string{"rg2"}) {
		t.Errorf("groups %q", got)
	}
	c.refused("GET", group1, bearer, "", 403, "AuthorizationFailed")
	c.refused("GET", atB+"/resourceGroups", bearer, "", 403, "AuthorizationFailed")

	w := c.do("DELETE", rg2, bearer, "")
	location := w.Header().Get("Location")
	if w.Code != 202 || w.Body.Len() != 0 || location[:len(origin)] != origin {
		t.Fatalf("DELETE: %d %q, location %q", w.Code, w.Body, location)
	}
	if got := c.do("GET", location[len(origin):], c.admin, "").Code; got != 200 {
		t.Errorf("the operation's result: %d", got)
	}
	if got := c.refused("GET", rg2, c.admin, "", 404, "ResourceGroupNotFound"); got != "Resource group 'rg2' could not be found." {
		t.Error(got)
	}
	c.refused("DELETE", rg2, c.admin, "", 404, "ResourceGroupNotFound")
	c.refused("GET", atA, bearer, "", 403, "AuthorizationFailed") // its role went with the group
}

func TestManagementGroups(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	const all = "/providers/Microsoft.Management/managementGroups?api-version=2020-05-01"
	if got := c.values(all, c.admin); len(got) != 0 {
		t.Errorf("an owner of a subscription sees %v", got)
	}
	c.refused("GET", landed, c.admin, "", 403, "AuthorizationFailed")
	id, bearer := c.app()
	c.assign(top, reader, id)
	if got := names(c.values(all, bearer)); !slices.Equal(got, []string{tenantID, "landing"}) {
		t.Errorf("groups %q", got)
	}
	got := c.ask("GET", landed+"?api-version=2020-05-01&$expand=children", bearer, "", 200)
	p := properties(got)
	details := p["details"].(object)
	wantParent := object{"id": top, "name": tenantID, "displayName": "Tenant Root Group"}
	if d := cmp.Diff(wantParent, details["parent"]); d != "" || got["type"] != "Microsoft.Management/managementGroups" || p["displayName"] != "Landing" {
		t.Errorf("%v; parent (-want +got):\n%s", got, d)
	}
	if children := p["children"].([]any); len(children) != 2 {
		t.Errorf("children %v", children)
	}
	if old := c.ask("GET", top+"?api-version=2018-03-01-preview", bearer, "", 200); old["type"] != "/providers/Microsoft.Management/managementGroups" || properties(old)["details"].(object)["parent"] != nil {
		t.Errorf("the root in 2018: %v", old)
	}
	c.refused("GET", landed+"2", bearer, "", 403, "AuthorizationFailed")
	c.assign("/", reader, id)
	c.refused("GET", landed+"2", bearer, "", 404, "NotFound")
}

func TestProviders(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	for _, address := range []string{"/providers", atA + "/providers"} {
		if got := c.values(address, c.admin); len(got) < 20 || got[0]["namespace"] != "Microsoft.Authorization" {
			t.Errorf("%s: %v", address, got)
		}
	}
	for _, address := range []string{"/providers/microsoft.authorization", "/providers/Microsoft.Management", atA + "/providers/Microsoft.Resources"} {
		if got := c.ask("GET", address, c.admin, "", 200); len(got["resourceTypes"].([]any)) == 0 {
			t.Errorf("%s: %v", address, got)
		}
	}
	c.refused("GET", atA+"/providers/Microsoft.Nowhere", c.admin, "", 404, "InvalidResourceNamespace")
	c.refused("GET", atB+"/providers", c.admin, "", 403, "AuthorizationFailed")
}

func TestRegisteringProviders(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	at := atA + "/providers/Microsoft.Management"
	state := func(bearer string) any { return c.ask("GET", at, bearer, "", 200)["registrationState"] }
	if got := state(c.admin); got != "NotRegistered" {
		t.Errorf("at first: %v", got)
	}
	id, bearer := c.app()
	c.assign(atA, reader, id)
	if got := c.refused("POST", at+"/register", bearer, "", 403, "AuthorizationFailed"); !strings.Contains(got, "'Microsoft.Management/register/action' over scope '"+atA+"'") {
		t.Error(got)
	}
	if got := c.ask("POST", at+"/register", c.admin, "", 200); got["registrationState"] != "Registering" || got["namespace"] != "Microsoft.Management" || got["registrationPolicy"] != "RegistrationRequired" {
		t.Errorf("register: %v", got)
	}
	if got := state(bearer); got != "Registered" {
		t.Errorf("then: %v", got)
	}
	if got := c.ask("POST", at+"/register", c.admin, "{}", 200); got["registrationState"] != "Registered" {
		t.Errorf("again: %v", got)
	}
	c.ask("POST", atA+"/providers/Microsoft.Authorization/register?api-version=2022-09-01", c.admin, "", 200)
	c.refused("POST", atA+"/providers/Microsoft.Authorization/unregister?api-version=2022-09-01", c.admin, "", 409, "CannotUnregisterProvider")
	c.ask("POST", at+"/unregister", c.admin, "", 200)
	if got := state(bearer); got != "Unregistered" {
		t.Errorf("at last: %v", got)
	}
	c.refused("POST", atA+"/providers/Microsoft.Nowhere/register", c.admin, "", 404, "InvalidResourceNamespace")
	c.refused("GET", at+"/register", c.admin, "", 405, "MethodNotAllowed")

	const operations = "/providers/Microsoft.Authorization/providerOperations"
	got := c.ask("GET", operations+"/microsoft.compute?api-version=2015-07-01&$expand=resourceTypes", c.admin, "", 200)
	first := got["operations"].([]any)[0].(object)
	want := object{
		"name": "Microsoft.Compute/register/action", "displayName": "Register Subscription for Compute",
		"description": "Registers Subscription with Microsoft.Compute resource provider", "origin": "user,system", "properties": nil,
	}
	if d := cmp.Diff(want, first); d != "" || got["name"] != "Microsoft.Compute" || len(got["resourceTypes"].([]any)) == 0 {
		t.Errorf("operations %v (-want +got):\n%s", got, d)
	}
	if got := c.values(operations+"?api-version=2018-01-01-preview", c.admin); len(got) < 20 {
		t.Errorf("%d providers have operations", len(got))
	}
	c.refused("GET", operations+"/Microsoft.Nowhere", c.admin, "", 404, "InvalidResourceNamespace")
}

func TestLocations(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	all := c.values(atA+"/locations?api-version=2022-12-01", c.admin)
	at := slices.IndexFunc(all, func(l object) bool { return l["name"] == "eastus" })
	want := object{
		"id": atA + "/locations/eastus", "name": "eastus", "type": "Region", "displayName": "East US", "regionalDisplayName": "(US) East US",
		"metadata": object{
			"regionType": "Physical", "regionCategory": "Recommended", "geography": "United States", "geographyGroup": "US",
			"longitude": "-79.8164", "latitude": "37.3719", "physicalLocation": "Virginia",
			"pairedRegion": []any{object{"name": "westus", "id": atA + "/locations/westus"}},
		},
		"availabilityZoneMappings": []any{
			object{"logicalZone": "1", "physicalZone": "eastus-az1"}, object{"logicalZone": "2", "physicalZone": "eastus-az2"}, object{"logicalZone": "3", "physicalZone": "eastus-az3"},
		},
	}
	if at < 0 || len(all) < 30 {
		t.Fatalf("%d regions", len(all))
	}
	if d := cmp.Diff(want, all[at]); d != "" {
		t.Errorf("eastus (-want +got):\n%s", d)
	}
	for _, l := range c.values(atA+"/locations?api-version=2021-01-01", c.admin) {
		if _, zones := l["availabilityZoneMappings"]; zones || l["metadata"].(object)["geography"] != nil {
			t.Errorf("2021: %v", l)
		}
	}
	c.refused("GET", atB+"/locations", c.admin, "", 403, "AuthorizationFailed")
}

func TestTagsOfResourceGroups(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	got := c.ask("PUT", atA+"/resourcegroups/RG1", c.admin, `{"location":"westeurope","tags":{"Env":"test","a":"b"}}`, 200)
	if d := cmp.Diff(object{"Env": "test", "a": "b"}, got["tags"]); d != "" || got["name"] != "rg1" {
		t.Errorf("PUT %v (-want +got):\n%s", got["name"], d)
	}
	for filter, want := range map[string]int{
		"tagName eq 'env'": 1, "tagname eq 'ENV' and tagvalue eq 'test'": 1, "tagName eq 'Env' and tagValue eq 'prod'": 0, "tagName eq 'other'": 0,
	} {
		if got := c.values(atA+"/resourceGroups?$filter="+filter, c.admin); len(got) != want {
			t.Errorf("%s: %v", filter, got)
		}
	}
	c.refused("GET", atA+"/resourceGroups?$filter=name eq 'rg1'", c.admin, "", 400, "InvalidFilterInQueryString")
	patched := c.ask("PATCH", group1, c.admin, `{"tags":{"cli-test":"test"}}`, 200)
	if d := cmp.Diff(object{"cli-test": "test"}, patched["tags"]); d != "" {
		t.Errorf("PATCH (-want +got):\n%s", d)
	}
	c.refused("PATCH", atA+"/resourceGroups/none", c.admin, `{}`, 404, "ResourceGroupNotFound")
	c.refused("PATCH", group1, c.admin, `{"tags":7}`, 400, "InvalidRequestContent")
	c.refused("PATCH", group1, c.admin, `{"tags":{"a/b":"c"}}`, 400, "InvalidTagNameCharacters")
	for _, address := range []string{atA + "/resources", group1 + "/resources"} {
		if got := c.values(address, c.admin); len(got) != 0 {
			t.Errorf("%s: %v", address, got)
		}
	}
	id, bearer := c.app()
	c.assign(atA, reader, id)
	c.refused("PATCH", group1, bearer, `{"tags":{}}`, 403, "AuthorizationFailed")
}
