package api

import (
	"context"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/signin"
)

const signInsPath = "/sign-ins"

// SignInPath names a sign-in in the path.
type SignInPath struct {
	ID string `path:"id" maxLength:"64"`
}

// SignInTenantPath names a tenant of a sign-in in the path.
type SignInTenantPath struct {
	SignInPath
	Tenant string `path:"tenant" maxLength:"253" doc:"Id or domain name"`
}

type signInAnswer struct{ Body resource.SignInSession }

type groupsAnswer struct {
	Body resource.SignInManagementGroups
}

type signInReturnInput struct{ Body resource.SignInReturn }

type searchInput struct {
	SignInTenantPath
	Search string `query:"search" maxLength:"200" doc:"Only those whose name or id contains it"`
}

func (s *server) signInRoutes(doc huma.API) {
	tags := []string{"sign-ins"}
	handle(s, doc, huma.Operation{
		OperationID: "list-sign-ins", Method: http.MethodGet, Path: signInsPath, Tags: tags, Summary: "List your sign-ins, newest first",
	}, func(ctx context.Context, by account.Caller, _ *struct{}) (*struct{ Body resource.SignInSessions }, error) {
		all, err := s.engine.SignIns().List(ctx, by)
		if err != nil {
			return nil, err
		}
		out := &struct{ Body resource.SignInSessions }{resource.SignInSessions{SignIns: []resource.SignInSession{}}}
		for _, v := range all {
			out.Body.SignIns = append(out.Body.SignIns, resource.OfSignIn(v, secret.Value{}))
		}
		return out, nil
	})
	handle(s, doc, huma.Operation{
		OperationID: "begin-sign-in", Method: http.MethodPost, Path: signInsPath, Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Begin a sign-in of which several operations may make use",
	}, func(ctx context.Context, by account.Caller, in *struct{ Body resource.SignInRequest }) (*signInAnswer, error) {
		b := &in.Body
		q := signin.BeginRequest{
			Cloud: b.Cloud, TenantID: b.TenantID, Method: b.Method, RedirectURI: b.RedirectURI, LocalPort: localPort(requestOf(ctx).http),
		}
		if t := b.Tokens; t != nil {
			q.Management, q.Graph = given(t.Management), given(t.Graph)
		}
		return s.signIn(ctx, by)(s.engine.SignIns().Begin(ctx, by, q))
	})
	handle(s, doc, huma.Operation{
		OperationID: "get-sign-in", Method: http.MethodGet, Path: signInsPath + "/{id}", Tags: tags, Summary: "Show a sign-in, or wait for it to change",
	}, s.waitForSignIn)
	handle(s, doc, huma.Operation{
		OperationID: "end-sign-in", Method: http.MethodDelete, Path: signInsPath + "/{id}", Tags: tags,
		Summary: "End a sign-in. Operations that have taken it over go on", DefaultStatus: http.StatusOK,
	}, func(ctx context.Context, by account.Caller, in *SignInPath) (*signInAnswer, error) {
		return s.signIn(ctx, by)(s.engine.SignIns().End(ctx, by, in.ID))
	})
	handle(s, doc, huma.Operation{
		OperationID: "return-sign-in", Method: http.MethodPost, Path: signInsPath + "/{id}/redirect", Tags: tags,
		Summary: "Give the address that the browser was sent back to", DefaultStatus: http.StatusOK,
	}, func(ctx context.Context, by account.Caller, in *struct {
		SignInPath
		Body resource.SignInReturn
	},
	) (*signInAnswer, error) {
		return s.signIn(ctx, by)(s.engine.SignIns().Complete(ctx, by, in.ID, in.Body.URL.Take()))
	})
	handle(s, doc, huma.Operation{
		OperationID: "return-any-sign-in", Method: http.MethodPost, Path: "/sign-in-returns", Tags: tags,
		Summary: "Give the address that the browser was sent back to, for whichever sign-in of yours it belongs to", DefaultStatus: http.StatusOK,
	}, func(ctx context.Context, by account.Caller, in *signInReturnInput) (*signInAnswer, error) {
		return s.signIn(ctx, by)(s.engine.SignIns().CompleteByState(ctx, by, in.Body.URL.Take()))
	})
	s.reachRoutes(doc)
}

