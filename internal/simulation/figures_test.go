package simulation

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
)

// figures count a life.
type figures struct {
	begun, done, failed, cancelled map[account.OperationKind]int
	why                            map[string]int // of failures
	refused                        map[string]int
	down                           map[string]time.Duration // without tokens, by cause
	downs                          map[string]int
	writes                         []int // to Graph, for each renewal
	turns, restarts, parked        int
	orphans, spells                int
	requests, commits              int64
}

func newFigures() figures {
	kinds := func() map[account.OperationKind]int { return map[account.OperationKind]int{} }
	return figures{
		begun: kinds(), done: kinds(), failed: kinds(), cancelled: kinds(), why: map[string]int{}, refused: map[string]int{},
		down: map[string]time.Duration{}, downs: map[string]int{},
	}
}

func (f *figures) closed(op *account.Operation) {
	switch op.State {
	case account.OpDone:
		f.done[op.Kind]++
	case account.OpFailed:
		f.failed[op.Kind]++
		f.why[string(op.Kind)+": "+short(problemText(op))]++
	case account.OpCancelled:
		f.cancelled[op.Kind]++
	}
}

func problemText(op *account.Operation) string {
	if op.Problem == nil {
		return ""
	}
	return op.Problem.Message
}

// short cuts what differs from one account to the next out of a text.
func short(text string) string {
	words := strings.Fields(text)
	for i, word := range words {
		if strings.Contains(word, "account-") || strings.Count(word, "-") >= 4 {
			words[i] = "…"
		}
	}
	if len(words) > 16 {
		words = words[:16]
	}
	return strings.Join(words, " ")
}

func (f *figures) add(o figures) {
	sum(f.begun, o.begun)
	sum(f.done, o.done)
	sum(f.failed, o.failed)
	sum(f.cancelled, o.cancelled)
	sum(f.why, o.why)
	sum(f.refused, o.refused)
	sum(f.down, o.down)
	sum(f.downs, o.downs)
	f.writes = append(f.writes, o.writes...)
	f.turns, f.restarts, f.parked = f.turns+o.turns, f.restarts+o.restarts, f.parked+o.parked
	f.orphans, f.spells = f.orphans+o.orphans, f.spells+o.spells
	f.requests, f.commits = f.requests+o.requests, f.commits+o.commits
}

func sum[K comparable, V int | time.Duration](into, from map[K]V) {
	for k, v := range from {
		into[k] += v
	}
}

// median of the writes of renewals.
func (f *figures) median() float64 {
	if len(f.writes) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(f.writes))
	if n := len(s); n%2 == 0 {
		return float64(s[n/2-1]+s[n/2]) / 2
	}
	return float64(s[len(s)/2])
}

func (f *figures) print(out io.Writer) {
	for _, kind := range slices.Sorted(maps.Keys(f.done)) {
		fmt.Fprintf(out, "  %-10s %7d done, %5d failed, %5d cancelled\n", kind, f.done[kind], f.failed[kind], f.cancelled[kind])
	}
	fmt.Fprintf(out, "  %d spells of bad weather, %d restarts, %d operations left waiting for a sign-in\n", f.spells, f.restarts, f.parked)
	fmt.Fprintf(out, "  %d turns, %d commits, %d requests to Microsoft; Graph writes per renewal: median %.1f, most %d\n", f.turns, f.commits, f.requests, f.median(), most(f.writes))
	fmt.Fprintf(out, "  %d orphans seen\n", f.orphans)
	fmt.Fprintln(out, "  times without a working credential, none of them avoidable:")
	for _, why := range slices.Sorted(maps.Keys(f.downs)) {
		fmt.Fprintf(out, "    %5d, %8.1f days together: %s\n", f.downs[why], f.down[why].Hours()/24, why)
	}
	list(out, "operations failed because:", f.why)
	list(out, "requests were refused because:", f.refused)
}

func most(list []int) int {
	if len(list) == 0 {
		return 0
	}
	return slices.Max(list)
}

func list(out io.Writer, title string, counts map[string]int) {
	if len(counts) == 0 {
		return
	}
	fmt.Fprintf(out, "  %s\n", title)
	for _, why := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(out, "    %5d  %s\n", counts[why], why)
	}
}
