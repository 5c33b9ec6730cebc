package directory_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/exchange"
)

// served is the context of a request that the replica serves.
func served(replica int) context.Context {
	return exchange.With(context.Background(), &exchange.Exchange{Replica: replica})
}

// seenBy is what each of n replicas has of the application.
func seenBy(s *directory.Store, n int, id string) []bool {
	var seen []bool
	for i := range n {
		v := s.View(served(i))
		v.Read(func() {
			_, ok := v.Applications.Seen(id)
			if _, found := v.Applications.FindSeen("app-" + id); found != ok {
				panic("Seen and FindSeen disagree")
			}
			seen = append(seen, ok)
		})
	}
	return seen
}

func TestReplicasDisagreeUntilTheDelayIsOver(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	settings(t, s, func(v *directory.Settings) { v.ReplicationDelay, v.Replicas = 20*time.Minute, 3 })
	write(t, s, func() { put(s, "a") })
	want := func(want ...bool) {
		t.Helper()
		if d := cmp.Diff(want, seenBy(s, 3, "a")); d != "" {
			t.Errorf("replicas (-want +got):\n%s", d)
		}
	}
	want(true, false, false)
	if _, seen := ids(s); len(seen) != 0 {
		t.Errorf("outside a request the farthest replica answers, not %v", seen)
	}
	settings(t, s, advance(10*time.Minute))
	want(true, true, false)
	settings(t, s, advance(10*time.Minute))
	want(true, true, true)

	write(t, s, func() { s.Applications.Delete("a") })
	want(false, true, true)
	settings(t, s, func(v *directory.Settings) { v.Replicas = 1 })
	want(true, true, true)
	settings(t, s, advance(20*time.Minute))
	want(false, false, false)
}

func TestViewHasTheServicesClock(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	settings(t, s, func(v *directory.Settings) { v.Skew = time.Hour })
	v := s.View(served(0))
	s.Read(func() {
		if ahead := v.Now().Sub(s.Now()); ahead < 59*time.Minute {
			t.Errorf("the services' clock is ahead by %v, want an hour", ahead)
		}
	})
}

func TestMovedKeyIsNotFound(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	rename := func(id, name string) {
		write(t, s, func() {
			s.Applications.Put(id, &directory.Application{ID: id, DisplayName: name, IdentifierURIs: []string{"api://" + name}})
		})
	}
	rename("a", "Old")
	rename("a", "New")
	rename("b", "Old")
	s.Read(func() {
		for key, want := range map[string]string{
			directory.ByName("old"): "b", directory.ByName("NEW"): "a", directory.ByURI("API://old"): "b", directory.ByURI("api://new"): "a",
		} {
			var got []string
			for id := range s.Applications.Each(key) {
				got = append(got, id)
			}
			if d := cmp.Diff([]string{want}, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", key, d)
			}
		}
	})
}

// Thousands of device codes come and go while an emulator runs: what is gone must not fill its memory.
func TestDeletedObjectsAreForgotten(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	many := func(f func(id string)) {
		write(t, s, func() {
			for i := range 1500 {
				f(fmt.Sprint(i))
			}
		})
	}
	many(func(id string) { put(s, id) })
	write(t, s, func() { put(s, "kept") })
	many(func(id string) { s.Applications.Delete(id) })
	settings(t, s, advance(2*time.Hour))
	write(t, s, func() {}) // sweeps
	write(t, s, func() { put(s, "7") })
	if primary, _ := ids(s); cmp.Diff([]string{"kept", "7"}, primary) != "" { // a forgotten id is new again: it comes last
		t.Errorf("left: %v", primary)
	}
	s.Read(func() {
		if _, ok := s.Applications.Find("app-7"); !ok {
			t.Error("an id that was forgotten cannot be used again")
		}
		if _, ok := s.Applications.Find("app-8"); ok {
			t.Error("a deleted application is found")
		}
	})
}

func BenchmarkFindAmongTenThousand(b *testing.B) {
	s, err := directory.Open("")
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Write(func() error {
		for i := range 10_000 {
			put(s, fmt.Sprint(i))
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	v := s.View(served(0))
	b.ReportAllocs()
	for b.Loop() {
		v.Read(func() {
			if _, ok := v.Applications.FindSeen("app-9999"); !ok {
				b.Fatal("not found")
			}
		})
	}
}
