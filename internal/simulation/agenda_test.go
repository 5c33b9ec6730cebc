package simulation

import (
	"container/heap"
	"time"
)

// agenda is what is to happen, by time; what is due at the same moment happens in the order in which it was put down.
type agenda struct {
	items []entry
	next  int
}

type entry struct {
	at  time.Time
	seq int
	do  func()
}

func (a *agenda) Len() int { return len(a.items) }
func (a *agenda) Less(i, j int) bool {
	if !a.items[i].at.Equal(a.items[j].at) {
		return a.items[i].at.Before(a.items[j].at)
	}
	return a.items[i].seq < a.items[j].seq
}
func (a *agenda) Swap(i, j int) { a.items[i], a.items[j] = a.items[j], a.items[i] }
func (a *agenda) Push(x any)    { a.items = append(a.items, x.(entry)) } //nolint:forcetypeassert // heap.Push below

func (a *agenda) Pop() any {
	last := len(a.items) - 1
	e := a.items[last]
	a.items[last] = entry{}
	a.items = a.items[:last]
	return e
}

func (a *agenda) put(at time.Time, do func()) {
	a.next++
	heap.Push(a, entry{at, a.next, do})
}

// pass lets virtual time pass, and whatever else is to happen in it.
func pass(d time.Duration) { <-time.NewTimer(d).C }

// run lives until end. It sleeps on the virtual clock from one entry to the next.
func (a *agenda) run(end time.Time, stop func() bool) {
	for len(a.items) > 0 && !stop() {
		e := heap.Pop(a).(entry) //nolint:forcetypeassert // put below
		if e.at.After(end) {
			return
		}
		pass(time.Until(e.at))
		e.do()
	}
}
