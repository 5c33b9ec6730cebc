package renewal

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// examineOffered looks at what the application may do by the credential that was offered and is proven.
func examineOffered(ctx context.Context, r *run) (string, error) {
	p, c := &r.op.Params, r.op.Facts.Offered
	cred, err := r.candidateMaterial(ctx, c)
	if err != nil {
		return "", err
	}
	s := subject{
		tenant: p.TenantID, appID: c.ApplicationID, credential: cred, scope: named(p.Subscriptions), group: p.ManagementGroup,
		roles: p.RoleSet, profile: p.Profile, purposes: p.Purposes,
	}
	if r.a != nil {
		s.made = r.a.Made
	}
	found, err := r.e.examine(ctx, r.conn, s)
	switch {
	case err != nil:
		return "", err
	case !found.token:
		return "", found.err
	case found.err != nil && azure.Transient(found.err):
		return "", found.err
	case found.check.State != account.Valid && !p.AllowMissing:
		return "", missingRoles(found.check)
	}
	r.op.Facts.Found = &account.Found{Check: found.check, Seen: found.seen, Below: found.below, PrincipalID: found.principal}
	return found.check.Detail, nil
}

func named(ids []string) []account.Subscription {
	out := make([]account.Subscription, 0, len(ids))
	for _, id := range ids {
		out = append(out, account.Subscription{ID: id})
	}
	return out
}

// tenantOf reads the tenant's id out of an access token (claim tid; Microsoft identity platform, access token claims), so
// that an account given a domain name is stored under the id. A token of another form changes nothing.
func tenantOf(access secret.Value, given string) string {
	var claims struct {
		Tenant string `json:"tid"`
	}
	readClaims(access, &claims)
	if uuid.Validate(claims.Tenant) != nil {
		return given
	}
	return claims.Tenant
}

// explainOffered adds to a refusal of what was offered the field it is about.
func (r *run) explainOffered(ctx context.Context, err error, p *account.Problem) {
	code, ok := entraCode(err)
	if !ok || code != 7000215 {
		return
	}
	if p.Field == "" {
		p.Field = "secret"
	}
	value, err := r.e.store.Offered(ctx, account.System(), r.op.ID)
	if err != nil || uuid.Validate(value.Reveal()) != nil {
		return
	}
	p.Message = "This is the secret's id, not its value."
	p.Meaning = "Microsoft Entra shows two columns, Value and Secret ID; the value is shown only once, right after the secret was made."
	p.Remedy = "Paste the value. If it is lost, make a new secret and paste that one's value."
}

