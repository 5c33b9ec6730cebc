package arm_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/arm"
	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/token"
)

const (
	tenantID = "11111111-2222-4333-8444-555555555555"
	origin   = "https://cloud.test"
	subA     = "aaaaaaaa-0000-4000-8000-00000000000a"
	subB     = "bbbbbbbb-0000-4000-8000-00000000000b"

	owner         = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
	contributor   = "b24988ac-6180-42a0-ab88-20f7382dd24c"
	reader        = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	cryptoOfficer = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603"
	cryptoUser    = "12338af0-0e69-4776-bea7-57ae8d297424"

	atA    = "/subscriptions/" + subA
	atB    = "/subscriptions/" + subB
	group1 = atA + "/resourceGroups/rg1"
	vault  = group1 + "/providers/Microsoft.KeyVault/vaults/kv1"
	landed = "/providers/Microsoft.Management/managementGroups/landing"
	top    = "/providers/Microsoft.Management/managementGroups/" + tenantID
)

// signer is made once: an RSA key costs more than all requests of a test.
var signer = sync.OnceValue(func() *token.Signer {
	s, err := token.NewSigner()
	if err != nil {
		panic(err)
	}
	return s
})

// cloud is a directory with the service in front of it.
type cloud struct {
	testing.TB

	store   *directory.Store
	handler http.Handler
	admin   string // token of an Owner of subscription A, inherited by nothing else
}

func newCloud(t testing.TB) *cloud {
	t.Helper()
	store, err := directory.Open("")
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{TB: t, store: store, handler: arm.New(arm.Config{
		Directory: store, Signer: signer(), TenantID: tenantID, BaseURL: func(*http.Request) string { return origin },
	})}
	c.write(func() {
		store.Tenants.Put(tenantID, &directory.Tenant{ID: tenantID, Domain: "contoso.example", DisplayName: "Contoso", CountryCode: "DE", CreatedAt: store.Now()})
		store.ManagementGroups.Put(tenantID, &directory.ManagementGroup{ID: tenantID, DisplayName: "Tenant Root Group"})
		store.ManagementGroups.Put("landing", &directory.ManagementGroup{ID: "landing", DisplayName: "Landing", Parent: tenantID})
		for id, name := range map[string]string{subA: "A", subB: "B"} {
			store.Subscriptions.Put(id, &directory.Subscription{ID: id, DisplayName: name, Parent: "landing"})
			store.ResourceGroups.Put(id+"/rg1", &directory.ResourceGroup{Subscription: id, Name: "rg1", Location: "westeurope"})
		}
		for _, r := range arm.BuiltInRoles() {
			store.RoleDefinitions.Put(r.ID, r)
		}
	})
	c.admin = c.person("owner@contoso.example")
	c.assign(atA, owner, userID("owner@contoso.example"))
	return c
}

// on reports to another test.
func (c *cloud) on(t testing.TB) *cloud {
	other := *c
	other.TB = t
	return &other
}

func (c *cloud) write(f func()) {
	c.Helper()
	if err := c.store.Write(func() error { f(); return nil }); err != nil {
		c.Fatal(err)
	}
}

func (c *cloud) now() (now time.Time) {
	c.store.Read(func() { now = c.store.Now() })
	return now
}

func (c *cloud) set(change func(*directory.Settings)) {
	c.Helper()
	c.write(func() {
		s := c.store.Settings()
		change(&s)
		c.store.SetSettings(s)
	})
}

func userID(upn string) string { return uuid.NewSHA1(uuid.NameSpaceURL, []byte(upn)).String() }

// person adds someone to the directory and returns a token of theirs.
func (c *cloud) person(upn string) string {
	c.Helper()
	c.write(func() {
		c.store.Users.Put(userID(upn), &directory.User{ID: userID(upn), UserPrincipalName: upn, DisplayName: upn})
	})
	return c.mint(map[string]any{"idtyp": "user", "oid": userID(upn), "upn": upn, "scp": "user_impersonation", "appid": "04b07795-8ddb-461a-bbee-02f9e1bf7b46"})
}

// app adds a service principal and returns its object id and a token of its own.
func (c *cloud) app() (id, bearer string) {
	c.Helper()
	p := &directory.ServicePrincipal{ID: uuid.NewString(), AppID: uuid.NewString(), DisplayName: "app", Enabled: true, CreatedAt: c.now()}
	c.write(func() { c.store.ServicePrincipals.Put(p.ID, p) })
	return p.ID, c.mint(map[string]any{"idtyp": "app", "oid": p.ID, "appid": p.AppID})
}

