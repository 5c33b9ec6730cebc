package graph_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph"
	"github.com/evercred/evercred/emulator/internal/token"
)

const (
	tenantID = "11111111-2222-4333-8444-555555555555"
	origin   = "https://graph.test"
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
	t       testing.TB
	store   *directory.Store
	handler http.Handler
	admin   string // token of an Application Administrator
}

func newCloud(t testing.TB) *cloud {
	t.Helper()
	store, err := directory.Open("")
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{t: t, store: store, handler: graph.New(graph.Config{
		Directory: store, Signer: signer(), TenantID: tenantID, BaseURL: func(*http.Request) string { return origin },
	})}
	c.write(func() {
		store.Tenants.Put(tenantID, &directory.Tenant{
			ID: tenantID, Domain: "contoso.example", DisplayName: "Contoso", CountryCode: "DE", CreatedAt: store.Now(), UsersRegister: true,
		})
	})
	c.admin = c.person("admin@contoso.example", "Application Administrator")
	return c
}

// on reports to another test.
func (c *cloud) on(t testing.TB) *cloud {
	other := *c
	other.t = t
	return &other
}

func (c *cloud) write(f func()) {
	c.t.Helper()
	if err := c.store.Write(func() error { f(); return nil }); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cloud) now() (now time.Time) {
	c.store.Read(func() { now = c.store.Now() })
	return now
}

// set changes the controls of the directory.
func (c *cloud) set(change func(*directory.Settings)) {
	c.t.Helper()
	c.write(func() {
		s := c.store.Settings()
		change(&s)
		c.store.SetSettings(s)
	})
}

func (c *cloud) advance(d time.Duration) {
	c.set(func(s *directory.Settings) { s.ClockOffset += d })
}

func userID(upn string) string { return uuid.NewSHA1(uuid.NameSpaceURL, []byte(upn)).String() }

// person adds someone to the directory and returns a token as the Azure CLI gets one.
func (c *cloud) person(upn string, roles ...string) string {
	c.t.Helper()
	c.write(func() {
		c.store.Users.Put(userID(upn), &directory.User{ID: userID(upn), UserPrincipalName: upn, DisplayName: strings.ToUpper(upn[:1]) + upn[1:], Roles: roles})
	})
	return c.delegated(upn, "Application.ReadWrite.All Directory.AccessAsUser.All User.Read")
}

func (c *cloud) delegated(upn, scopes string) string {
	return c.mint(map[string]any{"idtyp": "user", "oid": userID(upn), "upn": upn, "scp": scopes, "appid": "04b07795-8ddb-461a-bbee-02f9e1bf7b46"})
}

// app adds an application with a service principal and returns it with a token that has the roles.
func (c *cloud) app(name string, roles ...string) (a *directory.Application, p *directory.ServicePrincipal, bearer string) {
	c.t.Helper()
	a = &directory.Application{ID: uuid.NewString(), AppID: uuid.NewString(), DisplayName: name, SignInAudience: "AzureADMyOrg", CreatedAt: c.now()}
	p = &directory.ServicePrincipal{ID: uuid.NewString(), AppID: a.AppID, DisplayName: name, Enabled: true, CreatedAt: c.now()}
	c.write(func() {
		c.store.Applications.Put(a.ID, a)
		c.store.ServicePrincipals.Put(p.ID, p)
	})
	return a, p, c.mint(map[string]any{"idtyp": "app", "oid": p.ID, "appid": p.AppID, "roles": roles})
}

func (c *cloud) mint(claims map[string]any) string {
	c.t.Helper()
	now := c.now()
	all := map[string]any{"aud": "https://graph.microsoft.com", "tid": tenantID, "nbf": now.Unix(), "exp": now.Add(20 * 365 * 24 * time.Hour).Unix()}
	maps.Copy(all, claims)
	raw, err := signer().Sign(all)
	if err != nil {
		c.t.Fatal(err)
	}
	return raw
}

