package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/permission"
	"github.com/evercred/evercred/internal/renewal"
)

type permissionsInput struct {
	AccountPath
	Result  string `query:"result" enum:"success,missing,unknown" doc:"Only rows with this result"`
	Purpose string `query:"purpose" maxLength:"128" doc:"Only rows of this purpose"`
	Scope   string `query:"scope" maxLength:"256" doc:"Only rows of this scope"`
	Search  string `query:"search" maxLength:"128" doc:"Only rows whose purpose, title, scope or its name has this text in it"`
	Limit   int    `query:"limit" default:"1000" minimum:"1" maximum:"10000" doc:"How many rows at most"`
	Offset  int    `query:"offset" minimum:"0"`
}

type exportInput struct {
	AccountPath
	What   string `query:"what" enum:"missing,all" default:"missing" doc:"What the last check found missing, or all that the purposes need"`
	Format string `query:"format" enum:"azure-json,azure-portal-json" default:"azure-json" doc:"azure-json: for az role definition create and New-AzRoleDefinition; azure-portal-json: for the portal's Start from JSON"`
}

// download is a file: its bytes go out as they are.
type download struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Body               []byte
}

func (s *server) permissionRoutes(doc huma.API) {
	tags := []string{"permissions"}
	handle(s, doc, huma.Operation{
		OperationID: "list-permission-profiles", Method: http.MethodGet, Path: "/permission-profiles", Tags: tags,
		Summary: "List what accounts can be for: permission profiles and their purposes",
	}, func(context.Context, account.Caller, *struct{}) (*struct{ Body resource.PermissionProfiles }, error) {
		return &struct{ Body resource.PermissionProfiles }{s.profiles()}, nil
	})
	handle(s, doc, huma.Operation{
		OperationID: "get-account-permissions", Method: http.MethodGet, Path: "/accounts/{account}/permissions", Tags: tags,
		Summary: "Show what the last check found of an account's purposes, scope by scope",
	}, func(ctx context.Context, by account.Caller, in *permissionsInput) (*struct{ Body resource.Permissions }, error) {
		r, err := s.engine.Permissions(ctx, by, in.Account)
		if err != nil {
			return nil, err
		}
		return &struct{ Body resource.Permissions }{in.permissions(r)}, nil
	})
	handle(s, doc, huma.Operation{
		OperationID: "export-account-permissions", Method: http.MethodGet, Path: "/accounts/{account}/permissions/export", Tags: tags,
		Summary:   "Download an Azure custom role with what an account lacks, or with all that its purposes need",
		Responses: map[string]*huma.Response{"200": {Description: "The custom role", Content: map[string]*huma.MediaType{"application/json": {}}}},
	}, s.exportPermissions)
	handle(s, doc, huma.Operation{
		OperationID: "grant-account-permissions", Method: http.MethodPost, Path: "/accounts/{account}/grant", Tags: tags,
		Summary: "Give an account's application exactly what it lacks; asks for a sign-in", DefaultStatus: http.StatusAccepted,
	}, func(ctx context.Context, by account.Caller, in *actionInput[resource.GrantRequest]) (*operationAnswer, error) {
		return started(s.engine.Grant(ctx, by, in.Account, renewal.GrantRequest{Scopes: in.body().Scopes, SignIn: in.body().SignIn}))
	})
	handle(s, doc, huma.Operation{
		OperationID: "preview-permissions", Method: http.MethodPost, Path: "/permission-preview", Tags: tags, MaxBodyBytes: largeBody,
		Summary: "Show what an application may do, before anything about it is stored",
	}, func(ctx context.Context, by account.Caller, in *struct {
		Body resource.PermissionPreviewRequest
	},
	) (*struct{ Body resource.PermissionPreview }, error) {
		return s.previewPermissions(ctx, by, &in.Body)
	})
}

func (s *server) profiles() resource.PermissionProfiles {
	out := resource.PermissionProfiles{}
	for _, p := range permission.Profiles() {
		one := resource.PermissionProfile{
			Name: p.Name, Version: p.Version, Title: p.Title, Source: p.Source, Purposes: []resource.Purpose{}, Roles: strs(p.Roles),
		}
		if p.IsDefault() {
			one.Roles = strs(s.engine.Settings().RoleSet)
		}
		for i := range p.Purposes {
			q := &p.Purposes[i]
			one.Purposes = append(one.Purposes, resource.Purpose{
				Name: q.Name, Title: q.Title, Group: q.Group, Actions: strs(q.Actions), DataActions: strs(q.DataActions),
			})
		}
		out.Profiles = append(out.Profiles, one)
	}
	return out
}

