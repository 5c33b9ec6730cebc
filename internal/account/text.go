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