func (c *cloud) mint(claims map[string]any) string {
	c.Helper()
	now := c.now()
	full := map[string]any{
		"aud": "https://management.core.windows.net/", "iss": "https://sts.windows.net/" + tenantID + "/", "tid": tenantID, "ver": "1.0",
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	maps.Copy(full, claims)
	raw, err := signer().Sign(full)
	if err != nil {
		c.Fatal(err)
	}
	return raw
}

// assign puts an assignment into the directory, past the service.
func (c *cloud) assign(scope, role, principal string) {
	c.Helper()
	name := uuid.NewString()
	c.write(func() {
		now := c.store.Now()
		c.store.RoleAssignments.Put(strings.ToLower(strings.TrimRight(scope, "/")+"/providers/Microsoft.Authorization/roleAssignments/"+name), &directory.RoleAssignment{
			Name: name, Scope: scope, RoleID: role, PrincipalID: principal, PrincipalType: "User", CreatedAt: now, UpdatedAt: now,
		})
	})
}

// usualVersion is one that the path has.
func usualVersion(address string) string {
	switch {
	case strings.Contains(address, "Microsoft.Authorization/"):
		return "2022-04-01"
	case strings.HasPrefix(address, "/providers/Microsoft.Management/"):
		return "2020-05-01"
	}
	return "2022-09-01"
}

// do sends a request; of the usual version unless the address says another.
func (c *cloud) do(method, address, bearer, body string) *httptest.ResponseRecorder {
	c.Helper()
	if !strings.Contains(address, "api-version=") {
		joint := "?"
		if strings.Contains(address, "?") {
			joint = "&"
		}
		address += joint + "api-version=" + usualVersion(address)
	}
	r := httptest.NewRequest(method, strings.ReplaceAll(origin+address, " ", "%20"), strings.NewReader(body))
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	return w
}

type object = map[string]any

// ask sends a request that must be answered with the status, and returns the body.
func (c *cloud) ask(method, address, bearer, body string, status int) object {
	c.Helper()
	w := c.do(method, address, bearer, body)
	if w.Code != status {
		c.Fatalf("%s %s: %d %s, want %d", method, address, w.Code, w.Body, status)
	}
	if w.Body.Len() == 0 {
		return nil
	}
	if got := w.Header().Get("Content-Type"); got != "application/json; charset=utf-8" {
		c.Errorf("content-type %q", got)
	}
	var out object
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		c.Fatalf("%s %s: %v in %s", method, address, err, w.Body)
	}
	return out
}

// refused sends a request that must fail, and returns the message.
func (c *cloud) refused(method, address, bearer, body string, status int, code string) string {
	c.Helper()
	e, _ := c.ask(method, address, bearer, body, status)["error"].(object)
	if e["code"] != code || len(e) != 2 {
		c.Fatalf("%s %s: error %v, want %s", method, address, e, code)
	}
	return e["message"].(string)
}

func (c *cloud) values(address, bearer string) []object {
	c.Helper()
	got := c.ask("GET", address, bearer, "", 200)
	if _, paged := got["nextLink"]; paged {
		c.Error("a list has nextLink")
	}
	out := []object{}
	for _, v := range got["value"].([]any) {
		out = append(out, v.(object))
	}
	return out
}

func names(values []object) []string {
	out := []string{}
	for _, v := range values {
		out = append(out, v["name"].(string))
	}
	return out
}

func properties(v object) object { return v["properties"].(object) }

// putRole assigns a role through the service.
func (c *cloud) putRole(scope, name, role, principal, more, bearer string, status int) object {
	c.Helper()
	return c.ask("PUT", assignmentAt(scope, name), bearer, roleBody(role, principal, more), status)
}

func assignmentAt(scope, name string) string {
	return strings.TrimRight(scope, "/") + "/providers/Microsoft.Authorization/roleAssignments/" + name
}

func roleBody(role, principal, more string) string {
	return `{"properties":{"roleDefinitionId":"` + atA + `/providers/Microsoft.Authorization/roleDefinitions/` + role + `","principalId":"` + principal + `"` + more + `}}`
}
