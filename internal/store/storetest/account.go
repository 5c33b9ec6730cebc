package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

func fullAccount() *account.Account {
	return &account.Account{
		ID: "0c2f", Name: "Backup-Prod", Description: "Nächtliche Sicherung\n\"zweite Zeile\"", Cloud: "usgov", TenantID: "tenant",
		Origin: account.Existing, ApplicationID: "app", ApplicationObjectID: "app-object", ServicePrincipalID: "sp",
		Subscriptions: []account.Subscription{{ID: "s1", Name: "Production"}, {ID: "s2"}}, RoleSet: []string{"Contributor", "Key Vault Crypto Officer"},
		Policy: account.Policy{Soak: account.Duration(time.Hour), Lifetime: account.Duration(720 * time.Hour)},
		UsedBy: []string{"nightly job", "Bericht \"Ü\""}, Profile: "veeam-backup-azure", Purposes: []string{"Repository"}, ManagementGroup: "mg-1",
		Made: account.Made{
			Roles:       []account.MadeRole{{ID: "r1", Name: "Evercred r", Profile: "veeam-backup-azure", Data: true, Scopes: []string{"/subscriptions/s1"}}},
			Assignments: []account.MadeAssignment{{ID: "/subscriptions/s1/x", Scope: "/subscriptions/s1", Role: "Evercred r", RoleID: "r1"}},
			GrantedAt:   new(at(2)),
		},
		Check: &account.Check{
			At: at(1), State: account.PermissionsMissing, Detail: "d", CredentialID: "c2",
			Subscriptions: []account.SubscriptionCheck{{
				ID: "s1", Result: account.ResultMissing, Reason: "r",
				Roles: []account.RoleCheck{{Role: "Contributor", Result: account.ResultMissing, MissingActions: []string{"*"}}},
			}},
		},
	}
}

func fullCredential() account.Credential {
	return account.Credential{
		ID: "c1", AccountID: "0c2f", ApplicationID: "app", ApplicationObjectID: "app-object", Kind: account.Certificate, Slot: account.Retiring,
		KeyID: "key", Tag: "evercred/1", Hint: "abc", Thumbprint: "AB12", Subject: "CN=x", StartsAt: new(at(1)), ExpiresAt: new(at(30)),
		EndReason: "none", AddedAt: at(2), ProvenAt: new(at(3)), DisclosedAt: new(at(4)), AcknowledgedAt: new(at(5)), RetiredAt: new(at(6)),
		Soak: account.Duration(24 * time.Hour), RemovedAt: new(at(7)), Note: "kept for a reason", Origin: account.Created,
	}
}

func accountRoundTrip(t *testing.T, b *bench) {
	a, c := fullAccount(), fullCredential()
	bare := account.Credential{ID: "c2", AccountID: a.ID, Kind: account.Secret, Slot: account.Current, AddedAt: at(9)}
	b.do(func(tx *store.Tx) error {
		if err := tx.PutAccount(a); err != nil {
			return err
		}
		if err := tx.PutCredential(c); err != nil {
			return err
		}
		if err := tx.PutCredential(bare); err != nil {
			return err
		}
		inside, err := tx.Account(a.ID)
		if err != nil {
			return err
		}
		if len(inside.Credentials) != 2 || inside.Version != 1 {
			t.Errorf("inside the change the account has %d credentials and version %d", len(inside.Credentials), inside.Version)
		}
		return nil
	})
	if a.Version != 1 || a.CreatedAt.IsZero() || !a.UpdatedAt.Equal(a.CreatedAt) {
		t.Errorf("after the insert: version %d, created %s, updated %s", a.Version, a.CreatedAt, a.UpdatedAt)
	}
	want := *a
	want.Credentials = []account.Credential{bare, c}
	same(t, "by id", b.account(a.ID), &want)
	same(t, "by name", b.account("Backup-Prod"), &want)
	same(t, "by name in another case", b.account("BACKUP-prod"), &want)
	all, err := b.Accounts(b.ctx(), admin())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "in the list", all, []*account.Account{&want})
	_, err = b.Account(b.ctx(), admin(), "nobody")
	wantFault(t, err, fault.NotFound, "")
}