// permissions makes the resource of a report, with the rows that the query asks for.
func (in *permissionsInput) permissions(r *renewal.PermissionReport) resource.Permissions {
	out := resource.Permissions{
		Profile: r.Profile, ProfileVersion: r.Version, Current: r.Current, StaleNote: r.StaleNote, Rows: []resource.PermissionRow{},
		Total: len(r.Rows), Summary: permissionSummary(r),
	}
	if r.AsOf != nil {
		at := whole(*r.AsOf)
		out.AsOf = &at
	}
	for i := range r.Rows {
		if !in.asksFor(&r.Rows[i]) {
			continue
		}
		if out.Matched++; out.Matched > in.Offset && len(out.Rows) < in.Limit {
			out.Rows = append(out.Rows, permissionRow(&r.Rows[i]))
		}
	}
	return out
}

func (in *permissionsInput) asksFor(row *renewal.PermissionRow) bool {
	if in.Result != "" && in.Result != row.Result || in.Purpose != "" && !strings.EqualFold(in.Purpose, row.Purpose) ||
		in.Scope != "" && !strings.EqualFold(strings.TrimRight(in.Scope, "/"), row.Scope) {
		return false
	}
	if in.Search == "" {
		return true
	}
	text := strings.ToLower(strings.Join([]string{row.Purpose, row.Title, row.Scope, row.ScopeName}, "\n"))
	return strings.Contains(text, strings.ToLower(in.Search))
}

func permissionRow(row *renewal.PermissionRow) resource.PermissionRow {
	return resource.PermissionRow{
		Purpose: row.Purpose, Title: row.Title, Scope: row.Scope, ScopeName: row.ScopeName, Result: row.Result,
		MissingActions: strs(row.MissingActions), MissingDataActions: strs(row.MissingDataActions), Reason: row.Reason,
	}
}

func permissionSummary(r *renewal.PermissionReport) resource.PermissionSummary {
	out := resource.PermissionSummary{
		Scopes: r.Scopes, Purposes: []resource.PurposeCount{}, Text: r.Text,
		MissingActions: strs(r.Missing.Actions), MissingDataActions: strs(r.Missing.DataActions),
	}
	for _, p := range r.Purposes {
		out.Purposes = append(out.Purposes, resource.PurposeCount(p))
		out.Success, out.Missing, out.Unknown = out.Success+p.Success, out.Missing+p.Missing, out.Unknown+p.Unknown
	}
	return out
}

func (s *server) exportPermissions(ctx context.Context, by account.Caller, in *exportInput) (*download, error) {
	role, err := s.engine.ExportPermissions(ctx, by, in.Account, in.What)
	if err != nil {
		return nil, err
	}
	var content any = role
	if in.Format == "azure-portal-json" {
		content = role.Portal()
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(content); err != nil {
		return nil, fault.New(fault.Internal, "The custom role could not be written.").WithCause(err)
	}
	name := strings.ToLower(strings.ReplaceAll(role.Name, " ", "-")) + ".json" // names of accounts are ASCII
	return &download{ContentType: "application/json", ContentDisposition: `attachment; filename="` + name + `"`, Body: b.Bytes()}, nil
}

func (s *server) previewPermissions(ctx context.Context, by account.Caller, b *resource.PermissionPreviewRequest) (*struct{ Body resource.PermissionPreview }, error) {
	r := renewal.ConnectRequest{
		Cloud: b.Cloud, ApplicationID: b.ApplicationID, TenantID: b.TenantID, Subscriptions: b.Subscriptions, RoleSet: b.RoleSet,
		Purpose: renewal.Purpose{Profile: b.Profile, Purposes: b.Purposes, ManagementGroup: b.ManagementGroup},
	}
	if b.Account == "" || b.Secret != nil || len(b.Certificate) > 0 || b.Password != nil {
		if err := withMaterial(&r, &b.Material); err != nil {
			return nil, err
		}
	}
	found, err := s.engine.PreviewPermissions(ctx, by, renewal.PermissionPreviewRequest{Account: b.Account, ConnectRequest: r})
	if err != nil {
		return nil, err
	}
	out := resource.PermissionPreview{
		AsOf: whole(*found.AsOf), Profile: found.Profile, ProfileVersion: found.Version, Subscriptions: []resource.NamedID{},
		Rows: []resource.PermissionRow{}, Summary: permissionSummary(&found.PermissionReport),
	}
	for _, sub := range found.Subscriptions {
		out.Subscriptions = append(out.Subscriptions, resource.NamedID(sub))
	}
	for i := range found.Rows {
		out.Rows = append(out.Rows, permissionRow(&found.Rows[i]))
	}
	return &struct{ Body resource.PermissionPreview }{out}, nil
}

// strs is a list that is never null.
func strs(in []string) []string {
	if in == nil {
		return []string{}
	}
	return in
}
