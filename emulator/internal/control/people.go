package control

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/entra"
)

// access shows what Conditional Access refuses a person.
func (c *Control) access(_ *http.Request, segments []string) (any, error) {
	rules, found := []directory.AccessRule{}, false
	c.directory.Read(func() {
		var u *directory.User
		if u, found = c.directory.Users.Find(strings.ToLower(segments[1])); !found {
			u, found = c.directory.Users.Get(strings.ToLower(segments[1]))
		}
		if found {
			rules = append(rules, u.AccessRules...)
		}
	})
	if !found {
		return nil, noUser(segments[1])
	}
	return rules, nil
}

// setAccess replaces it: a list of {"code", "flow", "resource"}, empty to refuse nothing.
func (c *Control) setAccess(r *http.Request, segments []string) (any, error) {
	rules := []directory.AccessRule{}
	if err := read(r, &rules); err != nil {
		return nil, err
	}
	err := c.signIns.SetAccessRules(segments[1], rules)
	switch {
	case errors.Is(err, entra.ErrUnknownUser):
		return nil, noUser(segments[1])
	case errors.Is(err, entra.ErrUnknownRule):
		return nil, invalid("code", `"code" is one of %s, and "flow" is "device_code", "authorization_code", "refresh_token" or left out.`,
			strings.Join(strings.Fields(strings.Trim(fmt.Sprint(entra.RefusalCodes()), "[]")), ", "))
	}
	return rules, err
}

func noUser(name string) error {
	return &refusal{http.StatusNotFound, "UserNotFound", "user", "There is no user " + name + ". GET /_emulator/users lists them."}
}