func accountNames(t *testing.T, b *bench) {
	b.addAccount("Backup")
	other := b.addAccount("other")
	err := b.try(func(tx *store.Tx) error {
		return tx.PutAccount(&account.Account{ID: "new", Name: "bACKUP"})
	})
	wantFault(t, err, fault.Conflict, "name")
	other.Name = "BACKUP"
	err = b.try(func(tx *store.Tx) error { return tx.PutAccount(other) })
	wantFault(t, err, fault.Conflict, "name")
	if got := b.account(other.ID); got.Name != "other" || got.Version != 1 {
		t.Errorf("the refused renaming left %q, version %d", got.Name, got.Version)
	}
	mine := b.account("backup")
	mine.Name = "BackUp" // its own name in another case is free
	b.do(func(tx *store.Tx) error { return tx.PutAccount(mine) })
	for field, bad := range map[string]*account.Account{
		"name":        {ID: "x", Name: "not allowed"},
		"description": {ID: "x", Name: "x", Description: strings.Repeat("x", account.MaxDescriptionLength+1)},
	} {
		wantFault(t, b.try(func(tx *store.Tx) error { return tx.PutAccount(bad) }), fault.Invalid, field)
	}
	if err := b.try(func(tx *store.Tx) error { return tx.PutAccount(&account.Account{Name: "x"}) }); err == nil {
		t.Error("an account without an id was stored")
	}
}

func accountVersions(t *testing.T, b *bench) {
	a := b.addAccount("a")
	first, second := b.account("a"), b.account("a")
	first.Description = "first"
	b.do(func(tx *store.Tx) error { return tx.PutAccount(first) })
	second.Description = "second"
	err := b.try(func(tx *store.Tx) error { return tx.PutAccount(second) })
	wantFault(t, err, fault.Conflict, "")
	if second.Version != 1 {
		t.Errorf("the refused account has version %d in memory, want 1", second.Version)
	}
	if got := b.account("a"); got.Description != "first" || got.Version != 2 || first.Version != 2 {
		t.Errorf("stored %q, version %d; in memory %d", got.Description, got.Version, first.Version)
	}
	again := &account.Account{ID: a.ID, Name: "b"}
	wantFault(t, b.try(func(tx *store.Tx) error { return tx.PutAccount(again) }), fault.Conflict, "")
	gone := &account.Account{ID: "gone", Name: "c", Version: 3}
	wantFault(t, b.try(func(tx *store.Tx) error { return tx.PutAccount(gone) }), fault.NotFound, "")
}

func accountNameLikeAnID(t *testing.T, b *bench) {
	b.addAccount("id-b") // its name is the id of the next one
	b.addAccount("b")
	if got := b.account("id-b"); got.Name != "b" {
		t.Errorf("found %q: a name hides an id", got.Name)
	}
	err := b.try(func(tx *store.Tx) error {
		_, err := tx.Account("b")
		return err
	})
	wantFault(t, err, fault.NotFound, "") // in a change only ids count
}

func accountsByName(t *testing.T, b *bench) {
	for _, name := range []string{"b", "C", "a", "_", "B2"} {
		b.addAccount(name, account.Credential{ID: "c-" + name, AddedAt: at(1)})
	}
	all, err := b.Accounts(b.ctx(), admin())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range all {
		got = append(got, a.Name)
		if len(a.Credentials) != 1 || a.Credentials[0].ID != "c-"+a.Name {
			t.Errorf("%s has the credentials %v", a.Name, a.Credentials)
		}
	}
	same(t, "order", got, []string{"_", "a", "b", "B2", "C"})
}

func deleteAccount(t *testing.T, b *bench) {
	a := b.addAccount("a", account.Credential{ID: "c1"})
	b.addAccount("b", account.Credential{ID: "c2"})
	b.do(func(tx *store.Tx) error {
		if err := tx.PutMaterial("c1", secret.New("one")); err != nil {
			return err
		}
		return tx.PutOperation(&account.Operation{ID: "o", AccountID: a.ID})
	})
	b.do(func(tx *store.Tx) error { return tx.DeleteAccount(a.ID) })
	_, err := b.Account(b.ctx(), admin(), "a")
	wantFault(t, err, fault.NotFound, "")
	_, err = b.Material(b.ctx(), admin(), "c1")
	wantFault(t, err, fault.NotFound, "")
	if _, err := b.Operation(b.ctx(), admin(), "o"); err != nil {
		t.Errorf("the operation went with the account: %v", err)
	}
	if rows := b.audit(); len(rows) != 4 {
		t.Errorf("%d audit rows, want 4", len(rows))
	}
	b.account("b")
	wantFault(t, b.try(func(tx *store.Tx) error { return tx.DeleteAccount(a.ID) }), fault.NotFound, "")
}

