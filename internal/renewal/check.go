package renewal

import (
	"context"
	"fmt"
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/graph"
	"github.com/evercred/evercred/internal/store"
)

// check looks at the account with its current credential alone. What it finds is a result, never a failure.
func check(ctx context.Context, r *run) (string, error) {
	r.op.Facts.Checked = true
	c := r.a.Current()
	if c == nil {
		return "It has no credential", nil
	}
	cred, err := r.e.material(ctx, *c)
	if fault.Is(err, fault.NotFound) {
		return r.withoutMaterial(c, explain(err).Message), nil
	}
	if err != nil {
		return "", &storeError{err}
	}
	found, err := r.e.examine(ctx, r.conn, r.subject(c, cred))
	if err != nil {
		return "", err
	}
	if s := r.openStep(); found.err != nil && (azure.Transient(found.err) || late(found.err)) && s != nil && s.Tries < maxCheckTries {
		r.op.Facts.Checked = false
		return "", r.stored(retryIn(backoff(s.Tries, azure.RetryAfter(found.err)), "Microsoft did not answer; asking again")) // or the tries would not count
	}
	if again := r.tooNew(c, found.err); again != nil {
		r.op.Facts.Checked = false
		return "", again
	}
	r.keepFindings(c, found)
	if found.token && c.ExpiresAt == nil {
		r.readOwnEnd(ctx, c)
	}
	a, kept := r.a, *c
	r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
	r.put(func(tx *store.Tx) error { return tx.PutAccount(a) })
	r.event, r.detail["state"] = "account.checked", string(found.check.State)
	return found.check.Detail, r.checkAgainLater(ctx)
}

// withoutMaterial is what a check finds of a credential whose secret part is not stored.
func (r *run) withoutMaterial(c *account.Credential, why string) string {
	state := account.SecretInvalid
	if c.Kind == account.Certificate {
		state = account.CertificateMismatch
	}
	found := findings{check: account.Check{At: r.e.clock.Now(), State: state, Detail: why}}
	r.keepFindings(c, found)
	a := r.a
	r.put(func(tx *store.Tx) error { return tx.PutAccount(a) })
	r.event, r.detail["state"] = "account.checked", string(state)
	return why
}

// late reports whether a request came too late with what was good when it was begun: a token, or a signed assertion (AADSTS700024,
// not within its valid time range). A machine that was suspended does that.
func late(err error) bool {
	return entra.Untimely(err) || arm.IsUnauthorized(err)
}

// tooNew asks again where a credential was refused that some of Entra's servers may not know yet: one that was just proven is
// not found gone a moment later because another server answers. It returns nil when the propagation window is over.
func (r *run) tooNew(c *account.Credential, err error) error {
	age := r.e.clock.Now().Sub(c.AddedAt)
	if err == nil || !entra.Unreplicated(err) || age > r.e.window {
		return nil
	}
	return retryIn(replicationPause(age), "Not all of Microsoft's servers know the "+c.Kind.Noun()+" yet; asking again")
}

// subject is the account as it is examined, by one of its credentials.
func (r *run) subject(c *account.Credential, cred entra.Credential) subject {
	return subject{
		tenant: r.a.TenantID, appID: c.ApplicationID, credential: cred, scope: r.a.Subscriptions, roles: r.a.RoleSet,
		profile: r.a.Profile, purposes: r.a.Purposes, group: r.a.ManagementGroup, made: r.a.Made,
	}
}

// keepFindings takes over what an examination by the current credential found.
func (r *run) keepFindings(c *account.Credential, found findings) {
	found.check.CredentialID = c.ID
	if before := r.a.Check; before != nil {
		found.check.Others, found.check.OthersAt = before.Others, before.OthersAt
	}
	r.a.Check = &found.check
	if found.below != nil {
		r.a.Subscriptions = found.below // those of today: new ones have joined, and others have left
	}
	r.nameSubscriptions(found.seen)
	if found.principal != "" {
		r.a.ServicePrincipalID = found.principal
	}
	if found.token {
		now := r.e.clock.Now()
		c.ProvenAt = &now
	}
}

// checkAgainLater has the account checked once more when Azure must obey what was granted a moment ago, where it was not
// seen to yet.
func (r *run) checkAgainLater(ctx context.Context) error {
	granted := r.a.GrantedSince(r.e.clock.Now())
	if granted == nil || !r.a.Check.AwaitsGrant() {
		return nil
	}
	open, err := r.e.store.Operations(ctx, account.System(), store.OperationQuery{AccountID: r.a.ID, OpenOnly: true})
	if err != nil {
		return &storeError{err}
	}
	for _, other := range open {
		if other.ID != r.op.ID && other.Kind == account.OpCheck && other.NextAt != nil {
			return nil // it is planned already
		}
	}
	due := granted.Add(account.GrantWindow)
	later := &account.Operation{
		ID: newID("op"), Kind: account.OpCheck, State: account.OpRunning, AccountID: r.a.ID, AccountName: r.a.Name,
		StartedBy: account.System().Name, CreatedAt: r.e.clock.Now(), NextAt: &due,
	}
	r.put(func(tx *store.Tx) error { return tx.PutOperation(later) })
	return nil
}

// maxCheckTries is how often a check asks before it says that Microsoft is unreachable.
const maxCheckTries = 3

