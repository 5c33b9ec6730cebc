package entra

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/exchange"
)

// authorization is a request for an authorization code: what a client sends a person's browser with (Microsoft identity
// platform, authorization code flow).
type authorization struct {
	segment     string
	client      *client
	redirectURI string
	platform    string
	mode        string // query, fragment or form_post
	state       string
	scope       string
	nonce       string
	challenge   string
	plain       bool
	stronger    bool
	prompt      string
	hint        string // user principal name
	target      target // the resource, the first of several
}

// authorize leads a person through the sign-in and the browser back to the client.
//
// What is wrong before the redirect URI is known to be the client's is told to the person on a page, as Entra does; all
// else is told to the client.
func (x *exchanged) authorize() {
	if !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPost}, x.r.Method) {
		x.answer(nil, onlyPost(x.r.Method))
		return
	}
	fail := x.readAuthorization()
	if fail != nil {
		x.servePageOf(x.problemPage(fail), "")
		return
	}
	a, fail := x.clientAndRedirect()
	if fail != nil {
		x.servePageOf(x.problemPage(fail), "")
		return
	}
	if fail = x.fill(a); fail != nil {
		x.sendBack(a, x.errorValues(fail))
		return
	}
	if decision := x.decision(); decision != "" {
		x.decideAuthorization(a, decision)
		return
	}
	if a.prompt == "none" {
		x.sendBack(a, x.errorValues(noSession()))
		return
	}
	x.servePageOf(x.authorizePage(a, ""), a.redirectURI)
}

// readAuthorization takes the parameters of the query and of the body together: the page posts to its own address.
func (x *exchanged) readAuthorization() *failure {
	query, fail := parseForm(x.r.URL.RawQuery)
	if fail != nil {
		return fail
	}
	x.form = query
	if x.r.Method != http.MethodPost {
		return nil
	}
	body, fail := readForm(x.w, x.r)
	if fail != nil {
		return fail
	}
	for name, values := range body {
		if _, twice := query[name]; twice {
			return duplicated(name)
		}
		x.form[name] = values
	}
	return nil
}

// decision is what the person pressed, empty if the request comes from elsewhere.
func (x *exchanged) decision() string {
	if x.r.Method != http.MethodPost || x.pages.origin.Check(x.r) != nil {
		return ""
	}
	return x.form.Get("decision")
}

// clientAndRedirect finds the client and where its browser goes back to.
func (x *exchanged) clientAndRedirect() (*authorization, *failure) {
	segment, fail := x.segment()
	if fail != nil {
		return nil, fail
	}
	c, fail := x.client()
	if fail != nil {
		return nil, fail
	}
	exchange.SetCaller(x.r.Context(), c.id)
	a := &authorization{segment: segment, client: c, mode: "query", state: x.form.Get("state")}
	if a.redirectURI, a.platform, fail = x.redirect(c, x.form.Get("redirect_uri")); fail != nil {
		return nil, fail
	}
	return a, nil
}

// codeChallenge is what a code challenge is made of (RFC 7636, section 4.2).
var codeChallenge = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)

// fill reads the rest of the request.
func (x *exchanged) fill(a *authorization) *failure {
	a.nonce, a.prompt, a.hint = x.form.Get("nonce"), x.form.Get("prompt"), x.form.Get("login_hint")
	a.stronger = answersChallenge(x.form.Get("claims"))
	switch mode := x.form.Get("response_mode"); mode {
	case "":
	case "query", "fragment", "form_post":
		a.mode = mode
	default:
		return unsupportedMode(mode)
	}
	if fail := x.required("response_type"); fail != nil {
		return fail
	}
	for kind := range strings.FieldsSeq(x.form.Get("response_type")) {
		switch kind {
		case "code":
		case "token":
			return notEnabled(700051, kind)
		case "id_token": // implicit grants are off in a new registration
			return notEnabled(700054, kind)
		default:
			return unsupportedType(kind)
		}
	}
	if fail := x.fillChallenge(a); fail != nil {
		return fail
	}
	if !slices.Contains([]string{"", "none", "login", "select_account", "consent", "admin_consent", "create"}, a.prompt) {
		return unsupportedPrompt(a.prompt)
	}
	return x.fillScope(a)
}

func (x *exchanged) fillChallenge(a *authorization) *failure {
	a.challenge = x.form.Get("code_challenge")
	method := x.form.Get("code_challenge_method")
	switch {
	case a.challenge == "" && method != "":
		return challengeMissing()
	case a.challenge == "" && a.platform == platformSPA:
		return challengeNeeded()
	case a.challenge == "":
		return nil
	case method != "" && method != "plain" && method != "S256":
		return challengeMethod()
	case !codeChallenge.MatchString(a.challenge) || method == "S256" && len(a.challenge) != 43:
		return challengeSize()
	}
	a.plain = method != "S256"
	return nil
}

