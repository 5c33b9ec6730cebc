package contract_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/evercred/evercred/emulator/emulatortest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// vocabulary is testdata/shapes.json.
type vocabulary struct {
	Shapes  map[string]any
	Headers map[string]map[string]any
}

// TestRecorded drives every story against an emulator of its own.
func TestRecorded(t *testing.T) {
	t.Parallel()
	var words vocabulary
	load(t, "shapes.json", &words)
	for name, of := range services(t) {
		for _, told := range of.Stories {
			t.Run(name+"/"+told.Name, func(t *testing.T) {
				t.Parallel()
				r := newRun(t, of, told, words)
				for i := range told.Steps {
					r.step(told.Steps[i])
				}
			})
		}
	}
}

// run is a story under way.
type run struct {
	t        *testing.T
	emulator *emulatortest.Emulator
	client   *http.Client
	service  service
	story    story
	words    vocabulary
	shapes   shapes
	tokens   map[string]string // by who asks whom
}

func newRun(t *testing.T, of service, told story, words vocabulary) *run {
	t.Helper()
	e := emulatortest.Start(t)
	env := e.Env()
	known := vars{
		"tenant": env["TENANT_ID"], "domain": env["TENANT_DOMAIN"], "subscription": env["SUBSCRIPTION_ID"],
		"testApp": env["APP_ID"], "testAppObject": env["APP_OBJECT_ID"], "testSecret": env["APP_SECRET"],
		"certificate": newCertificate(t, "CLI-Login"), "otherCertificate": newCertificate(t, "Other"), "in30Days": inDays(e, 30), "in300Days": inDays(e, 300),
		"issuer": e.BaseURL() + "/_emulator/issuer", "now": inDays(e, 0), "azureCLI": "04b07795-8ddb-461a-bbee-02f9e1bf7b46", "newGUID": "5f0e4a3c-7d1b-4c2e-9f80-61a2b3c4d5e6", "otherGUID": "6a1f5b4d-8e2c-4d3f-8a91-72b3c4d5e6f7",
	}
	return &run{
		t: t, emulator: e, client: e.HTTPClient(), service: of, story: told, words: words,
		shapes: shapes{named: words.Shapes, vars: known}, tokens: map[string]string{},
	}
}

// step makes a request and compares the answer. The request names the real host, which the links of the answer follow.
func (r *run) step(s step) {
	r.t.Helper()
	status, header, body := r.ask(s)
	fault := func(text string) { r.t.Helper(); r.t.Errorf("%s: %s", s.Do, text) }
	if status != s.Status {
		r.t.Fatalf("%s: status %d, want %d: %s", s.Do, status, s.Status, body)
	}
	for _, text := range r.differHeader(s, header) {
		fault(text)
	}
	for name, where := range s.Catch {
		key, expression, _ := strings.Cut(where, " ")
		m := regexp.MustCompile(expression).FindStringSubmatch(header.Get(key))
		if m == nil {
			r.t.Fatalf("%s: header %s is %q, without %s", s.Do, key, header.Get(key), expression)
		}
		r.shapes.vars[name] = m[1]
	}
	if s.Want == nil {
		if len(body) > 0 {
			fault("a body, want none: " + string(body))
		}
		return
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var answer any
	if err := d.Decode(&answer); err != nil {
		r.t.Fatalf("%s: %v: %s", s.Do, err, body)
	}
	for _, text := range r.shapes.differ("answer", s.Want, answer) {
		fault(text)
	}
	for name, place := range s.Keep {
		value, err := pick(answer, place)
		if err != nil {
			r.t.Fatalf("%s: %v", s.Do, err)
		}
		r.shapes.vars[name] = value
	}
}

func (r *run) ask(s step) (int, http.Header, []byte) {
	r.t.Helper()
	method, target, _ := strings.Cut(r.shapes.vars.fill(s.Do), " ")
	path, query, _ := strings.Cut(target, "?")
	address := r.emulator.BaseURL() + path
	if query != "" {
		address += "?" + strings.ReplaceAll(strings.ReplaceAll(query, "%", "%25"), " ", "%20")
	}
	body := io.Reader(http.NoBody)
	kind := ""
	switch {
	case s.Form != nil:
		form := url.Values{}
		for key, value := range s.Form {
			form.Set(key, r.shapes.vars.fill(value))
		}
		body, kind = strings.NewReader(form.Encode()), "application/x-www-form-urlencoded"
	case s.Body != nil:
		raw, err := json.Marshal(r.shapes.vars.fillAll(s.Body))
		if err != nil {
			r.t.Fatal(err)
		}
		body, kind = bytes.NewReader(raw), "application/json"
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, address, body)
	if err != nil {
		r.t.Fatal(err)
	}
	if !strings.HasPrefix(path, "/_emulator/") {
		req.Host = cmp.Or(s.Host, r.service.Host)
		if who := r.who(s); who != "" {
			req.Header.Set("Authorization", "Bearer "+r.bearer(who, req.Host))
		}
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for key, value := range s.Send {
		req.Header.Set(key, r.shapes.vars.fill(value))
	}
	return r.send(req)
}

func (r *run) send(req *http.Request) (int, http.Header, []byte) {
	r.t.Helper()
	resp, err := r.client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, raw
}

func (r *run) who(s step) string {
	if s.As != nil {
		return *s.As
	}
	return r.story.As
}

// bearer is an access token for the service: of the test application, of a person by device code, or the text itself.
func (r *run) bearer(who, host string) string {
	r.t.Helper()
	if text, literal := strings.CutPrefix(who, "="); literal {
		return r.shapes.vars.fill(text)
	}
	held := who + " at " + host
	if r.tokens[held] != "" {
		return r.tokens[held]
	}
	scope := r.service.Scope
	if host != r.service.Host {
		scope = "https://" + host + "/.default"
	}
	if who == "app" {
		r.tokens[held] = r.token(url.Values{
			"grant_type": {"client_credentials"}, "client_id": {r.shapes.vars["testApp"]}, "client_secret": {r.shapes.vars["testSecret"]}, "scope": {scope},
		})["access_token"]
		return r.tokens[held]
	}
	cli := r.shapes.vars["azureCLI"]
	code := r.form("devicecode", url.Values{"client_id": {cli}, "scope": {scope}})
	r.emulator.Approve(code["user_code"], who+"@"+r.shapes.vars["domain"])
	r.tokens[held] = r.token(url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "client_id": {cli}, "device_code": {code["device_code"]},
	})["access_token"]
	return r.tokens[held]
}

func (r *run) token(form url.Values) map[string]string { return r.form("token", form) }

// form posts to an endpoint of Entra and returns the texts of a good answer.
func (r *run) form(endpoint string, form url.Values) map[string]string {
	r.t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(r.t.Context()), http.MethodPost,
		r.emulator.BaseURL()+"/"+r.shapes.vars["tenant"]+"/oauth2/v2.0/"+endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Host = "login.microsoftonline.com"
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, _, raw := r.send(req)
	var answer map[string]any
	if err := json.Unmarshal(raw, &answer); err != nil || status != http.StatusOK {
		r.t.Fatalf("%s: %d, %v: %s", endpoint, status, err, raw)
	}
	texts := map[string]string{}
	for key, value := range answer {
		texts[key], _ = value.(string)
	}
	return texts
}
