package signin

import (
	"context"
	"sync"
)

// each calls f for all of list, for so many at once, and waits for them. It stops beginning new ones at the first error,
// which it returns, or when ctx ends.
func each[T any](ctx context.Context, list []T, atOnce int, f func(context.Context, T) error) error {
	var (
		wait  sync.WaitGroup
		once  sync.Once
		first error
	)
	room := make(chan struct{}, atOnce)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for _, item := range list {
		select {
		case <-ctx.Done():
		case room <- struct{}{}:
		}
		if ctx.Err() != nil {
			break
		}
		wait.Go(func() {
			defer func() { <-room }()
			if err := f(ctx, item); err != nil {
				once.Do(func() { first = err })
				stop()
			}
		})
	}
	wait.Wait()
	if first == nil {
		return ctx.Err()
	}
	return first
}
