package emulator

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"
)

// tlsHandshake is the first byte of every TLS connection: a record of type handshake (RFC 8446, section 5.1).
const tlsHandshake = 0x16

// splitter accepts connections and tells TLS from plain HTTP by their first byte. Each waits for that byte in a
// goroutine of its own, so that a silent client holds up nobody.
type splitter struct {
	listeners []net.Listener
	logger    *slog.Logger
	secure    *queue
	plain     *queue
	done      chan struct{}

	mu      sync.Mutex
	stopped bool
	waiting map[net.Conn]struct{} // for their first byte
	work    sync.WaitGroup
}

func newSplitter(listeners []net.Listener, logger *slog.Logger) *splitter {
	done := make(chan struct{})
	mk := func() *queue { return &queue{listeners[0].Addr(), make(chan net.Conn), done} }
	return &splitter{listeners: listeners, logger: logger, secure: mk(), plain: mk(), done: done, waiting: map[net.Conn]struct{}{}}
}

// run accepts until stop, or until a listener fails for good.
func (s *splitter) run() error {
	ended := make(chan error, len(s.listeners))
	for _, l := range s.listeners {
		s.work.Go(func() { ended <- s.accept(l) })
	}
	err := <-ended
	s.stop()
	s.work.Wait()
	return err
}

func (s *splitter) accept(l net.Listener) error {
	for pause := time.Duration(0); ; {
		conn, err := l.Accept()
		if err == nil {
			pause = 0
			s.work.Go(func() { s.sort(conn) })
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		// Out of file descriptors, most likely: others will be closed.
		pause = min(max(2*pause, 5*time.Millisecond), time.Second)
		s.logger.Warn("accepting a connection failed", "error", err, "again_in", pause)
		wait := time.NewTimer(pause)
		select {
		case <-wait.C:
		case <-s.done:
			wait.Stop()
			return net.ErrClosed
		}
	}
}

// sort sends a new connection to the server of its kind.
func (s *splitter) sort(conn net.Conn) {
	if first, ok := s.first(conn); ok {
		to := s.plain
		if first == tlsHandshake {
			to = s.secure
		}
		to.take(conn, first)
	}
}

// tunnel takes a connection that came through the proxy, where there is nothing but TLS.
func (s *splitter) tunnel(conn net.Conn) {
	first, ok := s.first(conn)
	switch {
	case !ok:
	case first == tlsHandshake:
		s.secure.take(conn, first)
	default:
		_ = conn.Close()
	}
}

// first waits for the first byte. Without one the connection is closed.
func (s *splitter) first(conn net.Conn) (byte, bool) {
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()
		_ = conn.Close()
		return 0, false
	}
	s.waiting[conn] = struct{}{}
	s.mu.Unlock()

	first := make([]byte, 1)
	_ = conn.SetReadDeadline(time.Now().Add(headerTimeout)) // fails on a closed connection, as the read then does
	_, err := conn.Read(first)
	if err == nil {
		err = conn.SetReadDeadline(time.Time{})
	}

	s.mu.Lock()
	delete(s.waiting, conn)
	s.mu.Unlock()
	if err != nil {
		_ = conn.Close()
	}
	return first[0], err == nil
}

// stop closes the listeners and the connections that have said nothing yet.
func (s *splitter) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return
	}
	s.stopped = true
	close(s.done)
	for _, l := range s.listeners {
		_ = l.Close()
	}
	for conn := range s.waiting {
		_ = conn.Close()
	}
}

// queue is the listener of one of the two kinds.
type queue struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
}

// take gives the server a connection whose first byte has been read; at the end it closes it.
func (q *queue) take(conn net.Conn, first byte) {
	select {
	case q.conns <- &startedConn{Conn: conn, first: []byte{first}}:
	case <-q.done:
		_ = conn.Close()
	}
}

func (q *queue) Accept() (net.Conn, error) {
	select {
	case c := <-q.conns:
		return c, nil
	case <-q.done:
		return nil, net.ErrClosed
	}
}

func (q *queue) Close() error   { return nil } // the splitter closes the real one
func (q *queue) Addr() net.Addr { return q.addr }

// startedConn is a connection whose first byte has been read already.
type startedConn struct {
	net.Conn
	first []byte
}

func (c *startedConn) Read(b []byte) (int, error) {
	if len(c.first) > 0 && len(b) > 0 {
		n := copy(b, c.first)
		c.first = c.first[n:]
		return n, nil
	}
	return c.Conn.Read(b)
}
