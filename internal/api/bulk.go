package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/store"
)

// BulkPath names a bulk in the path.
type BulkPath struct {
	ID string `path:"id" maxLength:"64"`
}

// firstItems is how many accounts the answers to a request for many name, and those without a limit.
const firstItems = 200

type bulkAnswer struct{ Body resource.Bulk }

func (s *server) bulkRoutes(doc huma.API) {
	tags := []string{"accounts"}
	handle(s, doc, huma.Operation{
		OperationID: "start-bulk", Method: http.MethodPost, Path: "/accounts/bulk", Tags: tags, MaxBodyBytes: largeBody, DefaultStatus: http.StatusAccepted,
		Summary: "Check or renew many accounts: a few at a time, the others wait for their turn",
	}, func(ctx context.Context, by account.Caller, in *struct{ Body resource.BulkRequest }) (*bulkAnswer, error) {
		q, err := bulkRequest(&in.Body)
		if err != nil {
			return nil, err
		}
		started, err := s.engine.StartBulk(ctx, by, q)
		if err != nil {
			return nil, err
		}
		return s.startedBulk(ctx, by, q, started)
	})
	handle(s, doc, huma.Operation{
		OperationID: "get-bulk", Method: http.MethodGet, Path: "/bulk/{id}", Tags: tags, Summary: "Show how far a request for many accounts is",
	}, func(ctx context.Context, by account.Caller, in *struct {
		BulkPath
		State  string `query:"state" doc:"Only these of its accounts: waiting, running, done, failed, needs_sign_in, refused, cancelled; separated by commas"`
		Limit  int    `query:"limit" default:"200" minimum:"1" maximum:"1000" doc:"Accounts in the answer"`
		Offset int    `query:"offset" default:"0" minimum:"0"`
	},
	) (*bulkAnswer, error) {
		states, err := itemStates(in.State)
		if err != nil {
			return nil, err
		}
		return s.bulk(ctx, by, in.ID, store.ItemQuery{States: states, Limit: in.Limit, Offset: in.Offset})
	})
	handle(s, doc, huma.Operation{
		OperationID: "list-bulks", Method: http.MethodGet, Path: "/bulk", Tags: tags, Summary: "List requests for many accounts, newest first",
	}, func(ctx context.Context, by account.Caller, _ *struct{}) (*struct{ Body resource.Bulks }, error) {
		all, err := s.engine.Bulks(ctx, by)
		if err != nil {
			return nil, err
		}
		out := resource.Bulks{Bulks: []resource.Bulk{}}
		for _, b := range all {
			out.Bulks = append(out.Bulks, resource.OfBulk(b, nil))
		}
		return &struct{ Body resource.Bulks }{out}, nil
	})
	handle(s, doc, huma.Operation{
		OperationID: "cancel-bulk", Method: http.MethodPost, Path: "/bulk/{id}/cancel", Tags: tags,
		Summary: "Give up the accounts that have not been begun; what runs goes on",
	}, func(ctx context.Context, by account.Caller, in *BulkPath) (*bulkAnswer, error) {
		if _, err := s.engine.CancelBulk(ctx, by, in.ID); err != nil {
			return nil, err
		}
		return s.bulk(ctx, by, in.ID, store.ItemQuery{Limit: firstItems})
	})
}

func (s *server) bulk(ctx context.Context, by account.Caller, id string, q store.ItemQuery) (*bulkAnswer, error) {
	b, items, err := s.engine.Bulk(ctx, by, id, q)
	if err != nil {
		return nil, err
	}
	return &bulkAnswer{resource.OfBulk(b, items)}, nil
}

// startedBulk is the answer to a request. Where nothing was begun there is no bulk, but there is what speaks against it.
func (s *server) startedBulk(ctx context.Context, by account.Caller, q renewal.BulkRequest, started *renewal.StartedBulk) (*bulkAnswer, error) {
	out := &bulkAnswer{resource.Bulk{
		Action: q.Action, State: "done", Total: len(started.Refused), Found: []resource.StateCount{}, Started: []resource.BulkStarted{}, Refused: []resource.BulkRefused{},
		SignInsNeeded: []resource.BulkSignIn{}, StartedBy: by.Name,
	}}
	if started.Bulk != nil {
		var err error
		if out, err = s.bulk(ctx, by, started.Bulk.ID, store.ItemQuery{Limit: firstItems}); err != nil {
			return nil, err
		}
	}
	out.Body.Refused = []resource.BulkRefused{} // all of them, however many were begun
	for _, r := range started.Refused {
		out.Body.Refused = append(out.Body.Refused, resource.BulkRefused{
			Account: resource.AccountRef{ID: r.AccountID, Name: r.AccountName}, Problem: resource.Failure(*r.Problem),
		})
	}
	for _, n := range started.SignInsNeeded {
		need := resource.BulkSignIn{Cloud: n.Cloud, TenantID: n.TenantID, Accounts: []resource.AccountRef{}}
		for _, a := range n.Accounts {
			need.Accounts = append(need.Accounts, resource.AccountRef{ID: a.ID, Name: a.Name})
		}
		out.Body.SignInsNeeded = append(out.Body.SignInsNeeded, need)
	}
	return out, nil
}

func bulkRequest(b *resource.BulkRequest) (renewal.BulkRequest, error) {
	q := renewal.BulkRequest{Action: b.Action, Accounts: b.Accounts, SignIn: b.SignIn, Kind: account.Kind(b.Kind)}
	if f := b.Filter; f != nil {
		q.Filter = &store.AccountQuery{
			Search: f.Search, Except: f.Except, States: f.State, Cloud: f.Cloud, TenantID: f.Tenant, Origin: f.Origin, Method: f.Method,
		}
	}
	var err error
	if q.Soak, err = optionalDuration("soak", b.Soak); err != nil {
		return q, err
	}
	q.Lifetime, err = optionalDuration("lifetime", b.Lifetime)
	return q, err
}

func itemStates(text string) ([]store.ItemState, error) {
	var out []store.ItemState
	for _, s := range commas(text) {
		switch state := store.ItemState(s); state {
		case store.ItemWaiting, store.ItemRunning, store.ItemDone, store.ItemFailed, store.ItemNeedsSignIn, store.ItemRefused, store.ItemCancelled:
			out = append(out, state)
		default:
			return nil, fault.BadField("state", "There is no such state of an account in a bulk.",
				"Use waiting, running, done, failed, needs_sign_in, refused or cancelled.")
		}
	}
	return out, nil
}
