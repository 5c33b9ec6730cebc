package crash

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// chosen says which trials are made: empty, a fixed part of all; "all"; or names of trials, with * for any characters.
const chosen = "CRASH"

// part is how many trials there are to one that `go test` makes by default.
const part = 23

var trialName = regexp.MustCompile(`^([^/]+)/(.+) (\d+) (before|after)/([^/]+)$`) //nolint:gochecknoglobals // a constant

// parse reads a trial's name.
func parse(name string) (t trial, err error) {
	m := trialName.FindStringSubmatch(name)
	if m == nil {
		return t, fmt.Errorf("%q names no trial; write KIND/EVENT N before|after/MISFORTUNE", name)
	}
	k, ok := kindNamed(m[1])
	i := slices.IndexFunc(misfortunes(), func(x misfortune) bool { return x.name == m[5] })
	if !ok || i < 0 {
		return t, fmt.Errorf("%q names no trial: there is no such kind or misfortune", name)
	}
	n, err := strconv.Atoi(m[3])
	return trial{kind: k, what: misfortunes()[i], at: point{event: m[2], n: n, after: m[4] == "after"}}, err
}

// TestMatrix makes the chosen trials and prints what came of them.
func TestMatrix(t *testing.T) {
	t.Parallel()
	began := time.Now()
	f := &fields{seeds: map[string]string{}, before: map[string]map[string]string{}}
	var err error
	if f.keys, err = makeKeys(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	var trials []trial
	for _, k := range kinds() {
		dir := t.TempDir()
		f.seeds[k.name] = dir
		var points []point
		synctest.Test(t, func(t *testing.T) {
			if f.before[k.name], err = sow(t.Context(), dir, f.keys, k); err == nil {
				points, err = f.record(t.Context(), k)
			}
		})
		if err != nil {
			t.Fatalf("%s: %v", k.name, err)
		}
		for _, what := range misfortunes() {
			for _, at := range points {
				if what.at(at) {
					trials = append(trials, trial{k, what, at})
				}
			}
		}
	}
	r := &report{}
	made := choose(trials, os.Getenv(chosen))
	if len(made) == 0 {
		t.Fatalf("%s=%q names none of %d trials", chosen, os.Getenv(chosen), len(trials))
	}
	queue := make(chan trial)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for x := range queue {
				s := time.Now()
				v := f.once(t, x)
				r.add(x, v)
				if os.Getenv("CRASH_DEBUG") != "" {
					fmt.Fprintf(os.Stderr, "%6d %s %d %s\n", time.Since(s).Milliseconds(), x, len(v), strings.Join(v, " | "))
				}
			}
		})
	}
	for _, x := range made {
		queue <- x
	}
	close(queue)
	workers.Wait()
	t.Log(r.table(len(trials), time.Since(began)))
	for _, line := range r.failed {
		t.Error(line)
	}
}

// once makes one trial, on a clock of its own: waits cost nothing.
func (f *fields) once(t *testing.T, x trial) (v verdict) {
	synctest.Test(t, func(t *testing.T) { v = f.try(t.Context(), x) })
	return v
}

// choose takes the trials that are asked for.
func choose(all []trial, want string) (out []trial) {
	var pattern *regexp.Regexp
	if want != "" && want != "all" {
		pattern = regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(want), `\*`, ".*") + "$")
	}
	for i, x := range all {
		switch {
		case want == "" && i%part == 0, want == "all", pattern != nil && pattern.MatchString(x.String()):
			out = append(out, x)
		}
	}
	return out
}

// report counts what came of the trials.
type report struct {
	mu     sync.Mutex
	counts map[[2]string][2]int // by kind and misfortune: made, passed
	failed []string
}

func (r *report) add(x trial, v verdict) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = map[[2]string][2]int{}
	}
	n := r.counts[[2]string{x.kind.name, x.what.name}]
	n[0]++
	if len(v) == 0 {
		n[1]++
	} else {
		r.failed = append(r.failed, fmt.Sprintf("make crash CRASH='%s'\n  %s", x, strings.Join(v, "\n  ")))
	}
	r.counts[[2]string{x.kind.name, x.what.name}] = n
}

func (r *report) table(all int, took time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "passed of tried, by kind of change and misfortune\n%-18s", "")
	for _, m := range misfortunes() {
		fmt.Fprintf(&b, " %9s", m.name)
	}
	fmt.Fprintf(&b, " %11s\n", "all")
	var sum [2]int
	for _, k := range kinds() {
		var line [2]int
		fmt.Fprintf(&b, "%-18s", k.name)
		for _, m := range misfortunes() {
			n := r.counts[[2]string{k.name, m.name}]
			line[0], line[1] = line[0]+n[0], line[1]+n[1]
			fmt.Fprintf(&b, " %9s", fmt.Sprintf("%d/%d", n[1], n[0]))
		}
		fmt.Fprintf(&b, " %11s\n", fmt.Sprintf("%d/%d", line[1], line[0]))
		sum[0], sum[1] = sum[0]+line[0], sum[1]+line[1]
	}
	fmt.Fprintf(&b, "%d of %d trials passed, of %d in the whole matrix, in %s\n", sum[1], sum[0], all, took.Round(time.Second))
	return b.String()
}
