package entra_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/entra"
	"github.com/evercred/evercred/emulator/internal/token"
)

const (
	tenantID  = "0d0c0b0a-1111-4222-8333-444455556666"
	domain    = "fabrikam.example"
	cli       = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
	shell     = "1950a258-227b-4e31-a9cf-717495945fc2"
	appID     = "aaaaaaaa-0000-4000-8000-000000000001"
	spID      = "aaaaaaaa-0000-4000-8000-000000000002"
	publicID  = "bbbbbbbb-0000-4000-8000-000000000001"
	graphSPID = "cccccccc-0000-4000-8000-000000000001"
	owner     = "owner@" + domain
	blockedBy = "blocked@" + domain
	graph     = "https://graph.microsoft.com/.default"
	arm       = "https://management.core.windows.net//.default"

	secret        = "good~secret"
	expiredSecret = "expired~secret"
	spSecret      = "secret~of~the~service~principal"
	futureSecret  = "secret~of~tomorrow"
)

// identity is a certificate with its key.
type identity struct {
	key  *rsa.PrivateKey
	cert *x509.Certificate
}

// material is made once: keys are costly.
type material struct {
	signer              *token.Signer
	cert, spCert, stray identity
	expired             identity
}

// shared is a function, made once for all tests.
//

var shared = sync.OnceValue(func() material {
	signer, err := token.NewSigner()
	if err != nil {
		panic(err)
	}
	return material{signer, newIdentity(), newIdentity(), newIdentity(), newIdentity()}
})

func newIdentity() identity {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return identity{key, cert}
}

func (i identity) thumbprint() string {
	sum := sha1.Sum(i.cert.Raw)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// world is an emulated Entra ID with a tenant.
type world struct {
	testing.TB
	material
	store   *directory.Store
	service *entra.Service
	server  *httptest.Server
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := openWorld(t, "")
	w.fill()
	return w
}

// openWorld starts on the state in a folder.
func openWorld(t testing.TB, folder string) *world {
	t.Helper()
	store, err := directory.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{TB: t, material: shared(), store: store}
	w.service = entra.New(entra.Config{
		Directory: store, Signer: w.signer, TenantID: tenantID,
		BaseURL: func(r *http.Request) string { return "https://" + r.Host },
	})
	w.server = httptest.NewUnstartedServer(w.service)
	w.server.EnableHTTP2 = true
	w.server.StartTLS()
	t.Cleanup(w.stop)
	return w
}

// in is the same world for another test.
func (w *world) in(t testing.TB) *world {
	other := *w
	other.TB = t
	return &other
}

func (w *world) stop() {
	w.server.Close()
	if err := w.store.Close(); err != nil && !strings.Contains(err.Error(), "already closed") {
		w.Error(err)
	}
}

func (w *world) write(f func(s *directory.Store)) {
	w.Helper()
	if err := w.store.Write(func() error { f(w.store); return nil }); err != nil {
		w.Fatal(err)
	}
}

// advance moves the emulator's clock.
func (w *world) advance(d time.Duration) {
	w.write(func(s *directory.Store) {
		settings := s.Settings()
		settings.ClockOffset += d
		s.SetSettings(settings)
	})
}

func (w *world) fill() {
	w.write(func(s *directory.Store) {
		now := s.Now()
		password := func(text string, start, end time.Duration) directory.Password {
			return directory.Password{KeyID: "key of " + text, Hash: directory.HashSecret(text), Start: now.Add(start), End: now.Add(end)}
		}
		key := func(i identity, end time.Duration) directory.Key {
			return directory.Key{Type: "AsymmetricX509Cert", Usage: "Verify", DER: i.cert.Raw, Start: now.Add(-2 * time.Hour), End: now.Add(end)}
		}
		s.Tenants.Put(tenantID, &directory.Tenant{ID: tenantID, Domain: domain, DisplayName: "Fabrikam"})
		s.Users.Put("user-1", &directory.User{
			ID: "user-1", UserPrincipalName: owner, DisplayName: "Olga Owner", GivenName: "Olga", Surname: "Owner",
			Roles: []string{"Application Administrator"},
		})
		s.Users.Put("user-2", &directory.User{ID: "user-2", UserPrincipalName: blockedBy, DisplayName: "B", DeviceCodeBlocked: true})
		s.Subscriptions.Put("sub-1", &directory.Subscription{ID: "sub-1", DisplayName: "Production"})
		s.RoleDefinitions.Put("role-1", &directory.RoleDefinition{ID: "role-1", Name: "Owner"})
		s.RoleAssignments.Put("ra-1", &directory.RoleAssignment{Scope: "/subscriptions/sub-1", RoleID: "role-1", PrincipalID: "user-1"})
		s.Applications.Put("app-object", &directory.Application{
			ID: "app-object", AppID: appID, DisplayName: "backup", IdentifierURIs: []string{"api://backup"},
			Passwords: []directory.Password{
				password(secret, -time.Hour, time.Hour), password(expiredSecret, -2*time.Hour, -time.Hour),
				password(futureSecret, time.Hour, 2*time.Hour),
			},
			Keys: []directory.Key{key(w.cert, time.Hour), key(w.expired, -time.Hour)},
		})
		s.ServicePrincipals.Put(spID, &directory.ServicePrincipal{
			ID: spID, AppID: appID, DisplayName: "backup", Enabled: true,
			Passwords: []directory.Password{password(spSecret, -time.Hour, time.Hour)}, Keys: []directory.Key{key(w.spCert, time.Hour)},
		})
		s.Applications.Put("public-object", &directory.Application{
			ID: "public-object", AppID: publicID, DisplayName: "own client",
			Properties: map[string]json.RawMessage{
				"isFallbackPublicClient": json.RawMessage("true"),
				"requiredResourceAccess": json.RawMessage(`[{"resourceAppId":"` + token.GraphAppID + `","resourceAccess":[{"id":"bdfbf15f-ee85-4955-8675-146e8e5296b5","type":"Scope"}]}]`),
			},
		})
		s.ServicePrincipals.Put("public-sp", &directory.ServicePrincipal{ID: "public-sp", AppID: publicID, Enabled: true})
		s.ServicePrincipals.Put(graphSPID, &directory.ServicePrincipal{ID: graphSPID, AppID: token.GraphAppID, Enabled: true})
		s.AppRoleGrants.Put("g1", &directory.AppRoleAssignment{PrincipalID: spID, ResourceID: graphSPID, RoleValue: "Application.Read.All"})
	})
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   map[string]any
}

func (a answer) text(name string) string {
	text, _ := a.body[name].(string)
	return text
}

// code is the AADSTS code of an error, 0 for none.
func (a answer) code() int {
	codes, _ := a.body["error_codes"].([]any)
	if len(codes) != 1 {
		return 0
	}
	n, _ := codes[0].(float64)
	return int(n)
}

func (w *world) do(r *http.Request) answer {
	w.Helper()
	res, err := w.server.Client().Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header}
	if len(raw) > 0 && strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(raw, &a.body); err != nil {
			w.Fatalf("%s: %v", raw, err)
		}
	}
	return a
}

