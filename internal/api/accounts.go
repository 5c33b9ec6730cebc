package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/renewal"
)

// AccountPath names an account in the path. It is exported because huma fills no field of an embedded unexported type.
type AccountPath struct {
	Account string `path:"account" doc:"Id or name; names are compared without regard to case" maxLength:"255"`
}

type accountAnswer struct {
	ETag string `header:"ETag" doc:"The version, for If-Match"`
	Body resource.Account
}

// operationAnswer is 202 while the operation goes on and 200 where it had nothing to wait for.
type operationAnswer struct {
	Status int
	Body   resource.Operation
}

type operationsAnswer struct{ Body resource.Operations }

func started(o *account.Operation, err error) (*operationAnswer, error) {
	if err != nil {
		return nil, err
	}
	status := http.StatusAccepted
	if o.State.Closed() {
		status = http.StatusOK
	}
	return &operationAnswer{Status: status, Body: resource.OfOperation(o)}, nil
}

func (s *server) accountRoutes(doc huma.API) {
	tags := []string{"accounts"}
	handle(s, doc, huma.Operation{
		OperationID: "get-account", Method: http.MethodGet, Path: "/accounts/{account}", Tags: tags, Summary: "Show an account",
	}, func(ctx context.Context, by account.Caller, in *AccountPath) (*accountAnswer, error) {
		return s.account(ctx, by, in.Account)
	})
	handle(s, doc, huma.Operation{
		OperationID: "create-account", Method: http.MethodPost, Path: "/accounts", Tags: tags, MaxBodyBytes: largeBody,
		Summary:       "Add an account with a new application, or one that specifies an existing application",
		DefaultStatus: http.StatusAccepted,
	}, func(ctx context.Context, by account.Caller, in *struct{ Body resource.Create }) (*operationAnswer, error) {
		return s.create(ctx, by, &in.Body)
	})
	handle(s, doc, huma.Operation{
		OperationID: "remove-account", Method: http.MethodDelete, Path: "/accounts/{account}", Tags: tags,
		Summary: "Forget an account; on request delete the application that Evercred made for it", DefaultStatus: http.StatusAccepted,
	}, func(ctx context.Context, by account.Caller, in *struct {
		AccountPath
		DeleteApplication bool   `query:"delete_application" doc:"Also delete the application; this asks for a sign-in"`
		DeleteRoles       bool   `query:"delete_roles" doc:"Also take back the role assignments and custom roles that Evercred made for it; this asks for a sign-in"`
		SignIn            string `query:"sign_in" maxLength:"64" doc:"Id of a sign-in that was made before; if left out, the operation asks for one where it needs one"`
	},
	) (*operationAnswer, error) {
		return started(s.engine.Remove(ctx, by, in.Account, renewal.RemoveRequest{DeleteApplication: in.DeleteApplication, DeleteRoles: in.DeleteRoles, SignIn: in.SignIn}))
	})
	handle(s, doc, huma.Operation{
		OperationID: "list-account-operations", Method: http.MethodGet, Path: "/accounts/{account}/operations", Tags: tags,
		Summary: "List the operations of an account, newest first",
	}, func(ctx context.Context, by account.Caller, in *struct {
		AccountPath
		OperationPage
	},
	) (*operationsAnswer, error) {
		return operations(s.engine.Operations(ctx, by, in.Account, in.Open, in.Limit, in.Offset))
	})
}

func (s *server) account(ctx context.Context, by account.Caller, ref string) (*accountAnswer, error) {
	a, state, err := s.engine.Account(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	return &accountAnswer{ETag: strconv.Quote(strconv.FormatInt(a.Version, 10)), Body: resource.OfAccount(a, state, s.engine.Now())}, nil
}

func (s *server) create(ctx context.Context, by account.Caller, in *resource.Create) (*operationAnswer, error) {
	lifetime, err := optionalDuration("lifetime", in.Lifetime)
	if err != nil {
		return nil, err
	}
	purpose := renewal.Purpose{Profile: in.Profile, Purposes: in.Purposes, ManagementGroup: in.ManagementGroup, UsedBy: in.UsedBy}
	if in.Kind == resource.CreateAuto {
		if in.ApplicationID != "" || in.Secret != nil || len(in.Certificate) > 0 || in.AllowMissing {
			return nil, fault.BadField("kind", "An application id or a credential is given for an account whose application Evercred makes.",
				"Use the kind existing, or leave them out.")
		}
		return started(s.engine.Add(ctx, by, renewal.AddRequest{
			SignIn: in.SignIn, Name: in.Name, Description: in.Description, Cloud: in.Cloud, TenantID: in.TenantID,
			Subscriptions: in.Subscriptions, RoleSet: in.RoleSet, Purpose: purpose, Kind: account.Kind(in.Method), Lifetime: lifetime,
		}))
	}
	if in.Method != "" {
		return nil, fault.BadField("method", "A method is given for a credential that exists already.", "Leave it out: the secret or the certificate that is given says it.")
	}
	if lifetime != nil {
		return nil, fault.BadField("lifetime", "A lifetime is given for a credential that exists already.", "Leave it out.")
	}
	if in.SignIn != "" {
		return nil, fault.BadField("sign_in", "A sign-in is given for an application that exists already, which needs none.", "Leave it out.")
	}
	r := renewal.ConnectRequest{
		Name: in.Name, Description: in.Description, Cloud: in.Cloud, ApplicationID: in.ApplicationID, TenantID: in.TenantID,
		Subscriptions: in.Subscriptions, RoleSet: in.RoleSet, Purpose: purpose, AllowMissing: in.AllowMissing,
	}
	if err := withMaterial(&r, &in.Material); err != nil {
		return nil, err
	}
	return started(s.engine.AddExisting(ctx, by, r))
}

// withMaterial puts the credential of a request where the engine wants it. Exactly one of the two must be there.
func withMaterial(r *renewal.ConnectRequest, m *resource.Material) error {
	r.Secret, r.Certificate, r.Password, r.ExpiresAt = m.Secret.Take(), m.Certificate, m.Password.Take(), m.SecretExpiresAt
	switch {
	case r.Secret.Empty() && len(r.Certificate) == 0:
		field := "secret"
		if m.Certificate != nil {
			field = "certificate"
		}
		return fault.BadField(field, "No credential is given, or it is empty.", "Give a client secret, or a PFX or P12 file with its password.")
	case !r.Secret.Empty() && len(r.Certificate) > 0:
		return fault.BadField("certificate", "Both a client secret and a certificate are given.", "Give one of them.")
	case !r.Password.Empty() && len(r.Certificate) == 0:
		return fault.BadField("password", "A password is given without a certificate.", "Give the certificate file, or leave the password out.")
	case r.ExpiresAt != nil && len(r.Certificate) > 0:
		return fault.BadField("secret_expires_at", "An end is given for a certificate, which states its own.", "Leave it out.")
	}
	return nil
}
