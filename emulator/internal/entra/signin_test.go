package entra_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/entra"
	"github.com/evercred/evercred/emulator/internal/token"
)

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

// start begins a sign-in of the Azure CLI.
func (w *world) start(pairs ...string) answer {
	w.Helper()
	a := w.post(deviceV2, append([]string{"client_id", cli, "scope", arm + " openid profile offline_access"}, pairs...)...)
	if a.status != 200 {
		w.Fatalf("starting: %d %v", a.status, a.body)
	}
	return a
}

func (w *world) poll(code string, pairs ...string) answer {
	w.Helper()
	return w.post(tokenV2, append([]string{"grant_type", deviceGrant, "client_id", cli, "device_code", code}, pairs...)...)
}

// signIn is a whole sign-in.
func (w *world) signIn(pairs ...string) answer {
	w.Helper()
	s := w.start(pairs...)
	if err := w.service.Approve(s.text("user_code"), owner); err != nil {
		w.Fatal(err)
	}
	a := w.poll(s.text("device_code"), pairs...)
	if a.status != 200 {
		w.Fatalf("polling: %d %v", a.status, a.body)
	}
	return a
}

func TestDeviceCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.start()
	if diff := cmp.Diff([]string{"device_code", "expires_in", "interval", "message", "user_code", "verification_uri"}, keys(s.body)); diff != "" {
		t.Error(diff)
	}
	page := w.server.URL + "/devicelogin"
	message := "To sign in, use a web browser to open the page " + page + " and enter the code " + s.text("user_code") + " to authenticate."
	if s.text("message") != message || s.text("verification_uri") != page || s.body["expires_in"] != 900.0 || s.body["interval"] != 5.0 {
		t.Errorf("%v", s.body)
	}
	if !regexp.MustCompile(`^[A-Z0-9]{9}$`).MatchString(s.text("user_code")) || strings.ContainsAny(s.text("user_code"), "01IOS5Z2B8") {
		t.Errorf("user code %q", s.text("user_code"))
	}
	if a := w.poll(s.text("device_code")); a.status != 400 || a.code() != 70016 || a.text("error") != "authorization_pending" {
		t.Errorf("pending: %v", a.body)
	}
	if a := w.post("/common/oauth2/v2.0/token", "grant_type", deviceGrant, "client_id", cli, "device_code", s.text("device_code")); a.code() != 700005 {
		t.Errorf("another tenant's name: %v", a.body)
	}
	typed := strings.ToLower(s.text("user_code")[:4]) + " - " + s.text("user_code")[4:]
	if err := w.service.Approve(typed, strings.ToUpper(owner)); err != nil {
		t.Fatal(err)
	}
	if a := w.poll(s.text("device_code"), "client_id", shell); a.code() != 70000 {
		t.Errorf("another client: %v", a.body)
	}
	a := w.poll(s.text("device_code"), "grant_type", "device_code", "client_info", "1")
	want := []string{"access_token", "client_info", "expires_in", "ext_expires_in", "foci", "id_token", "refresh_token", "scope", "token_type"}
	if diff := cmp.Diff(want, keys(a.body)); diff != "" {
		t.Fatalf("%s%v", diff, a.body)
	}
	if a.text("scope") != "https://management.core.windows.net//user_impersonation https://management.core.windows.net//.default" || a.text("foci") != "1" {
		t.Errorf("%v", a.body)
	}
	if life, _ := a.body["expires_in"].(float64); life < 3600 || life > 5400 {
		t.Errorf("lifetime %v", life)
	}
	caller, err := w.signer.Verify(a.text("access_token"), time.Now(), tenantID, token.ManagementAudiences())
	if err != nil || !caller.User || caller.Name != owner || caller.ObjectID != "user-1" || !slices.Equal(caller.Scopes, []string{"user_impersonation"}) {
		t.Errorf("%+v %v", caller, err)
	}
	id := claimsOf(t, a.text("id_token"))
	if id["aud"] != cli || id["iss"] != w.server.URL+"/"+tenantID+"/v2.0" || id["preferred_username"] != owner || id["tid"] != tenantID {
		t.Errorf("id token: %v", id)
	}
	raw, err := base64.RawURLEncoding.DecodeString(a.text("client_info"))
	if err != nil || string(raw) != `{"uid":"user-1","utid":"`+tenantID+`"}` {
		t.Errorf("client_info %s %v", raw, err)
	}
	again := w.poll(s.text("device_code"))
	if _, has := again.body["error_uri"]; again.code() != 54005 || again.text("error") != "invalid_grant" || has {
		t.Errorf("redeemed: %v", again.body)
	}
	if err := w.service.Approve(s.text("user_code"), owner); !errors.Is(err, entra.ErrCodeUsed) {
		t.Errorf("approving a redeemed code: %v", err)
	}
}

func TestDeviceCodeRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	denied, late, stopped, once := w.start(), w.start(), w.start(), w.start()
	if err := w.service.Deny(denied.text("user_code")); err != nil {
		t.Fatal(err)
	}
	if a := w.poll(denied.text("device_code")); a.text("error") != "authorization_declined" {
		t.Errorf("denied: %v", a.body)
	}
	if err := w.service.Approve(stopped.text("user_code"), blockedBy); err != nil {
		t.Fatal(err)
	}
	if a := w.poll(stopped.text("device_code")); a.status != 400 || a.code() != 53003 {
		t.Errorf("blocked: %v", a.body)
	}
	for name, c := range map[string]struct{ got, want error }{
		"unknown code":   {w.service.Approve("NOSUCHONE", owner), entra.ErrUnknownCode},
		"empty code":     {w.service.Deny(""), entra.ErrUnknownCode},
		"unknown user":   {w.service.Approve(late.text("user_code"), "nobody@"+domain), entra.ErrUnknownUser},
		"approve":        {w.service.Approve(once.text("user_code"), "user-1"), nil},
		"approve again":  {w.service.Approve(once.text("user_code"), owner), nil},
		"approve others": {w.service.Approve(once.text("user_code"), blockedBy), entra.ErrCodeUsed},
		"deny after":     {w.service.Deny(once.text("user_code")), entra.ErrCodeUsed},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, not %v", name, c.got, c.want)
		}
	}
	if a := w.poll("nonsense"); a.text("error") != "bad_verification_code" {
		t.Errorf("unknown device code: %v", a.body)
	}
	if a := w.poll(""); a.code() != 900144 || !strings.Contains(a.text("error_description"), "'device_code'") {
		t.Errorf("no device code: %v", a.body)
	}
	w.advance(901 * time.Second)
	if a := w.poll(late.text("device_code")); a.code() != 70020 || a.text("error") != "expired_token" {
		t.Errorf("expired: %v", a.body)
	}
	if err := w.service.Approve(late.text("user_code"), owner); !errors.Is(err, entra.ErrCodeExpired) {
		t.Errorf("approving an expired code: %v", err)
	}
	for name, c := range map[string]struct {
		pairs []string
		code  int
	}{
		"no client":        {[]string{"client_id", ""}, 900144},
		"unknown client":   {[]string{"client_id", "who"}, 700016},
		"no scope":         {[]string{"scope", ""}, 900144},
		"unknown resource": {[]string{"scope", "https://nope.example/.default"}, 500011},
		"two resources":    {[]string{"scope", graph + " " + arm}, 28000},
	} {
		if a := w.post(deviceV2, append([]string{"client_id", cli, "scope", graph}, c.pairs...)...); a.status != 400 || a.code() != c.code {
			t.Errorf("%s: %v", name, a.body)
		}
	}
}

