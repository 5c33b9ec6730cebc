package graph_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
)

func TestDeletedItems(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, p, _ := c.app("backup")
	app, sp, bin := "/v1.0/applications/"+a.ID, "/v1.0/servicePrincipals/"+p.ID, "/v1.0/directory/deletedItems/"
	secret := c.post(app+"/addPassword", `{}`).want(http.StatusOK)
	c.get(bin + a.ID).want(http.StatusNotFound)
	c.delete(app).want(http.StatusNoContent)
	c.delete(app).want(http.StatusNotFound)
	c.get(app).want(http.StatusNotFound)
	c.get(sp).want(http.StatusNotFound)
	c.get("/v1.0/applications(appId='" + a.AppID + "')").want(http.StatusNotFound)
	c.post(app+"/addPassword", `{}`).want(http.StatusNotFound)
	c.post("/v1.0/servicePrincipals", map[string]any{"appId": a.AppID}).fails(400, "Request_BadRequest", "does not reference a valid application object")

	for path, id := range map[string]string{bin + "microsoft.graph.application": a.ID, bin + "microsoft.graph.servicePrincipal": p.ID} {
		found := c.get(path + "?$filter=appId eq '" + a.AppID + "'").want(http.StatusOK).list()
		if len(found) != 1 || found[0]["id"] != id || found[0]["deletedDateTime"] == nil {
			t.Errorf("%s: %v", path, found)
		}
		if none := c.get(path + "?$filter=displayName eq 'other'").list(); len(none) != 0 {
			t.Errorf("%s: the filter let through %v", path, none)
		}
	}
	if got := c.get(bin + a.ID).want(http.StatusOK); got.text("@odata.type") != "#microsoft.graph.application" {
		t.Errorf("got %s", got.raw)
	}

	// The service principal first, as one must who wants to keep its role assignments.
	back := c.post(bin+p.ID+"/restore", nil).want(http.StatusOK)
	if back.text("id") != p.ID || back.body["deletedDateTime"] != nil || back.header.Get("Location") != origin {
		t.Errorf("restored: %s", back.raw)
	}
	c.get(app).want(http.StatusNotFound)
	c.post(bin+a.ID+"/microsoft.graph.restore", nil).want(http.StatusOK)
	kept := objects(t, c.get(app).want(http.StatusOK).body["passwordCredentials"])
	if len(kept) != 1 || kept[0]["keyId"] != secret.text("keyId") {
		t.Errorf("credentials after the restore: %v", kept)
	}
	c.get(sp).want(http.StatusOK)
	c.post(bin+a.ID+"/restore", nil).want(http.StatusNotFound)
}

func TestRestoreBesideANewServicePrincipal(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, p, _ := c.app("backup")
	bin := "/v1.0/directory/deletedItems/"
	c.delete("/v1.0/applications/" + a.ID).want(http.StatusNoContent)
	c.post(bin+a.ID+"/restore", nil).want(http.StatusOK)
	c.get("/v1.0/servicePrincipals/" + p.ID).want(http.StatusNotFound) // not restored along
	made := c.post("/v1.0/servicePrincipals", map[string]any{"appId": a.AppID}).want(http.StatusCreated)
	if got := c.get("/v1.0/servicePrincipals(appId='" + a.AppID + "')").want(http.StatusOK).text("id"); got != made.text("id") {
		t.Errorf("by appId: %s, want the new one", got)
	}
	if got := c.get("/v1.0/servicePrincipals?$filter=appId eq '" + a.AppID + "'").names("id"); len(got) != 1 || got[0] != made.text("id") {
		t.Errorf("by filter: %v", got)
	}
	c.post(bin+p.ID+"/restore", nil).fails(http.StatusConflict, "Request_MultipleObjectsWithSameKeyValue", "is already in use.")
	c.delete("/v1.0/servicePrincipals/" + made.text("id")).want(http.StatusNoContent)
	c.post(bin+p.ID+"/restore", nil).want(http.StatusOK)
	c.delete(bin + made.text("id")).want(http.StatusNoContent)
	c.delete(bin + made.text("id")).want(http.StatusNotFound)
	c.delete(bin + p.ID).want(http.StatusNotFound) // lives
}

func TestDeletedItemsEnd(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, p, _ := c.app("backup")
	bin := "/v1.0/directory/deletedItems/"
	c.write(func() {
		c.store.AppRoleGrants.Put("g", &directory.AppRoleAssignment{ID: "g", PrincipalID: p.ID, RoleValue: "Application.Read.All"})
	})
	c.delete("/v1.0/applications/" + a.ID).want(http.StatusNoContent)
	c.advance(29 * 24 * time.Hour)
	c.get(bin + a.ID).want(http.StatusOK)
	c.delete(bin + p.ID).want(http.StatusNoContent)
	c.get(bin + p.ID).want(http.StatusNotFound)
	c.store.Read(func() {
		if _, ok := c.store.AppRoleGrants.Get("g"); ok {
			t.Error("the grants of a service principal outlive it")
		}
	})
	c.advance(24*time.Hour + time.Minute)
	c.get(bin + a.ID).want(http.StatusNotFound)
	c.post(bin+a.ID+"/restore", nil).want(http.StatusNotFound)
	c.delete(bin + a.ID).want(http.StatusNotFound)
	if left := c.get(bin + "microsoft.graph.application").list(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
