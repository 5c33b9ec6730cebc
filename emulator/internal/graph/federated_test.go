package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const exchangeAudience = "api://AzureADTokenExchange"

func federatedBody(name, issuer, subject string) map[string]any {
	return map[string]any{"name": name, "issuer": issuer, "subject": subject, "audiences": []string{exchangeAudience}}
}

func TestFederatedCredential(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, _, _ := c.app("backup")
	set := "/v1.0/applications/" + a.ID + "/federatedIdentityCredentials"
	if got := c.get(set).want(200).list(); len(got) != 0 {
		t.Fatalf("a new application has %v", got)
	}
	made := c.post(set, federatedBody("main", "https://token.example", "repo:contoso/backup:ref:refs/heads/main")).want(http.StatusCreated)
	// Recorded 2022 to 2023: the properties, the context and the location.
	if d := cmp.Diff(strings.Fields("@odata.context id name issuer subject description audiences"), keysInOrder(t, made.raw)); d != "" {
		t.Errorf("properties (-want +got):\n%s", d)
	}
	id := made.text("id")
	if got := made.text("@odata.context"); got != origin+"/v1.0/$metadata#applications('"+a.ID+"')/federatedIdentityCredentials/$entity" {
		t.Errorf("context %s", got)
	}
	if got := made.header.Get("Location"); got != origin+"/v2/"+tenantID+"/federatedIdentityCredentials/"+id {
		t.Errorf("location %s", got)
	}
	for _, path := range []string{"/" + id, "/main", "('" + id + "')", "('main')", "(name='main')", "(id='" + id + "')"} {
		if got := c.get(set + path).want(200).text("subject"); got != "repo:contoso/backup:ref:refs/heads/main" {
			t.Errorf("%s: %s", path, got)
		}
	}
	if got := c.get("/v1.0/applications(appId='" + a.AppID + "')/federatedIdentityCredentials?$filter=name eq 'main'").want(200).names("id"); !cmp.Equal(got, []string{id}) {
		t.Errorf("by filter: %v", got)
	}
	if got := c.get("/v1.0/applications/" + a.ID + "?$expand=federatedIdentityCredentials").want(200); len(objects(t, got.body["federatedIdentityCredentials"])) != 1 {
		t.Errorf("expanded: %s", got.raw)
	}

	c.post(set, federatedBody("main", "https://other.example", "x")).fails(409, "Request_MultipleObjectsWithSameKeyValue", "FederatedIdentityCredential with name main already exists.")
	c.post(set, federatedBody("again", "https://token.example", "repo:contoso/backup:ref:refs/heads/main")).
		fails(400, "InvalidFederatedIdentityCredentialValue", "The combination of issuer and subject must be unique for the application. Issuer https://token.example and Subject: repo:contoso/backup:ref:refs/heads/main already exist. paramName: FederatedIdentityCredential.Subject")

	// Terraform sends the whole of it back, with its id and its name.
	update := federatedBody("main", "https://token.example", "repo:contoso/backup:environment:production")
	update["id"], update["description"], update["@odata.type"] = id, "for the pipeline", "#microsoft.graph.federatedIdentityCredential"
	c.patch(set+"/"+id, update).want(http.StatusNoContent)
	if got := c.get(set + "/main").want(200); got.text("description") != "for the pipeline" || got.text("subject") != "repo:contoso/backup:environment:production" {
		t.Errorf("after the update: %s", got.raw)
	}
	c.patch(set+"/"+id, `{"name":"other"}`).fails(400, "InvalidFederatedIdentityCredentialValue", "cannot be changed")

	upsert := map[string]any{"issuer": "https://second.example", "subject": "s", "audiences": []string{exchangeAudience}}
	c.patch(set+"(name='second')", upsert).fails(404, "Request_ResourceNotFound", "Resource 'second' does not exist")
	c.do(c.admin, "PATCH", set+"(name='second')", upsert, "Prefer", "create-if-missing").want(http.StatusCreated)
	c.do(c.admin, "PATCH", set+"(name='second')", upsert, "Prefer", "respond-async, Create-If-Missing").want(http.StatusNoContent)

	c.delete(set + "/second").want(http.StatusNoContent)
	c.delete(set+"/second").fails(404, "Request_ResourceNotFound", "second")
	c.get(set+"/"+a.ID).fails(404, "Request_ResourceNotFound", a.ID)
	for i := range 19 {
		c.post(set, federatedBody(fmt.Sprintf("more-%d", i), "https://token.example", fmt.Sprint(i))).want(http.StatusCreated)
	}
	c.post(set, federatedBody("too-many", "https://token.example", "x")).fails(400, "Request_BadRequest", "maximum number")
}