// Only one of many polls at the same moment gets the token.
func TestDeviceCodeIsRedeemedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.start()
	if err := w.service.Approve(s.text("user_code"), owner); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	codes := make([]int, 8)
	for i := range codes {
		group.Go(func() { codes[i] = w.poll(s.text("device_code")).code() })
	}
	group.Wait()
	slices.Sort(codes)
	if !slices.Equal(codes, []int{0, 54005, 54005, 54005, 54005, 54005, 54005, 54005}) {
		t.Errorf("%v", codes)
	}
}

func TestVersion1SignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const resource = "https://management.core.windows.net/"
	for _, s := range []answer{
		w.get("/common/oauth2/devicecode?api-version=1.0&client_id=" + cli + "&resource=" + resource),
		w.post("/common/oauth2/devicecode", "client_id", cli, "resource", resource),
	} {
		if s.text("expires_in") != "900" || s.text("interval") != "5" || s.text("verification_url") == "" {
			t.Fatalf("%v", s.body)
		}
		if err := w.service.Approve(s.text("user_code"), owner); err != nil {
			t.Fatal(err)
		}
		a := w.post("/common/oauth2/token", "grant_type", "device_code", "client_id", cli, "resource", resource, "code", s.text("device_code"))
		if a.status != 200 || a.text("resource") != resource || a.text("refresh_token") == "" || a.text("scope") != "user_impersonation" {
			t.Fatalf("%v", a.body)
		}
		if claimsOf(t, a.text("access_token"))["aud"] != resource || claimsOf(t, a.text("id_token"))["upn"] != owner {
			t.Errorf("%v", a.body)
		}
		r := w.post("/"+tenantID+"/oauth2/token", "grant_type", "refresh_token", "client_id", cli, "resource", token.GraphAppID, "refresh_token", a.text("refresh_token"))
		if r.status != 200 || claimsOf(t, r.text("access_token"))["aud"] != token.GraphAppID {
			t.Errorf("refresh: %v", r.body)
		}
	}
	if a := w.post("/common/oauth2/token", "grant_type", "device_code", "client_id", cli); !strings.Contains(a.text("error_description"), "'code'") {
		t.Errorf("no code: %v", a.body)
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.signIn().text("refresh_token")
	refresh := func(text string, pairs ...string) answer {
		return w.post("/"+domain+"/oauth2/v2.0/token", append([]string{
			"grant_type", "refresh_token", "client_id", cli, "refresh_token", text, "scope", "https://graph.microsoft.com//.default offline_access openid profile",
		}, pairs...)...)
	}
	a := refresh(first)
	c := claimsOf(t, a.text("access_token"))
	scp, _ := c["scp"].(string)
	scopes := strings.Fields(scp)
	for _, want := range []string{"Application.ReadWrite.All", "Directory.AccessAsUser.All", "openid"} {
		if !slices.Contains(scopes, want) {
			t.Errorf("scp lacks %s: %v", want, scopes)
		}
	}
	if c["aud"] != "https://graph.microsoft.com/" || !slices.Contains(strings.Fields(a.text("scope")), "https://graph.microsoft.com//.default") {
		t.Errorf("%v", a.body)
	}
	second := a.text("refresh_token")
	if second == "" || second == first {
		t.Error("no new refresh token")
	}
	if a := refresh(first); a.status != 200 {
		t.Errorf("the old one again: %v", a.body)
	}
	if a := refresh(second, "client_id", shell); a.status != 200 {
		t.Errorf("another client of the family: %v", a.body)
	}
	if a := refresh(second, "client_id", publicID); a.status != 400 || a.code() != 700007 {
		t.Errorf("a client outside the family: %v", a.body)
	}
	if a := refresh(second, "claims", `{"access_token":{"xms_cc":{"values":["CP1"]}}}`); a.body["expires_in"] != 86399.0 {
		t.Errorf("a client that handles claims challenges: %v", a.body)
	}
	if a := refresh(second, "client_secret", "x"); a.status != 401 || a.code() != 700025 {
		t.Errorf("a public client with a secret: %v", a.body)
	}
	if a := refresh("nonsense"); a.status != 400 || a.text("error") != "invalid_grant" {
		t.Errorf("unknown: %v", a.body)
	}
	setUser := func(id string, change func(u *directory.User)) {
		w.write(func(s *directory.Store) {
			u, _ := s.Users.Get(id)
			changed := *u
			change(&changed)
			s.Users.Put(id, &changed)
		})
	}
	setUser("user-1", func(u *directory.User) { u.DeviceCodeBlocked = true })
	if a := refresh(second); a.code() != 53003 {
		t.Errorf("protocol tracking: %v", a.body)
	}
	setUser("user-1", func(u *directory.User) { u.DeviceCodeBlocked = false })
	w.write(func(s *directory.Store) {
		key := directory.HashSecret(first)
		r, _ := s.RefreshTokens.Get(key)
		revoked := *r
		revoked.Revoked = true
		s.RefreshTokens.Put(key, &revoked)
	})
	if a := refresh(first); a.status != 400 || a.code() != 50173 || a.text("suberror") != "bad_token" || a.text("error") != "invalid_grant" {
		t.Errorf("revoked: %v", a.body)
	}
	w.advance(91 * 24 * time.Hour)
	if a := refresh(second); a.code() != 700082 || a.text("error") != "invalid_grant" {
		t.Errorf("expired: %v", a.body)
	}
	w.write(func(s *directory.Store) { s.Users.Delete("user-1") })
	w.advance(-91 * 24 * time.Hour)
	if a := refresh(second); a.code() != 50034 {
		t.Errorf("no user: %v", a.body)
	}
}

