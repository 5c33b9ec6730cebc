package token

import "sync"

// openedMost bounds how many tokens are remembered: a few megabytes.
const openedMost = 2048

// opened remembers tokens whose signature was good, so that the same token is not checked anew with every request: half
// the time of a read in Microsoft Graph went there. What changes with time or resource is checked each time. A token is
// remembered by its whole text, so that nothing is taken for another.
type opened struct {
	mu    sync.RWMutex
	known map[string]*claims
}

func (o *opened) find(raw string) *claims {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.known[raw]
}

// add forgets all others when there are too many: each costs one check to know again.
func (o *opened) add(raw string, c *claims) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.known == nil || len(o.known) >= openedMost {
		o.known = make(map[string]*claims)
	}
	o.known[raw] = c
}
