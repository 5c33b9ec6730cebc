package proxy_test

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/evercred/evercred/emulator/internal/cloud"
	"github.com/evercred/evercred/emulator/internal/proxy"
)

// newProxy echoes what comes through its tunnels.
func newProxy(t *testing.T) string {
	t.Helper()
	p := proxy.New(proxy.Config{
		Enter: func(c net.Conn) {
			defer c.Close()
			_, _ = io.Copy(c, c)
		},
		Own:    func(address string) bool { return address == "localhost:8443" },
		Page:   http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "page "+r.URL.Path) }),
		Logger: slog.New(slog.DiscardHandler),
	})
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func TestConnect(t *testing.T) {
	t.Parallel()
	address := newProxy(t)
	allowed := []string{"localhost:8443", "LOGIN.microsoftonline.com:443"}
	for _, h := range cloud.Hosts() {
		allowed = append(allowed, h+":443")
	}
	refused := []string{
		"example.com:443", "graph.microsoft.com:80", "graph.microsoft.com:8443", "localhost:22", "localhost:443", "127.0.0.1:8443", "169.254.169.254:80",
		"graph.microsoft.com.evil.example:443", "vault.azure.net:443", "www.microsoft.com:443",
	}
	connect := func(target, early string) (*http.Response, *bufio.Reader, net.Conn) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := io.WriteString(conn, "CONNECT "+target+" HTTP/1.1\r\nHost: "+target+"\r\n\r\n"+early); err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(conn)
		resp, err := http.ReadResponse(in, &http.Request{Method: http.MethodConnect})
		if err != nil {
			t.Fatal(err)
		}
		return resp, in, conn
	}
	for _, target := range allowed {
		resp, in, conn := connect(target, "early,")
		if resp.StatusCode != 200 {
			t.Errorf("%s: %s", target, resp.Status)
			continue
		}
		if _, err := io.WriteString(conn, "late"); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len("early,late"))
		if _, err := io.ReadFull(in, got); err != nil || string(got) != "early,late" {
			t.Errorf("%s: %q %v", target, got, err)
		}
	}
	for _, target := range refused {
		resp, _, _ := connect(target, "")
		text, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != 403 || !strings.Contains(string(text), "does not lead to") || !strings.Contains(string(text), "graph.microsoft.com") {
			t.Errorf("%s: %s %s", target, resp.Status, text)
		}
	}
}

func TestAbsolute(t *testing.T) {
	t.Parallel()
	address := newProxy(t)
	for url, want := range map[string]struct {
		status int
		text   string
	}{
		"http://microsoft.com/devicelogin":     {200, "page /devicelogin"},
		"http://www.Microsoft.com/devicelogin": {200, "page /devicelogin"},
		"http://microsoft.com/link":            {200, "page /devicelogin"},
		"http://aka.ms/devicelogin":            {302, "http://microsoft.com/devicelogin"},
		"http://login.microsoft.com/device":    {302, ""},
		"http://microsoft.com/":                {403, "does not lead to"},
		"http://graph.microsoft.com/v1.0/me":   {403, "takes https only"},
		"http://example.com/":                  {403, "NO_PROXY"},
		"ftp://microsoft.com/devicelogin":      {403, ""},
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		host := strings.Split(url, "/")[2]
		if _, err := io.WriteString(conn, "GET "+url+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != want.status || !strings.Contains(string(text)+resp.Header.Get("Location"), want.text) {
			t.Errorf("%s: %s %s", url, resp.Status, text)
		}
		conn.Close()
	}
}
