package api

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/fault"
)

func TestEachCodeHasItsStatus(t *testing.T) {
	t.Parallel()
	want := map[fault.Code]int{
		fault.Invalid: 422, fault.Unauthorized: 401, fault.NotFound: 404, fault.Conflict: 409, fault.Refused: 403,
		fault.NeedsChoice: 409, fault.NeedsSignIn: 409, fault.SignIn: 403, fault.Credential: 422, fault.Permission: 403,
		fault.Azure: 502, fault.Unreachable: 503, fault.Interrupted: 409, fault.Internal: 500, "new": 500,
	}
	for code, status := range want {
		p := problemOf(fmt.Errorf("doing it: %w", fault.New(code, "It did not work.")), 0, "id")
		if p.Status != status || p.Code != string(code) || p.Detail != "It did not work." || p.Title == "" {
			t.Errorf("%s: %+v", code, p.Problem)
		}
		if hasInstance := p.Instance != ""; hasInstance != (status >= 500) {
			t.Errorf("%s: instance %q", code, p.Instance)
		}
	}
}

func TestProblemKeepsTheFault(t *testing.T) {
	t.Parallel()
	f := &fault.Error{
		Code: fault.SignIn, Message: "The sign-in was blocked.", Meaning: "A policy forbids it.", Remedy: "Use a browser.",
		Field: "sign_in", Source: "AADSTS53003: blocked",
	}
	if diff := cmp.Diff(f, problemOf(f, 0, "").Fault()); diff != "" {
		t.Errorf("through a problem and back (-want +got):\n%s", diff)
	}
}

func TestErrorsWithoutFault(t *testing.T) {
	t.Parallel()
	if p := problemOf(errors.New("disk full"), 0, "id"); p.Code != "internal" || p.Status != 500 {
		t.Errorf("plain error: %+v", p.Problem)
	}
	if p := problemOf(fmt.Errorf("waiting: %w", context.Canceled), 0, "id"); p.Code != "interrupted" || p.Status != 409 {
		t.Errorf("cancelled: %+v", p.Problem)
	}
}
