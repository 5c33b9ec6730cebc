package renewal

import (
	"context"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/signin"
)

// Due returns the operations that have something to do now, and drops sign-ins that are over. Sweep wakes them; whoever
// has not called Run takes their turns himself.
func (e *Engine) Due(ctx context.Context) ([]string, error) {
	now := e.clock.Now()
	due, err := e.store.DueOperations(ctx, account.System(), now)
	if err != nil {
		return nil, err
	}
	for _, op := range due.Waiting {
		if s := op.Facts.SignedInAt; s != nil && now.After(s.Add(signin.Lifetime)) {
			if err := e.endSignIn(ctx, op.ID); err != nil {
				return due.Ready, err
			}
		}
	}
	return due.Ready, nil
}

// Turn takes one turn of an operation, in the caller's goroutine: what the goroutines of Run do again and again. It is for
// those who bring a clock of their own and want one thing to happen after another; nobody else may drive the operation.
// wait is how long until the next turn makes sense. more is false when nothing can be done without a person, or at all.
func (e *Engine) Turn(ctx context.Context, id string) (wait time.Duration, more bool) {
	return e.turn(ctx, id)
}
