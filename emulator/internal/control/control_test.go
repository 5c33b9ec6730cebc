package control_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/evercred/evercred/emulator/internal/control"
	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/entra"
	"github.com/evercred/evercred/emulator/internal/exchange"
	"github.com/evercred/evercred/emulator/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type bench struct {
	t      *testing.T
	store  *directory.Store
	server *httptest.Server
	worked int // requests that the service did; read between requests only
	token  string
}

// newBench serves the controls, and one service as Graph under /v1.0/.
func newBench(t *testing.T, http2 bool) *bench {
	t.Helper()
	store, err := directory.Open("")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, store: store}
	c := control.New(control.Config{Directory: store, SignIns: entra.New(entra.Config{Directory: store}), Logger: slog.New(slog.DiscardHandler)})
	mux := http.NewServeMux()
	mux.Handle("/_emulator/", c)
	mux.Handle("/subscriptions/", c.Intercept("arm", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("x-ms-ratelimit-remaining-subscription-reads", "0")
		_, _ = io.WriteString(w, "done")
	})))
	mux.Handle("/tenant/", c.Intercept("entra", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	})))
	mux.Handle("/v1.0/", c.Intercept("graph", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.worked++
		exchange.SetCaller(r.Context(), "owner@contoso.example")
		if id, asked := strings.CutPrefix(r.URL.Path, "/v1.0/seen/"); asked {
			view := store.View(r.Context())
			view.Read(func() {
				if _, found := view.Applications.Seen(id); !found {
					w.WriteHeader(http.StatusNotFound)
				}
			})
			return
		}
		if strings.HasSuffix(r.URL.Path, "/blocked") {
			<-r.Context().Done()
			return
		}
		if strings.HasSuffix(r.URL.Path, "/panic") {
			panic("on purpose")
		}
		if strings.HasSuffix(r.URL.Path, "/silent") {
			return
		}
		w.Header().Set("x-ms-resource-unit", "2")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, "done")
	})))
	b.server = httptest.NewUnstartedServer(mux)
	b.server.EnableHTTP2 = http2
	b.server.Config.ConnContext = exchange.WithConnection
	b.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	b.server.StartTLS()
	t.Cleanup(b.server.Close)
	return b
}

func (b *bench) do(method, path, body string) (*http.Response, string, error) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.server.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if b.token != "" {
		req.Header.Set("Authorization", "Bearer "+b.token)
	}
	resp, err := b.server.Client().Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return resp, string(raw), err
}

