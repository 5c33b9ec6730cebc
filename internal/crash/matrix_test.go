//go:build unix

package crash

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// chosen says which trials are made: empty, a sample; "all"; or names of trials, with * for any characters.
const chosen = "CRASH"

// part is how many trials there are to one of the sample: each so many-th of all, and the regressions.
const part = 97

// regressions are trials that have found something once.
func regressions() []string {
	return []string{
		"add/graph POST addPassword 1 before/gone",           // asked for a secret for ever, where the new application had been deleted
		"renew/entra token 5 before/gone",                    // left an orphan, where the application was restored after the renewal had been undone
		"renew/graph POST removePassword 1 before/gone",      // likewise, the old secret
		"renew-certificate/entra token 3 before/gone",        // likewise, a certificate
		"restore-ended/graph POST addPassword 1 before/gone", // waited for sign-ins without end, where the restored application had been deleted again
		"remove/arm GET roleAssignments 1 before/429",        // left the role assignments, where listing them was refused once
		"remove/commit 2 before/gone",                        // likewise, where the application had been deleted before
		"retire/graph POST removeKey 1 before/clock-11m",     // gave up its rights for good, where one signature had become too old
	}
}

var trialName = regexp.MustCompile(`^([^/]+)/(.+) (\d+) (before|after)/([^/]+)$`)

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
	made, err := choose(trials, os.Getenv(chosen))
	if err != nil {
		t.Fatal(err)
	}
	r := &report{counts: map[[2]string]count{}}
	queue := make(chan trial)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for x := range queue {
				r.add(x, f.once(t, x))
			}
		})
	}
	for i, x := range made {
		queue <- x
		if i > 0 && i%500 == 0 {
			t.Logf("%d of %d", i, len(made))
		}
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
func choose(all []trial, want string) (out []trial, err error) {
	wanted := []string{want}
	switch want {
	case "all":
		return all, nil
	case "":
		wanted = regressions()
		for i := 0; i < len(all); i += part {
			out = append(out, all[i])
		}
	}
	for _, name := range wanted {
		pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(name), `\*`, ".*") + "$")
		before := len(out)
		for _, x := range all {
			if pattern.MatchString(x.String()) {
				out = append(out, x)
			}
		}
		if len(out) == before {
			return nil, fmt.Errorf("%q names none of %d trials", name, len(all))
		}
	}
	return out, nil
}

// count is of trials.
type count struct{ tried, passed int }

// report counts what came of the trials.
type report struct {
	mu     sync.Mutex
	counts map[[2]string]count // by kind and misfortune; where one is empty, of all
	failed []string
}

func (r *report) add(x trial, v verdict) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, of := range [][2]string{{x.kind.name, x.what.name}, {x.kind.name, ""}, {"", x.what.name}, {"", ""}} {
		n := r.counts[of]
		n.tried++
		if len(v) == 0 {
			n.passed++
		}
		r.counts[of] = n
	}
	if len(v) > 0 {
		r.failed = append(r.failed, fmt.Sprintf("make crash CRASH='%s'\n  %s", x, strings.Join(v, "\n  ")))
	}
}

// table is passed/tried by kind and misfortune, of those that were tried.
func (r *report) table(all int, took time.Duration) string {
	var b strings.Builder
	kinds, misfortunes := kinds(), misfortunes()
	cell := func(of ...string) {
		text := "-"
		if n := r.counts[[2]string{of[0], of[1]}]; n.tried > 0 {
			text = fmt.Sprintf("%d/%d", n.passed, n.tried)
		}
		fmt.Fprintf(&b, " %10s", text)
	}
	row := func(title, kind string) {
		fmt.Fprintf(&b, "%-21s", title)
		for _, m := range misfortunes {
			cell(kind, m.name)
		}
		cell(kind, "")
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "passed/tried by kind of change and misfortune\n%-21s", "")
	for _, m := range misfortunes {
		fmt.Fprintf(&b, " %10s", m.name)
	}
	fmt.Fprintf(&b, " %10s\n", "all")
	for _, k := range kinds {
		if r.counts[[2]string{k.name, ""}].tried > 0 {
			row(k.name, k.name)
		}
	}
	row("all", "")
	n := r.counts[[2]string{}]
	fmt.Fprintf(&b, "%d of %d trials passed; the whole matrix has %d; it took %s\n", n.passed, n.tried, all, took.Round(time.Second))
	return b.String()
}
