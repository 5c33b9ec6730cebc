package graph_test

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/azure/azuretest"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/graph"
)

const (
	appID    = "bbbbbbbb-0000-4000-8000-00000000000b"
	objectID = "cccccccc-0000-4000-8000-00000000000c"
	keyID    = "dddddddd-0000-4000-8000-00000000000d"
)

func client(t *testing.T, s *azuretest.Server) *graph.Client {
	t.Helper()
	c, err := graph.New(graph.Config{Cloud: s.Cloud, Token: azuretest.Token})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sent checks the request's line and body.
func sent(t *testing.T, r azuretest.Request, line, body string) {
	t.Helper()
	query, err := url.PathUnescape(r.Query)
	if err != nil {
		t.Fatal(err)
	}
	got := r.Method + " " + r.Path
	if query != "" {
		got += "?" + query
	}
	if got != line || r.Body != body {
		t.Errorf("sent  %s with %s\nwant %s with %s", got, r.Body, line, body)
	}
}

const selected = "$select=id,appId,displayName,tags,createdDateTime,deletedDateTime,passwordCredentials,keyCredentials"

func TestApplication(t *testing.T) {
	t.Parallel()
	der := base64.StdEncoding.EncodeToString([]byte("a certificate"))
	thumb := sha1.Sum([]byte("a certificate"))
	keys := []struct{ json, want string }{
		{`"customKeyIdentifier":"00112233445566778899aabbccddeeff00112233","key":null`, "00112233445566778899AABBCCDDEEFF00112233"},
		{`"customKeyIdentifier":"ABEiM0RVZneImaq7zN3u/wARIjM=","key":null`, "00112233445566778899AABBCCDDEEFF00112233"},
		{`"customKeyIdentifier":"ABEiM0RVZneImaq7zN3u_wARIjM"`, "00112233445566778899AABBCCDDEEFF00112233"},
		{`"customKeyIdentifier":"` + base64.StdEncoding.EncodeToString([]byte("00112233445566778899AABBCCDDEEFF00112233")) + `"`, "00112233445566778899AABBCCDDEEFF00112233"},
		{`"customKeyIdentifier":"b3du","key":"` + der + `"`, fmt.Sprintf("%X", thumb)},
		{`"customKeyIdentifier":"my own"`, ""},
		{`"customKeyIdentifier":null,"type":"Symmetric","key":"` + der + `"`, ""},
	}
	var list []string
	for _, k := range keys {
		list = append(list, `{"keyId":"k","displayName":"CN=x","endDateTime":"2026-04-10T00:00:00Z","startDateTime":"2026-01-01T00:00:00Z",`+k.json+`}`)
	}
	s := azuretest.Serve(t, azuretest.Answer{Body: `{"@odata.context":"x","id":"` + objectID + `","appId":"` + appID + `","displayName":"backup-prod",
		"tags":["evercred"],"createdDateTime":"2025-04-08T05:19:57Z","deletedDateTime":null,
		"passwordCredentials":[{"customKeyIdentifier":null,"displayName":"evercred/1","endDateTime":"2026-03-10T01:02:03.1234567Z","hint":"abc","keyId":"` + keyID + `","secretText":null,"startDateTime":"2025-03-10T00:00:00Z"}],
		"keyCredentials":[` + strings.Join(list, ",") + `]}`})
	got, err := client(t, s).Application(t.Context(), appID)
	if err != nil {
		t.Fatal(err)
	}
	sent(t, s.Only(t), "GET /v1.0/applications(appId='"+appID+"')?"+selected, "")
	for i, k := range got.Keys {
		if k.Thumbprint != keys[i].want {
			t.Errorf("%s has thumbprint %q, want %q", keys[i].json, k.Thumbprint, keys[i].want)
		}
	}
	got.Keys = got.Keys[:1]
	if diff := cmp.Diff(&graph.Application{
		ObjectID: objectID, AppID: appID, DisplayName: "backup-prod", Tags: []string{"evercred"}, CreatedAt: time.Date(2025, 4, 8, 5, 19, 57, 0, time.UTC),
		Passwords: []graph.Password{{
			KeyID: keyID, DisplayName: "evercred/1", Hint: "abc",
			Start: time.Date(2025, 3, 10, 0, 0, 0, 0, time.UTC), End: time.Date(2026, 3, 10, 1, 2, 3, 123456700, time.UTC),
		}},
		Keys: []graph.Key{{
			KeyID: "k", DisplayName: "CN=x", Thumbprint: keys[0].want,
			Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2026, 4, 10, 0, 0, 0, 0, time.UTC),
		}},
	}, got); diff != "" {
		t.Error(diff)
	}
}

