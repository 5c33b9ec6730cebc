package control_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/emulator/internal/directory"
)

func TestAccess(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	if err := b.store.Write(func() error {
		b.store.Users.Put("u1", &directory.User{ID: "u1", UserPrincipalName: "owner@contoso.example"})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []directory.AccessRule{{Code: 50076, Resource: "797f4846-ba00-4fd7-ba43-dac1f8f63013"}, {Code: 53003, Flow: "device_code"}}
	var got []directory.AccessRule
	b.control("PUT", "users/owner@contoso.example/access", `[{"code":50076,"resource":"797f4846-ba00-4fd7-ba43-dac1f8f63013"},{"code":53003,"flow":"device_code"}]`, 200, nil)
	for _, name := range []string{"Owner@contoso.example", "u1"} {
		b.control("GET", "users/"+name+"/access", "", 200, &got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	b.control("PUT", "users/u1/access", `[]`, 200, nil)
	b.control("GET", "users/u1/access", "", 200, &got)
	if len(got) != 0 {
		t.Errorf("%v", got)
	}
	b.control("PUT", "users/u1/access", `[{"code":1}]`, 400, nil)
	b.control("PUT", "users/u1/access", `[{"code":53003,"flow":"x"}]`, 400, nil)
	b.control("PUT", "users/u1/access", `{}`, 400, nil)
	b.control("PUT", "users/nobody/access", `[]`, 404, nil)
	b.control("GET", "users/nobody/access", "", 404, nil)
}
