package directory_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/emulator/internal/directory"
)

func open(t *testing.T, folder string) *directory.Store {
	t.Helper()
	s, err := directory.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func write(t *testing.T, s *directory.Store, f func()) {
	t.Helper()
	if err := s.Write(func() error { f(); return nil }); err != nil {
		t.Fatal(err)
	}
}

func put(s *directory.Store, ids ...string) {
	for _, id := range ids {
		s.Applications.Put(id, &directory.Application{ID: id, AppID: "app-" + id})
	}
}

// ids are of the applications as the primary has them and as replicas see them.
func ids(s *directory.Store) (primary, seen []string) {
	primary, seen = []string{}, []string{}
	s.Read(func() {
		for id := range s.Applications.All() {
			primary = append(primary, id)
		}
		for id := range s.Applications.AllSeen() {
			seen = append(seen, id)
		}
	})
	return primary, seen
}

func wantIDs(t *testing.T, s *directory.Store, primary, seen []string) {
	t.Helper()
	gotPrimary, gotSeen := ids(s)
	if d := cmp.Diff(primary, gotPrimary); d != "" {
		t.Errorf("primary (-want +got):\n%s", d)
	}
	if d := cmp.Diff(seen, gotSeen); d != "" {
		t.Errorf("replica (-want +got):\n%s", d)
	}
}

func settings(t *testing.T, s *directory.Store, change func(*directory.Settings)) {
	t.Helper()
	write(t, s, func() {
		v := s.Settings()
		change(&v)
		s.SetSettings(v)
	})
}

func delay(d time.Duration) func(*directory.Settings) {
	return func(v *directory.Settings) { v.ReplicationDelay = d }
}

func advance(d time.Duration) func(*directory.Settings) {
	return func(v *directory.Settings) { v.ClockOffset += d }
}

func TestReopen(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, folder)
	write(t, s, func() { put(s, "a", "b", "c") })
	write(t, s, func() { s.Applications.Delete("b") })
	settings(t, s, advance(time.Hour))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // as written, and as rewritten at the first opening
		s = open(t, folder)
		wantIDs(t, s, []string{"a", "c"}, []string{"a", "c"})
		s.Read(func() {
			if a, ok := s.Applications.Find("app-c"); !ok || a.ID != "c" {
				t.Errorf("Find by client id: %v, %v", a, ok)
			}
			if got := s.Settings().ClockOffset; got != time.Hour {
				t.Errorf("clock offset %v", got)
			}
		})
		_ = s.Close()
	}
}

// What is long past does not fill the file for ever.
func TestHistoryIsRewritten(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	size := func() int64 {
		info, err := os.Stat(filepath.Join(folder, "state.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	s := open(t, folder)
	for range 400 {
		write(t, s, func() { put(s, "a") })
	}
	settings(t, s, advance(2*time.Hour))
	write(t, s, func() { put(s, "a", "b") })
	_ = s.Close()
	before := size()
	s = open(t, folder)
	wantIDs(t, s, []string{"a", "b"}, []string{"a", "b"})
	_ = s.Close()
	if after := size(); after*10 > before {
		t.Errorf("%d bytes before the start, %d after it", before, after)
	}
	wantIDs(t, open(t, folder), []string{"a", "b"}, []string{"a", "b"})
}

// A kill can cut the file anywhere. Each Write must then be there as a whole or not at all.
func TestTornFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, folder)
	write(t, s, func() { put(s, "a") })
	write(t, s, func() { put(s, "b", "c") })
	_ = s.Close()
	whole, err := os.ReadFile(filepath.Join(folder, "state.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(whole) + 1 {
		folder := t.TempDir()
		path := filepath.Join(folder, "state.jsonl")
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, folder)
		got, _ := ids(s)
		if n := len(got); n == 2 || n == 3 && cut < len(whole) {
			t.Fatalf("cut at %d of %d: %v", cut, len(whole), got)
		}
		write(t, s, func() { put(s, "z") })
		_ = s.Close()
		if again, _ := ids(open(t, folder)); len(again) != len(got)+1 {
			t.Fatalf("cut at %d, after another write: %v, before it %v", cut, again, got)
		}
	}
}

func TestDamagedFileIsRefused(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"no JSON":      "hello\n",
		"unknown kind": `[{"kind":"planet","id":"x","at":"2026-01-01T00:00:00Z"}]` + "\n",
		"wrong type":   `[{"kind":"user","id":"x","at":"2026-01-01T00:00:00Z","value":{"id":7}}]` + "\n",
	} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "state.jsonl"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := directory.Open(folder); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, folder)
	write(t, s, func() { put(s, "a") })
	boom := errors.New("boom")
	if err := s.Write(func() error {
		put(s, "b")
		s.Applications.Delete("a")
		return boom
	}); !errors.Is(err, boom) {
		t.Fatalf("error %v", err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = s.Write(func() error { put(s, "c"); panic("handler") })
	}()
	wantIDs(t, s, []string{"a"}, []string{"a"})
	write(t, s, func() { put(s, "b") })
	wantIDs(t, s, []string{"a", "b"}, []string{"a", "b"})
	_ = s.Close()
	wantIDs(t, open(t, folder), []string{"a", "b"}, []string{"a", "b"})
}

