package azure_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/azure/azuretest"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

type failed azure.Failure

func (f *failed) Error() string       { return azure.Failure(*f).Text("the service") }
func (f *failed) Transient() bool     { return azure.TransientStatus(f.Status) }
func (f *failed) Wait() time.Duration { return f.RetryAfter }
func (f *failed) Fault() *fault.Error { return azure.Failure(*f).Fault("the service") }

func client(t *testing.T, s *azuretest.Server, change func(*azure.Config)) *azure.Client {
	t.Helper()
	config := azure.Config{
		Service: "the service", BaseURL: s.Cloud.Graph, Cloud: s.Cloud, Token: azuretest.Token,
		Fail: func(f azure.Failure) error { e := failed(f); return &e },
	}
	if change != nil {
		change(&config)
	}
	c, err := azure.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// soon makes azcore try again at once, so that the tests need not wait.
var soon = map[string]string{"retry-after-ms": "1"}

func TestReadsAreTriedAgain(t *testing.T) {
	t.Parallel()
	for _, status := range []int{408, 429, 500, 502, 503, 504} {
		s := azuretest.Serve(t, azuretest.Answer{Status: status, Header: soon}, azuretest.Answer{Body: `{"a":1}`})
		var out struct{ A int }
		if err := client(t, s, nil).Read(t.Context(), "/x", nil, &out); err != nil || out.A != 1 || len(s.Requests()) != 2 {
			t.Errorf("%d: %v, %d requests, %v", status, err, len(s.Requests()), out)
		}
	}
	dropped := azuretest.Serve(t, azuretest.Answer{Drop: true}, azuretest.Answer{Body: `{}`})
	if err := client(t, dropped, nil).Read(t.Context(), "/x", nil, &struct{}{}); err != nil {
		t.Errorf("after a dropped connection: %v", err)
	}
}

func TestReadsGiveUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer azuretest.Answer
		tries  int
	}{
		"stays":             {azuretest.Answer{Status: 503, Header: soon}, 4},
		"has a reason":      {azuretest.Answer{Status: 403, Body: `{"error":{"code":"No"}}`}, 1},
		"asks to wait long": {azuretest.Answer{Status: 429, Header: map[string]string{"Retry-After": "17"}}, 1},
		"is no JSON":        {azuretest.Answer{Body: `<html>`}, 1},
	} {
		s := azuretest.Serve(t, test.answer)
		err := client(t, s, nil).Read(t.Context(), "/x", nil, &struct{}{})
		if err == nil || len(s.Requests()) != test.tries {
			t.Errorf("%s: %v after %d tries, want %d", name, err, len(s.Requests()), test.tries)
		}
	}
}

func TestWritesAreNeverTriedAgain(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		for _, answer := range []azuretest.Answer{
			{Status: 408, Header: soon},
			{Status: 429, Header: soon},
			{Status: 500, Header: soon},
			{Status: 503, Header: soon},
			{Status: 401, Body: `{"error":{"code":"InvalidAuthenticationToken"}}`},
			{Drop: true},
		} {
			s := azuretest.Serve(t, azuretest.Answer{Body: `{}`}, answer)
			c := client(t, s, nil)
			if err := c.Read(t.Context(), "/warm", nil, nil); err != nil { // a token and a connection are held
				t.Fatal(err)
			}
			_, err := c.Write(t.Context(), method, "/x", nil, map[string]int{"a": 1}, nil)
			if n := len(s.Requests()) - 1; err == nil || n != 1 {
				t.Errorf("%s answered by %+v: %v, sent %d times", method, answer, err, n)
			}
			if want := answer.Status != 401; azure.Transient(err) != want {
				t.Errorf("%s answered by %+v: transient is %v", method, answer, !want)
			}
		}
	}
}

func TestRequestsAsSent(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t, azuretest.Answer{Status: http.StatusCreated, Body: `{}`})
	status, err := client(t, s, nil).Write(t.Context(), http.MethodPost, "/a/b%20c",
		azure.Query{"$filter": "name eq " + azure.Literal("it's a+b"), "api-version": "1"}, map[string]string{"k": "v"}, nil)
	if err != nil || status != http.StatusCreated {
		t.Fatal(status, err)
	}
	r := s.Only(t)
	if r.Path != "/a/b%20c" || r.Query != "$filter=name%20eq%20%27it%27%27s%20a%2Bb%27&api-version=1" || r.Body != `{"k":"v"}` {
		t.Errorf("sent %s ? %s with %s", r.Path, r.Query, r.Body)
	}
	for k, want := range map[string]string{"Authorization": "Bearer the-token", "Content-Type": "application/json", "User-Agent": "evercred"} {
		if got := r.Header.Get(k); got != want {
			t.Errorf("%s is %q, want %q", k, got, want)
		}
	}
}