// result is what a request got.
type result struct {
	t      testing.TB
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// do sends a request. body is a string, or anything that marshals, or nil.
func (c *cloud) do(bearer, method, path string, body any, header ...string) result {
	c.t.Helper()
	var data []byte
	switch b := body.(type) {
	case nil:
	case string:
		data = []byte(b)
	case []byte:
		data = b
	default:
		data, _ = json.Marshal(body)
	}
	r := httptest.NewRequest(method, origin+strings.ReplaceAll(path, " ", "%20"), bytes.NewReader(data))
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i+1] == "" {
			r.Header.Del(header[i])
		}
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	res := result{t: c.t, status: w.Code, header: w.Header()}
	var err error
	if res.raw, err = unzipped(w.Body.String(), w.Header().Get("Content-Encoding")); err != nil {
		c.t.Fatalf("%s %s: the body cannot be unpacked: %v", method, path, err)
	}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		if err := json.Unmarshal([]byte(res.raw), &res.body); err != nil {
			c.t.Fatalf("%s %s: the body is no JSON: %v: %s", method, path, err, res.raw)
		}
	}
	return res
}

func (c *cloud) get(path string) result {
	c.t.Helper()
	return c.do(c.admin, http.MethodGet, path, nil)
}

func (c *cloud) post(path string, body any) result {
	c.t.Helper()
	return c.do(c.admin, http.MethodPost, path, body)
}

func (c *cloud) patch(path string, body any) result {
	c.t.Helper()
	return c.do(c.admin, http.MethodPatch, path, body)
}

func (c *cloud) delete(path string) result {
	c.t.Helper()
	return c.do(c.admin, http.MethodDelete, path, nil)
}

func (r result) want(status int) result {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.raw)
	}
	return r
}

// fails checks an error's status, code and a part of its message, and the shape that all errors have.
func (r result) fails(status int, code, message string) {
	r.t.Helper()
	r.want(status)
	e, _ := r.body["error"].(map[string]any)
	if e["code"] != code || !strings.Contains(e["message"].(string), message) {
		r.t.Fatalf("got %v, want %s with %q", e, code, message)
	}
	inner, _ := e["innerError"].(map[string]any)
	if _, err := time.Parse("2006-01-02T15:04:05", inner["date"].(string)); err != nil || inner["request-id"] != r.header.Get("request-id") {
		r.t.Fatalf("innerError is %v", inner)
	}
	if r.header.Get("Content-Type") != "application/json" || r.header.Get("OData-Version") != "" || r.header.Get("x-ms-resource-unit") != "1" {
		r.t.Fatalf("headers of an error: %v", r.header)
	}
}

func (r result) text(name string) string {
	r.t.Helper()
	s, ok := r.body[name].(string)
	if !ok {
		r.t.Fatalf("%s is %v in %s", name, r.body[name], r.raw)
	}
	return s
}

func (r result) list() []map[string]any {
	r.t.Helper()
	return objects(r.t, r.body["value"])
}

func objects(t testing.TB, v any) []map[string]any {
	t.Helper()
	list, ok := v.([]any)
	if !ok {
		t.Fatalf("%v is no list", v)
	}
	out := make([]map[string]any, len(list))
	for i := range list {
		out[i] = list[i].(map[string]any)
	}
	return out
}

// names returns one property of each element of a list.
func (r result) names(property string) []string {
	r.t.Helper()
	out := []string{}
	for _, o := range r.list() {
		s, _ := o[property].(string)
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

// keysInOrder returns the names of the top-level properties as they stand in the body.
func keysInOrder(t testing.TB, body string) []string {
	t.Helper()
	in := json.NewDecoder(strings.NewReader(body))
	if _, err := in.Token(); err != nil {
		t.Fatal(err)
	}
	var out []string
	for in.More() {
		name, err := in.Token()
		if err != nil {
			t.Fatal(err)
		}
		var skip json.RawMessage
		if err := in.Decode(&skip); err != nil {
			t.Fatal(err)
		}
		out = append(out, name.(string))
	}
	return out
}
