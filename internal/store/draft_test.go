package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/secret"
)

// Whatever a change puts, and in which order: what the cache then has of the account, and the row that lists use, is what
// reading the account from the database gives.
func TestDraftsAreWhatIsStored(t *testing.T) {
	t.Parallel()
	s := openWith(t, Config{Volatile: true})
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		now := time.Now()
		a := &account.Account{ID: fmt.Sprintf("acc-%d", n), Name: fmt.Sprintf("name-%d", n), Cloud: "global"}
		var known []account.Credential
		times := func(label string) *time.Time {
			if rapid.Bool().Draw(t, label) {
				return nil
			}
			at := now.Add(time.Duration(rapid.IntRange(-20, 20).Draw(t, label+" days")) * 24 * time.Hour)
			return &at
		}
		put := func(tx *Tx) error {
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				a.Description = rapid.StringMatching(`[a-z]{0,3}`).Draw(t, "description")
				a.Check = rapid.SampledFrom([]*account.Check{nil, {At: now, State: account.Valid}, {At: now, State: account.AppNotFound}}).Draw(t, "check")
				return tx.PutAccount(a)
			case 1:
				c := account.Credential{
					ID: fmt.Sprintf("cred-%d-%d", n, len(known)), AccountID: a.ID, Slot: account.Retiring, Kind: account.Secret,
					AddedAt: now.Add(-time.Duration(rapid.SampledFrom([]int{0, 0, 0, 1, 3600 * 24}).Draw(t, "age")) * time.Second),
				}
				known = append(known, c)
				return errors.Join(tx.PutCredential(c), tx.PutMaterial(c.ID, secret.New("s")))
			default:
				if len(known) == 0 {
					return tx.PutAccount(a)
				}
				c := &known[rapid.IntRange(0, len(known)-1).Draw(t, "which")]
				if c.Slot == account.Removed { // and stays so
					c.Note = rapid.StringMatching(`[a-z]{0,3}`).Draw(t, "note")
					return tx.PutCredential(*c)
				}
				c.Slot = rapid.SampledFrom([]account.Slot{account.Next, account.Retiring, account.Removed, account.Lost}).Draw(t, "slot")
				if rapid.IntRange(0, 3).Draw(t, "current") == 0 && !slices.ContainsFunc(known, func(o account.Credential) bool { return o.Slot == account.Current }) {
					c.Slot = account.Current
				}
				c.RemovedAt, c.DisclosedAt, c.ExpiresAt = times("removed"), times("disclosed"), times("ends")
				if rapid.IntRange(0, 9).Draw(t, "moved") == 0 {
					c.AddedAt = c.AddedAt.Add(-time.Second)
				}
				return tx.PutCredential(*c)
			}
		}
		change := func(f func(*Tx) error) {
			t.Helper()
			if err := s.Change(t.Context(), account.System(), Event{Action: "test.put"}, f); err != nil && !errors.Is(err, errUndone) {
				t.Fatal(err)
			}
		}
		change(func(tx *Tx) error { return tx.PutAccount(a) })
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			change(func(tx *Tx) error {
				for range rapid.IntRange(1, 4).Draw(t, "puts") {
					if err := put(tx); err != nil {
						return err
					}
				}
				return nil
			})
			fails := rapid.IntRange(0, 5).Draw(t, "fails") == 0 // what is not stored must not show
			if fails {
				before := *a
				change(func(tx *Tx) error {
					a.Description = "undone"
					return errors.Join(tx.PutAccount(a), errUndone)
				})
				*a = before
			}
			forgotten := fails
			if len(known) > 0 && rapid.IntRange(0, 4).Draw(t, "disclosed") == 0 {
				forgotten = true // where the cache does not have the credential, since it was removed long ago
				if _, err := s.Disclose(t.Context(), account.System(), known[len(known)-1].ID, "test", nil); err != nil {
					t.Fatal(err)
				}
			}
			held := s.cache.account(a.ID)
			if held == nil && forgotten {
				held = must(s.InUse(t.Context(), account.System(), a.ID))
			}
			since := time.Now().Add(-removedFor)
			stored, err := accountWith(t.Context(), s.reader, a.ID, false, formatTime(since))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(stored, held); diff != "" {
				t.Fatalf("(-stored +cached):\n%s", diff)
			}
			var severity int
			var state string
			if err := s.reader.QueryRowContext(t.Context(), `SELECT state, severity FROM account_list WHERE account_id = ? AND description_key = ?`, a.ID, a.Description).Scan(&state, &severity); err != nil {
				t.Fatal(err)
			}
			if want := stored.CheckedState(); state != string(want) || severity != account.Severity(want) {
				t.Fatalf("the list says %s (%d), want %s", state, severity, want)
			}
		}
	})
}

// An operation is written column by column, as far as they changed: whatever changed, all of it is stored.
func TestOperationsAreWhatWasPut(t *testing.T) {
	t.Parallel()
	s := openWith(t, Config{Volatile: true})
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		now := time.Now().UTC().Round(0)
		op := &account.Operation{ID: fmt.Sprintf("op-%d", n), Kind: account.OpRenew, State: account.OpRunning, AccountName: "a"}
		change := func(fail bool) {
			t.Helper()
			err := s.Change(t.Context(), account.System(), Event{Action: "test.put"}, func(tx *Tx) error {
				for range rapid.IntRange(1, 2).Draw(t, "puts") {
					if err := tx.PutOperation(op); err != nil {
						return err
					}
				}
				if fail {
					return errUndone
				}
				return nil
			})
			if fail != errors.Is(err, errUndone) {
				t.Fatal(err)
			}
		}
		change(false)
		for range rapid.IntRange(1, 8).Draw(t, "changes") {
			switch rapid.IntRange(0, 8).Draw(t, "what") {
			case 0:
				op.State = rapid.SampledFrom([]account.OperationState{account.OpRunning, account.OpNeedsSignIn, account.OpDone, account.OpWaitingChoice}).Draw(t, "state")
				if !op.State.Closed() {
					op.ClosedAt = nil
				}
			case 1:
				op.Facts.GoodAnswers++
			case 2:
				op.Facts.AppObjectID = rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "application")
			case 3:
				op.Steps = append(op.Steps, account.Step{Name: "prove", StartedAt: now})
			case 4:
				op.NextAt = rapid.SampledFrom([]*time.Time{nil, &now}).Draw(t, "next")
			case 5:
				op.AccountID = "acc"
			case 6:
				op.Problem = &account.Problem{Message: "m"}
			case 7:
				op.Params.Own = !op.Params.Own
			case 8:
				op.Choice, op.SignIn = &account.Choice{Question: "q"}, &account.SignIn{State: account.SignInWaiting, ExpiresAt: now}
			}
			if rapid.IntRange(0, 3).Draw(t, "fails") == 0 {
				change(true)
			}
			change(false)
			stored, err := oneOperation(t.Context(), s.reader, op.ID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(clone(op), stored); diff != "" {
				t.Fatalf("(-put +stored):\n%s", diff)
			}
			var column string
			if err := s.reader.QueryRowContext(t.Context(), `SELECT application_object_id FROM operations WHERE id = ?`, op.ID).Scan(&column); err != nil || column != op.Facts.AppObjectID {
				t.Fatalf("application %q, %v, want %q", column, err, op.Facts.AppObjectID)
			}
		}
	})
}

var errUndone = errors.New("undone")

func must(a *account.Account, err error) *account.Account {
	if err != nil {
		panic(err)
	}
	return a
}
