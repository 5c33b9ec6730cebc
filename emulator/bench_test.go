package emulator_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator"
	"github.com/evercred/evercred/emulator/emulatortest"
)

// Each benchmark compares the emulator with the least that could do the same, in the same run, so that what it prints
// says something on any machine. The client is part of what is measured, on both sides.

// BenchmarkToken gets tokens with a secret; %signing is their rate as a share of bare RSA-2048 signatures on all cores,
// of which a token takes one. At least 40 is wanted.
func BenchmarkToken(b *testing.B) {
	e := emulatortest.Start(b)
	env := e.Env()
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {env["APP_ID"]}, "client_secret": {env["APP_SECRET"]}, "scope": {graphScope},
	}.Encode()
	address := e.BaseURL() + "/" + env["TENANT_ID"] + "/oauth2/v2.0/token"
	do := requester(b, e.HTTPClient(), func(ctx context.Context) (*http.Request, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form))
		if err == nil {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		return req, err
	})
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("token"))
	bare := func() error {
		_, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
		return err
	}
	compare(b, "%signing", do, bare)
}

// BenchmarkGraphRead reads an application by its id; %bare is its rate as a share of a handler of net/http that sends
// the same bytes over TLS. At least 50 is wanted.
func BenchmarkGraphRead(b *testing.B) {
	e := emulatortest.Start(b)
	bearer := benchToken(b, e)
	get := func(address string) func(context.Context) (*http.Request, error) {
		return func(ctx context.Context) (*http.Request, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
			if err == nil {
				req.Header.Set("Authorization", "Bearer "+bearer)
			}
			return req, err
		}
	}
	address := e.BaseURL() + "/v1.0/applications/" + e.Env()["APP_OBJECT_ID"]
	client := e.HTTPClient()
	header, body := sample(b, client, get(address))
	bare := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		maps.Copy(w.Header(), header)
		_, _ = w.Write(body)
	}))
	bare.EnableHTTP2 = true
	bare.Config.ErrorLog = log.New(io.Discard, "", 0)
	bare.StartTLS()
	b.Cleanup(bare.Close)
	compare(b, "%bare", requester(b, client, get(address)), requester(b, bareClient(b, bare), get(bare.URL)))
}

// BenchmarkLookup finds an application by its app id among 10,000; %of100 is its rate as a share of the same among 100.
// About 100 is wanted.
func BenchmarkLookup(b *testing.B) {
	among := func(n int) func() error {
		e := emulatortest.Start(b)
		fill(b, e, n)
		bearer := benchToken(b, e)
		address := e.BaseURL() + "/v1.0/applications?$filter=appId%20eq%20'" + e.Env()["APP_ID"] + "'"
		return requester(b, e.HTTPClient(), func(ctx context.Context) (*http.Request, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
			if err == nil {
				req.Header.Set("Authorization", "Bearer "+bearer)
			}
			return req, err
		})
	}
	compare(b, "%of100", among(10_000), among(100))
}

// BenchmarkColdStart starts an emulator with nothing: keys, certificates, tenant, ports. At most 150 ms is wanted.
func BenchmarkColdStart(b *testing.B) {
	for b.Loop() {
		s, err := emulator.Start(b.Context(), emulator.Config{})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer() // it ends while keys are in the making
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/start")
}

// BenchmarkWarmStart starts an emulator on the folder of one that was.
func BenchmarkWarmStart(b *testing.B) {
	e := emulatortest.Start(b)
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := emulator.Start(b.Context(), emulator.Config{Data: e.DataDir()})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/start")
}

// compare measures ours as the benchmark, and the other as often in turns with it, so that a busy machine slows both
// alike. The metric is the rate of ours in percent of the other's.
func compare(b *testing.B, metric string, ours, other func() error) {
	b.Helper()
	for range 50 { // connections, caches
		if err := ours(); err != nil {
			b.Fatal(err)
		}
		if err := other(); err != nil {
			b.Fatal(err)
		}
	}
	var spent, spentOther time.Duration
	b.ResetTimer()
	for left := b.N; left > 0; {
		n := min(left, 200)
		spent += parallel(b, n, ours)
		b.StopTimer()
		spentOther += parallel(b, n, other)
		b.StartTimer()
		left -= n
	}
	b.ReportMetric(100*spentOther.Seconds()/spent.Seconds(), metric)
	b.ReportMetric(float64(b.N)/spent.Seconds(), "requests/s")
}

// parallel does something n times with four at once, and says how long that took.
func parallel(b *testing.B, n int, do func() error) time.Duration {
	b.Helper()
	const workers = 4
	var left atomic.Int64
	left.Store(int64(n))
	failed := make(chan error, workers)
	start := time.Now()
	for range workers {
		go func() {
			for left.Add(-1) >= 0 {
				if err := do(); err != nil {
					failed <- err
					return
				}
			}
			failed <- nil
		}()
	}
	for range workers {
		if err := <-failed; err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start)
}

// requester makes a function that sends a request and wants 200.
func requester(b *testing.B, client *http.Client, request func(context.Context) (*http.Request, error)) func() error {
	b.Helper()
	ctx := context.WithoutCancel(b.Context())
	return func() error {
		req, err := request(ctx)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return err
		}
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", req.URL.Path, resp.Status)
		}
		return nil
	}
}

func sample(b *testing.B, client *http.Client, request func(context.Context) (*http.Request, error)) (http.Header, []byte) {
	b.Helper()
	req, err := request(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	return resp.Header, body
}

func bareClient(b *testing.B, s *httptest.Server) *http.Client {
	b.Helper()
	trusted, ok := s.Client().Transport.(*http.Transport)
	if !ok {
		b.Fatal("the test server's client has another transport")
	}
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: trusted.TLSClientConfig.RootCAs, MinVersion: tls.VersionTLS12}}
	b.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}
