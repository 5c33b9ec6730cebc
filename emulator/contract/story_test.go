package contract_test

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

//go:embed testdata/*.json
var files embed.FS

// story is a sequence of requests that somebody recorded.
type story struct {
	Name     string
	Source   string // public project and file
	Recorded string // yyyy-mm-dd, the answers' own date
	As       string // who asks: "app", the person before the @, or "" for nobody
	Note     string // where the story differs from the recording, and why
	Steps    []step
}

// step is one request and what must come back.
type step struct {
	Do     string            // method, path and query; {name} stands for a kept value
	As     *string           // another caller than the story's
	Host   string            // another host than the service's
	Send   map[string]string // request headers
	Body   any               // JSON; texts may have {name}
	Form   map[string]string
	Status int
	Ours   bool              // nobody recorded it: it prepares the steps that were
	Head   []any             // names of sets of headers, or objects of header: pattern
	Unit   string            // x-ms-resource-unit
	Want   any               // shape of the body; absent: no body at all
	Catch  map[string]string // name: a header and an expression whose group is the value, e.g. "location code=([^&]+)"
	Keep   map[string]string // name: where the value is in the answer, keys and indexes with | between
	Note   string
}

// service is one file of testdata.
type service struct {
	Host    string
	Scope   string
	Stories []story
}

// operation is the request without what differs between calls: "GET /v1.0/applications/{}".
func (s step) operation() string {
	method, target, _ := strings.Cut(s.Do, " ")
	path, query, _ := strings.Cut(target, "?")
	op := method + " " + path
	if strings.Contains(query, "$filter=") {
		op += "?$filter"
	}
	return canonical(op)
}

// recorded says that somebody recorded the step, and that it does not only prepare the others.
func (s step) recorded() bool { return !s.Ours && !strings.Contains(s.Do, " /_emulator/") }

// canonical makes the same text of all ways to write an operation: names and ids become {}, the scope of a role too, and
// letter case does not count.
func canonical(operation string) string {
	method, path, _ := strings.Cut(operation, " ")
	path = braces.ReplaceAllString(strings.ToLower(path), "{}")
	if at := strings.LastIndex(path, "/providers/microsoft.authorization/"); at >= 0 {
		path = "{}" + path[at:]
	}
	for _, name := range named {
		path = name.ReplaceAllString(path, "$1{}")
	}
	return strings.ToUpper(method) + " " + path
}

var (
	braces = regexp.MustCompile(`\{[^}]*\}`)
	named  = []*regexp.Regexp{ // what is followed by a name that differs between calls
		regexp.MustCompile(`(/resourcegroups/)[^/?]+`),
		regexp.MustCompile(`(/resourcegroups/\{\}/providers/).+`),
		regexp.MustCompile(`(/subscriptions/\{\}/providers/)[^/]+`),
		regexp.MustCompile(`(/locations/).+`),
		regexp.MustCompile(`(/managementgroups/)[^/?]+`),
		regexp.MustCompile(`(/provideroperations/)[^/?]+`),
		regexp.MustCompile(`(/v1\.0/users/)[^/?]+`),
		regexp.MustCompile(`(/v1\.0/users)\('[^/]*'\)`),
		regexp.MustCompile(`(/federatedidentitycredentials/)[^/?]+`),
		regexp.MustCompile(`(/userrealm/)[^/?]+`),
		regexp.MustCompile(`^(/)(?:organizations|common)`),
	}
)

func load(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := files.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func services(t *testing.T) map[string]service {
	t.Helper()
	all := map[string]service{}
	for _, name := range []string{"graph", "arm", "entra"} {
		var s service
		load(t, name+".json", &s)
		all[name] = s
	}
	return all
}

// vars are what a story knows by name.
type vars map[string]string

var variable = regexp.MustCompile(`\{([a-zA-Z]\w*)\}`)

// fill puts the values of names into a text; a name that is not known stays as it is.
func (v vars) fill(text string) string {
	return variable.ReplaceAllStringFunc(text, func(m string) string {
		if value, ok := v[m[1:len(m)-1]]; ok {
			return value
		}
		return m
	})
}

// fillAll fills all texts of a JSON value, keys too.
func (v vars) fillAll(value any) any {
	switch value := value.(type) {
	case string:
		return v.fill(value)
	case []any:
		out := make([]any, len(value))
		for i := range value {
			out[i] = v.fillAll(value[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(value))
		for key := range value {
			out[v.fill(key)] = v.fillAll(value[key])
		}
		return out
	}
	return value
}

// pick returns what stands at a place of an answer, e.g. "value|0|id".
func pick(answer any, place string) (string, error) {
	at := answer
	for name := range strings.SplitSeq(place, "|") {
		switch in := at.(type) {
		case map[string]any:
			at = in[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(in) {
				return "", fmt.Errorf("no element %s in a list of %d", name, len(in))
			}
			at = in[i]
		default:
			return "", fmt.Errorf("%s: nothing below %v", name, at)
		}
	}
	text, ok := at.(string)
	if !ok {
		return "", fmt.Errorf("%s is %v, which is no text", place, at)
	}
	return text, nil
}
