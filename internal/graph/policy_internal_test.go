package graph

import (
	"testing"
	"time"
)

func TestParseISODuration(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"P90D": 90 * day, "P1Y": 365 * day, "P1Y6M": 545 * day, "P2W": 14 * day, "PT12H": 12 * time.Hour, "P4DT12H30M5S": 4*day + 12*time.Hour + 30*time.Minute + 5*time.Second,
		"": 0, "90D": 0, "P": 0, "PD": 0, "P9X": 0, "P99999999999D": 0, "P5": 0, "PT": 0,
	} {
		if got := parseISODuration(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
