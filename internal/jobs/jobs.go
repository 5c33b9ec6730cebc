// Package jobs keeps operations going that nobody waits for: a sweep every second starts what is due.
//
// The journals in the store are the queue: each open operation says itself when it is due (next_at), so nothing is lost
// when the process ends, and nothing has to be enqueued in the same transaction.
package jobs

import (
	"context"
	"log/slog"
	"time"
)

// Sweeper starts what is due.
type Sweeper interface {
	Sweep(ctx context.Context) error
}

// Run sweeps every second until ctx ends. A sweep that fails is logged and tried again.
func Run(ctx context.Context, s Sweeper, log *slog.Logger) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "sweeping for operations that are due", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
