package renewal

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// AddExisting starts the creation of an account from an existing application. No sign-in.
func (e *Engine) AddExisting(ctx context.Context, by account.Caller, q ConnectRequest) (*account.Operation, error) {
	if err := e.checkNew(ctx, by, q.Name, q.Description); err != nil {
		return nil, err
	}
	o := &offered{name: q.Name, description: q.Description, roles: e.rolesOr(q.RoleSet)}
	if err := e.fill(o, q); err != nil {
		return nil, err
	}
	return e.launchConnect(ctx, by, o, "")
}

// Connect points an account at an existing application, or gives it a new value for its own. No sign-in.
func (e *Engine) Connect(ctx context.Context, by account.Caller, ref string, q ConnectRequest) (*account.Operation, error) {
	a, err := e.store.Account(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	o := &offered{name: a.Name, existing: a, roles: a.RoleSet, scope: a.SubscriptionIDs()}
	if q.ApplicationID == "" {
		q.ApplicationID = a.ApplicationID
	}
	if q.TenantID == "" {
		q.TenantID = a.TenantID
	}
	if q.Cloud == "" {
		q.Cloud = a.Cloud
	}
	if len(q.RoleSet) > 0 {
		o.roles = q.RoleSet
	}
	if err := e.fill(o, q); err != nil {
		return nil, err
	}
	defer e.hold("account " + a.ID)()
	open, err := e.store.Operations(ctx, by, store.OperationQuery{AccountID: a.ID, OpenOnly: true})
	if err != nil {
		return nil, err
	}
	for _, op := range open {
		if !op.Holds() {
			continue
		}
		if op.Touched() || op.State == account.OpRunning {
			return nil, inTheWay(op)
		}
		if _, err := e.Cancel(ctx, by, op.ID); err != nil && !fault.Is(err, fault.Conflict) {
			return nil, err
		}
	}
	return e.launchConnect(ctx, by, o, a.ID)
}

// launchConnect runs the connection in the background, with what was offered in memory.
func (e *Engine) launchConnect(ctx context.Context, by account.Caller, o *offered, accountID string) (*account.Operation, error) {
	op := e.newOperation(by, account.OpConnect, o.name, account.Params{Cloud: o.conn.cloud.Name, TenantID: o.tenantID, AllowMissing: o.allowMissing})
	op.AccountID = accountID
	op.NextAt = farFuture() // the sweep leaves it alone: this goroutine drives it
	what := store.Event{Action: "operation.started", AccountID: accountID, AccountName: o.name, OperationID: op.ID, Detail: map[string]string{"kind": string(op.Kind)}}
	if err := e.store.Change(ctx, by, what, func(tx *store.Tx) error { return tx.PutOperation(op) }); err != nil {
		return nil, err
	}
	out, err := e.store.Operation(ctx, by, op.ID)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	base := e.base
	e.mu.Unlock()
	if base == nil {
		base = context.WithoutCancel(ctx)
	}
	e.running.Go(func() {
		defer e.hold(op.ID)()
		r := &run{e: e, op: op, a: o.existing, by: by, conn: o.conn, detail: map[string]string{}}
		if err := r.connect(base, o); err != nil && base.Err() == nil {
			e.log.ErrorContext(base, "connecting an account", "operation", op.ID, "error", err)
		}
	})
	return out, nil
}

func farFuture() *time.Time {
	t := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	return &t
}

// connect proves what was offered, examines what it may do, and only then stores it.
func (r *run) connect(ctx context.Context, o *offered) error {
	if err := r.line(ctx, "prove", "Proving the "+o.kind.Noun()); err != nil {
		return err
	}
	if err := r.proveOffered(ctx, o); err != nil {
		return r.refuse(ctx, o, err)
	}
	r.endStep(account.StepDone, fmt.Sprintf("%d good answers in a row", r.e.proofs))
	if err := r.line(ctx, "check", "Checking subscriptions and roles"); err != nil {
		return err
	}
	found, err := r.e.examine(ctx, r.conn, subject{tenant: o.tenantID, appID: o.appID, credential: o.value, scope: named(o.scope), roles: o.roles})
	if err != nil {
		return r.refuse(ctx, o, err)
	}
	if !found.token {
		return r.refuse(ctx, o, found.err)
	}
	if found.check.State != account.Valid && !o.allowMissing {
		return r.refuse(ctx, o, missingRoles(found.check))
	}
	r.endStep(account.StepDone, found.check.Detail)
	return r.storeOffered(ctx, o, found)
}

// line begins a step of a connection.
func (r *run) line(ctx context.Context, name, title string) error {
	r.act = Action{Do: Do(name), Rights: byOwn}
	err := r.begin(ctx, title)
	r.op.NextAt = farFuture()
	return err
}

func named(ids []string) []account.Subscription {
	out := make([]account.Subscription, 0, len(ids))
	for _, id := range ids {
		out = append(out, account.Subscription{ID: id})
	}
	return out
}

// connectPatience is how often a refusal that may be "not yet replicated" is asked again: somebody may have made the
// secret a moment ago, but a wrong value must be told soon.
const connectPatience = 3

func (r *run) proveOffered(ctx context.Context, o *offered) error {
	for good, refused := 0, 0; good < r.e.proofs; {
		token, err := r.conn.entra.AppToken(ctx, o.tenantID, o.appID, o.value, r.conn.cloud.ManagementScope)
		if err == nil {
			o.tenantID = tenantOf(token.Access, o.tenantID)
			good++
			continue
		}
		refused++
		if !entra.Unreplicated(err) && !azure.Transient(err) || refused >= connectPatience {
			return err
		}
		good = 0
		timer := time.NewTimer(max(time.Second, min(entra.RetryAfter(err), shortWait)))
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
	return nil
}

// tenantOf reads the tenant's id out of an access token (claim tid; Microsoft identity platform, access token claims), so
// that an account given a domain name is stored under the id. A token of another form changes nothing.
func tenantOf(access secret.Value, given string) string {
	parts := strings.Split(access.Reveal(), ".")
	if len(parts) != 3 {
		return given
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return given
	}
	var claims struct {
		Tenant string `json:"tid"`
	}
	if json.Unmarshal(raw, &claims) != nil || uuid.Validate(claims.Tenant) != nil {
		return given
	}
	return claims.Tenant
}

// refuse closes a connection that did not hold; nothing was stored.
func (r *run) refuse(ctx context.Context, o *offered, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p := problemOf(err)
	if code, ok := entraCode(err); ok && code == 7000215 {
		if _, notAnID := uuid.Parse(o.material.Reveal()); notAnID == nil {
			p.Field, p.Message = "secret", "This is the secret's id, not its value."
			p.Meaning = "Microsoft Entra shows two columns, Value and Secret ID; the value is shown only once, right after the secret was made."
			p.Remedy = "Paste the value. If it is lost, make a new secret and paste that one's value."
		} else if p.Field == "" {
			p.Field = "secret"
		}
	}
	r.log(ctx, err)
	r.endStep(account.StepFailed, p.Message)
	r.op.Facts.Failure = p
	r.close(account.OpFailed)
	return r.commit(ctx)
}

// missingRoles is the refusal of an application that lacks roles; it lists them per subscription.
func missingRoles(c account.Check) error {
	var lines []string
	for _, s := range c.Subscriptions {
		if len(s.Roles) == 0 && s.Result != account.ResultOK {
			lines = append(lines, s.ID+": "+strings.TrimSuffix(s.Reason, "."))
		}
		for _, role := range s.Roles {
			if role.Result == account.ResultMissing {
				lines = append(lines, s.ID+": "+role.Role)
			}
			if role.Result == account.ResultNotChecked {
				lines = append(lines, s.ID+": "+role.Role+" could not be checked. "+strings.TrimSuffix(role.Reason, "."))
			}
		}
	}
	if len(lines) == 0 {
		lines = []string{strings.TrimSuffix(c.Detail, ".")}
	}
	return fault.New(fault.Permission, "The application lacks roles. Missing: %s.", strings.Join(lines, "; ")).
		WithMeaning("The credential is good, but the software that uses the account could not do its work. Nothing was stored.").
		WithRemedy("Assign the roles in Azure and try again, or store it all the same with --allow-missing.")
}

// storeOffered makes the proven credential the account's current one.
func (r *run) storeOffered(ctx context.Context, o *offered, found findings) error {
	now, a := r.e.clock.Now(), o.existing
	c := o.credential(now)
	created := a == nil
	if created {
		a = &account.Account{
			ID: newID("acc"), Name: o.name, Description: o.description, Cloud: o.conn.cloud.Name, Origin: account.Existing, CreatedAt: now,
			Policy: account.Policy{Soak: account.Duration(account.DefaultSoak), Lifetime: account.Duration(account.DefaultLifetime)},
		}
	}
	// The account may have changed since it was read; its version tells when it is put.
	r.a, r.op.AccountID = a, a.ID
	old := a.Current()
	known, err := r.knownAs(ctx, o)
	if err != nil {
		return r.refuse(ctx, o, err)
	}
	if known != nil {
		c.ID, c.KeyID, c.Tag, c.AddedAt, c.ApplicationObjectID = known.ID, known.KeyID, known.Tag, known.AddedAt, known.ApplicationObjectID
		c.DisclosedAt, c.AcknowledgedAt = known.DisclosedAt, known.AcknowledgedAt
		if c.ExpiresAt == nil {
			c.StartsAt, c.ExpiresAt, c.EndReason = known.StartsAt, known.ExpiresAt, known.EndReason
		}
	}
	origin := a.Origin
	if !created && a.TenantID != o.tenantID {
		r.leaveTenant(a, c.ID)
		old = nil
	}
	if a.ApplicationID != "" && a.ApplicationID != o.appID {
		a.Origin, a.ApplicationObjectID, a.ServicePrincipalID = account.Existing, "", ""
	}
	if created {
		c.AcknowledgedAt = &now // whoever gave it to us has it
	}
	c.AccountID = a.ID
	a.ApplicationID, a.TenantID, a.RoleSet = o.appID, o.tenantID, o.roles
	a.Subscriptions = scopeOf(o.scope, found)
	found.check.CredentialID = c.ID
	a.Check = &found.check
	r.put(func(tx *store.Tx) error { return tx.PutAccount(a) })
	if old != nil && old.ID != c.ID {
		old.Slot, old.RetiredAt, old.Soak, old.Origin = account.Retiring, &now, a.Policy.Soak, origin
		if !old.Made() {
			old.Note = "Evercred did not make it, so it stays on its application until somebody removes it or it ends."
		}
		kept := *old
		r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
	}
	r.put(func(tx *store.Tx) error { return tx.PutCredential(c) })
	r.put(func(tx *store.Tx) error { return tx.PutMaterial(c.ID, o.material) })
	r.close(account.OpDone)
	r.event = "account.connected"
	r.op.Summary = o.name + " is connected to application " + o.appID + " by " + o.kind.Noun() + ", proven and checked."
	if err := r.commit(ctx); err != nil {
		return r.refuseAfterStore(ctx, o, err)
	}
	return nil
}

// refuseAfterStore closes the operation when the store refused: another request was faster, or the disk is full.
func (r *run) refuseAfterStore(ctx context.Context, o *offered, err error) error {
	r.puts = nil
	if o.existing == nil {
		r.op.AccountID = ""
	}
	r.op.State = account.OpRunning
	return r.refuse(ctx, o, err)
}

// knownAs returns the account's credential that is the very one offered, or nil. Going back to a retiring one makes that
// one current again: as a second record it would be removed at the end of its soak.
func (r *run) knownAs(ctx context.Context, o *offered) (*account.Credential, error) {
	for i := range r.a.Credentials {
		c := &r.a.Credentials[i]
		if c.Kind != o.kind || c.ApplicationID != o.appID || c.Slot != account.Current && c.Slot != account.Retiring {
			continue
		}
		before, err := r.e.store.Material(ctx, account.System(), c.ID)
		if err != nil {
			return nil, err
		}
		if before.Equal(o.material) {
			return c, nil
		}
	}
	return nil, nil //nolint:nilnil // not known is no error
}

// leaveTenant lets go of the credentials in a tenant that the account leaves: nobody here can remove them any more.
func (r *run) leaveTenant(a *account.Account, except string) {
	now := r.e.clock.Now()
	for i := range a.Credentials {
		c := &a.Credentials[i]
		if c.ID == except || c.Slot != account.Current && c.Slot != account.Retiring {
			continue
		}
		c.Slot, c.RemovedAt = account.Lost, &now
		c.Note = "It is on application " + c.ApplicationID + " in tenant " + a.TenantID + ", which the account has left; remove it there."
		kept := *c
		r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
	}
}

func scopeOf(ids []string, found findings) []account.Subscription {
	if len(ids) == 0 {
		return found.seen
	}
	out := named(ids)
	for i := range out {
		for _, s := range found.seen {
			if s.ID == out[i].ID {
				out[i].Name = s.Name
			}
		}
	}
	return out
}
