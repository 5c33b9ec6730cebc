package emulatortest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/emulator/script"
)

// client asks the cloud as its test application.
type client struct {
	testing.TB

	cloud *emulatortest.Emulator
	http  *http.Client
	token map[string]string
}

func newClient(t *testing.T, options ...emulatortest.Option) *client {
	t.Helper()
	cloud := emulatortest.Start(t, options...)
	return &client{TB: t, cloud: cloud, http: cloud.HTTPClient(), token: map[string]string{}}
}

func (c *client) signIn(resource string) (int, http.Header) {
	c.Helper()
	env := c.cloud.Env()
	resp, err := c.http.PostForm(c.cloud.BaseURL()+"/"+env["TENANT_ID"]+"/oauth2/v2.0/token", url.Values{
		"grant_type": {"client_credentials"}, "scope": {resource + "/.default"}, "client_id": {env["APP_ID"]}, "client_secret": {env["APP_SECRET"]},
	})
	if err != nil {
		c.Fatal(err)
	}
	defer resp.Body.Close()
	var body struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		c.Fatal(err)
	}
	c.token[resource] = body.Token
	return resp.StatusCode, resp.Header
}

func (c *client) do(method, resource, path, body string) (int, map[string]any) {
	c.Helper()
	if c.token[resource] == "" {
		c.signIn(resource)
	}
	req, err := http.NewRequestWithContext(c.Context(), method, c.cloud.BaseURL()+path, strings.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token[resource])
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	var out map[string]any
	_ = json.NewDecoder(resp.Body).Decode(&out) // some answers have no body
	return resp.StatusCode, out
}

const (
	graph = "https://graph.microsoft.com"
	arm   = "https://management.azure.com"
)

// What is made is there and gone again, by turns, in every service: no object is whole before its time.
func TestReplicasDisagreeEverywhere(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.cloud.SetReplicas(15*time.Second, 3)
	status, made := c.do("POST", graph, "/v1.0/applications", `{"displayName":"new"}`)
	if status != http.StatusCreated {
		t.Fatalf("create: %d %v", status, made)
	}
	path := "/v1.0/applications/" + made["id"].(string)
	seen := map[int]int{}
	for range 6 {
		status, _ := c.do("GET", graph, path, "")
		seen[status]++
	}
	if seen[200] != 2 || seen[404] != 4 {
		t.Errorf("six reads by turns: %v", seen)
	}

	env := c.cloud.Env()
	role := "/subscriptions/" + env["SUBSCRIPTION_ID"] + "/providers/Microsoft.Authorization/roleAssignments/7f1f0f5e-5d1c-4f7c-9a55-0d3b8a2c9e10"
	body := `{"properties":{"roleDefinitionId":"/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7","principalId":"` + c.cloud.Applications()[0].ServicePrincipalID + `"}}`
	if status, made := c.do("PUT", arm, role+"?api-version=2022-04-01", body); status != http.StatusCreated {
		t.Fatalf("assign: %d %v", status, made)
	}
	seen = map[int]int{}
	for range 6 {
		status, _ := c.do("GET", arm, role+"?api-version=2022-04-01", "")
		seen[status]++
	}
	if seen[200] != 2 || seen[404] != 4 {
		t.Errorf("six reads of a role assignment by turns: %v", seen)
	}

	c.cloud.Advance(16 * time.Second)
	for range 3 {
		if status, _ := c.do("GET", graph, path, ""); status != http.StatusOK {
			t.Errorf("after the delay: %d", status)
		}
	}
}

