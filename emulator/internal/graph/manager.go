package graph

import (
	"net/http"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// routeManager is for /users/{id}/manager: one reference, which is absent for most.
func (c *call) routeManager(find func() (*directory.User, error), rest []odata.Segment) (*answer, error) {
	switch {
	case len(rest) == 0:
		return c.only(http.MethodGet, func() (*answer, error) {
			return c.read(func() (*answer, error) {
				u, err := find()
				if err != nil {
					return nil, err
				}
				manager, ok := c.Directory.Users.Seen(u.Manager)
				if !ok {
					return nil, odata.NotFound("manager")
				}
				return &answer{status: http.StatusOK, body: append(entity{
					c.context("directoryObjects/$entity"), {"@odata.type", "#" + c.kinds.user.Type},
				}, c.visible(c.viewUser(manager))...)}, nil
			})
		})
	case len(rest) == 1 && rest[0].Is("$ref"):
		return c.methods(map[string]func() (*answer, error){
			http.MethodPut: func() (*answer, error) {
				id, err := c.referenceSent()
				if err != nil {
					return nil, err
				}
				return c.setManager(find, id)
			},
			http.MethodDelete: func() (*answer, error) { return c.setManager(find, "") },
		})
	}
	return nil, odata.NoSegment(rest[len(rest)-1].Original)
}

// setManager sets the manager of a person; an empty id removes the one there is.
func (c *call) setManager(find func() (*directory.User, error), id string) (*answer, error) {
	return c.write(func() (*answer, error) {
		seen, err := find()
		if err != nil {
			return nil, err
		}
		u, err := c.writableUser(seen.ID)
		if err != nil {
			return nil, err
		}
		if id == "" && u.Manager == "" {
			return nil, odata.NotFound("manager")
		}
		if id != "" {
			if err := c.referable("manager", id, []*odata.Kind{c.kinds.user}); err != nil {
				return nil, err
			}
		}
		u.Manager = id
		c.Directory.Users.Put(u.ID, u)
		return noContent()
	})
}
