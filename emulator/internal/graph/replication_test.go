package graph_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
)

func TestReplicationDelay(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	old, _, _ := c.app("old")
	c.set(func(s *directory.Settings) { s.ReplicationDelay = 15 * time.Second })

	made := c.post("/v1.0/applications", `{"displayName":"new"}`).want(http.StatusCreated)
	path := "/v1.0/applications/" + made.text("id")
	create := map[string]any{"appId": made.text("appId")}
	c.get(path).fails(http.StatusNotFound, "Request_ResourceNotFound", made.text("id"))
	c.post(path+"/addPassword", `{}`).want(http.StatusNotFound)
	c.patch(path, `{"notes":"x"}`).want(http.StatusNotFound)
	c.delete(path).want(http.StatusNotFound)
	c.post("/v1.0/servicePrincipals", create).fails(400, "Request_BadRequest", "does not reference a valid application object")
	if got := c.get("/v1.0/applications?$filter=displayName eq 'new'").list(); len(got) != 0 {
		t.Errorf("a replica lists %v", got)
	}

	// A write meets the primary; a read sees the old version until the delay is over.
	oldPath := "/v1.0/applications/" + old.ID
	first := c.post(oldPath+"/addPassword", `{}`).want(http.StatusOK)
	c.post(oldPath+"/addPassword", `{}`).want(http.StatusOK)
	if got := objects(t, c.get(oldPath).body["passwordCredentials"]); len(got) != 0 {
		t.Errorf("a replica shows %v", got)
	}
	c.post(oldPath+"/removePassword", map[string]any{"keyId": first.text("keyId")}).want(http.StatusNoContent)

	c.advance(16 * time.Second)
	if got := objects(t, c.get(oldPath).body["passwordCredentials"]); len(got) != 1 {
		t.Errorf("after the delay: %v", got)
	}
	c.get(path).want(http.StatusOK)
	c.post("/v1.0/servicePrincipals", create).want(http.StatusCreated)
	c.post("/v1.0/servicePrincipals", create).want(http.StatusConflict) // unseen, but the primary knows

	c.delete(path).want(http.StatusNoContent)
	c.get(path).want(http.StatusOK)
	c.get("/v1.0/directory/deletedItems/" + made.text("id")).want(http.StatusNotFound)
	c.patch(path, `{"notes":"x"}`).want(http.StatusNotFound) // a write meets the primary, where it is deleted
	c.advance(16 * time.Second)
	c.get(path).want(http.StatusNotFound)
	c.get("/v1.0/directory/deletedItems/" + made.text("id")).want(http.StatusOK)
}
