package entra_test

import (
	"strings"
	"testing"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// Which clients can be used under which names of a tenant.
func TestTenantNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write(func(s *directory.Store) {
		app, _ := s.Applications.Get("public-object")
		next := *app
		next.SignInAudience = "AzureADMyOrg"
		s.Applications.Put("public-object", &next)
	})
	for _, c := range []struct {
		tenant, client string
		code           int
	}{
		{"common", cli, 0},
		{"organizations", cli, 0},
		{"adfs", cli, 0},
		{domain, publicID, 0},
		{"adfs/" + tenantID, publicID, 0},
		{"consumers", cli, 9002332},
		{"common", publicID, 50194},
		{"organizations", publicID, 50194},
		{"adfs/nowhere.example", cli, -1},
		{"nowhere.example", cli, 90002},
	} {
		a := w.post("/"+c.tenant+"/oauth2/v2.0/devicecode", "client_id", c.client, "scope", graph)
		if c.code == -1 && a.status == 404 {
			continue
		}
		if a.code() != c.code || c.code == 0 && a.status != 200 || c.code != 0 && a.text("error") != "invalid_request" {
			t.Errorf("%s: %d %v", c.tenant, a.status, a.body)
		}
	}
	for tenant, code := range map[string]int{"common": 9001023, "consumers": 9001023, "organizations": 50059} {
		a := w.post("/"+tenant+"/oauth2/v2.0/token", "grant_type", "client_credentials", "client_id", appID, "client_secret", secret, "scope", graph)
		if a.code() != code {
			t.Errorf("%s: %v", tenant, a.body)
		}
	}
	a := w.get("/consumers/v2.0/.well-known/openid-configuration")
	if a.status != 200 || !strings.Contains(a.text("issuer"), "9188040d-6c67-4c5b-b112-36a304b66dad") || !strings.Contains(a.text("token_endpoint"), "/consumers/") {
		t.Errorf("%v", a.body)
	}
}

// The service principal of an application of another tenant is a client with the credentials that stand on it.
func TestForeignApplication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const id = "eeeeeeee-0000-4000-8000-000000000001"
	w.write(func(s *directory.Store) {
		now := s.Now()
		s.ServicePrincipals.Put("foreign", &directory.ServicePrincipal{
			ID: "foreign", AppID: id, DisplayName: "foreign", Enabled: true,
			Passwords: []directory.Password{{Hash: directory.HashSecret("s"), Start: now.Add(-1e9), End: now.Add(1e12)}},
			Keys:      []directory.Key{{DER: w.cert.cert.Raw, Start: now.Add(-1e9), End: now.Add(1e12)}},
		})
	})
	if a := w.app("client_id", id, "client_secret", "s"); a.status != 200 || claimsOf(t, a.text("access_token"))["oid"] != "foreign" {
		t.Errorf("%v", a.body)
	}
	if a := w.app("client_id", id, "client_secret", "x"); a.code() != 7000215 {
		t.Errorf("%v", a.body)
	}
	if a := w.exchange(w.outside("https://issuer.example", nil, nil)); a.code() != 70025 {
		t.Errorf("%v", a.body)
	}
	if a := w.post(deviceV2, "client_id", id, "scope", graph); a.status != 200 {
		t.Errorf("%v", a.body)
	}
}
