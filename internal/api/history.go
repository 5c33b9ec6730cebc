package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

func (s *server) historyRoutes(doc huma.API) {
	tags := []string{"accounts"}
	handle(s, doc, huma.Operation{
		OperationID: "account-history", Method: http.MethodGet, Path: "/accounts/{account}/history", Tags: tags,
		Summary: "Show what happened to an account: credentials, checks, operations, edits; newest first",
	}, func(ctx context.Context, by account.Caller, in *struct {
		AccountPath
		Limit  int   `query:"limit" default:"50" minimum:"1" maximum:"500"`
		Before int64 `query:"before" minimum:"0" doc:"Only events older than the one with this id: next_before of the page before"`
	},
	) (*struct{ Body resource.History }, error) {
		events, next, err := s.engine.History(ctx, by, in.Account, in.Before, in.Limit)
		if err != nil {
			return nil, err
		}
		out := resource.History{Events: []resource.HistoryEvent{}, NextBefore: next}
		for i := range events {
			out.Events = append(out.Events, resource.OfHistoryEvent(&events[i]))
		}
		return &struct{ Body resource.History }{out}, nil
	})
	handle(s, doc, huma.Operation{
		OperationID: "preview-removal", Method: http.MethodGet, Path: "/accounts/{account}/removal", Tags: tags,
		Summary: "Show what the removal of an account would do, and what depends on it; nothing is changed",
	}, func(ctx context.Context, by account.Caller, in *AccountPath) (*struct{ Body resource.RemovalPreview }, error) {
		p, err := s.engine.PreviewRemoval(ctx, by, in.Account)
		if err != nil {
			return nil, err
		}
		now := s.engine.Now()
		standing := account.StandingOf(p.Account, now, p.Operations)
		return &struct{ Body resource.RemovalPreview }{resource.OfRemoval(p, standing.Fates, now)}, nil
	})
}
