package control

import (
	"errors"
	"net/http"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/entra"
	"github.com/evercred/evercred/emulator/script"
)

// orders of replicas.
const (
	byTurns  = "turns"
	byChance = "random"
)

func (c *Control) replication(*http.Request, []string) (any, error) {
	var v script.Replication
	c.directory.Read(func() {
		s := c.directory.Settings()
		v = script.Replication{Delay: s.ReplicationDelay.String(), Replicas: max(1, s.Replicas), Order: byTurns, Seed: s.Seed}
		if s.RandomReplica {
			v.Order = byChance
		}
	})
	return v, nil
}

func (c *Control) setReplication(r *http.Request, _ []string) (any, error) {
	var in script.Replication
	if err := read(r, &in); err != nil {
		return nil, err
	}
	var settings directory.Settings
	c.directory.Read(func() { settings = c.directory.Settings() })
	if err := c.setCloud(in, settings.Skew); err != nil {
		return nil, err
	}
	return c.replication(r, nil)
}

// setCloud sets what the directory keeps of a scenario.
func (c *Control) setCloud(in script.Replication, skew time.Duration) error {
	d, err := time.ParseDuration(in.Delay)
	if err != nil || d < 0 || d > 24*time.Hour {
		return invalid("delay", `"delay" is not a duration from "0s" to "24h": %q.`, in.Delay)
	}
	if in.Replicas < 0 || in.Replicas > directory.MaxReplicas {
		return invalid("replicas", `"replicas" is a number from 1 to %d.`, directory.MaxReplicas)
	}
	switch in.Order {
	case "", byTurns, byChance:
	default:
		return invalid("order", `"order" is %s or %s, not %q.`, byTurns, byChance, in.Order)
	}
	return c.directory.Write(func() error {
		settings := c.directory.Settings()
		settings.ReplicationDelay, settings.Replicas = d, in.Replicas
		settings.RandomReplica, settings.Seed, settings.Skew = in.Order == byChance, in.Seed, skew
		c.directory.SetSettings(settings)
		return nil
	})
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