func TestKeysAreQuoted(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t, azuretest.Answer{Body: `{"value":[]}`})
	c := client(t, s)
	_, _ = c.Application(t.Context(), `x')/owners?a=b#`)
	_, _ = c.ApplicationsNamed(t.Context(), "it's")
	_ = c.DeleteApplication(t.Context(), "../me")
	want := []string{"/v1.0/applications(appId='x%27%27%29%2Fowners%3Fa=b%23')", "/v1.0/applications", "/v1.0/applications/..%2Fme"}
	for i, r := range s.Requests() {
		if r.Path != want[i] {
			t.Errorf("asked %s, want %s", r.Path, want[i])
		}
	}
	if q, _ := url.PathUnescape(s.Requests()[1].Query); !strings.HasPrefix(q, "$filter=displayName eq 'it''s'&") {
		t.Errorf("query is %s", q)
	}
}

func TestWrites(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 13, 0, 0, 999, time.FixedZone("CET", 3600))
	end := start.Add(24 * time.Hour)
	app := azuretest.Answer{Status: 201, Body: `{"id":"` + objectID + `","appId":"` + appID + `","displayName":"n","createdDateTime":"2025-04-08T05:19:57.1234567Z"}`}
	none := azuretest.Answer{Status: 204}
	for name, test := range map[string]struct {
		answer     azuretest.Answer
		do         func(*graph.Client) error
		line, body string
	}{
		"create": {app, func(c *graph.Client) error {
			a, err := c.CreateApplication(t.Context(), "n", []string{"evercred"})
			if err == nil && (a.ObjectID != objectID || a.AppID != appID) {
				err = fmt.Errorf("%+v", a)
			}
			return err
		}, "POST /v1.0/applications", `{"displayName":"n","signInAudience":"AzureADMyOrg","tags":["evercred"]}`},
		"delete": {
			none, func(c *graph.Client) error { return c.DeleteApplication(t.Context(), objectID) },
			"DELETE /v1.0/applications/" + objectID, "",
		},
		"add password": {
			azuretest.Answer{Body: `{"displayName":"evercred/1","endDateTime":"2026-03-02T12:00:00Z","hint":"abc","keyId":"` + keyID + `","secretText":"abc8Q~x","startDateTime":"2026-03-01T12:00:00Z"}`},
			func(c *graph.Client) error {
				p, text, err := c.AddPassword(t.Context(), objectID, "evercred/1", start, end)
				if err == nil && (p.KeyID != keyID || p.Hint != "abc" || text.Reveal() != "abc8Q~x" || !p.End.Equal(end.Truncate(time.Second))) {
					err = fmt.Errorf("%+v", p)
				}
				return err
			}, "POST /v1.0/applications/" + objectID + "/addPassword",
			`{"passwordCredential":{"displayName":"evercred/1","endDateTime":"2026-03-02T12:00:00Z","startDateTime":"2026-03-01T12:00:00Z"}}`,
		},
		"remove password": {
			none, func(c *graph.Client) error { return c.RemovePassword(t.Context(), objectID, keyID) },
			"POST /v1.0/applications/" + objectID + "/removePassword", `{"keyId":"` + keyID + `"}`,
		},
		"create service principal": {
			azuretest.Answer{Status: 201, Body: `{"id":"sp","appId":"` + appID + `","accountEnabled":true}`},
			func(c *graph.Client) error {
				sp, err := c.CreateServicePrincipal(t.Context(), appID)
				if err == nil && (sp.ObjectID != "sp" || !sp.Enabled) {
					err = fmt.Errorf("%+v", sp)
				}
				return err
			}, "POST /v1.0/servicePrincipals", `{"appId":"` + appID + `"}`,
		},
		"restore": {
			azuretest.Answer{Body: `{}`},
			func(c *graph.Client) error { return c.Restore(t.Context(), objectID) },
			"POST /v1.0/directory/deletedItems/" + objectID + "/restore", "",
		},
		"purge": {
			none, func(c *graph.Client) error { return c.PurgeDeleted(t.Context(), objectID) },
			"DELETE /v1.0/directory/deletedItems/" + objectID, "",
		},
	} {
		s := azuretest.Serve(t, test.answer)
		if err := test.do(client(t, s)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		sent(t, s.Only(t), test.line, test.body)

		lost := azuretest.Serve(t, azuretest.Answer{Status: 503, Header: map[string]string{"retry-after-ms": "1"}})
		if err := test.do(client(t, lost)); !graph.Transient(err) || len(lost.Requests()) != 1 {
			t.Errorf("%s, unavailable: %v after %d requests", name, err, len(lost.Requests()))
		}
	}
}

