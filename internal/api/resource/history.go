package resource

import (
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/renewal"
)

// History is what happened to an account, newest first.
type History struct {
	Events     []HistoryEvent `json:"events" nullable:"false"`
	NextBefore int64          `json:"next_before" doc:"Ask with before= this for older ones; 0 at the end"`
}

// HistoryEvent is something that happened to an account.
type HistoryEvent struct {
	ID            int64                 `json:"id" doc:"Grows with each event"`
	At            time.Time             `json:"at"`
	Kind          string                `json:"kind" enum:"credential,check,operation,account,permission"`
	Action        string                `json:"action" doc:"As the audit log names it, e.g. credential.switched"`
	Title         string                `json:"title"`
	Detail        string                `json:"detail"`
	Who           string                `json:"who" doc:"On whose behalf: the name of an API token, the person at the page, or evercred itself"`
	Person        string                `json:"person" doc:"Who signed in to Azure for it; empty if nobody did"`
	OperationID   string                `json:"operation_id"`
	OperationKind account.OperationKind `json:"operation_kind"`
	CredentialID  string                `json:"credential_id"`
	Outcome       string                `json:"outcome" doc:"done, failed or cancelled; of a check, the state it found; else empty"`
	Changes       []HistoryChange       `json:"changes" nullable:"false" doc:"Of an edit: what was changed"`
}

// HistoryChange is one field that was edited.
type HistoryChange struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// OfHistoryEvent makes the resource of an event.
func OfHistoryEvent(h *renewal.HistoryEvent) HistoryEvent {
	out := HistoryEvent{
		ID: h.ID, At: second(h.At), Kind: h.Kind, Action: h.Action, Title: h.Title, Detail: h.Text, Who: h.Caller.Name, Person: h.Person,
		OperationID: h.OperationID, CredentialID: h.CredentialID, Outcome: h.Outcome, Changes: []HistoryChange{},
	}
	if h.Operation != nil {
		out.OperationKind = h.Operation.Kind
	}
	for _, c := range h.Changes {
		out.Changes = append(out.Changes, HistoryChange(c))
	}
	return out
}

// RemovalPreview is what the removal of an account would do, and what depends on the account. Nothing was changed.
type RemovalPreview struct {
	Account         AccountRef          `json:"account"`
	UsedBy          []string            `json:"used_by" nullable:"false"`
	HandOverPending bool                `json:"hand_over_pending" doc:"Nobody has said that the software has the credential in use, whose secret part would be destroyed"`
	AcknowledgedAt  *time.Time          `json:"acknowledged_at" doc:"When it was said that the software has it"`
	Application     RemovalApplication  `json:"application"`
	Roles           []RemovalRole       `json:"roles" nullable:"false" doc:"Role assignments that Evercred made; those of others are left alone"`
	CustomRoles     []RemovalCustomRole `json:"custom_roles" nullable:"false" doc:"Custom roles that Evercred made for the account"`
	Credentials     []RemovalCredential `json:"credentials" nullable:"false" doc:"Those that are on the application"`
	Operations      []AccountOperation  `json:"operations" nullable:"false" doc:"What has not ended"`
	Steward         bool                `json:"steward" doc:"It is the steward of its tenant"`
	RenewedByIt     []string            `json:"renewed_by_it" nullable:"false" doc:"Accounts that it renews as the steward"`
	Sentences       []string            `json:"sentences" nullable:"false" doc:"All of it in words, what weighs most first"`
}

// RemovalApplication is the application of an account that is to be removed.
type RemovalApplication struct {
	ID             string `json:"id"`
	MadeByEvercred bool   `json:"made_by_evercred"`
	Deletable      bool   `json:"deletable" doc:"Its deletion can be asked for along with the removal"`
	Why            string `json:"why"`
}

// RemovalRole is a role assignment.
type RemovalRole struct {
	Scope          string `json:"scope"`
	ScopeName      string `json:"scope_name"`
	Role           string `json:"role"`
	MadeByEvercred bool   `json:"made_by_evercred"`
}

// RemovalCustomRole is a custom role.
type RemovalCustomRole struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// RemovalCredential is a credential and what would become of it.
type RemovalCredential struct {
	Credential
	WhenKept    string `json:"when_kept" doc:"What becomes of it where the application stays"`
	WhenDeleted string `json:"when_deleted" doc:"What becomes of it where the application is deleted; empty where that is not possible"`
}

// OfRemoval makes the resource of a preview.
func OfRemoval(p *renewal.RemovalPreview, fates map[string]*account.Fate, now time.Time) RemovalPreview {
	a := p.Account
	out := RemovalPreview{
		Account: AccountRef{ID: a.ID, Name: a.Name}, UsedBy: list(a.UsedBy), HandOverPending: p.HandOverPending, AcknowledgedAt: seconds(p.AcknowledgedAt),
		Application: RemovalApplication{ID: a.ApplicationID, MadeByEvercred: a.Origin == account.Created, Deletable: p.Deletable, Why: p.Why},
		Roles:       []RemovalRole{}, CustomRoles: []RemovalCustomRole{}, Credentials: []RemovalCredential{}, Operations: []AccountOperation{},
		Steward: p.Steward, RenewedByIt: list(p.RenewedByIt), Sentences: list(p.Sentences),
	}
	for _, m := range a.Made.Assignments {
		out.Roles = append(out.Roles, RemovalRole{Scope: m.Scope, ScopeName: scopeName(a, m.Scope), Role: m.Role, MadeByEvercred: true})
	}
	for _, m := range a.Made.Roles {
		out.CustomRoles = append(out.CustomRoles, RemovalCustomRole{ID: m.ID, Name: m.Name})
	}
	for i := range a.Credentials {
		c := &a.Credentials[i]
		if kept, deleted := renewal.FateOnRemoval(a, c, now); kept != "" {
			out.Credentials = append(out.Credentials, RemovalCredential{Credential: OfCredential(c, fates[c.ID]), WhenKept: kept, WhenDeleted: deleted})
		}
	}
	for _, o := range p.Operations {
		out.Operations = append(out.Operations, *ofAccountOperation(o))
	}
	return out
}

// scopeName is the name of a scope as far as it is known; empty if it is not.
func scopeName(a *account.Account, scope string) string {
	for _, s := range a.Subscriptions {
		if scope == account.SubscriptionScope(s.ID) {
			return s.Name
		}
	}
	return ""
}
