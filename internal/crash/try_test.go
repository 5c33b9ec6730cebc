//go:build unix

package crash

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/store"
)

// trial is one misfortune at one point of one kind.
type trial struct {
	kind kind
	what misfortune
	at   point
}

func (t trial) String() string { return t.kind.name + "/" + t.at.String() + "/" + t.what.name }

// verdict is why a trial did not pass; none: it did.
type verdict []string

// fields are what trials share.
type fields struct {
	keys   *keyring
	seeds  map[string]string            // folders, by kind
	before map[string]map[string]string // what is in the cloud then, by kind
}

// sown copies the folder that a kind begins with.
func (f *fields) sown(k kind) (dir string, err error) {
	if dir, err = os.MkdirTemp(scratch(), "crash-"); err != nil {
		return "", err
	}
	files, err := os.ReadDir(f.seeds[k.name])
	if err != nil {
		return dir, err
	}
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(f.seeds[k.name], file.Name()))
		if err != nil {
			return dir, err
		}
		if err := os.WriteFile(filepath.Join(dir, file.Name()), content, 0o600); err != nil {
			return dir, err
		}
	}
	return dir, nil
}

// scratch is where data folders are: in memory, where there is such a place. A killed process loses nothing there either.
func scratch() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return os.TempDir()
}

// record plays a kind undisturbed and returns its points.
func (f *fields) record(ctx context.Context, k kind) ([]point, error) {
	dir, err := f.sown(k)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	o := &recorder{}
	w, err := open(ctx, dir, f.keys, epoch(), o)
	if err != nil {
		return nil, err
	}
	defer w.close()
	if err := k.act(ctx, w); err != nil {
		return nil, err
	}
	a, err := w.account(ctx)
	if err != nil {
		return nil, err
	}
	if why := k.miss(w, a); why != "" {
		return nil, fmt.Errorf("undisturbed: %s:\n    %s", why, w.describe(ctx))
	}
	if v := w.judge(ctx, k, f.before[k.name]); len(v) > 0 {
		return nil, fmt.Errorf("undisturbed: %s\n    %s", strings.Join(v, "; "), w.describe(ctx))
	}
	title, err := w.unkept(ctx)
	if err != nil {
		return nil, err
	}
	if title != "" {
		return nil, fmt.Errorf("undisturbed: announced and not done: %q\n    %s", title, w.describe(ctx))
	}
	return o.points, nil
}

// unkept is the title of a step that a journal has announced and that was not done: without a disturbance each is.
func (w *world) unkept(ctx context.Context) (title string, err error) {
	ops, err := w.store.Operations(ctx, account.System(), store.OperationQuery{})
	for _, op := range ops {
		for _, s := range op.Steps {
			if s.Outcome == account.StepSkipped || op.State.Closed() && s.EndedAt == nil {
				return string(op.Kind) + ": " + s.Title, err
			}
		}
	}
	return "", err
}

// try makes one trial. What is about the whole process happens in a process of its own.
func (f *fields) try(ctx context.Context, t trial) verdict {
	dir, err := f.sown(t.kind)
	if err != nil {
		return verdict{err.Error()}
	}
	defer os.RemoveAll(dir)
	switch {
	case t.what.kills:
		if err := f.victim(ctx, dir, t); err != nil {
			return verdict{err.Error()}
		}
		return f.again(ctx, dir, t)
	case t.what.full > 0:
		return f.full(ctx, dir, t)
	}
	return f.play(ctx, dir, t)
}

// play makes a trial in this process.
func (f *fields) play(ctx context.Context, dir string, t trial) verdict {
	d := &disturber{kind: t.kind, what: t.what, at: t.at}
	w, err := open(ctx, dir, f.keys, epoch(), d)
	if err != nil {
		return verdict{"opening the folder: " + err.Error()}
	}
	defer w.close()
	before, err := w.cloud.State()
	if err != nil {
		return verdict{err.Error()}
	}
	_ = t.kind.act(ctx, w) // whoever asked has read why not, and asks again below
	if !d.struck {
		return verdict{"the point was not reached", "\n    " + w.describe(ctx)}
	}
	return w.aftermath(ctx, t, d, excuse(before, d.excused))
}

// again goes on after a kill, a little later.
func (f *fields) again(ctx context.Context, dir string, t trial) verdict {
	d := &disturber{kind: t.kind, what: t.what, at: t.at, struck: true}
	w, err := open(ctx, dir, f.keys, epoch().Add(2*time.Minute), d)
	if err != nil {
		return verdict{"starting again: " + err.Error()}
	}
	defer w.close()
	d.world = w
	d.look(t.at)
	return w.aftermath(ctx, t, d, f.before[t.kind.name])
}

