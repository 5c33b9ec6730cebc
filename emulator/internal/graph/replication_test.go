package graph_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/exchange"
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

// Three replicas that disagree: which of them serves a request decides what it sees.
func TestReplicasDisagree(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, _, _ := c.app("backup")
	c.set(func(s *directory.Settings) { s.ReplicationDelay, s.Replicas = 20*time.Second, 3 })
	path := "/v1.0/applications/" + a.ID + "/federatedIdentityCredentials"
	id := c.post(path, federatedBody("main", "https://token.example", "s")).want(http.StatusCreated).text("id")
	seen := func() (statuses []int) {
		for replica := range 3 {
			r := httptest.NewRequest(http.MethodGet, origin+path+"/"+id, nil)
			r.Header.Set("Authorization", "Bearer "+c.admin)
			w := httptest.NewRecorder()
			c.handler.ServeHTTP(w, r.WithContext(exchange.With(r.Context(), &exchange.Exchange{Replica: replica})))
			statuses = append(statuses, w.Code)
		}
		return statuses
	}
	for _, step := range []struct {
		wait time.Duration
		want []int
	}{{0, []int{200, 404, 404}}, {11 * time.Second, []int{200, 200, 404}}, {10 * time.Second, []int{200, 200, 200}}} {
		c.advance(step.wait)
		if got := seen(); !slices.Equal(got, step.want) {
			t.Errorf("after %v: %v, want %v", step.wait, got, step.want)
		}
	}
}
