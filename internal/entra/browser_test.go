package entra_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

func TestAuthorizeURL(t *testing.T) {
	t.Parallel()
	c, err := entra.New(entra.Config{Cloud: cloud.Cloud{Login: "https://login.example"}, ClientID: "client"})
	if err != nil {
		t.Fatal(err)
	}
	a := entra.NewAuthorization("http://localhost:50123", false)
	if b := entra.NewAuthorization("http://localhost:50123", false); a.State == b.State || a.Verifier == b.Verifier || a.Nonce == b.Nonce {
		t.Error("two sign-ins share a secret")
	}
	u, err := url.Parse(c.AuthorizeURL("contoso.example", "scope/.default", a).Reveal())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(a.Verifier.Reveal()))
	want := url.Values{
		"client_id": {"client"}, "response_type": {"code"}, "response_mode": {"query"}, "redirect_uri": {"http://localhost:50123"},
		"scope": {"scope/.default openid profile offline_access"}, "state": {a.State.Reveal()}, "nonce": {a.Nonce.Reveal()},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}, "prompt": {"select_account"},
	}
	if d := cmp.Diff(want, u.Query()); d != "" || u.Host != "login.example" || u.Path != "/contoso.example/oauth2/v2.0/authorize" {
		t.Errorf("%s (-want +got):\n%s", u.Redacted(), d)
	}
	if strings.Contains(u.String(), a.Verifier.Reveal()) {
		t.Error("the proof key is in the address")
	}
	a.Fragment = true
	if !strings.Contains(c.AuthorizeURL("", "s", a).Reveal(), "/organizations/oauth2/v2.0/authorize?") || !strings.Contains(c.AuthorizeURL("", "s", a).Reveal(), "response_mode=fragment") {
		t.Error("without a tenant, or with a fragment")
	}
	packed, err := a.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if b, err := entra.UnpackAuthorization(packed); err != nil || b != a {
		t.Errorf("unpacked: %v", err)
	}
	for _, bad := range []string{"", "{}", `{"state":"secret`} {
		if _, err := entra.UnpackAuthorization(secret.New(bad)); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestReadReturn(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"http://localhost:1/?code=the-code&state=the-state&session_state=x",
		" http://localhost:1/?state=the-state&code=the-code\n",
		"https://evercred.example/api/v1/sign-ins/callback#code=the-code&state=the-state",
	} {
		b, err := entra.ReadReturn(secret.New(address))
		if err != nil || b.Refused != nil || b.Code.Reveal() != "the-code" || b.State.Reveal() != "the-state" {
			t.Errorf("%s: %+v %v", address, b, err)
		}
	}
	for _, address := range []string{
		"", " ", "http://localhost:1/", "http://localhost:1/?code=the-code", "http://localhost:1/?state=s", "the-code", "http://[::1", "http://localhost/#%zz",
		"http://localhost:1/?code=the-code&state=s&x=" + strings.Repeat("y", 20<<10),
	} {
		_, err := entra.ReadReturn(secret.New(address))
		if f := fault.From(err); err == nil || f.Code != fault.Invalid || f.Field != "url" || f.Remedy == "" || strings.Contains(f.Error(), "the-code") {
			t.Errorf("%.60s: %v", address, err)
		}
	}
}

func TestRefusedReturns(t *testing.T) {
	t.Parallel()
	back := func(values url.Values) *fault.Error {
		t.Helper()
		values.Set("state", "s")
		b, err := entra.ReadReturn(secret.New("http://localhost:1/?" + values.Encode()))
		if err != nil || b.Refused == nil || !b.Code.Empty() {
			t.Fatalf("%v: %+v %v", values, b, err)
		}
		return entra.Explain(b.Refused)
	}
	for name, one := range map[string]struct {
		values          url.Values
		message, remedy string
	}{
		"cancelled":                          {url.Values{"error": {"access_denied"}, "error_subcode": {"cancel"}, "error_description": {"AADSTS65004: User declined to consent to access the app. Trace ID: x"}}, "cancelled", "again"},
		"blocked":                            {url.Values{"error": {"access_denied"}, "error_description": {"AADSTS53003: Access has been blocked by Conditional Access policies."}}, "Conditional Access", "--azure-cli"},
		"blocked in a way that is not known": {url.Values{"error": {"access_denied"}, "error_description": {"AADSTS530033: Something new."}}, "Conditional Access", "--azure-cli"},
		"another provider":                   {url.Values{"error": {"interaction_required"}, "error_description": {"AADSTS50158: External security challenge not satisfied."}}, "another provider", "--browser"},
		"address":                            {url.Values{"error": {"invalid_request"}, "error_description": {"AADSTS50011: The redirect URI does not match."}}, "does not know the address", "Register"},
		"a code with it":                     {url.Values{"error": {"access_denied"}, "code": {"the-code"}, "error_description": {"AADSTS65001: consent"}}, "has not agreed", "consent"},
		"of nobody":                          {url.Values{"error": {"<script>"}}, "refused", "Microsoft says"},
	} {
		f := back(one.values)
		if !strings.Contains(f.Message, one.message) || !strings.Contains(f.Remedy, one.remedy) || f.Source == "" || strings.Contains(f.Source, "Trace ID") {
			t.Errorf("%s: %#v", name, f)
		}
	}
}

func FuzzReadReturn(f *testing.F) {
	f.Add("http://localhost:1/?code=c&state=s")
	f.Add("http://localhost:1/#code=c&state=s")
	f.Add("http://localhost:1/?error=e&state=s&error_description=AADSTS99999999999999999999: x")
	f.Fuzz(func(t *testing.T, address string) {
		b, err := entra.ReadReturn(secret.New(address))
		if (b == nil) == (err == nil) {
			t.Fatalf("%+v %v", b, err)
		}
		if err == nil && (b.State.Empty() || b.Code.Empty() == (b.Refused == nil)) {
			t.Fatalf("%+v", b)
		}
		if err == nil && b.Refused != nil && entra.Explain(b.Refused).Message == "" {
			t.Fatal("a refusal says nothing")
		}
	})
}
