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

// figures count a life. They are handed from the process that lives it to the one that adds up.
type figures struct {
	Begun, Done, Failed, Cancelled map[account.OperationKind]int
	Why                            map[string]int // of failures
	Refused                        map[string]int
	Down                           map[string]time.Duration // without tokens, by cause
	Downs                          map[string]int
	Writes                         []int // to Graph, for each renewal
	Turns, Restarts, Parked        int
	Orphans, Spells                int
	Requests, Commits              int64
}

func newFigures() figures {
	kinds := func() map[account.OperationKind]int { return map[account.OperationKind]int{} }
	return figures{
		Begun: kinds(), Done: kinds(), Failed: kinds(), Cancelled: kinds(), Why: map[string]int{}, Refused: map[string]int{},
		Down: map[string]time.Duration{}, Downs: map[string]int{},
	}
}

func (f *figures) closed(op *account.Operation) {
	switch op.State {
	case account.OpDone:
		f.Done[op.Kind]++
	case account.OpFailed:
		f.Failed[op.Kind]++
		f.Why[string(op.Kind)+": "+short(problemText(op))]++
	case account.OpCancelled:
		f.Cancelled[op.Kind]++
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
	sum(f.Begun, o.Begun)
	sum(f.Done, o.Done)
	sum(f.Failed, o.Failed)
	sum(f.Cancelled, o.Cancelled)
	sum(f.Why, o.Why)
	sum(f.Refused, o.Refused)
	sum(f.Down, o.Down)
	sum(f.Downs, o.Downs)
	f.Writes = append(f.Writes, o.Writes...)
	f.Turns, f.Restarts, f.Parked = f.Turns+o.Turns, f.Restarts+o.Restarts, f.Parked+o.Parked
	f.Orphans, f.Spells = f.Orphans+o.Orphans, f.Spells+o.Spells
	f.Requests, f.Commits = f.Requests+o.Requests, f.Commits+o.Commits
}

func sum[K comparable, V int | time.Duration](into, from map[K]V) {
	for k, v := range from {
		into[k] += v
	}
}

// median of the writes of renewals.
func (f *figures) median() float64 {
	if len(f.Writes) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(f.Writes))
	if n := len(s); n%2 == 0 {
		return float64(s[n/2-1]+s[n/2]) / 2
	}
	return float64(s[len(s)/2])
}

func (f *figures) print(out io.Writer) {
	for _, kind := range slices.Sorted(maps.Keys(f.Done)) {
		fmt.Fprintf(out, "  %-10s %7d done, %5d failed, %5d cancelled\n", kind, f.Done[kind], f.Failed[kind], f.Cancelled[kind])
	}
	fmt.Fprintf(out, "  %d spells of bad weather, %d restarts, %d operations left waiting for a sign-in\n", f.Spells, f.Restarts, f.Parked)
	fmt.Fprintf(out, "  %d turns, %d commits, %d requests to Microsoft; Graph writes per renewal: median %.1f, most %d\n", f.Turns, f.Commits, f.Requests, f.median(), most(f.Writes))
	fmt.Fprintf(out, "  %d orphans seen\n", f.Orphans)
	fmt.Fprintln(out, "  times without a working credential, none of them avoidable:")
	for _, why := range slices.Sorted(maps.Keys(f.Downs)) {
		fmt.Fprintf(out, "    %5d, %8.1f days together: %s\n", f.Downs[why], f.Down[why].Hours()/24, why)
	}
	list(out, "operations failed because:", f.Why)
	list(out, "requests were refused because:", f.Refused)
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
