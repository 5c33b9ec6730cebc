package control_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/script"
)

// token is what a caller claims; nobody checks its signature before the service does.
func token(t *testing.T, claims map[string]string) string {
	t.Helper()
	raw, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return "e30." + base64.RawURLEncoding.EncodeToString(raw) + ".c2ln"
}

func (b *bench) faults(rules ...script.Rule) {
	b.t.Helper()
	raw, err := json.Marshal(rules)
	if err != nil {
		b.t.Fatal(err)
	}
	b.control("PUT", "faults", string(raw), 200, nil)
}

// statuses does n requests; 0 is one without an answer.
func (b *bench) statuses(n int, method, path string) []int {
	b.t.Helper()
	var got []int
	for range n {
		resp, _, err := b.do(method, path, "")
		if err != nil {
			got = append(got, 0)
			continue
		}
		got = append(got, resp.StatusCode)
	}
	return got
}

func (b *bench) put(f func(*directory.Store)) {
	b.t.Helper()
	if err := b.store.Write(func() error { f(b.store); return nil }); err != nil {
		b.t.Fatal(err)
	}
}

func TestReplicasFlipFlop(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	var v script.Replication
	b.control("PUT", "replication", `{"delay":"15s","replicas":3}`, 200, &v)
	if d := cmp.Diff(script.Replication{Delay: "15s", Replicas: 3, Order: "turns"}, v); d != "" {
		t.Errorf("replication (-want +got):\n%s", d)
	}
	b.put(func(s *directory.Store) { s.Applications.Put("a", &directory.Application{ID: "a"}) })
	if d := cmp.Diff([]int{200, 404, 404, 200, 404, 404}, b.statuses(6, "GET", "/v1.0/seen/a")); d != "" {
		t.Errorf("right after the write (-want +got):\n%s", d)
	}
	b.control("POST", "clock", `{"advance":"8s"}`, 200, nil)
	if d := cmp.Diff([]int{200, 200, 404}, b.statuses(3, "GET", "/v1.0/seen/a")); d != "" {
		t.Errorf("half way (-want +got):\n%s", d)
	}
	b.control("POST", "clock", `{"advance":"8s"}`, 200, nil)
	if d := cmp.Diff([]int{200, 200, 200}, b.statuses(3, "GET", "/v1.0/seen/a")); d != "" {
		t.Errorf("after the delay (-want +got):\n%s", d)
	}
	var log []script.Request
	b.control("GET", "requests", "", 200, &log)
	if log[1].Replica != 1 || log[2].Replica != 2 {
		t.Errorf("the log does not say which replica served: %+v", log[:3])
	}

	b.control("PUT", "replication", `{"delay":"1h","replicas":4,"order":"random","seed":5}`, 200, nil)
	b.put(func(s *directory.Store) { s.Applications.Put("b", &directory.Application{ID: "b"}) })
	seen := fmt.Sprint(b.statuses(40, "GET", "/v1.0/seen/b"))
	if !strings.Contains(seen, "404 200") || !strings.Contains(seen, "200 404 404") {
		t.Errorf("chance is no turn: %s", seen)
	}
}

