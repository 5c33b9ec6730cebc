package entra_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
)

// posting is where the page of the form_post response mode leads, and with what.
func posting(page string) (string, url.Values) {
	_, form, _ := strings.Cut(page, `<form method="post" action="`)
	to, form, _ := strings.Cut(form, `"`)
	values := url.Values{}
	for _, m := range regexp.MustCompile(`name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
		values.Set(m[1], m[2])
	}
	return to, values
}

// MSAL for Go, unmodified: its browser is a person who signs in on the page.
func TestMSALInteractive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client, err := public.New(cli, public.WithAuthority(w.server.URL+"/"+tenantID), public.WithHTTPClient(w.server.Client()), public.WithInstanceDiscovery(false))
	if err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	got, err := client.AcquireTokenInteractive(t.Context(), []string{graph}, public.WithLoginHint(owner), public.WithOpenURL(func(address string) error {
		res, page := b.open(http.MethodPost, address, url.Values{"decision": {"continue"}, "user": {owner}})
		to, form := posting(page)
		if res.StatusCode != http.StatusOK || to == "" {
			return errors.New(page)
		}
		go func() { // MSAL waits for this function before it waits for the browser
			r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, to, strings.NewReader(form.Encode()))
			if err == nil {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				var back *http.Response
				if back, err = http.DefaultClient.Do(r); err == nil {
					err = back.Body.Close()
				}
			}
			if err != nil {
				t.Error(err)
			}
		}()
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if got.Account.PreferredUsername != owner || got.IDToken.Oid != "user-1" {
		t.Errorf("%+v", got.Account)
	}
	silent, err := client.AcquireTokenSilent(t.Context(), []string{arm}, public.WithSilentAccount(got.Account))
	if err != nil || claimsOf(t, silent.AccessToken)["aud"] != "https://management.core.windows.net/" {
		t.Errorf("another resource: %v", err)
	}
}

func TestMSALAuthCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.registerRedirects()
	cred, err := confidential.NewCredFromSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	client, err := confidential.New(w.server.URL+"/"+tenantID, appID, cred, confidential.WithHTTPClient(w.server.Client()), confidential.WithInstanceDiscovery(false))
	if err != nil {
		t.Fatal(err)
	}
	scopes := []string{"https://graph.microsoft.com/User.Read"}
	address, err := client.AuthCodeURL(t.Context(), appID, webURI, scopes)
	if err != nil {
		t.Fatal(err)
	}
	code := w.browser().signIn(address, owner).Get("code")
	got, err := client.AcquireTokenByAuthCode(t.Context(), code, webURI, scopes)
	if err != nil || got.Account.PreferredUsername != owner {
		t.Fatalf("%+v %v", got.Account, err)
	}
	if _, err := client.AcquireTokenByAuthCode(t.Context(), code, webURI, scopes); err == nil || !strings.Contains(err.Error(), "AADSTS54005") {
		t.Errorf("the code again: %v", err)
	}
}
