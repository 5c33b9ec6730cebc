// Package evercred_test holds the rules of the whole repository: which package may import which.
package evercred_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/evercred/evercred/"

// rows are the rooms of internal/, from the lowest to the highest. A room may import rooms of lower rows only; what it
// may import of its own row stands in neighbours. docs/architecture.md draws the same picture.
func rows() [][]string {
	return [][]string{
		{"fault", "secret", "clock", "cloud", "recent"},
		{"account", "permission"}, // rules without I/O
		{"azure"},                 // what the clients of Microsoft share: transport, pipeline, errors
		{"entra", "graph", "arm", "certificate", "seal", "store"},
		{"renewal", "signin", "alert", "authn"},
		{"api", "jobs", "web"},
		{"app"},
	}
}

// neighbours are the imports allowed within a row: importer → imported.
func neighbours() map[string][]string {
	return map[string][]string{
		"account": {"permission"},
		"entra":   {"certificate"}, // a certificate is one of the credentials it authenticates with
		"store":   {"seal"},        // no secret reaches a table unsealed
		"renewal": {"signin", "alert"},
	}
}

// A reservation keeps a module to the rooms that are made for it, so that the rest of the code cannot grow round it.
type reservation struct {
	prefix   string   // of the import path
	rooms    []string // folders that may import it, with those below; none: nobody
	testsToo bool     // the reservation binds tests as well
	whyNot   string
}

func reservations() []reservation {
	return []reservation{
		{"golang.org/x/crypto/pkcs12", nil, true, "it cannot read modern files; use internal/certificate"},
		{"software.sslmate.com/src/go-pkcs12", []string{"internal/certificate", "emulator"}, false, "one reader decides what a good PFX is"},
		{"modernc.org/sqlite", []string{"internal/store"}, false, "one writer connection is the store's promise"},
		{"database/sql", []string{"internal/store"}, false, "one writer connection is the store's promise"},
		{"github.com/pressly/goose", []string{"internal/store"}, false, "migrations belong to the store"},
		{"github.com/tink-crypto", []string{"internal/seal"}, false, "one room knows how secrets are sealed"},
		{"github.com/Azure/azure-sdk-for-go/sdk/azidentity", nil, false, "docs/adr/0001: Microsoft's clients are strangers in tests"},
		{"github.com/AzureAD/", nil, false, "docs/adr/0001: Microsoft's clients are strangers in tests"},
		{"github.com/Azure/", []string{"internal/azure", "internal/graph", "internal/arm"}, false, "docs/adr/0007: no write is retried, which only these rooms know"},
		{"github.com/danielgtaylor/huma", []string{"internal/api"}, false, "HTTP stays in the API"},
		{"github.com/alexedwards/scs", []string{"internal/authn"}, false, "one room knows what a session is"},
		{"github.com/alecthomas/kong", []string{"cmd"}, false, "flags stay in the command"},
		{"log", nil, false, "log with log/slog and fields"},
		{"math/rand", nil, false, "use crypto/rand for secrets and math/rand/v2 for jitter"},
	}
}

// pure are the rooms without I/O: what they say depends on what they are given and on nothing else.
func pure() []string {
	return []string{"internal/fault", "internal/secret", "internal/account", "internal/permission"}
}

func ioPackages() []string {
	return []string{"net", "net/http", "os", "os/exec", "io/ioutil", "database/sql", "syscall"}
}

// edge is one import: the folder of the importing file, relative to the repository and with slashes, and the path.
type edge struct {
	from, to string
	test     bool // the file is a test, or stands in a package for tests (its folder's name ends in "test")
	file     string
}

// objection returns why an import is not allowed, or "".
func objection(e edge) string {
	to, ours := strings.CutPrefix(e.to, module)
	if !ours {
		return objectionToModule(e)
	}
	switch {
	case within(e.from, "emulator") && within(to, "internal"):
		return "the emulator imports nothing of internal, tests included: others import it without the rest"
	case within(e.from, "internal") && within(to, "emulator"):
		if e.test || e.file == "internal/app/demo.go" {
			return ""
		}
		return "of internal only tests and the demo (internal/app/demo.go) import the emulator"
	case within(e.from, "ui"):
		return "the built page imports nothing"
	case to == "ui":
		if within(e.from, "internal/app") || e.test {
			return ""
		}
		return "the built page is put in by internal/app; internal/web serves any files"
	case within(to, "cmd") && !within(e.from, "cmd"):
		return "nothing imports a command"
	case e.test || !within(e.from, "internal"):
		return ""
	}
	return objectionToRoom(room(e.from), room(to))
}