func TestReplication(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, folder)
	write(t, s, func() { put(s, "a") })
	settings(t, s, delay(time.Hour))
	wantIDs(t, s, []string{"a"}, []string{"a"}) // what was known is not forgotten
	write(t, s, func() { put(s, "b"); s.Applications.Delete("a") })
	wantIDs(t, s, []string{"b"}, []string{"a"})
	s.Read(func() {
		if _, ok := s.Applications.FindSeen("app-b"); ok {
			t.Error("a replica finds what it cannot have yet")
		}
		if _, ok := s.Applications.Find("app-b"); !ok {
			t.Error("the primary does not find what it has")
		}
	})
	_ = s.Close()
	s = open(t, folder) // a restart is no replication
	wantIDs(t, s, []string{"b"}, []string{"a"})
	settings(t, s, advance(59*time.Minute))
	wantIDs(t, s, []string{"b"}, []string{"a"})
	settings(t, s, advance(time.Minute))
	wantIDs(t, s, []string{"b"}, []string{"b"})

	write(t, s, func() { put(s, "c") })
	settings(t, s, advance(-30*24*time.Hour))
	wantIDs(t, s, []string{"b", "c"}, []string{"b"}) // going back neither hides nor shows
	settings(t, s, delay(0))
	wantIDs(t, s, []string{"b", "c"}, []string{"b", "c"})
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, folder)
	var work sync.WaitGroup
	for w := range 8 {
		work.Go(func() {
			for i := range 50 {
				if err := s.Write(func() error { put(s, fmt.Sprintf("%d-%d", w, i)); return nil }); err != nil {
					t.Error(err)
				}
				ids(s)
			}
		})
	}
	work.Wait()
	_ = s.Close()
	if got, _ := ids(open(t, folder)); len(got) != 400 {
		t.Errorf("%d applications after reopening", len(got))
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(`[{"kind":"user","id":"x","at":"2026-01-01T00:00:00Z","value":{"id":"x"}}]` + "\n"))
	f.Add([]byte(`[{"kind":"user","id":"x","at":"2026-01-01T00:00:00Z"}]` + "\n"))
	f.Add([]byte(`[{"kind":"settings","id":"settings","at":"2026-01-01T00:00:00Z","value":{"clockOffset":5}}]` + "\n[]\nnull\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "state.jsonl"), content, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := directory.Open(folder)
		if err != nil {
			return
		}
		_ = s.Close()
		if s, err = directory.Open(folder); err != nil {
			t.Fatalf("what was read once is not read again: %v", err)
		}
		_ = s.Close()
	})
}
