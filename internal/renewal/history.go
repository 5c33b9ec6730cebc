package renewal

import (
	"context"
	"slices"
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/store"
)

// HistoryEvent is something that happened to an account, in words.
type HistoryEvent struct {
	store.AuditRow
	Kind      string // HistoryCredential and so on: what it concerns
	Title     string
	Text      string             // what there is to say beyond the title
	Person    string             // who signed in to Azure for it; empty if nobody did
	Outcome   string             // done, failed, cancelled; of a check, the state it found; else empty
	Operation *account.Operation // nil where it is not part of one
	Changes   []HistoryChange    // of an edit
}

// HistoryChange is one field that was edited.
type HistoryChange struct{ Field, From, To string }

// What an event concerns.
const (
	HistoryCredential = "credential"
	HistoryCheck      = "check"
	HistoryOperation  = "operation"
	HistoryAccount    = "account"
	HistoryPermission = "permission"
)

// maxHistory is the most events of one answer.
const maxHistory = 500

// History returns what happened to an account, newest first: what the audit log has of it, together with what its journals
// know of each operation. before is the id of an event, of which only older ones are returned; 0 for the newest. next is the
// id to go on with, 0 at the end. The history of an account that was removed is found by its id.
func (e *Engine) History(ctx context.Context, by account.Caller, ref string, before int64, limit int) (events []HistoryEvent, next int64, err error) {
	if limit < 1 || limit > maxHistory {
		return nil, 0, fault.BadField("limit", "The limit is out of range: "+itoa(limit)+".", "Use 1 to "+itoa(maxHistory)+".")
	}
	a, err := e.store.Account(ctx, by, ref)
	gone := err
	switch {
	case fault.Is(err, fault.NotFound):
		a = &account.Account{ID: ref}
	case err != nil:
		return nil, 0, err
	}
	rows, err := e.store.AccountAudit(ctx, by, a.ID, before, limit+1)
	if err != nil {
		return nil, 0, err
	}
	if gone != nil && len(rows) == 0 && before == 0 {
		return nil, 0, gone
	}
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	operations, err := e.operationsOf(ctx, by, rows)
	if err != nil {
		return nil, 0, err
	}
	for _, r := range rows {
		events = append(events, historyEvent(a, r, operations[r.OperationID]))
	}
	return events, next, nil
}

func (e *Engine) operationsOf(ctx context.Context, by account.Caller, rows []store.AuditRow) (map[string]*account.Operation, error) {
	var ids []string
	for _, r := range rows {
		if r.OperationID != "" && !slices.Contains(ids, r.OperationID) {
			ids = append(ids, r.OperationID)
		}
	}
	found, err := e.store.OperationsByID(ctx, by, ids)
	if err != nil {
		return nil, err
	}
	out := map[string]*account.Operation{}
	for _, o := range found {
		out[o.ID] = o
	}
	return out, nil
}

func historyEvent(a *account.Account, r store.AuditRow, op *account.Operation) HistoryEvent {
	h := HistoryEvent{AuditRow: r, Operation: op, Kind: historyKind(r.Action)}
	if op != nil {
		h.Person = op.Facts.Person
	}
	if h.CredentialID == "" {
		h.CredentialID = credentialByKey(a, r.Detail["key_id"])
	}
	h.Title, h.Text = historyTexts(a, &h)
	switch {
	case strings.HasPrefix(r.Action, "operation.") && r.Action != "operation.started" && op != nil && op.State.Closed():
		h.Outcome = string(op.State)
	case r.Action == "account.checked":
		h.Outcome = r.Detail["state"]
	}
	return h
}

func historyKind(action string) string {
	noun, _, _ := strings.Cut(action, ".")
	switch {
	case action == "account.checked":
		return HistoryCheck
	case noun == "credential":
		return HistoryCredential
	case noun == "role" || noun == "permissions":
		return HistoryPermission
	case noun == "operation" || noun == "sign_in" || noun == "application" || noun == "service_principal":
		return HistoryOperation
	}
	return HistoryAccount
}

func credentialByKey(a *account.Account, keyID string) string {
	for i := range a.Credentials {
		if keyID != "" && a.Credentials[i].KeyID == keyID {
			return a.Credentials[i].ID
		}
	}
	return ""
}
