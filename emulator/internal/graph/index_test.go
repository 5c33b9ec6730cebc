package graph_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// crowd adds n applications with service principals.
func (c *cloud) crowd(n int) {
	c.t.Helper()
	c.write(func() {
		for i := range n {
			a := &directory.Application{
				ID: uuid.NewString(), AppID: uuid.NewString(), DisplayName: fmt.Sprint("app ", i), SignInAudience: "AzureADMyOrg",
				CreatedAt: c.store.Now(), IdentifierURIs: []string{fmt.Sprint("api://app-", i)},
			}
			c.store.Applications.Put(a.ID, a)
			p := &directory.ServicePrincipal{ID: uuid.NewString(), AppID: a.AppID, DisplayName: a.DisplayName, Enabled: true, CreatedAt: a.CreatedAt}
			c.store.ServicePrincipals.Put(p.ID, p)
		}
	})
}

func lookups(a *directory.Application, p *directory.ServicePrincipal) map[string]string {
	return map[string]string{
		"application by appId":               "/v1.0/applications?$filter=" + url.QueryEscape("appId eq '"+a.AppID+"'"),
		"application by key":                 "/v1.0/applications(appId='" + a.AppID + "')",
		"application by name":                "/v1.0/applications?$filter=" + url.QueryEscape("displayName eq 'needle'"),
		"application by URI":                 "/v1.0/applications?$filter=" + url.QueryEscape("identifierUris/any(s:s eq 'api://needle')"),
		"application by names":               "/v1.0/applications?$filter=" + url.QueryEscape("displayName in ('needle','thread') and appId eq '"+a.AppID+"'"),
		"service principal by name":          "/v1.0/servicePrincipals?$filter=" + url.QueryEscape("displayName eq 'needle'"),
		"service principal by appId":         "/v1.0/servicePrincipals?$filter=" + url.QueryEscape("appId eq '"+a.AppID+"' or id eq '"+p.ID+"'"),
		"service principal by client id":     "/v1.0/servicePrincipals?$filter=" + url.QueryEscape("servicePrincipalNames/any(c:c eq '"+a.AppID+"')"),
		"service principal by URI":           "/v1.0/servicePrincipals?$filter=" + url.QueryEscape("servicePrincipalNames/any(c:c eq 'api://needle')"),
		"service principal by one of two":    "/v1.0/servicePrincipals?$filter=" + url.QueryEscape("servicePrincipalNames/any(c:c eq 'x' or c eq 'api://needle')"),
		"service principal by client id key": "/v1.0/servicePrincipals(appId='" + a.AppID + "')",
	}
}

// Ten thousand applications do not slow a look-up: it must cost much less than looking at each.
func TestLookupsUseTheIndex(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.crowd(10_000)
	a, p, _ := c.app("needle")
	c.patch("/v1.0/applications/"+a.ID, `{"identifierUris":["api://needle"]}`).want(204)
	quickest := func(path string) time.Duration {
		best := time.Hour
		for range 5 {
			start := time.Now()
			r := c.get(path).want(200)
			best = min(best, time.Since(start))
			if r.body["value"] != nil && len(r.list()) != 1 {
				t.Fatalf("%s: %s", path, r.raw)
			}
		}
		return best
	}
	all := quickest("/v1.0/servicePrincipals?$filter=" + url.QueryEscape("startswith(displayName,'needle')"))
	for name, path := range lookups(a, p) {
		if took := quickest(path); took > all/4 {
			t.Errorf("%s took %v; looking at all takes %v", name, took, all)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	c := newCloud(b)
	c.crowd(10_000)
	a, p, _ := c.app("needle")
	c.patch("/v1.0/applications/"+a.ID, `{"identifierUris":["api://needle"]}`).want(204)
	for name, path := range lookups(a, p) {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			for b.Loop() {
				c.get(path)
			}
		})
	}
}

func TestCompressedAnswers(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.crowd(20)
	a, _, _ := c.app("one")
	plain := c.get("/v1.0/applications").want(200)
	for accept, want := range map[string]string{"gzip": "gzip", "deflate, gzip;q=1.0, *;q=0.5": "gzip", "identity": "", "gzip;q=0": "", "br": ""} {
		r := c.do(c.admin, "GET", "/v1.0/applications", nil, "Accept-Encoding", accept)
		if got := r.header.Get("Content-Encoding"); got != want {
			t.Errorf("%s: encoding %q, want %q", accept, got, want)
		}
		if r.header.Get("Vary") != "Accept-Encoding" || len(r.list()) != len(plain.list()) {
			t.Errorf("%s: %v", accept, r.header)
		}
	}
	if got := c.do(c.admin, "GET", "/v1.0/applications/"+a.ID, nil, "Accept-Encoding", "gzip").header.Get("Content-Encoding"); got != "" {
		t.Errorf("a small answer is encoded: %s", got)
	}
}

// unzipped is a body without its encoding.
func unzipped(body, encoding string) (string, error) {
	if encoding != "gzip" {
		return body, nil
	}
	in, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		return "", err
	}
	var v json.RawMessage
	err = json.NewDecoder(in).Decode(&v)
	return string(v), err
}
