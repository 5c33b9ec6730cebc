package entra_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/token"
)

const (
	webURI   = "https://backup.example/signed-in"
	spaURI   = "https://spa.example/"
	loopback = "http://localhost:51234"
	verifier = "0123456789-0123456789-0123456789-0123456789"
)

// browser is somebody at the sign-in page.
type browser struct {
	*world
	client *http.Client
}

func (w *world) browser() browser {
	client := *w.server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return browser{w, &client}
}

func (b browser) open(method, address string, form url.Values) (*http.Response, string) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	return res, html.UnescapeString(string(raw))
}

// signIn does what a person does: opens the address, chooses an account, and is sent back. It returns what the client gets.
func (b browser) signIn(address, user string) url.Values {
	b.Helper()
	if res, page := b.open(http.MethodGet, address, nil); res.StatusCode != 200 || !strings.Contains(page, `value="`+user+`"`) {
		b.Fatalf("the page: %s %s", res.Status, page)
	}
	res, page := b.open(http.MethodPost, address, url.Values{"decision": {"continue"}, "user": {user}})
	if res.StatusCode != http.StatusSeeOther {
		b.Fatalf("%s %s", res.Status, page)
	}
	return b.sentTo(res)
}

func (b browser) sentTo(res *http.Response) url.Values {
	b.Helper()
	u, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		b.Fatal(err)
	}
	values := u.Query()
	if u.Fragment != "" {
		if values, err = url.ParseQuery(u.EscapedFragment()); err != nil {
			b.Fatal(err)
		}
	}
	u.RawQuery, u.Fragment, u.RawFragment = "", "", ""
	values.Set("address", u.String())
	return values
}

// address is where a client sends the browser.
func (w *world) address(path string, pairs ...string) string {
	form := url.Values{"client_id": {cli}, "response_type": {"code"}, "redirect_uri": {loopback}, "scope": {graph + " openid offline_access"}, "state": {"a b&c"}}
	for i := 0; i < len(pairs); i += 2 {
		if form.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			form.Del(pairs[i])
		}
	}
	return w.server.URL + path + "?" + form.Encode()
}

const authorizeV2 = "/" + tenantID + "/oauth2/v2.0/authorize"

func s256(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (w *world) registerRedirects() {
	w.write(func(s *directory.Store) {
		for id, properties := range map[string]map[string]string{
			"app-object":    {"web": webURI, "spa": spaURI},
			"public-object": {"publicClient": "http://localhost/callback"},
		} {
			app, _ := s.Applications.Get(id)
			next := *app
			next.Properties = map[string]json.RawMessage{}
			maps.Copy(next.Properties, app.Properties)
			for platform, uri := range properties {
				next.Properties[platform] = json.RawMessage(`{"redirectUris":["` + uri + `"]}`)
			}
			s.Applications.Put(id, &next)
		}
	})
}

func TestAuthorizationCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	for name, method := range map[string]string{"S256": s256(verifier), "plain": verifier, "": verifier} {
		pairs := []string{"code_challenge", method, "nonce", "n-1", "client_info", "1"}
		if name != "" {
			pairs = append(pairs, "code_challenge_method", name)
		}
		back := b.signIn(w.address(authorizeV2, pairs...), owner)
		if back.Get("state") != "a b&c" || back.Get("address") != loopback || back.Get("session_state") == "" || back.Get("client_info") == "" {
			t.Errorf("%s: %v", name, back)
		}
		redeem := func(pairs ...string) answer {
			return w.post(tokenV2, append([]string{
				"grant_type", "authorization_code", "client_id", cli, "code", back.Get("code"), "redirect_uri", loopback, "code_verifier", verifier, "client_info", "1",
			}, pairs...)...)
		}
		for what, c := range map[string]struct {
			code  int
			pairs []string
		}{
			"other verifier": {501481, []string{"code_verifier", verifier + "x"}},
			"no verifier":    {50148, []string{"code_verifier", ""}},
			"other redirect": {500112, []string{"redirect_uri", loopback + "/x"}},
			"other client":   {700007, []string{"client_id", shell}},
			"unknown":        {9002313, []string{"code", "nonsense"}},
			"secret":         {700025, []string{"client_secret", "x"}},
		} {
			if a := redeem(c.pairs...); a.code() != c.code || a.status != 400 && c.code != 500112 && c.code != 700025 {
				t.Errorf("%s, %s: %d %v", name, what, a.status, a.body)
			}
		}
		a := redeem()
		if a.status != 200 || a.text("foci") != "1" || a.text("refresh_token") == "" || claimsOf(t, a.text("id_token"))["nonce"] != "n-1" {
			t.Fatalf("%s: %d %v", name, a.status, a.body)
		}
		caller, err := w.signer.Verify(a.text("access_token"), time.Now(), tenantID, token.GraphAudiences())
		if err != nil || !caller.User || caller.Name != owner {
			t.Errorf("%s: %+v %v", name, caller, err)
		}
		if a := redeem(); a.code() != 54005 || a.text("error") != "invalid_grant" {
			t.Errorf("%s, again: %v", name, a.body)
		}
		// Cross-resource, and under another name of the tenant.
		a = w.post("/"+domain+"/oauth2/v2.0/token", "grant_type", "refresh_token", "client_id", cli, "refresh_token", a.text("refresh_token"), "scope", arm)
		if a.status != 200 || claimsOf(t, a.text("access_token"))["aud"] != "https://management.core.windows.net/" {
			t.Errorf("%s, refresh for another resource: %v", name, a.body)
		}
	}
	back := b.signIn(w.address(authorizeV2), owner)
	w.advance(11 * time.Minute)
	if a := w.post(tokenV2, "grant_type", "authorization_code", "client_id", cli, "code", back.Get("code"), "redirect_uri", loopback); a.code() != 70008 {
		t.Errorf("late: %v", a.body)
	}
	back = b.signIn(w.address("/organizations/oauth2/v2.0/authorize"), owner)
	if a := w.post(tokenV2, "grant_type", "authorization_code", "client_id", cli, "code", back.Get("code"), "redirect_uri", loopback); a.code() != 700005 {
		t.Errorf("other tenant: %v", a.body)
	}
}

