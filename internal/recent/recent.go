// Package recent keeps in memory what was made or read a short time ago and is good for a while.
package recent

import (
	"maps"
	"sync"
	"time"
)

// Cache keeps values by their keys, each for the same time. It is safe for concurrent use. What is over is dropped, at the latest
// after twice that time by the next Put.
type Cache[K comparable, V any] struct {
	keep time.Duration

	mu     sync.Mutex
	values map[K]kept[V]
	swept  time.Time
}

type kept[V any] struct {
	value V
	at    time.Time
}

// Keep makes a cache whose values are good for a time.
func Keep[K comparable, V any](keep time.Duration) *Cache[K, V] {
	return &Cache[K, V]{keep: keep, values: map[K]kept[V]{}}
}

// Get returns a value that is good at now.
func (c *Cache[K, V]) Get(key K, now time.Time) (v V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if have, there := c.values[key]; there && c.good(have.at, now) {
		return have.value, true
	}
	return v, false
}

// Put keeps a value that was made at now.
func (c *Cache[K, V]) Put(key K, v V, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.good(c.swept, now) {
		maps.DeleteFunc(c.values, func(_ K, old kept[V]) bool { return !c.good(old.at, now) })
		c.swept = now
	}
	c.values[key] = kept[V]{v, now}
}

// Drop forgets a value.
func (c *Cache[K, V]) Drop(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.values, key)
}

// good is false, too, of what is from after now: the clock was set back, and what its time says is not known.
func (c *Cache[K, V]) good(at, now time.Time) bool {
	return !now.Before(at) && now.Sub(at) < c.keep
}
