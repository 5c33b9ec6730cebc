package graph_test

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/emulator/internal/directory"
)

func TestAddPassword(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	a, p, _ := c.app("backup")
	r := c.post("/v1.0/applications/"+a.ID+"/addPassword",
		`{"passwordCredential":{"displayName":"rbac","startDateTime":"2025-04-08T11:40:17+02:00","endDateTime":"2026-04-08T09:40:17.1234567Z"}}`).want(http.StatusOK)
	if diff := cmp.Diff([]string{"@odata.context", "customKeyIdentifier", "displayName", "endDateTime", "hint", "keyId", "secretText", "startDateTime"}, keysInOrder(t, r.raw)); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	if r.text("startDateTime") != "2025-04-08T09:40:17Z" || r.text("endDateTime") != "2026-04-08T09:40:17.1234567Z" {
		t.Errorf("dates: %s", r.raw)
	}
	if r.header.Get("Location") != origin || r.text("@odata.context") != origin+"/v1.0/$metadata#microsoft.graph.passwordCredential" {
		t.Errorf("location %q, %s", r.header.Get("Location"), r.raw)
	}
	secret := r.text("secretText")
	if !regexp.MustCompile(`^[A-Za-z0-9]{3}\dQ~[A-Za-z0-9._~-]{31,}$`).MatchString(secret) || r.text("hint") != secret[:3] {
		t.Errorf("secret %q, hint %q", secret, r.text("hint"))
	}
	c.store.Read(func() {
		kept, _ := c.store.Applications.Get(a.ID)
		if kept.Passwords[0].Hash != directory.HashSecret(secret) {
			t.Error("the hash kept is not that of the secret")
		}
	})

	const keyID = "3a299473-3d5a-4ab5-b9ea-1e173023719f"
	own := c.post("/v1.0/applications(appId='"+a.AppID+"')/microsoft.graph.addPassword", `{"passwordCredential":{"keyId":"`+keyID+`"}}`).want(http.StatusOK)
	end, err := time.Parse(time.RFC3339Nano, own.text("endDateTime"))
	if err != nil || own.text("keyId") != keyID || own.body["displayName"] != nil || end.Sub(c.now().AddDate(2, 0, 0)).Abs() > time.Minute {
		t.Errorf("defaults: %s", own.raw)
	}
	c.post("/v1.0/applications/"+a.ID+"/addPassword", `{"passwordCredential":{"keyId":"`+keyID+`"}}`).fails(400, "Request_BadRequest", "'keyId'")

	list := objects(t, c.get("/v1.0/applications/" + a.ID).body["passwordCredentials"])
	if len(list) != 2 || list[0]["keyId"] != keyID || list[0]["secretText"] != nil || list[1]["hint"] != secret[:3] || len(list[0]) != 7 {
		t.Errorf("newest first, without text: %v", list)
	}
	onSP := c.post("/v1.0/servicePrincipals/"+p.ID+"/addPassword", `{}`).want(http.StatusOK)
	if onSP.body["hint"] != nil {
		t.Errorf("a service principal's secret has the hint %v", onSP.body["hint"])
	}
	c.post("/v1.0/servicePrincipals(appId='"+a.AppID+"')/removePassword", map[string]any{"keyId": onSP.text("keyId")}).want(http.StatusNoContent)
	c.post("/v1.0/applications/"+a.ID+"/microsoft.graph.removePassword", map[string]any{"keyId": keyID}).want(http.StatusNoContent)
	c.post("/v1.0/applications/"+a.ID+"/removePassword", map[string]any{"keyId": keyID}).fails(400, "Request_BadRequest", "No password credential found with keyId.")
	if list := objects(t, c.get("/v1.0/applications/" + a.ID).body["passwordCredentials"]); len(list) != 1 {
		t.Errorf("left: %v", list)
	}
}