// A new secret is refused by the replicas that do not know it yet.
func TestNewSecretFlipFlops(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.cloud.SetReplicas(time.Minute, 2)
	app := c.cloud.Applications()[0]
	_, secret, err := c.cloud.IssueSecret(app.AppID, "new", c.cloud.Now(), c.cloud.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for range 4 {
		resp, err := c.http.PostForm(c.cloud.BaseURL()+"/"+c.cloud.Env()["TENANT_ID"]+"/oauth2/v2.0/token", url.Values{
			"grant_type": {"client_credentials"}, "scope": {graph + "/.default"}, "client_id": {app.AppID}, "client_secret": {secret},
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		got = append(got, resp.StatusCode)
	}
	if got[0] == got[1] || got[0] != got[2] || got[1] != got[3] || got[0]+got[1] != 200+401 {
		t.Errorf("four token requests: %v", got)
	}
}

func TestClockAndSkew(t *testing.T) {
	t.Parallel()
	start := time.Date(2031, time.May, 6, 7, 8, 9, 0, time.UTC)
	c := newClient(t, emulatortest.WithClock(start))
	if now := c.cloud.Now(); now.Sub(start) < 0 || now.Sub(start) > time.Minute {
		t.Errorf("the clock starts at %v", now)
	}
	c.cloud.Advance(24 * time.Hour)
	c.cloud.Restart()
	c.http = c.cloud.HTTPClient()
	if now := c.cloud.Now(); now.Sub(start) < 24*time.Hour || now.Sub(start) > 25*time.Hour {
		t.Errorf("after a day and a restart the clock is at %v", now)
	}
	c.cloud.SetSkew(12 * time.Minute)
	status, header := c.signIn(graph)
	at, err := http.ParseTime(header.Get("Date"))
	if ahead := at.Sub(c.cloud.Now()); err != nil || status != 200 || ahead < 11*time.Minute || ahead > 13*time.Minute {
		t.Errorf("token %d, Date %v ahead of the clock (%v)", status, ahead, err)
	}
	if status, _ := c.do("GET", graph, "/v1.0/organization", ""); status != 200 {
		t.Errorf("a token of the same clock: %d", status)
	}
}

// The same seed, the same misfortunes: to the request.
func TestScenarioRepeatsItself(t *testing.T) {
	t.Parallel()
	day := func(seed uint64) (story string) {
		c := newClient(t, emulatortest.WithScenario("throttled"), emulatortest.WithSeed(seed))
		c.cloud.SetThrottling(0)
		for range 60 {
			status, _ := c.do("GET", graph, "/v1.0/organization", "")
			story += http.StatusText(status)[:1]
		}
		return story
	}
	one, again, other := day(1), day(1), day(2)
	if one != again || one == other || !strings.Contains(one, "T") {
		t.Errorf("three days:\n%s\n%s\n%s", one, again, other)
	}
}

func TestRightsGoInMidOperation(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	subscription := "/subscriptions/" + c.cloud.Env()["SUBSCRIPTION_ID"] + "/resourcegroups?api-version=2022-09-01"
	c.cloud.SetFaults(emulatortest.Fault{
		Service: "arm", Times: 1, Then: []emulatortest.Action{{Action: script.RemoveRoleAssignments, Of: "caller"}},
	})
	first, _ := c.do("GET", arm, subscription, "")
	second, why := c.do("GET", arm, subscription, "")
	if first != 200 || second != 403 {
		t.Errorf("before and after: %d, %d %v", first, second, why)
	}
	c.cloud.Do(emulatortest.Action{Action: script.DisableApplication, Application: c.cloud.Env()["APP_ID"]})
	if status, _ := c.signIn(graph); status == 200 {
		t.Error("a disabled application gets a token")
	}
}

// A restart keeps the cloud's state and replication; faults and limits go.
func TestRestart(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.cloud.SetReplicas(time.Hour, 2)
	c.cloud.SetFaults(emulatortest.Fault{Service: "graph", Answer: &emulatortest.Answer{Error: "serviceNotAvailable"}})
	c.cloud.Restart()
	c.http = c.cloud.HTTPClient()
	status, made := c.do("POST", graph, "/v1.0/applications", `{"displayName":"new"}`)
	if status != http.StatusCreated {
		t.Fatalf("create: %d %v", status, made)
	}
	seen := map[int]int{}
	for range 4 {
		status, _ := c.do("GET", graph, "/v1.0/applications/"+made["id"].(string), "")
		seen[status]++
	}
	if seen[200] != 2 || seen[404] != 2 {
		t.Errorf("after the restart: %v", seen)
	}
}

// A policy of the tenant forbids long lives, or secrets at all, and calm lifts it.
func TestPolicyScenarios(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	path := "/v1.0/applications/" + c.cloud.Applications()[0].ObjectID + "/addPassword"
	long := `{"passwordCredential":{"displayName":"long","endDateTime":"` + c.cloud.Now().Add(100*24*time.Hour).Format(time.RFC3339) + `"}}`
	short := `{"passwordCredential":{"displayName":"short","endDateTime":"` + c.cloud.Now().Add(10*24*time.Hour).Format(time.RFC3339) + `"}}`
	for _, test := range []struct {
		scenario, body, code string
		status               int
	}{
		{"short-lives", long, "CredentialInvalidLifetimeAsPerAppPolicy", 400},
		{"short-lives", short, "", 200},
		{"no-secrets", short, "CredentialTypeNotAllowedAsPerAppPolicy", 400},
		{"calm", long, "", 200},
	} {
		c.cloud.SetScenario(test.scenario, 0)
		status, body := c.do("POST", graph, path, test.body)
		problem, _ := body["error"].(map[string]any)
		if code, _ := problem["code"].(string); status != test.status || code != test.code {
			t.Errorf("%s: %d %v", test.scenario, status, body)
		}
	}
}

func TestEveryScenarioStarts(t *testing.T) {
	t.Parallel()
	for _, s := range script.Scenarios() {
		cloud := emulatortest.Start(t, emulatortest.WithScenario(s.Name))
		cloud.SetScenario(script.Calm, 0)
		_ = cloud.Close()
	}
}
