package emulator_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
)

func TestFaultsReachServices(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	client := e.HTTPClient()
	bearer := token(t, e, client, graphScope, 200)
	e.SetFaults(
		emulatortest.Fault{Service: "entra", Path: "/oauth2/v2.0/token", Times: 1, Answer: &emulatortest.Answer{Status: 503, RetryAfter: "3"}},
		emulatortest.Fault{Service: "graph", Method: "POST", Drop: "after", Times: 1},
	)
	token(t, e, client, graphScope, 503)
	token(t, e, client, graphScope, 200)
	e.ClearRequests()
	req, err := http.NewRequestWithContext(t.Context(), "POST", e.BaseURL()+"/v1.0/applications", strings.NewReader(`{"displayName":"answer lost"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	req.Header.Set("Content-Type", "application/json")
	if resp, err := client.Do(req); err == nil {
		resp.Body.Close()
		t.Fatalf("answered %s", resp.Status)
	}
	var list struct {
		Value []struct{ DisplayName string }
	}
	ask(t, client, "GET", e.BaseURL()+"/v1.0/applications?$filter="+url.QueryEscape("displayName eq 'answer lost'"), bearer, "", 200, &list)
	if len(list.Value) != 1 {
		t.Errorf("the work of the lost answer was not done: %v", list)
	}
	log := e.Requests()
	if len(log) != 2 || log[0].Status != 0 || log[0].Caller != e.Env()["APP_ID"] || log[1].Status != 200 || log[1].ResourceUnits != 2 {
		t.Errorf("request log: %+v", log)
	}
}

func TestReplicationDelay(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	client := e.HTTPClient()
	bearer := token(t, e, client, graphScope, 200)
	e.SetReplication(15 * time.Second)
	var made struct{ ID string }
	ask(t, client, "POST", e.BaseURL()+"/v1.0/applications", bearer, `{"displayName":"late"}`, 201, &made)
	ask(t, client, "GET", e.BaseURL()+"/v1.0/applications/"+made.ID, bearer, "", 404, nil)
	ask(t, client, "GET", e.BaseURL()+"/v1.0/applications/"+e.Env()["APP_OBJECT_ID"], bearer, "", 200, nil)
	e.Advance(16 * time.Second)
	ask(t, client, "GET", e.BaseURL()+"/v1.0/applications/"+made.ID, bearer, "", 200, nil)
}

func TestConcurrentWrites(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	client := e.HTTPClient()
	bearer := token(t, e, client, graphScope, 200)
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			for j := range 5 {
				body := fmt.Sprintf(`{"displayName":"parallel-%d-%d"}`, i, j)
				req, err := http.NewRequestWithContext(t.Context(), "POST", e.BaseURL()+"/v1.0/applications", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("Authorization", "Bearer "+bearer)
				req.Header.Set("Content-Type", "application/json")
				resp, err := client.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				resp.Body.Close()
				if resp.StatusCode != 201 {
					t.Errorf("%s: %s", body, resp.Status)
				}
			}
		})
	}
	for range 20 {
		e.Requests()
	}
	work.Wait()
	var all []struct {
		DisplayName string `json:"display_name"`
	}
	e.Restart()
	ask(t, client, "GET", e.BaseURL()+"/_emulator/applications", "", "", 200, &all)
	n := 0
	for _, a := range all {
		if strings.HasPrefix(a.DisplayName, "parallel-") {
			n++
		}
	}
	if n != 40 {
		t.Errorf("%d applications after a restart, want 40", n)
	}
}