// reachRoutes are what the person of a sign-in can reach.
func (s *server) reachRoutes(doc huma.API) {
	tags := []string{"sign-ins"}
	handle(s, doc, huma.Operation{
		OperationID: "list-sign-in-tenants", Method: http.MethodGet, Path: signInsPath + "/{id}/tenants", Tags: tags,
		Summary: "List the tenants that the person is in, and what can be done there",
	}, func(ctx context.Context, by account.Caller, in *SignInPath) (*struct{ Body resource.SignInTenants }, error) {
		list, err := s.engine.SignIns().Tenants(ctx, by, in.ID)
		if err != nil {
			return nil, err
		}
		out := &struct{ Body resource.SignInTenants }{resource.SignInTenants{Tenants: []resource.SignInTenant{}}}
		for _, t := range list {
			out.Body.Tenants = append(out.Body.Tenants, resource.OfTenant(t))
		}
		return out, nil
	})
	handle(s, doc, huma.Operation{
		OperationID: "get-sign-in-tenant", Method: http.MethodGet, Path: signInsPath + "/{id}/tenants/{tenant}", Tags: tags,
		Summary: "Look at one tenant of the person again",
	}, func(ctx context.Context, by account.Caller, in *SignInTenantPath) (*struct{ Body resource.SignInTenant }, error) {
		t, err := s.engine.SignIns().Tenant(ctx, by, in.ID, in.Tenant)
		if err != nil {
			return nil, err
		}
		return &struct{ Body resource.SignInTenant }{resource.OfTenant(*t)}, nil
	})
	handle(s, doc, huma.Operation{
		OperationID: "list-sign-in-subscriptions", Method: http.MethodGet, Path: signInsPath + "/{id}/tenants/{tenant}/subscriptions", Tags: tags,
		Summary: "List the subscriptions that the person sees at a tenant, and where roles may be assigned",
	}, func(ctx context.Context, by account.Caller, in *searchInput) (*struct{ Body resource.SignInSubscriptions }, error) {
		list, err := s.engine.SignIns().Subscriptions(ctx, by, in.ID, in.Tenant, in.Search)
		if err != nil {
			return nil, err
		}
		out := &struct{ Body resource.SignInSubscriptions }{resource.SignInSubscriptions{Subscriptions: []resource.SignInSubscription{}}}
		for _, one := range list {
			out.Body.Subscriptions = append(out.Body.Subscriptions, resource.OfSubscription(one))
		}
		return out, nil
	})
	handle(s, doc, huma.Operation{
		OperationID: "list-sign-in-management-groups", Method: http.MethodGet, Path: signInsPath + "/{id}/tenants/{tenant}/management-groups", Tags: tags,
		Summary: "List the management groups that the person sees at a tenant, and where roles may be assigned",
	}, func(ctx context.Context, by account.Caller, in *SignInTenantPath) (*groupsAnswer, error) {
		list, err := s.engine.SignIns().ManagementGroups(ctx, by, in.ID, in.Tenant)
		if err != nil {
			return nil, err
		}
		out := &groupsAnswer{resource.SignInManagementGroups{ManagementGroups: []resource.SignInManagementGroup{}}}
		for _, g := range list {
			out.Body.ManagementGroups = append(out.Body.ManagementGroups, resource.OfManagementGroup(g))
		}
		return out, nil
	})
}

// signIn makes the answer of what a call about one sign-in returned.
func (s *server) signIn(ctx context.Context, by account.Caller) func(*account.SignInSession, error) (*signInAnswer, error) {
	return func(v *account.SignInSession, err error) (*signInAnswer, error) {
		if err != nil {
			return nil, err
		}
		address, err := s.engine.SignIns().AuthorizeURL(ctx, by, v)
		if err != nil {
			return nil, err
		}
		return &signInAnswer{resource.OfSignIn(v, address)}, nil
	}
}

// waitForSignIn answers as soon as the sign-in's version is above the client's, nothing will come of it any more, or the wait
// is over.
func (s *server) waitForSignIn(ctx context.Context, by account.Caller, in *struct {
	SignInPath
	Wait    string `query:"wait" doc:"How long to wait for a change, e.g. 10s; at most 30s"`
	Version int64  `query:"version" doc:"The version the client has" minimum:"0"`
},
) (*signInAnswer, error) {
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
		v, err := s.engine.SignIns().Get(ctx, by, in.ID)
		if err != nil {
			return nil, err
		}
		if last || limit == 0 || v.Version > in.Version || v.Over() {
			return s.signIn(ctx, by)(v, nil)
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

func given(t resource.AccessToken) signin.GivenToken {
	out := signin.GivenToken{Access: t.AccessToken.Take()}
	if t.ExpiresAt != nil {
		out.ExpiresAt = *t.ExpiresAt
	}
	return out
}

// localPort is the server's port as the client's browser knows it, where that is on the same machine or is forwarded to it;
// else empty.
func localPort(r *http.Request) string {
	if r == nil {
		return ""
	}
	host, port, err := net.SplitHostPort(r.Host)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return ""
	}
	return port
}

// signInSettings is how people sign in, as who asks can do it.
func (s *server) signInSettings(ctx context.Context) resource.SignInSettings {
	id, redirects := s.engine.SignIns().Client()
	out := resource.SignInSettings{ClientID: id, TenantID: s.engine.SignIns().DefaultTenant(), OwnRedirect: redirects || localPort(requestOf(ctx).http) != "", Methods: slices.Clone(signin.Methods())}
	if id == entra.AzureCLI {
		out.ClientName = "Microsoft Azure CLI"
	}
	return out
}
