package entra

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// authorizePage lists the people that a browser can be signed in as; the one that the client named comes first.
func (x *exchanged) authorizePage(a *authorization, problem string) view {
	v := view{
		Step: "authorize", Title: "Sign in to " + a.client.name(), Problem: problem, Client: a.client.name(), Scopes: readable(a.scope),
		Hidden: x.posted(), status: http.StatusOK,
	}
	if problem != "" {
		v.status = http.StatusBadRequest
	}
	x.directory.Read(func() {
		v.Tenant = x.tenant.DisplayName
		roles := x.azureRoles()
		for _, u := range x.directory.Users.All() {
			entry := account{UPN: u.UserPrincipalName, May: may(u, roles[u.ID])}
			if strings.EqualFold(u.UserPrincipalName, a.hint) && len(v.Accounts) > 0 {
				v.Accounts = slices.Insert(v.Accounts, 0, entry)
				continue
			}
			v.Accounts = append(v.Accounts, entry)
		}
	})
	return v
}

// blockedPage is where a person ends whom Conditional Access refuses. The real one leaves the client waiting; this one
// can tell it.
func (x *exchanged) blockedPage(a *authorization, u *directory.User, f *failure) view {
	return view{
		Step: "blocked", Title: "You cannot access this right now", Client: a.client.name(), User: u.UserPrincipalName,
		Text:   fmt.Sprintf("Your sign-in as %s was successful as far as it went, but Conditional Access refuses it (AADSTS%d). %s", u.UserPrincipalName, f.Code, f.Text),
		Hidden: x.posted(), status: http.StatusOK,
	}
}

// problemPage tells a person what cannot be told to the client.
func (x *exchanged) problemPage(f *failure) view {
	b := f.body(x)
	return view{
		Step: "done", Title: "Sorry, but we’re having trouble signing you in", Text: b.Description,
		status: max(f.status(), http.StatusBadRequest),
	}
}

// posted are the parameters that came in the body, which the page's form must bring again. Those of the address stay in
// the address.
func (x *exchanged) posted() url.Values {
	query := x.r.URL.Query()
	out := url.Values{}
	for name, values := range x.form {
		if _, kept := query[name]; !kept && name != "user" && name != "decision" {
			out[name] = values
		}
	}
	return out
}

// readable are the permissions that a person is told about.
func readable(scope string) []string {
	var out []string
	for s := range strings.FieldsSeq(scope) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