func TestAuthorizeVersion1(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	back := w.browser().signIn(w.address("/common/oauth2/authorize", "scope", "", "resource", "https://management.core.windows.net/"), owner)
	a := w.post("/common/oauth2/token", "grant_type", "authorization_code", "client_id", cli, "code", back.Get("code"), "redirect_uri", loopback)
	if a.status != 200 || a.text("resource") != "https://management.core.windows.net/" || a.text("expires_on") == "" || a.text("refresh_token") == "" || a.text("id_token") == "" {
		t.Fatalf("%d %v", a.status, a.body)
	}
	a = w.post("/common/oauth2/token", "grant_type", "refresh_token", "client_id", cli, "refresh_token", a.text("refresh_token"))
	if a.status != 200 || a.text("resource") != "https://management.core.windows.net/" {
		t.Errorf("refreshed without a resource: %v", a.body)
	}
}

func TestResponseModes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	if back := b.signIn(w.address(authorizeV2, "response_mode", "fragment"), owner); back.Get("code") == "" || back.Get("state") != "a b&c" {
		t.Errorf("fragment: %v", back)
	}
	address := w.address(authorizeV2, "response_mode", "form_post", "redirect_uri", "http://localhost:8400/")
	res, page := b.open(http.MethodPost, address, url.Values{"decision": {"continue"}, "user": {owner}})
	if res.StatusCode != 200 || !strings.Contains(page, `<form method="post" action="http://localhost:8400/">`) || !regexp.MustCompile(`name="code" value="1\.[\w-]+"`).MatchString(page) || !strings.Contains(page, `value="a b&c"`) {
		t.Errorf("form_post: %s %s", res.Status, page)
	}
	policy := res.Header.Get("Content-Security-Policy")
	_, script, _ := strings.Cut(page, "<script>")
	script, _, _ = strings.Cut(script, "</script>")
	sum := sha256.Sum256([]byte(script))
	if !strings.HasSuffix(policy, "form-action 'self' http://localhost:8400") || !strings.Contains(policy, base64.StdEncoding.EncodeToString(sum[:])) {
		t.Errorf("the policy stops the form: %s", policy)
	}
	// Parameters may come in the body; the page brings them again.
	u, err := url.Parse(w.address(authorizeV2))
	if err != nil {
		t.Fatal(err)
	}
	res, page = b.open(http.MethodPost, w.server.URL+authorizeV2, u.Query())
	if res.StatusCode != 200 || !strings.Contains(page, `name="state" value="a b&c"`) || !strings.Contains(page, owner) {
		t.Errorf("posted: %s %s", res.Status, page)
	}
}

