package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

type stewardsAnswer struct{ Body resource.Stewards }

func (s *server) stewardRoutes(doc huma.API) {
	tags := []string{"stewards"}
	handle(s, doc, huma.Operation{
		OperationID: "list-stewards", Method: http.MethodGet, Path: "/stewards", Tags: tags,
		Summary: "List the accounts by whose rights others of their tenant are renewed without a person",
	}, func(ctx context.Context, by account.Caller, _ *struct{}) (*stewardsAnswer, error) {
		list, err := s.engine.Stewards(ctx, by)
		if err != nil {
			return nil, err
		}
		out := &stewardsAnswer{resource.Stewards{Stewards: []resource.Steward{}}}
		for _, one := range list {
			a, _, err := s.engine.Account(ctx, by, one.AccountID)
			if err != nil {
				return nil, err
			}
			out.Body.Stewards = append(out.Body.Stewards, resource.Steward{Cloud: one.Cloud, TenantID: one.TenantID, Account: resource.AccountRef{ID: a.ID, Name: a.Name}})
		}
		return out, nil
	})
	handle(s, doc, huma.Operation{
		OperationID: "set-steward", Method: http.MethodPut, Path: "/accounts/{account}/steward", Tags: tags,
		Summary: "Make an account the steward of its tenant, in the place of another one",
	}, func(ctx context.Context, by account.Caller, in *AccountPath) (*accountAnswer, error) {
		a, err := s.engine.SetSteward(ctx, by, in.Account)
		if err != nil {
			return nil, err
		}
		return s.account(ctx, by, a.ID)
	})
	handle(s, doc, huma.Operation{
		OperationID: "drop-steward", Method: http.MethodDelete, Path: "/accounts/{account}/steward", Tags: tags,
		Summary: "Leave the tenant without a steward, if the account is it",
	}, func(ctx context.Context, by account.Caller, in *AccountPath) (*accountAnswer, error) {
		a, err := s.engine.DropSteward(ctx, by, in.Account)
		if err != nil {
			return nil, err
		}
		return s.account(ctx, by, a.ID)
	})
}
