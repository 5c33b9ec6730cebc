package graph_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkRead reads in a tenant of 10,000 applications. A lookup by appId must cost no more than one by id.
func BenchmarkRead(b *testing.B) {
	c := newCloud(b)
	c.crowd(9_998)
	c.app("first")
	a, _, _ := c.app("last")
	for name, path := range map[string]string{
		"id":         "/v1.0/applications/" + a.ID,
		"appId":      "/v1.0/applications(appId='" + a.AppID + "')",
		"filter":     "/v1.0/applications?$filter=appId%20eq%20'" + a.AppID + "'",
		"principal":  "/v1.0/servicePrincipals?$filter=appId%20eq%20'" + a.AppID + "'",
		"first page": "/v1.0/applications",
		"by name":    "/v1.0/applications?$filter=displayName%20eq%20'first'",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, origin+path, nil)
				r.Header.Set("Authorization", "Bearer "+c.admin)
				w := httptest.NewRecorder()
				c.handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
			}
		})
	}
}
