package emulatortest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/evercred/evercred/emulator/script"
)

// Approve enters a device code as the person, e.g. "owner@contoso.example".
func (e *Emulator) Approve(userCode, user string) {
	e.t.Helper()
	e.do("POST", "devicecodes/"+url.PathEscape(userCode)+"/approve", map[string]string{"user": user}, nil)
}

// Deny declines a device code.
func (e *Emulator) Deny(userCode string) {
	e.t.Helper()
	e.do("POST", "devicecodes/"+url.PathEscape(userCode)+"/deny", nil, nil)
}

// Now is the emulator's clock, to the second.
func (e *Emulator) Now() time.Time {
	e.t.Helper()
	var v struct{ Now time.Time }
	e.do("GET", "clock", nil, &v)
	return v.Now
}

// Advance moves the emulator's clock; back if d is negative.
func (e *Emulator) Advance(d time.Duration) {
	e.t.Helper()
	e.do("POST", "clock", map[string]string{"advance": d.String()}, nil)
}

// SetReplication makes what is written from now on visible after d only.
func (e *Emulator) SetReplication(d time.Duration) {
	e.t.Helper()
	e.do("PUT", "replication", map[string]string{"delay": d.String()}, nil)
}

// SetReplicas is SetReplication for several replicas that take turns with the requests. Of three, the first never lags,
// the second by half of d, the third by d: a new object is there, then not, then there again.
func (e *Emulator) SetReplicas(d time.Duration, replicas int) {
	e.t.Helper()
	e.do("PUT", "replication", script.Replication{Delay: d.String(), Replicas: replicas}, nil)
}

// SetSkew puts the clocks of the services ahead of the emulator's own, behind it if d is negative.
func (e *Emulator) SetSkew(d time.Duration) {
	e.t.Helper()
	e.do("POST", "clock", map[string]string{"skew": d.String()}, nil)
}

// SetThrottling switches the published limits of Microsoft Graph and Resource Manager on, multiplied by factor: 1 leaves
// them as they are, 0.01 makes them quick to reach, 0 switches them off.
func (e *Emulator) SetThrottling(factor float64) {
	e.t.Helper()
	e.do("PUT", "throttling", script.Throttling{Graph: factor > 0, ARM: factor > 0, Factor: factor}, nil)
}

// SetScenario lets the cloud behave as a named scenario says from now on; script.Calm ends all misfortune.
func (e *Emulator) SetScenario(name string, seed uint64) {
	e.t.Helper()
	e.do("PUT", "scenario", map[string]any{"name": name, "seed": seed}, nil)
}

// Do changes the cloud at once, as somebody else would who has the rights to.
func (e *Emulator) Do(actions ...Action) {
	e.t.Helper()
	for _, a := range actions {
		e.do("POST", "actions", a, nil)
	}
}

// SetFaults replaces all faults; without any it ends them.
func (e *Emulator) SetFaults(faults ...Fault) {
	e.t.Helper()
	e.do("PUT", "faults", append([]Fault{}, faults...), nil)
}

// Requests returns what was asked of the services since the start or ClearRequests, in the order of arrival.
func (e *Emulator) Requests() []Request {
	e.t.Helper()
	var list []Request
	e.do("GET", "requests", nil, &list)
	return list
}

// ClearRequests empties the request log.
func (e *Emulator) ClearRequests() {
	e.t.Helper()
	e.do("DELETE", "requests", nil, nil)
}

func (e *Emulator) do(method, path string, in, out any) {
	e.t.Helper()
	var body io.Reader = http.NoBody
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			e.t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	// Not the test's context: helpers are of use in cleanups too.
	req, err := http.NewRequestWithContext(context.WithoutCancel(e.t.Context()), method, e.BaseURL()+"/_emulator/"+path, body)
	if err != nil {
		e.t.Fatal(err)
	}
	resp, err := e.client.Do(req)
	if err != nil {
		e.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	if resp.StatusCode >= 300 {
		e.t.Fatalf("%s /_emulator/%s: %s: %s", method, path, resp.Status, raw)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			e.t.Fatalf("%s /_emulator/%s: %v", method, path, err)
		}
	}
}
