package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/evercred/evercred/emulator/emulatortest"
)

// benchToken is an access token for Graph of the test application.
func benchToken(b *testing.B, e *emulatortest.Emulator) string {
	b.Helper()
	env := e.Env()
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {env["APP_ID"]}, "client_secret": {env["APP_SECRET"]}, "scope": {graphScope},
	}
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, e.BaseURL()+"/"+env["TENANT_ID"]+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := e.HTTPClient().Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	var v struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil || v.AccessToken == "" {
		b.Fatalf("no token: %s, %v", resp.Status, err)
	}
	return v.AccessToken
}

// fill makes applications until there are n more than at the start.
func fill(b *testing.B, e *emulatortest.Emulator, n int) {
	b.Helper()
	bearer, client := benchToken(b, e), e.HTTPClient()
	parallel(b, n, func() error {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, e.BaseURL()+"/v1.0/applications", strings.NewReader(`{"displayName":"one of many"}`))
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+bearer)
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusCreated {
			return fmt.Errorf("making an application: %s", resp.Status)
		}
		return nil
	})
}
