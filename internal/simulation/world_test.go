package simulation

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"log/slog"
	"maps"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator"
	"github.com/evercred/evercred/emulator/script"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/seal"
	"github.com/evercred/evercred/internal/store"
)

const (
	day  = 24 * time.Hour
	year = 365 * day
)

// material is what takes long to make, made once for all worlds.
type material struct {
	signer *rsa.PrivateKey   // of the emulated cloud
	keys   []*rsa.PrivateKey // of certificates: too small for Microsoft, and little work
}

var made = sync.OnceValues(func() (m material, err error) {
	for range 16 {
		key, err := rsa.GenerateKey(rand.Reader, 528)
		if err != nil {
			return m, err
		}
		m.keys = append(m.keys, key)
	}
	m.signer = m.keys[0]
	return m, nil
})

// world is one tenant with its accounts, the program that keeps them, and the people around it. All of it happens in one
// goroutine, one thing after another, so that the same seed is the same life.
type world struct {
	t      *testing.T
	folder string
	chance *mathrand.Rand
	cloud  *emulator.InProcess
	wire   *wire
	keys   material
	store  *store.Store
	engine *renewal.Engine

	agenda   agenda
	subjects []*subject
	of       map[string]*subject // by account id
	end      time.Time
	days     int // of routine

	weather weather
	figures figures
	fails   []string
	trace   func(format string, args ...any) // what happened, for who looks into a failure
	log     *slog.Logger                     // of the program
}

// maxFails is how many violations are told before a life is broken off.
const maxFails = 5

func newWorld(t *testing.T, seed uint64, accounts int, lifetime time.Duration) *world {
	t.Helper()
	w := emptyWorld(t, seed, lifetime)
	for i := range accounts {
		w.subjects = append(w.subjects, w.newSubject(i))
	}
	w.beginWeather()
	w.agenda.put(time.Now().Add(time.Hour), w.routine)
	return w
}

// emptyWorld has nobody in it, and good weather.
func emptyWorld(t *testing.T, seed uint64, lifetime time.Duration) *world {
	t.Helper()
	keys, err := made()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, folder: t.TempDir(), chance: mathrand.New(mathrand.NewPCG(seed, 0x5eed)), keys: keys, of: map[string]*subject{},
		end: time.Now().Add(lifetime), figures: newFigures(), trace: func(string, ...any) {},
	}
	if name := os.Getenv("TRACE"); name != "" {
		w.trace = func(format string, args ...any) {
			fmt.Fprintln(os.Stdout, time.Now().UTC().Format("2006-01-02 15:04:05"), fmt.Sprintf(format, args...))
		}
	}
	if w.cloud, err = emulator.NewInProcess(emulator.InProcessConfig{Key: keys.signer}); err != nil {
		t.Fatal(err)
	}
	if w.log = slog.New(slog.DiscardHandler); os.Getenv("TRACE") != "" {
		w.log = slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelInfo}))
	}
	w.wire = &wire{cloud: w.cloud}
	w.open()
	w.weather = weather{active: map[string][]script.Rule{}, calm: time.Now()}
	return w
}

// open starts the program.
func (w *world) open() {
	w.t.Helper()
	path := filepath.Join(w.folder, "evercred.db")
	there, err := store.Exists(path)
	if err != nil {
		w.t.Fatal(err)
	}
	keys, err := seal.LoadKey(filepath.Join(w.folder, "key"), there)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.store, err = store.Open(w.ctx(), store.Config{Path: path, Keys: keys, Clock: clock.System{}, Volatile: true, Commit: w.wire.commit}); err != nil {
		w.t.Fatal(err)
	}
	w.start()
}

