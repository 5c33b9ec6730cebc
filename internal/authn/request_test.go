package authn_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/evercred/evercred/internal/authn"
	"github.com/evercred/evercred/internal/fault"
)

func TestCookie(t *testing.T) {
	b := newBench(t)
	r := b.request(http.MethodPost, nil)
	s, err := b.Begin(r, admin(), "token")
	if err != nil {
		t.Fatal(err)
	}
	plain := b.Cookie(r, s)
	if !plain.HttpOnly || plain.SameSite != http.SameSiteStrictMode || plain.Path != "/" || plain.Secure || plain.Domain != "" || plain.MaxAge != int(authn.Idle.Seconds()) {
		t.Errorf("%+v", plain)
	}
	r.TLS = &tls.ConnectionState{}
	if !b.Cookie(r, s).Secure {
		t.Error("by TLS it is not Secure")
	}
	if gone := b.Cookie(r, nil); gone.MaxAge >= 0 || gone.Value != "" {
		t.Errorf("%+v", gone)
	}
	proxied, err := authn.New(authn.Config{Store: b.store, BaseURL: "https://evercred.example"})
	if err != nil {
		t.Fatal(err)
	}
	if c := proxied.Cookie(httptest.NewRequest(http.MethodPost, "http://evercred.example/", nil), s); !c.Secure {
		t.Error("behind a proxy with TLS it is not Secure")
	}
}

func TestOtherPagesAreRefused(t *testing.T) {
	b := newBench(t)
	cookie := b.begin(nil)
	for _, c := range []struct {
		name, method string
		headers      []string
		want         fault.Code
	}{
		{"the page", "POST", []string{"Sec-Fetch-Site", "same-origin", "Origin", page}, ""},
		{"an older browser at the page", "POST", []string{"Origin", page}, ""},
		{"no browser", "POST", nil, ""},
		{"another page", "POST", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, fault.Refused},
		{"another port", "DELETE", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://evercred.example:9999"}, fault.Refused},
		{"an older browser at another page", "POST", []string{"Origin", "https://evil.example"}, fault.Refused},
		{"another page that reads", "GET", []string{"Sec-Fetch-Site", "cross-site"}, ""},
		{"another page, with the token", "POST", []string{"Sec-Fetch-Site", "cross-site", "Authorization", "Bearer " + token}, ""},
	} {
		_, err := b.Authenticate(b.request(c.method, cookie, c.headers...))
		got := fault.Code("")
		if f := fault.From(err); f != nil {
			got = f.Code
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestATokenThatIsSentDecides(t *testing.T) {
	b := newBench(t)
	cookie := b.begin(nil)
	who, err := b.Authenticate(b.request(http.MethodGet, cookie, "Authorization", "bearer "+token))
	if err != nil || who.Session != nil || who.Caller.Via != "api" {
		t.Errorf("%+v, %v", who, err)
	}
	for _, header := range []string{"Bearer", "Bearer wrong", "Basic " + token} {
		if _, err := b.Authenticate(b.request(http.MethodGet, cookie, "Authorization", header)); !fault.Is(err, fault.Unauthorized) {
			t.Errorf("%q: %v", header, err)
		}
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		"http://127.0.0.1:8080": true, "https://evercred.example.com/": true,
		"": false, "evercred.example.com": false, "ftp://x": false, "https://x/path": false, "https://u:p@x": false, "https://x?q": false, "https://x/#f": false,
	} {
		if _, err := authn.ParseBaseURL(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}
