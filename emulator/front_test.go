package emulator_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
)

func TestOneOrigin(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	client := e.HTTPClient()
	resp, err := client.Get(e.BaseURL() + "/" + e.Env()["TENANT_ID"] + "/v2.0/.well-known/openid-configuration")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.ProtoMajor != 2 || resp.StatusCode != 200 {
		t.Errorf("TLS: %s, %s", resp.Proto, resp.Status)
	}
	if n := resp.TLS.PeerCertificates[0].NotAfter; n.Before(time.Now().Add(30 * 24 * time.Hour)) {
		t.Errorf("the TLS certificate ends %v", n)
	}
	for _, host := range []string{"127.0.0.1", "::1", "localhost"} {
		if err := resp.TLS.PeerCertificates[0].VerifyHostname(host); err != nil {
			t.Error(err)
		}
	}

	plain := strings.Replace(e.BaseURL(), "https://", "http://", 1)
	for path, want := range map[string]int{"/devicelogin": 200, "/": 400, "/v1.0/me": 400, "/_emulator/clock": 400, "/devicelogin/../v1.0/me": 400} {
		resp, err := client.Get(plain + path)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != want || want == 400 && !strings.Contains(string(text), "https") {
			t.Errorf("plain HTTP, %s: %s: %s", path, resp.Status, text)
		}
	}

	var code struct {
		UserCode        string `json:"user_code"`
		VerificationURI string `json:"verification_uri"`
	}
	form := strings.NewReader(url.Values{"client_id": {"04b07795-8ddb-461a-bbee-02f9e1bf7b46"}, "scope": {armScope}}.Encode())
	req, err := http.NewRequestWithContext(t.Context(), "POST", e.BaseURL()+"/organizations/oauth2/v2.0/devicecode", form)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	call(t, client, req, 200, &code)
	if code.VerificationURI != plain+"/devicelogin" {
		t.Errorf("verification_uri %s", code.VerificationURI)
	}
}

// raw sends text on a connection of its own and returns the answer's status and body.
func raw(t *testing.T, e *emulatortest.Emulator, text string) (int, string) {
	t.Helper()
	pem, err := os.ReadFile(e.Env()["CA_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	conn, err := tls.Dial("tcp", strings.TrimPrefix(e.BaseURL(), "https://"), &tls.Config{RootCAs: roots})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

func TestHostilePaths(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	for _, path := range []string{
		"/v1.0/../_emulator/requests", "/v1.0/%2e%2e/_emulator/requests", "/..%2f..%2fetc%2fpasswd", "/./v1.0/me",
		"/subscriptions/%00", "/v1.0/applications/..", "/devicelogin/..",
	} {
		if status, body := raw(t, e, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); status != 400 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	for _, path := range []string{"//", "/%", "/v1.0", "/v1.0/", "/beta//", "/subscriptions//", "/%ff/%fe", "/V1.0/me", "/Subscriptions?api-version=2020-01-01", "/?a=%zz"} {
		status, body := raw(t, e, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		if status >= 500 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _ := raw(t, e, "GET /v1.0/me HTTP/1.1\r\nHost: localhost\r\nX-Long: "+strings.Repeat("x", 200<<10)+"\r\n\r\n"); status != 431 {
		t.Errorf("a head of 200 KiB: %d", status)
	}
	if status, _ := raw(t, e, "POST /_emulator/clock HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nContent-Length: 16\r\nConnection: close\r\n\r\n{\"advance\":\"1h\"}"); status != 403 {
		t.Errorf("a control from another origin's page: %d", status)
	}
}

// A client that connects and says nothing holds up neither others nor the end.
func TestSilentConnections(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	for range 20 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(e.BaseURL(), "https://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	e.Now()
	start := time.Now()
	e.Restart()
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("a restart took %v", took)
	}
}
