package renewal

import (
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/store"
)

// What has failed by itself is tried again later each time.
func TestNextTry(t *testing.T) {
	t.Parallel()
	closed := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	failed, done, open := store.Run{State: account.OpFailed, ClosedAt: &closed}, store.Run{State: account.OpDone, ClosedAt: &closed}, store.Run{State: account.OpRunning}
	for name, tc := range map[string]struct {
		last []store.Run
		want time.Duration // after closed; negative: at once
	}{
		"nothing yet":           {nil, -1},
		"one is open":           {[]store.Run{open, failed}, -1},
		"the last one was good": {[]store.Run{done, failed}, -1},
		"once":                  {[]store.Run{failed}, 15 * time.Minute},
		"twice":                 {[]store.Run{failed, failed}, time.Hour},
		"three times":           {[]store.Run{failed, failed, failed, done}, 6 * time.Hour},
		"often":                 {[]store.Run{failed, failed, failed, failed, failed, failed}, 24 * time.Hour},
	} {
		want := closed.Add(tc.want)
		if tc.want < 0 {
			want = time.Time{}
		}
		if got := nextTry(tc.last); !got.Equal(want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
