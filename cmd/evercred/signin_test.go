package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/entra"
)

// TestSignIn drives the ways to sign in other than by a code, with a stand-in for the browser's opener and for the Azure CLI.
func TestSignIn(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/signin",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits, "demo": demo, "as": as, "person": person, "tokens": tokens, "using": using, "withid": withID,
		},
	})
}

// person waits until the browser was opened, and signs in there: person USER DECISION.
func person(ts *testscript.TestScript, _ bool, args []string) {
	opened := ts.MkAbs("opened")
	var address []byte
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); ; {
		var err error
		if address, err = os.ReadFile(opened); err == nil {
			break
		}
		if time.Now().After(end) {
			ts.Fatalf("no browser was opened")
		}
		<-tick.C
	}
	ts.Check(os.Remove(opened))
	c := emulatorClient(ts)
	defer c.CloseIdleConnections()
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	back := ask(ts, c, http.MethodPost, string(address), url.Values{"user": {args[0]}, "decision": {args[1]}})
	where, err := back.Location()
	ts.Check(err)
	landed := ask(ts, c, http.MethodGet, where.String(), nil)
	if landed.StatusCode != http.StatusSeeOther || landed.Header.Get("Location") != "/done" || landed.Header.Get("Referrer-Policy") != "no-referrer" {
		ts.Fatalf("the program answered the browser with %s %v", landed.Status, landed.Header)
	}
}

func ask(ts *testscript.TestScript, c *http.Client, method, address string, form url.Values) *http.Response {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	ts.Check(err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := c.Do(r)
	ts.Check(err)
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res
}

func emulatorClient(ts *testscript.TestScript) *http.Client {
	pem, err := os.ReadFile(env(ts, ts.Getenv("EMULATOR_ENV"))["CA_FILE"])
	ts.Check(err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
}

// tokens writes what the Azure CLI would print for a person who is signed in there: tokens USER.
func tokens(ts *testscript.TestScript, _ bool, args []string) {
	vars := env(ts, ts.Getenv("EMULATOR_ENV"))
	custom, err := cloud.Custom(vars["BASE_URL"], vars["CA_FILE"])
	ts.Check(err)
	client, err := entra.New(entra.Config{Cloud: custom})
	ts.Check(err)
	ctx := context.Background()
	code, err := client.StartDeviceCode(ctx, vars["TENANT_ID"], custom.ManagementScope)
	ts.Check(err)
	ts.Check(control(ts, "/_emulator/devicecodes/"+code.UserCode+"/approve", `{"user":"`+args[0]+`"}`))
	management, err := client.RedeemDeviceCode(ctx, vars["TENANT_ID"], code.Device)
	ts.Check(err)
	graph, err := client.Refresh(ctx, vars["TENANT_ID"], management.Refresh, custom.GraphScope)
	ts.Check(err)
	for name, t := range map[string]entra.Token{"arm": management, "ms-graph": graph} {
		raw, err := json.Marshal(map[string]any{
			"accessToken": t.Access.Reveal(), "expiresOn": "2026-01-01 00:00:00.000000", "expires_on": t.ExpiresAt.Unix(), "tokenType": "Bearer",
		})
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs("az-"+name+".json"), raw, 0o600))
	}
}

// using runs the program with --sign-in-id and the id in a file: using FILE ARG...
func using(ts *testscript.TestScript, neg bool, args []string) {
	evercred(ts, neg, append(args[1:], "--sign-in-id", idIn(ts, args[0])))
}

// withID runs the program with the id in a file as its last argument: withid FILE ARG...
func withID(ts *testscript.TestScript, neg bool, args []string) {
	evercred(ts, neg, append(args[1:], idIn(ts, args[0])))
}

func idIn(ts *testscript.TestScript, file string) string {
	return strings.TrimSpace(ts.ReadFile(file))
}

func evercred(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec("evercred", args...)
	var failed interface{ ExitCode() int }
	switch {
	case err == nil && neg:
		ts.Fatalf("unexpected success")
	case err != nil && !neg, err != nil && !errors.As(err, &failed):
		ts.Fatalf("%v", err)
	}
}
