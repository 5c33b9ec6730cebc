package contract_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// clients are the names that the table of docs/emulator.md has for those who use an operation, and where they are tried.
func clients() map[string]string {
	return map[string]string{
		"cli": "../conformance/cli", "node": "../conformance/node", "python": "../conformance/python", "strangers": "../conformance/strangers",
		"go": "../sdk_test.go",
	}
}

// row is one operation of the table.
type row struct{ operation, recorded, clients string }

var cell = regexp.MustCompile("^\\| `([A-Z]+ [^`]+)` \\| ([^|]*) \\| ([^|]*) \\|$")

func table(t *testing.T) []row {
	t.Helper()
	text, err := os.ReadFile("../../docs/emulator.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for line := range strings.Lines(string(text)) {
		if m := cell.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			rows = append(rows, row{m[1], strings.TrimSpace(m[2]), strings.TrimSpace(m[3])})
		}
	}
	if len(rows) < 50 {
		t.Fatalf("docs/emulator.md has %d rows of operations: its table is not read", len(rows))
	}
	return rows
}

// The table of docs/emulator.md says which operations are held to recorded answers: exactly those that the stories do,
// with the first story that does it and how many others.
func TestTable(t *testing.T) {
	t.Parallel()
	told := map[string][]string{} // operation → stories
	for _, name := range []string{"graph", "arm", "entra"} {
		for _, s := range services(t)[name].Stories {
			for i := range s.Steps {
				if op := s.Steps[i].operation(); s.Steps[i].recorded() && !slices.Contains(told[op], s.Name) {
					told[op] = append(told[op], s.Name)
				}
			}
		}
	}
	seen := map[string]bool{}
	for _, r := range table(t) {
		op := canonical(r.operation)
		if seen[op] {
			t.Errorf("%s stands in the table twice", r.operation)
		}
		seen[op] = true
		if want := recorded(told[op]); r.recorded != want {
			t.Errorf("%s: the column recorded says %q, the stories say %q", r.operation, r.recorded, want)
		}
		for name := range strings.SplitSeq(r.clients, ", ") {
			if _, known := clients()[name]; !known && name != "" {
				t.Errorf("%s: nobody is called %q", r.operation, name)
			}
		}
	}
	for op, stories := range told {
		if !seen[op] {
			t.Errorf("%s of the story %q is not in the table", op, stories[0])
		}
	}
	for name, where := range clients() {
		if _, err := os.Stat(where); err != nil {
			t.Errorf("the client %s: %v", name, err)
		}
	}
}

func recorded(stories []string) string {
	switch len(stories) {
	case 0:
		return ""
	case 1:
		return stories[0]
	}
	return fmt.Sprintf("%s +%d", stories[0], len(stories)-1)
}
