package resource

import (
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/store"
)

// BulkRequest asks for the same to be done with many accounts: those named, or those that a filter selects.
type BulkRequest struct {
	Action   account.Action `json:"action" enum:"check,renew"`
	Accounts []string       `json:"accounts,omitempty" nullable:"false" maxItems:"10000" doc:"Ids or names"`
	Filter   *BulkFilter    `json:"filter,omitempty" doc:"In place of accounts; {} selects all"`
	SignIn   string         `json:"sign_in,omitempty" doc:"renew: id of a sign-in, for the accounts of its tenant"`
	Kind     string         `json:"kind,omitempty" enum:"secret,certificate" doc:"renew: of the new credentials; the kind that each account has if left out"`
	Soak     string         `json:"soak,omitempty" doc:"renew: e.g. 24h; each account's policy if left out"`
	Lifetime string         `json:"lifetime,omitempty" doc:"renew: e.g. 180d; each account's policy if left out"`
}

// BulkFilter selects accounts as the parameters of GET /accounts do.
type BulkFilter struct {
	Search string          `json:"search,omitempty"`
	Except []string        `json:"except,omitempty" nullable:"false" doc:"Ids that are left out"`
	State  []account.State `json:"state,omitempty" nullable:"false"`
	Cloud  string          `json:"cloud,omitempty"`
	Tenant string          `json:"tenant,omitempty"`
	Origin account.Origin  `json:"origin,omitempty"`
	Method account.Kind    `json:"method,omitempty"`
}

// Bulk is a request for many accounts, and how far it is.
type Bulk struct {
	ID            string         `json:"id" doc:"Empty where nothing was begun"`
	Action        account.Action `json:"action" enum:"check,renew"`
	State         string         `json:"state" enum:"running,done"`
	Total         int            `json:"total" doc:"Accounts that it is for, those refused included"`
	Waiting       int            `json:"waiting" doc:"Not begun yet: only a few run at a time"`
	Running       int            `json:"running"`
	Done          int            `json:"done"`
	Failed        int            `json:"failed"`
	NeedsSignIn   int            `json:"needs_sign_in" doc:"Their operations wait for a person"`
	Cancelled     int            `json:"cancelled" doc:"Not begun any more"`
	Found         []StateCount   `json:"found" nullable:"false" doc:"check: how many accounts the checks that have ended found in each state; the least severe first"`
	Started       []BulkStarted  `json:"started" nullable:"false" doc:"Accounts with their operations, in the order of the request"`
	Refused       []BulkRefused  `json:"refused" nullable:"false"`
	SignInsNeeded []BulkSignIn   `json:"sign_ins_needed" nullable:"false" doc:"Nothing was begun for these: sign in once for each tenant, and ask again with the sign-in. Only in the answer to the request itself"`
	StartedBy     string         `json:"started_by"`
	CreatedAt     *time.Time     `json:"created_at"`
	ClosedAt      *time.Time     `json:"closed_at"`
}

// BulkStarted is an account of a bulk whose operation was begun.
type BulkStarted struct {
	Account   AccountRef    `json:"account"`
	Operation BulkOperation `json:"operation"`
}

// BulkOperation is an operation in short; GET /operations/{id} has the rest.
type BulkOperation struct {
	ID      string                 `json:"id"`
	Kind    account.OperationKind  `json:"kind" enum:"renew,recreate,add,connect,check,remove,retire,rollback,reconcile,grant,tidy"`
	State   account.OperationState `json:"state" enum:"running,waiting_sign_in,waiting_choice,needs_sign_in,done,failed,cancelled"`
	Step    string                 `json:"step" doc:"Title of the step under way; empty if none is"`
	Summary string                 `json:"summary"`
	Found   *Status                `json:"found" doc:"Of a check that has ended: how it found the account; else null"`
	Problem *Failure               `json:"problem"`
}

// Status is the state of an account, what it means, and what to do next.
type Status struct {
	State   account.State `json:"state" enum:"valid,expiring,expired,secret_invalid,certificate_mismatch,app_not_found,service_principal_missing,app_disabled,blocked,needs_sign_in,permissions_missing,no_subscriptions,unreachable,unknown"`
	Meaning string        `json:"meaning"`
	Remedy  string        `json:"remedy" doc:"Empty where nothing is to be done"`
}

// BulkRefused is an account for which nothing was begun, and why.
type BulkRefused struct {
	Account AccountRef `json:"account"`
	Problem Failure    `json:"problem"`
}

// BulkSignIn is a tenant in which somebody has to sign in first.
type BulkSignIn struct {
	Cloud    string       `json:"cloud"`
	TenantID string       `json:"tenant_id"`
	Accounts []AccountRef `json:"accounts" nullable:"false"`
}

// Bulks is a list of bulks, newest first, without their accounts.
type Bulks struct {
	Bulks []Bulk `json:"bulks" nullable:"false"`
}

// OfBulk makes the resource of a bulk with some of its items.
func OfBulk(b *store.Bulk, items []store.BulkItem) Bulk {
	created := second(b.CreatedAt)
	out := Bulk{
		ID: b.ID, Action: account.Action(b.Action), State: "running", Waiting: b.Counts[store.ItemWaiting], Running: b.Counts[store.ItemRunning],
		Done: b.Counts[store.ItemDone], Failed: b.Counts[store.ItemFailed], NeedsSignIn: b.Counts[store.ItemNeedsSignIn],
		Cancelled: b.Counts[store.ItemCancelled], Started: []BulkStarted{}, Refused: []BulkRefused{}, SignInsNeeded: []BulkSignIn{},
		StartedBy: b.Caller.Name, CreatedAt: &created, ClosedAt: seconds(b.ClosedAt),
	}
	for _, n := range b.Counts {
		out.Total += n
	}
	out.Found = []StateCount{}
	for _, s := range account.States() {
		if n := b.Found[s]; n > 0 {
			out.Found = append(out.Found, StateCount{State: s, Count: n})
		}
	}
	if b.ClosedAt != nil {
		out.State = "done"
	}
	for i := range items {
		it := &items[i]
		ref := AccountRef{ID: it.AccountID, Name: it.AccountName}
		switch {
		case it.Operation != nil:
			out.Started = append(out.Started, BulkStarted{Account: ref, Operation: ofBulkOperation(it.Operation)})
		case it.Problem != nil:
			out.Refused = append(out.Refused, BulkRefused{Account: ref, Problem: Failure(*it.Problem)})
		}
	}
	return out
}

func ofBulkOperation(o *account.Operation) BulkOperation {
	out := BulkOperation{ID: o.ID, Kind: o.Kind, State: o.State, Summary: o.Summary}
	if v := o.Facts.Verdict; v != nil {
		out.Found = &Status{State: v.State, Meaning: v.Meaning, Remedy: v.Remedy}
	}
	if o.Problem != nil {
		f := Failure(*o.Problem)
		out.Problem = &f
	}
	if n := len(o.Steps); n > 0 && o.Steps[n-1].EndedAt == nil && !o.State.Closed() {
		out.Step = o.Steps[n-1].Title
	}
	return out
}