// fillScope checks what is asked for. A person may be asked for permissions of several resources at once; a token is then
// redeemed for one of them.
func (x *exchanged) fillScope(a *authorization) *failure {
	if x.v1 {
		resource := x.form.Get("resource")
		if resource == "" {
			resource = "https://" + x.graphHost()
		}
		a.scope = resource + dotDefault + " openid offline_access"
	} else {
		if fail := x.required("scope"); fail != nil {
			return fail
		}
		a.scope = x.form.Get("scope")
	}
	asked, count := ask{}, 0
	for scope := range strings.FieldsSeq(a.scope) {
		if count++; count > maxScopes {
			return malformed()
		}
		one, fail := parseScope(scope)
		if fail != nil {
			return fail
		}
		if one.resource == "" {
			continue
		}
		if _, fail := x.userTarget(&one); fail != nil {
			return fail
		}
		if asked.resource == "" {
			asked = one
		}
	}
	var fail *failure
	a.target, fail = x.userTarget(&asked)
	return fail
}

// decideAuthorization does what the person pressed.
func (x *exchanged) decideAuthorization(a *authorization, decision string) {
	if decision == "cancel" {
		x.sendBack(a, x.errorValues(cancelled()))
		return
	}
	var user *directory.User
	x.directory.Read(func() { user = x.userNamed(x.form.Get("user")) })
	if user != nil && user.Disabled {
		x.servePageOf(x.authorizePage(a, "This account is disabled (AADSTS50057). Choose another one."), a.redirectURI)
		return
	}
	if user == nil {
		x.servePageOf(x.authorizePage(a, "This account is not in the tenant. Choose one of the list."), a.redirectURI)
		return
	}
	exchange.SetCaller(x.r.Context(), user.UserPrincipalName)
	g := grant{flow: flowCode, user: user, stronger: true} // what can be met is met here, or refused with the code
	fail := x.asGuest(&g, a.client)
	if fail == nil {
		fail = x.access(g, a.target)
	}
	if fail != nil {
		if decision == "return" {
			x.sendBack(a, x.errorValues(deniedAccess(fail)))
			return
		}
		x.servePageOf(x.blockedPage(a, user, fail), a.redirectURI)
		return
	}
	code, fail := x.putAuthorization(a, user.ID)
	if fail != nil {
		x.sendBack(a, x.errorValues(fail))
		return
	}
	values := url.Values{"code": {code}, "session_state": {uuid.NewString()}}
	if x.form.Get("client_info") == "1" {
		values.Set("client_info", x.clientInfo(user))
	}
	x.sendBack(a, values)
}

// errorValues are the parameters of a refusal.
func (x *exchanged) errorValues(f *failure) url.Values {
	b := f.body(x)
	values := url.Values{"error": {b.Error}, "error_description": {b.Description}}
	if b.URI != "" {
		values.Set("error_uri", b.URI)
	}
	if f.Sub != "" {
		values.Set("error_subcode", f.Sub)
	}
	return values
}

// sendBack sends the browser to the client, in the way that it asked for.
func (x *exchanged) sendBack(a *authorization, values url.Values) {
	if a.state != "" {
		values.Set("state", a.state)
	}
	u, err := url.Parse(a.redirectURI)
	if err != nil {
		x.servePageOf(x.problemPage(redirectMismatch(a.redirectURI, a.client.id)), "")
		return
	}
	switch a.mode {
	case "form_post":
		x.servePageOf(view{Step: "post", Title: "Working", Address: a.redirectURI, Values: values, status: http.StatusOK}, a.redirectURI)
		return
	case "fragment":
		u.Fragment, u.RawFragment = values.Encode(), ""
		if decoded, err := url.PathUnescape(values.Encode()); err == nil {
			u.Fragment, u.RawFragment = decoded, values.Encode()
		}
	default:
		query := u.RawQuery
		if query != "" {
			query += "&"
		}
		u.RawQuery = query + values.Encode()
	}
	h := x.w.Header()
	h.Set("Cache-Control", "no-store, no-cache")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Ms-Request-Id", x.trace)
	h.Set("Location", u.String())
	status := http.StatusFound
	if x.r.Method == http.MethodPost {
		status = http.StatusSeeOther
	}
	x.w.WriteHeader(status)
}
