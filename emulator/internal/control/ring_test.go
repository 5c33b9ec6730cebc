package control

import (
	"testing"

	"github.com/evercred/evercred/emulator/script"
)

func TestRing(t *testing.T) {
	t.Parallel()
	l := newRequestLog(3)
	var numbers []int
	add := func(path string) { numbers = append(numbers, l.begin(script.Request{Path: path})) }
	paths := func() (s string) {
		for _, e := range l.all() {
			s += e.Path
		}
		return s
	}
	for _, p := range []string{"a", "b", "c", "d", "e"} {
		add(p)
	}
	if got := paths(); got != "cde" {
		t.Fatalf("kept %q, want cde", got)
	}
	l.end(numbers[0], 200, 1, "gone", false) // overwritten meanwhile
	l.end(numbers[3], 201, 2, "d", false)
	for _, e := range l.all() {
		if (e.Path == "d") != (e.Status == 201) || e.Caller == "gone" {
			t.Errorf("entry %+v", e)
		}
	}
	l.clear()
	l.end(numbers[4], 200, 1, "gone", false)
	add("f")
	add("g")
	if got := paths(); got != "fg" {
		t.Errorf("after clearing: %q, want fg", got)
	}
	if e := l.all()[0]; e.Status != 0 {
		t.Errorf("an entry from before the clearing ended another: %+v", e)
	}
}

func FuzzRules(f *testing.F) {
	f.Add([]byte(`{"rules":[{"drop":"after","cut_connection":true,"then":[{"action":"remove_owner","of":"caller"}]}]}`))
	f.Add([]byte(`{"error":"7000215","hold":3,"probability":0.5,"caller":"x"}`))
	f.Add([]byte(`[{"service":"graph","path":"/a/*","times":2,"answer":{"status":429,"retry_after":1,"body":{"a":1}}}]`))
	f.Add([]byte(`{"rules":[{"drop":"after"}]}`))
	f.Add([]byte(`{"delay":"1s","status":500}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		rules, err := parseRules(raw)
		if err != nil {
			return
		}
		for _, r := range rules {
			r.pattern.match("/v1.0/applications")
			if r.delay < 0 || r.delay > maxDelay || r.Answer != nil && (r.Answer.Status < 200 || r.Answer.Status > 599) {
				t.Errorf("accepted %+v", r)
			}
		}
	})
}