// missingRoles is the refusal of an application that lacks roles; it lists them per subscription.
func missingRoles(c account.Check) error {
	var lines []string
	for _, s := range c.Subscriptions {
		if text := lackLine(&c, &s); text != "" {
			lines = append(lines, s.ID+": "+text)
			continue
		}
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

// takeOver makes the proven credential the account's current one, and the account where there is none yet, in one transaction.
func takeOver(ctx context.Context, r *run) (string, error) {
	f, p, now := &r.op.Facts, &r.op.Params, r.e.clock.Now()
	material, err := r.e.store.Offered(ctx, account.System(), r.op.ID)
	if err != nil {
		return "", &storeError{err}
	}
	c, created := *f.Offered, r.a == nil
	c.Slot, c.ProvenAt = account.Current, &now
	if created {
		r.a = r.connected()
		r.op.AccountID = r.a.ID
		c.AcknowledgedAt = &now // whoever gave it to us has it
	}
	a := r.a
	if err := r.mergeKnown(ctx, &c, material); err != nil {
		return "", &storeError{err}
	}
	c.AccountID = a.ID
	if known := a.Credential(c.ID); known != nil && known.Slot == account.Retiring {
		if err := r.callOffRemovals(ctx, c.ID); err != nil {
			return "", err
		}
	}
	r.replaceCurrent(&c, created)
	a.Cloud, a.ApplicationID, a.TenantID, a.RoleSet, a.Profile, a.Purposes, a.ManagementGroup = p.Cloud, p.ApplicationID, p.TenantID, p.RoleSet, p.Profile, p.Purposes, p.ManagementGroup
	a.Subscriptions = r.foundScope()
	if f.Found.PrincipalID != "" {
		a.ServicePrincipalID = f.Found.PrincipalID
	}
	checked := f.Found.Check
	checked.CredentialID = c.ID
	a.Check = &checked
	f.Switched, f.CredentialID, f.Found = true, c.ID, nil
	r.puts = append([]func(*store.Tx) error{func(tx *store.Tx) error { return tx.PutAccount(a) }}, r.puts...)
	r.put(func(tx *store.Tx) error { return tx.PutCredential(c) })
	r.put(func(tx *store.Tx) error { return tx.PutMaterial(c.ID, material) })
	r.event, r.detail["application"] = "account.connected", p.ApplicationID
	return "", nil
}

// connected is the account that a connection brings into being.
func (r *run) connected() *account.Account {
	return &account.Account{
		ID: newID("acc"), Name: r.op.AccountName, Description: r.op.Params.Description, Origin: account.Existing, CreatedAt: r.e.clock.Now(),
		UsedBy: r.op.Params.UsedBy,
		Policy: account.Policy{Soak: account.Duration(account.DefaultSoak), Lifetime: account.Duration(account.DefaultLifetime)},
	}
}

// replaceCurrent takes what c replaces out of use, and lets go of what belongs to a tenant or an application that the account
// leaves.
func (r *run) replaceCurrent(c *account.Credential, created bool) {
	a, p, now := r.a, &r.op.Params, r.e.clock.Now()
	old, origin := a.Current(), a.Origin
	if !created && (a.TenantID != p.TenantID || a.Cloud != p.Cloud) {
		r.leaveTenant(a, c.ID)
		old = nil
	}
	if a.ApplicationID != "" && a.ApplicationID != p.ApplicationID {
		a.Origin, a.ApplicationObjectID, a.ServicePrincipalID = account.Existing, "", ""
	}
	if old == nil || old.ID == c.ID {
		return
	}
	old.Slot, old.RetiredAt, old.Soak, old.Origin = account.Retiring, &now, a.Policy.Soak, origin
	if !old.Made() {
		old.Note = "Evercred did not make it, so it stays on its application until somebody removes it or it ends."
	}
	kept := *old
	r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
}

// mergeKnown makes c the account's credential that is the very one offered, if there is one. Going back to a retiring one
// makes that one current again: as a second record it would be removed at the end of its soak.
func (r *run) mergeKnown(ctx context.Context, c *account.Credential, material secret.Value) error {
	for i := range r.a.Credentials {
		known := &r.a.Credentials[i]
		if known.Kind != c.Kind || known.ApplicationID != c.ApplicationID || known.Slot != account.Current && known.Slot != account.Retiring {
			continue
		}
		before, err := r.e.store.Material(ctx, account.System(), known.ID)
		if err != nil {
			return err
		}
		if !before.Equal(material) {
			continue
		}
		c.ID, c.KeyID, c.Tag, c.AddedAt, c.ApplicationObjectID = known.ID, known.KeyID, known.Tag, known.AddedAt, known.ApplicationObjectID
		c.DisclosedAt, c.AcknowledgedAt = known.DisclosedAt, known.AcknowledgedAt
		if c.ExpiresAt == nil {
			c.StartsAt, c.ExpiresAt, c.EndReason = known.StartsAt, known.ExpiresAt, known.EndReason
		}
		return nil
	}
	return nil
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

// foundScope is the scope with the names that the application sees.
func (r *run) foundScope() []account.Subscription {
	found := r.op.Facts.Found
	switch {
	case r.op.Params.ManagementGroup != "":
		return found.Below
	case len(r.op.Params.Subscriptions) == 0:
		return found.Seen
	}
	out := named(r.op.Params.Subscriptions)
	for i := range out {
		for _, s := range found.Seen {
			if s.ID == out[i].ID {
				out[i].Name = s.Name
			}
		}
	}
	return out
}