func TestFaultsChooseTheirRequests(t *testing.T) {
	t.Parallel()
	b := newBench(t, true)
	b.token = token(t, map[string]string{"oid": "o-1", "appid": "app-1", "upn": "reader@contoso.example"})
	for _, caller := range []string{"READER@contoso.example", "app-1", "o-1"} {
		b.faults(script.Rule{Caller: caller, Answer: &script.Answer{Status: 418}})
		if got := b.statuses(1, "GET", "/v1.0/x"); got[0] != 418 {
			t.Errorf("caller %s: %v", caller, got)
		}
	}
	b.faults(script.Rule{Caller: "somebody", Answer: &script.Answer{Status: 418}})
	if got := b.statuses(1, "GET", "/v1.0/x"); got[0] != 201 {
		t.Errorf("another caller: %v", got)
	}

	// The client of a token request is in its form, which the service must still find whole.
	b.token = ""
	b.faults(script.Rule{Service: "entra", Caller: "app-2", Answer: &script.Answer{Error: "7000215"}})
	form := "grant_type=client_credentials&client_id="
	if resp, text, err := b.do("POST", "/tenant/oauth2/v2.0/token", form+"app-2"); err != nil || resp.StatusCode != 401 || !strings.Contains(text, `"error":"invalid_client"`) || !strings.Contains(text, "AADSTS7000215: ") {
		t.Errorf("named error: %v %s %v", resp, text, err)
	}
	if _, text, err := b.do("POST", "/tenant/oauth2/v2.0/token", form+"app-3"); err != nil || text != form+"app-3" {
		t.Errorf("the form of another client came to the service as %q, %v", text, err)
	}

	chances := func(seed uint64) string {
		b.faults(script.Rule{Probability: 0.5, Seed: seed, Answer: &script.Answer{Status: 418}})
		return fmt.Sprint(b.statuses(40, "GET", "/v1.0/x"))
	}
	if one, again, other := chances(1), chances(1), chances(2); one != again || one == other || strings.Count(one, "418") < 10 || strings.Count(one, "418") > 30 {
		t.Errorf("chance:\n%s\n%s\n%s", one, again, other)
	}
}

func TestHoldComesAfterTheWork(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	b.faults(script.Rule{Hold: "50ms", Times: 1})
	start := time.Now()
	if resp, text, err := b.do("POST", "/v1.0/x", ""); err != nil || resp.StatusCode != 201 || text != "done" || resp.Header.Get("x-ms-resource-unit") != "2" {
		t.Fatalf("%v %q %v", resp, text, err)
	}
	if time.Since(start) < 50*time.Millisecond || b.worked != 1 {
		t.Errorf("after %v, worked %d", time.Since(start), b.worked)
	}
	var log []script.Request
	b.control("GET", "requests", "", 200, &log)
	if !log[0].Fault || log[0].Status != 201 {
		t.Errorf("log %+v", log)
	}
}

// A cut connection takes every request on it along; a dropped stream of HTTP/2 only itself.
func TestCutConnection(t *testing.T) {
	t.Parallel()
	for _, cut := range []bool{false, true} {
		b := newBench(t, true)
		b.faults(script.Rule{Path: "/v1.0/drop", Drop: "before", CutConnection: cut})
		other := make(chan error, 1)
		go func() {
			resp, err := b.server.Client().Get(b.server.URL + "/v1.0/blocked")
			if err == nil {
				_ = resp.Body.Close()
			}
			other <- err
		}()
		for log := []script.Request{}; len(log) == 0; {
			b.control("GET", "requests", "", 200, &log)
		}
		if _, _, err := b.do("GET", "/v1.0/drop", ""); err == nil {
			t.Error("a dropped request was answered")
		}
		select {
		case err := <-other:
			if !cut || err == nil {
				t.Errorf("cut %v: the other request ended with %v", cut, err)
			}
		case <-time.After(300 * time.Millisecond):
			if cut {
				t.Error("the other request on the connection lives on")
			}
			b.server.CloseClientConnections()
			<-other
		}
	}
}

