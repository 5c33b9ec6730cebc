package renewal_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/renewal"
)

// rolling plays Azure and the store for a certificate that signs for its own successor.
type rolling struct {
	op   *account.Operation
	a    *account.Account
	keys map[string]bool // key ids on the application
	done []renewal.Do
}

func newRolling() *rolling {
	none := account.Duration(0)
	return &rolling{
		keys: map[string]bool{"k-old": true},
		op:   &account.Operation{Kind: account.OpRenew, Params: account.Params{Kind: account.Certificate, Own: true, Soak: &none}},
		a: &account.Account{Credentials: []account.Credential{
			{ID: "old", Slot: account.Current, Kind: account.Certificate, Tag: "evercred/old", KeyID: "k-old"},
		}},
	}
}

// do carries an action out. luck: 0 all is well, 1 the answer is lost or the process killed after the call, 2 before it,
// 3 it is refused.
func (w *rolling) do(t *rapid.T, act renewal.Action, luck int) {
	f := &w.op.Facts
	w.done = append(w.done, act.Do)
	if act.Rights == "person" {
		t.Fatalf("%s asks for a person", act.Do)
	}
	switch act.Do {
	case renewal.DoMakeCertificate:
		if len(f.Attempts) > 0 {
			t.Fatal("a second certificate is made")
		}
		f.Attempts, f.CredentialID = []account.Attempt{{Tag: "evercred/new", KeyID: "k-new", State: account.AttemptMade}}, "new"
		w.a.Credentials = append(w.a.Credentials, account.Credential{ID: "new", Slot: account.Next, Kind: account.Certificate, Tag: "evercred/new", KeyID: "k-new"})
	case renewal.DoAddCertificate:
		if luck < 2 {
			w.keys["k-new"] = true
		}
		f.Attempts[0].State = []string{account.AttemptAdded, account.AttemptLost, account.AttemptIntended, account.AttemptMade}[luck]
		f.RollingBack = f.RollingBack || luck == 3
	case renewal.DoFindCertificate:
		f.Attempts[0].State = account.AttemptMade
		if w.keys["k-new"] {
			f.Attempts[0].State = account.AttemptAdded
		}
	case renewal.DoProve:
		f.Proven = luck == 0
		f.RollingBack = luck == 3
	case renewal.DoSwitch:
		f.Switched, f.Retire = true, []string{"old"}
		w.a.Credential("old").Slot, w.a.Credential("new").Slot = account.Retiring, account.Current
	case renewal.DoProveAgain:
		f.ProvedBeforeRm = true
	case renewal.DoRemoveOld:
		delete(w.keys, "k-old")
		if luck != 1 {
			w.a.Credential("old").Slot = account.Removed
		}
	case renewal.DoTakeBackCert:
		delete(w.keys, "k-new")
		if luck != 1 {
			f.Attempts[0].State = account.AttemptRemoved
			w.a.Credential("new").Slot = account.Removed
		}
	case renewal.DoDropCertificate:
		f.Attempts[0].State = account.AttemptRemoved
		w.a.Credential("new").Slot = account.Removed
	case renewal.DoCheck:
		f.Checked = true
	case renewal.DoClose:
		w.op.State = act.State
	default:
		t.Fatalf("an action this world does not know: %s", act.Do)
	}
}

// However answers are lost and processes killed, a certificate's renewal ends without a person, in a renewed account or in
// the account as it was, and leaves no certificate that nobody knows.
func TestARollingCertificateEndsWithoutOrphans(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newRolling()
		for step := 0; !w.op.State.Closed(); step++ {
			if step > 100 {
				t.Fatal("the renewal does not end")
			}
			luck := 0
			if step < 30 {
				luck = rapid.IntRange(0, 3).Draw(t, "luck")
			}
			w.do(t, renewal.Plan(start, w.op, w.a, renewal.Rights{}), luck)
		}
		want := map[string]bool{w.a.Current().KeyID: true}
		if diff := cmp.Diff(want, w.keys); diff != "" {
			t.Fatalf("%s: certificates on the application (-want +got):\n%s", w.op.State, diff)
		}
	})
}

func TestARollingCertificateWithoutTrouble(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newRolling()
		for !w.op.State.Closed() {
			w.do(t, renewal.Plan(start, w.op, w.a, renewal.Rights{}), 0)
		}
		if diff := cmp.Diff([]renewal.Do{
			renewal.DoMakeCertificate, renewal.DoAddCertificate, renewal.DoProve, renewal.DoSwitch, renewal.DoProveAgain, renewal.DoRemoveOld,
			renewal.DoCheck, renewal.DoClose,
		}, w.done); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}
