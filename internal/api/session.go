package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/authn"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

const sessionPath = "/session"

type sessionAnswer struct{ Body resource.Session }

type beganAnswer struct {
	SetCookie string `header:"Set-Cookie" doc:"The cookie evercred_session, which carries the session"`
	Body      resource.Session
}

type endedAnswer struct {
	SetCookie string `header:"Set-Cookie" doc:"Takes the cookie away"`
}

type linkAnswer struct{ Body resource.Link }

func (s *server) sessionRoutes(doc huma.API) {
	tags := []string{"session"}
	handle(s, doc, huma.Operation{
		OperationID: "begin-session", Method: http.MethodPost, Path: sessionPath, Tags: tags,
		Summary: "Sign in at the page, by a one-time address or an API token", Security: []map[string][]string{},
	}, func(ctx context.Context, _ account.Caller, in *struct{ Body resource.Login }) (*beganAnswer, error) {
		return s.begin(ctx, &in.Body)
	})
	handle(s, doc, huma.Operation{
		OperationID: "get-session", Method: http.MethodGet, Path: sessionPath, Tags: tags, Summary: "Show the session of the request",
		Security: bySession(),
	}, func(ctx context.Context, _ account.Caller, _ *struct{}) (*sessionAnswer, error) {
		session, err := sessionOf(ctx)
		if err != nil {
			return nil, err
		}
		return &sessionAnswer{ofSession(session)}, nil
	})
	handle(s, doc, huma.Operation{
		OperationID: "end-session", Method: http.MethodDelete, Path: sessionPath, Tags: tags, Summary: "Sign out",
		DefaultStatus: http.StatusNoContent, Security: bySession(),
	}, func(ctx context.Context, _ account.Caller, _ *struct{}) (*endedAnswer, error) {
		session, err := sessionOf(ctx)
		if err != nil {
			return nil, err
		}
		if err := s.authn.End(ctx, session); err != nil {
			return nil, err
		}
		return &endedAnswer{s.authn.Cookie(requestOf(ctx).http, nil).String()}, nil
	})
	handle(s, doc, huma.Operation{
		OperationID: "create-session-link", Method: http.MethodPost, Path: sessionPath + "/links", Tags: tags,
		Summary: "Make an address that signs its bearer in, once, within 15 minutes",
	}, func(ctx context.Context, by account.Caller, _ *struct{}) (*linkAnswer, error) {
		link, err := s.authn.Link(ctx, by, authn.LinkLifetime)
		if err != nil {
			return nil, err
		}
		return &linkAnswer{resource.Link{URL: resource.Secret{Value: link.URL}, ExpiresAt: whole(link.ExpiresAt)}}, nil
	})
}

// bySession is the security of what only a session can ask for.
func bySession() []map[string][]string { return []map[string][]string{{"session": {}}} }

// begin signs a person in. Who is not let in is audited.
func (s *server) begin(ctx context.Context, in *resource.Login) (*beganAnswer, error) {
	code, token := in.Login.Take(), in.Token.Take()
	if code.Empty() == token.Empty() {
		return nil, fault.BadField("login", "A login code or an API token is needed, and one of them only.",
			"Open the address that `evercred web` prints, or paste an API token.")
	}
	by, how, err := s.admit(ctx, code, token)
	if err != nil {
		if f := fault.From(err); f.Code == fault.Unauthorized {
			s.authn.Refused(ctx, f.Message)
		}
		return nil, err
	}
	r := requestOf(ctx).http
	session, err := s.authn.Begin(r, by, how)
	if err != nil {
		return nil, err
	}
	requestOf(ctx).caller = session.Caller
	return &beganAnswer{SetCookie: s.authn.Cookie(r, session).String(), Body: ofSession(session)}, nil
}

func (s *server) admit(ctx context.Context, code, token secret.Value) (by account.Caller, how string, err error) {
	if !code.Empty() {
		by, err = s.authn.Redeem(ctx, code)
		return by, "link", err
	}
	by, err = s.authn.ByToken(ctx, token)
	return by, "token", err
}

// sessionOf returns the request's session. A program with an API token has none.
func sessionOf(ctx context.Context) (*authn.Session, error) {
	if session := requestOf(ctx).session; session != nil {
		return session, nil
	}
	return nil, fault.New(fault.Unauthorized, "The request has no session: it came with an API token.").
		WithRemedy("Leave the header Authorization out and sign in at the page, with the address that `evercred web` prints.")
}

func ofSession(s *authn.Session) resource.Session {
	return resource.Session{Caller: s.Caller.Name, ExpiresAt: whole(s.ExpiresAt)}
}

// whole cuts a time to the second, as the API writes all times.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