func TestRightsAreTakenInMidOperation(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	b.put(func(s *directory.Store) {
		s.Users.Put("u1", &directory.User{ID: "u1", UserPrincipalName: "owner@contoso.example", Roles: []string{"Application Administrator"}})
		s.Applications.Put("a1", &directory.Application{ID: "a1", AppID: "app-1", DisplayName: "one", Owners: []string{"u1", "u2"}})
		s.RoleDefinitions.Put("r1", &directory.RoleDefinition{ID: "r1", Name: "Owner"})
		s.RoleAssignments.Put("x", &directory.RoleAssignment{Name: "x", Scope: "/subscriptions/1", RoleID: "r1", PrincipalID: "u1"})
		s.RoleAssignments.Put("y", &directory.RoleAssignment{Name: "y", Scope: "/subscriptions/1", RoleID: "r1", PrincipalID: "u2"})
	})
	b.token = token(t, map[string]string{"oid": "u1", "appid": "cli", "upn": "owner@contoso.example"})
	b.faults(script.Rule{
		Method: "POST", Skip: 1, Times: 1,
		Do:   []script.Action{{Action: script.RemoveDirectoryRoles, Of: "caller"}},
		Then: []script.Action{{Action: script.RemoveOwner, Of: "caller"}, {Action: script.RemoveRoleAssignments, Of: "caller", Role: "owner"}},
	})
	state := func() (owners, roles, assignments int) {
		b.store.Read(func() {
			a, _ := b.store.Applications.Get("a1")
			u, _ := b.store.Users.Get("u1")
			for range b.store.RoleAssignments.All() {
				assignments++
			}
			owners, roles = len(a.Owners), len(u.Roles)
		})
		return owners, roles, assignments
	}
	if got := b.statuses(1, "POST", "/v1.0/x"); got[0] != 201 {
		t.Fatal(got)
	}
	if o, r, a := state(); o != 2 || r != 1 || a != 2 {
		t.Fatalf("the first request changed something: %d %d %d", o, r, a)
	}
	if got := b.statuses(1, "POST", "/v1.0/x"); got[0] != 201 {
		t.Fatal(got)
	}
	if o, r, a := state(); o != 1 || r != 0 || a != 1 {
		t.Errorf("after the second: %d owners, %d directory roles, %d role assignments", o, r, a)
	}
}

func TestActions(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	b.put(func(s *directory.Store) {
		s.Users.Put("u1", &directory.User{ID: "u1", UserPrincipalName: "owner@contoso.example"})
		s.RefreshTokens.Put("t", &directory.RefreshToken{UserID: "u1"})
		s.Applications.Put("a1", &directory.Application{ID: "a1", AppID: "app-1", DisplayName: "one", Passwords: []directory.Password{{KeyID: "k"}}})
		s.ServicePrincipals.Put("s1", &directory.ServicePrincipal{ID: "s1", AppID: "app-1", DisplayName: "one", Enabled: true})
		s.AppRoleGrants.Put("g", &directory.AppRoleAssignment{ID: "g", PrincipalID: "s1", RoleValue: "Application.ReadWrite.All"})
	})
	for _, c := range []struct {
		action string
		holds  func(*directory.Store) bool
	}{
		{`{"action":"block_device_code","of":"Owner@contoso.example"}`, func(s *directory.Store) bool { u, _ := s.Users.Get("u1"); return u.DeviceCodeBlocked }},
		{`{"action":"refuse_sign_in","of":"u1","code":50076,"flow":"refresh_token"}`, func(s *directory.Store) bool { u, _ := s.Users.Get("u1"); return len(u.AccessRules) == 1 }},
		{`{"action":"allow_sign_in","of":"u1"}`, func(s *directory.Store) bool {
			u, _ := s.Users.Get("u1")
			return len(u.AccessRules) == 0 && !u.DeviceCodeBlocked
		}},
		{`{"action":"revoke_sessions","of":"u1"}`, func(s *directory.Store) bool {
			u, _ := s.Users.Get("u1")
			r, _ := s.RefreshTokens.Get("t")
			return u.ValidFrom != nil && r.Revoked
		}},
		{`{"action":"remove_app_roles","of":"app-1","role":"Application.ReadWrite.All"}`, func(s *directory.Store) bool { _, ok := s.AppRoleGrants.Get("g"); return !ok }},
		{`{"action":"disable_application","application":"one"}`, func(s *directory.Store) bool { p, _ := s.ServicePrincipals.Get("s1"); return !p.Enabled }},
		{`{"action":"enable_application","application":"app-1"}`, func(s *directory.Store) bool { p, _ := s.ServicePrincipals.Get("s1"); return p.Enabled }},
		{`{"action":"remove_credentials","application":"a1"}`, func(s *directory.Store) bool { a, _ := s.Applications.Get("a1"); return len(a.Passwords) == 0 }},
		{`{"action":"delete_application","application":"app-1"}`, func(s *directory.Store) bool {
			a, _ := s.Applications.Get("a1")
			p, _ := s.ServicePrincipals.Get("s1")
			return a.DeletedAt != nil && p.DeletedAt != nil
		}},
		{`{"action":"purge_application","application":"app-1"}`, func(s *directory.Store) bool {
			_, a := s.Applications.Get("a1")
			_, p := s.ServicePrincipals.Get("s1")
			return !a && !p
		}},
	} {
		var v struct{ Changed int }
		b.control("POST", "actions", c.action, 200, &v)
		b.store.Read(func() {
			if !c.holds(b.store) || v.Changed == 0 {
				t.Errorf("%s changed %d objects, not as it should", c.action, v.Changed)
			}
		})
	}
}

