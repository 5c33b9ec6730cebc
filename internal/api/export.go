package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/store"
)

// exportChunk is how many accounts of an export are read at a time: it never holds all of them.
const exportChunk = 500

func (s *server) exportRoutes(doc huma.API) {
	content := map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: "string"}}, "application/json": {Schema: &huma.Schema{
		Type: "array", Items: &huma.Schema{Ref: "#/components/schemas/AccountSummary"},
	}}}
	handle(s, doc, huma.Operation{
		OperationID: "export-accounts", Method: http.MethodGet, Path: "/accounts/export", Tags: []string{"accounts"},
		Summary:   "Download all accounts that the filters select",
		Responses: map[string]*huma.Response{"200": {Description: "A file: a table, or a JSON list of AccountSummary", Content: content}},
	}, func(ctx context.Context, by account.Caller, in *struct {
		AccountFilter
		Format string `query:"format" enum:"csv,json" default:"csv"`
	},
	) (*huma.StreamResponse, error) {
		q := in.query()
		ids, err := s.engine.ListIDs(ctx, by, q)
		if err != nil {
			return nil, err
		}
		read := func(part []string) (*renewal.AccountPage, error) {
			return s.engine.List(ctx, by, store.AccountQuery{IDs: part, Sort: q.Sort})
		}
		return &huma.StreamResponse{Body: func(h huma.Context) {
			kind := map[string]string{"csv": "text/csv; charset=utf-8", "json": "application/json"}[in.Format]
			h.SetHeader("Content-Type", kind)
			h.SetHeader("Content-Disposition", `attachment; filename="evercred-accounts-`+s.engine.Now().UTC().Format(time.DateOnly)+`.`+in.Format+`"`)
			write := writeCSV
			if in.Format == "json" {
				write = writeJSON
			}
			if err := write(h.BodyWriter(), ids, read); err != nil {
				if ctx.Err() == nil {
					s.log.Error("export broken off", "request", requestID(ctx), "error", err)
				}
				panic(http.ErrAbortHandler) // a file that is cut short must not look whole
			}
		}}, nil
	})
}

type readPart func(ids []string) (*renewal.AccountPage, error)

func writeJSON(w io.Writer, ids []string, read readPart) error {
	if _, err := io.WriteString(w, "["); err != nil {
		return err
	}
	separator := "\n"
	for part := range slices.Chunk(ids, exportChunk) {
		page, err := read(part)
		if err != nil {
			return err
		}
		for i, a := range page.Accounts {
			raw, err := json.Marshal(resource.OfSummary(a, page.Standings[i]))
			if err != nil {
				return err
			}
			if _, err := io.WriteString(w, separator+string(raw)); err != nil {
				return err
			}
			separator = ",\n"
		}
	}
	_, err := io.WriteString(w, "\n]\n")
	return err
}

func writeCSV(w io.Writer, ids []string, read readPart) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	err := out.Write([]string{
		"name", "state", "what_to_do", "method", "expires_at", "last_check_at", "permissions", "missing", "subscriptions", "management_group", "cloud", "tenant_id",
		"application_id", "origin", "hand_over_pending", "used_by", "description", "created_at", "updated_at", "id",
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(ids, exportChunk) {
		page, err := read(part)
		if err != nil {
			return err
		}
		for i, a := range page.Accounts {
			s := resource.OfSummary(a, page.Standings[i])
			err := out.Write([]string{
				s.Name, string(s.State), cell(s.Remedy), string(s.Method), stamp(s.ExpiresAt), stamp(s.LastCheckAt), string(s.PermissionState), strconv.Itoa(s.Missing),
				strconv.Itoa(s.Subscriptions), cell(s.ManagementGroup), s.Cloud, s.TenantID, s.ApplicationID, string(s.Origin), strconv.FormatBool(s.HandOverPending),
				cell(strings.Join(s.UsedBy, "; ")), cell(s.Description), stamp(&s.CreatedAt), stamp(&s.UpdatedAt), s.ID,
			})
			if err != nil {
				return err
			}
		}
		out.Flush()
	}
	out.Flush()
	return out.Error()
}

// cell keeps a text from being taken for a formula by a spreadsheet (OWASP, CSV injection).
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func stamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
