package renewal_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/renewal"
)

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// world plays Azure and the store for the planner: it does what an action asks for, or loses the answer.
type world struct {
	op      *account.Operation
	a       *account.Account
	now     time.Time
	secrets map[string]bool // tags of the secrets that are on the application
	writes  int
	crashes int
}

func newWorld(kind account.OperationKind, soak time.Duration) *world {
	d := account.Duration(soak)
	return &world{
		now: start, secrets: map[string]bool{"evercred/old": true},
		op: &account.Operation{ID: "op", Kind: kind, State: account.OpRunning, AccountID: "a", Params: account.Params{Soak: &d}},
		a: &account.Account{ID: "a", Name: "backup", Credentials: []account.Credential{
			{ID: "old", Slot: account.Current, Kind: account.Secret, Tag: "evercred/old", KeyID: "k-old", ApplicationID: "app"},
		}},
	}
}

func (w *world) attempt(tag string) *account.Attempt {
	for i := range w.op.Facts.Attempts {
		if w.op.Facts.Attempts[i].Tag == tag {
			return &w.op.Facts.Attempts[i]
		}
	}
	return nil
}

// do carries an action out. luck: 0 all is well, 1 the answer is lost, 2 the process is killed before the call,
// 3 it is killed after the call.
func (w *world) do(t *rapid.T, act renewal.Action, luck int) {
	f := &w.op.Facts
	switch act.Do {
	case renewal.DoSignIn:
		f.SignedInAt = &w.now
	case renewal.DoAuthorise:
		f.Authorised = true
	case renewal.DoLookUp:
		f.AppLookedUp, f.AppState = true, account.AppAlive
	case renewal.DoAddSecret:
		for _, other := range f.Attempts {
			if other.State == account.AttemptAdded || other.State == account.AttemptIntended || other.State == account.AttemptFound {
				t.Fatalf("a second secret is added while %s is %s", other.Tag, other.State)
			}
		}
		tag := "evercred/" + string(rune('a'+len(f.Attempts)))
		f.Attempts = append(f.Attempts, account.Attempt{Tag: tag, State: account.AttemptIntended, At: w.now})
		if luck == 2 {
			w.crashes++
			return
		}
		w.secrets[tag] = true
		w.writes++
		if luck == 3 {
			w.crashes++
			return
		}
		if luck == 1 {
			w.attempt(tag).State = account.AttemptLost
			return
		}
		w.attempt(tag).State = account.AttemptAdded
		w.a.Credentials = append(w.a.Credentials, account.Credential{ID: "new", Slot: account.Next, Kind: account.Secret, Tag: tag, ApplicationID: "app"})
		f.CredentialID = "new"
	case renewal.DoFindSecret:
		at := w.attempt(act.Target)
		at.State = account.AttemptLost
		if w.secrets[act.Target] {
			at.State = account.AttemptFound
		} else {
			at.LookCount++
		}
	case renewal.DoRemoveSecret:
		delete(w.secrets, act.Target)
		w.attempt(act.Target).State = account.AttemptRemoved
		w.writes++
	case renewal.DoProve:
		f.Proven = luck == 0
		if luck == 3 {
			f.RollingBack = true
		}
	case renewal.DoSwitch:
		f.Switched = true
		w.a.Credential("old").Slot = account.Retiring
		w.a.Credential("new").Slot = account.Current
		if *w.op.Params.Soak == 0 {
			f.Retire = []string{"old"}
		}
	case renewal.DoProveAgain:
		f.ProvedBeforeRm = true
	case renewal.DoRemoveOld:
		if !f.ProvedBeforeRm {
			t.Fatal("the old secret is removed without one more proof of the new one")
		}
		delete(w.secrets, "evercred/old")
		w.a.Credential("old").Slot = account.Removed
		w.writes++
	case renewal.DoCheck:
		f.Checked = true
	case renewal.DoClose:
		w.op.State = act.State
	default:
		t.Fatalf("an action this world does not know: %s", act.Do)
	}
}

