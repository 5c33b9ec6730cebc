package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

type serverAnswer struct{ Body resource.Server }

func (s *server) settingsRoutes(doc huma.API) {
	handle(s, doc, huma.Operation{
		OperationID: "get-server", Method: http.MethodGet, Path: "/server", Tags: []string{"server"},
		Summary: "Show what the server is and what it was configured with",
	}, func(ctx context.Context, _ account.Caller, _ *struct{}) (*serverAnswer, error) {
		c := s.engine.Settings()
		return &serverAnswer{resource.Server{
			Version: s.version, Demo: s.demo, Now: whole(c.Now), Clouds: c.Clouds, DefaultCloud: c.DefaultCloud, RoleSet: c.RoleSet,
			Policy: resource.OfPolicy(c.Policy), AzureGate: c.AzureGate, SignIn: s.signInSettings(ctx),
			Proof:        resource.Proof{Answers: c.Proof.Answers, Spread: resource.FormatDuration(c.Proof.Spread), Propagation: resource.FormatDuration(c.Proof.Propagation)},
			Installation: c.Installation, WritesPerSecond: c.Writes,
		}}, nil
	})
}
