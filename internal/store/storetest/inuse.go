package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/store"
)

// inUse: an account as operations work on it has no credential that was removed long ago, by whatever name it is asked for
// and however often.
func inUse(t *testing.T, b *bench) {
	long, lately := at(1).AddDate(-30, 0, 0), at(1).AddDate(100, 0, 0) // whatever clock the store has
	credential := func(id string, slot account.Slot, removed *time.Time) account.Credential {
		return account.Credential{ID: id, Kind: account.Secret, Slot: slot, ApplicationID: "app", RemovedAt: removed, AddedAt: at(1)}
	}
	a := b.addAccount("Used", credential("current", account.Current, nil), credential("lost", account.Lost, &long),
		credential("gone", account.Removed, &long), credential("lately", account.Removed, &lately))
	for _, ref := range []string{a.ID, a.ID, "used"} {
		got, err := b.InUse(b.ctx(), admin(), ref)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, c := range got.Credentials {
			ids = append(ids, c.ID)
		}
		slices.Sort(ids)
		if want := []string{"current", "lately", "lost"}; !slices.Equal(ids, want) {
			t.Errorf("%s: credentials %v, want %v", ref, ids, want)
		}
		got.Name, got.Credentials[0].Note = "changed", "changed" // by who asked, and for nobody else
	}
	if _, err := b.InUse(b.ctx(), admin(), "nobody"); err == nil {
		t.Error("an account that there is not was found")
	}
	b.do(func(tx *store.Tx) error { return tx.DeleteAccount(a.ID) })
	if _, err := b.InUse(b.ctx(), admin(), a.ID); err == nil {
		t.Error("an account that was deleted was found")
	}
}

// applications: who knows of an application is found by it.
func applications(t *testing.T, b *bench) {
	first := b.addAccount("first", account.Credential{ID: "c1", Kind: account.Secret, Slot: account.Current, ApplicationID: "app"})
	second := b.addAccount("second", account.Credential{ID: "c2", Kind: account.Secret, Slot: account.Removed, ApplicationID: "app"})
	third := b.addAccount("third", account.Credential{ID: "c3", Kind: account.Secret, Slot: account.Current, ApplicationID: "another"})
	list, err := b.AccountsOn(b.ctx(), admin(), "app")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	slices.Sort(ids)
	want := []string{first.ID, second.ID}
	slices.Sort(want)
	if !slices.Equal(ids, want) {
		t.Errorf("accounts on the application: %v, want %v", ids, want)
	}
	for except, want := range map[string]int{third.ID: 1, first.ID: 0} {
		using, err := b.AccountsUsing(b.ctx(), admin(), "app", except)
		if err != nil || len(using) != want || want > 0 && using[0].ID != first.ID {
			t.Errorf("accounts that use the application, without %s: %v, %v", except, using, err)
		}
	}
	b.do(func(tx *store.Tx) error {
		for id, object := range map[string]string{"o1": "object", "o2": "other", "o3": ""} {
			o := account.Operation{ID: id, State: account.OpDone, CreatedAt: at(1), Facts: account.Facts{AppObjectID: object}}
			if err := tx.PutOperation(&o); err != nil {
				return err
			}
		}
		return nil
	})
	ops, err := b.OutcomesOn(b.ctx(), admin(), "object")
	if err != nil || len(ops) != 1 || ops[0].State != account.OpDone || ops[0].Facts.AppObjectID != "object" {
		t.Errorf("operations on the application: %v, %v", ops, err)
	}
}

// runs: how operations of one kind and one starter went, however many others there are.
func runs(t *testing.T, b *bench) {
	b.do(func(tx *store.Tx) error {
		for i := range 40 {
			o := account.Operation{
				ID: fmt.Sprintf("o%d", i), Kind: account.OpCheck, State: account.OpDone, AccountID: "a", StartedBy: "evercred", CreatedAt: at(i),
			}
			switch i {
			case 3: // too early
				o.Kind = account.OpRenew
			case 10:
				o.Kind, o.State = account.OpRenew, account.OpFailed
			case 12:
				o.Kind, o.StartedBy = account.OpRenew, "admin"
			case 14:
				o.Kind, o.AccountID = account.OpRenew, "b"
			case 20:
				o.Kind, o.State = account.OpRenew, account.OpRunning
			}
			if err := tx.PutOperation(&o); err != nil {
				return err
			}
		}
		return nil
	})
	got, err := b.RunsSince(b.ctx(), admin(), "a", account.OpRenew, "evercred", at(5))
	if err != nil || len(got) != 2 || got[0].State != account.OpRunning || got[0].ClosedAt != nil || got[1].State != account.OpFailed || got[1].ClosedAt == nil {
		t.Errorf("runs: %+v, %v", got, err)
	}
}
