package recent

import (
	"testing"
	"time"
)

func TestValuesAreGoodForAWhile(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c := Keep[string, int](time.Minute)
	c.Put("a", 1, start)
	c.Put("b", 2, start.Add(50*time.Second))
	c.Put("d", 4, start)
	c.Drop("d")
	for _, ask := range []struct {
		key   string
		after time.Duration
		want  int // 0: none
	}{
		{"a", 0, 1},
		{"a", 59 * time.Second, 1},
		{"a", time.Minute, 0},
		{"b", time.Minute, 2},
		{"b", 49 * time.Second, 0}, // the clock was set back
		{"c", 0, 0},
		{"d", 0, 0},
	} {
		if got, ok := c.Get(ask.key, start.Add(ask.after)); got != ask.want || ok != (ask.want != 0) {
			t.Errorf("%s after %s: %d (%t), want %d", ask.key, ask.after, got, ok, ask.want)
		}
	}
}

func TestWhatIsOverIsDropped(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c := Keep[int, int](time.Minute)
	for i := range 1000 {
		c.Put(i, i, start.Add(time.Duration(i)*time.Second))
	}
	if n := len(c.values); n > 120 {
		t.Errorf("%d values are kept, of which 60 are good", n)
	}
}
