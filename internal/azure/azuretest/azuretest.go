// Package azuretest serves scripted answers over TLS, for tests of the clients of Microsoft's services.
package azuretest

import (
	"context"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/secret"
)

// Request is one that the server got.
type Request struct {
	Method, Path, Query, Body string
	Header                    http.Header
}

// Answer is one that the server gives. Drop closes the connection instead. Status 0 is 200. In Body, BASE stands for the
// server's own origin.
type Answer struct {
	Status int
	Body   string
	Header map[string]string
	Drop   bool
}

// Server gives its answers in their order and the last one again and again.
type Server struct {
	Cloud cloud.Cloud

	mu          sync.Mutex
	requests    []Request
	connections int
}

// Serve starts a server that ends with the test.
func Serve(t testing.TB, answers ...Answer) *Server {
	t.Helper()
	s := &Server{}
	h := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		n := len(s.requests)
		s.requests = append(s.requests, Request{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, string(body), r.Header.Clone()})
		s.mu.Unlock()
		a := answers[min(n, len(answers)-1)]
		if a.Drop {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", "application/json")
		for k, v := range a.Header {
			w.Header().Set(k, v)
		}
		if a.Status != 0 {
			w.WriteHeader(a.Status)
		}
		_, _ = io.WriteString(w, strings.ReplaceAll(a.Body, "BASE", "https://"+r.Host))
	}))
	h.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.mu.Lock()
			s.connections++
			s.mu.Unlock()
		}
	}
	h.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are part of the tests
	h.EnableHTTP2 = true
	h.StartTLS()
	t.Cleanup(h.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.Cloud, err = cloud.Custom(h.URL, ca); err != nil {
		t.Fatal(err)
	}
	return s
}

// Requests returns what came so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Only returns the single request that came.
func (s *Server) Only(t testing.TB) Request {
	t.Helper()
	rs := s.Requests()
	if len(rs) != 1 {
		t.Fatalf("%d requests came, want 1: %v", len(rs), rs)
	}
	return rs[0]
}

// Connections returns how many connections were made.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Token gives a token that is good for an hour.
func Token(context.Context) (secret.Value, time.Time, error) {
	return secret.New("the-token"), time.Now().Add(time.Hour), nil
}

var _ azure.TokenFunc = Token
