package renewal

import (
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
)

// What has failed by itself is tried again later each time, and what a person has begun does not count.
func TestNextTry(t *testing.T) {
	t.Parallel()
	closed := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	op := func(kind account.OperationKind, state account.OperationState, by string) *account.Operation {
		return &account.Operation{Kind: kind, State: state, StartedBy: by, ClosedAt: &closed}
	}
	failed, other := op(account.OpRenew, account.OpFailed, "evercred"), op(account.OpCheck, account.OpDone, "evercred")
	for name, tc := range map[string]struct {
		last []*account.Operation
		want time.Duration // after closed; negative: at once
	}{
		"nothing yet":           {nil, -1},
		"a person failed":       {[]*account.Operation{op(account.OpRenew, account.OpFailed, "admin")}, -1},
		"the last one was good": {[]*account.Operation{op(account.OpRenew, account.OpDone, "evercred"), failed}, -1},
		"once":                  {[]*account.Operation{other, failed}, 15 * time.Minute},
		"twice":                 {[]*account.Operation{failed, other, failed}, time.Hour},
		"three times":           {[]*account.Operation{failed, failed, failed}, 6 * time.Hour},
		"often":                 {[]*account.Operation{failed, failed, failed, failed, failed, failed}, 24 * time.Hour},
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
