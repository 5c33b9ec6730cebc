//go:debug rsa1024min=0

package simulation

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
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
	worldAccounts = 100
	worldYears    = 10
	worlds        = 20
)

// life lives through one world and returns its figures and its violations.
func life(t *testing.T, seed uint64, accounts int, lifetime time.Duration) (f figures, fails []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, seed, accounts, lifetime)
		w.live()
		w.figures.spells, w.figures.requests, w.figures.commits = w.weather.spells, w.wire.requests, w.wire.commits
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
			if f.done["renew"] < 3 || f.done["retire"] == 0 || f.restarts == 0 || f.spells == 0 {
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

// TestSimulate is `make simulate`: many worlds, two at a time, and the figures of all of them. SEED, which a failing world
// prints, is the one world to live through again.
func TestSimulate(t *testing.T) {
	if os.Getenv("SIMULATE") == "" {
		t.Skip("it takes minutes: run `make simulate`")
	}
	debug.SetGCPercent(-1) // memory is there to be used: rubbish is collected when so much has come together
	debug.SetMemoryLimit(1 << 30)
	accounts, years, count := number("ACCOUNTS", worldAccounts), number("YEARS", worldYears), number("WORLDS", worlds)
	first, given := seedGiven()
	if given {
		count = 1
	}
	fmt.Fprintf(os.Stdout, "%d worlds of %d accounts for %d years, seeds from %d\n", count, accounts, years, first)
	var mu sync.Mutex
	total, done, began, worked := newFigures(), uint64(0), time.Now(), cpuTime()
	t.Run("worlds", func(t *testing.T) {
		for i := range count {
			seed := first + i
			t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
				t.Parallel()
				f, fails := life(t, seed, int(accounts), time.Duration(years)*year)
				mu.Lock()
				defer mu.Unlock()
				total.add(f)
				done++
				for _, text := range fails {
					t.Errorf("%s", text)
				}
				if len(fails) > 0 {
					fmt.Fprintf(os.Stdout, "world %d: %d violations; live through it again with `make simulate SEED=%d ACCOUNTS=%d YEARS=%d TRACE=1`\n", seed, len(fails), seed, accounts, years)
				}
			})
		}
	})
	took := time.Since(began)
	lived := float64(done * accounts * years)
	total.print(os.Stdout)
	worked = cpuTime() - worked
	fmt.Fprintf(os.Stdout, "%.0f account-years in %s: %.1f a second; %.1f milliseconds of a processor for each, %.0f%% of %d processors had\n",
		lived, took.Round(time.Second/10), lived/took.Seconds(), worked.Seconds()*1000/lived,
		100*worked.Seconds()/took.Seconds()/float64(runtime.NumCPU()), runtime.NumCPU())
	if m := total.median(); m > 2 {
		t.Errorf("the median renewal writes %.1f times to Graph, want 2 at most", m)
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
