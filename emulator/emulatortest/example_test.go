package emulatortest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/emulator/script"
)

// t is the test's own; the examples below stand in test functions.
var t *testing.T

// A client of the code under test is pointed at the emulated cloud with what Env says.
func ExampleStart() { //nolint:testableexamples // it needs a test
	cloud := emulatortest.Start(t)
	env := cloud.Env()
	resp, err := cloud.HTTPClient().PostForm(cloud.BaseURL()+"/"+env["TENANT_ID"]+"/oauth2/v2.0/token", url.Values{
		"grant_type": {"client_credentials"}, "scope": {"https://graph.microsoft.com/.default"},
		"client_id": {env["APP_ID"]}, "client_secret": {env["APP_SECRET"]},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("token: %s", resp.Status)
	}
}

// A bad day is the same bad day each time the test runs, on a date that never comes nearer.
func ExampleWithScenario() { //nolint:testableexamples // it needs a test
	cloud := emulatortest.Start(t,
		emulatortest.WithScenario("bad-day"), emulatortest.WithSeed(7),
		emulatortest.WithClock(time.Date(2030, time.January, 2, 3, 4, 5, 0, time.UTC)),
	)
	fmt.Println(cloud.Now().Year())
}

// The answer to the second new secret is lost after the work was done: does the code under test clear it away?
func ExampleEmulator_SetFaults() { //nolint:testableexamples // it needs a test
	cloud := emulatortest.Start(t)
	cloud.SetFaults(emulatortest.Fault{
		Service: "graph", Method: "POST", Path: "/v1.0/applications/*/addPassword", Skip: 1, Times: 1, Drop: "after", CutConnection: true,
	})
}

// Somebody takes the application's ownership away while it is renewing its own secret.
func ExampleEmulator_SetFaults_rights() { //nolint:testableexamples // it needs a test
	cloud := emulatortest.Start(t)
	cloud.SetFaults(emulatortest.Fault{
		Service: "graph", Path: "addPassword", Caller: cloud.Env()["APP_ID"], Times: 1,
		Then: []emulatortest.Action{{Action: script.RemoveOwner, Of: "caller"}},
	})
}

// Three replicas disagree for a quarter of a minute; the clock need not be waited for.
func ExampleEmulator_SetReplicas() { //nolint:testableexamples // it needs a test
	cloud := emulatortest.Start(t)
	cloud.SetReplicas(15*time.Second, 3)
	// … make something, and read it until it is there five times running …
	cloud.Advance(15 * time.Second)
	for _, r := range cloud.Requests() {
		fmt.Println(r.Method, r.Path, r.Status, r.Replica)
	}
}
