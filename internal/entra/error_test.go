package entra_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/azure/azuretest"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

const trailer = ` Trace ID: 11111111-1111-4111-8111-111111111111 Correlation ID: 22222222-2222-4222-8222-222222222222 Timestamp: 2026-03-01 12:00:00Z`

// failure is an error body of Entra, in the form it has had since 2025.
func failure(code int, oauth, text string) string {
	return fmt.Sprintf(`{"error":%q,"error_description":"AADSTS%d: %s%s","error_codes":[%d],"timestamp":"2026-03-01 12:00:00Z",`+
		`"trace_id":"11111111-1111-4111-8111-111111111111","correlation_id":"22222222-2222-4222-8222-222222222222"}`, oauth, code, text, trailer, code)
}

func appError(t *testing.T, given string, answer azuretest.Answer) error {
	t.Helper()
	s := azuretest.Serve(t, answer)
	_, err := client(t, s).AppToken(t.Context(), tenant, appID, entra.Credential{Secret: secret.New(given)}, scope)
	return err
}

func personError(t *testing.T, answer azuretest.Answer) error {
	t.Helper()
	s := azuretest.Serve(t, answer)
	_, err := client(t, s).RedeemDeviceCode(t.Context(), tenant, secret.New("dc"))
	return err
}

func TestErrorsOfCredentials(t *testing.T) {
	t.Parallel()
	const notRegistered = "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: 'AB']"
	const ended = "Client assertion contains an invalid signature. [Reason - The key used is expired., Thumbprint of key used by client: 'AB']"
	for _, test := range []struct {
		status       int
		oauth        string
		code         int
		text         string
		fault        fault.Code
		field        string
		says         string
		state        account.State
		unreplicated bool
	}{
		{401, "invalid_client", 7000215, "Invalid client secret provided. Ensure so.", fault.Credential, "secret", "column Value", account.SecretInvalid, true},
		{401, "invalid_client", 7000222, "The provided client secret keys for app 'x' are expired.", fault.Credential, "secret", "expired", account.Expired, false},
		{400, "unauthorized_client", 700016, "Application with identifier 'x' was not found.", fault.Credential, "application_id", "deleted", account.AppNotFound, true},
		{400, "unauthorized_client", 7000229, "The client application is missing service principal.", fault.Credential, "application_id", "service principal", account.ServicePrincipalMissing, true},
		{400, "invalid_tenant", 90002, "Tenant 'x' not found.", fault.Credential, "tenant_id", "cloud", account.AppNotFound, false},
		{400, "invalid_request", 900023, "Specified tenant identifier is neither.", fault.Credential, "tenant_id", "mistyped", account.AppNotFound, false},
		{401, "invalid_client", 700027, notRegistered, fault.Credential, "certificate", "not registered", account.CertificateMismatch, true},
		{401, "invalid_client", 700027, ended, fault.Credential, "certificate", "expired", account.Expired, false},
		{401, "invalid_client", 50012, ended, fault.Credential, "certificate", "expired", account.Expired, false},
		{401, "invalid_client", 50012, "Authentication failed.", fault.Credential, "certificate", "own key", account.CertificateMismatch, false},
		{401, "invalid_client", 700024, "Client assertion is not within its valid time range.", fault.Credential, "", "clock", account.Unknown, false},
		{401, "invalid_client", 700021, "Client assertion application identifier doesn't match.", fault.Credential, "certificate", "application id", account.Unknown, false},
		{400, "unauthorized_client", 7000112, "Application 'x' is disabled.", fault.Credential, "application_id", "disabled", account.AppDisabled, false},
		{400, "access_denied", 53003, "Access has been blocked by Conditional Access policies.", fault.Credential, "application_id", "Conditional Access", account.Blocked, false},
		{401, "invalid_client", 7000218, "The request body must contain.", fault.Credential, "", "Give a secret", account.Unknown, false},
		{401, "invalid_client", 700025, "Client is public.", fault.Credential, "application_id", "public client", account.Unknown, false},
		{400, "invalid_request", 700213, "No matching federated identity record found.", fault.Credential, "application_id", "federated", account.Unknown, true},
		{400, "invalid_grant", 501051, "Not assigned.", fault.Credential, "application_id", "assigned", account.Unknown, false},
		{400, "invalid_resource", 500011, "The resource principal was not found.", fault.Azure, "", "cloud", account.Unknown, false},
		{401, "invalid_client", 7999999, "Something new.", fault.Credential, "", "what Microsoft says", account.Unknown, false},
		{400, "temporarily_unavailable", 90033, "The service is temporarily unavailable.", fault.Azure, "", "Try again", account.Unreachable, false},
	} {
		name := fmt.Sprint(test.code, " ", test.text)
		err := appError(t, "s~ecret", azuretest.Answer{Status: test.status, Body: failure(test.code, test.oauth, test.text)})
		f := entra.Explain(err)
		if f.Code != test.fault || f.Field != test.field || !strings.Contains(f.Message+f.Meaning+f.Remedy, test.says) || f.Remedy == "" {
			t.Errorf("%s: %+v", name, f)
		}
		if got := entra.StateOf(err); got != test.state {
			t.Errorf("%s: state %s, want %s", name, got, test.state)
		}
		if got := entra.Unreplicated(err); got != test.unreplicated {
			t.Errorf("%s: unreplicated is %v", name, got)
		}
		if !strings.HasPrefix(f.Source, fmt.Sprintf("AADSTS%d: ", test.code)) || strings.Contains(f.Source, "Trace ID") ||
			!strings.Contains(f.Source, "22222222-2222-4222-8222-222222222222") {
			t.Errorf("%s: source is %q", name, f.Source)
		}
		if !errors.Is(f, err) {
			t.Errorf("%s: the cause is lost", name)
		}
	}
}