func TestAddedSecretWithoutText(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t, azuretest.Answer{Body: `{"keyId":"` + keyID + `","secretText":null}`})
	if _, _, err := client(t, s).AddPassword(t.Context(), objectID, "n", time.Now(), time.Now()); err == nil || graph.Transient(err) {
		t.Errorf("it is %v", err)
	}
}

func TestServicePrincipalAndMe(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t, azuretest.Answer{Body: `{"id":"sp","appId":"` + appID + `","displayName":"n","accountEnabled":false}`},
		azuretest.Answer{Body: `{"id":"p","displayName":"Olive Owner","userPrincipalName":"owner@contoso.example"}`})
	c := client(t, s)
	sp, err := c.ServicePrincipal(t.Context(), appID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&graph.ServicePrincipal{ObjectID: "sp", AppID: appID, DisplayName: "n"}, sp); diff != "" {
		t.Error(diff)
	}
	me, err := c.Me(t.Context())
	if want := (graph.Person{ObjectID: "p", UserPrincipalName: "owner@contoso.example", Name: "Olive Owner"}); err != nil || me != want {
		t.Errorf("me is %+v, %v", me, err)
	}
	rs := s.Requests()
	sent(t, rs[0], "GET /v1.0/servicePrincipals(appId='"+appID+"')?$select=id,appId,displayName,accountEnabled,deletedDateTime", "")
	sent(t, rs[1], "GET /v1.0/me?$select=id,displayName,userPrincipalName", "")
}

