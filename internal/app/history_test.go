package app

import (
	"slices"
	"strings"
	"testing"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
)

// TestHistory follows an account through a renewal, a hand-over, an edit and its removal.
func TestHistory(t *testing.T) {
	b := newBench(t)
	s := b.byDevice(owner, "")
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{SignIn: resource.SignInRef{ID: s.ID}})
	wantDone(t, b.finish(op, err, owner))
	if _, err := b.api.HandOver(t.Context(), "backup-prod", resource.HandOverRequest{Acknowledge: true}); err != nil {
		t.Fatal(err)
	}
	name := "backup-main"
	a, err := b.api.Edit(t.Context(), "backup-prod", 0, resource.Edit{Name: &name, UsedBy: []string{"VBR01"}})
	if err != nil {
		t.Fatal(err)
	}
	op, err = b.api.Check(t.Context(), name, resource.CheckRequest{})
	wantDone(t, b.finish(op, err, owner))
	all, err := b.api.History(t.Context(), name, 0, 500)
	if err != nil || all.NextBefore != 0 {
		t.Fatal(all, err)
	}
	var actions []string
	for _, e := range slices.Backward(all.Events) {
		actions = append(actions, e.Action)
		if e.Title == "" || e.Who == "" || e.At.IsZero() || strings.Contains(e.Title, "_") {
			t.Errorf("%+v", e)
		}
		switch e.Action {
		case "operation.done":
			if e.Outcome != "done" || e.Person != owner || e.Title != "Renewal done" || e.Detail == "" || e.OperationKind != account.OpRenew {
				t.Errorf("%+v", e)
			}
		case "credential.switched":
			if e.CredentialID != a.Credential.ID || e.Kind != "credential" || e.OperationID == "" {
				t.Errorf("%+v", e)
			}
		case "account.edited":
			want := []resource.HistoryChange{{Field: "name", From: "backup-prod", To: name}, {Field: "used_by", From: "", To: "VBR01"}}
			if !slices.Equal(e.Changes, want) || e.Title != "Account edited: name, used by" {
				t.Errorf("%+v", e)
			}
		}
	}
	rest := strings.Join(actions, " ")
	for _, want := range []string{"operation.started", "sign_in.done", "credential.added", "credential.proven", "credential.switched", "operation.done", "credential.disclosed", "credential.acknowledged", "account.edited", "account.checked"} {
		before, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("%s is not in %q, after %q", want, rest, before)
		}
		rest = after
	}
	var paged []int64
	for before := int64(0); ; {
		page, err := b.api.History(t.Context(), name, before, 3)
		if err != nil || len(page.Events) > 3 {
			t.Fatal(page, err)
		}
		for _, e := range page.Events {
			paged = append(paged, e.ID)
		}
		if before = page.NextBefore; before == 0 {
			break
		}
	}
	if len(paged) != len(all.Events) || !slices.IsSortedFunc(paged, func(x, y int64) int { return int(y - x) }) {
		t.Errorf("by pages: %v, at once %d", paged, len(all.Events))
	}
	// What was edited is told as people call it.
	profile, purposes := "veeam-backup-azure", []string{"AzureFiles"}
	if _, err := b.api.Edit(t.Context(), name, 0, resource.Edit{Profile: &profile, Purposes: purposes, Subscriptions: []string{a.Subscriptions[0].ID}}); err != nil {
		t.Fatal(err)
	}
	edited, err := b.api.History(t.Context(), name, 0, 500)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(edited.Events, func(e resource.HistoryEvent) bool { return e.Action == "account.edited" })
	text := edited.Events[i].Detail
	for _, want := range []string{"Veeam Backup for Microsoft Azure", "Azure Files", a.Subscriptions[0].Name} {
		if !strings.Contains(text, want) {
			t.Errorf("the edit is told without %q: %s", want, text)
		}
	}
}

func TestRemovalPreview(t *testing.T) {
	b := newBench(t)
	name := "backup-prod"
	op, err := b.api.Renew(t.Context(), name, resource.Renew{})
	wantDone(t, b.finish(op, err, owner))
	if _, err := b.api.Edit(t.Context(), name, 0, resource.Edit{UsedBy: []string{"VBR01"}}); err != nil {
		t.Fatal(err)
	}
	p, err := b.api.PreviewRemoval(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(p.Sentences, " ")
	if !p.Application.Deletable || !p.Application.MadeByEvercred || !p.HandOverPending || !slices.Equal(p.UsedBy, []string{"VBR01"}) ||
		len(p.Credentials) != 2 || p.Credentials[0].WhenKept == "" || p.Credentials[0].WhenDeleted == "" || !strings.Contains(text, "VBR01") {
		t.Errorf("%+v", p)
	}
	if p, err = b.api.PreviewRemoval(t.Context(), "backup-sql"); err != nil || p.Application.Deletable || p.Credentials[0].WhenDeleted != "" {
		t.Errorf("%+v, %v", p, err)
	}
	gone, err := b.api.Account(t.Context(), "backup-sql")
	if err != nil {
		t.Fatal(err)
	}
	op, err = b.api.Remove(t.Context(), "backup-sql", client.Removal{})
	wantDone(t, b.finish(op, err, owner))
	h, err := b.api.History(t.Context(), gone.ID, 0, 50)
	if err != nil || len(h.Events) == 0 || h.Events[0].Action != "account.removed" && h.Events[0].Action != "operation.done" {
		t.Errorf("after its removal: %+v, %v", h, err)
	}
	if _, err := b.api.History(t.Context(), "nobody", 0, 50); err == nil {
		t.Error("nobody has a history")
	}
}
