package graph_test

import "testing"

// Graph takes the tenant before any path; another tenant is no segment it knows.
func TestTenantInPath(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, _, _ := c.app("within")
	for _, name := range []string{tenantID, "contoso.example", "CONTOSO.example", "myorganization"} {
		for _, version := range []string{"v1.0", "beta"} {
			c.get("/" + version + "/" + name + "/applications/" + a.ID).want(200)
		}
	}
	c.get("/v1.0/99999999-2222-4333-8444-555555555555/applications").want(400)
	c.get("/v1.0/" + tenantID).want(400)
}