func objectionToRoom(from, to string) string {
	below, above := rowOf(to), rowOf(from)
	switch {
	case from == to:
		return ""
	case above < 0:
		return fmt.Sprintf("internal/%s stands in no row: say in architecture_test.go and docs/architecture.md where it belongs", from)
	case below < 0:
		return fmt.Sprintf("internal/%s stands in no row: say in architecture_test.go and docs/architecture.md where it belongs", to)
	case below < above, below == above && slices.Contains(neighbours()[from], to):
		return ""
	}
	return fmt.Sprintf("dependencies point down: internal/%s may not import internal/%s", from, to)
}

func objectionToModule(e edge) string {
	if slices.Contains(pure(), roomFolder(e.from)) && !e.test && slices.Contains(ioPackages(), e.to) {
		return "this room has rules and no I/O"
	}
	for _, r := range reservations() {
		if !matches(e.to, r.prefix) || e.test && !r.testsToo {
			continue
		}
		if slices.ContainsFunc(r.rooms, func(folder string) bool { return within(e.from, folder) }) {
			return ""
		}
		return r.whyNot
	}
	return ""
}

// matches tells whether an import path is the reserved one or below it. A prefix that ends in a slash is a family.
func matches(imported, prefix string) bool {
	if strings.HasSuffix(prefix, "/") {
		return strings.HasPrefix(imported, prefix)
	}
	if prefix == "log" || prefix == "math/rand" {
		return imported == prefix // log/slog and math/rand/v2 are what to use instead
	}
	return within(imported, prefix)
}

func within(folder, parent string) bool {
	return folder == parent || strings.HasPrefix(folder, parent+"/")
}

// room is the name of a folder of internal/, whatever the depth.
func room(folder string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(folder, "internal/"), "/")
	return name
}

func roomFolder(folder string) string {
	if !within(folder, "internal") {
		return folder
	}
	return "internal/" + room(folder)
}

func rowOf(name string) int {
	return slices.IndexFunc(rows(), func(row []string) bool { return slices.Contains(row, name) })
}

// imports reads the import clauses of every Go file below root.
func imports(root string) ([]edge, error) {
	var out []edge
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			hidden := strings.HasPrefix(d.Name(), ".") && rel != "."
			if hidden || rel == "tools" || rel == "bin" || d.Name() == "testdata" || d.Name() == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(rel) != ".go" {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return fmt.Errorf("reading the imports of %s: %w", rel, err)
		}
		folder := path.Dir(rel)
		test := strings.HasSuffix(rel, "_test.go") || strings.HasSuffix(folder, "test")
		for _, spec := range file.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return fmt.Errorf("reading the imports of %s: %w", rel, err)
			}
			out = append(out, edge{from: folder, to: to, test: test, file: rel})
		}
		return nil
	})
	return out, err
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	edges, err := imports(".")
	if err != nil {
		t.Fatal(err)
	}
	ours := 0
	for _, e := range edges {
		if strings.HasPrefix(e.to, module) {
			ours++
		}
		if why := objection(e); why != "" {
			t.Errorf("%s imports %s: %s", e.file, e.to, why)
		}
	}
	if ours < 20 {
		t.Errorf("saw %d imports between packages of this module; the walk has missed the code", ours)
	}
}