func TestOwnClients(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.signIn("client_id", publicID, "scope", graph)
	if a.text("id_token") != "" || a.text("refresh_token") != "" || a.text("foci") != "" {
		t.Errorf("what was not asked for: %v", a.body)
	}
	if scp := claimsOf(t, a.text("access_token"))["scp"]; scp != "Application.ReadWrite.All User.Read email openid profile" {
		t.Errorf("scp %v", scp)
	}
	// A confidential client must prove itself, and may.
	s := w.start("client_id", appID)
	if err := w.service.Approve(s.text("user_code"), owner); err != nil {
		t.Fatal(err)
	}
	if a := w.poll(s.text("device_code"), "client_id", appID); a.status != 401 || a.code() != 7000218 {
		t.Errorf("%v", a.body)
	}
	if a := w.poll(s.text("device_code"), "client_id", appID, "client_secret", secret); a.status != 200 {
		t.Errorf("%v", a.body)
	}
	for _, value := range []string{`false`, `null`, `"true"`, `{`} {
		w.write(func(s *directory.Store) {
			app, _ := s.Applications.Get("public-object")
			changed := *app
			changed.Properties = map[string]json.RawMessage{"isFallbackPublicClient": json.RawMessage(value)}
			s.Applications.Put("public-object", &changed)
		})
		if a := w.poll("x", "client_id", publicID); a.code() != 7000218 {
			t.Errorf("isFallbackPublicClient %s: %v", value, a.body)
		}
	}
}

// A killed emulator goes on where it was.
func TestRestart(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	w := openWorld(t, folder)
	w.fill()
	waits, approved := w.start(), w.start()
	refresh := w.signIn().text("refresh_token")
	if err := w.service.Approve(approved.text("user_code"), owner); err != nil {
		t.Fatal(err)
	}
	w.stop()

	w = openWorld(t, folder)
	if a := w.poll(approved.text("device_code")); a.status != 200 {
		t.Errorf("approved before: %v", a.body)
	}
	if err := w.service.Approve(waits.text("user_code"), owner); err != nil {
		t.Error(err)
	}
	if a := w.poll(waits.text("device_code")); a.status != 200 {
		t.Errorf("approved after: %v", a.body)
	}
	a := w.post(tokenV2, "grant_type", "refresh_token", "client_id", cli, "refresh_token", refresh, "scope", arm)
	if a.status != 200 {
		t.Errorf("refresh token: %v", a.body)
	}
}