// control does a control and wants its status; the answer is decoded into out.
func (b *bench) control(method, path, body string, status int, out any) {
	b.t.Helper()
	resp, text, err := b.do(method, "/_emulator/"+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if resp.StatusCode != status {
		b.t.Fatalf("%s %s %s: status %d, want %d: %s", method, path, body, resp.StatusCode, status, text)
	}
	if out != nil {
		if err := json.Unmarshal([]byte(text), out); err != nil {
			b.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
}

type failure struct {
	Error struct{ Code, Message, Field string }
}

func TestBadControls(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	for _, c := range []struct {
		method, path, body string
		status             int
		field              string
	}{
		{"GET", "", "", 404, ""},
		{"GET", "nothing", "", 404, ""},
		{"GET", "clock/more", "", 404, ""},
		{"POST", "devicecodes/ABC/forget", "{}", 404, ""},
		{"DELETE", "clock", "", 405, ""},
		{"POST", "clock", "", 400, ""},
		{"POST", "clock", "{", 400, ""},
		{"POST", "clock", "{}", 400, "advance"},
		{"POST", "clock", `{"advance":"1h","now":"2030-01-01T00:00:00Z"}`, 400, "advance"},
		{"POST", "clock", `{"advance":"1 day"}`, 400, "advance"},
		{"POST", "clock", `{"advance":7}`, 400, "advance"},
		{"POST", "clock", `{"advance":"2000000h"}`, 400, "advance"},
		{"POST", "clock", `{"now":"tomorrow"}`, 400, "now"},
		{"POST", "clock", `{"now":"9999-01-01T00:00:00Z"}`, 400, "now"},
		{"POST", "clock", `{"offset":"x"}`, 400, "offset"},
		{"POST", "clock", `{"skew":"x"}`, 400, "skew"},
		{"POST", "clock", `{"skew":"9000h"}`, 400, "skew"},
		{"PUT", "replication", `{"delay":"1s","replicas":17}`, 400, "replicas"},
		{"PUT", "replication", `{"delay":"1s","order":"best"}`, 400, "order"},
		{"PUT", "throttling", `{"factor":-1}`, 400, "factor"},
		{"PUT", "scenario", `{"name":"sunny"}`, 404, "name"},
		{"PUT", "scenario", `{"name":"mine","faults":[{"drop":"never"}]}`, 400, "faults[0].drop"},
		{"PUT", "scenario", `{"name":"mine","skew":"x"}`, 400, "skew"},
		{"PUT", "scenario", `{"name":"mine","actions":[{"action":"dance"}]}`, 400, "actions[0].action"},
		{"PUT", "scenario", `{"name":"mine","actions":[{"action":"revoke_sessions","of":"caller"}]}`, 400, "actions[0].of"},
		{"POST", "actions", `{"action":"remove_owner"}`, 400, "of"},
		{"POST", "actions", `{"action":"set_app_policy","policy":[]}`, 400, "policy"},
		{"POST", "actions", `{"action":"refuse_sign_in","of":"u1","code":1}`, 400, "code"},
		{"POST", "actions", `{"action":"refuse_sign_in","of":"u1","code":53003,"flow":"x"}`, 400, "code"},
		{"POST", "actions", `{"action":"delete_application"}`, 400, "application"},
		{"PUT", "faults", `[{"probability":2,"drop":"before"}]`, 400, "rules[0].probability"},
		{"PUT", "faults", `[{"delay":1,"cut_connection":true}]`, 400, "rules[0].cut_connection"},
		{"PUT", "faults", `[{"hold":"2s","drop":"before"}]`, 400, "rules[0].hold"},
		{"PUT", "faults", `[{"hold":"2h"}]`, 400, "rules[0].hold"},
		{"PUT", "faults", `[{"error":"NoSuchThing"}]`, 400, "rules[0].answer.error"},
		{"PUT", "faults", `[{"service":"arm","error":"AADSTS7000215"}]`, 400, "rules[0].answer.error"},
		{"PUT", "faults", `[{"then":[{"action":"revoke_sessions"}]}]`, 400, "rules[0].then[0].of"},
		{"POST", "clock", `{"forward":"1h"}`, 400, "forward"},
		{"POST", "clock", `{"advance":"1h"} {}`, 400, ""},
		{"PUT", "replication", `{"delay":"-1s"}`, 400, "delay"},
		{"PUT", "replication", `{"delay":"48h"}`, 400, "delay"},
		{"PUT", "replication", `{}`, 400, "delay"},
		{"POST", "devicecodes/ABC/approve", `{"user":"x"}`, 400, "user"},
		{"POST", "devicecodes/ABC/approve", `{"who":"x"}`, 400, "who"},
		{"POST", "devicecodes/ABC/deny", ``, 404, "user_code"},
		{"PUT", "faults", `[{"service":"dns","drop":"before"}]`, 400, "rules[0].service"},
		{"PUT", "faults", `[{"drop":"before"},{"times":-1,"drop":"before"}]`, 400, "rules[1].times"},
		{"PUT", "faults", `[{"times":"2","drop":"before"}]`, 400, "rules[0].times"},
		{"PUT", "faults", `[{"skip":-1,"drop":"before"}]`, 400, "rules[0].skip"},
		{"PUT", "faults", `[{"path":"^(","drop":"before"}]`, 400, "rules[0].path"},
		{"PUT", "faults", `[{"delay":"soon"}]`, 400, "rules[0].delay"},
		{"PUT", "faults", `[{"drop":"sometimes"}]`, 400, "rules[0].drop"},
		{"PUT", "faults", `[{"drop":"after","status":500}]`, 400, "rules[0].drop"},
		{"PUT", "faults", `[{}]`, 400, "rules[0]"},
		{"PUT", "faults", `[{"status":99}]`, 400, "rules[0].answer.status"},
		{"PUT", "faults", `[{"answer":{"status":500},"status":500}]`, 400, "rules[0].answer"},
		{"PUT", "faults", `[{"answer":{"status":500,"headers":{"a b":"c"}}}]`, 400, "rules[0].answer.headers"},
		{"PUT", "faults", `[{"answer":{"status":500,"retry_after":"1\n2"}}]`, 400, "rules[0].answer.retry_after"},
		{"PUT", "faults", `[{"answer":{"code":500}}]`, 400, "rules[0].code"},
		{"PUT", "faults", `"drop"`, 400, "rules"},
	} {
		var got failure
		b.control(c.method, c.path, c.body, c.status, &got)
		if got.Error.Field != c.field || got.Error.Code == "" || got.Error.Message == "" {
			t.Errorf("%s %s %s: %+v, want field %q", c.method, c.path, c.body, got.Error, c.field)
		}
	}
	b.control("GET", "faults", "", 200, new([]script.Rule))
}

func TestClock(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	var v struct {
		Now    time.Time
		Offset string
	}
	near := func(offset time.Duration, text string) {
		t.Helper()
		if diff := v.Now.Sub(time.Now().Add(offset)).Abs(); diff > 10*time.Second || v.Offset != text {
			t.Errorf("clock %v (%v off), offset %s, want %s", v.Now, diff, v.Offset, text)
		}
	}
	b.control("POST", "clock", `{"advance":"720h"}`, 200, &v)
	near(720*time.Hour, "720h0m0s")
	b.control("POST", "clock", `{"advance":"-721h"}`, 200, &v)
	b.control("GET", "clock", "", 200, &v)
	near(-time.Hour, "-1h0m0s")
	b.control("POST", "clock", `{"now":"2040-05-06T07:08:09Z"}`, 200, &v)
	if d := v.Now.Sub(time.Date(2040, 5, 6, 7, 8, 9, 0, time.UTC)).Abs(); d > 10*time.Second {
		t.Errorf("clock set to %v", v.Now)
	}
	b.control("POST", "clock", `{"offset":"0s"}`, 200, &v)
	near(0, "0s")
}

func TestDeviceCodes(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	put := func(key, code, status string, expires time.Duration) {
		t.Helper()
		if err := b.store.Write(func() error {
			b.store.Users.Put("u1", &directory.User{ID: "u1", UserPrincipalName: "owner@contoso.example"})
			b.store.DeviceCodes.Put(key, &directory.DeviceCode{UserCode: code, Status: status, Expires: b.store.Now().Add(expires)})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	put("old", "OLDD1234E", "redeemed", time.Hour)
	put("new", "ABCD1234E", "pending", time.Hour)
	put("late", "LATE12345", "pending", -time.Second)
	put("no", "NONO12345", "pending", time.Hour)

	var bad failure
	b.control("POST", "devicecodes/ABCD1234E/approve", `{"user":"nobody@contoso.example"}`, 400, &bad)
	if bad.Error.Field != "user" {
		t.Errorf("unknown user: %+v", bad)
	}
	b.control("POST", "devicecodes/abcd-1234e/approve", `{"user":"Owner@contoso.example"}`, 200, nil)
	b.control("POST", "devicecodes/ABCD1234E/deny", "", 409, &bad)
	b.control("POST", "devicecodes/OLDD1234E/approve", `{"user":"owner@contoso.example"}`, 409, &bad)
	b.control("POST", "devicecodes/LATE12345/approve", `{"user":"owner@contoso.example"}`, 409, &bad)
	b.control("POST", "devicecodes/NONO12345/deny", ``, 200, nil)
	b.store.Read(func() {
		for key, want := range map[string]string{"old": "redeemed", "new": "approved", "late": "pending", "no": "denied"} {
			if d, _ := b.store.DeviceCodes.Get(key); d.Status != want {
				t.Errorf("%s: status %s, want %s", key, d.Status, want)
			}
		}
		if d, _ := b.store.DeviceCodes.Get("new"); d.UserID != "u1" {
			t.Errorf("approved by %q", d.UserID)
		}
	})
}

func TestRequestLog(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	for _, path := range []string{"/v1.0/a?$filter=x&code=secret", "/v1.0/silent", "/v1.0/panic"} {
		if _, _, err := b.do("GET", path, ""); err != nil {
			t.Fatal(err)
		}
	}
	b.control("PUT", "faults", `{"drop":"before"}`, 200, nil)
	if _, _, err := b.do("POST", "/v1.0/b", "x"); err == nil {
		t.Fatal("a dropped request was answered")
	}
	var got []script.Request
	b.control("GET", "requests", "", 200, &got)
	for i := range got {
		if time.Since(got[i].Time).Abs() > time.Minute {
			t.Errorf("time %v", got[i].Time)
		}
		got[i].Time = time.Time{}
	}
	want := []script.Request{
		{Method: "GET", Service: "graph", Path: "/v1.0/a", Query: "$filter=x&code=redacted", Status: 201, ResourceUnits: 2, Caller: "owner@contoso.example"},
		{Method: "GET", Service: "graph", Path: "/v1.0/silent", Status: 200, Caller: "owner@contoso.example"},
		{Method: "GET", Service: "graph", Path: "/v1.0/panic", Status: 500, Caller: "owner@contoso.example"},
		{Method: "POST", Service: "graph", Path: "/v1.0/b"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
	b.control("DELETE", "requests", "", 204, nil)
	b.control("GET", "requests", "", 200, &got)
	if len(got) != 0 {
		t.Errorf("after clearing: %v", got)
	}
}
