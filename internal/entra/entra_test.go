package entra_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/azure/azuretest"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/secret"
)

const (
	tenant   = "aaaaaaaa-0000-4000-8000-00000000000a"
	appID    = "bbbbbbbb-0000-4000-8000-00000000000b"
	scope    = "https://management.core.windows.net//.default"
	goodBody = `{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"at"}`
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func client(t *testing.T, s *azuretest.Server) *entra.Client {
	t.Helper()
	c, err := entra.New(entra.Config{Cloud: s.Cloud, Clock: clock.NewManual(start)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func form(t *testing.T, r azuretest.Request) map[string]string {
	t.Helper()
	if r.Method != "POST" || r.Query != "" || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		t.Errorf("sent %s with query %q as %q", r.Method, r.Query, r.Header.Get("Content-Type"))
	}
	values, err := url.ParseQuery(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for k := range values {
		got[k] = values.Get(k)
	}
	return got
}

func TestAppTokenBySecret(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t, azuretest.Answer{Body: goodBody})
	got, err := client(t, s).AppToken(t.Context(), tenant, appID, entra.Credential{Secret: secret.New("a~b&c=d")}, scope)
	if err != nil {
		t.Fatal(err)
	}
	if got.Access.Reveal() != "at" || !got.ExpiresAt.Equal(start.Add(3599*time.Second)) || got.Person != nil || !got.Refresh.Empty() {
		t.Errorf("token is %+v", got)
	}
	r := s.Only(t)
	if r.Path != "/"+tenant+"/oauth2/v2.0/token" {
		t.Errorf("asked %s", r.Path)
	}
	want := map[string]string{"grant_type": "client_credentials", "client_id": appID, "client_secret": "a~b&c=d", "scope": scope}
	if diff := cmp.Diff(want, form(t, r)); diff != "" {
		t.Error(diff)
	}
}

func TestAppTokenByCertificate(t *testing.T) {
	t.Parallel()
	bundle, err := certificate.NewSelfSigned("CN=test", 2048, start, start.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	s := azuretest.Serve(t, azuretest.Answer{Body: goodBody})
	if _, err := client(t, s).AppToken(t.Context(), tenant, appID, entra.Credential{Certificate: bundle}, scope); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.Requests() {
		got := form(t, r)
		jws, err := jose.ParseSignedCompact(got["client_assertion"], []jose.SignatureAlgorithm{jose.PS256})
		if err != nil {
			t.Fatal(err)
		}
		payload, err := jws.Verify(&bundle.Key.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		header, _, _ := strings.Cut(got["client_assertion"], ".")
		raw, err := base64.RawURLEncoding.DecodeString(header)
		if err != nil {
			t.Fatal(err)
		}
		var head map[string]any
		var claims map[string]any
		if err := errors.Join(json.Unmarshal(raw, &head), json.Unmarshal(payload, &claims)); err != nil {
			t.Fatal(err)
		}
		thumb := sha256.Sum256(bundle.Leaf.Raw)
		if diff := cmp.Diff(map[string]any{"alg": "PS256", "typ": "JWT", "x5t#S256": base64.RawURLEncoding.EncodeToString(thumb[:])}, head); diff != "" {
			t.Error(diff)
		}
		if id, _ := claims["jti"].(string); id == "" {
			t.Error("the assertion has no id")
		}
		delete(claims, "jti")
		now := float64(start.Unix())
		if diff := cmp.Diff(map[string]any{
			"aud": s.Cloud.Login + "/" + tenant + "/oauth2/v2.0/token", "iss": appID, "sub": appID, "iat": now, "nbf": now, "exp": now + 600,
		}, claims); diff != "" {
			t.Error(diff)
		}
		delete(got, "client_assertion")
		if diff := cmp.Diff(map[string]string{
			"grant_type": "client_credentials", "client_id": appID, "scope": scope,
			"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
		}, got); diff != "" {
			t.Error(diff)
		}
	}
}

// An assertion is used again for five minutes, by the one certificate, for the one application and tenant.
func TestAssertionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	var bundles [2]*certificate.Bundle
	for i := range bundles {
		var err error
		if bundles[i], err = certificate.NewSelfSigned("CN=test", 2048, start, start.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	s := azuretest.Serve(t, azuretest.Answer{Body: goodBody})
	at := clock.NewManual(start)
	c, err := entra.New(entra.Config{Cloud: s.Cloud, Clock: at})
	if err != nil {
		t.Fatal(err)
	}
	for i, ask := range []struct {
		after         time.Duration // since the one before
		tenant, appID string
		by            int
		want          string // the assertions, in the order in which they were first sent
	}{
		{0, tenant, appID, 0, "A"},
		{4 * time.Minute, tenant, appID, 0, "A"},
		{0, tenant, appID, 1, "B"},
		{0, tenant, "another", 0, "C"},
		{0, "elsewhere", appID, 0, "D"},
		{0, tenant, appID, 0, "A"},
		{time.Minute, tenant, appID, 0, "E"},  // A is five minutes old
		{-time.Minute, tenant, appID, 0, "F"}, // the clock was set back
		{30 * time.Second, tenant, appID, 0, "F"},
	} {
		at.Advance(ask.after)
		if _, err := c.AppToken(t.Context(), ask.tenant, ask.appID, entra.Credential{Certificate: bundles[ask.by]}, scope); err != nil {
			t.Fatal(err)
		}
		names := map[string]string{}
		for _, r := range s.Requests() {
			sent := form(t, r)["client_assertion"]
			if names[sent] == "" {
				names[sent] = string(rune('A' + len(names)))
			}
		}
		last := s.Requests()[len(s.Requests())-1]
		if got := names[form(t, last)["client_assertion"]]; got != ask.want {
			t.Errorf("request %d sent assertion %s, want %s", i, got, ask.want)
		}
	}
}

// By a clock that is some minutes off an assertion ends before it is made anew. One that was used again is made anew then, once; a new
// one that is refused is refused.
func TestAnUntimelyAssertionIsMadeAnew(t *testing.T) {
	t.Parallel()
	bundle, err := certificate.NewSelfSigned("CN=test", 2048, start, start.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	untimely := azuretest.Answer{Status: 401, Body: `{"error":"invalid_client","error_description":"AADSTS700024: Client assertion is not within its valid time range.","error_codes":[700024]}`}
	s := azuretest.Serve(t, azuretest.Answer{Body: goodBody}, untimely, azuretest.Answer{Body: goodBody}, untimely, untimely, untimely)
	c := client(t, s)
	for i, want := range []int{1, 3, 5, 6} { // requests
		_, err := c.AppToken(t.Context(), tenant, appID, entra.Credential{Certificate: bundle}, scope)
		if got := len(s.Requests()); got != want || (err != nil) != (i > 1) {
			t.Errorf("token %d: %d requests and %v, want %d", i, got, err, want)
		}
	}
	sent := map[string]bool{}
	for _, r := range s.Requests() {
		sent[form(t, r)["client_assertion"]] = true
	}
	if len(sent) != 4 {
		t.Errorf("%d assertions were sent, want 4", len(sent))
	}
}

func TestEachProofHasItsOwnConnection(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t, azuretest.Answer{Body: goodBody})
	c := client(t, s)
	for range 3 {
		if _, err := c.AppToken(t.Context(), tenant, appID, entra.Credential{Secret: secret.New("s")}, scope); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.Requests()) != 3 || s.Connections() != 3 {
		t.Errorf("%d requests on %d connections, want 3 on 3", len(s.Requests()), s.Connections())
	}
}

func TestNothingIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, answer := range []azuretest.Answer{{Status: 503}, {Status: 429}, {Drop: true}} {
		s := azuretest.Serve(t, answer)
		_, err := client(t, s).AppToken(t.Context(), tenant, appID, entra.Credential{Secret: secret.New("s")}, scope)
		if !entra.Transient(err) || len(s.Requests()) != 1 {
			t.Errorf("%+v: %v after %d requests", answer, err, len(s.Requests()))
		}
	}
}

func TestAppTokenNeedsOneCredential(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t, azuretest.Answer{Body: goodBody})
	for _, cred := range []entra.Credential{{}, {Certificate: &certificate.Bundle{}}, {Secret: secret.New("s"), Certificate: &certificate.Bundle{}}} {
		if _, err := client(t, s).AppToken(t.Context(), tenant, appID, cred, scope); err == nil {
			t.Errorf("accepted %+v", cred)
		}
	}
	if len(s.Requests()) != 0 {
		t.Error("Entra was asked")
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		``, `<html>hush</html>`, `{}`, `{"access_token":"hush"}`, `{"access_token":"hush","expires_in":"later"}`,
		`{"access_token":"hush","expires_in":-1}`, `{"access_token":"hush","expires_in":1e300}`, `{"access_token":{"hush":1},"expires_in":1}`,
		`{"access_token":"hush","expires_in":1,"id_token":"a.b"}`, `{"access_token":"hush","expires_in":1,"id_token":"a.!.c"}`,
		`{"access_token":"hush","expires_in":1,"id_token":"a.e30.c"}`,
	} {
		s := azuretest.Serve(t, azuretest.Answer{Body: body})
		_, err := client(t, s).AppToken(t.Context(), tenant, appID, entra.Credential{Secret: secret.New("s")}, scope)
		if !errors.Is(err, azure.ErrUnreadable) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func idToken(t *testing.T, claims map[string]string) string {
	t.Helper()
	raw, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return "e30." + base64.RawURLEncoding.EncodeToString(raw) + ".c2ln"
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	person := map[string]string{"oid": "o", "tid": tenant, "preferred_username": "owner@contoso.example", "name": "Olive Owner"}
	s := azuretest.Serve(t,
		azuretest.Answer{Body: `{"user_code":"FRWQDE7YL","device_code":"dc","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":5,"message":"To sign in, …"}`},
		azuretest.Answer{Status: 400, Body: `{"error":"authorization_pending","error_description":"AADSTS70016: OAuth 2.0 device flow error. Authorization is pending. Continue polling.","error_codes":[70016]}`},
		azuretest.Answer{Body: `{"token_type":"Bearer","scope":"s","expires_in":"4000","access_token":"at1","refresh_token":"rt1","foci":"1","id_token":"` + idToken(t, person) + `"}`},
		azuretest.Answer{Body: `{"expires_in":4000,"access_token":"at2","refresh_token":"rt2"}`})
	c := client(t, s)
	code, err := c.StartDeviceCode(t.Context(), tenant, scope)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(entra.DeviceCode{
		Device: secret.New("dc"), UserCode: "FRWQDE7YL", VerificationURI: "https://microsoft.com/devicelogin", Message: "To sign in, …",
		ExpiresAt: start.Add(15 * time.Minute), Interval: 5 * time.Second,
	}, code, cmp.Comparer(secret.Value.Equal)); diff != "" {
		t.Error(diff)
	}
	_, err = c.RedeemDeviceCode(t.Context(), tenant, code.Device)
	if !errors.Is(err, entra.ErrPending) || entra.Transient(err) {
		t.Fatalf("pending is %v", err)
	}
	signedIn, err := c.RedeemDeviceCode(t.Context(), tenant, code.Device)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(entra.Token{
		Access: secret.New("at1"), Refresh: secret.New("rt1"), ExpiresAt: start.Add(4000 * time.Second),
		Person: &entra.Person{ObjectID: "o", TenantID: tenant, UserPrincipalName: "owner@contoso.example", Name: "Olive Owner"},
	}, signedIn, cmp.Comparer(secret.Value.Equal)); diff != "" {
		t.Error(diff)
	}
	next, err := c.Refresh(t.Context(), tenant, signedIn.Refresh, "https://graph.microsoft.com/.default")
	if err != nil || next.Access.Reveal() != "at2" || next.Refresh.Reveal() != "rt2" {
		t.Errorf("refreshed: %+v, %v", next, err)
	}
	redeem := map[string]string{"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": entra.AzureCLI, "device_code": "dc"}
	want := []map[string]string{
		{"client_id": entra.AzureCLI, "scope": scope + " openid profile offline_access"},
		redeem, redeem,
		{"grant_type": "refresh_token", "client_id": entra.AzureCLI, "refresh_token": "rt1", "scope": "https://graph.microsoft.com/.default openid profile offline_access"},
	}
	for i, r := range s.Requests() {
		path := "/" + tenant + "/oauth2/v2.0/token"
		if i == 0 {
			path = "/" + tenant + "/oauth2/v2.0/devicecode"
		}
		if diff := cmp.Diff(want[i], form(t, r)); diff != "" || r.Path != path {
			t.Errorf("request %d to %s: %s", i, r.Path, diff)
		}
	}
}

func TestTenantStaysInItsPlace(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"": "organizations", "contoso.example": "contoso.example", "../x?y#z": "..%2Fx%3Fy%23z"} {
		s := azuretest.Serve(t, azuretest.Answer{Status: 400, Body: `{}`})
		_, err := client(t, s).StartDeviceCode(t.Context(), given, scope)
		if r := s.Only(t); err == nil || r.Path != "/"+want+"/oauth2/v2.0/devicecode" || r.Query != "" {
			t.Errorf("%q: asked %s ? %s (%v)", given, r.Path, r.Query, err)
		}
	}
}

func TestNothingSecretIsSaid(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := azuretest.Serve(t, azuretest.Answer{Status: 401, Body: failure(7000215, "invalid_client", "Invalid client secret provided.")},
		azuretest.Answer{Drop: true}, azuretest.Answer{Body: strings.ReplaceAll(goodBody, `"at"`, `"hush-token"`)})
	c, err := entra.New(entra.Config{Cloud: s.Cloud, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := c.AppToken(t.Context(), tenant, appID, entra.Credential{Secret: secret.New("hush-secret")}, scope); err != nil {
			log.WriteString(err.Error())
		}
	}
	if text := log.String(); strings.Contains(text, "hush") || !strings.Contains(text, "7000215") {
		t.Errorf("said %s", text)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t, azuretest.Answer{})
	plain, noCA := s.Cloud, s.Cloud
	plain.Login = "http://login.microsoftonline.com"
	noCA.CAFile = "/nowhere/ca.pem"
	if _, err := entra.New(entra.Config{Cloud: plain}); err == nil {
		t.Error("http was accepted")
	}
	if _, err := entra.New(entra.Config{Cloud: noCA}); err == nil {
		t.Error("a missing CA file was accepted")
	}
}