// excuse takes what the misfortune itself has changed out of a comparison.
func excuse(before map[string]string, excused []map[string]string) map[string]string {
	if excused == nil {
		return before
	}
	out := maps.Clone(before)
	for id, text := range excused[0] {
		if now := excused[1][id]; now != text && out[id] != "" {
			if out[id] = now; now == "" {
				delete(out, id)
			}
		}
	}
	return out
}

// aftermath lets one retry period pass, judges, does what a person does next, and judges again.
func (w *world) aftermath(ctx context.Context, t trial, d *disturber, before map[string]string) (v verdict) {
	note := func(when, why string) {
		if why != "" {
			v = append(v, when+": "+why)
		}
	}
	if err := w.settle(ctx); err != nil {
		note("after a retry period", err.Error())
	}
	if d.failure != nil {
		note("the disturbance itself", d.failure.Error())
	}
	note("a gap", d.gap)
	note("after a retry period", w.rest(ctx))
	a, err := w.account(ctx)
	if err != nil {
		return verdict{err.Error()}
	}
	if a != nil && !t.kind.lost && !t.what.app && !t.kind.gone {
		note("after a retry period", slots(a, true))
		if err := w.token(ctx, a); err != nil {
			note("after a retry period", "the account gets no token: "+err.Error())
		}
	}
	if t.what.rights {
		w.person = ulrich
	}
	note("the next sign-in", w.mend(ctx, t.kind, t.what.app))
	if len(v) == 0 {
		v = w.judge(ctx, t.kind, before)
	}
	if len(v) > 0 {
		v = append(v, "\n    "+w.describe(ctx))
	}
	return v
}

// mend does what people do after a misfortune: sign in for what waits for it, restore an application that is gone, ask
// again for what has not come about.
func (w *world) mend(ctx context.Context, k kind, gone bool) string {
	why := ""
	for range 4 {
		open, err := w.operations(ctx, true)
		if err != nil {
			return err.Error()
		}
		for _, op := range open {
			if op.State != account.OpNeedsSignIn {
				continue
			}
			if _, err := w.engine.SignInAgain(ctx, hands(), op.ID, ""); err != nil {
				return fmt.Sprintf("signing in for the %s: %v", op.Kind, err)
			}
			if err := w.settle(ctx); err != nil {
				return err.Error()
			}
		}
		a, err := w.account(ctx)
		if err != nil {
			return err.Error()
		}
		if why = w.again(ctx, k, gone, a); why == "" {
			return w.rest(ctx)
		}
	}
	return "it has not come about: " + why
}

// again restores and asks again, where that is needed; empty: the change has come about.
func (w *world) again(ctx context.Context, k kind, gone bool, a *account.Account) string {
	if a != nil && !k.gone {
		if app, _ := w.cloud.Look(a.ApplicationID); app.Deleted && !k.elsewhere() {
			why := "the application had to be restored"
			if err := ask(recreate(renewal.ChoiceRestore, ""))(ctx, w); err != nil {
				why = "restoring the application: " + err.Error()
			}
			return why
		}
	}
	why := k.miss(w, a)
	if gone && k.elsewhere() {
		why = w.back(ctx, a)
		return why
	}
	if why == "" {
		return ""
	}
	if err := k.act(ctx, w); err != nil && !fault.Is(err, fault.NotFound) {
		why += " (" + err.Error() + ")"
	}
	return why
}

// back returns an account to the application where it was, or forgets one that was never anywhere else; empty: it is done.
func (w *world) back(ctx context.Context, a *account.Account) string {
	if a == nil {
		return ""
	}
	if app, _ := w.cloud.Look(a.ApplicationID); !app.Deleted {
		return ""
	}
	f := rollback
	if a.Former() == nil {
		f = forget
	}
	if err := ask(f)(ctx, w); err != nil {
		return "going back: " + err.Error()
	}
	return "the account had to go back"
}

func forget(ctx context.Context, w *world) (*account.Operation, error) {
	return w.engine.Remove(ctx, hands(), subject, renewal.RemoveRequest{})
}

// judge holds the world against what was before, and once more a day later.
func (w *world) judge(ctx context.Context, k kind, before map[string]string) (v verdict) {
	for _, when := range []string{"in the end", "a day later"} {
		note := func(why string) {
			if why != "" {
				v = append(v, when+": "+why)
			}
		}
		a, err := w.account(ctx)
		if err != nil {
			return verdict{err.Error()}
		}
		if a != nil {
			note(slots(a, true))
			if err := w.token(ctx, a); err != nil {
				note("the account gets no token: " + err.Error())
			}
		}
		note(w.rest(ctx))
		note(w.secrets(ctx))
		for _, why := range append(w.residue(ctx, k, before), w.story(ctx, a)...) {
			note(why)
		}
		if len(v) > 0 {
			return v
		}
		if err := w.advance(25 * time.Hour); err != nil {
			return verdict{err.Error()}
		}
		if err := w.settle(ctx); err != nil {
			note(err.Error())
		}
	}
	return v
}