func TestDeleted(t *testing.T) {
	t.Parallel()
	other := `{"id":"o","appId":"eeeeeeee-0000-4000-8000-00000000000e"}`
	mine := `{"id":"` + objectID + `","appId":"` + strings.ToUpper(appID) + `","deletedDateTime":"2026-02-20T00:00:00Z"}`
	s := azuretest.Serve(t, // it filters nothing, and has two pages
		azuretest.Answer{Body: `{"value":[` + other + `],"@odata.nextLink":"BASE/v1.0/directory/deletedItems/microsoft.graph.application?$skiptoken=1"}`},
		azuretest.Answer{Body: `{"value":[` + mine + `]}`})
	a, err := client(t, s).DeletedApplication(t.Context(), appID)
	if err != nil || a.ObjectID != objectID || a.DeletedAt == nil || a.DeletedAt.Day() != 20 {
		t.Errorf("found %+v, %v", a, err)
	}
	sent(t, s.Requests()[0], "GET /v1.0/directory/deletedItems/microsoft.graph.application?$filter=appId eq '"+appID+"'&"+selected, "")

	s = azuretest.Serve(t, // it refuses to filter
		azuretest.Answer{Status: 400, Body: `{"error":{"code":"Request_UnsupportedQuery","message":"Unsupported Query."}}`},
		azuretest.Answer{Body: `{"value":[` + other + `,` + mine + `]}`})
	sp, err := client(t, s).DeletedServicePrincipal(t.Context(), appID)
	if err != nil || sp.ObjectID != objectID || sp.DeletedAt == nil {
		t.Errorf("found %+v, %v", sp, err)
	}
	sent(t, s.Requests()[1], "GET /v1.0/directory/deletedItems/microsoft.graph.servicePrincipal?$select=id,appId,displayName,accountEnabled,deletedDateTime", "")

	s = azuretest.Serve(t, azuretest.Answer{Body: `{"value":[` + other + `]}`})
	if _, err := client(t, s).DeletedApplication(t.Context(), appID); !graph.IsNotFound(err) {
		t.Errorf("absent is %v", err)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status        int
		code, message string
		fault         fault.Code
		field, says   string
		is            string // n: not found, f: forbidden, k: no such key, t: transient, u: unreplicated
	}{
		{404, "Request_ResourceNotFound", "Resource 'x' does not exist.", fault.Azure, "", "deleted", "nu"},
		{403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.", fault.Permission, "", "Cloud Application Administrator", "f"},
		{403, "Authorization_RequestDenied", "Insufficient privileges.", fault.Permission, "", "Privileged Identity Management", "f"},
		{403, "Authorization_RequestDenied", "When using this permission, the backing application of the service principal being created must in the local tenant", fault.Permission, "", "owner", "fu"},
		{400, "Request_BadRequest", "No password credential found with keyId.", fault.Azure, "", "what Microsoft says", "k"},
		{400, "Request_BadRequest", "The appId 'x' of the service principal does not reference a valid application object.", fault.Azure, "", "what Microsoft says", "u"},
		{400, "Request_BadRequest", "The size of the object has exceeded its limit. Please reduce the number of values and retry your request.", fault.Refused, "", "no longer used", ""},
		{400, "CredentialTypeNotAllowedAsPerAppPolicy", "Credential type not allowed.", fault.Refused, "", "certificate", ""},
		{400, "CredentialInvalidLifetimeAsPerAppPolicy", "Credential lifetime exceeds the max value.", fault.Refused, "lifetime", "--lifetime", ""},
		{403, "Directory_QuotaExceeded", "The directory object quota limit has been exceeded.", fault.Refused, "", "250", "f"},
		{409, "Request_MultipleObjectsWithSameKeyValue", "The name is already in use.", fault.Conflict, "", "already", ""},
		{409, "Directory_ConcurrencyViolation", "A conflicting object.", fault.Conflict, "", "same moment", "t"},
		{401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.", fault.SignIn, "", "sign in again", ""},
		{429, "TooManyRequests", "Too many.", fault.Azure, "", "30s", "t"},
		{503, "ServiceUnavailable", "Down.", fault.Azure, "", "30s", "t"},
		{403, "", "", fault.Unreachable, "", "proxy", "f"},
	} {
		body := fmt.Sprintf(`{"error":{"code":%q,"message":%q,"innerError":{"request-id":"r"}}}`, test.code, test.message)
		s := azuretest.Serve(t, azuretest.Answer{Status: test.status, Body: body, Header: map[string]string{"Retry-After": "30"}})
		err := client(t, s).RemovePassword(t.Context(), objectID, keyID)
		f := graph.Explain(err)
		if f.Code != test.fault || f.Field != test.field || f.Remedy == "" || !strings.Contains(f.Message+f.Meaning+f.Remedy, test.says) {
			t.Errorf("%d %s: %+v", test.status, test.code, f)
		}
		if !strings.HasPrefix(f.Source, test.code) || f.Source == "" {
			t.Errorf("%s: source %q", test.code, f.Source)
		}
		is := ""
		for _, p := range []struct {
			letter string
			holds  bool
		}{
			{"n", graph.IsNotFound(err)},
			{"f", graph.IsForbidden(err)},
			{"k", graph.IsNoSuchKey(err)},
			{"t", graph.Transient(err)},
			{"u", graph.Unreplicated(err)},
		} {
			if p.holds {
				is += p.letter
			}
		}
		if is != test.is {
			t.Errorf("%d %s %s is %q, want %q", test.status, test.code, test.message, is, test.is)
		}
		if graph.RetryAfter(err) != 30*time.Second {
			t.Errorf("%s: wait %v", test.code, graph.RetryAfter(err))
		}
	}
	made := &graph.Error{Status: http.StatusNotFound, Code: "x"}
	if !graph.IsNotFound(fmt.Errorf("wrapped: %w", made)) || graph.Explain(nil) != nil || graph.IsNotFound(nil) {
		t.Error("wrapped and nil errors")
	}
}
