package storetest

import (
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

func signInSessions(t *testing.T, b *bench) {
	at := time.Date(2027, 1, 2, 3, 4, 5, 6, time.UTC)
	v := &account.SignInSession{
		ID: "si", State: account.SignInWaiting, Method: account.ByBrowser, ClientID: "client", Cloud: "global", TenantID: "t",
		UserCode: "ABC", VerificationURI: "https://x", Message: "do", IntervalSeconds: 5, RedirectURI: "http://localhost:1", Returns: true, CodeExpiresAt: at,
	}
	held := store.SessionSecret{Device: secret.New("d"), Browser: secret.New("b"), Refresh: secret.New("r"), Access: secret.New("a")}
	b.do(func(tx *store.Tx) error {
		if err := tx.PutSignInSession(v); err != nil {
			return err
		}
		return tx.PutSignInSessionSecret("si", held, "the state")
	})
	if v.CreatedBy != admin().Name || v.Version != 1 || v.CreatedAt.IsZero() {
		t.Errorf("stored: %+v", v)
	}
	read := func(by account.Caller) *account.SignInSession {
		t.Helper()
		got, err := b.SignInSession(b.ctx(), by, "si")
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	same(t, "sign-in", read(admin()), v)
	same(t, "sign-in as Evercred sees it", read(account.System()), v)
	if got, err := b.SignInSessionSecret(b.ctx(), admin(), "si"); err != nil || got != held {
		t.Errorf("what it holds: %v", err)
	}
	if got, err := b.SignInSessionByState(b.ctx(), admin(), "the state"); err != nil || got.ID != "si" {
		t.Errorf("by its state: %v", err)
	}
	other := account.Caller{Name: "other", Via: "api"}
	_, err := b.SignInSession(b.ctx(), other, "si")
	wantFault(t, err, fault.NotFound, "")
	_, err = b.SignInSessionSecret(b.ctx(), other, "si")
	wantFault(t, err, fault.NotFound, "")
	_, err = b.SignInSessionByState(b.ctx(), other, "the state")
	wantFault(t, err, fault.NotFound, "")
	_, err = b.SignInSessionByState(b.ctx(), admin(), "another state")
	wantFault(t, err, fault.NotFound, "")
	if list, err := b.SignInSessions(b.ctx(), other); err != nil || len(list) != 0 {
		t.Errorf("others list %v %v", list, err)
	}

	stale := read(admin())
	v.State, v.Person, v.PersonID, v.SignedInAt, v.EndsAt = account.SignInDone, "p", "o", &at, &at
	b.do(func(tx *store.Tx) error {
		if err := tx.PutSignInSession(v); err != nil {
			return err
		}
		return tx.PutSignInSessionSecret("si", store.SessionSecret{Refresh: secret.New("r2")}, "")
	})
	same(t, "signed in", read(admin()), v)
	if got, err := b.SignInSessionSecret(b.ctx(), admin(), "si"); err != nil || got != (store.SessionSecret{Refresh: secret.New("r2")}) {
		t.Errorf("what it holds then: %v", err)
	}
	_, err = b.SignInSessionByState(b.ctx(), admin(), "the state")
	wantFault(t, err, fault.NotFound, "")
	wantFault(t, b.try(func(tx *store.Tx) error { return tx.PutSignInSession(stale) }), fault.Conflict, "")
	if stale.Version != 1 {
		t.Errorf("the version of what was not stored is %d", stale.Version)
	}
	if list, err := b.SignInSessions(b.ctx(), account.System()); err != nil || len(list) != 1 {
		t.Errorf("open: %v %v", list, err)
	}

	v.State, v.Problem = account.SignInFailed, &account.Problem{Code: "sign_in", Message: "no"}
	b.do(func(tx *store.Tx) error { return tx.PutSignInSession(v) })
	same(t, "failed", read(admin()), v)
	if got, err := b.SignInSessionSecret(b.ctx(), admin(), "si"); err != nil || got != (store.SessionSecret{}) {
		t.Errorf("what it held outlives it: %v", err)
	}
	wantFault(t, b.try(func(tx *store.Tx) error { return tx.PutSignInSessionSecret("si", held, "") }), fault.Conflict, "")
	wantFault(t, b.try(func(tx *store.Tx) error { return tx.PutSignInSessionSecret("nothing", held, "") }), fault.NotFound, "")
	wantFault(t, b.try(func(tx *store.Tx) error { return tx.PutSignInSession(&account.SignInSession{ID: "gone", Version: 3}) }), fault.NotFound, "")
	if list, err := b.SignInSessions(b.ctx(), account.System()); err != nil || len(list) != 0 {
		t.Errorf("open: %v %v", list, err)
	}
	if err := b.DropSignInSessions(b.ctx(), v.UpdatedAt.Add(23*time.Hour)); err != nil {
		t.Fatal(err)
	}
	read(admin()) // its end can still be seen
	if err := b.DropSignInSessions(b.ctx(), v.UpdatedAt.Add(25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	_, err = b.SignInSession(b.ctx(), admin(), "si")
	wantFault(t, err, fault.NotFound, "")
}
