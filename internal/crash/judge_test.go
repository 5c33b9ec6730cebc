//go:build unix

package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/store"
)

// missing says why the current credential of an account cannot work, by what is on the application; empty: it can.
func (w *world) missing(a *account.Account) string {
	c := a.Current()
	if c == nil {
		return "the account has no current credential"
	}
	app, found := w.cloud.Look(c.ApplicationID)
	if !found || app.Deleted || !app.Enabled {
		return "the application of the account is gone"
	}
	if c.KeyID == "" { // somebody else made it, and Evercred has not learnt which it is: the token tells, in the end
		return ""
	}
	for _, held := range app.Credentials {
		if held.KeyID == c.KeyID {
			return ""
		}
	}
	return "the current " + c.Kind.Noun() + " " + c.ID + " is not on the application"
}

// token gets one with the current credential, as the software that uses the account would.
func (w *world) token(ctx context.Context, a *account.Account) error {
	c := a.Current()
	if c == nil {
		return fmt.Errorf("the account has no current credential")
	}
	material, err := w.store.Material(ctx, account.System(), c.ID)
	if err != nil {
		return err
	}
	at := w.at
	at.InProcess = w.cloud // nobody observes
	client, err := entra.New(entra.Config{Cloud: at, Clock: w.clock})
	if err != nil {
		return err
	}
	cred := entra.Credential{Secret: material}
	if c.Kind == account.Certificate {
		cred = entra.Credential{}
		if cred.Certificate, err = certificate.ReadPEM(material); err != nil {
			return err
		}
	}
	_, err = client.AppToken(ctx, a.TenantID, c.ApplicationID, cred, at.ManagementScope)
	return err
}

// orphans are the credentials of this installation on the application of an account that the account does not know.
func (w *world) orphans(a *account.Account) []string {
	app, _ := w.cloud.Look(a.ApplicationID)
	var out []string
	for _, held := range app.Credentials {
		known := slices.ContainsFunc(a.Credentials, func(c account.Credential) bool {
			return c.KeyID == held.KeyID && (c.Slot == account.Current || c.Slot == account.Retiring)
		})
		if w.ours(held.Name) && !known {
			out = append(out, held.Name)
		}
	}
	return out
}

// ours reports whether a credential's name is one that this installation gives.
func (w *world) ours(name string) bool {
	return strings.HasPrefix(name, account.TagPrefix+w.store.Installation()+"/")
}

// rest says which operation neither ended, nor waits for a time or a person and says so; empty: all is well.
func (w *world) rest(ctx context.Context) string {
	open, err := w.operations(ctx, true)
	if err != nil {
		return err.Error()
	}
	for _, op := range open {
		switch {
		case op.State == account.OpNeedsSignIn && op.Problem != nil && op.Problem.Message != "" && op.Left() != "":
		case op.Kind == account.OpRetire && op.NextAt != nil:
		default:
			return fmt.Sprintf("the %s is %s still, next at %v: %+v", op.Kind, op.State, op.NextAt, op.Problem)
		}
	}
	return ""
}

// slots says what is wrong with the slots of the account's credentials; empty: nothing.
func slots(a *account.Account, needsCurrent bool) string {
	n := map[account.Slot]int{}
	for _, c := range a.Credentials {
		n[c.Slot]++
	}
	if n[account.Current] > 1 || n[account.Current] == 0 && needsCurrent {
		return fmt.Sprintf("%d current credentials", n[account.Current])
	}
	return ""
}