func TestSkew(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	var v struct{ Now, Offset, Skew string }
	b.control("POST", "clock", `{"skew":"-12m"}`, 200, &v)
	resp, _, err := b.do("GET", "/v1.0/x", "")
	if err != nil {
		t.Fatal(err)
	}
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if behind := time.Since(at); err != nil || behind < 11*time.Minute || behind > 13*time.Minute || v.Skew != "-12m0s" || v.Offset != "0s" {
		t.Errorf("Date is %v behind, %v; clock %+v", behind, err, v)
	}
}

func TestScenarios(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	b.put(func(s *directory.Store) {
		s.Users.Put("u1", &directory.User{ID: "u1", UserPrincipalName: "owner@contoso.example"})
	})
	var all []script.Scenario
	b.control("GET", "scenarios", "", 200, &all)
	if len(all) < 8 || all[0].Name != script.Calm {
		t.Fatalf("%d scenarios, first %q", len(all), all[0].Name)
	}
	for _, s := range all {
		if s.Name == "" || len(s.Description) < 40 || strings.ContainsAny(s.Name, " _/") {
			t.Errorf("scenario %+v", s)
		}
		b.control("PUT", "scenario", `{"name":"`+s.Name+`","seed":3}`, 200, nil)
		var now script.Scenario
		b.control("GET", "scenario", "", 200, &now)
		if now.Name != s.Name || now.Seed != 3 {
			t.Errorf("playing %q with seed %d, want %q", now.Name, now.Seed, s.Name)
		}
		var r script.Replication
		b.control("GET", "replication", "", 200, &r)
		if want, _ := time.ParseDuration(s.Replication.Delay); r.Delay != want.String() {
			t.Errorf("%s: replication %+v", s.Name, r)
		}
	}
	b.control("PUT", "scenario", `{"name":"mine","faults":[{"error":"serviceNotAvailable","service":"graph"}]}`, 400, nil) // a rule's answer is in "answer" here
	b.control("PUT", "scenario", `{"name":"mine","faults":[{"service":"graph","answer":{"error":"serviceNotAvailable"}}]}`, 200, nil)
	if got := b.statuses(1, "GET", "/v1.0/x"); got[0] != 503 {
		t.Errorf("own scenario: %v", got)
	}
	b.control("PUT", "scenario", `{"name":"conditional-access"}`, 200, nil)
	refused := func() (n int) {
		b.store.Read(func() {
			u, _ := b.store.Users.Get("u1")
			n = len(u.AccessRules)
		})
		return n
	}
	if refused() != 1 {
		t.Errorf("the owner meets %d policies", refused())
	}
	b.control("DELETE", "scenario", "", 204, nil)
	if refused() != 0 {
		t.Errorf("calm, and the owner still meets %d policies", refused())
	}
	if got := b.statuses(1, "GET", "/v1.0/x"); got[0] != 201 {
		t.Errorf("calm: %v", got)
	}
}

func TestEveryWellKnownErrorIsWorded(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	var all []struct{ Service, Name string }
	b.control("GET", "errors", "", 200, &all)
	paths := map[string]string{"entra": "/tenant/oauth2/v2.0/token", "graph": "/v1.0/x", "arm": "/subscriptions/1"}
	for _, e := range all {
		b.faults(script.Rule{Service: e.Service, Answer: &script.Answer{Error: e.Name}})
		resp, text, err := b.do("GET", paths[e.Service], "")
		if err != nil || resp.StatusCode < 400 || !strings.Contains(text, e.Name) || !json.Valid([]byte(text)) {
			t.Errorf("%s %s: %v %s %v", e.Service, e.Name, resp, text, err)
		}
	}
}
