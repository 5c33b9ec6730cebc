// Package loopback listens on this machine for the browser that Microsoft sends back after a sign-in (RFC 8252, section 7.3).
//
// Others on the machine can reach the address too. They can neither use the code, for want of the proof key, which stays at
// the server, nor bring one of their own, which would not have the state that is waited for.
package loopback

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/evercred/evercred/internal/secret"
)

// Listener waits for one browser.
type Listener struct {
	port    int
	sockets []net.Listener
	server  *http.Server
	came    chan secret.Value
	state   secret.Value
}

// Listen opens a free port of the loopback addresses. A browser takes localhost for either of them, so both are listened on
// where both are there. Close it.
func Listen(ctx context.Context) (*Listener, error) {
	var lc net.ListenConfig
	first, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for the browser: %w", err)
	}
	tcp, ok := first.Addr().(*net.TCPAddr)
	if !ok {
		_ = first.Close()
		return nil, errors.New("listening for the browser: the address is none of TCP")
	}
	l := &Listener{port: tcp.Port, sockets: []net.Listener{first}, came: make(chan secret.Value, 1)}
	if second, err := lc.Listen(ctx, "tcp", net.JoinHostPort("::1", strconv.Itoa(tcp.Port))); err == nil {
		l.sockets = append(l.sockets, second)
	}
	return l, nil
}

// URI is where the browser is to be sent back to.
func (l *Listener) URI() string { return "http://localhost:" + strconv.Itoa(l.port) }

// Serve begins to answer browsers. Only one that brings the state is taken for the one that is waited for.
func (l *Listener) Serve(state secret.Value) {
	l.state = state
	l.server = &http.Server{Handler: http.HandlerFunc(l.answer), ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	for _, s := range l.sockets {
		go func() { _ = l.server.Serve(s) }() // it ends with Close
	}
}

// Came gives the address that the browser was sent back to, once.
func (l *Listener) Came() <-chan secret.Value { return l.came }

// Close ends the listening, after the last page has been sent.
func (l *Listener) Close() {
	if l.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if l.server.Shutdown(ctx) != nil {
			_ = l.server.Close()
		}
	}
	for _, s := range l.sockets {
		_ = s.Close()
	}
}

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Evercred: sign-in</title>
<h1>Back to the terminal</h1><p>The sign-in goes on there. You can close this tab.</p></html>
`

// answer takes what a browser brings, and sends it on at once to an address without the code.
func (l *Listener) answer(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	q := r.URL.Query()
	switch {
	case r.Method != http.MethodGet:
		w.WriteHeader(http.StatusMethodNotAllowed)
	case r.URL.Path == "/done":
		h.Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page))
	case r.URL.Path != "/" || !q.Has("code") && !q.Has("error"):
		w.WriteHeader(http.StatusNotFound)
	case subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(l.state.Reveal())) != 1:
		w.WriteHeader(http.StatusForbidden)
	default:
		select {
		case l.came <- secret.New(l.URI() + "/?" + r.URL.RawQuery):
		default: // it has come already
		}
		http.Redirect(w, r, "/done", http.StatusSeeOther)
	}
}