// However answers are lost and processes killed, a renewal ends, in a renewed account or in the account as it was, and
// leaves no secret that nobody knows.
func TestARenewalEndsWithoutOrphans(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		soak := rapid.SampledFrom([]time.Duration{0, 24 * time.Hour}).Draw(t, "soak")
		w := newWorld(account.OpRenew, soak)
		for step := 0; !w.op.State.Closed(); step++ {
			if step > 200 {
				t.Fatal("the renewal does not end")
			}
			act := renewal.Plan(w.now, w.op, w.a, renewal.Rights{Person: w.op.Facts.SignedInAt != nil})
			luck := 0
			if step < 40 {
				luck = rapid.IntRange(0, 3).Draw(t, "luck")
			}
			w.do(t, act, luck)
			w.now = w.now.Add(time.Second)
		}
		current := w.a.Current()
		switch w.op.State {
		case account.OpDone:
			want := map[string]bool{current.Tag: true}
			if soak > 0 {
				want["evercred/old"] = true
			}
			if diff := cmp.Diff(want, w.secrets); diff != "" {
				t.Fatalf("secrets on the application (-want +got):\n%s", diff)
			}
		case account.OpFailed:
			if current.ID != "old" || len(w.secrets) != 1 {
				t.Fatalf("a failed renewal left current %s and secrets %v", current.ID, w.secrets)
			}
		}
	})
}

func TestARenewalWithoutTroubleWritesTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(account.OpRenew, 0)
		var done []renewal.Do
		for !w.op.State.Closed() {
			act := renewal.Plan(w.now, w.op, w.a, renewal.Rights{Person: w.op.Facts.SignedInAt != nil})
			done = append(done, act.Do)
			w.do(t, act, 0)
		}
		want := []renewal.Do{
			renewal.DoSignIn, renewal.DoAuthorise, renewal.DoLookUp, renewal.DoAddSecret, renewal.DoProve, renewal.DoSwitch,
			renewal.DoProveAgain, renewal.DoRemoveOld, renewal.DoCheck, renewal.DoClose,
		}
		if diff := cmp.Diff(want, done); diff != "" || w.writes != 2 {
			t.Fatalf("%d writes; (-want +got):\n%s", w.writes, diff)
		}
	})
}

func TestRecreatePlans(t *testing.T) {
	t.Parallel()
	signedIn := account.Facts{Authorised: true, AppLookedUp: true}
	with := func(change func(*account.Facts)) account.Facts {
		f := signedIn
		change(&f)
		return f
	}
	for name, tc := range map[string]struct {
		choice string
		facts  account.Facts
		want   renewal.Do
	}{
		"looks first":                          {"", account.Facts{Authorised: true}, renewal.DoLookUp},
		"soft-deleted without a choice: asks":  {"", with(func(f *account.Facts) { f.AppState = account.AppSoftDeleted }), renewal.DoAsk},
		"restores the service principal first": {"restore", with(func(f *account.Facts) { f.AppState, f.SPState = account.AppSoftDeleted, account.AppSoftDeleted }), renewal.DoRestorePrincipal},
		"then the application": {"restore", with(func(f *account.Facts) {
			f.AppState, f.SPState, f.SPRestored = account.AppSoftDeleted, account.AppAlive, true
		}), renewal.DoRestoreApp},
		"then looks what came back": {"restore", with(func(f *account.Facts) {
			f.AppState, f.SPState, f.SPRestored, f.AppRestored = account.AppSoftDeleted, account.AppAlive, true, true
		}), renewal.DoReadEnds},
		"then tries what it has": {"restore", with(func(f *account.Facts) {
			f.AppState, f.SPState, f.SPRestored, f.AppRestored, f.EndsRead = account.AppSoftDeleted, account.AppAlive, true, true, true
		}), renewal.DoTryCurrent},
		"gone: a new one":                      {"", with(func(f *account.Facts) { f.AppState = account.AppGone }), renewal.DoCreateApp},
		"an unanswered creation is sought":     {"new", with(func(f *account.Facts) { f.AppState, f.AppTag = account.AppGone, "evercred/x" }), renewal.DoFindApp},
		"a new one gets a service principal":   {"new", with(func(f *account.Facts) { f.AppState, f.AppObjectID, f.MadeApp = account.AppGone, "o", true }), renewal.DoCreatePrincipal},
		"a failure takes the application back": {"new", with(func(f *account.Facts) { f.AppObjectID, f.MadeApp, f.RollingBack = "o", true, true }), renewal.DoDeleteApp},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := &account.Operation{Kind: account.OpRecreate, Params: account.Params{Choice: tc.choice}, Facts: tc.facts}
			if got := renewal.Plan(start, op, &account.Account{}, renewal.Rights{Person: true}); got.Do != tc.want {
				t.Errorf("got %s, want %s", got.Do, tc.want)
			}
		})
	}
}

