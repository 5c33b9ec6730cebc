package entra_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/token"
)

const (
	job      = "repo:contoso/backup:ref:refs/heads/main"
	exchange = "api://AzureADTokenExchange"
)

// trusted is an outside issuer, whose key is that of w.stray.
func (w *world) trusted(issuerPath string) string {
	w.Helper()
	jwk := func() map[string]any {
		return map[string]any{
			"kty": "RSA", "use": "sig", "kid": "k1", "e": "AQAB", "n": encodeBytes(w.stray.key.N.Bytes()),
		}
	}
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var body any
		switch r.URL.Path {
		case issuerPath + "/.well-known/openid-configuration":
			body = map[string]any{"issuer": server.URL + issuerPath, "jwks_uri": server.URL + "/keys"}
		case "/keys":
			body = map[string]any{"keys": []any{jwk()}}
		default:
			http.NotFound(rw, r)
			return
		}
		_ = json.NewEncoder(rw).Encode(body)
	}))
	w.Cleanup(server.Close)
	return server.URL + issuerPath
}

func (w *world) trust(credentials ...directory.FederatedCredential) {
	w.Helper()
	w.write(func(s *directory.Store) {
		app, _ := s.Applications.Get("app-object")
		next := *app
		next.FederatedCredentials = credentials
		s.Applications.Put("app-object", &next)
	})
}

// outside signs a token as the issuer does.
func (w *world) outside(issuer string, header, claims map[string]any) string {
	w.Helper()
	h := map[string]any{"alg": "RS256", "typ": "JWT", "kid": "k1"}
	c := map[string]any{"iss": issuer, "sub": job, "aud": exchange, "exp": time.Now().Add(10 * time.Minute).Unix(), "nbf": time.Now().Unix()}
	maps.Copy(h, header)
	for k, v := range claims {
		if c[k] = v; v == nil {
			delete(c, k)
		}
	}
	return w.stray.jwt(w.TB, h, c)
}

func (w *world) exchange(assertion string) answer {
	w.Helper()
	return w.app("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion", assertion)
}

func TestFederatedCredential(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	issuer := w.trusted("")
	if a := w.exchange(w.outside(issuer, nil, nil)); a.status != 401 || a.code() != 70025 {
		t.Errorf("no credentials: %v", a.body)
	}
	credential := directory.FederatedCredential{ID: "f1", Name: "main", Issuer: issuer, Subject: job, Audiences: []string{exchange}}
	w.trust(directory.FederatedCredential{Issuer: "https://other.example", Subject: job, Audiences: []string{exchange}}, credential)
	a := w.exchange(w.outside(issuer, nil, nil))
	if a.status != 200 {
		t.Fatalf("%v", a.body)
	}
	if c := claimsOf(t, a.text("access_token")); c["oid"] != spID || c["appidacr"] != "2" {
		t.Errorf("%v", c)
	}
	for name, c := range map[string]struct {
		assertion string
		code      int
		part      string
	}{
		"issuer":       {w.outside(issuer+"/", nil, nil), 700211, "assertion issuer '" + issuer + "/'"},
		"subject":      {w.outside(issuer, nil, map[string]any{"sub": "repo:contoso/other"}), 700213, "assertion subject 'repo:contoso/other'"},
		"letter case":  {w.outside(issuer, nil, map[string]any{"sub": strings.ToUpper(job)}), 7002138, strings.ToUpper(job)},
		"audience":     {w.outside(issuer, nil, map[string]any{"aud": "api://other"}), 700212, "assertion audience 'api://other'"},
		"expired":      {w.outside(issuer, nil, map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}), 700024, "not within its valid time range"},
		"from later":   {w.outside(issuer, nil, map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}), 700024, ""},
		"no end":       {w.outside(issuer, nil, map[string]any{"exp": nil}), 50027, ""},
		"other key":    {w.cert.jwt(t, map[string]any{"alg": "RS256", "kid": "k1"}, map[string]any{"iss": issuer, "sub": job, "aud": exchange, "exp": time.Now().Add(time.Hour).Unix()}), 50027, ""},
		"unknown key":  {w.outside(issuer, map[string]any{"kid": "k9"}, nil), 7000272, "The certificate with identifier k9"},
		"none":         {w.outside(issuer, map[string]any{"alg": "none"}, nil), 5002738, "'none'"},
		"HMAC":         {w.outside(issuer, map[string]any{"alg": "HS256"}, nil), 5002738, "'HS256'"},
		"EC with RSA":  {w.outside(issuer, map[string]any{"alg": "ES256"}, nil), 50027, ""},
		"not a JWT":    {"nonsense", 50027, ""},
		"empty parts":  {"..", 50027, ""},
		"client's own": {w.outside("someone", nil, nil), 700021, ""},
	} {
		a := w.exchange(c.assertion)
		if a.status != 401 || a.code() != c.code || a.text("error") != "invalid_client" || !strings.Contains(a.text("error_description"), c.part) {
			t.Errorf("%s: %d %v", name, a.status, a.body)
		}
	}
	w.trust(directory.FederatedCredential{Issuer: "http://127.0.0.1:1", Subject: job, Audiences: []string{exchange}},
		directory.FederatedCredential{Issuer: w.server.URL, Subject: job, Audiences: []string{exchange}})
	if a := w.exchange(w.outside("http://127.0.0.1:1", nil, nil)); a.status != 400 || a.code() != 50166 || a.text("error") != "invalid_request" || a.body["error_uri"] != nil {
		t.Errorf("unreachable: %d %v", a.status, a.body)
	}
	w.trust(directory.FederatedCredential{Issuer: issuer, Audiences: []string{exchange}, Expression: &directory.ClaimsExpression{
		Value: "claims['sub'] matches 'repo:contoso/*:ref:refs/heads/????' and claims['environment'] eq 'production'", LanguageVersion: 1,
	}})
	if a := w.exchange(w.outside(issuer, nil, map[string]any{"environment": "production"})); a.status != 200 {
		t.Errorf("expression: %v", a.body)
	}
	for _, claims := range []map[string]any{{"environment": "Production"}, {}, {"environment": "production", "sub": "repo:contoso/b:ref:refs/heads/mains"}} {
		if a := w.exchange(w.outside(issuer, nil, claims)); a.code() != 700213 {
			t.Errorf("expression, %v: %v", claims, a.body)
		}
	}
}

