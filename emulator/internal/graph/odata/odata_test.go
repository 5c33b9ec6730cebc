package odata_test

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

func things() *odata.Kind {
	k := odata.NewKind("things", "Thing", false, []odata.Property{
		{Name: "id", ReadOnly: true},
		{Name: "displayName"},
		{Name: "tags", Form: odata.Texts, Initial: json.RawMessage(`[]`)},
		{Name: "isOn", Form: odata.Flag},
		{Name: "web", Form: odata.Composite, Initial: json.RawMessage(`{"a":null,"list":[]}`)},
	})
	k.Indexed = []string{"displayName", "tags"}
	return k
}

func value(name string) any {
	return map[string]any{"displayName": "Backup", "tags": []string{"a", "b"}, "isOn": true, "web": json.RawMessage(`{"a":"x","list":[1]}`)}[name]
}

func TestFilter(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]struct {
		matches bool
		bounds  []odata.Bound
	}{
		"displayName eq 'backup'":                                     {true, []odata.Bound{{Property: "displayName", Value: "backup"}}},
		"displayName eq 'a' or displayName eq 'b'":                    {false, []odata.Bound{{Property: "displayName", Value: "a"}, {Property: "displayName", Value: "b"}}},
		"displayName eq 'a' or isOn eq true":                          {true, nil},
		"isOn eq true and tags/any(t:t eq 'b')":                       {true, []odata.Bound{{Property: "tags", Value: "b"}}},
		"tags/any(t:t eq 'c' or t eq 'b')":                            {true, []odata.Bound{{Property: "tags", Value: "c"}, {Property: "tags", Value: "b"}}},
		"tags/any(t:startswith(t,'b'))":                               {true, nil},
		"displayName in ('x','backup')":                               {true, []odata.Bound{{Property: "displayName", Value: "x"}, {Property: "displayName", Value: "backup"}}},
		"not (displayName eq 'backup')":                               {false, nil},
		"startswith(displayName,'ba') and web/a eq 'x'":               {true, nil},
		"displayName eq 'a' and (displayName eq 'b' or isOn eq true)": {false, []odata.Bound{{Property: "displayName", Value: "a"}}},
	} {
		f, err := odata.ParseFilter(things(), source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got := f.Matches(value); got != want.matches {
			t.Errorf("%s: matches %v", source, got)
		}
		if d := cmp.Diff(want.bounds, f.Bounds); d != "" {
			t.Errorf("%s: bounds (-want +got):\n%s", source, d)
		}
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	for patch, want := range map[string]string{
		`{}`:                      `{"a":null,"list":[],"in":{"b":1}}`,
		`{"a":"x"}`:               `{"a":"x","list":[],"in":{"b":1}}`,
		`{"in":{"b": 2}}`:         `{"a":null,"list":[],"in":{"b":2}}`,
		`{"list":[ {"c":1} ]}`:    `{"a":null,"list":[{"c":1}],"in":{"b":1}}`,
		`{"a@odata.type":"#x"}`:   `{"a":null,"list":[],"in":{"b":1}}`,
		`{"a":"\u00e9 \" quote"}`: `{"a":"\u00e9 \" quote","list":[],"in":{"b":1}}`,
	} {
		got, err := odata.Merge(json.RawMessage(`{"a":null,"list":[],"in":{"b":1}}`), json.RawMessage(patch))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", patch, got, err)
		}
	}
	for _, patch := range []string{`{"z":1}`, `{"list":null}`, `{"list":{}}`, `{"in":[]}`} {
		if got, err := odata.Merge(json.RawMessage(`{"a":null,"list":[],"in":{"b":1}}`), json.RawMessage(patch)); err == nil {
			t.Errorf("%s was taken: %s", patch, got)
		}
	}
}

func TestBare(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"a":[{"@odata.type":"#x","b":{"c@odata.bind":[],"d":"e@f"}}]}`: `{"a":[{"b":{"d":"e@f"}}]}`,
		`"a@b"`:            `"a@b"`,
		`[1,"@",{"@x":1}]`: `[1,"@",{}]`,
	} {
		if got := string(odata.Bare(json.RawMessage(in))); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}

func TestReadObject(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ kind, encoding, body, message string }{
		"no type":          {"", "", `{}`, "Content-Type"},
		"a form":           {"application/x-www-form-urlencoded", "", `a=b`, "JSON Content-Type"},
		"nothing":          {"application/json", "", "", "Empty Payload"},
		"a list":           {"application/json", "", `[]`, "Unable to read JSON"},
		"cut short":        {"application/json", "", `{"a":`, "Unable to read JSON"},
		"no UTF-8":         {"application/json", "", "{\"a\":\"\xff\"}", "Unable to read JSON"},
		"a property twice": {"application/json", "", `{"a":{"b":1,"b":2}}`, "Multiple properties with the name 'b'"},
		"no gzip":          {"application/json", "gzip", `{}`, "Unable to read JSON"},
		"brotli":           {"application/json", "br", `{}`, "'br' is not supported"},
		"too large":        {"application/json", "", `{"a":"` + strings.Repeat("x", 3<<20) + `"}`, "too large"},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(test.body))
		r.Header.Set("Content-Type", test.kind)
		r.Header.Set("Content-Encoding", test.encoding)
		_, err := odata.ReadObject(r)
		var p *odata.Problem
		if !errors.As(err, &p) || !strings.Contains(p.Message, test.message) || p.Status < 400 || p.Status > 499 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever a filter says, it is refused with a problem or it can be asked about any object.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{
		"displayName eq 'a' and (tags/any(t:t eq 'x') or not isOn)", "web/a ge 2020-01-01T00:00:00Z", "displayName in ('a',null)", "tags/any()",
		"endsWith(displayName,'x') eq true", "id eq 795b1624-5b39-4705-bfea-48a52592e18f", "((((", "'", "a/b/c lt -1.5",
	} {
		f.Add(s)
	}
	k := things()
	f.Fuzz(func(t *testing.T, source string) {
		parsed, err := odata.ParseFilter(k, source)
		var p *odata.Problem
		switch {
		case err == nil:
			parsed.Matches(value)
			parsed.Matches(func(string) any { return nil })
		case !errors.As(err, &p) || p.Status != 400:
			t.Fatalf("%q: %v", source, err)
		}
	})
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"/v1.0/applications(appId='x')/owners/$ref", "/beta/users('a%27%27b')", "/v1.0//", "/v2/x", "/v1.0/%zz", "/v1.0/a(b=)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		version, segments, err := odata.ParsePath(path)
		var p *odata.Problem
		switch {
		case err == nil && (version != "v1.0" && version != "beta"):
			t.Fatalf("%q: version %q", path, version)
		case err != nil && (!errors.As(err, &p) || p.Status != 400 || segments != nil):
			t.Fatalf("%q: %v", path, err)
		}
	})
}
