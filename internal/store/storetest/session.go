package storetest

import (
	"sync"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

func sessions(t *testing.T, b *bench) {
	begin := func(hash string, until time.Time) {
		t.Helper()
		if err := b.BeginSession(b.ctx(), admin(), hash, "link", []byte("data of "+hash), at(1), until); err != nil {
			t.Fatal(err)
		}
	}
	want := func(hash string, now time.Time, data string) {
		t.Helper()
		got, ok, err := b.SessionData(b.ctx(), hash, now)
		if err != nil || ok != (data != "") || string(got) != data {
			t.Errorf("session %s at %s: %q, %t, %v, want %q", hash, now, got, ok, err, data)
		}
	}
	begin("one", at(2))
	begin("two", at(3))
	want("one", at(1), "data of one")
	want("one", at(2), "") // its end is no part of it
	want("nothing", at(1), "")
	row := b.audit()[0]
	same(t, "audit row", row.Event, store.Event{Action: "session.begun", Detail: map[string]string{"with": "link"}})
	rows := len(b.audit())
	if err := b.TouchSession(b.ctx(), "one", []byte("new"), at(4)); err != nil {
		t.Fatal(err)
	}
	if err := b.TouchSession(b.ctx(), "nothing", []byte("new"), at(4)); err != nil {
		t.Errorf("touching what has ended: %v", err)
	}
	want("one", at(3), "new")
	want("nothing", at(1), "")
	if n := len(b.audit()); n != rows {
		t.Errorf("using a session wrote %d audit rows", n-rows)
	}
	if err := b.DropEnded(b.ctx(), at(3)); err != nil {
		t.Fatal(err)
	}
	want("two", at(1), "") // dropped, not only past its end
	want("one", at(3), "new")
	for range 2 { // the second time there is none
		if err := b.EndSession(b.ctx(), admin(), "one"); err != nil {
			t.Fatal(err)
		}
	}
	want("one", at(1), "")
	if n := len(b.audit()); n != rows+1 || b.audit()[0].Action != "session.ended" {
		t.Errorf("ending a session wrote %d rows, the last %s", n-rows, b.audit()[0].Action)
	}
	if err := b.SessionRefused(b.ctx(), "a test"); err != nil {
		t.Fatal(err)
	}
	same(t, "refusal", b.audit()[0].Event, store.Event{Action: "session.refused", Detail: map[string]string{"reason": "a test"}})
	wantFault(t, b.BeginSession(b.ctx(), account.Caller{}, "x", "link", nil, at(1), at(2)), fault.Unauthorized, "")
}

func loginCodes(t *testing.T, b *bench) {
	good, late := secret.New("CODE-THAT-NOBODY-GUESSES"), secret.New("CODE-THAT-COMES-TOO-LATE")
	for _, code := range []secret.Value{good, late} {
		if err := b.AddLoginCode(b.ctx(), admin(), code, at(1), at(2)); err != nil {
			t.Fatal(err)
		}
	}
	wantFault(t, b.AddLoginCode(b.ctx(), admin(), secret.New("short"), at(1), at(2)), fault.Invalid, "login")
	take := func(code secret.Value, now time.Time) store.CodeState {
		t.Helper()
		by, state, err := b.TakeLoginCode(b.ctx(), code, now)
		if err != nil {
			t.Fatal(err)
		}
		if (state == store.CodeGood) != (by == account.Caller{Name: "admin", Via: "session"}) {
			t.Errorf("state %s, caller %v", state, by)
		}
		return state
	}
	var wait sync.WaitGroup
	states := make(chan store.CodeState, 6)
	for range cap(states) {
		wait.Go(func() { states <- take(good, at(1)) })
	}
	wait.Wait()
	close(states)
	count := map[store.CodeState]int{}
	for s := range states {
		count[s]++
	}
	same(t, "of six at once", count, map[store.CodeState]int{store.CodeGood: 1, store.CodeUsed: 5})
	for _, c := range []struct {
		code secret.Value
		now  time.Time
		want store.CodeState
	}{
		{good, at(1), store.CodeUsed},
		{late, at(2), store.CodeExpired},
		{secret.New("A-CODE-OF-ANOTHER-SERVER"), at(1), store.CodeUnknown},
		{secret.Value{}, at(1), store.CodeUnknown},
	} {
		if got := take(c.code, c.now); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
	if err := b.DropEnded(b.ctx(), at(3).Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	if got := take(late, at(3)); got != store.CodeExpired {
		t.Errorf("within a day of its end it is %s", got)
	}
	if err := b.DropEnded(b.ctx(), at(3)); err != nil {
		t.Fatal(err)
	}
	if got := take(late, at(1)); got != store.CodeUnknown {
		t.Errorf("a day after its end it is %s", got)
	}
}
