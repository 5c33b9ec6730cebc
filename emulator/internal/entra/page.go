package entra

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/exchange"
)

//go:embed page/page.html
var pageHTML string

//go:embed page/style.css
var pageStyle string

// pageScript sends the form of the form_post response mode on its way.
const pageScript = "document.forms[0].submit()"

// pages are the parts of the sign-in pages that are made once.
type pages struct {
	template *template.Template
	policy   string // without form-action
	origin   *http.CrossOriginProtection
}

func newPages() *pages {
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return &pages{
		template: template.Must(template.New("page").Parse(pageHTML)),
		// The pages need nothing but their own style, their own address, and that of the client which they send to.
		policy: "default-src 'none'; style-src " + hash(pageStyle) + "; script-src " + hash(pageScript) +
			"; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
		origin: http.NewCrossOriginProtection(),
	}
}

// formAction is the source expression of where a form may lead to in the end (Content Security Policy 3, form-action).
func formAction(redirectURI string) string {
	u, err := url.Parse(redirectURI)
	switch {
	case redirectURI == "" || err != nil || u.Scheme == "":
		return ""
	case u.Host == "" || strings.Contains(u.Host, "[") || u.Scheme != "http" && u.Scheme != "https":
		return " " + u.Scheme + ":" // a scheme of an app's own; addresses of IPv6 have no expression
	}
	return " " + u.Scheme + "://" + u.Host
}

// view is what a page shows. Step is code, account, confirm, authorize, blocked, post or done.
type view struct {
	Style    template.CSS
	Step     string
	Title    string
	Problem  string
	Code     string
	Client   string
	Tenant   string
	User     string
	Text     string
	Again    bool
	Accounts []account
	Scopes   []string   // that a browser sign-in is for
	Hidden   url.Values // that a form brings again
	Address  string     // of the client, and Values what is posted there
	Values   url.Values
	Script   template.JS
	status   int
}

type account struct {
	UPN string
	May []string
}

// servePage leads a person through the sign-in: code, account, confirmation, done. Nothing is kept between the steps
// but what the forms carry, so that it works without cookies and scripts.
func (s *Service) servePage(w http.ResponseWriter, r *http.Request) {
	var v view
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		v = codePage(r.URL.Query().Get("otc"), "")
		v.status = http.StatusOK
	case http.MethodPost:
		v = s.postedPage(w, r)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "This page takes GET and POST.", http.StatusMethodNotAllowed)
		return
	}
	s.show(w, r, v, "")
}

// servePageOf shows a page of the browser sign-in, from which a form may lead to the client's redirect URI.
func (x *exchanged) servePageOf(v view, redirectURI string) {
	x.w.Header().Set("X-Ms-Request-Id", x.trace)
	x.show(x.w, x.r, v, formAction(redirectURI))
}

func (s *Service) show(w http.ResponseWriter, r *http.Request, v view, formAction string) {
	v.Style = template.CSS(pageStyle)  //nolint:gosec // our own file
	v.Script = template.JS(pageScript) //nolint:gosec // a constant
	var out bytes.Buffer
	if err := s.pages.template.Execute(&out, v); err != nil {
		s.logger.ErrorContext(r.Context(), "making the sign-in page", "error", err)
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", s.pages.policy+formAction)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin") // no-referrer would take the Origin header from the forms too
	w.WriteHeader(v.status)
	if r.Method != http.MethodHead {
		_, _ = out.WriteTo(w) // the browser has gone: nobody to tell
	}
}

func (s *Service) postedPage(w http.ResponseWriter, r *http.Request) view {
	if err := s.pages.origin.Check(r); err != nil {
		return donePage(http.StatusForbidden, "Another page sent this", "Sign-ins are only taken from this page itself.")
	}
	form, fail := readForm(w, r)
	if fail != nil {
		return donePage(fail.status(), "This was not understood", "The form did not arrive as this page sends it. Enter the code once more.")
	}
	code, user := form.Get("code"), form.Get("user")
	switch form.Get("step") {
	case "account":
		return s.confirmPage(code, user)
	case "confirm":
		return s.decided(r, code, user, form.Get("decision"))
	}
	return s.accountPage(code, "")
}

func codePage(code, problem string) view {
	return view{Step: "code", Title: "Enter code", Code: code, Problem: problem, status: http.StatusBadRequest}
}

func donePage(status int, title, text string) view {
	return view{Step: "done", Title: title, Text: text, Again: true, status: status}
}