func (w *world) start() {
	w.t.Helper()
	at, err := cloud.Custom(emulator.InProcessURL, "")
	if err != nil {
		w.t.Fatal(err)
	}
	at.InProcess = w.wire
	w.engine, err = renewal.New(renewal.Config{
		Store: w.store, Clouds: []cloud.Cloud{at}, Clock: clock.System{}, Logger: w.log,
		Certify: func(subject string, start, end time.Time) (*certificate.Bundle, error) {
			return certificate.SelfSigned(subject, w.keys.keys[w.chance.IntN(len(w.keys.keys))], start, end)
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// restart is what follows a kill of the program: another one goes on with the journals.
func (w *world) restart() {
	w.figures.Restarts++
	w.wire.fuse = 0
	w.wire.killed.Store(false)
	w.trace("the program starts again")
	w.start()
	for _, s := range w.subjects {
		before := s.driving
		s.driving = map[string]time.Time{}
		w.rescan(s)
		for _, id := range slices.Sorted(maps.Keys(before)) { // of an account that is being added
			if op, err := w.store.Operation(w.ctx(), account.System(), id); err == nil && op.AccountID == "" {
				w.take(s, op)
			}
		}
	}
}

// ctx is the program's.
func (w *world) ctx() context.Context { return mortal{context.Background(), w.wire} }

// live lives the life to its end, and judges it.
func (w *world) live() {
	began := len(w.fails)
	w.agenda.run(w.end, func() bool { return len(w.fails)-began >= maxFails })
	if err := w.store.Close(); err != nil {
		w.t.Error(err)
	}
}

// routine is what the program does by itself, more seldom than in truth, and what is looked at every day.
func (w *world) routine() {
	w.agenda.put(time.Now().Add(day), w.routine)
	if w.days++; w.days%3 != 0 {
		return
	}
	w.renewDue()
}

// renewDue is what the program does every minute.
func (w *world) renewDue() {
	if err := w.call(func() error { return w.engine.RenewDue(w.ctx()) }); err != nil {
		w.fail(nil, "beginning the renewals that are due: %v", err)
	}
	due, err := w.engine.Due(w.ctx())
	if err != nil {
		w.fail(nil, "sweeping: %v", err)
	}
	for _, id := range due {
		w.found(id)
	}
}

// found takes up an operation that the sweep has found. One that a person or another operation has begun is known: were
// it not, nobody would have taken it up again after it was put off.
func (w *world) found(id string) {
	op, err := w.store.Operation(w.ctx(), account.System(), id)
	if err != nil {
		w.fail(nil, "reading operation %s: %v", id, err)
		return
	}
	s := w.subjectOf(op)
	if s == nil {
		return
	}
	if _, known := s.driving[id]; !known && op.StartedBy == account.System().Name {
		w.begun(s, op)
	}
	w.take(s, op)
}

// subjectOf finds whom an operation is about, by the name: an account that is being added has no id.
func (w *world) subjectOf(op *account.Operation) *subject {
	if s := w.of[op.AccountID]; s != nil {
		return s
	}
	for _, s := range w.subjects {
		if s.name == op.AccountName {
			return s
		}
	}
	return nil
}

// take drives an operation from when it is due.
func (w *world) take(s *subject, op *account.Operation) {
	if op.State != account.OpRunning && op.State != account.OpWaitingSignIn {
		return
	}
	at := time.Now()
	if op.NextAt != nil && op.NextAt.After(at) {
		at = *op.NextAt
	}
	if have, ok := s.driving[op.ID]; ok && !have.After(at) {
		return
	}
	w.turnAt(s, op.ID, at)
}

func (w *world) turnAt(s *subject, id string, at time.Time) {
	s.driving[id] = at
	w.agenda.put(at, func() {
		if s.driving[id].Equal(at) { // else it was put off, or is over
			w.turn(s, id)
		}
	})
}

// turn takes one turn of an operation.
func (w *world) turn(s *subject, id string) {
	w.wire.begin()
	wait, more := w.engine.Turn(w.ctx(), id)
	w.figures.Turns++
	killed := w.wire.killed.Load()
	if killed {
		w.restart()
	}
	if w.wire.writes > 0 {
		s.writes[id] += w.wire.writes
		w.wrote(s)
	}
	switch {
	case killed:
	case more:
		w.turnAt(s, id, time.Now().Add(wait))
	default:
		delete(s.driving, id)
		w.settled(s, id)
	}
}

// between draws a time.
func (w *world) between(from, to time.Duration) time.Duration {
	return from + time.Duration(w.chance.Int64N(int64(to-from)))
}

// often draws whether something happens.
func (w *world) often(probability float64) bool { return w.chance.Float64() < probability }

func (w *world) in(d time.Duration, do func()) { w.agenda.put(time.Now().Add(d), do) }
