package control_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/script"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2=%v", http2), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, http2)
			post := func() (*http.Response, string, error) { return b.do("POST", "/v1.0/applications", "{}") }

			b.control("PUT", "faults", `[{"service":"graph","method":"post","path":"/v1.0/applications","skip":1,"times":1,
				"answer":{"status":429,"retry_after":7,"headers":{"x-test":"yes"}}}]`, 200, nil)
			for i, want := range []int{201, 429, 201} {
				resp, text, err := post()
				if err != nil || resp.StatusCode != want {
					t.Fatalf("request %d: %v, %v; want %d", i, resp, err, want)
				}
				if resp.ProtoMajor == 2 != http2 {
					t.Fatalf("protocol %s", resp.Proto)
				}
				if want != 429 {
					continue
				}
				var body failure
				if err := json.Unmarshal([]byte(text), &body); err != nil || body.Error.Code != "TooManyRequests" {
					t.Errorf("default body: %s", text)
				}
				if resp.Header.Get("Retry-After") != "7" || resp.Header.Get("X-Test") != "yes" {
					t.Errorf("headers %v", resp.Header)
				}
			}
			if b.worked != 2 {
				t.Errorf("the service worked %d times, want 2", b.worked)
			}
			var rules []script.Rule
			b.control("GET", "faults", "", 200, &rules)
			if len(rules) != 1 || rules[0].Matched != 2 || rules[0].Applied != 1 {
				t.Errorf("rules %+v", rules)
			}

			b.worked = 0
			b.control("PUT", "faults", `{"rules":[{"drop":"before","times":1},{"drop":"after","times":1}]}`, 200, nil)
			if _, _, err := post(); err == nil || b.worked != 0 {
				t.Errorf("dropped before: error %v, worked %d", err, b.worked)
			}
			b.control("DELETE", "requests", "", 204, nil)
			if _, _, err := post(); err == nil || b.worked != 1 {
				t.Errorf("dropped after: error %v, worked %d", err, b.worked)
			}
			var log []script.Request
			b.control("GET", "requests", "", 200, &log)
			if len(log) != 1 || log[0].Status != 0 || log[0].Caller == "" || log[0].ResourceUnits != 2 {
				t.Errorf("log of a request dropped after its work: %+v", log)
			}

			b.control("PUT", "faults", `[{"delay":"60ms","times":1},{"delay":0.001,"status":503,"body":"busy"}]`, 200, nil)
			start := time.Now()
			if resp, _, err := post(); err != nil || resp.StatusCode != 201 || time.Since(start) < 60*time.Millisecond {
				t.Errorf("delayed: %v, %v after %v", resp, err, time.Since(start))
			}
			if resp, text, err := post(); err != nil || resp.StatusCode != 503 || text != "busy" {
				t.Errorf("text body: %v, %q, %v", resp, text, err)
			}
			b.control("DELETE", "faults", "", 204, nil)
			if resp, _, err := post(); err != nil || resp.StatusCode != 201 {
				t.Errorf("after clearing: %v, %v", resp, err)
			}
		})
	}
}

func TestFaultPaths(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	const key = "/v1.0/applications/123/addPassword"
	for _, c := range []struct {
		pattern, path string
		hit           bool
	}{
		{"", key, true},
		{"*", key, true},
		{"/v1.0/applications/*/addPassword", key, true},
		{"/V1.0/Applications/*/addpassword", key, true},
		{"/v1.0/*", key, true},
		{"/addPassword", key, true},
		{"addPass", key, true},
		{"*addPassword", key, true},
		{".*addPassword", key, true},
		{"^/v1.0/(applications|servicePrincipals)/[^/]+/addPassword$", key, true},
		{"/v1.0/applications", key, false},
		{"/v1.0/applications", "/v1.0/applications", true},
		{"/applications(appId='*')", "/v1.0/applications(appId='7')", true},
		{"/Password", key, false},
		{"removePassword", key, false},
		{"^addPassword", key, false},
	} {
		rule, err := json.Marshal([]script.Rule{{Path: c.pattern, Answer: &script.Answer{Status: 418}}})
		if err != nil {
			t.Fatal(err)
		}
		b.control("PUT", "faults", string(rule), 200, nil)
		resp, _, err := b.do("GET", c.path, "")
		if err != nil {
			t.Fatal(err)
		}
		if hit := resp.StatusCode == 418; hit != c.hit {
			t.Errorf("%q on %s: hit %v", c.pattern, c.path, hit)
		}
	}
}