func (w *world) get(path string) answer {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), http.MethodGet, w.server.URL+path, nil)
	if err != nil {
		w.Fatal(err)
	}
	return w.do(r)
}

func (w *world) postRaw(path, contentType, body string) answer {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), http.MethodPost, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return w.do(r)
}

// post sends pairs of names and values.
func (w *world) post(path string, pairs ...string) answer {
	w.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return w.postRaw(path, "application/x-www-form-urlencoded", form.Encode())
}

const (
	tokenV2  = "/" + tenantID + "/oauth2/v2.0/token"
	deviceV2 = "/" + tenantID + "/oauth2/v2.0/devicecode"
)

// app asks for an application's token.
func (w *world) app(pairs ...string) answer {
	w.Helper()
	return w.post(tokenV2, append([]string{"grant_type", "client_credentials", "client_id", appID, "scope", graph}, pairs...)...)
}

func claimsOf(t testing.TB, raw string) map[string]any {
	t.Helper()
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		t.Fatalf("not a token: %q", raw)
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// jwt signs an assertion.
func (i identity) jwt(t testing.TB, header, claims map[string]any) string {
	t.Helper()
	part := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	signed := part(header) + "." + part(claims)
	h := crypto.SHA256.New()
	h.Write([]byte(signed))
	var signature []byte
	var err error
	if header["alg"] == "PS256" {
		signature, err = rsa.SignPSS(rand.Reader, i.key, crypto.SHA256, h.Sum(nil), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	} else {
		signature, err = rsa.SignPKCS1v15(nil, i.key, crypto.SHA256, h.Sum(nil))
	}
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func encodeBytes(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
