package graph_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// operations returns a request of each kind on an application that is made for it. Each gives the status.
func operations(c *cloud, bearer, owner string) map[string]func() int {
	fresh := func() (*directory.Application, *directory.ServicePrincipal) {
		a, p, _ := c.app("target")
		if owner != "" {
			ownedApp, ownedSP := *a, *p
			ownedApp.Owners, ownedSP.Owners = []string{owner}, []string{owner}
			c.write(func() {
				c.store.Applications.Put(a.ID, &ownedApp)
				c.store.ServicePrincipals.Put(p.ID, &ownedSP)
			})
		}
		return a, p
	}
	on := func(method, path string, body any) func() int {
		return func() int {
			a, p := fresh()
			path := strings.NewReplacer("{app}", a.ID, "{sp}", p.ID).Replace(path)
			return c.do(bearer, method, path, body).status
		}
	}
	return map[string]func() int{
		"read":     on("GET", "/v1.0/applications/{app}", nil),
		"list":     on("GET", "/v1.0/servicePrincipals", nil),
		"create":   on("POST", "/v1.0/applications", `{"displayName":"new"}`),
		"update":   on("PATCH", "/v1.0/applications/{app}", `{"notes":"x"}`),
		"secret":   on("POST", "/v1.0/applications/{app}/addPassword", `{}`),
		"sp":       on("POST", "/v1.0/servicePrincipals/{sp}/addPassword", `{}`),
		"owner":    on("POST", "/v1.0/applications/{app}/owners/$ref", `{"@odata.id":"`+origin+`/v1.0/directoryObjects/`+userID("third@contoso.example")+`"}`),
		"federate": on("POST", "/v1.0/applications/{app}/federatedIdentityCredentials", `{"name":"main","issuer":"https://token.example","subject":"s","audiences":["a"]}`),
		"delete":   on("DELETE", "/v1.0/applications/{app}", nil),
		"register": func() int {
			a, p := fresh()
			c.write(func() { c.store.ServicePrincipals.Delete(p.ID) })
			return c.do(bearer, "POST", "/v1.0/servicePrincipals", map[string]any{"appId": a.AppID}).status
		},
		"restore": func() int {
			a, _ := fresh()
			c.delete("/v1.0/applications/" + a.ID).want(http.StatusNoContent)
			return c.do(bearer, "POST", "/v1.0/directory/deletedItems/"+a.ID+"/restore", nil).status
		},
		"purge": func() int {
			_, p := fresh()
			c.delete("/v1.0/servicePrincipals/" + p.ID).want(http.StatusNoContent)
			return c.do(bearer, "DELETE", "/v1.0/directory/deletedItems/"+p.ID, nil).status
		},
	}
}

