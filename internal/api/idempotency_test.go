package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

const key = "Idempotency-Key"

func (h *house) operations(t *testing.T) int {
	t.Helper()
	all, err := h.store.Operations(t.Context(), admin(), store.OperationQuery{})
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func TestTheSameKeyIsTheSameAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, "backup-prod", account.Secret, secret.New("secret-text"))
	const path = "/api/v1/accounts/backup-prod/check"
	first, want := h.raw(t, http.MethodPost, path, `{}`, key, "k1")
	if first.StatusCode != http.StatusAccepted || first.Header.Get("Idempotency-Replayed") != "" {
		t.Fatalf("%d %s", first.StatusCode, want)
	}
	again, got := h.raw(t, http.MethodPost, path, `{}`, key, "k1")
	if again.StatusCode != first.StatusCode || !bytes.Equal(got, want) || again.Header.Get("Idempotency-Replayed") != "true" ||
		again.Header.Get("Content-Type") != first.Header.Get("Content-Type") {
		t.Errorf("%d %v %s", again.StatusCode, again.Header, got)
	}
	if n := h.operations(t); n != 1 {
		t.Errorf("%d operations", n)
	}
	for what, body := range map[string]string{path: `{"sign_in":false}`, "/api/v1/accounts/backup-prod/rollback": ``} {
		res, raw := h.raw(t, http.MethodPost, what, body, key, "k1")
		var p resource.Problem
		if err := json.Unmarshal(raw, &p); err != nil || res.StatusCode != http.StatusUnprocessableEntity || p.Field != "idempotency_key" || p.Remedy == "" {
			t.Errorf("another request: %d %s", res.StatusCode, raw)
		}
	}
	if res, _ := h.raw(t, http.MethodPost, path, `{}`, key, "k2"); res.StatusCode != http.StatusAccepted || h.operations(t) != 2 {
		t.Errorf("another key: %d", res.StatusCode)
	}
	if _, body := h.raw(t, http.MethodPost, path, `{}`); bytes.Equal(body, want) {
		t.Error("without a key, the answer is the kept one")
	}
	h.clock.Advance(24*time.Hour + time.Second)
	if _, body := h.raw(t, http.MethodPost, path, `{}`, key, "k1"); bytes.Equal(body, want) {
		t.Error("after a day, the answer is the kept one")
	}
}

func TestKeysOfRefusedRequestsAreFree(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, "backup-prod", account.Secret, secret.New("secret-text"))
	if res, _ := h.raw(t, http.MethodPost, "/api/v1/accounts/nobody/check", `{}`, key, "k"); res.StatusCode != http.StatusNotFound {
		t.Fatalf("%d", res.StatusCode)
	}
	if res, _ := h.raw(t, http.MethodPost, "/api/v1/accounts/backup-prod/check", `{}`, key, "k"); res.StatusCode != http.StatusAccepted {
		t.Errorf("after a refusal: %d", res.StatusCode)
	}
	for _, bad := range []string{"with space", "ümlaut", strings.Repeat("k", 256)} {
		if res, raw := h.raw(t, http.MethodPost, "/api/v1/accounts/backup-prod/check", `{}`, key, bad); res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d %s", bad, res.StatusCode, raw)
		}
	}
}

func TestDuplicatesAtTheSameTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, "backup-prod", account.Secret, secret.New("secret-text"))
	var mu sync.Mutex
	var wait sync.WaitGroup
	bodies := map[string]int{}
	for range 8 {
		wait.Go(func() {
			_, body := h.raw(t, http.MethodPost, "/api/v1/accounts/backup-prod/check", `{}`, key, "k")
			mu.Lock()
			defer mu.Unlock()
			bodies[string(body)]++
		})
	}
	wait.Wait()
	if len(bodies) != 1 || h.operations(t) != 1 {
		t.Errorf("%d operations, answers %v", h.operations(t), bodies)
	}
}

// TestAKeyWhoseAnswerWasLost is the retry after a crash between the beginning of an operation and its answer.
func TestAKeyWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.add(t, "backup-prod", account.Secret, secret.New("secret-text"))
	request := []byte("POST\n/api/v1/accounts/backup-prod/check\n{}")
	found, err := h.store.BeginKeyed(t.Context(), admin(), "k", request, "row", h.now)
	if err != nil || !found.Same {
		t.Fatalf("%+v, %v", found, err)
	}
	ctx := store.WithRequest(t.Context(), found.ID)
	for _, id := range []string{"op-first", "op-second"} {
		err := h.store.Change(ctx, admin(), store.Event{Action: "operation.started"}, func(tx *store.Tx) error {
			return tx.PutOperation(&account.Operation{ID: id, AccountID: a.ID, Kind: account.OpCheck, State: account.OpRunning})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	res, body := h.raw(t, http.MethodPost, "/api/v1/accounts/backup-prod/check", `{}`, key, "k")
	if res.StatusCode != http.StatusAccepted || !strings.Contains(string(body), `"op-first"`) || h.operations(t) != 2 {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if err := h.store.DropKeyed(t.Context(), found.ID); err != nil {
		t.Fatal(err)
	}
	if again, err := h.store.BeginKeyed(t.Context(), admin(), "k", request, "row-2", h.now); err != nil || again.ID != "row" {
		t.Errorf("a request that has begun something was forgotten: %+v, %v", again, err)
	}
}

func TestHandOversAreNotKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, "backup-prod", account.Secret, secret.New("secret-text"))
	for range 2 {
		res, body := h.raw(t, http.MethodPost, "/api/v1/accounts/backup-prod/hand-over", `{}`, key, "k")
		if res.StatusCode != http.StatusOK || !strings.Contains(string(body), "secret-text") || res.Header.Get("Idempotency-Replayed") != "" {
			t.Errorf("%d %s", res.StatusCode, body)
		}
	}
	found, err := h.store.BeginKeyed(t.Context(), admin(), "k", []byte("x"), "fresh", h.now)
	if err != nil || found.ID != "fresh" {
		t.Errorf("something was kept: %+v, %v", found, err)
	}
}
