// Package jobs keeps operations going that nobody waits for: a sweep every second starts what is due, and every minute the
// renewals that need no person are begun.
//
// The journals in the store are the queue: each open operation says itself when it is due (next_at), so nothing is lost
// when the process ends, and nothing has to be enqueued in the same transaction.
package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Engine starts what is due.
type Engine interface {
	Sweep(ctx context.Context) error
	RenewDue(ctx context.Context) error
}

// Run sweeps every second, and begins automatic renewals every minute, until ctx ends. What fails is logged and tried again.
func Run(ctx context.Context, e Engine, log *slog.Logger) {
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { every(ctx, time.Second, e.Sweep, log, "sweeping for operations that are due") })
	work.Go(func() { every(ctx, time.Minute, e.RenewDue, log, "starting renewals that are due") })
}

// every calls f at once and then after each interval.
func every(ctx context.Context, interval time.Duration, f func(context.Context) error, log *slog.Logger, doing string) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := f(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "a recurring job failed", "job", doing, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