func TestListFollowsItsPages(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"nextLink", "@odata.nextLink"} {
		s := azuretest.Serve(t,
			azuretest.Answer{Body: `{"value":[1,2],"` + key + `":"BASE/x?page=2 of 3"}`},
			azuretest.Answer{Status: 503, Header: soon},
			azuretest.Answer{Body: `{"value":[],"` + key + `":"BASE/x?page=3"}`},
			azuretest.Answer{Body: `{"value":[3],"` + key + `":null}`})
		got, err := azure.List[int](t.Context(), client(t, s, nil), "/x", azure.Query{"page": "1"})
		if err != nil || !slices.Equal(got, []int{1, 2, 3}) {
			t.Fatalf("%s: %v %v", key, got, err)
		}
		var queries []string
		for _, r := range s.Requests() {
			queries = append(queries, r.Query)
		}
		if want := []string{"page=1", "page=2%20of%203", "page=2%20of%203", "page=3"}; !slices.Equal(queries, want) {
			t.Errorf("%s: asked %q, want %q", key, queries, want)
		}
	}
}

func TestListStops(t *testing.T) {
	t.Parallel()
	for _, next := range []string{"https://elsewhere.invalid/x", "http://localhost/x", "/x", "BASE.evil.invalid/x", "BASE/x"} { // the last is a loop
		s := azuretest.Serve(t, azuretest.Answer{Body: `{"value":[1],"nextLink":"` + next + `"}`})
		if _, err := azure.List[int](t.Context(), client(t, s, nil), "/x", nil); !errors.Is(err, azure.ErrUnreadable) {
			t.Errorf("%s: %v", next, err)
		}
		if n := len(s.Requests()); next != "BASE/x" && n != 1 {
			t.Errorf("%s was followed: %d requests", next, n)
		}
	}
}

func TestTokenIsKeptUntilItEnds(t *testing.T) {
	t.Parallel()
	now := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	asked := 0
	s := azuretest.Serve(t, azuretest.Answer{Body: `{}`})
	c := client(t, s, func(config *azure.Config) {
		config.Clock = now
		config.Token = func(context.Context) (secret.Value, time.Time, error) {
			asked++
			return secret.New("t"), now.Now().Add(time.Hour), nil
		}
	})
	for i, step := range []struct {
		after time.Duration
		asked int
	}{{0, 1}, {57 * time.Minute, 1}, {2 * time.Minute, 2}, {0, 2}} {
		now.Advance(step.after)
		if err := c.Read(t.Context(), "/x", nil, nil); err != nil || asked != step.asked {
			t.Fatalf("step %d: asked %d times, want %d (%v)", i, asked, step.asked, err)
		}
	}
}