func TestRights(t *testing.T) {
	t.Parallel()
	const (
		reads  = " read list "
		writes = " update secret sp owner federate delete register restore purge "
	)
	cli := "Application.ReadWrite.All Directory.AccessAsUser.All"
	for name, test := range map[string]struct {
		roles      []string // of the person, or of the application
		scopes     string   // empty: app-only
		owns       bool     // the objects
		unregister bool     // "Users can register applications" is off
		allowed    string
	}{
		"Global Administrator":               {[]string{"Global Administrator"}, cli, false, false, reads + "create" + writes},
		"Application Administrator":          {[]string{"Application Administrator"}, cli, false, false, reads + "create" + writes},
		"Cloud Application Administrator":    {[]string{"Cloud Application Administrator"}, "Application.ReadWrite.All", false, false, reads + "create" + writes},
		"administrator, registration off":    {[]string{"Application Administrator"}, cli, false, true, reads + "create" + writes},
		"another role":                       {[]string{"Global Reader"}, cli, false, false, reads + "create"},
		"member":                             {nil, cli, false, false, reads + "create"},
		"member, registration off":           {nil, cli, false, true, reads},
		"Application Developer":              {[]string{"Application Developer"}, cli, false, true, reads + "create"},
		"owner":                              {nil, cli, true, true, reads + writes},
		"administrator, reading client":      {[]string{"Application Administrator"}, "Application.Read.All", true, false, reads},
		"administrator, signed in only":      {[]string{"Application Administrator"}, "User.Read", true, false, ""},
		"app: nothing":                       {nil, "", true, false, ""},
		"app: Application.Read.All":          {[]string{"Application.Read.All"}, "", true, false, reads},
		"app: Directory.Read.All":            {[]string{"Directory.Read.All"}, "", true, false, reads},
		"app: Application.ReadWrite.All":     {[]string{"Application.ReadWrite.All"}, "", false, true, reads + "create" + writes},
		"app: Directory.ReadWrite.All":       {[]string{"Directory.ReadWrite.All"}, "", false, true, reads + "create" + writes},
		"app: OwnedBy of others":             {[]string{"Application.ReadWrite.OwnedBy"}, "", false, false, reads + "create"},
		"app: OwnedBy of its own":            {[]string{"Application.ReadWrite.OwnedBy"}, "", true, false, reads + "create" + writes},
		"app: a delegated permission's name": {[]string{"Directory.AccessAsUser.All"}, "", true, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t)
			c.person("third@contoso.example")
			var bearer, caller string
			if test.scopes != "" {
				c.person("someone@contoso.example", test.roles...)
				bearer, caller = c.delegated("someone@contoso.example", test.scopes), userID("someone@contoso.example")
			} else {
				_, p, token := c.app("caller", test.roles...)
				bearer, caller = token, p.ID
			}
			if test.unregister {
				c.write(func() {
					tenant, _ := c.store.Tenants.Get(tenantID)
					changed := *tenant
					changed.UsersRegister = false
					c.store.Tenants.Put(tenantID, &changed)
				})
			}
			if !test.owns {
				caller = ""
			}
			for op, status := range operations(c, bearer, caller) {
				got := status()
				allowed := strings.Contains(" "+test.allowed+" ", " "+op+" ")
				if allowed && got/100 != 2 || !allowed && got != http.StatusForbidden {
					t.Errorf("%s: status %d, allowed %v", op, got, allowed)
				}
			}
		})
	}
}

