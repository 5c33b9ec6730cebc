package arm_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// Who holds a role at a scope may do so much at another.
func TestRights(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	tests := map[string]struct {
		role, scope        string
		read, assign, make string // the deepest of "", "B", "A", "group", "vault" at which each is allowed, comma-separated
	}{
		"owner of a subscription":         {owner, atA, "A,group,vault", "A,group,vault", "group"},
		"owner of a group":                {owner, group1, "group,vault", "group,vault", "group"},
		"owner in another case":           {owner, strings.ToUpper(group1), "group,vault", "group,vault", "group"},
		"owner of a vault":                {owner, vault, "vault", "vault", ""},
		"owner of a similar vault":        {owner, vault + "x", "", "", ""},
		"owner of the management group":   {owner, landed, "A,B,group,vault", "A,B,group,vault", "group"},
		"owner of the root group":         {owner, top, "A,B,group,vault", "A,B,group,vault", "group"},
		"owner of the root":               {owner, "/", "A,B,group,vault", "A,B,group,vault", "group"},
		"contributor":                     {contributor, atA, "A,group,vault", "", "group"},
		"reader":                          {reader, atA, "A,group,vault", "", ""},
		"user access administrator":       {"18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", atA, "A,group,vault", "A,group,vault", ""},
		"RBAC administrator":              {"f58310d9-a9f6-439a-9e8d-f62e7b41a168", group1, "group,vault", "group,vault", ""},
		"crypto officer":                  {cryptoOfficer, atA, "A,group,vault", "", ""},
		"crypto user, only data actions":  {cryptoUser, atA, "", "", ""},
		"a role that is not there (gone)": {uuid.NewString(), atA, "", "", ""},
	}
	places := map[string]string{"A": atA, "B": atB, "group": group1, "vault": vault}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := c.on(t)
			id, bearer := c.app()
			c.assign(test.scope, test.role, id)
			target, _ := c.app()
			for place, scope := range places {
				want := func(places string) int {
					if slices.Contains(strings.Split(places, ","), place) {
						return 1
					}
					return 0
				}
				read := c.do("GET", scope+"/providers/Microsoft.Authorization/roleAssignments", bearer, "").Code
				if read != []int{403, 200}[want(test.read)] {
					t.Errorf("reading at %s: %d", place, read)
				}
				assign := c.do("PUT", assignmentAt(scope, uuid.NewString()), bearer, roleBody(reader, target, "")).Code
				if assign != []int{403, 201}[want(test.assign)] {
					t.Errorf("assigning at %s: %d", place, assign)
				}
			}
			if got := c.do("PUT", group1, bearer, `{"location":"westeurope"}`).Code; got != map[string]int{"group": 200, "": 403}[test.make] {
				t.Errorf("writing the group: %d", got)
			}
		})
	}
}

func TestRightsThroughGroups(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	id, bearer := c.app()
	inner, outer := uuid.NewString(), uuid.NewString()
	c.write(func() {
		// A ring: groups that are members of each other end no request.
		c.store.Groups.Put(inner, &directory.Group{ID: inner, DisplayName: "inner", Members: []string{strings.ToUpper(id), outer}})
		c.store.Groups.Put(outer, &directory.Group{ID: outer, DisplayName: "outer", Members: []string{inner}})
	})
	c.refused("GET", atA, bearer, "", 403, "AuthorizationFailed")
	c.putRole(atA, uuid.NewString(), reader, outer, `,"principalType":"Group"`, c.admin, 201)
	c.ask("GET", atA, bearer, "", 200)
	c.refused("PUT", atA+"/resourceGroups/new", bearer, `{"location":"westeurope"}`, 403, "AuthorizationFailed")
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	id, bearer := c.app()
	c.assign(landed, reader, id)
	c.assign(atA, cryptoOfficer, id)
	c.assign(group1, contributor, id)
	c.assign(vault, cryptoUser, id)
	for scope, want := range map[string]int{landed: 1, atB: 1, atA: 2, group1: 3, vault: 4, vault + "2": 3} {
		if got := c.values(scope+"/providers/Microsoft.Authorization/permissions", bearer); len(got) != want {
			t.Errorf("%s: %d elements, want %d: %v", scope, len(got), want, got)
		}
	}
	got := c.values(atB+"/providers/Microsoft.Authorization/permissions", bearer)
	want := []object{{"actions": []any{"*/read"}, "notActions": []any{}, "dataActions": []any{}, "notDataActions": []any{}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("at B (-want +got):\n%s", d)
	}
	old := c.values(group1+"/providers/Microsoft.Authorization/permissions?api-version=2015-07-01", bearer)
	if _, data := old[1]["dataActions"]; data || len(old[2]["notActions"].([]any)) < 9 {
		t.Errorf("2015-07-01: %v", old)
	}
	other, bearer := c.app()
	c.assign(atA, cryptoUser, other)
	if got := c.refused("GET", atA+"/providers/Microsoft.Authorization/permissions", bearer, "", 403, "AuthorizationFailed"); !strings.Contains(got, "'Microsoft.Authorization/permissions/read' over scope '"+atA+"'") {
		t.Error(got)
	}
}
