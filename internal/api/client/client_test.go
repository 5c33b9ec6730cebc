package client_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

func serve(t *testing.T, h http.HandlerFunc) *client.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return connect(t, s.URL+"/", time.Second)
}

func connect(t *testing.T, url string, timeout time.Duration) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{URL: url, Token: secret.New("tok"), Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func TestProblemComesBackAsFault(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer tok" {
			t.Errorf("authorization %q", r.Header.Get("Authorization"))
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = fmt.Fprint(w, `{"type":"x","title":"t","status":422,"detail":"Wrong.","code":"invalid","meaning":"m","remedy":"r","field":"name","source":"s"}`)
	})
	_, err := c.Renew(t.Context(), "a b/c", resource.Renew{Soak: "0s"})
	want := &fault.Error{Code: fault.Invalid, Message: "Wrong.", Meaning: "m", Remedy: "r", Field: "name", Source: "s"}
	if diff := cmp.Diff(error(want), err, cmp.Comparer(func(a, b *fault.Error) bool { return *a == *b })); diff != "" {
		t.Errorf("fault (-want +got):\n%s", diff)
	}
}

func TestPathsAreEscaped(t *testing.T) {
	t.Parallel()
	got := make(chan string, 1)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got <- r.Method + " " + r.URL.EscapedPath() + "?" + r.URL.RawQuery
		_, _ = fmt.Fprint(w, `{"id":"op","state":"done"}`)
	})
	op, err := c.Remove(t.Context(), "a/../b?c", client.Removal{DeleteApplication: true})
	if err != nil || op.ID != "op" || !op.Closed() {
		t.Fatal(op, err)
	}
	if path := <-got; path != "DELETE /api/v1/accounts/a%2F..%2Fb%3Fc?delete_application=true" {
		t.Error(path)
	}
}

func TestStrangersAreNotTrusted(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.HandlerFunc{
		"proxy": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<html>bad gateway", http.StatusBadGateway)
		},
		"page":     func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "<html>hello") },
		"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := serve(t, h).Accounts(t.Context(), client.Filter{}, client.Page{}); !fault.Is(err, fault.Unreachable) || strings.Contains(err.Error(), "html") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	_ = l.Close()
	_, err = connect(t, url, time.Second).Accounts(t.Context(), client.Filter{}, client.Page{})
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != fault.Unreachable || !strings.Contains(f.Message, url) || !strings.Contains(f.Remedy, "evercred serve") {
		t.Errorf("%#v", err)
	}
}

func TestServerThatHangs(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(release) })
	c := connect(t, s.URL, 20*time.Millisecond)
	if _, err := c.Wait(t.Context(), "op", 1, 10*time.Millisecond); !fault.Is(err, fault.Unreachable) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Operation(ctx, "op"); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who gave up gets %v", err)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "localhost:8080", "ftp://x", "http://", "http://u:p@x", "http://x?y"} {
		if _, err := client.New(client.Config{URL: url}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", url, err)
		}
	}
}