// residue is what the judge finds in the end: what is left over, and what of others was touched.
func (w *world) residue(ctx context.Context, k kind, before map[string]string) []string {
	after, err := w.cloud.State()
	if err != nil {
		return []string{err.Error()}
	}
	accounts, err := w.store.Accounts(ctx, account.System())
	if err != nil {
		return []string{err.Error()}
	}
	inUse := map[string]*account.Account{}
	for _, a := range accounts {
		inUse[a.ApplicationID] = a
	}
	var out []string
	for _, id := range slices.Sorted(maps.Keys(after)) {
		if why := w.object(id, before[id], after[id], inUse); why != "" {
			out = append(out, why)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if after[id] == "" && !mayVanish(k, before, id) {
			out = append(out, id+" of others is gone: "+before[id])
		}
	}
	return append(out, assignments(k, accounts, before, after)...)
}

// thing is what the judge reads of any object.
type thing struct {
	ID, Name, AppID, DisplayName, PrincipalID string
	DeletedAt                                 *string
	Passwords, Keys                           []struct {
		KeyID       string
		DisplayName *string
	}
}

func read(text string) (t thing) {
	if text != "" {
		if err := json.Unmarshal([]byte(text), &t); err != nil {
			panic(err)
		}
	}
	return t
}

// object compares one object that is there with what it was; text is empty where it was not.
func (w *world) object(id, before, after string, inUse map[string]*account.Account) string {
	if before == after {
		return ""
	}
	kind, _, _ := strings.Cut(id, " ")
	was, is := read(before), read(after)
	switch {
	case kind == "application" && is.DisplayName == subject:
		return w.application(was, is, inUse, before == "")
	case kind == "roleDefinition" && before == "" && madeFor(is.ID, inUse):
		return ""
	case kind == "servicePrincipal" && is.DisplayName == subject, kind == "roleAssignment" && before == "":
		return ""
	case before == "":
		return id + " is new: " + after
	}
	return id + " of others was changed: " + before + " is now " + after
}

// madeFor reports whether an account knows a custom role as one that was made for it.
func madeFor(role string, inUse map[string]*account.Account) bool {
	for _, a := range inUse {
		if slices.ContainsFunc(a.Made.Roles, func(r account.MadeRole) bool { return strings.HasSuffix(r.ID, role) }) {
			return true
		}
	}
	return false
}

// application compares the application of the account: what others have on it, and what is left of ours.
func (w *world) application(was, is thing, inUse map[string]*account.Account, isNew bool) string {
	if !isNew {
		if diff := w.foreign(was); !slices.Equal(diff, w.foreign(is)) {
			return fmt.Sprintf("credentials of others on the application were %v, are %v", diff, w.foreign(is))
		}
	}
	if is.DeletedAt != nil {
		return ""
	}
	a := inUse[is.AppID]
	if a == nil && isNew {
		return "an application was made that no account uses: " + is.AppID
	}
	if a == nil {
		return ""
	}
	if left := w.orphans(a); len(left) > 0 {
		return fmt.Sprintf("orphans on the application: %v", left)
	}
	return ""
}

// foreign are the credentials of others on an application.
func (w *world) foreign(t thing) (ids []string) {
	for _, c := range append(t.Passwords, t.Keys...) {
		if c.DisplayName == nil || !w.ours(*c.DisplayName) {
			ids = append(ids, c.KeyID)
		}
	}
	slices.Sort(ids)
	return ids
}

// mayVanish reports whether an object may be gone in the end: the role assignments of the application that is deleted with
// its account.
func mayVanish(k kind, before map[string]string, id string) bool {
	holder := before["servicePrincipal "+read(before[id]).PrincipalID]
	return k.gone && strings.HasPrefix(id, "roleAssignment ") && read(holder).DisplayName == subject
}

// assignments are the role assignments that nobody knows, and those whose holder is not in the tenant any more.
func assignments(k kind, accounts []*account.Account, before, after map[string]string) (out []string) {
	var made []account.MadeAssignment
	for _, a := range accounts {
		made = append(made, a.Made.Assignments...)
	}
	for _, id := range slices.Sorted(maps.Keys(after)) {
		if !strings.HasPrefix(id, "roleAssignment ") || before[id] != "" && !k.gone {
			continue
		}
		a := read(after[id])
		holder, was := after["servicePrincipal "+a.PrincipalID], before["servicePrincipal "+a.PrincipalID]
		switch {
		case before[id] == "" && (holder == "" || read(holder).DeletedAt != nil):
			out = append(out, "a role assignment is left whose holder is gone: "+after[id])
		case before[id] == "" && !slices.ContainsFunc(made, func(m account.MadeAssignment) bool { return strings.HasSuffix(m.ID, a.Name) }):
			out = append(out, "a role assignment was made that no account knows: "+after[id])
		case before[id] != "" && was != "" && read(was).DisplayName == subject:
			out = append(out, "a role assignment of the application is left: "+after[id])
		}
	}
	return out
}

// story says where the audit log and the credentials disagree.
func (w *world) story(ctx context.Context, a *account.Account) (out []string) {
	rows, err := w.store.Audit(ctx, account.System(), store.AuditQuery{})
	if err != nil {
		return []string{err.Error()}
	}
	told := func(action, key string) bool {
		return slices.ContainsFunc(rows, func(r store.AuditRow) bool {
			return r.Action == action && (key == "" || r.Detail["key_id"] == key || r.OperationID == key || r.CredentialID == key)
		})
	}
	operations, err := w.operations(ctx, false)
	if err != nil {
		return []string{err.Error()}
	}
	for _, op := range operations {
		if !op.Kind.InBackground() && !told("operation.started", op.ID) {
			out = append(out, "the audit log does not tell that the "+string(op.Kind)+" was started")
		}
		if op.State.Closed() && !told("operation."+string(op.State), op.ID) && !told("account.connected", op.ID) && !told("operation.cancelled", op.ID) {
			out = append(out, "the audit log does not tell that the "+string(op.Kind)+" is "+string(op.State))
		}
	}
	if a == nil {
		return out
	}
	for _, c := range a.Credentials {
		switch {
		case c.KeyID == "" || strings.HasPrefix(c.ID, "cred-"+subject):
		case c.Slot == account.Current && !told("credential.switched", c.KeyID) && !told("credential.rolled_back", c.KeyID) && !told("account.connected", ""):
			out = append(out, "the audit log does not tell that the current credential was taken into use")
		case c.Slot == account.Removed && told("credential.added", c.KeyID) && !told("credential.removed", c.KeyID) &&
			!told("credential.given_up", c.KeyID) && !told("application.deleted", ""):
			out = append(out, "the audit log does not tell that the credential "+c.KeyID+" was removed")
		case c.Made() && c.Slot != account.Removed && !told("credential.added", c.KeyID):
			out = append(out, "the audit log does not tell that the credential "+c.KeyID+" was added")
		}
	}
	return out
}

// secrets says which operation that has ended still holds something of a sign-in.
func (w *world) secrets(ctx context.Context) string {
	operations, err := w.operations(ctx, false)
	if err != nil {
		return err.Error()
	}
	for _, op := range operations {
		kept, err := w.store.SignIn(ctx, account.System(), op.ID)
		if err != nil {
			return err.Error()
		}
		if op.State.Closed() && (!kept.Refresh.Empty() || !kept.Device.Empty()) {
			return "the " + string(op.Kind) + " has ended and holds a sign-in still"
		}
	}
	return ""
}