func credentialsNewestFirst(t *testing.T, b *bench) {
	b.addAccount("a", account.Credential{ID: "z-old", AddedAt: at(1)}, account.Credential{ID: "same-1", AddedAt: at(3)},
		account.Credential{ID: "b-same-2", AddedAt: at(3)}, account.Credential{ID: "between", AddedAt: at(3).Add(-time.Nanosecond)})
	var got []string
	for _, c := range b.account("a").Credentials {
		got = append(got, c.ID)
	}
	same(t, "order", got, []string{"b-same-2", "same-1", "between", "z-old"})
}

func credentialUpsert(t *testing.T, b *bench) {
	a := fullAccount()
	c := fullCredential()
	b.do(func(tx *store.Tx) error {
		if err := tx.PutAccount(a); err != nil {
			return err
		}
		if err := tx.PutCredential(c); err != nil {
			return err
		}
		return tx.PutMaterial(c.ID, secret.New("kept"))
	})
	stale := account.Credential{ID: c.ID, AccountID: c.AccountID, Kind: account.Secret, Slot: account.Removed, AddedAt: at(8)}
	b.do(func(tx *store.Tx) error { return tx.PutCredential(stale) })
	want := stale
	want.DisclosedAt, want.AcknowledgedAt = c.DisclosedAt, c.AcknowledgedAt // never forgotten
	same(t, "after the update", b.account(a.ID).Credentials, []account.Credential{want})
	if v, err := b.Material(b.ctx(), admin(), c.ID); err != nil || v.Reveal() != "kept" {
		t.Errorf("the material did not stay: %v", err)
	}
	other := b.addAccount("other")
	moved := c
	moved.AccountID = other.ID
	if err := b.try(func(tx *store.Tx) error { return tx.PutCredential(moved) }); err == nil {
		t.Error("a credential moved to another account")
	}
	orphan := account.Credential{ID: "o", AccountID: "nobody"}
	wantFault(t, b.try(func(tx *store.Tx) error { return tx.PutCredential(orphan) }), fault.NotFound, "")
	if err := b.try(func(tx *store.Tx) error { return tx.PutCredential(account.Credential{AccountID: other.ID}) }); err == nil {
		t.Error("a credential without an id was stored")
	}
}

func oneCurrentCredential(t *testing.T, b *bench) {
	a := b.addAccount("a", account.Credential{ID: "old", Slot: account.Current}, account.Credential{ID: "new", Slot: account.Next})
	put := func(slots ...account.Credential) error {
		return b.try(func(tx *store.Tx) error {
			for _, c := range slots {
				c.AccountID = a.ID
				if err := tx.PutCredential(c); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := put(account.Credential{ID: "new", Slot: account.Current}); err == nil {
		t.Error("two credentials are current")
	}
	if got := b.account("a"); got.Current() == nil || got.Current().ID != "old" {
		t.Errorf("after the refusal %v is current", got.Current())
	}
	if err := put(account.Credential{ID: "new", Slot: account.Current}, account.Credential{ID: "old", Slot: account.Retiring}); err != nil { // in either order
		t.Errorf("the switch is refused: %v", err)
	}
	if got := b.account("a").Current().ID; got != "new" {
		t.Errorf("after the switch %s is current", got)
	}
}

func concurrentReadersAndWriter(t *testing.T, b *bench) {
	b.addAccount("a", account.Credential{ID: "c", Slot: account.Current, AddedAt: at(1)})
	const rounds = 40
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range rounds {
			err := b.try(func(tx *store.Tx) error {
				a, err := tx.Account("id-a")
				if err != nil {
					return err
				}
				a.Description = fmt.Sprint(i)
				a.Credentials[0].Note = a.Description
				if err := tx.PutCredential(a.Credentials[0]); err != nil {
					return err
				}
				return tx.PutAccount(a)
			})
			if err != nil {
				t.Errorf("round %d: %v", i, err)
			}
		}
	}()
	results := make(chan error, 4)
	for range cap(results) {
		go func() {
			for {
				select {
				case <-done:
					results <- nil
					return
				default:
				}
				a, err := b.Account(b.ctx(), admin(), "a")
				if err == nil && a.Version > 1 && a.Credentials[0].Note != a.Description {
					err = fmt.Errorf("half a change was seen: %q and %q", a.Description, a.Credentials[0].Note)
				}
				if err != nil {
					results <- err
					return
				}
			}
		}()
	}
	for range cap(results) {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	<-done
	if got := b.account("a"); got.Version != rounds+1 {
		t.Errorf("version %d after %d changes", got.Version, rounds)
	}
	if n := len(b.audit()); n != rounds+1 {
		t.Errorf("%d audit rows after %d changes", n, rounds+1)
	}
}