// accountPage lists the people of the tenant, each with what they may do.
func (s *Service) accountPage(code, problem string) view {
	v := view{Step: "account", Title: "Choose an account", Code: normalize(code), Problem: problem, status: http.StatusOK}
	if problem != "" {
		v.status = http.StatusBadRequest
	}
	var err error
	s.directory.Read(func() {
		var d *directory.DeviceCode
		if _, d = s.code(code); d != nil {
			v.Client = s.clientName(d.ClientID)
		}
		if err = waiting(d, s.directory.Now()); err != nil {
			return
		}
		if t, ok := s.directory.Tenants.Get(s.tenantID); ok {
			v.Tenant = t.DisplayName
		}
		roles := s.azureRoles()
		for _, u := range s.directory.Users.All() {
			v.Accounts = append(v.Accounts, account{UPN: u.UserPrincipalName, May: may(u, roles[u.ID])})
		}
	})
	if err != nil {
		return codePage(code, explain(err))
	}
	return v
}

func (s *Service) confirmPage(code, user string) view {
	var (
		client string
		known  bool
		err    error
	)
	s.directory.Read(func() {
		var d *directory.DeviceCode
		if _, d = s.code(code); d != nil {
			client = s.clientName(d.ClientID)
		}
		err = waiting(d, s.directory.Now())
		known = s.userNamed(user) != nil
	})
	switch {
	case err != nil:
		return codePage(code, explain(err))
	case !known:
		return s.accountPage(code, "This account is not in the tenant. Choose one of the list.")
	}
	return view{
		Step: "confirm", Title: "Are you trying to sign in to " + client + "?", Code: normalize(code), User: user, status: http.StatusOK,
	}
}

func (s *Service) decided(r *http.Request, code, user, decision string) view {
	var err error
	switch decision {
	case "continue":
		err = s.Approve(code, user)
	case "cancel":
		err = s.Deny(code)
	default:
		return s.confirmPage(code, user)
	}
	switch {
	case errors.Is(err, ErrUnknownUser):
		return s.accountPage(code, "This account is not in the tenant. Choose one of the list.")
	case errors.Is(err, ErrUnknownCode), errors.Is(err, ErrCodeExpired), errors.Is(err, ErrCodeUsed):
		return codePage(code, explain(err))
	case err != nil:
		s.logger.ErrorContext(r.Context(), "noting a sign-in", "error", err)
		return donePage(http.StatusServiceUnavailable, "The sign-in was not noted", "The emulator could not write its state. Its log says why.")
	case decision == "cancel":
		return donePage(http.StatusOK, "You cancelled the sign-in", "The program that showed the code has been refused. You can close this window.")
	}
	exchange.SetCaller(r.Context(), user)
	v := donePage(http.StatusOK, "You have signed in", "The program that showed the code goes on by itself. You can close this window.")
	v.Again = false
	return v
}

// explain tells a person what is wrong with a code, and what to do.
func explain(err error) string {
	switch {
	case errors.Is(err, ErrCodeExpired):
		return "This code has expired: codes are good for 15 minutes. Start the sign-in again in the program to get a new one."
	case errors.Is(err, ErrCodeUsed):
		return "This code has been used already. If the program is still waiting, start the sign-in again to get a new one."
	}
	return "No sign-in is waiting for this code. Check that it is typed as the program shows it."
}

// clientName is what a person knows the client by. Only inside Directory.Read.
func (s *Service) clientName(id string) string {
	if m := microsoftClientOf(id); m != nil {
		return m.name
	}
	if app, ok := s.directory.Applications.Find(id); ok {
		return app.DisplayName
	}
	return id
}

// azureRoles are the Azure roles of each principal, in words. Only inside Directory.Read.
func (s *Service) azureRoles() map[string][]string {
	out := map[string][]string{}
	for _, a := range s.directory.RoleAssignments.All() {
		name := a.RoleID[strings.LastIndexByte(a.RoleID, '/')+1:]
		if d, ok := s.directory.RoleDefinitions.Get(name); ok {
			name = d.Name
		}
		scope := a.Scope
		if sub, ok := s.directory.Subscriptions.Get(strings.TrimPrefix(scope, "/subscriptions/")); ok {
			scope = "subscription " + sub.DisplayName
		}
		out[a.PrincipalID] = append(out[a.PrincipalID], name+" of "+scope)
	}
	return out
}

func may(u *directory.User, azure []string) []string {
	var out []string
	if u.DeviceCodeBlocked {
		out = append(out, "Conditional Access refuses sign-ins by device code")
	}
	for _, r := range u.AccessRules {
		out = append(out, fmt.Sprintf("Conditional Access: AADSTS%d", r.Code))
	}
	if len(u.Roles) > 0 {
		out = append(out, "Directory: "+strings.Join(u.Roles, ", "))
	} else {
		out = append(out, "Directory: no role")
	}
	if len(azure) == 0 {
		return append(out, "Azure: no role")
	}
	slices.Sort(azure)
	return append(out, "Azure: "+strings.Join(azure, ", "))
}
