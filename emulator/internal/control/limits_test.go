package control_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/evercred/evercred/emulator/internal/directory"
)

func TestPublishedLimits(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	b.token = token(t, map[string]string{"oid": "o-1", "appid": "app-1", "tid": "t-1"})
	const read = "/subscriptions/S-1/resourceGroups"
	resp, _, err := b.do("GET", read, "")
	if err != nil || resp.Header.Get("x-ms-ratelimit-remaining-subscription-reads") != "249" || resp.Header.Get("x-ms-ratelimit-remaining-subscription-global-reads") != "3749" {
		t.Errorf("what is left: %v, %v", resp.Header, err)
	}

	b.control("PUT", "throttling", `{"graph":true,"arm":true,"factor":0.01}`, 200, nil) // 2.5 reads, 35 units, 30 writes
	resp, text, err := func() (*http.Response, string, error) { b.statuses(2, "GET", read); return b.do("GET", read, "") }()
	if err != nil || resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "2" || !strings.Contains(text, "SubscriptionRequestsThrottled") ||
		!strings.Contains(text, "Number of 'read' requests for subscription 's-1' actor 'o-1' exceeded.") {
		t.Errorf("Resource Manager: %v %s %v", resp, text, err)
	}
	if got := b.statuses(1, "DELETE", read); got[0] != 200 {
		t.Errorf("deletes have an allowance of their own: %v", got)
	}
	b.control("POST", "clock", `{"advance":"4s"}`, 200, nil)
	if got := b.statuses(1, "GET", read); got[0] != 200 {
		t.Errorf("after the wait: %v", got)
	}

	var last *http.Response
	for n := range 40 {
		resp, text, err := b.do("GET", "/v1.0/x", "")
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != 429 {
			last = resp
			continue
		}
		if n < 15 || n > 20 { // two units each, of 35
			t.Errorf("refused after %d requests", n)
		}
		if h := resp.Header; h.Get("Retry-After") == "" || h.Get("x-ms-throttle-scope") != "Tenant_Application/ReadWrite/app-1/t-1" ||
			h.Get("x-ms-throttle-information") != "ResourceUnitLimitExceeded" || !strings.Contains(text, `"code":"TooManyRequests"`) {
			t.Errorf("Graph: %v %s", h, text)
		}
		break
	}
	if last.Header.Get("x-ms-throttle-limit-percentage") == "" {
		t.Error("no warning before the refusal")
	}
	b.token = token(t, map[string]string{"oid": "o-2", "appid": "app-2", "tid": "t-1"})
	if got := b.statuses(1, "GET", "/v1.0/x"); got[0] != 201 {
		t.Errorf("another application: %v", got)
	}
	b.control("PUT", "throttling", `{"graph":true}`, 200, nil)

	// Sixty changes a minute to an application that takes personal accounts, whoever makes them.
	b.put(func(s *directory.Store) {
		s.Applications.Put("p1", &directory.Application{ID: "p1", AppID: "client-1", SignInAudience: "AzureADandPersonalMicrosoftAccount"})
		s.Applications.Put("o1", &directory.Application{ID: "o1", AppID: "client-2", SignInAudience: "AzureADMyOrg"})
	})
	b.statuses(30, "PATCH", "/v1.0/applications/P1")
	b.token = token(t, map[string]string{"oid": "o-3", "appid": "app-3", "tid": "t-1"})
	b.statuses(30, "POST", "/v1.0/applications(appId='client-1')/addPassword")
	if got := b.statuses(1, "POST", "/v1.0/applications/p1/addPassword"); got[0] != 429 {
		t.Errorf("the 61st change within a minute: %v", got)
	}
	if got := b.statuses(1, "PATCH", "/v1.0/applications/o1"); got[0] != 201 {
		t.Errorf("an application of the tenant only: %v", got)
	}
}
