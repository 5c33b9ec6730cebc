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
	*tableData[T]
	replica int
}

// tableData is what the tables of all views share.
type tableData[T any] struct {
	store   *state
	kind    string
	rows    map[string]*row[T]
	order   []string            // ids in the order of their creation
	index   map[string][]string // key → ids
	keys    func(*T) []string   // the secondary keys of a value; nil for none
	deleted int                 // objects that are deleted but not yet swept
	swept   time.Time           // on the clock of replication
}

type row[T any] struct {
	versions []version[T]
	keys     []string // all that the index has of it
}

// version is a value and the time from which the primary has had it; nil for a deleted object.
type version[T any] struct {
	from  time.Time     // on the clock of replication
	delay time.Duration // of replication when it was written
	value *T
}

func newTable[T any](s *Store, kind string, keys func(*T) []string) *Table[T] {
	t := &tableData[T]{store: s.state, kind: kind, rows: map[string]*row[T]{}, index: map[string][]string{}, keys: keys}
	s.tables = append(s.tables, t)
	return &Table[T]{t, none}
}

func (t *tableData[T]) name() string { return t.kind }

func (t *tableData[T]) live() (count int) {
	for range each(t.order, t.Get) {
		count++
	}
	return count
}

// Get returns the object as the primary has it: for writes.
func (t *tableData[T]) Get(id string) (*T, bool) {
	r := t.rows[id]
	if r == nil || len(r.versions) == 0 { // no versions: its first Write failed
		return nil, false
	}
	v := r.versions[len(r.versions)-1].value
	return v, v != nil
}

// Seen returns the object as a replica sees it: the one that serves the request, see Store.View, or one that is behind
// by the whole replication delay. For reads.
func (t *Table[T]) Seen(id string) (*T, bool) {
	r := t.rows[id]
	if r == nil {
		return nil, false
	}
	now := t.store.replicaNow()
	for _, v := range slices.Backward(r.versions) {
		if !v.from.Add(t.store.lag(v.delay, t.replica)).After(now) {
			return v.value, v.value != nil
		}
	}
	return nil, false
}

// Find returns the first object with the secondary key, as the primary has it.
func (t *Table[T]) Find(key string) (*T, bool) { return first(t.Each(key)) }

// FindSeen returns the first object with the secondary key, as a replica sees it.
func (t *Table[T]) FindSeen(key string) (*T, bool) { return first(t.EachSeen(key)) }

// Each yields every object that has the secondary key on the primary, oldest first.
func (t *Table[T]) Each(key string) iter.Seq2[string, *T] { return t.having(key, t.Get) }

// EachSeen yields every object that has the secondary key on a replica, oldest first.
func (t *Table[T]) EachSeen(key string) iter.Seq2[string, *T] { return t.having(key, t.Seen) }

// All yields every object as the primary has it, oldest first.
func (t *Table[T]) All() iter.Seq2[string, *T] { return each(t.order, t.Get) }

// AllSeen yields every object as a replica sees it, oldest first.
func (t *Table[T]) AllSeen() iter.Seq2[string, *T] { return each(t.order, t.Seen) }

func first[T any](all iter.Seq2[string, *T]) (*T, bool) {
	for _, v := range all {
		return v, true
	}
	return nil, false
}

func each[T any](ids []string, get func(string) (*T, bool)) iter.Seq2[string, *T] {
	return func(yield func(string, *T) bool) {
		for _, id := range ids {
			if v, ok := get(id); ok && !yield(id, v) {
				return
			}
		}
	}
}

// having looks at each hit of the index once more: the index has the keys of older versions too.
func (t *tableData[T]) having(key string, get func(string) (*T, bool)) iter.Seq2[string, *T] {
	return func(yield func(string, *T) bool) {
		for id, v := range each(t.index[key], get) {
			if slices.Contains(t.keys(v), key) && !yield(id, v) {
				return
			}
		}
	}
}

// Put stores a new version of an object. Only inside Store.Write.
func (t *tableData[T]) Put(id string, v *T) { t.set(id, v) }

// Delete removes an object. Only inside Store.Write.
func (t *tableData[T]) Delete(id string) {
	if _, ok := t.Get(id); ok {
		t.deleted++
		t.set(id, nil)
	}
}

func (t *tableData[T]) set(id string, v *T) {
	r := t.row(id)
	now, delay := t.store.replicaNow(), t.store.settings.ReplicationDelay
	before := r.versions
	r.versions = append(prune(before, now, t.store.keepVersions()), version[T]{now, delay, v})
	t.link(id, r, v)
	t.store.changed(record{Kind: t.kind, ID: id, At: now, Delay: delay}, v, func() { r.versions = before })
}

func (t *tableData[T]) row(id string) *row[T] {
	r := t.rows[id]
	if r == nil {
		r = &row[T]{}
		t.rows[id] = r
		t.order = append(t.order, id)
	}
	return r
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

// link adds the keys of v to the index. Keys of older versions stay until the object is swept.
func (t *tableData[T]) link(id string, r *row[T], v *T) {
	if t.keys == nil || v == nil {
		return
	}
	for _, k := range t.keys(v) {
		if !slices.Contains(r.keys, k) {
			r.keys = append(r.keys, k)
			t.index[k] = append(t.index[k], id)
		}
	}
}

// A table with so many deleted objects looks, not too often, for those that no replica can still see.
const (
	sweepAfter = 1000
	sweepEvery = 10 * time.Minute
)

// sweep forgets objects that were deleted so long ago that no replica still has them: device codes, mostly.
func (t *tableData[T]) sweep() {
	now := t.store.replicaNow()
	if t.deleted < sweepAfter || now.Sub(t.swept) < sweepEvery {
		return
	}
	t.deleted, t.swept = 0, now
	gone := now.Add(-t.store.keepVersions())
	t.order = slices.DeleteFunc(t.order, func(id string) bool {
		r := t.rows[id]
		n := len(r.versions)
		if n > 0 && r.versions[n-1].value != nil {
			return false
		}
		if n > 0 && r.versions[n-1].from.After(gone) {
			t.deleted++
			return false
		}
		for _, k := range r.keys {
			if t.index[k] = slices.DeleteFunc(t.index[k], func(other string) bool { return other == id }); len(t.index[k]) == 0 {
				delete(t.index, k)
			}
		}
		delete(t.rows, id)
		return true
	})
}