func TestOwnedByRegistersAndManages(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	_, caller, bearer := c.app("steward", "Application.ReadWrite.OwnedBy")
	c.do(bearer, "POST", "/v1.0/servicePrincipals", `{"appId":"00000000-1111-4222-8333-444444444444"}`).
		fails(http.StatusForbidden, "Authorization_RequestDenied", "the backing application of the service principal being created must in the local tenant")
	a := c.do(bearer, "POST", "/v1.0/applications", `{"displayName":"made"}`).want(http.StatusCreated)
	p := c.do(bearer, "POST", "/v1.0/servicePrincipals", map[string]any{"appId": a.text("appId")}).want(http.StatusCreated)
	for _, path := range []string{"/v1.0/applications/" + a.text("id"), "/v1.0/servicePrincipals/" + p.text("id")} {
		c.do(bearer, "POST", path+"/addPassword", `{}`).want(http.StatusOK)
		if got := c.do(bearer, "GET", path+"/owners", nil).want(200).names("id"); len(got) != 1 || got[0] != caller.ID {
			t.Errorf("owners of %s: %v", path, got)
		}
	}
	c.do(bearer, "DELETE", "/v1.0/applications/"+a.text("id")+"/owners/"+caller.ID+"/$ref", nil).want(http.StatusNoContent)
	c.do(bearer, "PATCH", "/v1.0/applications/"+a.text("id"), `{"notes":"x"}`).fails(http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
}

func TestRightsChangeAtOnce(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, _, _ := c.app("target")
	c.patch("/v1.0/applications/"+a.ID, `{"notes":"x"}`).want(http.StatusNoContent)
	c.person("admin@contoso.example") // the role is gone, the token is the old one
	c.patch("/v1.0/applications/"+a.ID, `{"notes":"y"}`).want(http.StatusForbidden)

	_, p, bearer := c.app("caller", "Application.Read.All")
	c.do(bearer, "GET", "/v1.0/applications", nil).want(http.StatusOK)
	off := *p
	off.Enabled = false
	c.write(func() { c.store.ServicePrincipals.Put(p.ID, &off) })
	c.do(bearer, "GET", "/v1.0/applications", nil).fails(http.StatusUnauthorized, "Authorization_IdentityNotFound", "")
}

func TestOwners(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.person("third@contoso.example")
	group := uuid.NewString()
	c.write(func() { c.store.Groups.Put(group, &directory.Group{ID: group, DisplayName: "Operators"}) })
	a, _, _ := c.app("target")
	_, p, _ := c.app("steward")
	path := "/v1.0/applications/" + a.ID + "/owners"
	link := func(id string) map[string]any {
		return map[string]any{"@odata.id": origin + "/v1.0/directoryObjects/" + id}
	}
	c.post(path+"/$ref", link(userID("third@contoso.example"))).want(http.StatusNoContent)
	c.post(path+"/$ref", map[string]any{"@odata.id": "https://graph.microsoft.com/beta/servicePrincipals('" + p.ID + "')"}).want(http.StatusNoContent)
	c.post(path+"/$ref", link(p.ID)).fails(400, "Request_BadRequest", "One or more added object references already exist for the following modified properties: 'owners'.")
	c.post(path+"/$ref", link(group)).fails(400, "Request_BadRequest", "of type 'Group' is invalid for the 'owners' reference.")
	c.post(path+"/$ref", link(uuid.NewString())).want(http.StatusNotFound)
	list := c.get(path).want(http.StatusOK)
	if got := list.names("@odata.type"); len(got) != 2 || got[0] != "#microsoft.graph.servicePrincipal" || list.text("@odata.context") != origin+"/v1.0/$metadata#directoryObjects" {
		t.Errorf("owners: %s", list.raw)
	}
	if got := c.get(path + "/$ref").names("@odata.id"); len(got) != 2 {
		t.Errorf("links: %v", got)
	}
	if got := objects(t, c.get("/v1.0/applications/" + a.ID + "?$expand=owners").body["owners"]); len(got) != 2 {
		t.Errorf("expanded: %v", got)
	}
	c.delete(path + "/" + p.ID + "/$ref").want(http.StatusNoContent)
	c.delete(path+"/"+p.ID+"/$ref").fails(404, "Request_ResourceNotFound", p.ID)
}

// forged is a token with another header, unsigned or with a MAC under the public key.
func forged(t *testing.T, token, header string, key []byte) string {
	t.Helper()
	parts := strings.Split(token, ".")
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + parts[1]
	if key == nil {
		return signed + "."
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestTokens(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	user := map[string]any{"idtyp": "user", "oid": userID("admin@contoso.example"), "upn": "admin@contoso.example", "scp": "User.Read"}
	with := func(name string, value any) string {
		claims := map[string]any{name: value}
		maps.Copy(claims, user)
		return c.mint(claims)
	}
	for name, test := range map[string]struct{ token, message string }{
		"none":      {"", "Access token is empty."},
		"no dots":   {"abc", "IDX14100: JWT is not well formed, there are no dots (.)."},
		"dots":      {"a.b.c", "CompactToken parsing failed"},
		"expired":   {with("exp", c.now().Add(-time.Second).Unix()), "Lifetime validation failed, the token is expired."},
		"audience":  {with("aud", "https://management.azure.com"), "Invalid audience"},
		"tenant":    {with("tid", uuid.NewString()), "Invalid tenant"},
		"signature": {c.admin[:len(c.admin)-8] + "AAAAAAAA", "Invalid signature"},
		"not yet":   {with("nbf", c.now().Add(time.Hour).Unix()), "Lifetime validation failed"},
		"alg none":  {forged(t, c.admin, `{"alg":"none","typ":"JWT"}`, nil), "Invalid signature"},
		"alg HS256": {forged(t, c.admin, `{"alg":"HS256","kid":"`+signer().KeyID()+`"}`, signer().Public().N.Bytes()), "Invalid signature"},
	} {
		r := c.do(test.token, "GET", "/v1.0/me", nil)
		r.fails(http.StatusUnauthorized, "InvalidAuthenticationToken", test.message)
		if got := r.header.Get("WWW-Authenticate"); got != `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"` {
			t.Errorf("%s: www-authenticate %q", name, got)
		}
	}
	for _, audience := range []string{"https://graph.microsoft.com/", "00000003-0000-0000-c000-000000000000"} {
		c.do(with("aud", audience), "GET", "/v1.0/me", nil).want(http.StatusOK)
	}
}
