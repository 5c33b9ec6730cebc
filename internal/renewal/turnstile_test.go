package renewal

import (
	"sync"
	"testing"
)

// One at a time holds a key, and nothing is kept of a key that nobody wants.
func TestHold(t *testing.T) {
	t.Parallel()
	e := &Engine{busy: map[string]*turnstile{}}
	inside, total := 0, 0
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			for range 20 {
				let := e.hold("operation")
				if inside++; inside != 1 {
					t.Error("two at a time")
				}
				inside--
				total++
				let()
			}
		})
	}
	all.Wait()
	if total != 1000 || len(e.busy) != 0 {
		t.Errorf("%d turns, %d keys are kept", total, len(e.busy))
	}
}
