package renewal

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/graph"
	"github.com/evercred/evercred/internal/store"
)

// Reconcile starts a look, with a person's rights, at what is on the application of an account: what carries Evercred's tag
// and is unknown is removed, what is known and gone is lost, what others made is listed.
func (e *Engine) Reconcile(ctx context.Context, by account.Caller, ref string, q ReconcileRequest) (*account.Operation, error) {
	a, err := e.store.InUse(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	p := account.Params{SignInID: q.SignIn}
	if q.SignIn == "" {
		if p.Actor, err = e.stewardOf(ctx, a); err != nil {
			return nil, err
		}
	}
	return e.startOn(ctx, by, a, account.OpReconcile, p)
}

// reconcile holds what is known against an application just read with a person's rights. Learn it first.
func (r *run) reconcile(ctx context.Context, app *graph.Application) (string, error) {
	if err := r.markLost(ctx, app); err != nil {
		return "", err
	}
	orphans, err := r.e.orphans(ctx, r.a, app)
	if err != nil {
		return "", &storeError{err}
	}
	r.op.Facts.Orphans = orphans
	r.a.Check.Others = slices.DeleteFunc(r.a.Check.Others, func(o account.OtherCredential) bool {
		return slices.ContainsFunc(orphans, func(x account.Orphan) bool { return x.KeyID == o.KeyID })
	})
	var out []string
	if n := len(r.op.Facts.Lost); n > 0 {
		out = append(out, counted(n, "credential was", "credentials were")+" found gone")
	}
	if n := len(orphans); n > 0 {
		out = append(out, counted(n, "credential of Evercred's", "credentials of Evercred's")+" that nobody knows will be removed")
	}
	if text := othersText(r.a.Check, r.e.tagPrefix()); text != "" {
		out = append(out, text)
	}
	return strings.Join(out, ". "), nil
}

// markLost marks the credentials that the application does not have any more. One read proves nothing while servers lag:
// what was added within the propagation window is passed over, and so is what Entra does not refuse.
func (r *run) markLost(ctx context.Context, app *graph.Application) error {
	now, there := r.e.clock.Now(), listed(app)
	for i := range r.a.Credentials {
		c := &r.a.Credentials[i]
		if c.Slot != account.Current && c.Slot != account.Retiring || c.KeyID == "" || c.ApplicationID != app.AppID || now.Sub(c.AddedAt) < r.e.window ||
			slices.ContainsFunc(there, func(o account.OtherCredential) bool { return o.KeyID == c.KeyID }) {
			continue
		}
		_, _, err := r.ownToken(r.tenant(), *c, r.conn.cloud.ManagementScope)(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil || !gone(err) {
			continue
		}
		r.lose(c, now)
	}
	return nil
}

// gone reports whether an error says that Entra does not take the credential, as opposed to anything that may pass.
func gone(err error) bool {
	if fault.Is(err, fault.NotFound) {
		return true // not even we have it
	}
	switch entra.StateOf(err) {
	case account.SecretInvalid, account.CertificateMismatch, account.Expired:
		return true
	}
	return false
}

// lose marks a credential as lost. An account whose current one is lost has none; its state says why.
func (r *run) lose(c *account.Credential, now time.Time) {
	if c.Slot == account.Current {
		state := account.SecretInvalid
		if c.Kind == account.Certificate {
			state = account.CertificateMismatch
		}
		found := account.Check{At: now, State: state, Detail: "The " + c.Kind.Noun() + " in use is not on the application any more."}
		if before := r.a.Check; before != nil {
			found.Others, found.OthersAt = before.Others, before.OthersAt
		}
		r.a.Check = &found
	}
	c.Slot, c.RemovedAt = account.Lost, &now
	c.Note = "Somebody removed it from the application; it was found gone on " + account.Moment(now) + "."
	r.op.Facts.Lost = append(r.op.Facts.Lost, c.ID)
	kept := *c
	r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
}

// orphans are the credentials of an application that carry the tag of this installation and that no account and no journal
// knows. What the journal of an account that was forgotten has added is known: it was left on purpose. So is what was added
// at a time of which this database has no trace: it was restored from a backup, and somebody may depend on what it does not
// know. Journals are read before accounts, so that what moves from one to the other meanwhile is seen in one of them.
func (e *Engine) orphans(ctx context.Context, a *account.Account, app *graph.Application) ([]account.Orphan, error) {
	known := map[string]bool{}
	e.knownTo(a, app.AppID, known)
	unknown := func(o account.OtherCredential) bool {
		return strings.HasPrefix(o.Name, e.tagPrefix()) && !known[o.Name] && !known[o.KeyID]
	}
	if !slices.ContainsFunc(listed(app), unknown) {
		return nil, nil // as nearly always: nothing more has to be read
	}
	journals, err := e.store.OutcomesOn(ctx, account.System(), app.ObjectID)
	if err != nil {
		return nil, err
	}
	for _, op := range journals {
		for _, t := range slices.Concat(op.Facts.Former, op.Facts.Attempts) {
			if !op.State.Closed() || t.State == account.AttemptAdded {
				known[t.Tag] = true
			}
		}
	}
	accounts, err := e.store.AccountsOn(ctx, account.System(), app.AppID)
	if err != nil {
		return nil, err
	}
	for _, other := range accounts {
		e.knownTo(other, app.AppID, known)
	}
	var out []account.Orphan
	for _, o := range listed(app) {
		if !unknown(o) {
			continue
		}
		traced, err := e.store.WroteBetween(ctx, account.System(), o.StartsAt.Add(-traceWithin), o.StartsAt.Add(traceWithin))
		if err != nil {
			return nil, err
		}
		if traced {
			out = append(out, account.Orphan{Kind: o.Kind, KeyID: o.KeyID, Tag: o.Name, ObjectID: app.ObjectID, State: account.AttemptFound})
		}
	}
	return out, nil
}

// traceWithin is how far the start of a credential that Evercred adds is from the audit row of its intent. The start of a
// certificate is set back by a few minutes.
const traceWithin = 2 * certificateIn

// knownTo notes the tags and key ids that an account knows on an application. What it has removed for longer than servers
// lag is not known any more: if it is there, it is an orphan.
func (e *Engine) knownTo(a *account.Account, appID string, known map[string]bool) {
	for i := range a.Credentials {
		c := &a.Credentials[i]
		if c.ApplicationID != appID {
			continue
		}
		is := c.Slot != account.Removed || c.RemovedAt != nil && e.clock.Now().Sub(*c.RemovedAt) < e.window
		for _, name := range []string{c.Tag, c.KeyID} {
			if name != "" {
				known[name] = is
			}
		}
	}
}

// orphan is the one the present action is about.
func (r *run) orphan() *account.Orphan {
	for i := range r.op.Facts.Orphans {
		if o := &r.op.Facts.Orphans[i]; o.KeyID == r.act.Target {
			return o
		}
	}
	return &account.Orphan{}
}

// removeOrphan removes a credential that carries our tag and that nobody knows.
func removeOrphan(ctx context.Context, r *run) (string, error) {
	o := r.orphan()
	client, err := r.graphClient()
	if err != nil {
		return "", err
	}
	if o.Kind == account.Certificate {
		_, err = r.unregister(ctx, o.ObjectID, o.KeyID, time.Time{})
	} else {
		_, err = r.removeKey(ctx, client, o.ObjectID, o.KeyID)
	}
	if err != nil {
		return "", err
	}
	o.State = account.AttemptRemoved
	r.event, r.detail["key_id"], r.detail["tag"] = "credential.orphan_removed", o.KeyID, o.Tag
	return o.Tag, nil
}

// reconciled says what a reconciliation has found.
func (r *run) reconciled() string {
	if r.op.Facts.AppState == account.AppGone {
		return "The application of " + r.op.AccountName + " is not in the tenant; there is nothing to hold the account against."
	}
	removed, kept := 0, 0
	for _, o := range r.op.Facts.Orphans {
		if o.State == account.AttemptRemoved {
			removed++
		} else {
			kept++
		}
	}
	text := r.op.AccountName + " was held against its application: " + counted(removed, "orphan", "orphans") + " removed, " +
		counted(len(r.op.Facts.Lost), "credential", "credentials") + " found gone"
	if kept > 0 {
		text += ", " + counted(kept, "orphan", "orphans") + " could not be removed"
	}
	if c := r.a.Check; c != nil && len(c.Others) > 0 {
		text += "; " + counted(len(c.Others), "credential", "credentials") + " of others left alone"
	}
	return text + "."
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return itoa(n) + " " + many
}
