package control

import (
	"net/http"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// farthest is how far the clock may be moved from the wall clock.
const farthest = 50 * 365 * 24 * time.Hour

// farthestSkew is how far the services' clocks may be from the emulator's.
const farthestSkew = 366 * 24 * time.Hour

type clockView struct {
	Now    string `json:"now"`    // RFC 3339, UTC
	Offset string `json:"offset"` // from the wall clock, as a Go duration
	Skew   string `json:"skew"`   // of the services' clocks from this one
}

func (c *Control) clock(*http.Request, []string) (any, error) {
	var v clockView
	c.directory.Read(func() { v = c.viewClock() })
	return v, nil
}

func (c *Control) viewClock() clockView {
	s := c.directory.Settings()
	return clockView{c.directory.Now().Format(time.RFC3339), s.ClockOffset.String(), s.Skew.String()}
}

// clockChange is the body of POST /_emulator/clock.
type clockChange struct {
	Advance *string `json:"advance"`
	Now     *string `json:"now"`
	Offset  *string `json:"offset"`
	Skew    *string `json:"skew"`
}

// moveClock takes at most one of advance (a duration, may be negative), now (a time) and offset (from the wall clock),
// and skew (a duration) with or without them.
func (c *Control) moveClock(r *http.Request, _ []string) (any, error) {
	var in clockChange
	if err := read(r, &in); err != nil {
		return nil, err
	}
	given := 0
	for _, v := range []*string{in.Advance, in.Now, in.Offset} {
		if v != nil {
			given++
		}
	}
	if given > 1 || given == 0 && in.Skew == nil {
		return nil, invalid("advance", `Give one of "advance" (a duration such as "720h", negative to go back), "now" (a time such as "2030-01-02T03:04:05Z") or "offset" (a duration from the wall clock); "skew" (a duration) puts the services' clocks ahead of it.`)
	}
	var v clockView
	err := c.directory.Write(func() error {
		settings := c.directory.Settings()
		if err := in.apply(&settings); err != nil {
			return err
		}
		c.directory.SetSettings(settings)
		v = c.viewClock()
		return nil
	})
	return v, err
}

func (in clockChange) apply(settings *directory.Settings) error {
	field := "now"
	switch {
	case in.Advance != nil:
		d, err := time.ParseDuration(*in.Advance)
		if err != nil || d.Abs() > 2*farthest {
			return invalid("advance", `"advance" is not a duration such as "720h" or "-90m": %q.`, *in.Advance)
		}
		field, settings.ClockOffset = "advance", settings.ClockOffset+d
	case in.Offset != nil:
		d, err := time.ParseDuration(*in.Offset)
		if err != nil {
			return invalid("offset", `"offset" is not a duration such as "720h": %q.`, *in.Offset)
		}
		field, settings.ClockOffset = "offset", d
	case in.Now != nil:
		t, err := time.Parse(time.RFC3339, *in.Now)
		if err != nil {
			return invalid("now", `"now" is not a time such as "2030-01-02T03:04:05Z": %q.`, *in.Now)
		}
		settings.ClockOffset = time.Until(t)
	}
	if settings.ClockOffset.Abs() > farthest {
		return invalid(field, "The clock cannot be moved more than 50 years from the wall clock.")
	}
	if in.Skew != nil {
		skew, err := parseSkew(*in.Skew, "skew")
		if err != nil {
			return err
		}
		settings.Skew = skew
	}
	return nil
}

func parseSkew(text, field string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d.Abs() > farthestSkew {
		return 0, invalid(field, `"skew" is not a duration of at most a year such as "10m" or "-90s": %q.`, text)
	}
	return d, nil
}
