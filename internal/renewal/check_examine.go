package renewal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/permission"
	"github.com/evercred/evercred/internal/secret"
)

// subject is what is examined: an application by one credential, against a scope and what it must be allowed there.
type subject struct {
	tenant, appID string
	credential    entra.Credential
	scope         []account.Subscription // none: all that the application sees; with a group: those known so far
	group         string                 // management group, in place of scope
	roles         []string               // of the default profile
	profile       string
	purposes      []string
	made          account.Made // what may have been granted a moment ago
}

// findings are the result of examine. token tells that the credential authenticates.
type findings struct {
	check     account.Check
	token     bool
	principal string                 // object id of the service principal, out of the token; may be empty
	seen      []account.Subscription // by the application
	below     []account.Subscription // the management group; nil where it could not be read, or there is none
	err       error                  // of the token or the first question, where there was no answer
}

// examination is one run of examine.
type examination struct {
	subject
	client   *arm.Client
	seen     []account.Subscription
	required required
	builtIn  builtInRoles
	now      time.Time
	granted  string // what to say of a grant that Azure may not obey everywhere yet; empty without one
}

// examiners is how many subscriptions are asked at a time, at most and of as many. Resource Manager counts reads by subscription.
const examiners = 8

// examine asks Entra for a token and Resource Manager for what the application sees and may do.
// The error is only that of a context that ended.
func (e *Engine) examine(ctx context.Context, conn *connection, s subject) (findings, error) {
	now := e.clock.Now()
	must := requiredBy(s)
	out := findings{check: account.Check{At: now, State: account.Valid, Permissions: newBook(must).permissions()}}
	token, err := conn.entra.AppToken(ctx, s.tenant, s.appID, s.credential, conn.cloud.ManagementScope)
	if err != nil {
		out.err = err
		out.check.State, out.check.Detail = entra.StateOf(err), explain(err).Message
		out.check.Subscriptions = notChecked(s.scope, "The application gets no token.")
		return out, ctx.Err()
	}
	out.token, out.principal = true, principalOf(token.Access)
	client, err := arm.New(arm.Config{Cloud: conn.cloud, Clock: e.clock, Logger: e.log, Token: func(context.Context) (secret.Value, time.Time, error) {
		return token.Access, token.ExpiresAt, nil
	}})
	if err != nil {
		return out, err
	}
	if out.seen, err = client.Subscriptions(ctx); err != nil {
		out.err = err
		out.check.State, out.check.Detail = account.Unreachable, explain(err).Message
		out.check.Subscriptions = notChecked(s.scope, "Microsoft did not answer.")
		return out, ctx.Err()
	}
	x := &examination{subject: s, client: client, seen: out.seen, required: must, builtIn: conn.builtIn, now: now, granted: grantedText(s.made, now)}
	scope := s.scope
	if s.group != "" {
		scope, out.check.GroupReason = x.belowGroup(ctx)
		if out.check.GroupReason == "" {
			out.below = scope
		}
	}
	if len(scope) == 0 && s.group == "" {
		scope = out.seen
	}
	x.all(ctx, scope, &out.check)
	return out, ctx.Err()
}

func notChecked(scope []account.Subscription, reason string) []account.SubscriptionCheck {
	var out []account.SubscriptionCheck
	for _, sub := range scope {
		out = append(out, account.SubscriptionCheck{ID: sub.ID, Name: sub.Name, Result: account.ResultNotChecked, Reason: reason})
	}
	return out
}

// principalOf reads the object id of the service principal out of its token (claim oid; Microsoft identity platform, access
// token claims). A token of another form gives none.
func principalOf(access secret.Value) string {
	var claims struct {
		ObjectID string `json:"oid"`
	}
	readClaims(access, &claims)
	if uuid.Validate(claims.ObjectID) != nil {
		return ""
	}
	return claims.ObjectID
}

// grantedText says that what was granted may be on its way yet; empty where nothing was granted lately.
func grantedText(made account.Made, now time.Time) string {
	a := account.Account{Made: made}
	at := a.GrantedSince(now)
	if at == nil {
		return ""
	}
	return "Granted " + account.Until(*at, now) + "; Azure may need up to " + account.Span(account.GrantWindow) + "."
}

// belowGroup lists the subscriptions below the management group. Where the application may not read that, those known so
// far are taken, or else those it sees, and the reason says so.
func (x *examination) belowGroup(ctx context.Context) (scope []account.Subscription, reason string) {
	below, err := x.client.SubscriptionsBelow(ctx, x.group)
	if err == nil {
		return below, ""
	}
	scope, which := x.scope, "known so far"
	if len(scope) == 0 {
		scope, which = x.seen, "that the application sees"
	}
	why := explain(err).Message
	switch {
	case arm.IsForbidden(err):
		why = "The application may not read it (Microsoft.Management/managementGroups/read)."
	case arm.IsNotFound(err):
		why = "It is not there, or the application does not see it."
	}
	return scope, "The subscriptions below management group " + x.group + " could not be read, so those " + which + " were checked. " + why
}

