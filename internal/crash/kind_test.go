//go:build unix

package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/evercred/evercred/emulator/script"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/secret"
)

// kind is a change that people ask for.
type kind struct {
	name string
	seed func(seeder) error                    // what it begins with, beside everybody
	act  func(context.Context, *world) error   // asks for it and lets it come to rest; asked again, it does not do it twice
	miss func(*world, *account.Account) string // what it lacks by the account as it is (nil: none); empty: it has come about
	lost bool                                  // the account does not work to begin with
	gone bool                                  // it removes the account
	app  string                                // name of the application that it is about, where that is not the account's
}

// elsewhere reports whether it is about an application of somebody else. If that vanishes, the account stays where it was,
// or goes back there.
func (k kind) elsewhere() bool { return k.app != "" }

func kinds() []kind {
	at := new(time.Duration) // a soak that removes the old credential in the same run
	return []kind{
		{
			name: "renew", seed: usual(account.Secret), miss: replaced(account.Secret),
			act: ask(renew(renewal.RenewRequest{Soak: at})),
		},
		{
			name: "renew-certificate", seed: usual(account.Certificate), miss: replaced(account.Certificate),
			act: ask(renew(renewal.RenewRequest{Soak: at})),
		},
		{
			name: "renew-by-itself", seed: ownsItself, miss: replaced(account.Secret), act: byItself,
		},
		{
			name: "to-certificate", seed: usual(account.Secret), miss: replaced(account.Certificate),
			act: ask(renew(renewal.RenewRequest{Soak: at, Kind: account.Certificate})),
		},
		{
			name: "to-secret", seed: usual(account.Certificate), miss: replaced(account.Secret),
			act: ask(renew(renewal.RenewRequest{Soak: at, Kind: account.Secret})),
		},
		{
			name: "recreate", seed: without(life, script.PurgeApplication), miss: replaced(account.Secret), lost: true,
			act: ask(recreate(renewal.ChoiceNew, "")),
		},
		{
			name: "recreate-certificate", seed: without(life, script.PurgeApplication), miss: replaced(account.Certificate), lost: true,
			act: ask(recreate(renewal.ChoiceNew, account.Certificate)),
		},
		{
			name: "restore", seed: without(life, script.DeleteApplication), miss: valid, lost: true,
			act: ask(recreate(renewal.ChoiceRestore, "")),
		},
		{
			name: "restore-ended", seed: without(-day, script.DeleteApplication), miss: replaced(account.Secret), lost: true,
			act: ask(recreate(renewal.ChoiceRestore, "")),
		},
		{name: "add", seed: func(seeder) error { return nil }, miss: valid, lost: true, act: ask(add(account.Secret))},
		{name: "add-certificate", seed: func(seeder) error { return nil }, miss: valid, lost: true, act: ask(add(account.Certificate))},
		{name: "connect-secret", seed: usual(account.Secret), miss: connected, act: ask(connect(false)), app: elsewhere},
		{name: "connect-pfx", seed: usual(account.Secret), miss: connected, act: ask(connect(true)), app: elsewhere},
		{name: "add-existing", seed: func(seeder) error { return nil }, miss: valid, lost: true, act: ask(addExisting), app: elsewhere},
		{name: "rollback", seed: renewed(account.Secret), miss: former, act: ask(rollback)},
		{name: "retire", seed: renewed(account.Certificate), miss: retired, act: soak},
		{name: "retire-by-person", seed: renewed(account.Secret), miss: retired, act: soakAndSignIn},
		{name: "reconcile", seed: orphans, miss: unknown, act: ask(reconcile)},
		{name: "grant", seed: lacking(""), miss: valid, act: ask(grant)},
		{name: "grant-custom-role", seed: lacking("veeam-backup-azure"), miss: valid, act: ask(grant)},
		{name: "remove", seed: usual(account.Secret), miss: removed, act: ask(remove), gone: true},
	}
}

// start asks for one operation.
type start func(context.Context, *world) (*account.Operation, error)

// ask starts an operation and lets it come to rest.
func ask(f start) func(context.Context, *world) error {
	return func(ctx context.Context, w *world) error {
		if _, err := f(ctx, w); err != nil {
			return fmt.Errorf("asking for it: %w", err)
		}
		return w.settle(ctx)
	}
}

func renew(q renewal.RenewRequest) start {
	return func(ctx context.Context, w *world) (*account.Operation, error) {
		return w.engine.Renew(ctx, hands(), subject, q)
	}
}

func recreate(choice string, k account.Kind) start {
	return func(ctx context.Context, w *world) (*account.Operation, error) {
		return w.engine.Recreate(ctx, hands(), subject, renewal.RecreateRequest{Choice: choice, Kind: k})
	}
}

func add(k account.Kind) start {
	return func(ctx context.Context, w *world) (*account.Operation, error) {
		return w.engine.Add(ctx, hands(), renewal.AddRequest{
			Name: subject, TenantID: w.cloud.TenantID(), Subscriptions: []string{w.cloud.SubscriptionID()}, Kind: k,
		})
	}
}

