package store

import (
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/evercred/evercred/internal/account"
)

// mostCached bounds each part of the cache. What is over is forgotten as a whole and read again.
const mostCached = 20_000

// cache has the operations and accounts that are read again and again while an operation takes its turns, and while
// somebody waits for its end. One process at a time has a database open, and every change of it is made by Change, so that
// what is cached is what is stored. What goes in and out is copied.
type cache struct {
	mu         sync.Mutex
	changes    uint64 // committed; a value that was read before a change must not be cached after it
	operations map[string]*account.Operation
	accounts   map[string]*account.Account // by id, as InUse has them
	rows       map[string]operationRow     // of operations that are open
	open       map[string]*[]string        // ids of the operations that are open on an account, newest first
}

// cached returns a copy of what is cached under an id, and else reads it, for the next time too.
func cached[T any](c *cache, of *map[string]*T, id string, idOf func(*T) string, read func() (*T, error)) (*T, error) {
	c.mu.Lock()
	have, before := (*of)[id], c.changes
	c.mu.Unlock()
	if have != nil {
		return clone(have), nil // what is in the cache is never changed, so it need not be locked
	}
	v, err := read()
	if err != nil {
		return v, err
	}
	kept := clone(v)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changes == before {
		if *of == nil || len(*of) >= mostCached {
			*of = map[string]*T{}
		}
		(*of)[idOf(kept)] = kept
	}
	return v, nil
}

// account returns an account as it is stored, not to be changed; nil where it is not cached.
func (c *cache) account(id string) *account.Account {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.accounts[id]
}

// operation returns an operation as it is stored, not to be changed; nil where it is not cached.
func (c *cache) operation(id string) *account.Operation {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.operations[id]
}

// row returns what is stored of an open operation; the zero row where it is not cached.
func (c *cache) row(id string) operationRow {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rows[id]
}

// settle takes over what a change has put, if it was committed, and forgets what it may have changed otherwise.
func (c *cache) settle(committed bool, tx *Tx) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes++
	if c.operations == nil || len(c.operations) >= mostCached {
		c.operations = map[string]*account.Operation{}
	}
	if c.accounts == nil || len(c.accounts) >= mostCached {
		c.accounts = map[string]*account.Account{}
	}
	if c.rows == nil || len(c.rows) >= mostCached {
		c.rows = map[string]operationRow{}
	}
	for id, o := range tx.operations {
		delete(c.operations, id)
		delete(c.rows, id)
		delete(c.open, o.AccountID)
		if committed {
			c.operations[id] = o
		}
		if committed && !o.State.Closed() {
			c.rows[id] = tx.rows[id]
		}
	}
	for id := range tx.changed {
		delete(c.accounts, id)
		if a := tx.accounts[id]; committed && a != nil {
			c.accounts[id] = a
		}
	}
}

// clone copies a value with all that it points to. Times become what the database would give: in UTC, and of the wall clock
// alone. Other fields that are not exported are copied as they are.
func clone[T any](v *T) *T {
	out := new(T)
	*out = *v
	detach(reflect.ValueOf(out).Elem())
	return out
}

// detach makes what an addressable value points to its own.
func detach(v reflect.Value) {
	if detachKnown(v.Addr().Interface()) {
		return
	}
	switch v.Kind() { //nolint:exhaustive // the others hold no references
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		own := reflect.New(v.Type().Elem())
		own.Elem().Set(v.Elem())
		detach(own.Elem())
		v.Set(own)
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(own, v)
		if refers(v.Type().Elem()) {
			for i := range own.Len() {
				detach(own.Index(i))
			}
		}
		v.Set(own)
	case reflect.Map:
		if v.IsNil() {
			return
		}
		own := reflect.MakeMapWithSize(v.Type(), v.Len())
		for key, value := range v.Seq2() {
			each := reflect.New(v.Type().Elem()).Elem()
			each.Set(value)
			detach(each)
			own.SetMapIndex(key, each)
		}
		v.Set(own)
	case reflect.Struct:
		for _, i := range references(v.Type()) {
			detach(v.Field(i))
		}
	}
}

// detachKnown is detach for what accounts and journals have many of, without the price of reflection, given the address of it. It
// reports whether it knows the type.
func detachKnown(address any) bool {
	switch p := address.(type) {
	case *time.Time:
		*p = plain(*p)
	case **time.Time:
		*p = plainPtr(*p)
	case *[]string:
		*p = slices.Clone(*p)
	case *[]account.Step:
		*p = slices.Clone(*p)
		for i := range *p {
			s := &(*p)[i]
			s.StartedAt, s.EndedAt = plain(s.StartedAt), plainPtr(s.EndedAt)
		}
	case *[]account.Credential:
		*p = slices.Clone(*p)
		for i := range *p {
			c := &(*p)[i]
			c.AddedAt = plain(c.AddedAt)
			for _, at := range []**time.Time{&c.StartsAt, &c.ExpiresAt, &c.ProvenAt, &c.DisclosedAt, &c.AcknowledgedAt, &c.RetiredAt, &c.RemovedAt} {
				*at = plainPtr(*at)
			}
		}
	default:
		return false
	}
	return true
}

func plain(t time.Time) time.Time { return t.UTC().Round(0) }

func plainPtr(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	own := plain(*t)
	return &own
}

// references are the fields of a struct that can point to something. It is asked of the same few types again and again.
func references(t reflect.Type) []int {
	if known, ok := referring.Load(t); ok {
		return known.([]int) //nolint:forcetypeassert,errcheck // stored below
	}
	var out []int
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && refers(f.Type) {
			out = append(out, i)
		}
	}
	referring.Store(t, out)
	return out
}

var referring sync.Map //nolint:gochecknoglobals // what references knows of types, which never change

// refers reports whether values of a type can point to something.
func refers(t reflect.Type) bool {
	switch t.Kind() { //nolint:exhaustive // the others hold no references
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Struct, reflect.Interface:
		return true
	}
	return false
}
