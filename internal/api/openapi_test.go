package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/api"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/renewal"
)

var update = flag.Bool("update", false, "write openapi.json")

const committed = "openapi.json"

// document is the OpenAPI document as it is committed: indented, its names in order, and without the program's version,
// so that it changes when the API does and not else.
func document(t *testing.T) []byte {
	t.Helper()
	st, log := openStore(t, clock.System{}), slog.New(slog.DiscardHandler)
	h, err := api.New(api.Config{Engine: &renewal.Engine{}, Answers: st, Authn: doorkeeper(t, st, log), Logger: log, Version: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(ask(h, http.MethodGet, "/api/openapi.json", "", "").Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestOpenAPIFileIsFresh holds that the committed document, which the page's types are made from, is the API's.
func TestOpenAPIFileIsFresh(t *testing.T) {
	t.Parallel()
	got := document(t)
	if *update {
		if err := os.WriteFile(committed, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(committed)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is stale (-want +got):\n%s\nRun: go test ./internal/api -run OpenAPI -update; then npm run types in ui.", committed, diff)
	}
}

// schema is what the tests below read of a schema.
type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Enum       []string          `json:"enum"`
	Items      *schema           `json:"items"`
	AnyOf      []schema          `json:"anyOf"`
}

func schemas(t *testing.T) map[string]schema {
	t.Helper()
	var doc struct {
		Components struct {
			Schemas map[string]schema `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(document(t), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Components.Schemas) < 10 {
		t.Fatalf("%d schemas", len(doc.Components.Schemas))
	}
	return doc.Components.Schemas
}

// TestOpenAPIAnswersAreExact holds that what is always in an answer is required, and that no list may be null: the page
// trusts its types. Fields of requests are another matter.
func TestOpenAPIAnswersAreExact(t *testing.T) {
	t.Parallel()
	requests := []string{
		"BulkFilter", "BulkRequest", "CertificatePreviewRequest", "CheckRequest", "Choose", "Connect", "Create", "GrantRequest",
		"PermissionPreviewRequest", "Edit", "EditPolicy", "HandOverRequest", "Login", "Recreate", "Renew", "AccessToken",
		"SignInRequest", "SignInReturn", "SignInTokens", "UseSignIn",
	}
	optional := map[string][]string{
		"Problem":      {"field", "fields", "instance", "meaning", "remedy", "source"},
		"ProblemField": {"changed_at", "changed_by", "remedy"},
		"HandOver":     {"certificate_pem", "certificate_pfx", "secret"},
	}
	for name, s := range schemas(t) {
		for field, p := range s.Properties {
			if kinds, ok := p.Type.([]any); ok && slices.Contains(kinds, any("array")) {
				t.Errorf("%s.%s is a list that may be null", name, field)
			}
			if !slices.Contains(requests, name) && slices.Contains(s.Required, field) == slices.Contains(optional[name], field) {
				t.Errorf("%s.%s: required is %t", name, field, slices.Contains(s.Required, field))
			}
		}
	}
}

// TestOpenAPIEnumsAreTheCodes compares the enums in the tags of package resource with the constants of the domain.
func TestOpenAPIEnumsAreTheCodes(t *testing.T) {
	t.Parallel()
	all := schemas(t)
	for _, c := range []struct{ file, kind, schema, field string }{
		{"../account/state.go", "State", "Account", "state"},
		{"../account/state.go", "State", "Check", "state"},
		{"../account/state.go", "State", "AccountSummary", "state"},
		{"../account/state.go", "State", "StateCount", "state"},
		{"../account/listing.go", "Permissions", "AccountSummary", "permission_state"},
		{"../account/credential.go", "Kind", "Credential", "kind"},
		{"../account/credential.go", "Kind", "OtherCredential", "kind"},
		{"../account/credential.go", "Slot", "Credential", "slot"},
		{"../account/account.go", "Origin", "Account", "origin"},
		{"../account/operation.go", "OperationKind", "Operation", "kind"},
		{"../account/operation.go", "OperationState", "Operation", "state"},
		{"../certificate/facts.go", "Validity", "CertificatePreview", "state"},
		{"../renewal/preview.go", "Fits", "CertificatePreview", "fits"},
		{"../fault/fault.go", "Code", "Problem", "code"},
		{"../fault/fault.go", "Code", "Failure", "code"},
	} {
		want, got := constants(t, c.file, c.kind), slices.Clone(all[c.schema].Properties[c.field].Enum)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s.%s (-%s of %s +enum):\n%s", c.schema, c.field, c.kind, c.file, diff)
		}
	}
}

// constants reads the values of the constants of a type out of a file, in order.
func constants(t *testing.T, file, kind string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != kind {
			return true
		}
		for _, v := range spec.Values {
			if lit, ok := v.(*ast.BasicLit); ok {
				text, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, text)
			}
		}
		return true
	})
	slices.Sort(out)
	if len(out) == 0 {
		t.Fatalf("%s has no constants of %s", file, kind)
	}
	return out
}
