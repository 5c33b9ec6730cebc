package control

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/entra"
	"github.com/evercred/evercred/emulator/script"
)

// theCaller stands for whoever makes the request that a rule befalls.
const theCaller = "caller"

// checkAction says whether an action could be done at all. inRule: it may name the caller.
func checkAction(a script.Action, at string, inRule bool) error {
	if !slices.Contains(script.Actions(), a.Action) {
		return invalid(join(at, "action"), `"action" is one of %s, not %q.`, strings.Join(script.Actions(), ", "), a.Action)
	}
	switch a.Action {
	case script.SetAppPolicy:
		var restrictions map[string][]map[string]any
		if len(a.Policy) > 0 && json.Unmarshal(a.Policy, &restrictions) != nil {
			return invalid(join(at, "policy"), `"policy" is an object of lists, as Microsoft Graph has it: {"passwordCredentials":[{"restrictionType":"passwordAddition","state":"enabled"}]}.`)
		}
	case script.DisableApplication, script.EnableApplication, script.DeleteApplication, script.PurgeApplication, script.RemoveCredentials:
		if a.Application == "" {
			return invalid(join(at, "application"), `%q wants "application": a client id, an object id or a display name.`, a.Action)
		}
	default:
		if a.Of == "" {
			return invalid(join(at, "of"), `%q wants "of": a user principal name, a client id or an object id.`, a.Action)
		}
		if a.Action == script.RefuseSignIn && (!slices.Contains(entra.RefusalCodes(), a.Code) || !slices.Contains(flows(), a.Flow)) {
			return invalid(join(at, "code"), `"code" is one of %v, and "flow" is one of %s or left out.`, entra.RefusalCodes(), strings.Join(flows()[1:], ", "))
		}
		if a.Of == theCaller && !inRule {
			return invalid(join(at, "of"), `"caller" is for the actions of a rule: nobody calls here.`)
		}
	}
	return nil
}

// flows are those that a policy of Conditional Access can be about; the first is all of them.
func flows() []string { return []string{"", "device_code", "authorization_code", "refresh_token"} }

// act does one action at once.
func (c *Control) act(r *http.Request, _ []string) (any, error) {
	var a script.Action
	if err := read(r, &a); err != nil {
		return nil, err
	}
	if err := checkAction(a, "", false); err != nil {
		return nil, err
	}
	done, err := c.perform(a, nil)
	if err != nil {
		return nil, err
	}
	return map[string]int{"changed": done}, nil
}

// change does the actions of a rule. What they name may be gone: then there is nothing to take away.
func (c *Control) change(ctx context.Context, actions []script.Action, who *claimed) {
	for _, a := range actions {
		var names []string
		if a.Of == theCaller {
			names = who.names()
		}
		done, err := c.perform(a, names)
		if err != nil {
			c.logger.ErrorContext(ctx, "action of a rule failed", "action", a.Action, "error", err)
			continue
		}
		c.logger.DebugContext(ctx, "action of a rule done", "action", a.Action, "of", a.Of, "application", a.Application, "changed", done)
	}
}

// perform returns how many objects it changed. caller are the names that "caller" stands for.
func (c *Control) perform(a script.Action, caller []string) (done int, err error) {
	err = c.directory.Write(func() error {
		w := change{Store: c.directory, action: a}
		w.principals = w.find(a.Of)
		if a.Of == theCaller {
			w.principals = nil
			for _, name := range caller {
				w.principals = append(w.principals, w.find(name)...)
			}
		}
		w.perform()
		done = w.done
		return nil
	})
	return done, err
}

// change is one action at work, inside a Write.
type change struct {
	*directory.Store
	action     script.Action
	principals []string // object ids
	done       int
}

// find returns the object ids that a name can mean: of a user, or of an application's service principals.
func (w *change) find(name string) []string {
	var ids []string
	if name == "" {
		return nil
	}
	lower := strings.ToLower(name)
	for _, u := range w.Users.Each(lower) {
		ids = append(ids, u.ID)
	}
	for _, p := range w.ServicePrincipals.Each(lower) {
		ids = append(ids, p.ID)
	}
	_, user := w.Users.Get(lower)
	_, service := w.ServicePrincipals.Get(lower)
	_, group := w.Groups.Get(lower)
	if user || service || group {
		ids = append(ids, lower)
	}
	return ids
}

// applications are those that the action means: one, or all where it names none.
func (w *change) applications() []*directory.Application {
	var found []*directory.Application
	for _, a := range w.Applications.All() {
		if n := w.action.Application; n == "" || strings.EqualFold(n, a.AppID) || strings.EqualFold(n, a.ID) || strings.EqualFold(n, a.DisplayName) {
			found = append(found, a)
		}
	}
	return found
}

// services are the service principals of those applications.
func (w *change) services() []*directory.ServicePrincipal {
	var found []*directory.ServicePrincipal
	for _, p := range w.ServicePrincipals.All() {
		if n := w.action.Application; strings.EqualFold(n, p.AppID) || strings.EqualFold(n, p.ID) || strings.EqualFold(n, p.DisplayName) {
			found = append(found, p)
		}
	}
	for _, a := range w.applications() {
		for _, p := range w.ServicePrincipals.Each(a.AppID) {
			if !slices.Contains(found, p) {
				found = append(found, p)
			}
		}
	}
	return found
}

func (w *change) mine(id string) bool {
	return slices.ContainsFunc(w.principals, func(p string) bool { return strings.EqualFold(p, id) })
}