// request is what a person gives who connects.
func (w *world) request(pfx bool) (q renewal.ConnectRequest, err error) {
	raw, err := os.ReadFile(filepath.Join(w.dir, "offered.json"))
	if err != nil {
		return q, err
	}
	var o offered
	if err := json.Unmarshal(raw, &o); err != nil {
		return q, err
	}
	q = renewal.ConnectRequest{ApplicationID: o.ApplicationID, TenantID: w.cloud.TenantID(), Secret: secret.New(o.Secret)}
	if pfx {
		q.Secret, q.Certificate, q.Password = secret.Value{}, o.PFX, secret.New(pfxPassword)
	}
	return q, nil
}

func connect(pfx bool) start {
	return func(ctx context.Context, w *world) (*account.Operation, error) {
		q, err := w.request(pfx)
		if err != nil {
			return nil, err
		}
		return w.engine.Connect(ctx, hands(), subject, q)
	}
}

func addExisting(ctx context.Context, w *world) (*account.Operation, error) {
	q, err := w.request(false)
	if err != nil {
		return nil, err
	}
	q.Name = subject
	return w.engine.AddExisting(ctx, hands(), q)
}

func connected(w *world, a *account.Account) string {
	q, err := w.request(false)
	switch {
	case err != nil:
		return err.Error()
	case a == nil:
		return noAccount
	case a.ApplicationID != q.ApplicationID:
		return "the account is at the application where it was"
	}
	return ""
}

func rollback(ctx context.Context, w *world) (*account.Operation, error) {
	return w.engine.Rollback(ctx, hands(), subject)
}

func reconcile(ctx context.Context, w *world) (*account.Operation, error) {
	return w.engine.Reconcile(ctx, hands(), subject, renewal.ReconcileRequest{})
}

func grant(ctx context.Context, w *world) (*account.Operation, error) {
	return w.engine.Grant(ctx, hands(), subject, renewal.GrantRequest{})
}

func remove(ctx context.Context, w *world) (*account.Operation, error) {
	return w.engine.Remove(ctx, hands(), subject, renewal.RemoveRequest{DeleteApplication: true})
}

func checkWithSignIn(ctx context.Context, w *world) (*account.Operation, error) {
	return w.engine.Check(ctx, hands(), subject, renewal.CheckRequest{WithSignIn: true})
}

// byItself is what happens without anybody: the renewal is due, and the account's own permissions do. What fails is tried
// again, later and later.
func byItself(ctx context.Context, w *world) error {
	const tries, apart = 6, 12 * time.Hour
	for range tries {
		if err := w.engine.RenewDue(ctx); err != nil {
			return err
		}
		if err := w.settle(ctx); err != nil {
			return err
		}
		a, err := w.account(ctx)
		if err != nil || replaced(account.Secret)(w, a) == "" {
			return err
		}
		if err := w.advance(apart); err != nil {
			return err
		}
	}
	return nil
}

// soak lets the soak of the former credential pass: if the account has the rights, it is removed then.
func soak(ctx context.Context, w *world) error {
	open, err := w.operations(ctx, true)
	if err != nil {
		return err
	}
	for _, op := range open {
		for _, t := range []*time.Time{op.Facts.DueAt, op.NextAt} {
			if op.Kind != account.OpRetire || t == nil {
				continue
			}
			if left := t.Sub(w.clock.Now()); left > 0 && left < 2*day {
				if err := w.advance(left + time.Second); err != nil {
					return err
				}
			}
		}
	}
	return w.settle(ctx)
}

// soakAndSignIn lets the soak pass when nobody at hand may remove the former secret: the next sign-in does.
func soakAndSignIn(ctx context.Context, w *world) error {
	if err := soak(ctx, w); err != nil {
		return err
	}
	return ask(checkWithSignIn)(ctx, w)
}

const noAccount = "there is no account"

// replaced wants another current credential than at the beginning, of a kind.
func replaced(want account.Kind) func(*world, *account.Account) string {
	return func(_ *world, a *account.Account) string {
		switch {
		case a == nil:
			return noAccount
		case a.Current() == nil:
			return "the account has no current credential"
		case a.Current().ID == "cred-"+subject:
			return "the account has the credential that it had"
		case a.Current().Kind != want:
			return "the account has a " + a.Current().Kind.Noun()
		}
		return ""
	}
}

// valid wants an account that was found good.
func valid(_ *world, a *account.Account) string {
	switch {
	case a == nil:
		return noAccount
	case a.Check == nil:
		return "the account was not checked"
	case a.Check.State != account.Valid:
		return "the account is " + string(a.Check.State)
	}
	return ""
}

func former(_ *world, a *account.Account) string {
	if a == nil || a.Current() == nil || a.Current().ID != "cred-"+subject {
		return "the account does not have its former credential"
	}
	return ""
}

func retired(_ *world, a *account.Account) string {
	if a == nil {
		return noAccount
	}
	if n := len(a.Retiring()); n > 0 {
		return fmt.Sprintf("credentials that are kept still: %d", n)
	}
	return ""
}

func unknown(w *world, a *account.Account) string {
	if a == nil {
		return noAccount
	}
	if left := w.orphans(a); len(left) > 0 {
		return fmt.Sprintf("orphans on the application: %v", left)
	}
	return ""
}

func removed(_ *world, a *account.Account) string {
	if a != nil {
		return "the account is there"
	}
	return ""
}

// account reads the account that the change is about; nil where there is none.
func (w *world) account(ctx context.Context) (*account.Account, error) {
	a, err := w.store.Account(ctx, account.System(), subject)
	if fault.Is(err, fault.NotFound) {
		return nil, nil //nolint:nilnil // none is an answer
	}
	return a, err
}
