package resource

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ErrDuration says what a duration looks like.
var ErrDuration = errors.New("not a duration such as 180d, 24h, 1d12h or 0s")

const day = 24 * time.Hour

// ParseDuration reads what time.ParseDuration reads, and whole days before it: "180d", "1d12h". Days are 24 hours.
// Negative durations are refused: none of Evercred's settings has a use for one.
func ParseDuration(text string) (time.Duration, error) {
	days, rest, found := strings.Cut(text, "d")
	if !found {
		return parseClockDuration(text)
	}
	n, err := strconv.ParseUint(days, 10, 32)
	if err != nil || int64(n) > math.MaxInt64/int64(day) {
		return 0, fmt.Errorf("%q is %w", text, ErrDuration)
	}
	sum := time.Duration(n) * day
	if rest == "" {
		return sum, nil
	}
	d, err := parseClockDuration(rest)
	if err != nil || sum > math.MaxInt64-d {
		return 0, fmt.Errorf("%q is %w", text, ErrDuration)
	}
	return sum + d, nil
}

func parseClockDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is %w", text, ErrDuration)
	}
	return d, nil
}

// FormatDuration writes whole days as days and anything else as Go does: "180d", "36h0m0s".
func FormatDuration(d time.Duration) string {
	if d >= day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	return d.String()
}