// A credential that has not reached the replica yet does not count.
func TestFederatedReplication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	issuer := w.trusted("/tenant/1")
	w.write(func(s *directory.Store) {
		settings := s.Settings()
		settings.ReplicationDelay = 15 * time.Second
		s.SetSettings(settings)
	})
	w.trust(directory.FederatedCredential{Issuer: issuer, Subject: job, Audiences: []string{exchange}})
	if a := w.exchange(w.outside(issuer, nil, nil)); a.code() != 70025 {
		t.Errorf("%v", a.body)
	}
	w.advance(16 * time.Second)
	if a := w.exchange(w.outside(issuer, nil, nil)); a.status != 200 {
		t.Errorf("%v", a.body)
	}
}

// azidentity, unmodified, with an assertion of somebody else's.
func TestAzidentityAssertion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	issuer := w.trusted("")
	w.trust(directory.FederatedCredential{Issuer: issuer, Subject: job, Audiences: []string{exchange}})
	credential, err := azidentity.NewClientAssertionCredential(tenantID, appID,
		func(context.Context) (string, error) { return w.outside(issuer, nil, nil), nil },
		&azidentity.ClientAssertionCredentialOptions{ClientOptions: w.options(), DisableInstanceDiscovery: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{graph}}); err != nil {
		t.Error(err)
	}
}

// A managed identity's token proves an application that trusts the identity.
func TestManagedIdentityAsCredential(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const identity, object = "dddddddd-0000-4000-8000-000000000001", "dddddddd-0000-4000-8000-000000000002"
	w.write(func(s *directory.Store) {
		s.ServicePrincipals.Put(object, &directory.ServicePrincipal{ID: object, AppID: identity, DisplayName: "mi", Enabled: true, Properties: map[string]json.RawMessage{
			"servicePrincipalType": json.RawMessage(`"ManagedIdentity"`), "alternativeNames": json.RawMessage(`["isExplicit=True","/subscriptions/s/x"]`),
		}})
	})
	assertion, err := w.service.ManagedIdentity(t.Context(), identity, exchange)
	if err != nil {
		t.Fatal(err)
	}
	signed := claimsOf(t, assertion.Access)
	iss, _ := signed["iss"].(string)
	if signed["ver"] != "2.0" || signed["sub"] != object || !strings.HasSuffix(iss, "/"+tenantID+"/v2.0") {
		t.Errorf("%v", signed)
	}
	// The issuer is the one of the host that the application asks.
	own := w.server.URL + "/" + tenantID + "/v2.0"
	microsofts := "https://login.microsoftonline.com/" + tenantID + "/v2.0"
	mint := func(claims map[string]any) string {
		c := map[string]any{"iss": own, "sub": object, "aud": "fb60f99c-7a34-4190-8149-302f77469936", "exp": time.Now().Add(time.Hour).Unix(), "idtyp": "app", "tid": tenantID}
		maps.Copy(c, claims)
		raw, err := w.signer.Sign(c)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for _, registered := range []string{own, microsofts} {
		w.trust(directory.FederatedCredential{Issuer: registered, Subject: object, Audiences: []string{exchange}})
		if a := w.exchange(mint(nil)); a.status != 200 {
			t.Errorf("%s: %v", registered, a.body)
		}
	}
	if a := w.exchange(mint(map[string]any{"idtyp": "user"})); a.code() != 700229 {
		t.Errorf("a person's token: %v", a.body)
	}
	if a := w.exchange(w.outside(own, map[string]any{"kid": w.signer.KeyID()}, map[string]any{"sub": object})); a.code() != 50027 {
		t.Errorf("forged: %v", a.body)
	}
	if _, err := w.service.ManagedIdentity(t.Context(), appID, graph); err == nil || !strings.Contains(err.Error(), "AADSTS700016") {
		t.Errorf("an application as an identity: %v", err)
	}
	if _, err := w.service.ManagedIdentity(t.Context(), identity, "https://nowhere.example"); err == nil || !strings.Contains(err.Error(), "AADSTS500011") {
		t.Errorf("no such resource: %v", err)
	}
	got, err := w.service.ManagedIdentity(t.Context(), identity, "https://management.azure.com")
	if err != nil {
		t.Fatal(err)
	}
	caller, err := w.signer.Verify(got.Access, time.Now(), tenantID, token.ManagementAudiences())
	if err != nil || caller.ObjectID != object || caller.User || claimsOf(t, got.Access)["xms_mirid"] != "/subscriptions/s/x" {
		t.Errorf("%+v %v", caller, err)
	}
	if a := w.app("client_id", identity, "client_secret", "x"); a.code() != 700016 {
		t.Errorf("an identity with a secret: %v", a.body)
	}
}
