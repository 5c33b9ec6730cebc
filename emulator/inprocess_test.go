package emulator_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/evercred/evercred/emulator"
	"github.com/evercred/evercred/emulator/script"
)

// An emulator in process answers like one that listens, on the clock of a bubble, and cuts connections like it.
func TestInProcess(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		cloud, err := emulator.NewInProcess(emulator.InProcessConfig{Key: key})
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Transport: cloud}
		appID, err := cloud.Register("backup")
		if err != nil {
			t.Fatal(err)
		}
		if err := cloud.OwnItself(appID); err != nil {
			t.Fatal(err)
		}
		keyID, secret, err := cloud.AddSecret(appID, "mine", 48*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		ask := func(scope string) (int, string) {
			resp, err := client.PostForm(emulator.InProcessURL+"/"+cloud.TenantID()+"/oauth2/v2.0/token", url.Values{
				"grant_type": {"client_credentials"}, "client_id": {appID}, "client_secret": {secret}, "scope": {scope},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var answer struct {
				Access string `json:"access_token"`
			}
			_ = json.NewDecoder(resp.Body).Decode(&answer) // an error has none
			return resp.StatusCode, answer.Access
		}
		status, access := ask("https://graph.microsoft.com/.default")
		if status != http.StatusOK {
			t.Fatalf("a token: %d", status)
		}
		app, found := cloud.Look(appID)
		if !found || app.Deleted || !app.Enabled || !app.Ends(keyID).After(time.Now()) || app.Begins(keyID).After(time.Now()) {
			t.Errorf("it looks like %+v", app)
		}
		read := func(access string) (*http.Response, error) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, emulator.InProcessURL+"/v1.0/applications/"+app.ObjectID, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+access)
			return client.Do(req)
		}
		for access, want := range map[string]int{access: http.StatusOK, access[:strings.LastIndex(access, ".")] + ".c2lnbmVk": http.StatusUnauthorized} {
			resp, err := read(access)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("reading the application: %d, want %d", resp.StatusCode, want)
			}
		}
		if err := cloud.SetFaults(script.Rule{Service: "graph", Drop: "after"}); err != nil {
			t.Fatal(err)
		}
		if resp, err := read(access); !errors.Is(err, emulator.ErrCut) {
			if err == nil {
				_ = resp.Body.Close()
			}
			t.Errorf("a dropped request: %v", err)
		}
		if err := cloud.SetFaults(); err != nil {
			t.Fatal(err)
		}
		<-time.NewTimer(49 * time.Hour).C
		if status, _ := ask("https://graph.microsoft.com/.default"); status != http.StatusUnauthorized {
			t.Errorf("a token with a secret that has ended: %d", status)
		}
		if err := cloud.Do(script.Action{Action: script.DisableApplication, Application: appID}); err != nil {
			t.Fatal(err)
		}
		if app, _ := cloud.Look(appID); app.Enabled {
			t.Error("it is enabled")
		}
		if err := cloud.RemoveCredential(appID, keyID); err != nil {
			t.Fatal(err)
		}
		if app, _ := cloud.Look(appID); len(app.Credentials) != 0 {
			t.Errorf("credentials: %+v", app.Credentials)
		}
	})
}
