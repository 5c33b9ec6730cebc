package store

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/secret"
)

// What comes out of the cache is what the database has, and nobody's changes get into it but by Change.
func TestCacheIsWhatIsStored(t *testing.T) {
	t.Parallel()
	s := openHere(t)
	now := time.Now()
	op := &account.Operation{
		ID: "op-1", Kind: account.OpRenew, State: account.OpRunning, AccountName: "backup", CreatedAt: now, NextAt: &now,
		Facts: account.Facts{Attempts: []account.Attempt{{Tag: "t", State: account.AttemptIntended, At: now}}},
		Steps: []account.Step{{Name: "prove", StartedAt: now, EndedAt: &now}},
	}
	put := func(fail error) {
		t.Helper()
		err := s.Change(t.Context(), account.System(), Event{Action: "test.put"}, func(tx *Tx) error {
			if err := tx.PutOperation(op); err != nil {
				return err
			}
			return fail
		})
		if !errors.Is(err, fail) {
			t.Fatal(err)
		}
	}
	put(nil)
	stored := func() *account.Operation {
		t.Helper()
		s.cache.mu.Lock()
		before := s.cache.operations
		s.cache.operations = nil
		s.cache.mu.Unlock()
		o, err := s.Operation(t.Context(), account.System(), op.ID)
		if err != nil {
			t.Fatal(err)
		}
		s.cache.mu.Lock()
		s.cache.operations = before
		s.cache.mu.Unlock()
		return o
	}
	cached := func() *account.Operation {
		t.Helper()
		o, err := s.Operation(t.Context(), account.System(), op.ID)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	if diff := cmp.Diff(stored(), cached()); diff != "" {
		t.Errorf("after an insertion (-stored +cached):\n%s", diff)
	}
	mine := cached()
	mine.Facts.Attempts[0].Tag, *mine.Steps[0].EndedAt = "changed", now.Add(time.Hour)
	op.Summary = "never stored"
	put(errors.New("no"))
	if diff := cmp.Diff(stored(), cached()); diff != "" || cached().Summary != "" {
		t.Errorf("after a failure (-stored +cached):\n%s", diff)
	}
	op.Summary, op.Facts.Attempts[0].State = "stored", account.AttemptAdded
	put(nil)
	if diff := cmp.Diff(stored(), cached()); diff != "" || cached().Summary != "stored" {
		t.Errorf("after an update (-stored +cached):\n%s", diff)
	}
	for _, before := range []*account.Operation{cached(), mine} {
		newer, err := s.Newer(t.Context(), account.System(), before)
		if diff := cmp.Diff(stored(), newer); err != nil || diff != "" || (newer == before) == (before == mine) {
			t.Errorf("newer than version %d (-stored +given): %v\n%s", before.Version, err, diff)
		}
	}
}

// What InUse gives is what is stored, after every change of an account and of its credentials.
func TestCachedAccountIsWhatIsStored(t *testing.T) {
	t.Parallel()
	s := openHere(t)
	now := time.Now()
	a := &account.Account{ID: "acc-1", Name: "backup", Cloud: "global", Origin: account.Existing, Subscriptions: []account.Subscription{{ID: "s"}}}
	c := account.Credential{ID: "cred-1", AccountID: a.ID, Kind: account.Secret, Slot: account.Current, AddedAt: now, ExpiresAt: &now}
	for _, step := range []struct {
		name string
		f    func(tx *Tx) error
	}{
		{"a new account", func(tx *Tx) error { return tx.PutAccount(a) }},
		{"a credential", func(tx *Tx) error { return tx.PutCredential(c) }},
		{"its material", func(tx *Tx) error { return tx.PutMaterial(c.ID, secret.New("s")) }},
		{"another description", func(tx *Tx) error { a.Description = "d"; return tx.PutAccount(a) }},
		{"a disclosure with an acknowledgement", nil},
		{"its removal", func(tx *Tx) error { c.Slot, c.RemovedAt = account.Removed, &now; return tx.PutCredential(c) }},
	} {
		var err error
		if step.f == nil {
			_, err = s.Disclose(t.Context(), account.System(), c.ID, "test", func(tx *Tx) error { c.AcknowledgedAt = &now; return tx.PutCredential(c) })
		} else {
			err = s.Change(t.Context(), account.System(), Event{Action: "test.put"}, step.f)
		}
		if err != nil {
			t.Fatal(err)
		}
		cached, err := s.InUse(t.Context(), account.System(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		stored, err := s.Account(t.Context(), account.System(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(stored, cached); diff != "" {
			t.Errorf("after %s (-stored +cached):\n%s", step.name, diff)
		}
	}
}

// clone must leave nothing shared, whatever fields the domain gets.
func TestCloneSharesNothing(t *testing.T) {
	t.Parallel()
	op, a := new(account.Operation), new(account.Account)
	populate(reflect.ValueOf(op).Elem(), 0)
	populate(reflect.ValueOf(a).Elem(), 0)
	for _, v := range []struct{ before, after reflect.Value }{
		{reflect.ValueOf(op), reflect.ValueOf(clone(op))}, {reflect.ValueOf(a), reflect.ValueOf(clone(a))},
	} {
		if diff := cmp.Diff(v.before.Interface(), v.after.Interface()); diff != "" {
			t.Errorf("a clone differs:\n%s", diff)
		}
		if where := shared(v.before, v.after, v.before.Type().String()); where != "" {
			t.Errorf("a clone shares %s", where)
		}
	}
}

// populate sets every pointer, slice and map.
func populate(v reflect.Value, depth int) {
	if _, ok := reflect.TypeAssert[time.Time](v); ok || depth > 6 {
		return
	}
	switch v.Kind() { //nolint:exhaustive // the others hold no references
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		populate(v.Elem(), depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		populate(v.Index(0), depth+1)
		populate(v.Index(1), depth+1)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		value := reflect.New(v.Type().Elem()).Elem()
		populate(value, depth+1)
		v.SetMapIndex(reflect.Zero(v.Type().Key()), value)
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanSet() {
				populate(field, depth+1)
			}
		}
	}
}

// shared returns where two values point to the same memory.
func shared(a, b reflect.Value, at string) string {
	if _, ok := reflect.TypeAssert[time.Time](a); ok {
		return ""
	}
	switch a.Kind() { //nolint:exhaustive // the others hold no references
	case reflect.Pointer:
		if a.IsNil() {
			return ""
		}
		if a.Pointer() == b.Pointer() {
			return at
		}
		return shared(a.Elem(), b.Elem(), at)
	case reflect.Slice:
		if a.Len() == 0 {
			return ""
		}
		if a.Pointer() == b.Pointer() {
			return at
		}
		return shared(a.Index(0), b.Index(0), at+"[0]")
	case reflect.Map:
		if a.Pointer() == b.Pointer() {
			return at
		}
		for key, value := range a.Seq2() {
			return shared(value, b.MapIndex(key), at+"[…]")
		}
	case reflect.Struct:
		for i := range a.NumField() {
			if where := shared(a.Field(i), b.Field(i), at+"."+a.Type().Field(i).Name); where != "" {
				return where
			}
		}
	}
	return ""
}