func TestFederatedCredentialRefused(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, _, _ := c.app("backup")
	set := "/applications/" + a.ID + "/federatedIdentityCredentials"
	for name, test := range map[string]struct {
		change  map[string]any
		code    string
		message string
	}{
		"no name":              {map[string]any{"name": nil}, "Request_BadRequest", "'name'"},
		"short name":           {map[string]any{"name": "ab"}, "InvalidFederatedIdentityCredentialValue", "3 to 120"},
		"name to be escaped":   {map[string]any{"name": "a/b c"}, "InvalidFederatedIdentityCredentialValue", "FederatedIdentityCredential.Name"},
		"long name":            {map[string]any{"name": strings.Repeat("a", 121)}, "InvalidFederatedIdentityCredentialValue", "3 to 120"},
		"no issuer":            {map[string]any{"issuer": nil}, "Request_BadRequest", "'issuer'"},
		"issuer is no address": {map[string]any{"issuer": "token.example"}, "InvalidFederatedIdentityCredentialValue", "absolute URL"},
		"no subject":           {map[string]any{"subject": nil}, "Request_BadRequest", "'subject'"},
		"long subject":         {map[string]any{"subject": strings.Repeat("s", 601)}, "InvalidFederatedIdentityCredentialValue", "600"},
		"no audience":          {map[string]any{"audiences": []string{}}, "Request_BadRequest", "'audiences'"},
		"two audiences":        {map[string]any{"audiences": []string{"a", "b"}}, "InvalidFederatedIdentityCredentialValue", "exactly one"},
		"audience no list":     {map[string]any{"audiences": "a"}, "Request_BadRequest", "'audiences'"},
		"unknown property":     {map[string]any{"color": "red"}, "BadRequest", "color"},
		"expression in v1.0":   {map[string]any{"claimsMatchingExpression": map[string]any{"value": "x"}}, "BadRequest", "claimsMatchingExpression"},
		"subject is a number":  {map[string]any{"subject": 7}, "Request_BadRequest", "'subject'"},
	} {
		body := federatedBody("main", "https://token.example", "s")
		for k, v := range test.change {
			body[k] = v
			if v == nil {
				delete(body, k)
			}
		}
		t.Run(name, func(t *testing.T) {
			c.on(t).post("/v1.0"+set, body).fails(400, test.code, test.message)
		})
	}
	// A flexible one has an expression in place of the subject, in beta only.
	flexible := map[string]any{
		"name": "flexible", "issuer": "https://token.example", "audiences": []string{exchangeAudience},
		"claimsMatchingExpression": map[string]any{"value": "claims['sub'] matches 'repo:contoso/*'", "languageVersion": 1},
	}
	made := c.post("/beta"+set, flexible).want(http.StatusCreated)
	if made.body["subject"] != nil || made.body["claimsMatchingExpression"].(map[string]any)["languageVersion"] != 1.0 {
		t.Errorf("flexible: %s", made.raw)
	}
	flexible["subject"], flexible["name"] = "s", "both"
	c.post("/beta"+set, flexible).fails(400, "InvalidFederatedIdentityCredentialValue", "either a subject or")
}
