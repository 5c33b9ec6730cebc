package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

// maxWait bounds a long poll, and pollEvery is how often the engine is asked meanwhile.
const (
	maxWait   = 30 * time.Second
	pollEvery = 200 * time.Millisecond
)

// OperationPath names an operation in the path.
type OperationPath struct {
	ID string `path:"id" maxLength:"64"`
}

type waitInput struct {
	OperationPath
	Wait    string `query:"wait" doc:"How long to wait for a change, e.g. 10s; at most 30s"`
	Version int64  `query:"version" doc:"The version the client has: the answer comes when the operation's is higher, or the wait ends" minimum:"0"`
}

// OperationPage chooses a part of a list of operations. It is exported as AccountPath is.
type OperationPage struct {
	Open   bool `query:"open" doc:"Only those that have not ended"`
	Limit  int  `query:"limit" default:"200" minimum:"1" maximum:"1000"`
	Offset int  `query:"offset" default:"0" minimum:"0"`
}

func (s *server) operationRoutes(doc huma.API) {
	tags := []string{"operations"}
	handle(s, doc, huma.Operation{
		OperationID: "list-operations", Method: http.MethodGet, Path: "/operations", Tags: tags, Summary: "List operations, newest first",
	}, func(ctx context.Context, by account.Caller, in *struct {
		OperationPage
		ID string `query:"id" maxLength:"20000" doc:"Only these ids, separated by commas; at most 200"`
	},
	) (*operationsAnswer, error) {
		if ids := commas(in.ID); len(ids) > 0 {
			return operations(s.engine.OperationsByID(ctx, by, ids))
		}
		return operations(s.engine.Operations(ctx, by, "", in.Open, in.Limit, in.Offset))
	})
	handle(s, doc, huma.Operation{
		OperationID: "get-operation", Method: http.MethodGet, Path: "/operations/{id}", Tags: tags,
		Summary: "Show an operation, or wait for it to change",
	}, s.waitForOperation)
	handle(s, doc, huma.Operation{
		OperationID: "sign-in-operation", Method: http.MethodPost, Path: "/operations/{id}/sign-in", Tags: tags,
		Summary: "Start a new sign-in for an operation that needs one, or let it use one that was made before", DefaultStatus: http.StatusAccepted,
	}, func(ctx context.Context, by account.Caller, in *struct {
		OperationPath
		Body *resource.UseSignIn
	},
	) (*operationAnswer, error) {
		id := ""
		if in.Body != nil {
			id = in.Body.SignIn
		}
		return started(s.engine.SignInAgain(ctx, by, in.ID, id))
	})
	handle(s, doc, huma.Operation{
		OperationID: "choose-operation", Method: http.MethodPost, Path: "/operations/{id}/choose", Tags: tags,
		Summary: "Answer an operation's question", DefaultStatus: http.StatusAccepted,
	}, func(ctx context.Context, by account.Caller, in *struct {
		OperationPath
		Body resource.Choose
	},
	) (*operationAnswer, error) {
		return started(s.engine.Choose(ctx, by, in.ID, in.Body.Option))
	})
	handle(s, doc, huma.Operation{
		OperationID: "cancel-operation", Method: http.MethodPost, Path: "/operations/{id}/cancel", Tags: tags,
		Summary: "Close an operation that has changed nothing, or roll back one that has", DefaultStatus: http.StatusAccepted,
	}, func(ctx context.Context, by account.Caller, in *OperationPath) (*operationAnswer, error) {
		return started(s.engine.Cancel(ctx, by, in.ID))
	})
}

// waitForOperation answers with the operation as soon as its version is above the client's, it has closed, or the wait is
// over. It ends early, without a loss, when the server shuts down.
func (s *server) waitForOperation(ctx context.Context, by account.Caller, in *waitInput) (*struct{ Body resource.Operation }, error) {
	wait, err := optionalDuration("wait", in.Wait)
	if err != nil {
		return nil, err
	}
	limit := time.Duration(0)
	if wait != nil {
		limit = min(*wait, maxWait)
	}
	over := time.NewTimer(limit)
	defer over.Stop()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for last := false; ; {
		o, err := s.engine.Operation(ctx, by, in.ID)
		if err != nil {
			return nil, err
		}
		if last || limit == 0 || o.Version > in.Version || o.State.Closed() {
			return &struct{ Body resource.Operation }{resource.OfOperation(o)}, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-over.C:
			last = true
		case <-tick.C:
		}
	}
}

func operations(all []*account.Operation, err error) (*operationsAnswer, error) {
	if err != nil {
		return nil, err
	}
	out := &operationsAnswer{Body: resource.Operations{Operations: []resource.Operation{}}}
	for _, o := range all {
		out.Body.Operations = append(out.Body.Operations, resource.OfOperation(o))
	}
	return out, nil
}
