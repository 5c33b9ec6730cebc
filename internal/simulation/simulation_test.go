//go:debug rsa1024min=0

package simulation

import (
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// life lives through one world and returns its figures and its violations.
func life(t *testing.T, seed uint64, accounts int, lifetime time.Duration) (f figures, fails []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, seed, accounts, lifetime)
		w.live()
		w.figures.spells, w.figures.requests = w.weather.spells, w.wire.requests
		f, fails = w.figures, w.fails
	})
	return f, fails
}

func number(name string, otherwise uint64) uint64 {
	n, err := strconv.ParseUint(os.Getenv(name), 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}

func TestSpike(t *testing.T) {
	began := time.Now()
	accounts, years := number("ACCOUNTS", 20), number("YEARS", 2)
	f, fails := life(t, number("SEED", 1), int(accounts), time.Duration(years)*year)
	f.print(os.Stdout)
	for _, text := range fails {
		t.Error(text)
	}
	took := time.Since(began)
	t.Logf("%.1f account-years a second", float64(accounts*years)/took.Seconds())
}