// What the client may know is told to the client; what it may not, to the person.
func TestAuthorizeRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.registerRedirects()
	b := w.browser()
	for name, c := range map[string]struct {
		pairs []string
		text  string // AADSTS code
		oauth string // empty: on a page
	}{
		"no client":           {[]string{"client_id", ""}, "AADSTS900144", ""},
		"unknown client":      {[]string{"client_id", "ffffffff-0000-4000-8000-00000000000f"}, "AADSTS700016", ""},
		"other redirect":      {[]string{"redirect_uri", "https://evil.example/"}, "AADSTS50011", ""},
		"loopback look-alike": {[]string{"redirect_uri", "http://localhost.evil.example:1"}, "AADSTS50011", ""},
		"user in redirect":    {[]string{"redirect_uri", "http://x@localhost:1"}, "AADSTS50011", ""},
		"path of redirect":    {[]string{"redirect_uri", "http://localhost:1/other"}, "AADSTS50011", ""},
		"no redirect known":   {[]string{"client_id", publicID, "redirect_uri", "http://localhost:9/other"}, "AADSTS50011", ""},
		"no response type":    {[]string{"response_type", ""}, "AADSTS900144", "invalid_request"},
		"implicit":            {[]string{"response_type", "token"}, "AADSTS700051", "unsupported_response_type"},
		"hybrid":              {[]string{"response_type", "code id_token"}, "AADSTS700054", "unsupported_response_type"},
		"unknown type":        {[]string{"response_type", "x"}, "AADSTS70005", "unsupported_response_type"},
		"unknown mode":        {[]string{"response_mode", "x"}, "AADSTS70007", "invalid_request"},
		"no scope":            {[]string{"scope", ""}, "AADSTS900144", "invalid_request"},
		"unknown resource":    {[]string{"scope", "https://nowhere.example/.default"}, "AADSTS500011", "invalid_resource"},
		"short challenge":     {[]string{"code_challenge", "short"}, "AADSTS501491", "invalid_request"},
		"method alone":        {[]string{"code_challenge_method", "S256"}, "AADSTS50147", "invalid_request"},
		"unknown method":      {[]string{"code_challenge", verifier, "code_challenge_method", "S512"}, "AADSTS50149", "invalid_request"},
		"silent":              {[]string{"prompt", "none"}, "AADSTS50058", "login_required"},
		"unknown prompt":      {[]string{"prompt", "x"}, "AADSTS90023", "invalid_request"},
		"page without PKCE":   {[]string{"client_id", appID, "redirect_uri", spaURI}, "AADSTS9002325", "invalid_request"},
	} {
		res, page := b.open(http.MethodGet, w.address(authorizeV2, c.pairs...), nil)
		if c.oauth == "" {
			if res.StatusCode != 400 || res.Header.Get("Location") != "" || !strings.Contains(page, c.text+":") {
				t.Errorf("%s: %s %s", name, res.Status, page)
			}
			continue
		}
		back := b.sentTo(res)
		if res.StatusCode != http.StatusFound || back.Get("error") != c.oauth || !strings.HasPrefix(back.Get("error_description"), c.text+":") || back.Get("state") != "a b&c" {
			t.Errorf("%s: %s %v %s", name, res.Status, back, page)
		}
	}
	res, _ := b.open(http.MethodPost, w.address(authorizeV2), url.Values{"decision": {"cancel"}})
	if back := b.sentTo(res); back.Get("error") != "access_denied" || back.Get("error_subcode") != "cancel" || back.Get("state") == "" {
		t.Errorf("cancelled: %v", back)
	}
	if res, page := b.open(http.MethodPost, w.address(authorizeV2), url.Values{"decision": {"continue"}, "user": {"nobody@x.example"}}); res.StatusCode != 400 || !strings.Contains(page, "not in the tenant") {
		t.Errorf("unknown person: %s", res.Status)
	}
	if res, _ := b.open(http.MethodGet, w.address(authorizeV2)+"&state=twice", nil); res.StatusCode != 400 {
		t.Errorf("a parameter twice: %s", res.Status)
	}
	// Another site's page must not choose for the person.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.address(authorizeV2), strings.NewReader("decision=continue&user="+owner))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err = b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 || res.Header.Get("Location") != "" {
		t.Errorf("another site's form: %s", res.Status)
	}
}

func TestPlatforms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.registerRedirects()
	b := w.browser()
	code := func(pairs ...string) string {
		return b.signIn(w.address(authorizeV2, pairs...), owner).Get("code")
	}
	web := []string{"grant_type", "authorization_code", "client_id", appID, "redirect_uri", webURI, "code", code("client_id", appID, "redirect_uri", webURI)}
	if a := w.post(tokenV2, web...); a.code() != 7000218 || a.status != 401 {
		t.Errorf("without a secret: %v", a.body)
	}
	if a := w.post(tokenV2, append(web, "client_secret", "wrong")...); a.code() != 7000215 {
		t.Errorf("with a wrong secret: %v", a.body)
	}
	if a := w.post(tokenV2, append(web, "client_secret", secret)...); a.status != 200 {
		t.Errorf("with the secret: %v", a.body)
	}
	native := code("client_id", publicID, "redirect_uri", "http://localhost:9999/callback")
	if a := w.post(tokenV2, "grant_type", "authorization_code", "client_id", publicID, "redirect_uri", "http://localhost:9999/callback", "code", native); a.status != 200 {
		t.Errorf("a client of the tenant: %v", a.body)
	}
	spa := code("client_id", appID, "redirect_uri", spaURI, "code_challenge", s256(verifier), "code_challenge_method", "S256")
	form := url.Values{"grant_type": {"authorization_code"}, "client_id": {appID}, "redirect_uri": {spaURI}, "code": {spa}, "code_verifier": {verifier}}
	for origin, want := range map[string]int{"": 9002327, "https://spa.example": 0} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+tokenV2, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		if a := w.do(r); a.code() != want {
			t.Errorf("a page, from %q: %v", origin, a.body)
		}
		if want != 0 {
			continue
		}
	}
}

// Codes and what was granted for them outlive the emulator.
func TestCodeSurvivesRestart(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	w := openWorld(t, folder)
	w.fill()
	code := w.browser().signIn(w.address(authorizeV2), owner).Get("code")
	w.stop()
	w = openWorld(t, folder)
	a := w.post(tokenV2, "grant_type", "authorization_code", "client_id", cli, "code", code, "redirect_uri", loopback)
	if a.status != 200 {
		t.Errorf("%v", a.body)
	}
}
