package entra_test

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// browse sends a form as the page's own does, and returns status and text.
func (w *world) browse(site string, pairs ...string) (int, string) {
	w.Helper()
	method, body := http.MethodGet, io.Reader(nil)
	if len(pairs) > 0 {
		form := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(w.Context(), method, w.server.URL+"/devicelogin", body)
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", site)
	res, err := w.server.Client().Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	if policy := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") {
		w.Errorf("policy %q", policy)
	}
	// The style must be the one that the policy names, or browsers drop it.
	_, style, _ := strings.Cut(string(raw), "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	if sum := sha256.Sum256([]byte(style)); !strings.Contains(res.Header.Get("Content-Security-Policy"), base64.StdEncoding.EncodeToString(sum[:])) {
		w.Error("the policy does not allow the page's style")
	}
	if len(res.Cookies()) > 0 || regexp.MustCompile(`(?i)<script|https?://`).Match(raw) {
		w.Errorf("the page sets cookies, has scripts or names other hosts: %s", raw)
	}
	return res.StatusCode, html.UnescapeString(string(raw))
}

func (w *world) shows(status int, text string, want int, parts ...string) {
	w.Helper()
	if status != want {
		w.Errorf("status %d, not %d", status, want)
	}
	for _, p := range append(parts, "This is the Evercred emulator", `<html lang="en">`) {
		if !strings.Contains(text, p) {
			w.Errorf("the page lacks %q: %s", p, text)
		}
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const own = "same-origin"
	s := w.start()
	code := s.text("user_code")
	status, text := w.browse("none")
	w.shows(status, text, 200, "Enter code", `<label for="code">`)
	status, text = w.browse(own, "step", "code", "code", strings.ToLower(code[:5])+"-"+code[5:])
	w.shows(status, text, 200, "Choose an account", owner, "Microsoft Azure CLI", "Application Administrator", "Owner of subscription Production", "Conditional Access refuses", code)
	status, text = w.browse(own, "step", "account", "code", code, "user", owner)
	w.shows(status, text, 200, "Are you trying to sign in to Microsoft Azure CLI?", owner, "Continue", "Cancel")
	if a := w.poll(s.text("device_code")); a.code() != 70016 {
		t.Errorf("signed in before the confirmation: %v", a.body)
	}
	status, text = w.browse(own, "step", "confirm", "code", code, "user", owner, "decision", "continue")
	w.shows(status, text, 200, "You have signed in")
	if a := w.poll(s.text("device_code")); a.status != 200 {
		t.Errorf("%v", a.body)
	}
	status, text = w.browse(own, "step", "code", "code", code)
	w.shows(status, text, 400, "This code has been used already")
}

func TestPageRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const own = "same-origin"
	s, late := w.start(), w.start()
	code := s.text("user_code")
	status, text := w.browse(own, "step", "code", "code", "<i>WRONG")
	w.shows(status, text, 400, "No sign-in is waiting for this code")
	status, text = w.browse(own, "step", "account", "code", code, "user", "nobody")
	w.shows(status, text, 400, "This account is not in the tenant", owner)
	status, text = w.browse(own, "step", "confirm", "code", code, "user", "nobody", "decision", "continue")
	w.shows(status, text, 400, "This account is not in the tenant", owner)
	status, text = w.browse(own, "step", "confirm", "code", code, "user", owner, "decision", "?")
	w.shows(status, text, 200, "Are you trying to sign in")
	status, text = w.browse("cross-site", "step", "confirm", "code", code, "user", owner, "decision", "continue")
	w.shows(status, text, 403, "Another page sent this")
	if a := w.poll(s.text("device_code")); a.code() != 70016 {
		t.Errorf("another site signed a person in: %v", a.body)
	}
	status, text = w.browse(own, "step", "confirm", "code", code, "user", owner, "decision", "cancel")
	w.shows(status, text, 200, "You cancelled the sign-in")
	if a := w.poll(s.text("device_code")); a.text("error") != "authorization_declined" {
		t.Errorf("%v", a.body)
	}
	w.advance(16 * time.Minute)
	status, text = w.browse(own, "step", "code", "code", late.text("user_code"))
	w.shows(status, text, 400, "This code has expired")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, w.server.URL+"/devicelogin", nil)
	if err != nil {
		t.Fatal(err)
	}
	if a := w.do(r); a.status != http.StatusMethodNotAllowed {
		t.Errorf("DELETE: %d", a.status)
	}
}
