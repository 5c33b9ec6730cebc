package control

import (
	"errors"
	"net/http"
	"time"

	"github.com/evercred/evercred/emulator/internal/entra"
)

// farthest is how far the clock may be moved from the wall clock.
const farthest = 50 * 365 * 24 * time.Hour

type clockView struct {
	Now    string `json:"now"`    // RFC 3339, UTC
	Offset string `json:"offset"` // from the wall clock, as a Go duration
}

func (c *Control) clock(*http.Request, []string) (any, error) {
	var v clockView
	c.directory.Read(func() { v = c.viewClock() })
	return v, nil
}

func (c *Control) viewClock() clockView {
	return clockView{c.directory.Now().Format(time.RFC3339), c.directory.Settings().ClockOffset.String()}
}

// moveClock takes one of advance (a duration, may be negative), now (a time) and offset (from the wall clock).
func (c *Control) moveClock(r *http.Request, _ []string) (any, error) {
	var in struct {
		Advance *string `json:"advance"`
		Now     *string `json:"now"`
		Offset  *string `json:"offset"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	given := 0
	for _, v := range []*string{in.Advance, in.Now, in.Offset} {
		if v != nil {
			given++
		}
	}
	if given != 1 {
		return nil, invalid("advance", `Give one of "advance" (a duration such as "720h", negative to go back), "now" (a time such as "2030-01-02T03:04:05Z") or "offset" (a duration from the wall clock).`)
	}
	var v clockView
	err := c.directory.Write(func() error {
		settings := c.directory.Settings()
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
		default:
			t, err := time.Parse(time.RFC3339, *in.Now)
			if err != nil {
				return invalid("now", `"now" is not a time such as "2030-01-02T03:04:05Z": %q.`, *in.Now)
			}
			settings.ClockOffset = time.Until(t)
		}
		if settings.ClockOffset.Abs() > farthest {
			return invalid(field, "The clock cannot be moved more than 50 years from the wall clock.")
		}
		c.directory.SetSettings(settings)
		v = c.viewClock()
		return nil
	})
	return v, err
}

type replicationView struct {
	Delay string `json:"delay"`
}

func (c *Control) replication(*http.Request, []string) (any, error) {
	var v replicationView
	c.directory.Read(func() { v.Delay = c.directory.Settings().ReplicationDelay.String() })
	return v, nil
}

func (c *Control) setReplication(r *http.Request, _ []string) (any, error) {
	var in replicationView
	if err := read(r, &in); err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(in.Delay)
	if err != nil || d < 0 || d > 24*time.Hour {
		return nil, invalid("delay", `"delay" is not a duration from "0s" to "24h": %q.`, in.Delay)
	}
	err = c.directory.Write(func() error {
		settings := c.directory.Settings()
		settings.ReplicationDelay = d
		c.directory.SetSettings(settings)
		return nil
	})
	return replicationView{d.String()}, err
}

type deviceCodeView struct {
	UserCode string `json:"user_code"`
	Status   string `json:"status"`
}

// approve enters a device code as the person named.
func (c *Control) approve(r *http.Request, segments []string) (any, error) {
	var in struct {
		User string `json:"user"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	err := c.signIns.Approve(segments[1], in.User)
	if errors.Is(err, entra.ErrUnknownUser) {
		return nil, invalid("user", "There is no user %q. GET /_emulator/users lists them.", in.User)
	}
	return deviceCodeView{segments[1], "approved"}, codeRefusal(segments[1], err)
}

// deny refuses a device code, as a person does who declines.
func (c *Control) deny(_ *http.Request, segments []string) (any, error) {
	err := c.signIns.Deny(segments[1])
	return deviceCodeView{segments[1], "denied"}, codeRefusal(segments[1], err)
}

func codeRefusal(userCode string, err error) error {
	switch {
	case errors.Is(err, entra.ErrUnknownCode):
		return &refusal{http.StatusNotFound, "DeviceCodeNotFound", "user_code", "No sign-in waits with the code " + userCode + "."}
	case errors.Is(err, entra.ErrCodeExpired):
		return &refusal{http.StatusConflict, "DeviceCodeExpired", "user_code", "The code " + userCode + " has expired. Start the sign-in again."}
	case errors.Is(err, entra.ErrCodeUsed):
		return &refusal{http.StatusConflict, "DeviceCodeSettled", "user_code", "The sign-in with the code " + userCode + " was answered before."}
	}
	return err
}

type userView struct {
	UserPrincipalName string   `json:"user_principal_name"`
	ID                string   `json:"id"`
	DisplayName       string   `json:"display_name"`
	Roles             []string `json:"directory_roles"`
	DeviceCodeBlocked bool     `json:"device_code_blocked"`
}

func (c *Control) users(*http.Request, []string) (any, error) {
	list := []userView{}
	c.directory.Read(func() {
		for _, u := range c.directory.Users.All() {
			list = append(list, userView{u.UserPrincipalName, u.ID, u.DisplayName, append([]string{}, u.Roles...), u.DeviceCodeBlocked})
		}
	})
	return list, nil
}

type applicationView struct {
	DisplayName string     `json:"display_name"`
	AppID       string     `json:"app_id"`
	ID          string     `json:"id"`
	Passwords   int        `json:"passwords"`
	Keys        int        `json:"keys"`
	DeletedAt   *time.Time `json:"deleted_at,omitempty"` // soft-deleted
}

func (c *Control) applications(*http.Request, []string) (any, error) {
	list := []applicationView{}
	c.directory.Read(func() {
		for _, a := range c.directory.Applications.All() {
			list = append(list, applicationView{a.DisplayName, a.AppID, a.ID, len(a.Passwords), len(a.Keys), a.DeletedAt})
		}
	})
	return list, nil
}
