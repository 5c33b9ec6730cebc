package renewal

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/graph"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// applicationRoles are the Microsoft Graph application permissions with which an application changes credentials of
// applications: those it owns, or all (Microsoft Graph permissions reference).
var applicationRoles = []string{"Application.ReadWrite.OwnedBy", "Application.ReadWrite.All"} //nolint:gochecknoglobals // a constant list

// SetSteward makes an account the steward of its tenant: by the Microsoft Graph permissions of its application the other
// accounts of the tenant are renewed and cleaned up, without a person. A tenant has one; another one takes its place. The
// fault of an application without such a permission says which to grant.
func (e *Engine) SetSteward(ctx context.Context, by account.Caller, ref string) (*account.Account, error) {
	a, err := e.store.InUse(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	if a.Current() == nil {
		return nil, fault.New(fault.Conflict, "%s has no current credential, so it cannot be a steward.", a.Name).WithRemedy("Connect it first: `evercred account connect %s`.", a.Name)
	}
	may, err := e.mayWriteApplications(ctx, a)
	if err != nil {
		return nil, explain(err)
	}
	if !may {
		return nil, fault.New(fault.Permission, "The application of %s may not change other applications.", a.Name).
			WithMeaning("A steward needs the Microsoft Graph application permission Application.ReadWrite.OwnedBy, and to own the applications it renews; or Application.ReadWrite.All. Nothing was changed.").
			WithRemedy("Let an administrator grant it and consent to it in Microsoft Entra, wait a few minutes, and try again.")
	}
	what := store.Event{Action: "steward.set", AccountID: a.ID, AccountName: a.Name, Detail: map[string]string{"tenant": a.TenantID, "cloud": a.Cloud}}
	waiting, err := e.withoutRights(ctx, a)
	if err != nil {
		return nil, err
	}
	err = e.store.Change(ctx, by, what, func(tx *store.Tx) error {
		if err := tx.PutSteward(a.Cloud, a.TenantID, a.ID); err != nil {
			return err
		}
		for _, id := range waiting {
			op, err := tx.Operation(id)
			if err != nil {
				return err
			}
			if op.NextAt = nil; op.State.Closed() {
				continue
			}
			if err := tx.PutOperation(op); err != nil {
				return err
			}
		}
		return nil
	})
	return a, err
}

// withoutRights are the removals in the tenant of an account that nobody at hand may do: a new steward may.
func (e *Engine) withoutRights(ctx context.Context, steward *account.Account) ([]string, error) {
	open, err := e.store.Operations(ctx, account.System(), store.OperationQuery{OpenOnly: true})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, op := range open {
		if op.Kind != account.OpRetire || !op.Facts.NoRights {
			continue
		}
		a, err := e.store.InUse(ctx, account.System(), op.AccountID)
		switch {
		case fault.Is(err, fault.NotFound):
		case err != nil:
			return nil, err
		case a.Cloud == steward.Cloud && a.TenantID == steward.TenantID:
			out = append(out, op.ID)
		}
	}
	return out, nil
}

// DropSteward leaves the account's tenant without a steward, if the account is it.
func (e *Engine) DropSteward(ctx context.Context, by account.Caller, ref string) (*account.Account, error) {
	a, err := e.store.InUse(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	what := store.Event{Action: "steward.dropped", AccountID: a.ID, AccountName: a.Name, Detail: map[string]string{"tenant": a.TenantID, "cloud": a.Cloud}}
	return a, e.store.Change(ctx, by, what, func(tx *store.Tx) error { return tx.DropSteward(a.ID) })
}

// Stewards returns the stewards: account ids by cloud and tenant.
func (e *Engine) Stewards(ctx context.Context, by account.Caller) ([]store.Steward, error) {
	return e.store.Stewards(ctx, by)
}

// stewardOf is the id of the account that may change a's application, by its tenant; empty without one. A steward renews
// itself by its own permissions.
func (e *Engine) stewardOf(ctx context.Context, a *account.Account) (string, error) {
	return e.store.StewardOf(ctx, account.System(), a.Cloud, a.TenantID)
}

// stewardGraph acts with the rights of the steward that the operation was begun with.
func (r *run) stewardGraph() (*graph.Client, error) {
	if r.steward == nil || r.steward.Current() == nil {
		return nil, fault.New(fault.Permission, "The steward that the %s of %s was begun with is not there any more.", r.op.Kind.Noun(), r.op.AccountName).
			WithMeaning("Nothing was changed.").WithRemedy("Name another one with `evercred account steward NAME`, or sign in.")
	}
	return r.ownGraph(*r.steward.Current())
}

// loadSteward reads the steward of an operation; one that was removed meanwhile is missed when it is needed. A removal of an
// old credential was planned long before: it takes the steward of today.
func (r *run) loadSteward(ctx context.Context) error {
	if r.op.Kind == account.OpRetire && r.a != nil {
		now, err := r.e.stewardOf(ctx, r.a)
		if err != nil {
			return err
		}
		if now != r.op.Params.Actor { // a new one may be able to do what nobody could
			r.op.Params.Actor, r.op.Facts.NoRights = now, false
		}
	}
	id := r.op.Params.Actor
	if id == "" || id == r.op.AccountID {
		return nil
	}
	a, err := r.e.store.InUse(ctx, account.System(), id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	r.steward = a
	return nil
}

// lendRights gives the rights that an operation has without a person to what waits for a sign-in on the account: last looks.
func (r *run) lendRights(ctx context.Context) error {
	if r.op.Params.Actor == "" {
		return nil
	}
	open, err := r.e.store.Operations(ctx, account.System(), store.OperationQuery{AccountID: r.op.AccountID, OpenOnly: true})
	if err != nil {
		return &storeError{err}
	}
	for _, other := range open {
		if other.Kind == account.OpTidy && other.State == account.OpNeedsSignIn {
			other.State, other.Params.Actor, other.Problem, other.NextAt = account.OpRunning, r.op.Params.Actor, nil, nil
			r.put(func(tx *store.Tx) error { return tx.PutOperation(other) })
		}
	}
	return nil
}

// mayWriteApplications asks Entra for a Microsoft Graph token of the account and reads in it whether the application has one
// of the permissions. Whether it owns what it is to change, only the change can tell.
func (e *Engine) mayWriteApplications(ctx context.Context, a *account.Account) (bool, error) {
	conn, err := e.cloudOf(a.Cloud)
	if err != nil {
		return false, err
	}
	cred, err := e.material(ctx, *a.Current())
	if err != nil {
		return false, err
	}
	t, err := conn.entra.AppToken(ctx, a.TenantID, a.ApplicationID, cred, conn.cloud.GraphScope)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(rolesOf(t.Access), func(role string) bool { return slices.Contains(applicationRoles, role) }), nil
}

// rolesOf reads the application permissions out of an access token (claim roles; Microsoft identity platform, access token
// claims). A token of another form has none.
func rolesOf(access secret.Value) []string {
	var claims struct {
		Roles []string `json:"roles"`
	}
	readClaims(access, &claims)
	return claims.Roles
}

// readClaims decodes the claims of an access token without judging its signature: it came from Entra a moment ago, and
// nothing is allowed by it here. A token of another form leaves them empty.
func readClaims(access secret.Value, into any) {
	parts := strings.Split(access.Reveal(), ".")
	if len(parts) != 3 {
		return
	}
	if raw, err := base64.RawURLEncoding.DecodeString(parts[1]); err == nil {
		_ = json.Unmarshal(raw, into)
	}
}
