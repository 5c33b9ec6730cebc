// Package clock gives Azure-facing time: ends of credentials, codes and tokens, soak, propagation windows, assertions.
//
// It is the system's clock, except when the cloud is the emulator, whose clock can be moved: then Follow keeps to the
// emulator's offset. Sessions, API tokens, TLS and logs stay on the wall clock.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time. Now is in UTC.
type Clock interface{ Now() time.Time }

// System is the wall clock.
type System struct{}

// Now returns the wall clock's time in UTC.
func (System) Now() time.Time { return time.Now().UTC() }

// Manual is a clock that stands still until it is moved. For tests.
type Manual struct {
	mu sync.Mutex
	t  time.Time
}

// NewManual starts a Manual clock at t.
func NewManual(t time.Time) *Manual { return &Manual{t: t.UTC()} }

// Now returns the time last set.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.t
}

// Advance moves the clock by d.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.t = m.t.Add(d)
}