func TestTidyLooksUntilTheEndOfTheWindow(t *testing.T) {
	t.Parallel()
	lost := []account.Attempt{{Tag: "evercred/x", State: account.AttemptLost, At: start, LookCount: 1}}
	for find, facts := range map[renewal.Do]account.Facts{
		renewal.DoFindSecret:  {Authorised: true, Attempts: lost},
		renewal.DoFindLostApp: {Authorised: true, LostApps: slices.Clone(lost)},
	} {
		op := &account.Operation{Kind: account.OpTidy, Facts: facts}
		var last time.Time
		for now := start; op.State == ""; {
			switch act := renewal.Plan(now, op, nil, renewal.Rights{Person: true}); act.Do {
			case renewal.DoWait:
				now = act.Until
			case find:
				for i := range op.Facts.Attempts {
					op.Facts.Attempts[i].LookCount++
				}
				for i := range op.Facts.LostApps {
					op.Facts.LostApps[i].LookCount++
				}
				last = now
			case renewal.DoClose:
				op.State = act.State
			default:
				t.Fatalf("unexpected action %s", act.Do)
			}
		}
		if last.Before(start.Add(renewal.Window)) {
			t.Errorf("%s: the last look was %s after the call, before the end of the window", find, last.Sub(start))
		}
	}
}

func TestARollbackProvesBeforeItSwitches(t *testing.T) {
	t.Parallel()
	op := &account.Operation{Kind: account.OpRollback}
	var done []renewal.Do
	for !op.State.Closed() {
		act := renewal.Plan(start, op, &account.Account{}, renewal.Rights{})
		done = append(done, act.Do)
		switch act.Do {
		case renewal.DoProveFormer:
			op.Facts.Proven = true
		case renewal.DoSwitchBack:
			op.Facts.Switched = true
		case renewal.DoCheck:
			op.Facts.Checked = true
		case renewal.DoClose:
			op.State = act.State
		default:
			t.Fatalf("unexpected action %s", act.Do)
		}
	}
	want := []renewal.Do{renewal.DoProveFormer, renewal.DoSwitchBack, renewal.DoCheck, renewal.DoClose}
	if diff := cmp.Diff(want, done); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A removal after the soak proves the current credential before it, and looks at the account after it.
func TestARetirementProvesBeforeAndLooksAfter(t *testing.T) {
	t.Parallel()
	a := &account.Account{Credentials: []account.Credential{
		{ID: "new", Slot: account.Current, Tag: "evercred/new"}, {ID: "old", Slot: account.Retiring, Tag: "evercred/old"},
	}}
	op := &account.Operation{Kind: account.OpRetire, Facts: account.Facts{DueAt: &start, Retire: []string{"old"}}}
	var done []renewal.Do
	for !op.State.Closed() {
		act := renewal.Plan(start, op, a, renewal.Rights{})
		done = append(done, act.Do)
		switch act.Do {
		case renewal.DoProveAgain:
			op.Facts.ProvedBeforeRm = true
		case renewal.DoRemoveOld:
			a.Credential("old").Slot = account.Removed
		case renewal.DoCheck:
			op.Facts.Checked = true
		case renewal.DoClose:
			op.State = act.State
		default:
			t.Fatalf("unexpected action %s", act.Do)
		}
	}
	if diff := cmp.Diff([]renewal.Do{renewal.DoProveAgain, renewal.DoRemoveOld, renewal.DoCheck, renewal.DoClose}, done); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What nobody at hand may remove waits for its own end, and is asked for nothing before.
func TestARemovalWithoutRightsWaitsForTheEnd(t *testing.T) {
	t.Parallel()
	end := start.Add(200 * 24 * time.Hour)
	a := &account.Account{Credentials: []account.Credential{
		{ID: "new", Slot: account.Current, Tag: "evercred/new"}, {ID: "old", Slot: account.Retiring, Tag: "evercred/old", ExpiresAt: &end},
	}}
	op := &account.Operation{Kind: account.OpRetire, Facts: account.Facts{DueAt: &start, Retire: []string{"old"}, NoRights: true}}
	want := renewal.Action{Do: renewal.DoWait, Until: end}
	if diff := cmp.Diff(want, renewal.Plan(start, op, a, renewal.Rights{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want = renewal.Action{Do: renewal.DoRemoveOld, Target: "old", Rights: "none"}
	if diff := cmp.Diff(want, renewal.Plan(end, op, a, renewal.Rights{})); diff != "" {
		t.Errorf("at its end (-want +got):\n%s", diff)
	}
}
