package emulator

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/evercred/evercred/emulator/internal/exchange"
)

const (
	headerTimeout = 10 * time.Second // for the first byte of a connection and for a request's head
	readTimeout   = time.Minute
	writeTimeout  = 15 * time.Minute // above the longest delay of a fault
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
	maxBody       = 16 << 20
	closeTimeout  = 2 * time.Second // for requests under way at Close
)

// listen opens the address. For a port of 0 the preferred one is tried first. On IPv4 loopback the same port of IPv6
// loopback is opened too, if it can be, since localhost may mean either.
func listen(ctx context.Context, address string, preferred int) ([]net.Listener, error) {
	var config net.ListenConfig
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listening on %q: %w", address, err)
	}
	var first net.Listener
	if port == "0" && preferred != 0 {
		first, _ = config.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(preferred))) // else any will do
	}
	if first == nil {
		if first, err = config.Listen(ctx, "tcp", address); err != nil {
			return nil, fmt.Errorf("listening: %w", err)
		}
	}
	list := []net.Listener{first}
	if at, ok := first.Addr().(*net.TCPAddr); ok && at.IP.Equal(net.IPv4(127, 0, 0, 1)) {
		if second, err := config.Listen(ctx, "tcp6", net.JoinHostPort("::1", strconv.Itoa(at.Port))); err == nil {
			list = append(list, second)
		}
	}
	return list, nil
}

type frontConfig struct {
	Listeners []net.Listener
	TLS       *tls.Config
	Secure    http.Handler // by TLS
	// Plain makes the handler of plain HTTP. tunnel serves a connection that a client made through the proxy.
	Plain  func(tunnel func(net.Conn)) http.Handler
	Logger *slog.Logger
}

// front serves TLS and plain HTTP on the same listeners.
type front struct {
	splitter *splitter
	servers  []*http.Server
	serving  sync.WaitGroup
	failed   chan struct{} // closed when a server ended by itself

	mu      sync.Mutex
	err     error
	active  int // requests under way
	closing bool
	idle    chan struct{} // closed when the last of them ends after closing
}

// serve starts. requests is the context of all requests; close expects it to be ended first.
func serve(requests context.Context, c frontConfig) *front {
	f := &front{splitter: newSplitter(c.Listeners, c.Logger), failed: make(chan struct{}), idle: make(chan struct{})}
	server := func(h http.Handler, config *tls.Config) *http.Server {
		s := &http.Server{
			Handler: f.track(h), TLSConfig: config,
			ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
			MaxHeaderBytes: maxHeader, BaseContext: func(net.Listener) context.Context { return requests }, ConnContext: exchange.WithConnection,
			ErrorLog: slog.NewLogLogger(c.Logger.Handler(), slog.LevelDebug), // bad handshakes and such
		}
		f.servers = append(f.servers, s)
		return s
	}
	secure, plain := server(c.Secure, c.TLS), server(c.Plain(f.splitter.tunnel), nil) // net/http changes the config: not to be shared
	f.serving.Go(func() { f.ended(secure.ServeTLS(f.splitter.secure, "", "")) })
	f.serving.Go(func() { f.ended(plain.Serve(f.splitter.plain)) })
	f.serving.Go(func() { f.ended(f.splitter.run()) })
	return f
}

// ended notes why a server ended, if not by close.
func (f *front) ended(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closing || f.err != nil {
		return
	}
	f.err = fmt.Errorf("serving: %w", err)
	close(f.failed)
}

// track counts the requests under way and bounds their bodies.
func (f *front) track(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		closing := f.closing
		if !closing {
			f.active++
		}
		f.mu.Unlock()
		if closing {
			panic(http.ErrAbortHandler)
		}
		defer func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			if f.active--; f.closing && f.active == 0 {
				close(f.idle)
			}
		}()
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// close lets the requests under way end, for a while, and cuts all connections.
func (f *front) close() error {
	f.mu.Lock()
	f.closing = true
	if f.active == 0 {
		close(f.idle)
	}
	f.mu.Unlock()
	errs := []error{f.err}
	f.splitter.stop()
	wait := time.NewTimer(closeTimeout)
	defer wait.Stop()
	select {
	case <-f.idle:
	case <-wait.C:
	}
	for _, s := range f.servers {
		if err := s.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	f.serving.Wait()
	return errors.Join(errs...)
}