// nameSubscriptions takes the display names over from what the application sees.
func (r *run) nameSubscriptions(seen []account.Subscription) {
	for i := range r.a.Subscriptions {
		for _, s := range seen {
			if s.ID == r.a.Subscriptions[i].ID {
				r.a.Subscriptions[i].Name = s.Name
			}
		}
	}
}

// readOwnEnd asks Graph with the account's own token when its credential ends; most applications may not read that.
func (r *run) readOwnEnd(ctx context.Context, c *account.Credential) {
	client, err := graph.New(graph.Config{
		Cloud: r.conn.cloud, Token: r.ownToken(r.a.TenantID, *c, r.conn.cloud.GraphScope), Clock: r.e.clock, Logger: r.e.log,
	})
	if err != nil {
		return
	}
	app, err := client.Application(ctx, c.ApplicationID)
	if err != nil {
		c.EndReason = "A token does not tell when its secret ends, and the application may not read that in Microsoft Graph. Run `evercred account check " +
			r.a.Name + " --sign-in`, or give it with `evercred account connect " + r.a.Name + " --secret-file FILE --secret-expires DATE`."
		return
	}
	r.learn(app)
}

// readEnds asks Graph with a person's rights when the credentials of the application end.
func readEnds(ctx context.Context, r *run) (string, error) {
	client, err := r.graphClient()
	if err != nil {
		return "", err
	}
	app, err := client.Application(ctx, r.a.ApplicationID)
	if graph.IsNotFound(err) && r.op.Facts.AppRestored {
		return "", r.notYet(err)
	}
	if graph.IsNotFound(err) {
		r.op.Facts.EndsRead, r.op.Facts.AppState = true, account.AppGone
		return "The application is not there", nil
	}
	if err != nil {
		return "", err
	}
	r.learn(app)
	r.op.Facts.EndsRead = true
	found, err := r.reconcile(ctx, app)
	if err != nil {
		return "", err
	}
	return found, r.lendRights(ctx)
}

// learn takes over what Graph says of the application: its ids, the key ids and ends of the account's credentials, and
// which other credentials are on it. Credentials are matched by key id, secrets also by a hint that only one has.
func (r *run) learn(app *graph.Application) {
	a, now := r.a, r.e.clock.Now()
	a.ApplicationObjectID = app.ObjectID
	ours := map[string]bool{}
	for i := range a.Credentials {
		c := &a.Credentials[i]
		if c.ApplicationID != app.AppID || c.Slot == account.Removed || c.Slot == account.Lost {
			continue
		}
		if match, ok := matchCredential(c, app); ok {
			ours[match.KeyID] = true
			start, end := match.StartsAt, match.ExpiresAt
			c.KeyID, c.StartsAt, c.ExpiresAt, c.EndReason, c.ApplicationObjectID = match.KeyID, &start, &end, "", app.ObjectID
		} else if c.ExpiresAt == nil {
			c.EndReason = "None of the application's credentials in Microsoft Graph could be told to be this one."
		}
		kept := *c
		r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
	}
	if a.Check == nil {
		a.Check = &account.Check{At: now, State: account.Unknown}
	}
	a.Check.OthersAt, a.Check.Others = &now, nil
	for _, o := range listed(app) {
		if !ours[o.KeyID] {
			a.Check.Others = append(a.Check.Others, o)
		}
	}
	r.put(func(tx *store.Tx) error { return tx.PutAccount(a) })
}

// listed are all credentials of an application.
func listed(app *graph.Application) []account.OtherCredential {
	var out []account.OtherCredential
	for _, p := range app.Passwords {
		out = append(out, account.OtherCredential{Kind: account.Secret, KeyID: p.KeyID, Name: p.DisplayName, Hint: p.Hint, StartsAt: p.Start, ExpiresAt: p.End})
	}
	for _, k := range app.Keys {
		out = append(out, account.OtherCredential{Kind: account.Certificate, KeyID: k.KeyID, Name: k.DisplayName, Thumbprint: k.Thumbprint, StartsAt: k.Start, ExpiresAt: k.End})
	}
	return out
}

func matchCredential(c *account.Credential, app *graph.Application) (account.OtherCredential, bool) {
	var hits []account.OtherCredential
	for _, o := range listed(app) {
		switch {
		case o.Kind != c.Kind:
		case c.KeyID != "" && o.KeyID == c.KeyID:
			return o, true
		case c.Kind == account.Certificate && c.Thumbprint != "" && strings.EqualFold(o.Thumbprint, c.Thumbprint),
			c.KeyID == "" && c.Kind == account.Secret && c.Hint != "" && o.Hint == c.Hint:
			hits = append(hits, o)
		}
	}
	if len(hits) == 1 {
		return hits[0], true
	}
	return account.OtherCredential{}, false
}

// othersText says what else is on the application. What carries this installation's own tag belongs to a journal that looks
// after it.
func othersText(c *account.Check, own string) string {
	if c == nil {
		return ""
	}
	var names []string
	for _, o := range c.Others {
		if strings.HasPrefix(o.Name, own) {
			continue
		}
		name := o.Name
		if name == "" {
			name = o.Hint + o.Thumbprint
		}
		names = append(names, fmt.Sprintf("%s %q (ends %s)", o.Kind, name, account.Moment(o.ExpiresAt)))
	}
	if len(names) == 0 {
		return ""
	}
	return "Left alone, not made by this Evercred: " + strings.Join(names, ", ")
}
