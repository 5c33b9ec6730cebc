package account

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

func itoa(n int) string        { return strconv.Itoa(n) }
func quoteRune(r rune) string  { return strconv.QuoteRune(r) }
func quote(text string) string { return strconv.Quote(text) }

// Duration is a time.Duration that is written as Go writes it ("24h0m0s") in JSON.
type Duration time.Duration

// MarshalJSON writes the duration as text.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON reads a duration from text.
func (d *Duration) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	v, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("reading duration %s: %w", quote(text), err)
	}
	*d = Duration(v)
	return nil
}

// Span says a length of time in words, in its largest whole unit: "24 hours", "7 days", "90 minutes".
func Span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day && d%day == 0:
		return plural(int(d/day), "day")
	case d >= time.Hour && d%time.Hour == 0:
		return plural(int(d/time.Hour), "hour")
	case d >= time.Minute && d%time.Minute == 0:
		return plural(int(d/time.Minute), "minute")
	}
	return d.String()
}

// Moment is how each text for people says a time: "2026-12-02 09:00 UTC". Whoever shows such a text beside times of another
// zone finds them by this shape, as the page does.
func Moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") + " UTC" }
