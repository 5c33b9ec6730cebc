package renewal

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/store"
)

// EditRequest says what of an account is to be otherwise. Nil leaves a thing as it is. Subscriptions and a management group
// take each other's place: naming one without the other ends the other.
type EditRequest struct {
	Name, Description *string
	UsedBy            *[]string
	Soak, Lifetime    *time.Duration
	RenewBefore       *time.Duration
	Automatic         *bool
	Subscriptions     *[]string
	ManagementGroup   *string
	Profile           *string
	Purposes          *[]string
	Unreadable        []error // faults of what of the request could not be read; told together with what else is wrong
}

// AnyVersion says that an edit is meant whatever the version of the account is.
const AnyVersion = 0

// Stale is the error of an edit of a version that is not the stored one any more.
type Stale struct {
	fault *fault.Error
	Edits []store.FieldEdit // what was changed since, by field
}

func (s *Stale) Error() string { return s.fault.Error() }
func (s *Stale) Unwrap() error { return s.fault }

// Flawed is the error of an edit that cannot be stored. The fault is that of its first flaw.
type Flawed struct {
	fault  *fault.Error
	Issues []Issue // those that are errors
}

func (f *Flawed) Error() string { return f.fault.Error() }
func (f *Flawed) Unwrap() error { return f.fault }

// Edit changes what a person can edit of an account, and nothing in Azure. version is the one that the person has seen:
// where something that can be edited was changed since, the error is *Stale and nothing is stored. Checks and renewals
// raise the version too, but do not make an edit stale. What cannot be stored is a *Flawed. Where the edit concerns what the
// account is to reach or to do, a check is started that looks at it with new eyes.
func (e *Engine) Edit(ctx context.Context, by account.Caller, ref string, q EditRequest, version int64) (*account.Account, error) {
	for range 5 {
		a, err := e.store.Account(ctx, by, ref)
		if err != nil {
			return nil, err
		}
		done, err := e.editOnce(ctx, by, a, q, version)
		if fault.Is(err, fault.Conflict) && fault.From(err).Field == "" && !isStale(err) && !isUnderWay(err) {
			continue // a check or a renewal stored the account meanwhile: look again
		}
		return done, err
	}
	return nil, fault.New(fault.Conflict, "The account is being changed all the time.").
		WithMeaning("The edit was not stored.").WithRemedy("Try again in a moment.")
}

func (e *Engine) editOnce(ctx context.Context, by account.Caller, a *account.Account, q EditRequest, version int64) (*account.Account, error) {
	defer e.hold("account " + a.ID)()
	if err := e.checkVersion(ctx, by, a, version); err != nil {
		return nil, err
	}
	p := e.planEdit(ctx, by, a, q)
	if err := p.flaw(); err != nil {
		return nil, err
	}
	if len(p.audit) == 0 {
		return a, nil
	}
	if p.azure {
		if err := e.nothingUnderWay(ctx, by, a); err != nil {
			return nil, err
		}
	}
	what := store.Event{Action: "account.edited", AccountID: a.ID, AccountName: p.next.Name, Detail: p.audit}
	if err := e.store.Change(ctx, by, what, func(tx *store.Tx) error { return tx.PutAccount(p.next) }); err != nil {
		return nil, err
	}
	if p.azure && a.Current() != nil {
		op := e.newOperation(by, account.OpCheck, p.next.Name, account.Params{})
		op.AccountID = a.ID
		if _, err := e.launch(ctx, by, op); err != nil {
			e.log.WarnContext(ctx, "starting the check after an edit", "account", a.ID, "error", err) // the edit itself is stored
		}
	}
	return e.store.Account(ctx, by, a.ID)
}

func (e *Engine) checkVersion(ctx context.Context, by account.Caller, a *account.Account, version int64) error {
	if version == AnyVersion || version == a.Version {
		return nil
	}
	edits, err := e.store.EditsSince(ctx, by, a.ID, version)
	if err != nil {
		return err
	}
	if len(edits) == 0 && version < a.Version {
		return nil
	}
	f := fault.New(fault.Conflict, "The account %s is not the one that was edited: it has version %d by now.", a.Name, a.Version).
		WithMeaning("Nothing was stored, so that no other change is lost.")
	if len(edits) > 0 {
		var names []string
		for _, c := range edits {
			names = append(names, fieldTitle(c.Field))
		}
		last := slices.MaxFunc(edits, func(a, b store.FieldEdit) int { return a.At.Compare(b.At) })
		f.Message = "Somebody else changed " + a.Name + " meanwhile: " + strings.Join(names, ", ") + " (by " + last.By + ", " +
			account.Moment(last.At) + ")."
	}
	f.Remedy = "Read the account again, look at what is different, and repeat the edit if it is still wanted."
	return &Stale{fault: f, Edits: edits}
}

func fieldTitle(field string) string {
	return strings.ReplaceAll(field, "_", " ")
}

func isStale(err error) bool {
	_, ok := err.(*Stale) //nolint:errorlint // it is returned as it is
	return ok
}

// underWay marks the conflict with an operation, which looking again would not solve.
type underWay struct{ error }

func (u underWay) Unwrap() error { return u.error }

func isUnderWay(err error) bool {
	_, ok := err.(underWay) //nolint:errorlint // it is returned as it is
	return ok
}

// nothingUnderWay refuses to change what an account reaches while an operation works on just that.
func (e *Engine) nothingUnderWay(ctx context.Context, by account.Caller, a *account.Account) error {
	open, err := e.store.Operations(ctx, by, store.OperationQuery{AccountID: a.ID, OpenOnly: true})
	if err != nil {
		return err
	}
	for _, op := range open {
		if op.Holds() && (op.State == account.OpRunning || op.State == account.OpNeedsSignIn || op.Touched()) {
			return underWay{fault.New(fault.Conflict, "A %s of %s is under way.", op.Kind.Noun(), a.Name).
				WithMeaning("It works on what the account reaches, so that cannot be changed now. Nothing was stored.").
				WithRemedy("Wait for its end, or finish it: `evercred operation show %s`.", op.ID)}
		}
	}
	return nil
}

// PreviewEdit says what an edit would change, here and in Azure, and what speaks against it. Nothing is stored.
func (e *Engine) PreviewEdit(ctx context.Context, by account.Caller, ref string, q EditRequest) (*EditPreview, error) {
	a, err := e.store.Account(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	p := e.planEdit(ctx, by, a, q)
	if p.azure {
		if err := e.nothingUnderWay(ctx, by, a); err != nil {
			f := fault.From(err)
			if f.Code != fault.Conflict {
				return nil, err
			}
			p.flawed(f, "subscriptions")
		}
	}
	return &EditPreview{Changes: p.changes, Issues: p.issues}, nil
}

// checkNewName tells whether an account can take a name that it does not have.
func (e *Engine) checkNewName(ctx context.Context, by account.Caller, a *account.Account, name string) error {
	if strings.EqualFold(a.Name, name) {
		return account.CheckName(name)
	}
	return e.checkNew(ctx, by, name, "")
}

// checkRenewBefore keeps the time before an end within sense.
func checkRenewBefore(d time.Duration) error {
	if d < time.Hour || d > 365*24*time.Hour {
		return fault.BadField("renew_before", "The time before the end is out of range: "+account.Span(d)+".", "Use one hour to 365 days, e.g. 30d.")
	}
	return nil
}