// all examines subscriptions, some at a time, and draws the state from what is found.
func (x *examination) all(ctx context.Context, scope []account.Subscription, c *account.Check) {
	results := make([]examined, len(scope))
	each := func(next <-chan int) {
		for i := range next {
			results[i] = x.subscription(ctx, scope[i])
		}
	}
	next := make(chan int, len(scope))
	for i := range scope {
		next <- i
	}
	close(next)
	var workers sync.WaitGroup
	for range min(examiners, (len(scope)+examiners-1)/examiners) - 1 {
		workers.Go(func() { each(next) })
	}
	each(next)
	workers.Wait()
	book := newBook(x.required)
	visible := 0
	for _, r := range results {
		if r.visible {
			visible++
		}
		book.enter(&r)
		c.Subscriptions = append(c.Subscriptions, r.check)
	}
	c.Permissions = book.permissions()
	judgeCheck(c, visible, x.required.noun(), x.granted)
}

// examined is what was found on one subscription. With purposes, lacks has what each of them lacks, else it is nil.
type examined struct {
	check   account.SubscriptionCheck
	visible bool
	unknown string   // why its permissions are not known
	closed  bool     // because the application may not read them
	lacks   []lacked // by purpose, in order
}

func (x *examination) subscription(ctx context.Context, sub account.Subscription) examined {
	out := examined{check: account.SubscriptionCheck{ID: sub.ID, Name: sub.Name, Result: account.ResultOK}}
	c, scope := &out.check, account.SubscriptionScope(sub.ID)
	i := slices.IndexFunc(x.seen, func(s account.Subscription) bool { return strings.EqualFold(s.ID, sub.ID) })
	if i < 0 {
		c.Result, c.Unseen, c.Reason = account.ResultMissing, true, "The application does not see this subscription: it has no role there, or the subscription is gone."
		out.lacks = x.required.lacking(nil)
		return x.settle(out)
	}
	c.Name, out.visible = x.seen[i].Name, true
	held, err := x.client.Permissions(ctx, scope)
	if err != nil {
		out.unknown, out.closed = "The effective permissions could not be read. "+explain(err).Message, arm.IsForbidden(err)
		if out.closed {
			out.unknown = "The application may not read its own permissions there (Microsoft.Authorization/permissions/read)."
		}
		c.Result, c.Reason = account.ResultNotChecked, out.unknown
		return out
	}
	if x.required.profile != nil {
		out.lacks = x.required.lacking(held)
		if anyLack(out.lacks) {
			c.Result = account.ResultMissing
		}
		return x.settle(out)
	}
	holding := permission.Holding(held)
	for _, role := range x.roles {
		rc := x.role(ctx, scope, role, holding)
		c.Roles = append(c.Roles, rc)
		if rc.Result == account.ResultMissing || rc.Result == account.ResultNotChecked && c.Result == account.ResultOK {
			c.Result = rc.Result
		}
	}
	return x.settle(out)
}

// settle does not call missing what was granted a moment ago: Azure may not have told all its servers.
func (x *examination) settle(out examined) examined {
	if c := &out.check; c.Result == account.ResultMissing && x.granted != "" && x.assigned(account.SubscriptionScope(c.ID)) {
		c.Result, c.Reason, c.Recent, out.visible = account.ResultNotChecked, x.granted, true, true
		for i := range c.Roles {
			if r := &c.Roles[i]; r.Result == account.ResultMissing {
				r.Result, r.Reason = account.ResultNotChecked, x.granted
			}
		}
	}
	return out
}

// assigned reports whether Evercred has assigned a role at the scope, or at the management group above it.
func (x *examination) assigned(scope string) bool {
	return slices.ContainsFunc(x.made.Assignments, func(a account.MadeAssignment) bool {
		return strings.EqualFold(a.Scope, scope) || x.group != "" && strings.EqualFold(a.Scope, account.ManagementGroupScope(x.group))
	})
}

// role tells whether the effective permissions cover a role: then it is held, by whatever assignment.
func (x *examination) role(ctx context.Context, scope, role string, held permission.Held) account.RoleCheck {
	out := account.RoleCheck{Role: role, Result: account.ResultOK}
	def, err := x.builtIn.definition(ctx, x.client, scope, role, x.now)
	if err != nil {
		out.Result, out.Reason = account.ResultNotChecked, "What the role contains could not be read. "+explain(err).Message
		return out
	}
	out.MissingActions, out.MissingDataActions = held.Missing(def.Grants)
	if len(out.MissingActions)+len(out.MissingDataActions) > 0 {
		out.Result = account.ResultMissing
	}
	return out
}

// judgeCheck draws the state from what was found on the subscriptions, of which the application sees some.
func judgeCheck(c *account.Check, visible int, noun, granted string) {
	missing, unknown := 0, 0
	for _, s := range c.Subscriptions {
		switch s.Result {
		case account.ResultMissing:
			missing++
		case account.ResultNotChecked:
			unknown++
		}
	}
	n := len(c.Subscriptions)
	switch {
	case visible == 0:
		c.State, c.Detail = account.NoSubscriptions, "The application sees none of the subscriptions."
	case missing > 0:
		c.State, c.Detail = account.PermissionsMissing, fmt.Sprintf("Something is missing on %d of %d subscriptions.", missing, n)
	case c.AwaitsGrant():
		c.Detail = "Not everything that was granted is seen yet. " + granted + " It is checked again then."
	case unknown > 0:
		c.Detail = fmt.Sprintf("The %s are held on %d of %d subscriptions; the others could not be checked.", noun, n-unknown, n)
	default:
		c.Detail = fmt.Sprintf("The %s are held on %d of %d subscriptions.", noun, n, n)
	}
	if c.GroupReason != "" {
		c.Detail += " " + c.GroupReason
	}
}
