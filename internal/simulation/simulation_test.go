//go:debug rsa1024min=0

package simulation

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// The worlds of `make simulate`, unless ACCOUNTS, YEARS and WORLDS say otherwise.
const (
	worldAccounts = 200
	worldYears    = 10
	worlds        = 10
)

// life lives through one world and returns its figures and its violations.
func life(t *testing.T, seed uint64, accounts int, lifetime time.Duration) (f figures, fails []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, seed, accounts, lifetime)
		w.live()
		w.figures.Spells, w.figures.Requests, w.figures.Commits = w.weather.spells, w.wire.requests, w.wire.commits
		f, fails = w.figures, w.fails
	})
	return f, fails
}

// TestSimulation is a small part of `make simulate`, always the same.
func TestSimulation(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			lifetime := 18 * 30 * day
			if raceDetector {
				lifetime = 6 * 30 * day
			}
			f, fails := life(t, seed, 6, lifetime)
			for _, text := range fails {
				t.Error(text)
			}
			if f.Done["renew"] < 3 || f.Done["retire"] == 0 || f.Restarts == 0 || f.Spells == 0 {
				t.Errorf("too little happened: %+v", f)
			}
		})
	}
}

// The same seed is the same life: what is counted of it is the same to the last digit.
func TestSameSeedSameLife(t *testing.T) {
	t.Parallel()
	if raceDetector {
		t.Skip("nothing in it is concurrent, and it takes long with the race detector")
	}
	var texts [2]string
	for i := range texts {
		f, fails := life(t, 7, 5, year)
		texts[i] = fmt.Sprintf("%+v %v", f, fails)
	}
	if texts[0] != texts[1] {
		t.Errorf("the same seed was lived through twice:\n%s\n%s", texts[0], texts[1])
	}
}

// lived is what a process tells of the life that it lived.
type lived struct {
	Figures figures
	Fails   []string
	Worked  time.Duration // of a processor
}

// lifeOf names the variable by which TestSimulate makes a process live one life: its seed. The others are its own.
const (
	lifeOf = "SIMULATE_LIFE"
	toldIn = "SIMULATE_TELL" // the file that it tells of it in
)

// TestSimulate is `make simulate`: many worlds, as many at a time as there are processors, and the figures of all of them. Each
// world is lived in a process of its own, since two in one hinder each other: they share the database's memory and the collection
// of rubbish. SEED, which a failing world prints, is the one world to live through again, in this process.
func TestSimulate(t *testing.T) {
	if os.Getenv("SIMULATE") == "" {
		t.Skip("it takes minutes: run `make simulate`")
	}
	accounts, years, count := number("ACCOUNTS", worldAccounts), number("YEARS", worldYears), number("WORLDS", worlds)
	first, given := seedGiven()
	if given {
		count = 1
	}
	fmt.Fprintf(os.Stdout, "%d worlds of %d accounts for %d years, seeds from %d\n", count, accounts, years, first)
	live := elsewhere
	if given {
		live = here
	}
	var mu sync.Mutex
	total, worked, began := newFigures(), time.Duration(0), time.Now()
	t.Run("worlds", func(t *testing.T) {
		for i := range count {
			seed := first + i
			t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
				t.Parallel()
				l := live(t, seed, accounts, years)
				mu.Lock()
				defer mu.Unlock()
				total.add(l.Figures)
				worked += l.Worked
				for _, text := range l.Fails {
					t.Errorf("%s", text)
				}
				if len(l.Fails) > 0 {
					fmt.Fprintf(os.Stdout, "world %d: %d violations; live through it again with `make simulate SEED=%d ACCOUNTS=%d YEARS=%d TRACE=1`\n", seed, len(l.Fails), seed, accounts, years)
				}
			})
		}
	})
	took, lifetimes := time.Since(began), float64(count*accounts*years)
	total.print(os.Stdout)
	fmt.Fprintf(os.Stdout, "%.0f account-years in %s: %.1f a second; %.1f milliseconds of a processor for each, %.0f%% of %d processors had\n",
		lifetimes, took.Round(time.Second/10), lifetimes/took.Seconds(), worked.Seconds()*1000/lifetimes,
		100*worked.Seconds()/took.Seconds()/float64(runtime.NumCPU()), runtime.NumCPU())
	if m := total.median(); m > 2 {
		t.Errorf("the median renewal writes %.1f times to Graph, want 2 at most", m)
	}
}

// here lives a life in this process.
func here(t *testing.T, seed, accounts, years uint64) lived {
	t.Helper()
	debug.SetGCPercent(400) // memory is there to be used
	began := time.Now()
	f, fails := life(t, seed, int(accounts), time.Duration(years)*year)
	return lived{Figures: f, Fails: fails, Worked: time.Since(began)}
}

// elsewhere lives a life in a process of its own, on one processor.
func elsewhere(t *testing.T, seed, accounts, years uint64) (l lived) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "life.json")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestOneLife$", "-test.timeout", "60m")
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", toldIn+"="+file, fmt.Sprintf("%s=%d", lifeOf, seed),
		fmt.Sprintf("ACCOUNTS=%d", accounts), fmt.Sprintf("YEARS=%d", years))
	out, err := cmd.CombinedOutput()
	told, unread := os.ReadFile(file)
	if err != nil || unread != nil {
		t.Fatalf("the process of world %d: %v\n%s", seed, errors.Join(err, unread), out)
	}
	if err := json.Unmarshal(told, &l); err != nil {
		t.Fatal(err)
	}
	l.Worked = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return l
}

// TestOneLife is the process of one world of TestSimulate.
func TestOneLife(t *testing.T) {
	seed, err := strconv.ParseUint(os.Getenv(lifeOf), 10, 64)
	if err != nil {
		t.Skip("it is a part of `make simulate`")
	}
	told, err := json.Marshal(here(t, seed, number("ACCOUNTS", worldAccounts), number("YEARS", worldYears)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(os.Getenv(toldIn), told, 0o600); err != nil {
		t.Fatal(err)
	}
}

func seedGiven() (seed uint64, given bool) {
	if seed, err := strconv.ParseUint(os.Getenv("SEED"), 10, 64); err == nil {
		return seed, true
	}
	var raw [4]byte
	_, _ = rand.Read(raw[:]) // never fails, says its documentation
	return uint64(binary.BigEndian.Uint32(raw[:])), false
}

func number(name string, otherwise uint64) uint64 {
	n, err := strconv.ParseUint(os.Getenv(name), 10, 64)
	if err != nil || n == 0 {
		return otherwise
	}
	return n
}