func TestTheSecretsID(t *testing.T) {
	t.Parallel()
	body := failure(7000215, "invalid_client", "Invalid client secret provided.")
	f := entra.Explain(appError(t, "9a8b7c6d-0000-4000-8000-00000000000f", azuretest.Answer{Status: 401, Body: body}))
	if f.Code != fault.Credential || f.Field != "secret" || !strings.Contains(f.Message, "id of a secret") {
		t.Errorf("%+v", f)
	}
}

func TestErrorsOfSignIns(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		oauth string
		code  int
		fault fault.Code
		says  string
	}{
		{"access_denied", 53003, fault.SignIn, "Conditional Access"},
		{"access_denied", 53000, fault.SignIn, "not compliant"},
		{"access_denied", 53001, fault.SignIn, "not joined"},
		{"access_denied", 530032, fault.SignIn, "security policy"},
		{"access_denied", 530035, fault.SignIn, "security defaults"},
		{"access_denied", 53011, fault.SignIn, "at risk"},
		{"interaction_required", 50076, fault.SignIn, "second factor"},
		{"interaction_required", 50079, fault.SignIn, "second factor"},
		{"invalid_grant", 50173, fault.SignIn, "no longer valid"},
		{"invalid_grant", 700082, fault.SignIn, "no longer valid"},
		{"invalid_grant", 70008, fault.SignIn, "no longer valid"},
		{"expired_token", 70019, fault.SignIn, "not entered in time"},
		{"expired_token", 70020, fault.SignIn, "not entered in time"},
		{"authorization_declined", 70017, fault.SignIn, "declined"},
		{"bad_verification_code", 70099, fault.SignIn, "not known"},
		{"invalid_grant", 54005, fault.SignIn, "used already"},
		{"invalid_grant", 65001, fault.SignIn, "consent"},
		{"invalid_grant", 65002, fault.SignIn, "may not be used"},
		{"invalid_grant", 50034, fault.SignIn, "not in this tenant"},
		{"invalid_grant", 50126, fault.SignIn, "password"},
		{"invalid_grant", 50057, fault.SignIn, "disabled"},
		{"invalid_grant", 50105, fault.SignIn, "not assigned"},
		{"invalid_client", 7000218, fault.Credential, "public client"},
		{"unauthorized_client", 700016, fault.Credential, "client id for sign-ins"},
		{"invalid_grant", 59999, fault.SignIn, "what Microsoft says"},
		{"odd", 1, fault.Azure, "what Microsoft says"},
	} {
		err := personError(t, azuretest.Answer{Status: 400, Body: failure(test.code, test.oauth, "Text.")})
		f := entra.Explain(err)
		if f.Code != test.fault || !strings.Contains(f.Message+f.Meaning+f.Remedy, test.says) || f.Remedy == "" {
			t.Errorf("%d: %+v", test.code, f)
		}
		if entra.Transient(err) || errors.Is(err, entra.ErrPending) {
			t.Errorf("%d: asked for again", test.code)
		}
	}
	for _, body := range []string{failure(70016, "authorization_pending", "Pending."), `{"error":"slow_down"}`} {
		if err := personError(t, azuretest.Answer{Status: 400, Body: body}); !errors.Is(err, entra.ErrPending) {
			t.Errorf("%s is %v", body, err)
		}
	}
}

func TestErrorsWithoutEntra(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer    azuretest.Answer
		fault     fault.Code
		state     account.State
		transient bool
	}{
		"throttled":   {azuretest.Answer{Status: 429, Header: map[string]string{"Retry-After": "7"}}, fault.Azure, account.Unreachable, true},
		"unavailable": {azuretest.Answer{Status: 503, Body: "<html>"}, fault.Azure, account.Unreachable, true},
		"proxy":       {azuretest.Answer{Status: 407, Body: "<html>"}, fault.Unreachable, account.Unreachable, false},
		"portal":      {azuretest.Answer{Status: 200, Body: "<html>"}, fault.Unreachable, account.Unreachable, false},
		"dropped":     {azuretest.Answer{Drop: true}, fault.Unreachable, account.Unreachable, true},
	} {
		err := appError(t, "s", test.answer)
		f := entra.Explain(err)
		if f.Code != test.fault || f.Remedy == "" || entra.StateOf(err) != test.state || entra.Transient(err) != test.transient || entra.Unreplicated(err) {
			t.Errorf("%s: %+v, %s, transient %v", name, f, entra.StateOf(err), entra.Transient(err))
		}
		if want := test.answer.Header["Retry-After"] != ""; (entra.RetryAfter(err) == 7*time.Second) != want {
			t.Errorf("%s: wait %v", name, entra.RetryAfter(err))
		}
	}
}

func TestNoError(t *testing.T) {
	t.Parallel()
	if entra.Explain(nil) != nil || entra.StateOf(nil) != account.Valid || entra.Unreplicated(nil) || entra.Transient(nil) {
		t.Error("nil is an error")
	}
	if f := entra.Explain(context.DeadlineExceeded); f.Code != fault.Unreachable {
		t.Errorf("a deadline is %s", f.Code)
	}
}