// TestImportRulesObject shows that the rules above can say no, and that they say yes where they should.
func TestImportRulesObject(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		file    string
		to      string
		refused bool
	}{
		{"down a row", "internal/renewal/engine.go", module + "internal/store", false},
		{"down several rows", "internal/api/server.go", module + "internal/account", false},
		{"up a row", "internal/store/store.go", module + "internal/renewal", true},
		{"up from the bottom", "internal/fault/fault.go", module + "internal/account", true},
		{"across a row", "internal/graph/graph.go", module + "internal/arm", true},
		{"across a row, allowed", "internal/entra/client.go", module + "internal/certificate", false},
		{"across a row, the other way", "internal/certificate/pfx.go", module + "internal/entra", true},
		{"within a room", "internal/api/server.go", module + "internal/api/resource", false},
		{"up from below a room", "internal/store/migrations/m.go", module + "internal/app", true},
		{"to a room without a row", "internal/app/app.go", module + "internal/helpers", true},
		{"from a room without a row", "internal/helpers/h.go", module + "internal/account", true},
		{"up, in a test", "internal/store/store_test.go", module + "internal/app", false},
		{"command to anything", "cmd/evercred/main.go", module + "internal/app", false},
		{"command to emulator", "cmd/evercred/emulator.go", module + "emulator", false},
		{"within a command", "cmd/evercred/root.go", module + "cmd/evercred/internal/view", false},
		{"to a command", "internal/app/app.go", module + "cmd/evercred", true},
		{"emulator to internal", "emulator/server.go", module + "internal/clock", true},
		{"emulator's test to internal", "emulator/server_test.go", module + "internal/clock", true},
		{"emulator to itself", "emulator/server.go", module + "emulator/internal/token", false},
		{"internal to emulator", "internal/app/app.go", module + "emulator", true},
		{"demo to emulator", "internal/app/demo.go", module + "emulator", false},
		{"test to emulator", "internal/graph/client_test.go", module + "emulator", false},
		{"package for tests to emulator", "internal/app/apptest/start.go", module + "emulator", false},
		{"the page into the app", "internal/app/app.go", module + "ui", false},
		{"the page elsewhere", "internal/web/web.go", module + "ui", true},
		{"from the page", "ui/ui.go", module + "internal/fault", true},
		{"sessions in their room", "internal/authn/session.go", "github.com/alexedwards/scs/v2", false},
		{"sessions elsewhere", "internal/api/session.go", "github.com/alexedwards/scs/v2", true},
		{"old PKCS#12 reader", "internal/certificate/pfx.go", "golang.org/x/crypto/pkcs12", true},
		{"old PKCS#12 reader in a test", "internal/certificate/pfx_test.go", "golang.org/x/crypto/pkcs12", true},
		{"PKCS#12 in its room", "internal/certificate/pfx.go", "software.sslmate.com/src/go-pkcs12", false},
		{"PKCS#12 elsewhere", "cmd/evercred/connect.go", "software.sslmate.com/src/go-pkcs12", true},
		{"SQLite in the store", "internal/store/open.go", "modernc.org/sqlite", false},
		{"SQLite elsewhere", "internal/jobs/sweep.go", "modernc.org/sqlite", true},
		{"SQL elsewhere", "internal/api/server.go", "database/sql", true},
		{"azidentity in the product", "internal/entra/client.go", "github.com/Azure/azure-sdk-for-go/sdk/azidentity", true},
		{"azidentity in a test", "emulator/sdk_test.go", "github.com/Azure/azure-sdk-for-go/sdk/azidentity", false},
		{"MSAL in the product", "internal/signin/device.go", "github.com/AzureAD/microsoft-authentication-library-for-go/apps/public", true},
		{"azcore in a client", "internal/arm/client.go", "github.com/Azure/azure-sdk-for-go/sdk/azcore", false},
		{"azcore elsewhere", "internal/renewal/execute.go", "github.com/Azure/azure-sdk-for-go/sdk/azcore", true},
		{"log", "internal/app/app.go", "log", true},
		{"slog", "internal/app/app.go", "log/slog", false},
		{"I/O in a pure room", "internal/account/account.go", "net/http", true},
		{"I/O in a test of a pure room", "internal/account/account_test.go", "os", false},
		{"I/O where it belongs", "internal/cloud/cloud.go", "net/http", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			folder := path.Dir(c.file)
			test := strings.HasSuffix(c.file, "_test.go") || strings.HasSuffix(folder, "test")
			why := objection(edge{from: folder, to: c.to, test: test, file: c.file})
			if (why != "") != c.refused {
				t.Errorf("%s imports %s: got objection %q, want refused = %t", c.file, c.to, why, c.refused)
			}
		})
	}
}
