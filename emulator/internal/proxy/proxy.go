// Package proxy is the emulator's way in for clients whose endpoints cannot be configured: an HTTP forward proxy that
// lets CONNECT through to Microsoft's own host names, where the emulator itself answers, and to nothing else. It never
// opens a connection to anywhere: whoever uses it cannot reach the real cloud by mistake.
package proxy

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"github.com/evercred/evercred/emulator/internal/cloud"
)

// Config is what the proxy needs. All is required.
type Config struct {
	// Enter serves a connection as if it had just been made to the emulator. It returns when the connection has been
	// taken or closed, and closes it if it does not begin with TLS.
	Enter func(net.Conn)
	// Own says whether host:port is the emulator itself.
	Own func(address string) bool
	// Page is the page for people that enter a device code. Its path is /devicelogin.
	Page   http.Handler
	Logger *slog.Logger
}

// Proxy answers CONNECT and requests in absolute form. It is safe for concurrent use.
type Proxy struct{ Config }

// New makes the proxy.
func New(c Config) *Proxy { return &Proxy{c} }

// Asked says whether a request is one to a proxy, not to a server (RFC 9112, sections 3.2.2 and 3.2.3).
func Asked(r *http.Request) bool { return r.Method == http.MethodConnect || r.URL.IsAbs() }

// ServeHTTP opens the tunnel, or says why not.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		p.absolute(w, r)
		return
	}
	if !p.answersFor(r.Host) {
		p.Logger.DebugContext(r.Context(), "proxy refused", "host", r.Host)
		refuse(w, fmt.Sprintf("The emulator's proxy does not lead to %s. It stands in for Microsoft's sign-in, Graph and Resource Manager hosts on port 443 and reaches nothing else: %s.",
			quote(r.Host), strings.Join(cloud.Hosts(), ", ")))
		return
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		refuse(w, "This connection cannot become a tunnel. CONNECT needs HTTP/1.1.")
		return
	}
	if _, err := conn.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		_ = conn.Close() // the client has gone
		return
	}
	p.Enter(withBuffered(conn, buffered.Reader))
}

// answersFor: Microsoft's hosts on the port of https, and the emulator by its own names.
func (p *Proxy) answersFor(address string) bool {
	if p.Own(address) {
		return true
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || port != "443" {
		return false
	}
	_, service := cloud.Find(host)
	return service != cloud.None
}

// absolute answers what a browser that uses the proxy asks over plain http. Only the page of the device code flow is
// there; Microsoft's hosts take https only.
func (p *Proxy) absolute(w http.ResponseWriter, r *http.Request) {
	host := strings.ToLower(r.URL.Hostname())
	page := strings.ToLower(strings.TrimRight(r.URL.Path, "/"))
	switch {
	case r.URL.Scheme != "http":
	case (host == "microsoft.com" || host == "www.microsoft.com") && (page == "/devicelogin" || page == "/link"):
		r.URL.Path, r.URL.RawPath = "/devicelogin", ""
		p.Page.ServeHTTP(w, r)
		return
	case host == "aka.ms" && page == "/devicelogin", host == "login.microsoft.com" && page == "/device":
		http.Redirect(w, r, "http://microsoft.com/devicelogin", http.StatusFound)
		return
	}
	if _, service := cloud.Find(host); service != cloud.None {
		refuse(w, fmt.Sprintf("%s takes https only. Set the proxy for https (HTTPS_PROXY) and trust the emulator's CA.", quote(host)))
		return
	}
	refuse(w, fmt.Sprintf("The emulator's proxy does not lead to %s. Over plain http it has http://microsoft.com/devicelogin only; exempt other hosts from the proxy (NO_PROXY).", quote(host)))
}

func quote(host string) string {
	const most = 200
	if len(host) > most {
		host = host[:most]
	}
	return fmt.Sprintf("%q", strings.ToValidUTF8(host, ""))
}

func refuse(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusForbidden)
	_, _ = w.Write([]byte(text + "\n")) // a client that left does not matter
}

// withBuffered is the connection with what the client sent before it had the answer, which the server has read already.
func withBuffered(conn net.Conn, r *bufio.Reader) net.Conn {
	if r.Buffered() == 0 {
		return conn
	}
	early, _ := r.Peek(r.Buffered()) // what is buffered can be peeked
	return &earlyConn{conn, append([]byte(nil), early...)}
}

type earlyConn struct {
	net.Conn
	early []byte
}

func (c *earlyConn) Read(b []byte) (int, error) {
	if len(c.early) > 0 && len(b) > 0 {
		n := copy(b, c.early)
		c.early = c.early[n:]
		return n, nil
	}
	return c.Conn.Read(b)
}