func TestRefusedTokenIsAskedForAgain(t *testing.T) {
	t.Parallel()
	asked := 0
	refused := azuretest.Answer{Status: 401, Body: `{"error":{"code":"InvalidAuthenticationToken"}}`}
	s := azuretest.Serve(t, azuretest.Answer{Body: `{}`}, refused, azuretest.Answer{Body: `{}`}, refused)
	c := client(t, s, func(config *azure.Config) {
		config.Token = func(context.Context) (secret.Value, time.Time, error) {
			asked++
			return secret.New(fmt.Sprint("t", asked)), time.Now().Add(time.Hour), nil
		}
	})
	for range 2 { // the second read meets the 401 and goes on with a new token
		if err := c.Read(t.Context(), "/x", nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	rs := s.Requests()
	if len(rs) != 3 || rs[2].Header.Get("Authorization") != "Bearer t2" {
		t.Fatalf("got %d requests, the last with %q", len(rs), rs[len(rs)-1].Header.Get("Authorization"))
	}
	if err := c.Read(t.Context(), "/x", nil, nil); err == nil || len(s.Requests()) != 5 {
		t.Errorf("a 401 that stays: %v after %d requests", err, len(s.Requests())-3)
	}
}

func TestTokenErrorsComeThrough(t *testing.T) {
	t.Parallel()
	refused := fault.New(fault.SignIn, "The sign-in is over.")
	s := azuretest.Serve(t, azuretest.Answer{Body: `{}`})
	c := client(t, s, func(config *azure.Config) {
		config.Token = func(context.Context) (secret.Value, time.Time, error) { return secret.Value{}, time.Time{}, refused }
	})
	err := c.Read(t.Context(), "/x", nil, nil)
	if !errors.Is(err, refused) || azure.Explain(err, "x") != refused || azure.Transient(err) || len(s.Requests()) != 0 {
		t.Errorf("%v after %d requests", err, len(s.Requests()))
	}
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t, azuretest.Answer{Body: `"` + strings.Repeat("a", azure.MaxAnswer) + `"`})
	err := client(t, s, nil).Read(t.Context(), "/x", nil, new(string))
	if !errors.Is(err, azure.ErrUnreadable) || len(s.Requests()) != 1 {
		t.Errorf("%v after %d requests", err, len(s.Requests()))
	}
}

func TestNoRedirects(t *testing.T) {
	t.Parallel()
	other := azuretest.Serve(t, azuretest.Answer{Body: `{}`})
	s := azuretest.Serve(t, azuretest.Answer{Status: http.StatusTemporaryRedirect, Header: map[string]string{"Location": other.Cloud.Graph + "/x"}})
	if err := client(t, s, nil).Read(t.Context(), "/x", nil, nil); err == nil || len(other.Requests()) != 0 {
		t.Errorf("followed: %v, %d requests", err, len(other.Requests()))
	}
}

func TestLogHasNoSecrets(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := azuretest.Serve(t, azuretest.Answer{Body: `{"secretText":"hush-answer"}`, Header: map[string]string{"request-id": "r-1"}})
	c := client(t, s, func(config *azure.Config) {
		config.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	_, err := c.Write(t.Context(), http.MethodPost, "/x", azure.Query{"q": "hush-query"}, "hush-body", &struct{ SecretText int }{})
	if !errors.Is(err, azure.ErrUnreadable) {
		t.Fatal(err)
	}
	text := log.String() + err.Error()
	if !strings.Contains(text, "r-1") || strings.Contains(text, "hush") || strings.Contains(text, "the-token") {
		t.Errorf("logged %s", text)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"http://graph.microsoft.com", "graph.microsoft.com", "", "https://"} {
		if _, err := azure.New(azure.Config{BaseURL: base, Token: azuretest.Token}); err == nil {
			t.Errorf("%q was accepted", base)
		}
	}
	if _, err := azure.New(azure.Config{BaseURL: "https://graph.microsoft.com"}); err == nil {
		t.Error("no token function was accepted")
	}
}

func TestExplainNetwork(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t, azuretest.Answer{Drop: true})
	untrusting := s.Cloud
	untrusting.CAFile = ""
	gone := azuretest.Serve(t, azuretest.Answer{})
	gone.Cloud.Graph = "https://localhost:1"
	unknown := azuretest.Serve(t, azuretest.Answer{})
	unknown.Cloud.Graph = "https://nowhere.invalid"
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	write := func(ctx context.Context, c *azure.Client) error {
		_, err := c.Write(ctx, http.MethodPost, "/x", nil, nil, nil)
		return err
	}
	for name, test := range map[string]struct {
		err       error
		transient bool
		says      string
	}{
		"dropped":     {write(t.Context(), client(t, s, nil)), true, "connection"},
		"refused":     {write(t.Context(), client(t, gone, nil)), true, "refused"},
		"no name":     {write(t.Context(), client(t, unknown, nil)), true, "nowhere.invalid"},
		"not trusted": {write(t.Context(), client(t, s, func(c *azure.Config) { c.Cloud = untrusting })), false, "certificate"},
		"cancelled":   {write(ended, client(t, s, nil)), false, "stopped"},
		"other":       {fmt.Errorf("asking: %w", context.DeadlineExceeded), true, "too long"},
	} {
		f := azure.Explain(test.err, "the service")
		if f.Code != fault.Unreachable || f.Remedy == "" || !strings.Contains(f.Message+f.Meaning, test.says) {
			t.Errorf("%s: %v explained as %+v", name, test.err, f)
		}
		if azure.Transient(test.err) != test.transient {
			t.Errorf("%s: transient is %v", name, !test.transient)
		}
	}
	if azure.Explain(nil, "x") != nil || azure.Transient(nil) {
		t.Error("nil is explained")
	}
	if f := azure.Explain(io.ErrClosedPipe, "x"); f.Code != fault.Internal {
		t.Errorf("an error of our own is %s", f.Code)
	}
}
