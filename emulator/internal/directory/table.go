package directory

import (
	"iter"
	"slices"
	"time"
)

// Table holds the objects of one kind, each with the versions that a lagging replica may still see.
//
// Values are immutable once put: a change is a clone that is put again. A table is only touched inside
// Store.Read and Store.Write.
type Table[T any] struct {
	store *Store
	kind  string
	rows  map[string]*row[T]
	order []string            // ids in the order of their creation
	index map[string][]string // key → ids
	keys  func(*T) []string   // the secondary keys of a value; nil for none
}

type row[T any] struct{ versions []version[T] }

// version is a value and the time from which the primary has had it; nil for a deleted object.
type version[T any] struct {
	from  time.Time     // on the clock of replication
	delay time.Duration // of replication when it was written
	value *T
}

func newTable[T any](s *Store, kind string, keys func(*T) []string) *Table[T] {
	t := &Table[T]{store: s, kind: kind, rows: map[string]*row[T]{}, index: map[string][]string{}, keys: keys}
	s.loaders[kind] = t.load
	s.dumpers = append(s.dumpers, t.dump)
	return t
}

// Get returns the object as the primary has it: for writes.
func (t *Table[T]) Get(id string) (*T, bool) {
	r := t.rows[id]
	if r == nil || len(r.versions) == 0 { // no versions: its first Write failed
		return nil, false
	}
	v := r.versions[len(r.versions)-1].value
	return v, v != nil
}

// Seen returns the object as a replica sees it that is behind by the replication delay: for reads.
func (t *Table[T]) Seen(id string) (*T, bool) {
	r := t.rows[id]
	if r == nil {
		return nil, false
	}
	now, delay := t.store.replicaNow(), t.store.settings.ReplicationDelay
	for _, v := range slices.Backward(r.versions) {
		if !v.from.Add(min(v.delay, delay)).After(now) {
			return v.value, v.value != nil
		}
	}
	return nil, false
}

// Find returns the first object with the secondary key, as the primary has it.
func (t *Table[T]) Find(key string) (*T, bool) {
	for _, id := range t.index[key] {
		if v, ok := t.Get(id); ok {
			return v, true
		}
	}
	return nil, false
}

// FindSeen returns the first object with the secondary key, as a replica sees it.
func (t *Table[T]) FindSeen(key string) (*T, bool) {
	for _, id := range t.index[key] {
		if v, ok := t.Seen(id); ok {
			return v, true
		}
	}
	return nil, false
}

// Each yields every object with the secondary key, as the primary has it. Its key must be one that never moves: see link.
func (t *Table[T]) Each(key string) iter.Seq2[string, *T] { return each(t.index[key], t.Get) }

// EachSeen yields every object with the secondary key, as a replica sees it.
func (t *Table[T]) EachSeen(key string) iter.Seq2[string, *T] { return each(t.index[key], t.Seen) }

// All yields every object as the primary has it, oldest first.
func (t *Table[T]) All() iter.Seq2[string, *T] { return each(t.order, t.Get) }

// AllSeen yields every object as a replica sees it, oldest first.
func (t *Table[T]) AllSeen() iter.Seq2[string, *T] { return each(t.order, t.Seen) }

func each[T any](ids []string, get func(string) (*T, bool)) iter.Seq2[string, *T] {
	return func(yield func(string, *T) bool) {
		for _, id := range ids {
			if v, ok := get(id); ok && !yield(id, v) {
				return
			}
		}
	}
}

// Put stores a new version of an object. Only inside Store.Write.
func (t *Table[T]) Put(id string, v *T) { t.set(id, v) }

// Delete removes an object. Only inside Store.Write.
func (t *Table[T]) Delete(id string) {
	if _, ok := t.Get(id); ok {
		t.set(id, nil)
	}
}

func (t *Table[T]) set(id string, v *T) {
	r := t.rows[id]
	if r == nil {
		r = &row[T]{}
		t.rows[id] = r
		t.order = append(t.order, id)
	}
	now, delay := t.store.replicaNow(), t.store.settings.ReplicationDelay
	before := r.versions
	r.versions = append(prune(before, now, t.store.keepVersions()), version[T]{now, delay, v})
	t.link(id, v)
	t.store.changed(record{Kind: t.kind, ID: id, At: now, Delay: delay}, v, func() { r.versions = before })
}

// prune drops the versions that no replica can still see.
func prune[T any](vs []version[T], now time.Time, keep time.Duration) []version[T] {
	cut := 0
	for i := 1; i < len(vs); i++ {
		if vs[i].from.Before(now.Add(-keep)) {
			cut = i
		}
	}
	return append([]version[T](nil), vs[cut:]...)
}

// link adds the keys of v to the index. Keys of older versions stay: Find checks what it finds only for being there,
// so a key that moved must be compared by the caller; application and client ids never move.
func (t *Table[T]) link(id string, v *T) {
	if t.keys == nil || v == nil {
		return
	}
next:
	for _, k := range t.keys(v) {
		for _, have := range t.index[k] {
			if have == id {
				continue next
			}
		}
		t.index[k] = append(t.index[k], id)
	}
}
