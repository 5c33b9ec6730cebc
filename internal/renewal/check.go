package renewal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/graph"
	"github.com/evercred/evercred/internal/permission"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// check looks at the account with its current credential alone. What it finds is a result, never a failure.
func check(ctx context.Context, r *run) (string, error) {
	if err := r.started(ctx, "Checking the account with its own credential"); err != nil {
		return "", err
	}
	r.op.Facts.Checked = true
	c := r.a.Current()
	if c == nil {
		return "It has no credential", nil
	}
	cred, err := r.e.material(ctx, *c)
	if err != nil {
		return "", &storeError{err}
	}
	found, err := r.e.examine(ctx, r.conn, subject{
		tenant: r.a.TenantID, appID: c.ApplicationID, credential: cred, scope: r.a.Subscriptions, roles: r.a.RoleSet,
	})
	if err != nil {
		return "", err
	}
	if s := r.openStep(); found.err != nil && azure.Transient(found.err) && s != nil && s.Tries < maxCheckTries {
		r.op.Facts.Checked = false
		return "", retryIn(backoff(s.Tries, azure.RetryAfter(found.err)), "Microsoft did not answer; asking again")
	}
	found.check.CredentialID = c.ID
	if before := r.a.Check; before != nil {
		found.check.Others, found.check.OthersAt = before.Others, before.OthersAt
	}
	r.a.Check = &found.check
	r.nameSubscriptions(found.seen)
	if found.token {
		now := r.e.clock.Now()
		c.ProvenAt = &now
	}
	if found.token && c.ExpiresAt == nil {
		r.readOwnEnd(ctx, c)
	}
	a, kept := r.a, *c
	r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
	r.put(func(tx *store.Tx) error { return tx.PutAccount(a) })
	r.event, r.detail["state"] = "account.checked", string(found.check.State)
	return found.check.Detail, nil
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

// subject is what is examined: an application by one credential, against a scope and a role set.
type subject struct {
	tenant, appID string
	credential    entra.Credential
	scope         []account.Subscription
	roles         []string
}

// findings are the result of examine. token tells that the credential authenticates.
type findings struct {
	check account.Check
	token bool
	seen  []account.Subscription
	err   error // of the token, where there is none
}

// examine asks Entra for a token and Resource Manager for what the application sees and may do.
// The error is only that of a context that ended.
func (e *Engine) examine(ctx context.Context, conn *connection, s subject) (findings, error) {
	out := findings{check: account.Check{At: e.clock.Now(), State: account.Valid}}
	token, err := conn.entra.AppToken(ctx, s.tenant, s.appID, s.credential, conn.cloud.ManagementScope)
	if err != nil {
		out.err = err
		out.check.State, out.check.Detail = entra.StateOf(err), explain(err).Message
		for _, sub := range s.scope {
			out.check.Subscriptions = append(out.check.Subscriptions, account.SubscriptionCheck{
				ID: sub.ID, Name: sub.Name, Result: account.ResultNotChecked, Reason: "The application gets no token.",
			})
		}
		return out, ctx.Err()
	}
	out.token = true
	client, err := arm.New(arm.Config{Cloud: conn.cloud, Clock: e.clock, Logger: e.log, Token: func(context.Context) (secret.Value, time.Time, error) {
		return token.Access, token.ExpiresAt, nil
	}})
	if err != nil {
		return out, err
	}
	out.seen, err = client.Subscriptions(ctx)
	if err != nil {
		out.check.State, out.check.Detail = account.Unreachable, explain(err).Message
		return out, ctx.Err()
	}
	scope := s.scope
	if len(scope) == 0 {
		scope = out.seen
	}
	for _, sub := range scope {
		out.check.Subscriptions = append(out.check.Subscriptions, e.examineSubscription(ctx, client, sub, out.seen, s.roles))
	}
	judgeCheck(&out.check)
	return out, ctx.Err()
}

func (e *Engine) examineSubscription(ctx context.Context, client *arm.Client, sub account.Subscription, seen []account.Subscription, roles []string) account.SubscriptionCheck {
	out := account.SubscriptionCheck{ID: sub.ID, Name: sub.Name, Result: account.ResultOK}
	i := slices.IndexFunc(seen, func(s account.Subscription) bool { return strings.EqualFold(s.ID, sub.ID) })
	if i < 0 {
		out.Result, out.Reason = account.ResultMissing, "The application does not see this subscription: it has no role there, or the subscription is gone."
		return out
	}
	out.Name = seen[i].Name
	scope := "/subscriptions/" + sub.ID
	held, err := client.Permissions(ctx, scope)
	if err != nil {
		out.Result, out.Reason = account.ResultNotChecked, "The effective permissions could not be read. "+explain(err).Message
		return out
	}
	for _, role := range roles {
		rc := examineRole(ctx, client, scope, role, held)
		out.Roles = append(out.Roles, rc)
		if rc.Result == account.ResultMissing || rc.Result == account.ResultNotChecked && out.Result == account.ResultOK {
			out.Result = rc.Result
		}
	}
	return out
}

// examineRole tells whether the effective permissions cover a role: then it is held, by whatever assignment.
func examineRole(ctx context.Context, client *arm.Client, scope, role string, held []permission.Grant) account.RoleCheck {
	out := account.RoleCheck{Role: role, Result: account.ResultOK}
	def, err := client.RoleDefinition(ctx, scope, role)
	if err != nil {
		out.Result, out.Reason = account.ResultNotChecked, "What the role contains could not be read. "+explain(err).Message
		return out
	}
	out.MissingActions, out.MissingDataActions = permission.Missing(def.Grants, held)
	if len(out.MissingActions)+len(out.MissingDataActions) > 0 {
		out.Result = account.ResultMissing
	}
	return out
}

// judgeCheck draws the state from what was found on the subscriptions.
func judgeCheck(c *account.Check) {
	visible, missing := 0, 0
	for _, s := range c.Subscriptions {
		if len(s.Roles) > 0 || s.Result != account.ResultMissing {
			visible++
		}
		if s.Result == account.ResultMissing {
			missing++
		}
	}
	switch {
	case visible == 0:
		c.State, c.Detail = account.NoSubscriptions, "The application sees none of the subscriptions."
	case missing > 0:
		c.State, c.Detail = account.PermissionsMissing, fmt.Sprintf("Something is missing on %d of %d subscriptions.", missing, len(c.Subscriptions))
	default:
		c.Detail = fmt.Sprintf("The roles are held on %d of %d subscriptions.", len(c.Subscriptions), len(c.Subscriptions))
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
	if err := r.started(ctx, "Reading when the credentials end"); err != nil {
		return "", err
	}
	client, err := r.personGraph()
	if err != nil {
		return "", err
	}
	app, err := client.Application(ctx, r.a.ApplicationID)
	if graph.IsNotFound(err) {
		r.op.Facts.EndsRead, r.op.Facts.AppState = true, account.AppGone
		return "The application is not there", nil
	}
	if err != nil {
		return "", err
	}
	r.learn(app)
	r.op.Facts.EndsRead = true
	return r.reconcile(ctx, app)
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

// othersText says what else is on the application.
func othersText(c *account.Check) string {
	if c == nil || len(c.Others) == 0 {
		return ""
	}
	names := make([]string, 0, len(c.Others))
	for _, o := range c.Others {
		name := o.Name
		if name == "" {
			name = o.Hint + o.Thumbprint
		}
		names = append(names, fmt.Sprintf("%s %q (ends %s)", o.Kind, name, o.ExpiresAt.UTC().Format(time.DateOnly)))
	}
	return "Left alone, not made by Evercred: " + strings.Join(names, ", ")
}
