package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/renewal"
)

type actionInput[B any] struct {
	AccountPath
	Body *B
}

// body is the request's body, or an empty one: all fields of these requests may be left out.
func (in *actionInput[B]) body() *B {
	if in.Body == nil {
		return new(B)
	}
	return in.Body
}

type handOverAnswer struct{ Body resource.HandOver }

func action(name, summary string) huma.Operation {
	return huma.Operation{
		OperationID: name + "-account", Method: http.MethodPost, Path: "/accounts/{account}/" + name, Summary: summary,
		Tags: []string{"accounts"}, DefaultStatus: http.StatusAccepted,
	}
}

func (s *server) accountActions(doc huma.API) {
	connect := action("connect", "Specify an existing application, or a new value for the same one")
	connect.MaxBodyBytes = largeBody
	handle(s, doc, connect, func(ctx context.Context, by account.Caller, in *actionInput[resource.Connect]) (*operationAnswer, error) {
		b := in.body()
		r := renewal.ConnectRequest{
			Cloud: b.Cloud, ApplicationID: b.ApplicationID, TenantID: b.TenantID,
			Subscriptions: b.Subscriptions, RoleSet: b.RoleSet, AllowMissing: b.AllowMissing,
		}
		if err := withMaterial(&r, &b.Material); err != nil {
			return nil, err
		}
		return started(s.engine.Connect(ctx, by, in.Account, r))
	})
	handle(s, doc, action("renew", "Replace the current credential by a new one of the same application"),
		func(ctx context.Context, by account.Caller, in *actionInput[resource.Renew]) (*operationAnswer, error) {
			soak, err := optionalDuration("soak", in.body().Soak)
			if err != nil {
				return nil, err
			}
			lifetime, err := optionalDuration("lifetime", in.body().Lifetime)
			if err != nil {
				return nil, err
			}
			return started(s.engine.Renew(ctx, by, in.Account, renewal.RenewRequest{
				Soak: soak, Lifetime: lifetime, Kind: account.Kind(in.body().Kind), WithSignIn: in.body().SignIn.Wish, SignIn: in.body().SignIn.ID,
			}))
		})
	handle(s, doc, action("recreate", "Restore the deleted application of an account, or make a new one"),
		func(ctx context.Context, by account.Caller, in *actionInput[resource.Recreate]) (*operationAnswer, error) {
			lifetime, err := optionalDuration("lifetime", in.body().Lifetime)
			if err != nil {
				return nil, err
			}
			return started(s.engine.Recreate(ctx, by, in.Account, renewal.RecreateRequest{Kind: account.Kind(in.body().Method), Choice: in.body().Choice, Lifetime: lifetime, SignIn: in.body().SignIn}))
		})
	handle(s, doc, action("check", "Look at an account with its own credential"),
		func(ctx context.Context, by account.Caller, in *actionInput[resource.CheckRequest]) (*operationAnswer, error) {
			return started(s.engine.Check(ctx, by, in.Account, renewal.CheckRequest{WithSignIn: in.body().SignIn.Wish, SignIn: in.body().SignIn.ID}))
		})
	handle(s, doc, action("reconcile", "Hold what is known against what is on the application: remove orphans, find what is lost"),
		func(ctx context.Context, by account.Caller, in *actionInput[resource.UseSignIn]) (*operationAnswer, error) {
			return started(s.engine.Reconcile(ctx, by, in.Account, renewal.ReconcileRequest{SignIn: in.body().SignIn}))
		})
	handle(s, doc, action("rollback", "Go back to the credential that was in use before"),
		func(ctx context.Context, by account.Caller, in *AccountPath) (*operationAnswer, error) {
			return started(s.engine.Rollback(ctx, by, in.Account))
		})
	handOver := action("hand-over", "Disclose the current credential; this is audited")
	handOver.DefaultStatus = http.StatusOK
	handle(s, doc, handOver, func(ctx context.Context, by account.Caller, in *actionInput[resource.HandOverRequest]) (*handOverAnswer, error) {
		return s.handOver(ctx, by, in.Account, in.body())
	})
	acknowledge := action("acknowledge", "Record that the software that uses the account has the current credential")
	acknowledge.DefaultStatus = http.StatusOK
	handle(s, doc, acknowledge, func(ctx context.Context, by account.Caller, in *AccountPath) (*accountAnswer, error) {
		if _, err := s.engine.Acknowledge(ctx, by, in.Account); err != nil {
			return nil, err
		}
		return s.account(ctx, by, in.Account)
	})
}

// handOver answers with a certificate as PEM, or as a PFX where a password is given. A password that cannot be used is
// refused before anything is disclosed.
func (s *server) handOver(ctx context.Context, by account.Caller, ref string, r *resource.HandOverRequest) (*handOverAnswer, error) {
	if err := checkPFXPassword(r.Password); err != nil {
		return nil, err
	}
	h, err := s.engine.HandOver(ctx, by, ref, r.Acknowledge)
	if err != nil {
		return nil, err
	}
	out := resource.HandOver{
		Account:       resource.AccountRef{ID: h.Credential.AccountID, Name: h.AccountName},
		ApplicationID: h.ApplicationID, TenantID: h.TenantID, Credential: resource.OfCredential(&h.Credential, h.Fate),
	}
	switch {
	case h.Credential.Kind != account.Certificate:
		out.Secret = resource.Reveal(h.Material)
	case r.Password == nil:
		out.CertificatePEM = resource.Reveal(h.Material)
	default:
		if out.CertificatePFX, err = s.engine.PFX(h, r.Password.Take()); err != nil {
			return nil, err
		}
	}
	return &handOverAnswer{out}, nil
}

// checkPFXPassword refuses the empty password too: a PFX with a private key and without a password is a file that anybody
// opens. None at all asks for PEM.
func checkPFXPassword(password *resource.Secret) error {
	switch {
	case password == nil:
		return nil
	case password.Take().Empty():
		return fault.BadField("password", "The password of the PFX file is empty.",
			"Choose a password; the software that uses the file must be given it too.")
	}
	return certificate.CheckPassword(password.Take())
}

// optionalDuration reads a duration of a request; nil if it is left out.
func optionalDuration(field, text string) (*time.Duration, error) {
	if text == "" {
		return nil, nil
	}
	d, err := resource.ParseDuration(text)
	if err != nil {
		return nil, fault.BadField(field, "The duration cannot be read.", "Write it like 180d, 24h, 1d12h or 0s.")
	}
	return &d, nil
}
