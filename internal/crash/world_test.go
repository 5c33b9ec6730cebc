//go:build unix

package crash

import (
	"context"
	"crypto/rsa"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/evercred/evercred/emulator"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/seal"
	"github.com/evercred/evercred/internal/store"
)

// The people of the emulated tenant who may do everything: the second one comes when the first one's rights are gone.
const (
	olivia = "owner@contoso.example"
	ulrich = "uaa@contoso.example"
)

// epoch is when every run begins, so that two runs of one kind have the same events at the same times.
func epoch() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

// hands is whoever uses Evercred, for the audit log.
func hands() account.Caller { return account.Caller{Name: "admin", Via: "api"} }

// timepiece is the clock of a world: the process's own and an offset, which the emulated cloud keeps to as well.
type timepiece struct{ offset atomic.Int64 }

func (t *timepiece) Now() time.Time { return time.Now().UTC().Add(time.Duration(t.offset.Load())) }

// world is one installation of Evercred over one emulated cloud, both in a folder.
type world struct {
	dir    string
	keys   *keyring
	clock  *timepiece
	cloud  *emulator.InProcess
	at     cloud.Cloud
	store  *store.Store
	engine *renewal.Engine
	wire   *wire
	person string // who enters the codes of sign-ins
}

// open opens a folder at a time on the world's clock. The observer hears of every point; nil: nobody.
func open(ctx context.Context, dir string, keys *keyring, now time.Time, o observer) (_ *world, err error) {
	w := &world{dir: dir, keys: keys, clock: &timepiece{}, person: olivia}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.cloud, err = emulator.NewInProcess(emulator.InProcessConfig{Key: keys.signer, Data: dir}); err != nil {
		return nil, err
	}
	if err := w.advance(now.Sub(w.clock.Now())); err != nil {
		return nil, err
	}
	if w.at, err = cloud.Custom(emulator.InProcessURL, ""); err != nil {
		return nil, err
	}
	w.wire = &wire{world: w, observer: o}
	w.at.InProcess = w.wire
	path := filepath.Join(dir, "evercred.db")
	there, err := store.Exists(path)
	if err != nil {
		return nil, err
	}
	key, err := seal.LoadKey(filepath.Join(dir, "key"), there)
	if err != nil {
		return nil, err
	}
	if w.store, err = store.Open(ctx, store.Config{Path: path, Keys: key, Clock: w.clock, Commit: w.wire.commit}); err != nil {
		return nil, err
	}
	w.engine, err = renewal.New(renewal.Config{
		Store: w.store, Clouds: []cloud.Cloud{w.at}, Clock: w.clock, ProofSpread: -1, WritesPerSecond: 1e6, Certify: keys.certify,
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

func (w *world) close() {
	if w.store != nil {
		_ = w.store.Close()
	}
	if w.cloud != nil {
		_ = w.cloud.Close()
	}
}

// advance lets time pass, for Evercred and for Microsoft.
func (w *world) advance(d time.Duration) error {
	w.clock.offset.Add(int64(d))
	return w.cloud.SetClock(time.Duration(w.clock.offset.Load()))
}

// patience is how far ahead is waited for what an operation has put off: the retry period of the matrix. It is longer
// than the propagation window and the life of a code, and shorter than a soak.
const patience = 20 * time.Minute

// settle drives every operation, one turn after the other, until nothing is left that is due within the patience.
func (w *world) settle(ctx context.Context) error {
	until := w.clock.Now().Add(patience)
	later := map[string]time.Time{}
	for range 400 {
		due, err := w.engine.Due(ctx)
		if err != nil {
			return err
		}
		worked := false
		for _, id := range due {
			if w.clock.Now().Before(later[id]) {
				continue
			}
			worked = true
			if wait, _ := w.engine.Turn(ctx, id); wait > 0 {
				later[id] = w.clock.Now().Add(wait)
			}
		}
		if worked {
			continue
		}
		next, err := w.next(ctx, due, later)
		if err != nil {
			return err
		}
		if next.IsZero() || next.After(until) {
			return nil
		}
		if err := w.advance(next.Sub(w.clock.Now())); err != nil {
			return err
		}
	}
	return fmt.Errorf("the operations do not come to rest: %s", w.describe(ctx))
}

// next is when the next turn is due; zero if never.
func (w *world) next(ctx context.Context, due []string, later map[string]time.Time) (next time.Time, err error) {
	earlier := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	for _, id := range due {
		earlier(later[id])
	}
	open, err := w.operations(ctx, true)
	if err != nil {
		return next, err
	}
	for _, op := range open {
		if (op.State == account.OpRunning || op.State == account.OpWaitingSignIn) && op.NextAt != nil && op.NextAt.After(w.clock.Now()) {
			earlier(*op.NextAt)
		}
	}
	return next, nil
}

func (w *world) operations(ctx context.Context, open bool) ([]*account.Operation, error) {
	return w.store.Operations(ctx, account.System(), store.OperationQuery{OpenOnly: open})
}

// describe says where the operations stand, for a failed point.
func (w *world) describe(ctx context.Context) string {
	all, err := w.operations(ctx, false)
	if err != nil {
		return err.Error()
	}
	var lines []string
	for _, op := range slices.Backward(all) {
		line := fmt.Sprintf("%s %s", op.Kind, op.State)
		if op.Problem != nil {
			line += " (" + op.Problem.Message + ")"
		}
		for _, s := range op.Steps {
			line += "\n      " + s.Name + " " + s.Outcome
			if s.Detail != "" {
				line += ": " + s.Detail
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n    ")
}

// keyring has the keys that take long to make: one for the emulated cloud's tokens, one for every certificate.
type keyring struct {
	signer, account *rsa.PrivateKey
	folder          string
}

func (k *keyring) certify(subject string, start, end time.Time) (*certificate.Bundle, error) {
	return certificate.SelfSigned(subject, k.account, start, end)
}
